//! Loops, and which of them can be sifted or gathered.

use std::collections::BTreeSet;
use std::ops::Range;

use regorus::rvm::Program;
use regorus::rvm::instructions::{
    ComprehensionBeginParams, Instruction, LoopMode, LoopStartParams,
};

use super::kernel::KernelKind;
use super::kernel_builder::Recipe;
use super::{ARGUMENTS, Edits};
use crate::policy::engine::optimise::operands::{loop_row, operands_at};

/// A loop: from its start to behind its last instruction.
pub(in crate::policy::engine) struct PlainLoop {
    start: usize,
    end: usize,
    row: u16,
    params: LoopStartParams,
    /// All registers that its turns write.
    writes: BTreeSet<u8>,
    /// Registers that have `input` or `data` in them, and nothing else ever.
    there: BTreeSet<u8>,
}

/// Registers of a body that are loaded before its first loop with values that always exist, and never written again.
pub(in crate::policy::engine) fn always_loaded(
    program: &Program,
    body: Range<usize>,
) -> BTreeSet<u8> {
    let mut there = BTreeSet::new();
    let mut not = BTreeSet::new();
    let mut first = true;
    for pc in body {
        match program.instructions.get(pc) {
            Some(Instruction::LoadInput { dest } | Instruction::LoadData { dest }) => {
                if first {
                    there.insert(*dest);
                }
            }
            instruction => {
                let starts = matches!(
                    instruction,
                    Some(Instruction::LoopStart { .. } | Instruction::ComprehensionBegin { .. })
                );
                first &= !starts;
                match operands_at(program, pc) {
                    Some(operands) => not.extend(operands.writes),
                    None => return BTreeSet::new(),
                }
            }
        }
    }
    &there - &not
}

/// Registers of the elements of loops around a loop that ends at `end`, and of their keys, where nothing else fills them:
/// these have a value in every turn.
fn elements_around(program: &Program, before: Range<usize>, end: usize) -> Option<BTreeSet<u8>> {
    let mut there = BTreeSet::new();
    for pc in before {
        let Instruction::LoopStart { params_index } = *program.instructions.get(pc)? else {
            continue;
        };
        let params = &program.instruction_data.loop_params;
        let params = params.get(usize::from(params_index))?;
        let around_end = usize::from(params.loop_end);
        if around_end < end {
            continue;
        }
        let mut own = BTreeSet::from([params.key_reg, params.value_reg]);
        own.remove(&params.result_reg);
        for within in pc + 1..around_end {
            for written in operands_at(program, within)?.writes {
                own.remove(&written);
            }
        }
        there.extend(own);
    }
    Some(there)
}

impl PlainLoop {
    pub(in crate::policy::engine) fn at(
        program: &Program,
        rows: &BTreeSet<(u8, u16)>,
        start: usize,
        (body_start, body_end): (usize, usize),
        there: &BTreeSet<u8>,
    ) -> Option<Self> {
        let Instruction::LoopStart { params_index: row } = *program.instructions.get(start)? else {
            return None;
        };
        let params = program.instruction_data.loop_params.get(usize::from(row))?;
        let end = usize::from(params.loop_end);
        let is_plain =
            usize::from(params.body_start) == start + 1 && end > start + 1 && end <= body_end;
        let last = program.instructions.get(end.checked_sub(1)?)?;
        if !is_plain
            || rows.contains(&loop_row(row))
            || !matches!(last, Instruction::LoopNext { .. })
        {
            return None;
        }
        let mut writes = BTreeSet::new();
        for pc in start..end {
            writes.extend(operands_at(program, pc)?.writes);
        }
        let mut there = there.clone();
        there.extend(elements_around(program, body_start..start, end)?);
        Some(Self {
            start,
            end,
            row,
            params: params.clone(),
            writes,
            there,
        })
    }

