//! One region of a program: what is known of its registers at each place, and which of its instructions that makes needless.

use std::collections::BTreeSet;

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::instructions::{GuardMode, Instruction};

use super::Region;
use crate::policy::engine::optimise::operands::{Operands, operands_at, set_dest};

/// A loop or comprehension: where its rounds begin, and behind its last instruction.
#[derive(Clone, Copy)]
struct LoopRange {
    at: usize,
    end: usize,
    outer: Option<usize>,
}

/// What is known of a register at one place.
#[derive(Clone, Copy, Default, PartialEq)]
struct KnownRegister {
    defined: bool,
    input: bool,
    data: bool,
}

/// A region, its instructions with what they read and write.
pub(in crate::policy::engine) struct RegionBody<'r> {
    region: &'r Region,
    operands: Vec<Operands>,
    rounds: Vec<LoopRange>,
    /// The innermost round around each instruction; that which starts one is outside of it.
    within: Vec<Option<usize>>,
}

impl<'r> RegionBody<'r> {
    pub(in crate::policy::engine) fn new(program: &Program, region: &'r Region) -> Option<Self> {
        let mut body = Self {
            region,
            operands: Vec::new(),
            rounds: Vec::new(),
            within: Vec::new(),
        };
        let mut open: Option<usize> = None;
        for pc in region.start..region.end {
            while let Some(round) = open.and_then(|round| body.rounds.get(round))
                && pc >= round.end
            {
                open = round.outer;
            }
            body.within.push(open);
            body.operands.push(operands_at(program, pc)?);
            if let Some(end) = end_of_round(program, pc) {
                let outside = open.and_then(|round| body.rounds.get(round));
                let bound = outside.map_or(region.end, |round| round.end);
                if end <= pc || end > bound {
                    return None;
                }
                body.rounds.push(LoopRange {
                    at: pc,
                    end,
                    outer: open,
                });
                open = Some(body.rounds.len() - 1);
            }
        }
        Some(body)
    }

    fn range(&self) -> std::ops::Range<usize> {
        self.region.start..self.region.end
    }

    fn of(&self, pc: usize) -> &Operands {
        &self.operands[pc - self.region.start]
    }

    fn written(&self, from: usize, to: usize) -> BTreeSet<u8> {
        let operands = (from..to).map(|pc| self.of(pc));
        operands.flat_map(|of| of.writes.iter().copied()).collect()
    }

    /// Marks tests and loads whose result is already known at their position.
    pub(in crate::policy::engine) fn drop_what_is_known(
        &mut self,
        program: &Program,
        dead: &mut [bool],
    ) {
        let mut known = [KnownRegister::default(); 256];
        // What is known behind the rounds that are open.
        let mut behind: Vec<(usize, [KnownRegister; 256])> = Vec::new();
        for pc in self.range() {
            while let Some((end, after)) = behind.last()
                && pc >= *end
            {
                known = *after;
                behind.pop();
            }
            let instruction = program.instructions[pc];
            match instruction {
                Instruction::Guard { register, mode } => {
                    let slot = &mut known[usize::from(register)];
                    dead[pc] = mode == GuardMode::NotUndefined && slot.defined;
                    slot.defined |= mode != GuardMode::Not;
                    continue;
                }
                Instruction::LoadInput { dest } => {
                    dead[pc] = known[usize::from(dest)].input;
                    known[usize::from(dest)] = KnownRegister {
                        input: true,
                        ..KnownRegister::default()
                    };
                    continue;
                }
                Instruction::LoadData { dest } => {
                    dead[pc] = known[usize::from(dest)].data;
                    known[usize::from(dest)] = KnownRegister {
                        data: true,
                        ..KnownRegister::default()
                    };
                    continue;
                }
                Instruction::Move { dest, src } => {
                    known[usize::from(dest)] = known[usize::from(src)];
                    continue;
                }
                _ => {}
            }
            if let Some(end) = end_of_round(program, pc) {
                // A round may come after others, and none may come at all.
                for register in self.written(pc, end) {
                    if !self.only_loads(program, (pc, end), register, known) {
                        known[usize::from(register)] = KnownRegister::default();
                    }
                }
                let mut after = known;
                if let Some(result) = comprehension(program, pc) {
                    after[usize::from(result)].defined = true;
                }
                behind.push((end, after));
                if let Some(key) = key_of_loop(program, pc) {
                    known[usize::from(key)].defined = true;
                }
                continue;
            }
            for register in &self.of(pc).writes {
                known[usize::from(*register)] = KnownRegister {
                    defined: fills(program, instruction),
                    ..KnownRegister::default()
                };
            }
        }
    }

    /// Whether all that a round writes to a register is what it has.
    fn only_loads(
        &self,
        program: &Program,
        (from, to): (usize, usize),
        register: u8,
        known: [KnownRegister; 256],
    ) -> bool {
        let has = known[usize::from(register)];
        (from..to).all(|pc| match program.instructions[pc] {
            Instruction::LoadInput { dest } if dest == register => has.input,
            Instruction::LoadData { dest } if dest == register => has.data,
            _ => !self.of(pc).writes.contains(&register),
        })
    }

