//! The part of a format that describes its context file.

use std::sync::Arc;

use super::path::SourcePath;

/// The part of a format that describes its context file.
#[derive(Debug, Clone)]
pub(crate) struct ContextSpec {
    /// Its name, without folders.
    pub(crate) file: Arc<str>,
    pub(crate) scopes: Vec<(Arc<str>, ContextScope)>,
}

/// A tree of settings in a context file, with folders as keys.
#[derive(Debug, Clone)]
pub(crate) struct ContextScope {
    /// The tree.
    pub(crate) tree: SourcePath,
    /// A value whose text is the first key below the tree: the name of the project.
    pub(crate) under: Option<SourcePath>,
    /// Values that name the folders, below the file, from which the keys count.
    pub(crate) folders: Option<SourcePath>,
    /// Such folders where the file names none.
    pub(crate) default_folders: Vec<String>,
    /// Texts of the element that are the keys below those of the folders: its own name.
    pub(crate) leaf: Vec<SourcePath>,
}
