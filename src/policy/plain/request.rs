//! What plain policies to load, and how.

use std::collections::BTreeSet;

use super::data::DataSource;
use crate::model::text::RelPath;
use crate::policy::engine::RegoVersion;
use crate::policy::source::PackSource;

/// What to load.
#[derive(Debug, Clone, Default)]
pub struct PlainRequest {
    /// Folders and files of modules.
    pub policies: Vec<PackSource>,
    /// What `data` holds.
    pub data: Vec<DataSource>,
    /// Namespaces to ask, or patterns of them; none for `main`.
    pub namespaces: Vec<String>,
    /// Whether to ask every namespace that has rules.
    pub all_namespaces: bool,
    /// Whether all documents are one input.
    pub combine: bool,
    /// The version of Rego.
    pub version: RegoVersion,
    /// Files that are not input: govcheck's own configuration.
    pub spared: BTreeSet<RelPath>,
}
