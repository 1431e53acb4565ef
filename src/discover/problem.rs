//! What discover says: its rules, what it could not look at, and why a file could not be read.

use std::io;

use crate::model::rule::{BuiltinRule, Level};
use crate::model::text::RelPath;

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
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
        id: MISSING_SUBMODULE,
        title: "Missing submodule commit",
        description: "A revision refers to a submodule commit that this clone does not have, so part of the mesh is unknown in that revision.",
        help: "Fetch the commit in the submodule.",
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
    pub fn problem(&self, path: &RelPath) -> Problem {
        let rule = match self {
            ReadError::TooLarge { .. } => TOO_LARGE,
            ReadError::NotAFile | ReadError::OutsideRoot | ReadError::Io(_) => UNREADABLE_FILE,
        };
        Problem {
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
