//! Removes instructions that change no answer from a compiled program. regorus's compiler makes a new register for each
//! variable and tests after each step whether it is defined, as do `corrections`: eleven instructions for each element of
//! `[i | some i, c in input.columns; c.key]`, of which five remain. Works only on instructions, and knows no rule.
//!
//! - A test whether a register is defined, if that is known: it was tested before, or holds a literal.
//! - A second load of `input` or `data` into the same register.
//! - A copy of a register that nothing else reads: its source writes to the target instead.
//! - The key of a loop, if nothing reads it.

mod body;
#[cfg(test)]
pub(in crate::policy::engine) mod tests;

use regorus::rvm::Program;

use super::operands::shared_rows;
use super::region::{Region, find_regions, remove_dead};
use body::RegionBody;

/// Removes redundant instructions in place. A program with unknown instructions stays the same.
pub(in crate::policy::engine) fn remove_redundant(program: &mut Program) {
    let Some(regions) = find_regions(program) else {
        return;
    };
    let rows = shared_rows(program);
    let mut dead = vec![false; program.instructions.len()];
    for region in &regions {
        let Some(mut body) = RegionBody::new(program, region) else {
            return;
        };
        body.drop_what_is_known(program, &mut dead);
        if !region.binds {
            body.drop_copies(program, &rows, &mut dead);
            body.drop_keys(program, &dead);
        }
    }
    remove_dead(program, &dead);
}
