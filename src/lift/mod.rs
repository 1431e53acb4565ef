//! Formats: recognise a document, lift it into entities, find the way back from a model path to the source.
//! The formats themselves are data (`policies/formats/*.yaml`); no standard's field name occurs here.

mod compile;
mod compile_context;
mod compile_each;
mod compile_hints;
mod compile_path;
mod condition;
mod context;
mod context_spec;
mod elements;
mod entities;
mod explain;
mod format;
pub mod json_schema;
mod lack;
mod levels;
mod lifter;
mod locate;
mod misspelling;
mod near_miss;
mod path;
mod pattern;
mod reader;
mod reference;
mod route;
mod scalar;
pub mod schema;
pub mod shape;
mod value;

#[cfg(test)]
mod language_tests;
#[cfg(test)]
mod tests;

pub use compile::{compile_format, compile_known};
pub use context::Contexts;
pub(crate) use entities::lift_as;
pub use entities::lift_document;
pub use explain::{
    CheckedCondition, ConditionGroup, DeclaredKind, FoundValue, Recognition, explain_formats,
};
pub(crate) use format::Declaration;
pub use format::Format;
pub(crate) use locate::item_name;
pub use locate::{Located, locate_from, locate_path};
pub(crate) use near_miss::{
    NearMiss, hints_in_broken_text, hints_in_bytes, hints_in_json, near_miss,
};
pub use reader::FormatError;

use crate::model::document::Document;
use crate::model::text::SourceText;

/// Which formats say that a document is theirs. More than one is a mistake in the format files.
pub fn recognise_document<'f>(
    formats: &'f [Format],
    document: &Document,
    text: &SourceText,
) -> Vec<&'f Format> {
    formats
        .iter()
        .filter(|format| format.recognises(document, text))
        .collect()
}
