//! What discover says: its rules, what it could not look at, and why a file could not be read.

use std::io;

use crate::model::rule::{BuiltinRule, Level};
use crate::model::text::RelPath;

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiscoveryProblem {
    /// Where, relative to the root; what is not UTF-8 in it is replaced by U+FFFD. `.` for the root.
    pub path: String,
    /// One of [`RULES`].
    pub rule: &'static str,
    /// What is wrong, names in backticks, no full stop.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
    /// Whether something may be left unjudged because of it: exit code 2.
    pub fatal: bool,
}

/// A base that is not whole in this clone.
pub const INCOMPLETE_BASE: &str = "discover/incomplete-base";
pub(super) const LFS_POINTER: &str = "discover/lfs-pointer";
pub(super) const MISSING_OBJECT: &str = "discover/missing-object";
pub(super) const SPARSE_CHECKOUT: &str = "discover/sparse-checkout";
pub(super) const NAME_NOT_UTF8: &str = "discover/name-not-utf8";
pub(super) const MISSING_SUBMODULE: &str = "discover/missing-submodule";
pub(super) const UNREADABLE_FOLDER: &str = "discover/unreadable-folder";
pub(super) const UNREADABLE_FILE: &str = "discover/unreadable-file";
pub(super) const TOO_LARGE: &str = "discover/too-large";
pub(super) const UNREADABLE_REPOSITORY: &str = "discover/unreadable-repository";
pub(super) const LINK_LEAVES_ROOT: &str = "discover/link-leaves-root";
pub(super) const LINK_TO_UNJUDGED: &str = "discover/link-to-unjudged";
pub(super) const BROKEN_LINK: &str = "discover/broken-link";
pub(super) const SPECIAL_FILE: &str = "discover/special-file";

/// All rules of this layer, sorted by id.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: BROKEN_LINK,
        title: "Broken symbolic link",
        description: "A symbolic link with a manifest's name has no target, so the entities it should declare are missing from the mesh.",
        help: "Point the link at an existing manifest, or delete it.",
        level: Level::Warning,
    },
    BuiltinRule {
        id: INCOMPLETE_BASE,
        title: "Base that is not whole",
        description: "Part of the base is missing from this clone. What the base had cannot be known, so nothing can be called new or fixed.",
        help: "Fetch what is missing.",
        level: Level::Error,
    },
    BuiltinRule {
        id: LFS_POINTER,
        title: "Manifest whose content Git LFS has not fetched",
        description: "The file is a pointer of Git LFS. Its content is not in this clone, so it is not checked.",
        help: "Fetch it with `git lfs pull`, or exclude the file.",
        level: Level::Error,
    },
    BuiltinRule {
        id: LINK_LEAVES_ROOT,
        title: "Symbolic link that leaves the repository",
        description: "Symbolic links are not followed out of the root: files outside are not part of the mesh, and a pull request could point a link anywhere.",
        help: "Move the files into the repository, or ignore the link.",
        level: Level::Note,
    },
    BuiltinRule {
        id: LINK_TO_UNJUDGED,
        title: "Symbolic link to an unchecked file",
        description: "A symbolic link is checked through its target. This target is ignored, hidden, excluded or does not have a manifest's name, so it is not checked at all.",
        help: "Replace the link with the manifest, or include its target.",
        level: Level::Note,
    },
    BuiltinRule {
        id: MISSING_OBJECT,
        title: "File that is missing from this clone",
        description: "A clone that was made with a filter has no content for some files of a revision, so they cannot be checked.",
        help: "Fetch what is missing with `git fetch --refetch --no-filter origin`.",
        level: Level::Error,
    },
    BuiltinRule {
        id: MISSING_SUBMODULE,
        title: "Missing submodule",
        description: "A submodule, or the commit of it that a revision refers to, is not in this clone, so part of the mesh is unknown.",
        help: "Fetch it with `git submodule update --init`, or exclude its folder.",
        level: Level::Error,
    },
    BuiltinRule {
        id: NAME_NOT_UTF8,
        title: "File name that is not UTF-8",
        description: "A manifest whose path is not UTF-8 cannot be named in a report, so it is not checked.",
        help: "Rename the file or the folder.",
        level: Level::Error,
    },
    BuiltinRule {
        id: SPARSE_CHECKOUT,
        title: "Manifests outside a sparse checkout",
        description: "A sparse checkout leaves files of the mesh out of the working tree, so they are not checked, and references to them seem to lead nowhere.",
        help: "Run `git sparse-checkout disable`, or check the commit itself with `--head HEAD`.",
        level: Level::Error,
    },
    BuiltinRule {
        id: SPECIAL_FILE,
        title: "Manifest that is not a regular file",
        description: "A pipe, socket or device has a manifest's name. It is never opened.",
        help: "Delete or rename it.",
        level: Level::Warning,
    },
    BuiltinRule {
        id: TOO_LARGE,
        title: "File over the size limit",
        description: "Files over the size limit are not read, so that a single file cannot exhaust memory.",
        help: "Split the manifest, or exclude the file if it is data.",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNREADABLE_FILE,
        title: "Unreadable file",
        description: "A manifest that cannot be read is not checked.",
        help: "Grant the user that runs govcheck read access to the file, or exclude it.",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNREADABLE_FOLDER,
        title: "Unreadable folder",
        description: "Manifests in a folder that cannot be read are not checked.",
        help: "Grant the user that runs govcheck read access to the folder, or exclude it.",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNREADABLE_REPOSITORY,
        title: "Unreadable Git repository",
        description: "The repository's ignore rules are unknown, so files that git ignores are checked too.",
        help: "Run `git status` in that folder and fix the error it reports.",
        level: Level::Warning,
    },
];

