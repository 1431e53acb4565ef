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
        title: "Link leads nowhere",
        description: "A symbolic link with the name of a manifest has no target, so that what it should declare is missing from the mesh.",
        help: "Mend the link, or delete it.",
        level: Level::Warning,
    },
    BuiltinRule {
        id: LINK_LEAVES_ROOT,
        title: "Link leaves the repository",
        description: "Symbolic links are not followed out of the root: what lies there is no part of the mesh, and a pull request could point anywhere.",
        help: "Move the files into the repository, or ignore the link.",
        level: Level::Note,
    },
    BuiltinRule {
        id: LINK_TO_UNJUDGED,
        title: "Link leads to a file that is not judged",
        description: "A symbolic link stands for its target, which is judged in its own place; this target is ignored, hidden, excluded or has no manifest's name, so nobody judges it.",
        help: "Put the manifest in the place of the link, or include its target.",
        level: Level::Note,
    },
    BuiltinRule {
        id: MISSING_SUBMODULE,
        title: "Commit of a submodule is not there",
        description: "A revision names a commit of a submodule that the clone does not have, so that part of the mesh is not known in that revision.",
        help: "Fetch the commit in the submodule.",
        level: Level::Error,
    },
    BuiltinRule {
        id: NAME_NOT_UTF8,
        title: "Name is not UTF-8",
        description: "A manifest whose path is not UTF-8 cannot be named in a report, and is not judged.",
        help: "Rename the file or the folder.",
        level: Level::Error,
    },
    BuiltinRule {
        id: SPECIAL_FILE,
        title: "Not a regular file",
        description: "Something with the name of a manifest is a pipe, a socket or a device. It is never opened.",
        help: "Delete it, or give it another name.",
        level: Level::Warning,
    },
    BuiltinRule {
        id: TOO_LARGE,
        title: "File is too large",
        description: "Files over the limit are not read, so that one of them cannot stop the run.",
        help: "Split the manifest, or exclude the file if it is data.",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNREADABLE_FILE,
        title: "File cannot be read",
        description: "A manifest that cannot be read is not judged.",
        help: "Let the user that runs govcheck read the file, or exclude it.",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNREADABLE_FOLDER,
        title: "Folder cannot be read",
        description: "Manifests below a folder that cannot be read are not judged.",
        help: "Let the user that runs govcheck read the folder, or exclude it.",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNREADABLE_REPOSITORY,
        title: "Git repository cannot be opened",
        description: "What git ignores is not known here, so that files are judged which git would leave out.",
        help: "Run `git status` in that folder, and mend what it says.",
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
    #[error("path leads out of the root")]
    OutsideRoot,
    /// The system's: no permission, gone, a bad disk.
    #[error("file cannot be read: {0}")]
    Io(#[source] io::Error),
}

fn too_large(size: Option<u64>, limit: u64) -> String {
    match size {
        Some(size) => format!("file has {size} bytes, more than the limit of {limit}"),
        None => format!("text has more than the limit of {limit} bytes"),
    }
}

impl ReadError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            ReadError::TooLarge { .. } => {
                "split the manifest, or add the file to `exclude` in `govcheck.yaml` if it is data"
            }
            ReadError::NotAFile => "name a regular file",
            ReadError::OutsideRoot => "name a file below the root of the mesh",
            ReadError::Io(error) => match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    "let the user that runs govcheck read it: `chmod +r`, or add it to `exclude` in `govcheck.yaml`"
                }
                io::ErrorKind::NotFound => "it was there a moment ago: run govcheck again",
                _ => "see whether another program can read it",
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
        assert_eq!(
            problem.message,
            "file has 9 bytes, more than the limit of 8"
        );
        assert!(problem.help.is_some());
    }
}
