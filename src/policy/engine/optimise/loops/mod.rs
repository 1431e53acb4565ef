//! Makes the turns of plain loops in one go. Of a loop over 24 columns nearly every turn ends at its first condition, and
//! each costs the VM's dispatch of some instructions. What a turn asks first is written down as a recipe; one builtin of
//! ours follows it for all elements (`execute`), and gives those that pass.
//!
//! - **Sifted:** a loop goes over the elements that its first conditions let through. Its body stays as it is, and the VM
//!   asks those conditions again: the recipe only leaves out turns that would have ended at one of them.
//! - **Gathered:** a loop whose whole body is plain, and that fills a comprehension or a set, is its recipe.
//!
//! Plain are looks into values, comparisons, conditions, common builtins, functions made of these, and loops in the loop.
//! Works on instructions alone, and knows no rule; `tests` hold it against the program as it was. Bounds of time and memory
//! hold here as well (`meter`).

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
use super::region::{extent, regions};
use crate::policy::engine::corrections;
use crate::policy::engine::corrections::Insertions;
use edits::{ARGUMENTS, Edits};
use select::{PlainLoop, there};

/// The builtin, by the name that messages would have.
const NAME: &str = "govcheck.rounds";

/// Has plain loops make their turns in one go. A program that is not understood stays as it is.
pub(in crate::policy::engine) fn hasten(program: &mut Program) {
    let mut own = program.clone();
    if hastened(&mut own).is_some() {
        *program = own;
    }
}

fn hastened(program: &mut Program) -> Option<()> {
    regions(program)?;
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
        let Ok(spare) = corrections::spare(program, Some(rule)) else {
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
        let there = there(program, start..end);
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
        .push((execute::rounds, u8::try_from(ARGUMENTS).ok()?));
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
        let (start, end) = extent(program, start)?;
        bodies.push((rule, start, end));
    }
    bodies.sort_unstable();
    bodies.dedup();
    Some(bodies)
}
