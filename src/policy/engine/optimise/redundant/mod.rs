//! Takes out of a compiled program what changes no answer. regorus's compiler makes a new register of each variable and
//! asks after each step whether it is defined, as do `corrections`: eleven instructions for each element of
//! `[i | some i, c in input.columns; c.key]`, of which five are left. Works on instructions alone, and knows no rule.
//!
//! - A question whether a register is defined, where it is known to be: it was asked before, or a literal is in it.
//! - A second load of `input` or `data` into the register that has it.
//! - A copy of a register that nothing else reads: what fills the one fills the other instead.
//! - The key of a loop that nobody reads.

mod body;
#[cfg(test)]
pub(in crate::policy::engine) mod tests;

use regorus::rvm::Program;

use super::operands::shared_rows;
use super::region::{Region, regions, remove};
use body::RegionBody;

/// Trims a program in place. One with instructions that Rego has no need of stays as it is.
pub(in crate::policy::engine) fn trim(program: &mut Program) {
    let Some(regions) = regions(program) else {
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
    remove(program, &dead);
}
