//! Makes compiled programs cheaper to run. Every part works only on instructions, knows no rule, and changes no answer.
//!
//! - `redundant`: instructions that change nothing, taken out when a program is compiled.
//! - `input_use`: the parts of the input that a program reads, so that the others are never built.
//! - `constants`: what depends only on data, computed once for each worker.
//! - `loops`: plain loops in one call of a builtin of ours.

pub(super) mod constants;
#[cfg(test)]
mod constants_tests;
pub(super) mod input_use;
pub(super) mod loops;
mod operands;
pub(super) mod redundant;
mod region;
