//! What a page explains, and the mark by which govcheck knows its own pages.

use crate::model::rule::Rule;
use crate::policy::examples::Example;

/// The first line of a page.
pub(super) const MARK: &str = "<!-- Written by `govcheck policy docs` from METADATA and examples. Edit those, not this file. -->";

/// The start of a page that govcheck wrote, now or in an earlier version, and may overwrite.
pub(super) const MARK_START: &str = "<!-- Written by `govcheck policy docs`";

/// A rule and its examples.
pub(super) struct Explained<'r> {
    pub(super) rule: &'r Rule,
    pub(super) examples: Vec<Example>,
}
