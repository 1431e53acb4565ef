//! Corrects compiled programs where regorus's compiler leaves something out, so that the register VM gives OPA's answers.
//! Works only on instructions, and knows no rule. Each correction has its case in `tests`, and can go when regorus has it.
//!
//! - A binding with `:=`, and the value of a rule's head, must be defined. Uncorrected, `v := input.nope` does not end the body.
//! - An element of a comprehension or a partial object must be defined. Uncorrected, it is kept as `<undefined>`.
//! - Operands of arithmetic must have the right type. Uncorrected, an error drops what the rest of the body has found.
//! - `input` and `data` are defined in all of a body. Uncorrected, they are undefined after a loop or comprehension that
//!   reads them first and runs zero times.
//! - A condition that fails in a comprehension ends that comprehension. Uncorrected, it ends the iteration of the loop
//!   around it.

use std::collections::BTreeSet;

use regorus::rvm::Program;
use regorus::rvm::instructions::{
    BuiltinCallParams, GuardMode, Instruction, LoopMode, LoopStartParams,
};
use regorus::rvm::program::BuiltinInfo;
use regorus::{Rc, Value};

/// Two registers behind those of the rule, for what is put in: nothing of it lives longer than a few instructions.
const SPARE: u8 = 2;

/// Corrects a program in place.
///
/// # Errors
/// A rule has no register left, or the program grows over the VM's bounds; as a phrase.
pub(in crate::policy::engine) fn correct_program(program: &mut Program) -> Result<(), String> {
    let plan = Insertions::new(program)?;
    plan.apply(program)?;
    program
        .initialize_resolved_builtins()
        .map_err(|error| error.to_string())?;
    program.validate_limits()
}

/// What goes in front of each instruction.
pub(in crate::policy::engine) struct Insertions {
    before: Vec<Vec<Instruction>>,
    /// Loop parameters to be completed once places are known: their index, and the old places of body and end.
    wraps: Vec<(u16, usize, usize)>,
}

impl Insertions {
    /// Nothing in front of any.
    pub(in crate::policy::engine) fn empty(program: &Program) -> Self {
        Self {
            before: vec![Vec::new(); program.instructions.len()],
            wraps: Vec::new(),
        }
    }

    fn new(program: &mut Program) -> Result<Self, String> {
        let mut plan = Self::empty(program);
        let mut types = TypeBuiltins::new(program);
        let mut rule = None;
        let mut numbers: Vec<u8> = Vec::new();
        for pc in 0..program.instructions.len() {
            let Some(instruction) = program.instructions.get(pc).copied() else {
                break;
            };
            match instruction {
                Instruction::RuleInit { rule_index, .. } => {
                    rule = Some(usize::from(rule_index));
                    numbers.clear();
                    for load in late_loads(program, pc + 1) {
                        plan.insert(pc + 1, load);
                    }
                }
                Instruction::Load { dest, literal_idx } => {
                    let literal = program.literals.get(usize::from(literal_idx));
                    if matches!(literal, Some(Value::Number(_))) {
                        numbers.push(dest);
                    }
                }
                Instruction::Move { src, .. } => plan.defined(pc, src),
                Instruction::ObjectSet { key, value, .. } => {
                    plan.defined(pc, key);
                    plan.defined(pc, value);
                }
                Instruction::ComprehensionYield { value_reg, key_reg } => {
                    plan.defined(pc, value_reg);
                    if let Some(key) = key_reg {
                        plan.defined(pc, key);
                    }
                }
                Instruction::Add { dest, left, right }
                | Instruction::Mul { dest, left, right }
                | Instruction::Div { dest, left, right }
                | Instruction::Mod { dest, left, right } => {
                    let (spare, _) = spare_registers(program, rule)?;
                    for register in [left, right] {
                        if !numbers.contains(&register) {
                            let call = types.call(program, "is_number", spare, register);
                            plan.insert(pc, call);
                            plan.insert(pc, condition(spare));
                        }
                        if matches!(instruction, Instruction::Mod { .. }) {
                            let call = types.call(program, "floor", spare, register);
                            plan.insert(pc, call);
                            plan.insert(
                                pc,
                                Instruction::AssertEq {
                                    left: spare,
                                    right: register,
                                },
                            );
                        }
                    }
                    numbers.push(dest);
                }
                Instruction::Sub { dest, left, right } => {
                    plan.subtraction(pc, program, &mut types, rule, &numbers, (left, right))?;
                    if numbers.contains(&left) || numbers.contains(&right) {
                        numbers.push(dest);
                    }
                }
                Instruction::ComprehensionBegin { params_index } => {
                    plan.wrap(pc, program, usize::from(params_index), rule)?;
                }
                _ => {}
            }
        }
        Ok(plan)
    }

