//! Instructions written down in a recipe, one by one. What is not plain is not written.

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::instructions::{FunctionCallParams, GuardMode, Instruction, LiteralOrRegister};
use regorus::rvm::program::RuleType;

use super::execute_codes::MOST;
use super::kernel::{CompareOperator, FUNCTIONS, KernelCode};
use super::kernel_builder::{FREE, Recipe, Within};
use crate::policy::engine::optimise::region::region_extent;

/// How many functions may ask each other: no more is needed, and it ends for certain.
const DEPTH: u8 = 4;

impl Recipe {
    /// Writes the instruction at `pc` down.
    pub(in crate::policy::engine) fn step(
        &mut self,
        program: &Program,
        pc: usize,
        within: Within<'_>,
    ) -> Option<()> {
        let instruction = *program.instructions.get(pc)?;
        match instruction {
            Instruction::Move { dest, src } => {
                let place = self.read(src, within)?;
                self.places.of.insert(dest, place);
            }
            Instruction::IndexLiteral {
                dest,
                container,
                literal_idx,
            } => {
                let of = self.read(container, within)?;
                let key = self.literal(program, literal_idx)?;
                self.get(dest, of, key)?;
            }
            Instruction::Index {
                dest,
                container,
                key,
            } => {
                let of = self.read(container, within)?;
                let key = self.read(key, within)?;
                self.get(dest, of, key)?;
            }
            Instruction::ChainedIndex { params_index } => {
                let params = &program.instruction_data.chained_index_params;
                let params = params.get(usize::from(params_index))?.clone();
                let mut of = self.read(params.root, within)?;
                for component in &params.path_components {
                    let key = match component {
                        LiteralOrRegister::Literal(literal) => self.literal(program, *literal)?,
                        LiteralOrRegister::Register(register) => self.read(*register, within)?,
                    };
                    of = self.look(of, key)?;
                }
                self.places.of.insert(params.dest, of);
            }
            Instruction::Guard { register, mode } => {
                let of = self.read(register, within)?;
                // Elements and their keys are always there.
                if mode != GuardMode::NotUndefined || of >= FREE {
                    self.codes.push(KernelCode::Ask { mode, of });
                }
            }
            Instruction::AssertEq { left, right } => {
                let (left, right) = (self.read(left, within)?, self.read(right, within)?);
                self.codes.push(KernelCode::Same { left, right });
            }
            Instruction::Not { dest, operand } => {
                let of = self.read(operand, within)?;
                let to = self.fill(dest, 0)?;
                self.codes.push(KernelCode::Not { to, of });
            }
            Instruction::Count { dest, collection } => {
                let of = self.read(collection, within)?;
                let to = self.fill(dest, self.all_needs(&[of]))?;
                self.codes.push(KernelCode::Count { to, of });
            }
            Instruction::Contains {
                dest,
                collection,
                value,
            } => {
                let all = self.read(collection, within)?;
                let of = self.read(value, within)?;
                let to = self.fill(dest, 0)?;
                self.codes.push(KernelCode::In { to, all, of });
            }
            Instruction::BuiltinCall { params_index } => {
                self.builtin(program, params_index, within)?
            }
            Instruction::FunctionCall { params_index } => {
                let params = &program.instruction_data.function_call_params;
                let params = params.get(usize::from(params_index))?.clone();
                self.function(program, &params, within)?;
            }
            Instruction::ArrayCreate { params_index } => {
                let params = &program.instruction_data.array_create_params;
                let params = params.get(usize::from(params_index))?.clone();
                let of: Option<Vec<u8>> = params
                    .elements
                    .iter()
                    .map(|of| self.read(*of, within))
                    .collect();
                let of = of?;
                let to = self.fill(params.dest, self.all_needs(&of))?;
                self.codes.push(KernelCode::Array { to, of });
            }
            Instruction::ObjectCreate { params_index } => {
                self.object(program, params_index, within)?
            }
            other => self.load_or_compare(program, other, within)?,
        }
        Some(())
    }

    fn load_or_compare(
        &mut self,
        program: &Program,
        instruction: Instruction,
        within: Within<'_>,
    ) -> Option<()> {
        let (how, dest, left, right) = match instruction {
            Instruction::Load { dest, literal_idx } => {
                let place = self.literal(program, literal_idx)?;
                self.places.of.insert(dest, place);
                return Some(());
            }
            Instruction::LoadTrue { dest } | Instruction::LoadBool { dest, value: true } => {
                return self.plain(dest, Value::Bool(true));
            }
            Instruction::LoadFalse { dest } | Instruction::LoadBool { dest, value: false } => {
                return self.plain(dest, Value::Bool(false));
            }
            Instruction::LoadNull { dest } => return self.plain(dest, Value::Null),
            Instruction::Eq { dest, left, right } => (CompareOperator::Eq, dest, left, right),
            Instruction::Ne { dest, left, right } => (CompareOperator::Ne, dest, left, right),
            Instruction::Lt { dest, left, right } => (CompareOperator::Lt, dest, left, right),
            Instruction::Le { dest, left, right } => (CompareOperator::Le, dest, left, right),
            Instruction::Gt { dest, left, right } => (CompareOperator::Gt, dest, left, right),
            Instruction::Ge { dest, left, right } => (CompareOperator::Ge, dest, left, right),
            _ => return None,
        };
        self.compare(how, dest, (left, right), within)
    }

