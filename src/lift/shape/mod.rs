//! What a document of a format must look like, version by version: compiled from `formats/shapes/*.yaml`.
//! Holds the compiled form; `compile` makes it, `validate` holds documents against it, `say` words what is wrong.

mod compile;
mod compile_scalar;
mod edition;
mod fields;
mod known_keys;
mod promised;
mod same;
mod say;
#[cfg(test)]
mod tests;
mod validate;

pub use compile::{compile_known, compile_shapes};
pub use edition::Shapes;
pub use promised::Promised;
pub use validate::{MOST_VIOLATIONS, Violation, find_violations};

use edition::{
    By, Edition, ListRule, NumberBounds, RecordKeys, RecordShape, Shape, ShapeId, ShapeKey,
    StandardVersion, TextRule, ValueKinds, When,
};
