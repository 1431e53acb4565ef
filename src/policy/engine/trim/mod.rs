//! Takes out of a compiled program what changes no answer. regorus's compiler makes a new register of each variable and
//! asks after each step whether it is defined, as does `mend`: eleven instructions for each element of
//! `[i | some i, c in input.columns; c.key]`, of which five are left. Works on instructions alone, and knows no rule.
//!
//! - A question whether a register is defined, where it is known to be: it was asked before, or a literal is in it.
//! - A second load of `input` or `data` into the register that has it.
//! - A copy of a register that nothing else reads: what fills the one fills the other instead.
//! - The key of a loop that nobody reads.

mod body;
mod operands;
pub(super) mod rounds;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeSet;

use regorus::Rc;
use regorus::rvm::Program;
use regorus::rvm::instructions::Instruction;

use body::Body;
use operands::shared_rows;
pub(super) use operands::{Operands, operands};

/// Trims a program in place. One with instructions that Rego has no need of stays as it is.
pub(super) fn trim(program: &mut Program) {
    let Some(regions) = regions(program) else {
        return;
    };
    let rows = shared_rows(program);
    let mut dead = vec![false; program.instructions.len()];
    for region in &regions {
        let Some(mut body) = Body::new(program, region) else {
            return;
        };
        body.drop_what_is_known(program, &mut dead);
        if !region.binds {
            body.drop_copies(program, &rows, &mut dead);
            body.drop_keys(program, &dead);
        }
    }
    remove(program, &dead);
}

/// A run of instructions with one entry: the body of a rule, or what takes a function's arguments apart.
struct Region {
    start: usize,
    end: usize,
    /// Whether it fills registers for bodies that follow.
    binds: bool,
    /// Registers that others look at too: they stay what they are.
    shared: BTreeSet<u8>,
}

fn regions(program: &Program) -> Option<Vec<Region>> {
    let mut regions = Vec::new();
    for info in &program.rule_infos {
        let mut shared = BTreeSet::from([info.result_reg]);
        for block in info.destructuring_blocks.iter().flatten() {
            let (start, end) = extent(program, *block)?;
            for pc in start..end {
                let Operands { reads, writes } = operands(program, pc)?;
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
            let (start, end) = extent(program, *body)?;
            regions.push(Region {
                start,
                end,
                binds: false,
                shared: shared.clone(),
            });
        }
    }
    // Bodies that share instructions are none that is understood here.
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

/// From a start to behind the instruction that ends it.
pub(super) fn extent(program: &Program, start: u32) -> Option<(usize, usize)> {
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

/// Takes the dead out, and moves every jump along.
fn remove(program: &mut Program, dead: &[bool]) {
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
        *old = crate::model::text::offset(new);
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