impl DiscoveryProblem {
    /// A submodule that is not checked out.
    pub(super) fn absent_submodule(path: String) -> Self {
        Self {
            message: format!("submodule `{path}` is not checked out, so its files are not checked"),
            help: Some(format!(
                "run `git submodule update --init {path}`, or add `{path}/**` to `exclude` in `govcheck.yaml`"
            )),
            path,
            rule: MISSING_SUBMODULE,
            fatal: true,
        }
    }
}

/// Whether a finding of a base says that the base is not whole in this clone.
pub fn says_incomplete(rule: &str) -> bool {
    [MISSING_OBJECT, MISSING_SUBMODULE, LFS_POINTER].contains(&rule)
}

/// What completes a clone that was made with a filter.
pub(super) const COMPLETE: &str = "fetch what is missing with `git fetch --refetch --no-filter origin`; in a workflow, remove `filter` and `sparse-checkout` under `with:` of actions/checkout";

/// A problem with the help of its rule.
pub(super) fn problem_with_help(
    rule: &'static str,
    path: String,
    message: String,
    fatal: bool,
) -> DiscoveryProblem {
    let help = RULES
        .iter()
        .find(|known| known.id == rule)
        .map(|known| known.help.to_owned());
    DiscoveryProblem {
        path,
        rule,
        message,
        help,
        fatal,
    }
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The user's: the file is over the limit. Its head was read, no more.
    #[error("{}", too_large(*size, *limit))]
    TooLarge {
        /// Bytes; at least this many if the file grew while it was read. `None` for a text that was not read to its end.
        size: Option<u64>,
        /// Bytes.
        limit: u64,
        /// Its first bytes, to see whether it looks like a manifest.
        head: Vec<u8>,
    },
    /// The user's: a folder, link, pipe, socket or device.
    #[error("not a regular file")]
    NotAFile,
    /// The user's: the path, or where its links lead, is not below the root.
    #[error("path leads outside the root")]
    OutsideRoot,
    /// The clone's: the content of the file is not in it.
    #[error("content of the file is missing from this clone: git object {object}")]
    Missing {
        /// The id of the object.
        object: String,
    },
    /// The clone's: the file is a pointer of Git LFS, and its content was not fetched.
    #[error("file is a pointer of Git LFS, and its content is not in this clone")]
    LfsPointer,
    /// The system's: no permission, gone, a bad disk.
    #[error("file cannot be read: {0}")]
    Io(#[source] io::Error),
}

fn too_large(size: Option<u64>, limit: u64) -> String {
    match size {
        Some(size) => format!("file has {size} bytes, over the limit of {limit}"),
        None => format!("text is over the limit of {limit} bytes"),
    }
}

impl ReadError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            ReadError::TooLarge { .. } => {
                "split the manifest, or add the file to `exclude` in `govcheck.yaml` if it is data"
            }
            ReadError::NotAFile => "pass the path of a regular file",
            ReadError::OutsideRoot => "pass the path of a file below the root of the mesh",
            ReadError::Missing { .. } => COMPLETE,
            ReadError::LfsPointer => {
                "fetch it with `git lfs pull`, or add the file to `exclude` in `govcheck.yaml`"
            }
            ReadError::Io(error) => match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    "grant read access with `chmod +r`, or add the file to `exclude` in `govcheck.yaml`"
                }
                io::ErrorKind::NotFound => {
                    "the file disappeared during the run; run govcheck again"
                }
                _ => "check whether another program can read the file",
            },
        }
    }

    /// The finding on `path`.
    pub fn problem(&self, path: &RelPath) -> DiscoveryProblem {
        let rule = match self {
            ReadError::TooLarge { .. } => TOO_LARGE,
            ReadError::Missing { .. } => MISSING_OBJECT,
            ReadError::LfsPointer => LFS_POINTER,
            ReadError::NotAFile | ReadError::OutsideRoot | ReadError::Io(_) => UNREADABLE_FILE,
        };
        DiscoveryProblem {
            path: path.to_string(),
            rule,
            message: self.to_string(),
            help: Some(self.help().to_owned()),
            fatal: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_of_this_category() {
        assert!(RULES.iter().map(|rule| rule.id).is_sorted());
        assert!(RULES.iter().all(|rule| rule.id.starts_with("discover/")));
    }

    #[test]
    fn a_read_error_becomes_a_fatal_problem_with_help() {
        let error = ReadError::TooLarge {
            size: Some(9),
            limit: 8,
            head: Vec::new(),
        };
        let problem = error.problem(&RelPath::new("a.yaml"));
        assert_eq!((problem.rule, problem.fatal), (TOO_LARGE, true));
        assert_eq!(problem.message, "file has 9 bytes, over the limit of 8");
        assert!(problem.help.is_some());
    }
}
