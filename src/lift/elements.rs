//! What a part of a format file walks.

use super::format::{KeyField, NamedField};
use super::path::SourcePath;
use crate::model::document::Reached;

/// What is walked, and what each element becomes.
pub(super) struct Elements<'e> {
    /// The mapping with `each`, `key` and `fields`.
    pub(super) at: Reached,
    pub(super) each: &'e [SourcePath],
    pub(super) recurse: &'e [SourcePath],
    pub(super) key: &'e [KeyField],
    pub(super) fields: &'e [NamedField],
    /// Whether there are always several of them, so that a path to one value is a mistake.
    pub(super) are_several: bool,
}