    pub(in crate::policy::engine) fn insert(&mut self, pc: usize, instruction: Instruction) {
        if let Some(before) = self.before.get_mut(pc) {
            before.push(instruction);
        }
    }

    fn defined(&mut self, pc: usize, register: u8) {
        let mode = GuardMode::NotUndefined;
        self.insert(pc, Instruction::Guard { register, mode });
    }

    /// Numbers or sets, and the same of both.
    fn subtraction(
        &mut self,
        pc: usize,
        program: &mut Program,
        types: &mut TypeBuiltins,
        rule: Option<usize>,
        numbers: &[u8],
        (left, right): (u8, u8),
    ) -> Result<(), String> {
        let (first, second) = spare_registers(program, rule)?;
        match (numbers.contains(&left), numbers.contains(&right)) {
            (true, true) => {}
            (true, false) | (false, true) => {
                let other = if numbers.contains(&left) { right } else { left };
                let call = types.call(program, "is_number", first, other);
                self.insert(pc, call);
                self.insert(pc, condition(first));
            }
            (false, false) => {
                for (register, to) in [(left, first), (right, second)] {
                    let call = types.call(program, "type_name", to, register);
                    self.insert(pc, call);
                }
                self.insert(
                    pc,
                    Instruction::AssertEq {
                        left: first,
                        right: second,
                    },
                );
                self.insert(
                    pc,
                    Instruction::Load {
                        dest: second,
                        literal_idx: types.subtractable,
                    },
                );
                self.insert(
                    pc,
                    Instruction::Contains {
                        dest: second,
                        collection: second,
                        value: first,
                    },
                );
                self.insert(pc, condition(second));
            }
        }
        Ok(())
    }

    /// A loop of one round around the body of a comprehension, for conditions to end.
    fn wrap(
        &mut self,
        pc: usize,
        program: &mut Program,
        params: usize,
        rule: Option<usize>,
    ) -> Result<(), String> {
        let Some(params) = program
            .instruction_data
            .comprehension_begin_params
            .get(params)
        else {
            return Ok(());
        };
        let body = usize::from(params.body_start);
        let end = usize::from(params.comprehension_end).saturating_sub(1);
        if body != pc + 1 || !ends_outside_a_loop(program, body, end) {
            return Ok(());
        }
        let (first, second) = spare_registers(program, rule)?;
        let literal_idx = add_literal(program, Value::from(vec![Value::Null]));
        let params_index = program.add_loop_params(LoopStartParams {
            mode: LoopMode::ForEach,
            collection: first,
            key_reg: second,
            value_reg: second,
            result_reg: second,
            body_start: 0,
            loop_end: 0,
        });
        self.insert(
            body,
            Instruction::Load {
                dest: first,
                literal_idx,
            },
        );
        self.insert(body, Instruction::LoopStart { params_index });
        self.insert(
            end,
            Instruction::LoopNext {
                body_start: 0,
                loop_end: 0,
            },
        );
        self.wraps.push((params_index, body, end));
        Ok(())
    }

