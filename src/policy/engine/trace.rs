//! For tests of rules: modules that are parsed once and compiled in many combinations, the lines that a program evaluates,
//! and the interpreter within bounds. The verdict of a test is the register VM's, as everywhere; where the interpreter
//! gives it, the report says so.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::instructions::{BuiltinCallParams, Instruction};
use regorus::rvm::program::BuiltinInfo;

use super::Bounds;
use super::corrections::{Insertions, add_literal, spare_registers};
use super::machine::new_machine;
use crate::model::caught::catch_panic;

/// The lines that programs evaluated.
#[derive(Debug, Clone, Default)]
pub struct Trace(Arc<Mutex<Lines>>);

/// The lines that were evaluated, by the rule that they are in.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// `data.govcheck.kpi.bad_name.deny` and a line, 1-based, of the file that it is in.
    pub seen: BTreeSet<(Arc<str>, u32)>,
    /// Evaluations of which it is not known what they passed.
    pub lost: usize,
}

/// A rule and a line of its file, 1-based.
type RuleLine = (Arc<str>, u32);

/// A program and who wants to know which of its lines are evaluated.
#[derive(Clone)]
pub(in crate::policy::engine) struct Traced {
    trace: Trace,
    probed: Arc<OnceLock<Option<Probed>>>,
}

/// A program with a call of the host in front of each line, and the lines.
struct Probed {
    program: Arc<Program>,
    lines: Vec<RuleLine>,
}

thread_local! {
    /// The numbers of the lines that the evaluation of this thread passed.
    static PASSED: RefCell<BTreeSet<u64>> = const { RefCell::new(BTreeSet::new()) };
}

impl Trace {
    /// What was evaluated up to now.
    pub fn lines(&self) -> Lines {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(in crate::policy::engine) fn of_program(&self) -> Traced {
        Traced {
            trace: self.clone(),
            probed: Arc::default(),
        }
    }
}

impl Traced {
    /// Evaluates once more, by the same machine. The result is only compared with the first one.
    pub(in crate::policy::engine) fn follow(
        &self,
        program: &Program,
        (data, input): (&Value, &Value),
        entry_point: &str,
        (bounds, given): (Bounds, &Value),
    ) {
        let probed = self.probed.get_or_init(|| Probed::new(program));
        PASSED.with_borrow_mut(BTreeSet::clear);
        let same = probed.as_ref().is_some_and(|probed| {
            let mut vm = new_machine(&probed.program, data, bounds);
            vm.set_max_instructions(usize::MAX);
            vm.set_input(input.clone());
            let outcome = catch_panic(|| vm.execute_entry_point_by_name(entry_point));
            matches!(outcome, Ok(Ok(value)) if value == *given)
        });
        let mut all = self.trace.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.lost += usize::from(!same);
        let lines = probed.iter().flat_map(|probed| &probed.lines);
        PASSED.with_borrow(|passed| {
            let passed = lines.zip(0..).filter(|(_, number)| passed.contains(number));
            all.seen.extend(passed.map(|(line, _)| line.clone()));
        });
    }
}

impl Probed {
    /// None if the program has no room for calls.
    fn new(program: &Program) -> Option<Self> {
        let mut probed = program.clone();
        let builtin_index = probed.add_builtin_info(BuiltinInfo {
            name: "govcheck.passed".to_owned(),
            num_args: 1,
        });
        probed.resolved_builtins.push((
            |_, _, arguments, _| {
                let number = arguments.first().and_then(|number| number.as_u64().ok());
                PASSED.with_borrow_mut(|passed| passed.extend(number));
                Ok(Value::Bool(true))
            },
            1,
        ));
        if probed.resolved_builtins.len() != usize::from(builtin_index) + 1 {
            return None;
        }
        let mut plan = Insertions::empty(program);
        let mut lines = Vec::new();
        let bodies = bodies(program);
        let mut last = None;
        for pc in 0..program.instructions.len() {
            let Some((rule, line)) = place(program, &bodies, pc) else {
                continue;
            };
            if last.as_ref() == Some(&(rule, line)) && !bodies.contains_key(&pc) {
                continue;
            }
            last = Some((rule, line));
            let info = program.rule_infos.get(rule)?;
            let (register, _) = spare_registers(program, Some(rule)).ok()?;
            let number = Value::from(lines.len());
            let literal_idx = add_literal(&mut probed, number);
            let args = [register, 0, 0, 0, 0, 0, 0, 0];
            let params_index = probed.add_builtin_call_params(BuiltinCallParams {
                dest: register,
                builtin_index,
                num_args: 1,
                args,
            });
            let dest = register;
            plan.insert(pc, Instruction::Load { dest, literal_idx });
            plan.insert(pc, Instruction::BuiltinCall { params_index });
            lines.push((Arc::from(info.name.as_str()), line));
        }
        plan.apply(&mut probed).ok()?;
        probed.validate_limits().ok()?;
        Some(Self {
            program: Arc::new(probed),
            lines,
        })
    }
}

/// Where the bodies of rules begin, and which rule's they are.
fn bodies(program: &Program) -> BTreeMap<usize, usize> {
    let rules = program.rule_infos.iter().enumerate();
    let starts = rules.flat_map(|(rule, info)| {
        let bodies = info.definitions.iter().flatten().copied();
        let blocks = info.destructuring_blocks.iter().flatten().copied();
        bodies.chain(blocks).map(move |start| (start, rule))
    });
    starts
        .filter_map(|(start, rule)| Some((usize::try_from(start).ok()?, rule)))
        .collect()
}

/// The rule and the line of an instruction. `None` for instructions that every call of a rule executes.
fn place(program: &Program, bodies: &BTreeMap<usize, usize>, pc: usize) -> Option<(usize, u32)> {
    let instruction = program.instructions.get(pc)?;
    if matches!(
        instruction,
        Instruction::RuleInit { .. }
            | Instruction::RuleReturn { .. }
            | Instruction::DestructuringSuccess { .. }
    ) {
        return None;
    }
    let (_, rule) = bodies.range(..=pc).next_back()?;
    let span = program.instruction_spans.get(pc)?.as_ref()?;
    Some((*rule, crate::model::text::text_offset(span.line)))
}