    fn recipe(&self, kind: KernelKind) -> Recipe {
        Recipe::new(
            kind,
            (self.params.key_reg, self.params.value_reg),
            self.there.clone(),
        )
    }

    /// Makes the loop iterate only over elements that pass its first conditions.
    pub(in crate::policy::engine) fn sift(
        &self,
        program: &mut Program,
        edits: &mut Edits,
        spare: (u8, u8),
    ) -> Option<()> {
        let every = self.params.mode == LoopMode::Every;
        let kind = if every {
            KernelKind::Every
        } else {
            KernelKind::Some
        };
        let turn = self.start + 1..self.end - 1;
        let written = |end: usize| {
            let mut recipe = self.recipe(kind);
            let mut plain = (turn.start..end).take_while(|pc| {
                let added = recipe.add(program, *pc, &self.writes);
                added.is_some()
            });
            let count = plain.by_ref().count();
            (recipe, turn.start + count)
        };
        let (mut recipe, plain) = written(turn.end);
        if plain < turn.end {
            if every || !self.asks(program, turn.start..plain) {
                return None;
            }
            recipe = written(plain).0;
        }
        recipe.end_with_a_condition()?;
        if !recipe.needs_its_captured() || recipe.captured.len() + 2 > ARGUMENTS {
            return None;
        }
        let (first, second) = spare;
        let places = (self.params.collection, first, second);
        edits.follow(program, self.start, recipe, places)?;
        let collection = program
            .instruction_data
            .loop_params
            .get_mut(usize::from(self.row))?;
        collection.collection = second;
        Some(())
    }

    /// Whether some of these instructions are conditions.
    fn asks(&self, program: &Program, places: Range<usize>) -> bool {
        let value = self.params.value_reg;
        let mut instructions = places.filter_map(|pc| program.instructions.get(pc));
        instructions.any(|instruction| match instruction {
            Instruction::Guard { register, .. } => *register != value,
            Instruction::AssertEq { .. } => true,
            _ => false,
        })
    }

    /// Takes the place of a loop that is plain from end to end.
    pub(in crate::policy::engine) fn gather(
        &self,
        program: &mut Program,
        edits: &mut Edits,
        (first, second): (u8, u8),
        body: (usize, usize),
    ) -> Option<()> {
        let filled = self.filled(program, body)?;
        if self.params.mode != LoopMode::ForEach {
            return None;
        }
        let mut recipe = self.recipe(filled.kind);
        if filled.kind == KernelKind::More {
            recipe.onto(filled.result)?;
        }
        self.turns(program, &mut recipe, (self.start + 1, self.end - 1))?;
        let captured = recipe.captured.len() + 2 <= ARGUMENTS;
        if !captured
            || !recipe.captures_what_is_there(filled.kind == KernelKind::More)
            || self.is_read_elsewhere(program, (filled.result, filled.end), body)?
        {
            return None;
        }
        edits.insert(
            self.start,
            Instruction::Move {
                dest: first,
                src: self.params.collection,
            },
        );
        // An undefined value has no elements; without this the builtin would not be called.
        edits.insert(
            self.start,
            Instruction::CoalesceUndefinedToNull { register: first },
        );
        edits.follow(program, self.start, recipe, (first, second, filled.result))?;
        if let Some(begin) = filled.begin {
            edits.dead[begin] = true;
        }
        edits.dead[self.start..filled.end].fill(true);
        Some(())
    }