    /// Puts everything in and moves every jump along.
    pub(in crate::policy::engine) fn apply(self, program: &mut Program) -> Result<(), String> {
        let places = NewPositions::new(&self.before);
        self.move_loops(&places, program)?;
        move_entries(&places, program)?;
        let old = std::mem::take(&mut program.instructions);
        let mut spans = std::mem::take(&mut program.instruction_spans).into_iter();
        for (mut instruction, before) in old.into_iter().zip(self.before) {
            if let Instruction::LoopNext {
                body_start,
                loop_end,
            } = &mut instruction
            {
                (*body_start, *loop_end) = (places.short(*body_start)?, places.short(*loop_end)?);
            }
            let span = spans.next().flatten();
            for put in before.into_iter().chain([instruction]) {
                program.instructions.push(put);
                program.instruction_spans.push(span.clone());
            }
        }
        Ok(())
    }

    fn move_loops(&self, places: &NewPositions, program: &mut Program) -> Result<(), String> {
        for params in &mut program.instruction_data.comprehension_begin_params {
            params.body_start = places.short(params.body_start)?;
            params.comprehension_end = places.short(params.comprehension_end)?;
        }
        let own: Vec<usize> = self.wraps.iter().map(|wrap| usize::from(wrap.0)).collect();
        let loops = program.instruction_data.loop_params.iter_mut().enumerate();
        for (_, params) in loops.filter(|(index, _)| !own.contains(index)) {
            params.body_start = places.short(params.body_start)?;
            params.loop_end = places.short(params.loop_end)?;
        }
        for (index, body, end) in &self.wraps {
            // What was put in starts with `Load` and `LoopStart`, and ends with `LoopNext`.
            let body = narrow(places.of(*body)? + 2)?;
            let end = narrow(places.of(*end)? + 1)?;
            program.update_loop_params(*index, |params| {
                params.body_start = body;
                params.loop_end = end;
            });
        }
        Ok(())
    }
}

/// Where each instruction went; a jump to it leads to what was put in front of it.
struct NewPositions(Vec<usize>);

impl NewPositions {
    fn new(before: &[Vec<Instruction>]) -> Self {
        let mut places = Vec::with_capacity(before.len() + 1);
        let mut next = 0;
        for before in before {
            places.push(next);
            next += before.len() + 1;
        }
        places.push(next);
        Self(places)
    }

    fn of(&self, old: usize) -> Result<usize, String> {
        let new = self.0.get(old).copied();
        new.ok_or_else(|| format!("internal error: a jump to {old} leaves the program"))
    }

    fn short(&self, old: u16) -> Result<u16, String> {
        narrow(self.of(usize::from(old))?)
    }

    fn long(&self, old: u32) -> Result<u32, String> {
        let new = self.of(usize::try_from(old).unwrap_or(usize::MAX))?;
        Ok(crate::model::text::text_offset(new))
    }
}

fn narrow(new: usize) -> Result<u16, String> {
    u16::try_from(new)
        .map_err(|_| "the rules compile to a program that is too long; split the pack".to_owned())
}

/// Bodies of rules and entry points; each rule gets its spare registers.
fn move_entries(places: &NewPositions, program: &mut Program) -> Result<(), String> {
    for info in &mut program.rule_infos {
        let moved = |bodies: &Vec<u32>| bodies.iter().map(|pc| places.long(*pc)).collect();
        let bodies: Result<Vec<Vec<u32>>, String> = info.definitions.iter().map(moved).collect();
        info.definitions = Rc::new(bodies?);
        for block in info.destructuring_blocks.iter_mut().flatten() {
            *block = places.long(*block)?;
        }
        if let Some(registers) = info.num_registers.checked_add(SPARE) {
            info.num_registers = registers;
            program.max_rule_window_size = program.max_rule_window_size.max(registers);
        }
    }
    for pc in program.entry_points.values_mut() {
        *pc = places.of(*pc)?;
    }
    program.main_entry_point = places.long(program.main_entry_point)?;
    Ok(())
}

