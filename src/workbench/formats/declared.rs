//! The fields that a format reads from an example, and whether the example expects them.

use serde_json::Value;

use crate::policy::format_examples::{DeclaredFields, FormatExample};

/// What a format declares in an example: fields in the order of the format file, by the key of their entity.
pub type ReadFields = Vec<(String, Vec<(String, Value)>)>;

/// Whether an example expects exactly this.
pub fn is_expected(example: &FormatExample, read: &ReadFields) -> bool {
    example.declares.as_ref() == Some(&by_entity(read))
}

/// The same fields by name.
pub fn by_entity(read: &ReadFields) -> DeclaredFields {
    let mut entities = DeclaredFields::new();
    for (entity, fields) in read {
        let known = entities.entry(entity.clone()).or_default();
        known.extend(fields.iter().cloned());
    }
    entities
}
