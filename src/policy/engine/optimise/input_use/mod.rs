//! Which parts of its input a program reads, derived from its instructions, so that values of other fields are never built.
//! Each register holds parts of the input, or collections with such parts; how it is used decides how much of them is
//! read. Over-approximates; unknown means the whole input.
//!
//! - A field that is read by name is a part. Any other key, and a loop, read the part "any element".
//! - What is compared, returned, or passed to a builtin is read whole, except for a few builtins that are known here.
//! - A test whether a record or list exists does not read its content.

mod abstract_value;
mod builtins;
mod fixpoint;
mod parts;
mod region;
#[cfg(test)]
mod tests;
mod transfer;

use regorus::rvm::Program;

use crate::model::wanted::Projection;
use fixpoint::InputUse;
use parts::{MAX_PARTS, ROOT};

/// The parts of its input that a program reads.
pub(in crate::policy::engine) fn input_use(program: &Program) -> Projection {
    let Some(mut reader) = InputUse::new(program) else {
        return Projection::all();
    };
    for _ in 0..MAX_ROUNDS {
        match reader.round() {
            Some(true) if reader.parts.parts.len() <= MAX_PARTS => {}
            Some(false) => return reader.parts.wanted(ROOT),
            _ => return Projection::all(),
        }
    }
    Projection::all()
}

/// Rules call rules through few levels; each round passes what is known one on at least.
const MAX_ROUNDS: usize = 64;
