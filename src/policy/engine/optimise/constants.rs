//! Prepares a program for a single worker. Works only on instructions, and changes no answer.
//!
//! - What depends only on data is computed now, not for each input: a rule that reads no input has the same value in all
//!   evaluations of the worker, and becomes a literal.
//! - Reference-counted values are not shared with other threads: threads that count the same texts and tables mostly wait
//!   for each other's cache lines.
//! - Plain loops run in one step (`loops`).
//! - Parts that the VM copies at each call of a rule, but never reads, are removed.

use std::collections::BTreeMap;

use regorus::rvm::Program;
use regorus::rvm::instructions::Instruction;
use regorus::rvm::program::{RuleInfo, RuleType};
use regorus::{Rc, Value};

use super::loops::optimise_loops;

/// A program for one worker. `evaluate` gives the values of entry points, `None` for undefined ones.
pub(in crate::policy::engine) fn settle_constants(
    program: &Program,
    evaluate: impl FnOnce(&Program, &[String]) -> Vec<Option<Value>>,
) -> Program {
    let mut own = program.clone();
    own.sources.clear();
    own.instruction_spans.clear();
    own.literals
        .iter_mut()
        .for_each(|literal| *literal = unshare_value(literal));
    own.rule_infos.iter_mut().for_each(lighten);
    let constants = constant_rules(&own);
    let mut asked = own.clone();
    let entries: Vec<String> = constants
        .iter()
        .map(|rule| entry_point(&mut asked, *rule))
        .collect();
    let values = evaluate(&asked, &entries);
    for (rule, value) in constants.into_iter().zip(values) {
        if let Some(value) = value {
            replace(&mut own, rule, value);
        }
    }
    optimise_loops(&mut own);
    own
}

/// A deep copy of a value, which shares nothing.
pub(in crate::policy::engine) fn unshare_value(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String((**text).into()),
        Value::Array(items) => Value::from(items.iter().map(unshare_value).collect::<Vec<_>>()),
        Value::Set(items) => Value::from(
            items
                .iter()
                .map(unshare_value)
                .collect::<std::collections::BTreeSet<_>>(),
        ),
        Value::Object(fields) => Value::from(
            fields
                .iter()
                .map(|(key, value)| (unshare_value(key), unshare_value(value)))
                .collect::<BTreeMap<_, _>>(),
        ),
        plain => plain.clone(),
    }
}

/// The VM copies all of it at each call, also where the value is known already.
fn lighten(info: &mut RuleInfo) {
    info.name = String::new();
    if let Some(function) = &mut info.function_info {
        function.param_names = Vec::new();
    }
    // What is not in these lists is taken for none and for no `else`.
    if info.destructuring_blocks.iter().all(Option::is_none) {
        info.destructuring_blocks = Vec::new();
    }
    if !info.else_bodies.iter().flatten().any(|is_else| *is_else) {
        info.else_bodies = Vec::new();
    }
    info.definitions = Rc::new((*info.definitions).clone());
}

/// What a rule's bodies ask for.
#[derive(Default)]
struct Needs {
    input: bool,
    /// Whether that may be any rule.
    any: bool,
    rules: Vec<u16>,
}

/// Rules whose value depends only on data. Leaves out functions, and rules without a body.
pub(super) fn constant_rules(program: &Program) -> Vec<u16> {
    let needs: Vec<Needs> = program
        .rule_infos
        .iter()
        .map(|info| needs(program, info))
        .collect();
    let mut varies: Vec<bool> = needs.iter().map(|needs| needs.input).collect();
    loop {
        let more: Vec<usize> = needs
            .iter()
            .enumerate()
            .filter(|(rule, needs)| {
                let asks = |rule: &u16| varies.get(usize::from(*rule)).copied().unwrap_or(true);
                !varies.get(*rule).copied().unwrap_or(true) && needs.rules.iter().any(asks)
            })
            .map(|(rule, _)| rule)
            .collect();
        if more.is_empty() {
            break;
        }
        for rule in more {
            if let Some(varies) = varies.get_mut(rule) {
                *varies = true;
            }
        }
    }
    let rules = program.rule_infos.iter().zip(varies).enumerate();
    rules
        .filter(|(_, (info, varies))| {
            !varies && info.function_info.is_none() && !info.definitions.is_empty()
        })
        .filter_map(|(rule, _)| u16::try_from(rule).ok())
        .collect()
}

