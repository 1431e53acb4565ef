//! The instructions of a program, by who shares registers.

use std::collections::{BTreeMap, BTreeSet};

use regorus::rvm::Program;
use regorus::rvm::instructions::Instruction;

use crate::policy::engine::optimise::operands::operands_at;

/// Instructions with registers of their own: the body of a rule, what takes a function's arguments apart, or what is in no
/// rule and asks rules.
pub(in crate::policy::engine) struct RegisterRegion {
    pub(in crate::policy::engine) rule: Option<usize>,
    pub(in crate::policy::engine) pcs: Vec<usize>,
    /// Registers that hold one literal throughout.
    pub(in crate::policy::engine) literals: BTreeMap<u8, u16>,
    /// The rules that it asks by number.
    pub(in crate::policy::engine) calls: BTreeSet<usize>,
    /// Whether it may ask any other rule.
    pub(in crate::policy::engine) looks_up: bool,
}

/// A region by its number.
#[derive(Clone, Copy)]
pub(in crate::policy::engine) struct Of<'r> {
    pub(in crate::policy::engine) region: &'r RegisterRegion,
    pub(in crate::policy::engine) at: usize,
}

impl RegisterRegion {
    /// `shared` are the registers that other regions of the rule write, too.
    pub(in crate::policy::engine) fn new(
        program: &Program,
        rule: Option<usize>,
        pcs: Vec<usize>,
        shared: &BTreeSet<u8>,
    ) -> Option<Self> {
        let mut writes: BTreeMap<u8, usize> = BTreeMap::new();
        let mut literals = BTreeMap::new();
        let (mut calls, mut looks_up) = (BTreeSet::new(), false);
        for pc in &pcs {
            for register in operands_at(program, *pc)?.writes {
                *writes.entry(register).or_default() += 1;
            }
            match program.instructions[*pc] {
                Instruction::Load { dest, literal_idx } => {
                    literals.insert(dest, literal_idx);
                }
                Instruction::CallRule { rule_index, .. } => {
                    calls.insert(usize::from(rule_index));
                }
                Instruction::FunctionCall { params_index } => {
                    let params = &program.instruction_data.function_call_params;
                    let call = params.get(usize::from(params_index))?;
                    calls.insert(usize::from(call.func_rule_index));
                }
                Instruction::VirtualDataDocumentLookup { .. } => looks_up = true,
                _ => {}
            }
        }
        literals
            .retain(|register, _| writes.get(register) == Some(&1) && !shared.contains(register));
        Some(Self {
            rule,
            pcs,
            literals,
            calls,
            looks_up,
        })
    }

    /// The beginning of the innermost comprehension around an instruction.
    pub(in crate::policy::engine) fn comprehension_around(
        &self,
        program: &Program,
        pc: usize,
    ) -> Option<usize> {
        let before = self.pcs.iter().rev().skip_while(|at| **at >= pc);
        let mut around = before.filter(|at| match program.instructions[**at] {
            Instruction::ComprehensionBegin { params_index } => {
                let params = &program.instruction_data.comprehension_begin_params;
                let params = params.get(usize::from(params_index));
                params.is_some_and(|params| usize::from(params.comprehension_end) > pc)
            }
            _ => false,
        });
        around.next().copied()
    }
}