/// Builtins that test a type.
struct TypeBuiltins {
    /// The literal `{"number", "set"}`.
    subtractable: u16,
}

impl TypeBuiltins {
    fn new(program: &mut Program) -> Self {
        let names = ["number", "set"].map(|name| Value::String(name.into()));
        let subtractable = add_literal(program, Value::from(BTreeSet::from(names)));
        Self { subtractable }
    }

    fn call(&mut self, program: &mut Program, name: &str, dest: u8, of: u8) -> Instruction {
        let known = program
            .builtin_info_table
            .iter()
            .position(|info| info.name == name);
        let builtin_index = match known.and_then(|index| u16::try_from(index).ok()) {
            Some(index) => index,
            None => program.add_builtin_info(BuiltinInfo {
                name: name.to_owned(),
                num_args: 1,
            }),
        };
        let args = [of, 0, 0, 0, 0, 0, 0, 0];
        let params = BuiltinCallParams {
            dest,
            builtin_index,
            num_args: 1,
            args,
        };
        Instruction::BuiltinCall {
            params_index: program.add_builtin_call_params(params),
        }
    }
}

fn condition(register: u8) -> Instruction {
    Instruction::Guard {
        register,
        mode: GuardMode::Condition,
    }
}

pub(in crate::policy::engine) fn add_literal(program: &mut Program, value: Value) -> u16 {
    // Out of range only where `validate_limits` refuses the program.
    u16::try_from(program.add_literal(value)).unwrap_or(u16::MAX)
}

/// The two registers behind those of the rule.
pub(in crate::policy::engine) fn spare_registers(
    program: &Program,
    rule: Option<usize>,
) -> Result<(u8, u8), String> {
    let info = rule.and_then(|rule| program.rule_infos.get(rule));
    let info = info.ok_or("arithmetic or a comprehension outside of a rule")?;
    let first = info.num_registers;
    match first.checked_add(SPARE) {
        Some(_) => Ok((first, first + 1)),
        None => Err("Register overflow".to_owned()),
    }
}

/// What a body from `start` on loads of `input` and `data` for all of it, but only in a loop or comprehension.
fn late_loads(program: &Program, start: usize) -> Vec<Instruction> {
    let body = program.instructions.iter().skip(start);
    body.take_while(|instruction| {
        !matches!(
            instruction,
            Instruction::RuleReturn {} | Instruction::RuleInit { .. }
        )
    })
    .skip_while(|instruction| {
        !matches!(
            instruction,
            Instruction::LoopStart { .. } | Instruction::ComprehensionBegin { .. }
        )
    })
    .filter(|instruction| {
        matches!(
            instruction,
            Instruction::LoadInput { .. } | Instruction::LoadData { .. }
        )
    })
    .copied()
    .collect()
}

/// Whether a condition between `body` and `end` can fail outside of the loops and comprehensions in it.
fn ends_outside_a_loop(program: &Program, body: usize, end: usize) -> bool {
    let data = &program.instruction_data;
    let mut pc = body;
    while pc < end {
        let inner = match program.instructions.get(pc) {
            Some(Instruction::LoopStart { params_index }) => data
                .loop_params
                .get(usize::from(*params_index))
                .map(|params| params.loop_end),
            Some(Instruction::ComprehensionBegin { params_index }) => {
                let params = data
                    .comprehension_begin_params
                    .get(usize::from(*params_index));
                params.map(|params| params.comprehension_end)
            }
            Some(
                Instruction::Guard { .. }
                | Instruction::AssertEq { .. }
                | Instruction::Move { .. }
                | Instruction::ComprehensionYield { .. }
                | Instruction::Add { .. }
                | Instruction::Sub { .. }
                | Instruction::Mul { .. }
                | Instruction::Div { .. }
                | Instruction::Mod { .. },
            ) => return true,
            _ => None,
        };
        pc = inner.map_or(pc + 1, |behind| usize::from(behind).max(pc + 1));
    }
    false
}
