//! What a program reads of its input, told from its instructions: each register holds parts of the input, or what contains
//! some, and what is done with it says how much of them is seen. Rather more is told than is read; where it can't be told,
//! all of it. So that the values of fields that no rule reads are never made.
//!
//! - A field that is asked by name is a part. So is what is asked by another key, or found in a loop: any element.
//! - What is compared, told, or given to a builtin is seen whole, but for a few builtins that are known here.
//! - Whether a record or list is there at all is seen without what is in it.

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

/// What a program reads of its input.
pub(in crate::policy::engine) fn reads(program: &Program) -> Projection {
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
