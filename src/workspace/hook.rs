//! The git hook that govcheck runs in, from the environment.

use std::path::PathBuf;

/// The environment of a hook; empty outside of one.
#[derive(Debug, Clone, Default)]
pub struct Hook {
    /// The index of the commit that is being made, where git names it: with `git commit --all` or a path it is not `.git/index`.
    pub index_file: Option<PathBuf>,
    /// What pre-commit says. `None` unless it runs govcheck.
    pub pre_commit: Option<PreCommit>,
}

/// What pre-commit runs its hooks for.
#[derive(Debug, Clone, Default)]
pub struct PreCommit {
    /// The revisions between which it looks for changes, from `--from-ref` and `--to-ref` or from a push. `None` for a commit or
    /// for all files.
    pub between: Option<(String, String)>,
}

impl Hook {
    /// Reads the environment; `value` gives no empty variable.
    pub(crate) fn read(value: &dyn Fn(&str) -> Option<String>) -> Self {
        let from = value("PRE_COMMIT_FROM_REF");
        let between = from.zip(value("PRE_COMMIT_TO_REF"));
        Self {
            index_file: value("GIT_INDEX_FILE").map(PathBuf::from),
            pre_commit: value("PRE_COMMIT").map(|_| PreCommit { between }),
        }
    }
}
