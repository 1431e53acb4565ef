//! Discover: which files of a mesh are candidates for manifests, and their bytes.
//! It looks at names, never at contents: what a file is, lift decides.

use std::sync::Arc;

use crate::model::text::RelPath;

mod git;
mod memory;
mod negation;
mod overlay;
mod patterns;
mod problem;
mod renames;
mod revision;
mod root;
mod stat;
mod visit;
mod walk;
#[cfg(test)]
mod walk_tests;

pub use git::{GitFolder, git_folder};
pub use memory::Memory;
pub use overlay::{Overlay, OverlayText};
pub use patterns::{PatternError, Patterns};
pub use problem::{Problem, RULES, ReadError};
pub use renames::renames;
pub use revision::{KnownTrees, Revision, RevisionError, Tree, is_bare};
pub use root::{CONFIG_FILE, FoundBy, Root, RootError, find_root};
pub use stat::Stat;
pub use walk::{Walk, WalkOptions};

/// Where files come from: a folder on disk, or a git revision's tree.
pub trait FileSource: Sync {
    /// All candidates, and what stood in the way of finding them.
    fn list(&self) -> Listing;

    /// The bytes of one file. A path that [`list`](FileSource::list) did not give may be asked for; it must lie below the root.
    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError>;

    /// A way to read files when this is gone.
    fn reader(&self) -> Arc<Reader>;

    /// The identity of a file's bytes, where it is known without reading them.
    fn content(&self, _path: &RelPath) -> Option<ContentId> {
        None
    }

    /// What the file system says of a file without opening it, if it is on one.
    fn stat(&self, _path: &RelPath) -> Option<Stat> {
        None
    }
}

/// Reads the bytes of a file; none if it can't be read.
pub type Reader = dyn Fn(&RelPath) -> Option<Vec<u8>> + Send + Sync;

/// The identity of a file's bytes: the id that git gives a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentId(git2::Oid);

impl ContentId {
    /// The identity of these bytes; none if the hash can't be taken.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        git2::Oid::hash_object(git2::ObjectType::Blob, bytes)
            .ok()
            .map(Self)
    }

    /// Its 20 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// From its bytes; none if there are not 20.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        git2::Oid::from_bytes(bytes).ok().map(Self)
    }
}

/// What a [`FileSource`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Candidates for manifests, sorted, each once.
    pub files: Vec<RelPath>,
    /// What could not be looked at, sorted by path.
    pub problems: Vec<Problem>,
    /// How many files and folders were looked at to find them; what an ignored folder holds is not counted.
    pub visited: usize,
}

/// The files that are one of `scope` or lie below one of it, by whole components: `a/b` covers `a/b/c`, not `a/bc`.
/// An empty scope, or an empty path in it, covers everything.
pub fn under<'a>(files: &'a [RelPath], scope: &[RelPath]) -> Vec<&'a RelPath> {
    files
        .iter()
        .filter(|file| scope.is_empty() || scope.iter().any(|folder| covers(folder, file)))
        .collect()
}

/// Whether `file` is `folder` or lies below it.
pub fn covers(folder: &RelPath, file: &RelPath) -> bool {
    let folder = folder.as_str().trim_end_matches('/');
    if folder.is_empty() || folder == "." {
        return true;
    }
    match file.as_str().strip_prefix(folder) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_covers_by_component() {
        let files: Vec<RelPath> = ["a/b/c.yaml", "a/b.yaml", "a/bc/d.yaml", "e.yaml"]
            .map(RelPath::new)
            .into();
        let of = |scope: &[&str]| -> Vec<String> {
            let scope: Vec<RelPath> = scope.iter().map(|path| RelPath::new(*path)).collect();
            under(&files, &scope)
                .into_iter()
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!(of(&["a/b"]), ["a/b/c.yaml"]);
        assert_eq!(of(&["a/b/"]), ["a/b/c.yaml"]);
        assert_eq!(of(&["e.yaml", "a/bc"]), ["a/bc/d.yaml", "e.yaml"]);
        assert_eq!(of(&[]).len(), 4);
        assert_eq!(of(&["."]).len(), 4);
        assert_eq!(of(&["x"]), [""; 0]);
    }
}
