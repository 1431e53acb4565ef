//! Which registers an instruction reads and writes.

use std::collections::BTreeSet;

use regorus::rvm::Program;
use regorus::rvm::instructions::{Instruction, LiteralOrRegister};

/// Registers of one instruction; one that it changes in place is in both.
#[derive(Debug, Default)]
pub(in crate::policy::engine) struct Operands {
    pub(in crate::policy::engine) reads: Vec<u8>,
    pub(in crate::policy::engine) writes: Vec<u8>,
}

impl Operands {
    fn new(writes: impl IntoIterator<Item = u8>, reads: impl IntoIterator<Item = u8>) -> Self {
        Self {
            reads: reads.into_iter().collect(),
            writes: writes.into_iter().collect(),
        }
    }
}

/// What the instruction at `pc` reads and writes. `None` for instructions that the Rego compiler never emits.
pub(in crate::policy::engine) fn operands_at(program: &Program, pc: usize) -> Option<Operands> {
    let none: [u8; 0] = [];
    Some(match *program.instructions.get(pc)? {
        Instruction::Load { dest, .. }
        | Instruction::LoadTrue { dest }
        | Instruction::LoadFalse { dest }
        | Instruction::LoadNull { dest }
        | Instruction::LoadBool { dest, .. }
        | Instruction::LoadData { dest }
        | Instruction::LoadInput { dest }
        | Instruction::LoadMetadata { dest }
        | Instruction::ArrayNew { dest }
        | Instruction::SetNew { dest }
        | Instruction::CallRule { dest, .. } => Operands::new([dest], none),
        Instruction::RuleInit { result_reg, .. } => Operands::new([result_reg], none),
        Instruction::Move { dest, src } => Operands::new([dest], [src]),
        Instruction::Not { dest, operand } => Operands::new([dest], [operand]),
        Instruction::Add { dest, left, right }
        | Instruction::Sub { dest, left, right }
        | Instruction::Mul { dest, left, right }
        | Instruction::Div { dest, left, right }
        | Instruction::Mod { dest, left, right }
        | Instruction::Eq { dest, left, right }
        | Instruction::Ne { dest, left, right }
        | Instruction::Lt { dest, left, right }
        | Instruction::Le { dest, left, right }
        | Instruction::Gt { dest, left, right }
        | Instruction::Ge { dest, left, right }
        | Instruction::And { dest, left, right }
        | Instruction::Or { dest, left, right } => Operands::new([dest], [left, right]),
        Instruction::Index {
            dest,
            container,
            key,
        } => Operands::new([dest], [container, key]),
        Instruction::IndexLiteral {
            dest, container, ..
        } => Operands::new([dest], [container]),
        Instruction::Contains {
            dest,
            collection,
            value,
        } => Operands::new([dest], [collection, value]),
        Instruction::Count { dest, collection } => Operands::new([dest], [collection]),
        Instruction::ObjectSet { obj, key, value } => Operands::new([obj], [obj, key, value]),
        Instruction::ArrayPush { arr, value } => Operands::new([arr], [arr, value]),
        Instruction::SetAdd { set, value } => Operands::new([set], [set, value]),
        Instruction::AssertEq { left, right } => Operands::new(none, [left, right]),
        Instruction::Guard { register, .. } => Operands::new(none, [register]),
        Instruction::Return { value } => Operands::new(none, [value]),
        Instruction::ComprehensionYield { value_reg, key_reg } => {
            Operands::new(none, [value_reg].into_iter().chain(key_reg))
        }
        Instruction::LoopNext { .. }
        | Instruction::DestructuringSuccess {}
        | Instruction::RuleReturn {}
        | Instruction::Halt {}
        | Instruction::ComprehensionEnd {} => Operands::default(),
        other => of_table(program, other)?,
    })
}

