//! The Rego engine: the only folder that imports regorus. Compiles rules for the register VM, one program per kind of
//! entity, and evaluates them within bounds. Values cross this border as [`Datum`], opaque to everybody else.

mod bounds;
mod builtins;
pub mod codec;
mod corrections;
mod datum;
mod error;
mod interpreter;
mod json_equal;
mod judge;
mod lazy_program;
mod machine;
mod meter;
mod modules;
mod optimise;
mod parsed;
mod plain;
pub mod scan;
mod syntax_tree;
#[cfg(test)]
mod tests;
mod trace;
mod value_builder;
mod values;

pub use bounds::Bounds;
pub use error::{EvaluationError, RegoError};
pub use interpreter::Interpreter;
pub use judge::{Judge, Worker};
pub use lazy_program::{LazyModules, ProgramBytes, Promise};
pub use modules::{Compiled, Module, Modules, compile_modules, parse_module};
pub use parsed::ParsedModules;
pub use plain::{
    RegoVersion, compile_plain, is_v0, parse_plain, plain_datum, plain_key, program_plain,
};
pub use trace::{Lines, Trace};
pub use value_builder::{DocumentText, Maker};
pub use values::Datum;