/// The positions of the instructions of a rule's bodies. `None` for a body that runs past the end of the program.
fn bodies<'p>(program: &'p Program, info: &'p RuleInfo) -> impl Iterator<Item = Option<usize>> {
    let blocks = info.destructuring_blocks.iter().flatten();
    let starts = info.definitions.iter().flatten().chain(blocks);
    starts.flat_map(|start| {
        let start = usize::try_from(*start).unwrap_or(usize::MAX);
        let known = start < program.instructions.len();
        let places = program.instructions.iter().enumerate().skip(start);
        let places = places.take_while(|(_, instruction)| {
            !matches!(
                instruction,
                Instruction::RuleReturn {} | Instruction::DestructuringSuccess {}
            )
        });
        let unknown = (!known).then_some(None);
        unknown
            .into_iter()
            .chain(places.map(|(place, _)| Some(place)))
    })
}

/// The positions at which a rule's bodies call another rule that is not a function.
pub(in crate::policy::engine) fn rule_calls(program: &Program, info: &RuleInfo) -> Vec<usize> {
    let is_call = |place: &usize| {
        let instruction = program.instructions.get(*place);
        matches!(instruction, Some(Instruction::CallRule { .. }))
    };
    bodies(program, info).flatten().filter(is_call).collect()
}

fn needs(program: &Program, info: &RuleInfo) -> Needs {
    let mut needs = Needs::default();
    for place in bodies(program, info) {
        let Some(instruction) = place.and_then(|place| program.instructions.get(place)) else {
            (needs.input, needs.any) = (true, true);
            continue;
        };
        match instruction {
            Instruction::CallRule { rule_index, .. } => needs.rules.push(*rule_index),
            Instruction::FunctionCall { params_index } => {
                let calls = &program.instruction_data.function_call_params;
                match calls.get(usize::from(*params_index)) {
                    Some(call) => needs.rules.push(call.func_rule_index),
                    None => (needs.input, needs.any) = (true, true),
                }
            }
            // A look into `data` that may lead to any rule is taken to read the input.
            Instruction::VirtualDataDocumentLookup { .. } => {
                (needs.input, needs.any) = (true, true);
            }
            Instruction::LoadInput { .. }
            | Instruction::LoadContext { .. }
            | Instruction::HostAwait { .. } => needs.input = true,
            _ => {}
        }
    }
    needs
}

/// Leaves out the bodies of rules that no entry point asks, by whatever way.
pub(in crate::policy::engine) fn drop_unreached(program: &mut Program) {
    let mut open: Vec<u16> = Vec::new();
    for start in program.entry_points.values() {
        let asks = program.instructions.iter().skip(*start);
        let asks = asks.take_while(|asks| !matches!(asks, Instruction::Return { .. }));
        open.extend(asks.filter_map(|asks| match asks {
            Instruction::CallRule { rule_index, .. } => Some(*rule_index),
            _ => None,
        }));
    }
    let mut reached = vec![false; program.rule_infos.len()];
    while let Some(rule) = open.pop() {
        let rule = usize::from(rule);
        let (Some(known), Some(info)) = (reached.get_mut(rule), program.rule_infos.get(rule))
        else {
            continue;
        };
        if !std::mem::replace(known, true) {
            let needs = needs(program, info);
            if needs.any {
                return;
            }
            open.extend(needs.rules);
        }
    }
    let rules = program.rule_infos.iter_mut().zip(reached);
    for (info, _) in rules.filter(|(_, reached)| !reached) {
        info.definitions = Rc::new(Vec::new());
        info.destructuring_blocks = Vec::new();
        info.else_bodies = Vec::new();
    }
}

/// Adds an entry point that gives a rule's value, and says its name.
fn entry_point(program: &mut Program, rule_index: u16) -> String {
    let name = format!("rule {rule_index}");
    let at = program.instructions.len();
    program.instructions.push(Instruction::CallRule {
        dest: 0,
        rule_index,
    });
    program.instructions.push(Instruction::Return { value: 0 });
    program.entry_points.insert(name.clone(), at);
    name
}

/// Puts a value in a rule's place. A rule without bodies has the value of its default, or none.
fn replace(program: &mut Program, rule: u16, value: Value) {
    let Ok(literal_idx) = u16::try_from(program.literals.len()) else {
        return;
    };
    let Some(info) = program.rule_infos.get_mut(usize::from(rule)) else {
        return;
    };
    if value == Value::Undefined {
        if info.rule_type == RuleType::Complete && info.default_literal_index.is_none() {
            info.definitions = Rc::new(Vec::new());
        }
        return;
    }
    info.definitions = Rc::new(Vec::new());
    info.default_literal_index = Some(literal_idx);
    program.literals.push(unshare_value(&value));
    for instruction in &mut program.instructions {
        if let Instruction::CallRule { dest, rule_index } = *instruction
            && rule_index == rule
        {
            *instruction = Instruction::Load { dest, literal_idx };
        }
    }
}