/// The same of instructions whose operands are in a table.
fn of_table(program: &Program, instruction: Instruction) -> Option<Operands> {
    let data = &program.instruction_data;
    let registers = |path: &[LiteralOrRegister]| {
        let registers = path.iter().filter_map(|step| match step {
            LiteralOrRegister::Register(register) => Some(*register),
            LiteralOrRegister::Literal(_) => None,
        });
        registers.collect::<Vec<u8>>()
    };
    Some(match instruction {
        Instruction::BuiltinCall { params_index } => {
            let call = data.builtin_call_params.get(usize::from(params_index))?;
            Operands::new([call.dest], call.arg_registers().iter().copied())
        }
        Instruction::FunctionCall { params_index } => {
            let call = data.function_call_params.get(usize::from(params_index))?;
            Operands::new([call.dest], call.arg_registers().iter().copied())
        }
        Instruction::ObjectCreate { params_index } => {
            let params = data.object_create_params.get(usize::from(params_index))?;
            let fixed = params.literal_key_fields.iter().map(|(_, value)| *value);
            let free = params.fields.iter().flat_map(|(key, value)| [*key, *value]);
            Operands::new([params.dest], fixed.chain(free))
        }
        Instruction::ArrayCreate { params_index } => {
            let params = data.array_create_params.get(usize::from(params_index))?;
            Operands::new([params.dest], params.elements.iter().copied())
        }
        Instruction::SetCreate { params_index } => {
            let params = data.set_create_params.get(usize::from(params_index))?;
            Operands::new([params.dest], params.elements.iter().copied())
        }
        Instruction::ChainedIndex { params_index } => {
            let params = data.chained_index_params.get(usize::from(params_index))?;
            let path = registers(&params.path_components);
            Operands::new([params.dest], path.into_iter().chain([params.root]))
        }
        Instruction::VirtualDataDocumentLookup { params_index } => {
            let params = &data.virtual_data_document_lookup_params;
            let params = params.get(usize::from(params_index))?;
            Operands::new([params.dest], registers(&params.path_components))
        }
        Instruction::LoopStart { params_index } => {
            let params = data.loop_params.get(usize::from(params_index))?;
            let writes = [params.key_reg, params.value_reg, params.result_reg];
            Operands::new(writes, [params.collection])
        }
        Instruction::ComprehensionBegin { params_index } => {
            let params = &data.comprehension_begin_params;
            let params = params.get(usize::from(params_index))?;
            let writes = [params.key_reg, params.value_reg, params.result_reg];
            // What it yields without a key of its own has this one.
            Operands::new(writes, [params.collection_reg, params.key_reg])
        }
        _ => return None,
    })
}

/// Has the instruction at `pc`, which fills `from`, fill `to` instead; says whether it could be done.
pub(in crate::policy::engine) fn set_dest(
    program: &mut Program,
    shared: &BTreeSet<(u8, u16)>,
    pc: usize,
    (from, to): (u8, u8),
) -> bool {
    let data = &mut program.instruction_data;
    let Some(instruction) = program.instructions.get_mut(pc) else {
        return false;
    };
    if row(instruction).is_some_and(|row| shared.contains(&row)) {
        return false;
    }
    match instruction {
        Instruction::Load { dest, .. }
        | Instruction::CallRule { dest, .. }
        | Instruction::Not { dest, .. }
        | Instruction::Add { dest, .. }
        | Instruction::Sub { dest, .. }
        | Instruction::Mul { dest, .. }
        | Instruction::Div { dest, .. }
        | Instruction::Mod { dest, .. }
        | Instruction::Eq { dest, .. }
        | Instruction::Ne { dest, .. }
        | Instruction::Lt { dest, .. }
        | Instruction::Le { dest, .. }
        | Instruction::Gt { dest, .. }
        | Instruction::Ge { dest, .. }
        | Instruction::Index { dest, .. }
        | Instruction::IndexLiteral { dest, .. }
        | Instruction::Contains { dest, .. }
        | Instruction::Count { dest, .. } => *dest = to,
        Instruction::BuiltinCall { params_index } => {
            match data.builtin_call_params.get_mut(usize::from(*params_index)) {
                Some(call) => call.dest = to,
                None => return false,
            }
        }
        Instruction::FunctionCall { params_index } => {
            match data
                .function_call_params
                .get_mut(usize::from(*params_index))
            {
                Some(call) => call.dest = to,
                None => return false,
            }
        }
        Instruction::ChainedIndex { params_index } => {
            match data
                .chained_index_params
                .get_mut(usize::from(*params_index))
            {
                Some(params) => params.dest = to,
                None => return false,
            }
        }
        Instruction::LoopStart { params_index } => {
            match data.loop_params.get_mut(usize::from(*params_index)) {
                Some(params) if params.result_reg != from => {
                    for register in [&mut params.key_reg, &mut params.value_reg] {
                        if *register == from {
                            *register = to;
                        }
                    }
                }
                _ => return false,
            }
        }
        _ => return false,
    }
    true
}

/// Rows of tables in which more than one instruction has its operands.
pub(in crate::policy::engine) fn shared_rows(program: &Program) -> BTreeSet<(u8, u16)> {
    let mut seen = BTreeSet::new();
    let rows = program.instructions.iter().filter_map(row);
    rows.filter(|row| !seen.insert(*row)).collect()
}

/// The table and row of operands that can be changed.
fn row(instruction: &Instruction) -> Option<(u8, u16)> {
    match instruction {
        Instruction::BuiltinCall { params_index } => Some((0, *params_index)),
        Instruction::FunctionCall { params_index } => Some((1, *params_index)),
        Instruction::ChainedIndex { params_index } => Some((2, *params_index)),
        Instruction::LoopStart { params_index } => Some(loop_row(*params_index)),
        _ => None,
    }
}

/// The row of a loop, as [`shared_rows`] has it.
pub(in crate::policy::engine) fn loop_row(index: u16) -> (u8, u16) {
    (3, index)
}
