//! What one instruction does with what its registers hold.

use regorus::Value;
use regorus::rvm::instructions::{ComprehensionMode, Instruction, LiteralOrRegister};

use super::abstract_value::AbstractValue;
use super::fixpoint::InputUse;
use super::region::Of;
use crate::policy::engine::optimise::operands::{Operands, operands_at};

impl InputUse<'_> {
    fn index(&mut self, of: Of<'_>, (dest, container, key): (u8, u8, u8)) {
        let literal = of.region.literals.get(&key);
        let name = literal.and_then(|literal| self.name(*literal));
        let held = self.held(of, container);
        let inner = self.inner(&held, name);
        self.put(of, dest, &inner);
        self.whole_of(of, &[key]);
    }

    fn chain(
        &mut self,
        of: Of<'_>,
        held: AbstractValue,
        path: &[LiteralOrRegister],
    ) -> AbstractValue {
        let mut held = held;
        for step in path {
            let name = match step {
                LiteralOrRegister::Literal(literal) => self.name(*literal),
                LiteralOrRegister::Register(key) => {
                    self.whole_of(of, &[*key]);
                    let literal = of.region.literals.get(key);
                    literal.and_then(|literal| self.name(*literal))
                }
            };
            held = self.inner(&held, name);
        }
        held
    }

    /// What is put into a collection is in it.
    fn contain(&mut self, of: Of<'_>, collection: u8, values: &[u8]) {
        for value in values {
            let around = self.held(of, *value).around();
            self.put(of, collection, &around);
        }
    }

    fn elements(&mut self, of: Of<'_>, collection: u8, (key, value): (u8, u8)) {
        let held = self.held(of, collection);
        let inner = self.inner(&held, None);
        self.put(of, value, &inner);
        // The key of a set's element is the element; that of a list or an object is not a part of the input.
        self.put(of, key, &held.element());
    }

    pub(in crate::policy::engine) fn step(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let data = &self.program.instruction_data;
        match *self.program.instructions.get(pc)? {
            Instruction::LoadInput { dest } => {
                self.put(of, dest, &AbstractValue::input());
            }
            Instruction::Move { dest, src } => {
                let held = self.held(of, src);
                self.put(of, dest, &held);
            }
            Instruction::Index {
                dest,
                container,
                key,
            } => self.index(of, (dest, container, key)),
            Instruction::IndexLiteral {
                dest,
                container,
                literal_idx,
            } => {
                let held = self.held(of, container);
                let inner = self.inner(&held, self.name(literal_idx));
                self.put(of, dest, &inner);
            }
            Instruction::ChainedIndex { params_index } => {
                let params = data.chained_index_params.get(usize::from(params_index))?;
                let root = self.held(of, params.root);
                let held = self.chain(of, root, &params.path_components);
                self.put(of, params.dest, &held);
            }
            Instruction::LoopStart { params_index } => {
                let params = data.loop_params.get(usize::from(params_index))?;
                let registers = (params.key_reg, params.value_reg);
                self.elements(of, params.collection, registers);
            }
            Instruction::ComprehensionBegin { params_index } => {
                let params = &data.comprehension_begin_params;
                let params = params.get(usize::from(params_index))?;
                if params.collection_reg != params.result_reg {
                    let registers = (params.key_reg, params.value_reg);
                    self.elements(of, params.collection_reg, registers);
                }
            }
            Instruction::ComprehensionYield { value_reg, key_reg } => {
                self.yielded(of, pc, value_reg, key_reg)?;
            }
            // Compared with a plain value, a collection differs whatever its content.
            Instruction::Eq { left, right, .. }
            | Instruction::Ne { left, right, .. }
            | Instruction::Lt { left, right, .. }
            | Instruction::Le { left, right, .. }
            | Instruction::Gt { left, right, .. }
            | Instruction::Ge { left, right, .. }
            | Instruction::AssertEq { left, right }
                if self.is_plain(of, left) || self.is_plain(of, right) => {}
            // How many there are is seen without what they are.
            Instruction::Count { collection, .. } => {
                let held = self.held(of, collection);
                self.inner(&held, None);
            }
            // Whether something is there is seen without what is in it.
            Instruction::Guard { .. } | Instruction::Not { .. } => {}
            _ => self.call(of, pc)?,
        }
        Some(())
    }

    /// Asks a rule, a function or a builtin.
    fn call(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let data = &self.program.instruction_data;
        match *self.program.instructions.get(pc)? {
            Instruction::CallRule { dest, rule_index } => {
                let held = self.results.get(usize::from(rule_index))?.clone();
                self.put(of, dest, &held);
                if of.region.rule.is_none() {
                    self.whole(&held);
                }
            }
            Instruction::VirtualDataDocumentLookup { .. } => {
                self.any_rule(of, pc)?;
            }
            Instruction::FunctionCall { params_index } => {
                let params = data.function_call_params.get(usize::from(params_index))?;
                let function = usize::from(params.func_rule_index);
                for (argument, register) in (1..).zip(params.arg_registers()) {
                    let held = self.held(of, *register);
                    self.add((Some(function), 0, argument), &held);
                }
                let held = self.results.get(function)?.clone();
                self.put(of, params.dest, &held);
            }
            Instruction::BuiltinCall { params_index } => {
                let params = data.builtin_call_params.get(usize::from(params_index))?;
                let known = &self.program.builtin_info_table;
                let name = &known.get(usize::from(params.builtin_index))?.name;
                self.builtin(of, name, params.dest, params.arg_registers());
            }
            _ => self.collect(of, pc)?,
        }
        Some(())
    }

    /// Puts values into a collection.
    fn collect(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let data = &self.program.instruction_data;
        match *self.program.instructions.get(pc)? {
            Instruction::ArrayPush { arr, value } => self.contain(of, arr, &[value]),
            Instruction::ArrayCreate { params_index } => {
                let params = data.array_create_params.get(usize::from(params_index))?;
                self.contain(of, params.dest, &params.elements);
            }
            Instruction::ObjectCreate { params_index } => {
                let params = data.object_create_params.get(usize::from(params_index))?;
                let fixed = params.literal_key_fields.iter().map(|(_, value)| *value);
                let free = params.fields.iter().map(|(_, value)| *value);
                let values: Vec<u8> = fixed.chain(free).collect();
                self.contain(of, params.dest, &values);
                let keys: Vec<u8> = params.fields.iter().map(|(key, _)| *key).collect();
                self.whole_of(of, &keys);
            }
            _ => self.other(of, pc)?,
        }
        Some(())
    }

    /// Whether a register holds a plain value that is written down.
    fn is_plain(&self, of: Of<'_>, register: u8) -> bool {
        let literal = of.region.literals.get(&register);
        let value = literal.and_then(|literal| self.program.literals.get(usize::from(*literal)));
        matches!(
            value,
            Some(Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null)
        )
    }

    /// Anything that compares, returns or stores.
    fn other(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let Operands { reads, writes } = operands_at(self.program, pc)?;
        self.whole_of(of, &reads);
        // A set may have what is added to it, all of which is known to be read whole.
        let held = self.anywhere(of, &reads);
        writes.iter().for_each(|write| self.put(of, *write, &held));
        Some(())
    }

    /// What some registers hold, wherever in a value made of them.
    pub(in crate::policy::engine) fn anywhere(
        &self,
        of: Of<'_>,
        registers: &[u8],
    ) -> AbstractValue {
        let parts = registers
            .iter()
            .flat_map(|register| self.held(of, *register).parts());
        AbstractValue::anywhere(&parts.collect())
    }

    fn yielded(&mut self, of: Of<'_>, pc: usize, value: u8, key: Option<u8>) -> Option<()> {
        let begin = of.region.comprehension_around(self.program, pc)?;
        let Instruction::ComprehensionBegin { params_index } = self.program.instructions[begin]
        else {
            return None;
        };
        let params = &self.program.instruction_data.comprehension_begin_params;
        let params = params.get(usize::from(params_index))?;
        // What is there twice in a set or under one key is compared.
        match params.mode {
            ComprehensionMode::Array => {}
            ComprehensionMode::Set => self.whole_of(of, &[value]),
            ComprehensionMode::Object => {
                self.whole_of(of, &[value, key.unwrap_or(params.key_reg)]);
            }
        }
        self.contain(of, params.result_reg, &[value]);
        Some(())
    }

    /// A lookup below `data` may ask any rule, and give an object of several.
    fn any_rule(&mut self, of: Of<'_>, pc: usize) -> Option<()> {
        let Operands { reads, writes } = operands_at(self.program, pc)?;
        self.whole_of(of, &reads);
        let held =
            AbstractValue::anywhere(&self.results.iter().flat_map(AbstractValue::parts).collect());
        writes.iter().for_each(|write| self.put(of, *write, &held));
        Some(())
    }
}
