//! Makes the turns of plain loops in one go. Of a loop over 24 columns nearly every turn ends at its first condition, and
//! each costs the VM's dispatch of some instructions. What a turn asks first is written down as a recipe; one builtin of
//! ours follows it for all elements (`run`), and gives those that pass.
//!
//! - **Sifted:** a loop goes over the elements that its first conditions let through. Its body stays as it is, and the VM
//!   asks those conditions again: the recipe only leaves out turns that would have ended at one of them.
//! - **Gathered:** a loop whose whole body is plain, and that fills a comprehension or a set, is its recipe.
//!
//! Plain are looks into values, comparisons, conditions, common builtins, functions made of these, and loops in the loop.
//! Works on instructions alone, and knows no rule; `tests` hold it against the program as it was. Bounds of time and memory
//! hold here as well (`meter`).

mod code;
pub(in crate::policy::engine) mod meter;
mod recipe;
mod round;
mod run;
mod step;
#[cfg(test)]
mod tests;
mod turn;

use regorus::rvm::Program;
use regorus::rvm::instructions::{BuiltinCallParams, Instruction};
use regorus::rvm::program::BuiltinInfo;

use super::super::mend::{self, Plan};
use super::operands::shared_rows;
use super::{extent, regions, remove};
use recipe::Recipe;
use round::{Round, there};

/// How many registers a builtin is given at most.
const ARGUMENTS: usize = 8;

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
        plan: Plan::empty(program),
        dead: vec![false; program.instructions.len()],
        inserted: vec![0; program.instructions.len()],
        builtin,
    };
    let mut any = false;
    for (rule, start, end) in bodies {
        let Ok(spare) = mend::spare(program, Some(rule)) else {
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
            let round = Round::at(program, &rows, pc, (start, end), &there);
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
        .push((run::rounds, u8::try_from(ARGUMENTS).ok()?));
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

/// What is to be put in and taken out.
struct Edits {
    plan: Plan,
    dead: Vec<bool>,
    /// How many instructions go in front of each.
    inserted: Vec<usize>,
    /// The builtin's index.
    builtin: u16,
}

impl Edits {
    fn insert(&mut self, pc: usize, instruction: Instruction) {
        self.plan.insert(pc, instruction);
        if let Some(inserted) = self.inserted.get_mut(pc) {
            *inserted += 1;
        }
    }

    /// Loads a recipe and follows it: `dest` may be the register that `from` is in, `recipe` may not.
    fn follow(
        &mut self,
        program: &mut Program,
        pc: usize,
        recipe: Recipe,
        (from, recipe_register, dest): (u8, u8, u8),
    ) -> Option<()> {
        let mut args = [from; ARGUMENTS];
        args[1] = recipe_register;
        for (arg, register) in args.iter_mut().skip(2).zip(&recipe.captured) {
            *arg = *register;
        }
        let literal_idx = mend::literal(program, recipe.value()?);
        self.insert(
            pc,
            Instruction::Load {
                dest: recipe_register,
                literal_idx,
            },
        );
        let params = BuiltinCallParams {
            dest,
            builtin_index: self.builtin,
            num_args: u8::try_from(ARGUMENTS).ok()?,
            args,
        };
        let params_index = program.add_builtin_call_params(params);
        self.insert(pc, Instruction::BuiltinCall { params_index });
        Some(())
    }

    fn apply(self, program: &mut Program) -> Option<()> {
        let count = program.instructions.len() + self.inserted.iter().sum::<usize>();
        let mut dead = vec![false; count];
        let mut inserted = 0;
        for (old, more) in self.inserted.iter().enumerate() {
            inserted += more;
            dead[old + inserted] = self.dead[old];
        }
        self.plan.apply(program).ok()?;
        // Nobody looks at places in the text any more.
        program.instruction_spans.clear();
        remove(program, &dead);
        program.validate_limits().ok()
    }
}
