//! Runs plain loops in one step. In a loop over 24 columns nearly every iteration ends at its first condition, and each
//! costs the VM some dispatches. The first conditions are compiled into a kernel; one builtin of ours (`execute`) runs it
//! for all elements, and gives those that pass.
//!
//! - **Sifted:** a loop iterates only over the elements that pass its first conditions. Its body stays the same, and the VM
//!   evaluates those conditions again: the kernel only skips iterations that one of them would end.
//! - **Gathered:** a loop whose whole body is plain, and that fills a comprehension or a set, is replaced by its kernel.
//!
//! Lookups, comparisons, conditions, common builtins, functions made of these, and nested loops are plain. Works only on
//! instructions, and knows no rule; `tests` compare it with the original program. Bounds of time and memory apply here
//! too (`meter`).

mod edits;
mod execute;
mod execute_codes;
mod kernel;
mod kernel_builder;
mod lower;
mod select;
#[cfg(test)]
mod tests;

use regorus::rvm::Program;
use regorus::rvm::instructions::Instruction;
use regorus::rvm::program::BuiltinInfo;

use super::operands::shared_rows;
use super::region::{find_regions, region_extent};
use crate::policy::engine::corrections;
use crate::policy::engine::corrections::Insertions;
use edits::{ARGUMENTS, Edits};
use select::{PlainLoop, always_loaded};

/// The builtin, by the name that messages would have.
const NAME: &str = "govcheck.rounds";

/// Makes plain loops run in one step. A program with unknown instructions stays the same.
pub(in crate::policy::engine) fn optimise_loops(program: &mut Program) {
    let mut own = program.clone();
    if hastened(&mut own).is_some() {
        *program = own;
    }
}

fn hastened(program: &mut Program) -> Option<()> {
    find_regions(program)?;
    let rows = shared_rows(program);
    let bodies: Vec<(usize, usize, usize)> = bodies(program)?;
    let builtin = u16::try_from(program.builtin_info_table.len()).ok()?;
    let mut edits = Edits {
        plan: Insertions::empty(program),
        dead: vec![false; program.instructions.len()],
        inserted: vec![0; program.instructions.len()],
        builtin,
    };
    let mut any = false;
    for (rule, start, end) in bodies {
        let Ok(spare) = corrections::spare_registers(program, Some(rule)) else {
            continue;
        };
        let is_start = |pc: &usize| {
            let instruction = program.instructions.get(*pc);
            matches!(instruction, Some(Instruction::LoopStart { .. }))
        };
        let loops: Vec<usize> = (start..end).filter(is_start).collect();
        if loops.is_empty() {
            continue;
        }
        let there = always_loaded(program, start..end);
        for pc in loops {
            let round = PlainLoop::at(program, &rows, pc, (start, end), &there);
            let Some(round) = round.filter(|_| !edits.dead[pc]) else {
                continue;
            };
            any |= round
                .gather(program, &mut edits, spare, (start, end))
                .is_some()
                || round.sift(program, &mut edits, spare).is_some();
        }
    }
    any.then_some(())?;
    program.builtin_info_table.push(BuiltinInfo {
        name: NAME.to_owned(),
        num_args: u16::try_from(ARGUMENTS).ok()?,
    });
    program
        .resolved_builtins
        .push((execute::run_loop, u8::try_from(ARGUMENTS).ok()?));
    edits.apply(program)
}

/// The bodies of all rules: the rule, and where its instructions are.
fn bodies(program: &Program) -> Option<Vec<(usize, usize, usize)>> {
    let infos = program.rule_infos.iter().enumerate();
    let starts = infos.flat_map(|(rule, info)| {
        let starts = info.definitions.iter().flatten();
        starts.map(move |start| (rule, *start)).collect::<Vec<_>>()
    });
    let mut bodies = Vec::new();
    for (rule, start) in starts {
        let (start, end) = region_extent(program, start)?;
        bodies.push((rule, start, end));
    }
    bodies.sort_unstable();
    bodies.dedup();
    Some(bodies)
}