    /// Marks copies whose source is read by nothing else, and has what fills the source fill the copy.
    pub(in crate::policy::engine) fn drop_copies(
        &mut self,
        program: &mut Program,
        rows: &BTreeSet<(u8, u16)>,
        dead: &mut [bool],
    ) {
        for pc in self.range() {
            if let Instruction::Move { dest, src } = program.instructions[pc]
                && !dead[pc]
                && let Some(from) = self.filled_for(program, dead, pc, (dest, src))
                && set_dest(program, rows, from, (src, dest))
            {
                dead[pc] = true;
                for at in from..pc {
                    if let Instruction::Guard { register, .. } = &mut program.instructions[at]
                        && *register == src
                    {
                        *register = dest;
                    }
                }
                for at in [from, pc].into_iter().chain(from..pc) {
                    if let Some(of) = operands_at(program, at) {
                        self.operands[at - self.region.start] = of;
                    }
                }
            }
        }
    }

    /// The instruction that fills `src` only for this copy, provided that only this copy fills `dest`.
    fn filled_for(
        &self,
        program: &Program,
        dead: &[bool],
        copy: usize,
        (dest, src): (u8, u8),
    ) -> Option<usize> {
        if dest == src || self.region.shared.contains(&dest) || self.region.shared.contains(&src) {
            return None;
        }
        let alive = || self.range().filter(|pc| !dead[*pc]);
        let mut filling = alive().filter(|pc| self.of(*pc).writes.contains(&src));
        let from = filling.next().filter(|_| filling.next().is_none())?;
        let mut copies = alive().filter(|pc| self.of(*pc).writes.contains(&dest));
        if copies.next() != Some(copy) || copies.next().is_some() || from >= copy {
            return None;
        }
        let asks = |pc: usize| matches!(program.instructions[pc], Instruction::Guard { .. });
        let mut readers = alive().filter(|pc| self.of(*pc).reads.contains(&src));
        if !readers.all(|pc| pc == copy || (from < pc && pc < copy && asks(pc))) {
            return None;
        }
        let home = self.within[copy - self.region.start];
        let place = home.and_then(|home| self.rounds.get(home));
        let starts_it = place.is_some_and(|round| round.at == from);
        if !starts_it && self.within[from - self.region.start] != home {
            return None;
        }
        let end = place.map_or(self.region.end, |round| round.end);
        let mut readers = alive().filter(|pc| self.of(*pc).reads.contains(&dest));
        readers.all(|pc| copy < pc && pc < end).then_some(from)
    }

    /// Removes keys of loops that nothing reads.
    pub(in crate::policy::engine) fn drop_keys(&mut self, program: &mut Program, dead: &[bool]) {
        for pc in self.range() {
            let Instruction::LoopStart { params_index } = program.instructions[pc] else {
                continue;
            };
            let Some(key) = key_of_loop(program, pc) else {
                continue;
            };
            let mut alive = self.range().filter(|pc| !dead[*pc]);
            let is_read = alive.any(|pc| self.of(pc).reads.contains(&key));
            if !is_read && !self.region.shared.contains(&key) {
                program
                    .update_loop_params(params_index, |params| params.key_reg = params.value_reg);
            }
        }
    }
}

/// Behind the last instruction of the loop or comprehension that starts here.
fn end_of_round(program: &Program, pc: usize) -> Option<usize> {
    let data = &program.instruction_data;
    match program.instructions.get(pc)? {
        Instruction::LoopStart { params_index } => {
            let params = data.loop_params.get(usize::from(*params_index))?;
            Some(usize::from(params.loop_end))
        }
        Instruction::ComprehensionBegin { params_index } => {
            let params = data
                .comprehension_begin_params
                .get(usize::from(*params_index))?;
            Some(usize::from(params.comprehension_end))
        }
        _ => None,
    }
}

/// The register of a comprehension's result, which is a collection from its start on.
fn comprehension(program: &Program, pc: usize) -> Option<u8> {
    match program.instructions.get(pc)? {
        Instruction::ComprehensionBegin { params_index } => {
            let params = &program.instruction_data.comprehension_begin_params;
            Some(params.get(usize::from(*params_index))?.result_reg)
        }
        _ => None,
    }
}

/// The register of a loop's keys, if it has one of its own: an index or a key, which is always defined.
fn key_of_loop(program: &Program, pc: usize) -> Option<u8> {
    match program.instructions.get(pc)? {
        Instruction::LoopStart { params_index } => {
            let params = program
                .instruction_data
                .loop_params
                .get(usize::from(*params_index))?;
            (params.key_reg != params.value_reg).then_some(params.key_reg)
        }
        _ => None,
    }
}

/// Whether what an instruction writes is never undefined.
fn fills(program: &Program, instruction: Instruction) -> bool {
    match instruction {
        Instruction::Load { literal_idx, .. } => {
            let literal = program.literals.get(usize::from(literal_idx));
            literal.is_some_and(|literal| *literal != Value::Undefined)
        }
        Instruction::LoadTrue { .. }
        | Instruction::LoadFalse { .. }
        | Instruction::LoadNull { .. }
        | Instruction::LoadBool { .. }
        | Instruction::ArrayNew { .. }
        | Instruction::SetNew { .. } => true,
        _ => false,
    }
}
