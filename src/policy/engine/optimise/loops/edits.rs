//! Pending insertions into a program and removals from it.

use regorus::rvm::Program;
use regorus::rvm::instructions::{BuiltinCallParams, Instruction};

use super::kernel_builder::Recipe;
use crate::policy::engine::corrections;
use crate::policy::engine::corrections::Insertions;
use crate::policy::engine::optimise::region::remove_dead;

/// How many registers a builtin is given at most.
pub(in crate::policy::engine) const ARGUMENTS: usize = 8;

/// Pending insertions and removals.
pub(in crate::policy::engine) struct Edits {
    pub(in crate::policy::engine) plan: Insertions,
    pub(in crate::policy::engine) dead: Vec<bool>,
    /// How many instructions go in front of each.
    pub(in crate::policy::engine) inserted: Vec<usize>,
    /// The builtin's index.
    pub(in crate::policy::engine) builtin: u16,
}

impl Edits {
    pub(in crate::policy::engine) fn insert(&mut self, pc: usize, instruction: Instruction) {
        self.plan.insert(pc, instruction);
        if let Some(inserted) = self.inserted.get_mut(pc) {
            *inserted += 1;
        }
    }

    /// Loads a recipe and follows it: `dest` may be the register that `from` is in, `recipe` may not.
    pub(in crate::policy::engine) fn follow(
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
        let literal_idx = corrections::add_literal(program, recipe.value()?);
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

    pub(in crate::policy::engine) fn apply(self, program: &mut Program) -> Option<()> {
        let count = program.instructions.len() + self.inserted.iter().sum::<usize>();
        let mut dead = vec![false; count];
        let mut inserted = 0;
        for (old, more) in self.inserted.iter().enumerate() {
            inserted += more;
            dead[old + inserted] = self.dead[old];
        }
        self.plan.apply(program).ok()?;
        // Places in the text are no longer needed.
        program.instruction_spans.clear();
        remove_dead(program, &dead);
        program.validate_limits().ok()
    }
}