    /// Writes all instructions of a loop's turns down.
    fn turns(
        &self,
        program: &Program,
        recipe: &mut Recipe,
        (mut pc, end): (usize, usize),
    ) -> Option<()> {
        while pc < end {
            match *program.instructions.get(pc)? {
                Instruction::ComprehensionYield { value_reg, key_reg } => {
                    recipe.give(value_reg, key_reg)?;
                }
                Instruction::SetAdd { value, .. } => recipe.give(value, None)?,
                Instruction::LoopStart { params_index } => {
                    let params = program
                        .instruction_data
                        .loop_params
                        .get(usize::from(params_index))?;
                    let inner = usize::from(params.loop_end);
                    // What follows an inner loop would have to know whether it had a turn that passed.
                    if inner != end || params.mode != LoopMode::ForEach {
                        return None;
                    }
                    let registers = (params.collection, params.key_reg, params.value_reg);
                    let begun = recipe.begin(registers, &self.writes)?;
                    self.turns(program, recipe, (pc + 1, inner - 1))?;
                    recipe.end(begun);
                    return Some(());
                }
                _ => recipe.add(program, pc, &self.writes)?,
            }
            pc += 1;
        }
        Some(())
    }

    /// What the loop fills, by the last thing that its innermost turns do.
    fn filled(&self, program: &Program, (start, end): (usize, usize)) -> Option<Filled> {
        let is_next = |pc: &usize| {
            let instruction = program.instructions.get(*pc);
            matches!(instruction, Some(Instruction::LoopNext { .. }))
        };
        let last = (self.start..self.end).rev().find(|pc| !is_next(pc))?;
        match *program.instructions.get(last)? {
            Instruction::ComprehensionYield { .. } => {
                let Instruction::ComprehensionEnd {} = *program.instructions.get(self.end)? else {
                    return None;
                };
                let (begin, params) = comprehension(program, start..self.start, self.end + 1)?;
                Some(Filled {
                    kind: KernelKind::of(&params.mode),
                    result: params.result_reg,
                    begin: Some(begin),
                    end: self.end + 1,
                })
            }
            // Once for a body: in a loop the set would be copied again and again.
            Instruction::SetAdd { set, .. }
                if !(start..self.start).any(|pc| starts(program, pc)) && self.end < end =>
            {
                Some(Filled {
                    kind: KernelKind::More,
                    result: set,
                    begin: None,
                    end: self.end,
                })
            }
            _ => None,
        }
    }

    /// Whether anything outside of the loop looks at what its turns write, but for the comprehension's result.
    fn is_read_elsewhere(
        &self,
        program: &Program,
        (result, behind): (u8, usize),
        (start, end): (usize, usize),
    ) -> Option<bool> {
        let turns = self.start..behind;
        for pc in (start..end).filter(|pc| !turns.contains(pc)) {
            let reads = operands_at(program, pc)?.reads;
            if reads
                .iter()
                .any(|read| *read != result && self.writes.contains(read))
            {
                return Some(true);
            }
        }
        Some(false)
    }
}

/// What a loop fills.
struct Filled {
    kind: KernelKind,
    result: u8,
    /// Where its comprehension begins, if it has one.
    begin: Option<usize>,
    /// Behind what the loop is all of.
    end: usize,
}

/// Whether a loop or comprehension starts here.
fn starts(program: &Program, pc: usize) -> bool {
    matches!(
        program.instructions.get(pc),
        Some(Instruction::LoopStart { .. } | Instruction::ComprehensionBegin { .. })
    )
}

/// The comprehension that ends at `end`, if what comes before its loop only finds the collection.
fn comprehension(
    program: &Program,
    before: Range<usize>,
    end: usize,
) -> Option<(usize, ComprehensionBeginParams)> {
    for pc in before.rev() {
        match program.instructions.get(pc)? {
            Instruction::IndexLiteral { .. }
            | Instruction::ChainedIndex { .. }
            | Instruction::Load { .. }
            | Instruction::LoadInput { .. }
            | Instruction::LoadData { .. }
            | Instruction::CallRule { .. } => {}
            Instruction::ComprehensionBegin { params_index } => {
                let params = &program.instruction_data.comprehension_begin_params;
                let params = params.get(usize::from(*params_index))?;
                let is_it = usize::from(params.comprehension_end) == end
                    && params.collection_reg == params.result_reg;
                return is_it.then(|| (pc, params.clone()));
            }
            _ => return None,
        }
    }
    None
}
