//! Runs of instructions with one entry, and taking instructions out.

use std::collections::BTreeSet;

use regorus::Rc;
use regorus::rvm::Program;
use regorus::rvm::instructions::Instruction;

use super::operands::{Operands, operands_at};

/// A run of instructions with one entry: the body of a rule, or what takes a function's arguments apart.
pub(in crate::policy::engine) struct Region {
    pub(in crate::policy::engine) start: usize,
    pub(in crate::policy::engine) end: usize,
    /// Whether it fills registers for bodies that follow.
    pub(in crate::policy::engine) binds: bool,
    /// Registers that others look at too: they stay what they are.
    pub(in crate::policy::engine) shared: BTreeSet<u8>,
}

pub(in crate::policy::engine) fn find_regions(program: &Program) -> Option<Vec<Region>> {
    let mut regions = Vec::new();
    for info in &program.rule_infos {
        let mut shared = BTreeSet::from([info.result_reg]);
        for block in info.destructuring_blocks.iter().flatten() {
            let (start, end) = region_extent(program, *block)?;
            for pc in start..end {
                let Operands { reads, writes } = operands_at(program, pc)?;
                shared.extend(reads.into_iter().chain(writes));
            }
            regions.push(Region {
                start,
                end,
                binds: true,
                shared: BTreeSet::new(),
            });
        }
        for body in info.definitions.iter().flatten() {
            let (start, end) = region_extent(program, *body)?;
            regions.push(Region {
                start,
                end,
                binds: false,
                shared: shared.clone(),
            });
        }
    }
    // Bodies that share instructions are not supported here.
    let mut starts: Vec<(usize, usize)> = regions
        .iter()
        .map(|region| (region.start, region.end))
        .collect();
    starts.sort_unstable();
    let apart = starts.windows(2).all(|pair| match pair {
        [(_, end), (next, _)] => end <= next,
        _ => true,
    });
    apart.then_some(regions)
}

/// The range of a region, including the instruction that ends it.
pub(crate) fn region_extent(program: &Program, start: u32) -> Option<(usize, usize)> {
    let start = usize::try_from(start).ok()?;
    let rest = program.instructions.get(start..)?;
    let length = rest.iter().position(|instruction| {
        matches!(
            instruction,
            Instruction::RuleReturn {} | Instruction::DestructuringSuccess {}
        )
    })?;
    Some((start, start + length + 1))
}

/// Removes dead instructions, and adjusts every jump.
pub(in crate::policy::engine) fn remove_dead(program: &mut Program, dead: &[bool]) {
    let mut places = Vec::with_capacity(dead.len() + 1);
    let mut next = 0;
    for is_dead in dead {
        places.push(next);
        next += usize::from(!is_dead);
    }
    places.push(next);
    // Smaller than it was, and so within what it was in.
    let short = |old: &mut u16| {
        let new = places.get(usize::from(*old)).copied().unwrap_or_default();
        *old = u16::try_from(new).unwrap_or(*old);
    };
    let long = |old: &mut u32| {
        let at = usize::try_from(*old).unwrap_or(usize::MAX);
        let new = places.get(at).copied().unwrap_or_default();
        *old = crate::model::text::text_offset(new);
    };
    for params in &mut program.instruction_data.loop_params {
        short(&mut params.body_start);
        short(&mut params.loop_end);
    }
    for params in &mut program.instruction_data.comprehension_begin_params {
        short(&mut params.body_start);
        short(&mut params.comprehension_end);
    }
    for info in &mut program.rule_infos {
        let mut definitions = (*info.definitions).clone();
        definitions.iter_mut().flatten().for_each(long);
        info.definitions = Rc::new(definitions);
        info.destructuring_blocks
            .iter_mut()
            .flatten()
            .for_each(long);
    }
    for pc in program.entry_points.values_mut() {
        *pc = places.get(*pc).copied().unwrap_or_default();
    }
    long(&mut program.main_entry_point);
    for instruction in &mut program.instructions {
        if let Instruction::LoopNext {
            body_start,
            loop_end,
        } = instruction
        {
            short(body_start);
            short(loop_end);
        }
    }
    let mut alive = dead.iter().map(|is_dead| !is_dead);
    program
        .instructions
        .retain(|_| alive.next().unwrap_or(true));
    let mut alive = dead.iter().map(|is_dead| !is_dead);
    program
        .instruction_spans
        .retain(|_| alive.next().unwrap_or(true));
}
