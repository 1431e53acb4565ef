//! The JSON Schemas of format files, of shapes, and of govcheck's own registers. The keys of a field in a format
//! file follow from the model; those of a register follow from its format.

mod format;
mod register;

pub use format::format_schema;
pub use register::register_schema;

use serde_json::Value;

use crate::model::published::{self, SchemaName};

/// The JSON Schema (draft-07) of files of shapes.
pub fn shapes_schema() -> Value {
    published::publish_schema(include_str!("shapes.schema.json"), SchemaName::Shapes)
}