    fn compare(
        &mut self,
        how: CompareOperator,
        dest: u8,
        (left, right): (u8, u8),
        within: Within<'_>,
    ) -> Option<()> {
        let (left, right) = (self.read(left, within)?, self.read(right, within)?);
        let to = self.fill(dest, self.all_needs(&[left, right]))?;
        self.codes.push(KernelCode::Compare {
            how,
            to,
            left,
            right,
        });
        Some(())
    }

    fn builtin(&mut self, program: &Program, params: u16, within: Within<'_>) -> Option<()> {
        let params = program
            .instruction_data
            .builtin_call_params
            .get(usize::from(params))?
            .clone();
        let info = program
            .builtin_info_table
            .get(usize::from(params.builtin_index))?;
        let function = FUNCTIONS.iter().position(|name| *name == info.name)?;
        let args = params
            .arg_registers()
            .iter()
            .map(|arg| self.read(*arg, within));
        let args = args.collect::<Option<Vec<u8>>>()?;
        if usize::from(info.num_args) != args.len() || args.len() > MOST {
            return None;
        }
        let to = self.fill(params.dest, self.all_needs(&args))?;
        let function = u8::try_from(function).ok()?;
        self.codes.push(KernelCode::Call { to, function, args });
        Some(())
    }

    fn object(&mut self, program: &Program, params: u16, within: Within<'_>) -> Option<()> {
        let params = program
            .instruction_data
            .object_create_params
            .get(usize::from(params))?
            .clone();
        let template = self.literal(program, params.template_literal_idx)?;
        let mut fields = Vec::new();
        for (key, value) in &params.literal_key_fields {
            fields.push((self.literal(program, *key)?, self.read(*value, within)?));
        }
        for (key, value) in &params.fields {
            fields.push((self.read(*key, within)?, self.read(*value, within)?));
        }
        let to = self.fill(params.dest, 0)?;
        self.codes.push(KernelCode::Object {
            to,
            template,
            fields,
        });
        Some(())
    }

    /// A function that is nothing but bodies of plain instructions, which must agree where more than one has a value.
    fn function(
        &mut self,
        program: &Program,
        params: &FunctionCallParams,
        within: Within<'_>,
    ) -> Option<()> {
        let info = program
            .rule_infos
            .get(usize::from(params.func_rule_index))?;
        if info.rule_type != RuleType::Complete
            || info.default_literal_index.is_some()
            || info.else_bodies.iter().flatten().any(|is_else| *is_else)
        {
            return None;
        }
        let depth = match within {
            Within::Loop(_) => 1,
            Within::Function(depth) => depth + 1,
        };
        if depth > DEPTH {
            return None;
        }
        let args = params
            .arg_registers()
            .iter()
            .map(|arg| self.read(*arg, within));
        let args = args.collect::<Option<Vec<u8>>>()?;
        let mut said = Vec::new();
        for (definition, bodies) in info.definitions.iter().enumerate() {
            let [body] = bodies[..] else { return None };
            let outer = std::mem::take(&mut self.places.of);
            let before = std::mem::take(&mut self.codes);
            // Arguments are in the registers behind the result.
            for (register, place) in (1..).zip(&args) {
                self.places.of.insert(register, *place);
            }
            let block = info.destructuring_blocks.get(definition).copied().flatten();
            for start in block.into_iter().chain([body]) {
                let (start, end) = region_extent(program, start)?;
                for pc in start..end - 1 {
                    match program.instructions.get(pc)? {
                        Instruction::RuleInit { .. } => {}
                        _ => self.step(program, pc, Within::Function(depth))?,
                    }
                }
            }
            let of = self.places.of.get(&info.result_reg).copied()?;
            let codes = std::mem::replace(&mut self.codes, before);
            self.places.of = outer;
            let to = self.places.new_place()?;
            said.push(to);
            self.codes.push(KernelCode::Body { to, of, codes });
        }
        if said.is_empty() {
            return None;
        }
        let to = self.fill(params.dest, 0)?;
        self.codes.push(KernelCode::Agreed { to, of: said });
        Some(())
    }
}
