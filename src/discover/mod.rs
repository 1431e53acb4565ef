//! Discover: which files of a mesh are candidates for manifests, and their bytes.
//! It looks at names, never at contents: what a file is, lift decides.

use crate::model::text::RelPath;

mod folders;
mod git;
mod identity;
mod lfs;
mod memory;
mod negation;
mod overlay;
mod patterns;
mod problem;
mod renames;
mod repository;
mod revision;
mod root;
mod source;
mod stat;
mod template;
mod visit;
mod walk;
#[cfg(test)]
mod walk_tests;
mod working_tree;

pub use git::{GitFolder, git_folder};
pub use identity::{ContentId, Identity, identify_bytes};
pub use memory::Memory;
pub use overlay::{Overlay, OverlayText};
pub use patterns::{PatternError, Patterns};
pub use problem::{DiscoveryProblem, INCOMPLETE_BASE, RULES, ReadError, says_incomplete};
pub use renames::find_renames;
pub use revision::{INDEX, KnownTrees, Revision, RevisionError, Tree, is_bare};
pub use root::{CONFIG_FILE, FoundBy, Root, RootError, find_root};
pub use source::{FileReader, FileSource, Listing};
pub use stat::Stat;
pub use template::template_pattern;
pub use walk::{Walk, WalkOptions};

/// The files that are one of `scope` or lie below one of it, by whole components: `a/b` covers `a/b/c`, not `a/bc`.
/// An empty scope, or an empty path in it, covers everything.
pub fn files_under<'a>(files: &'a [RelPath], scope: &[RelPath]) -> Vec<&'a RelPath> {
    files
        .iter()
        .filter(|file| scope.is_empty() || scope.iter().any(|folder| covers_file(folder, file)))
        .collect()
}

/// Whether `file` is `folder` or lies below it.
pub fn covers_file(folder: &RelPath, file: &RelPath) -> bool {
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
            files_under(&files, &scope)
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
