//! Why a revision can't be read, and what to do about it.

use crate::discover::problem::COMPLETE;

/// Why a revision can't be read. The user's.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// There is no repository around the mesh.
    #[error("`{root}` is not in a git repository")]
    NoRepository {
        /// The root of the mesh.
        root: String,
    },
    /// The name does not lead to a commit.
    #[error("unknown revision `{name}`")]
    Unknown {
        /// As the user wrote it.
        name: String,
        /// Whether the clone is a shallow one, which may be why.
        shallow: bool,
    },
    /// The branch has no commit yet.
    #[error("`{name}` has no commit yet")]
    Unborn {
        /// As the user wrote it.
        name: String,
    },
    /// Two revisions without a common ancestor here.
    #[error("`{base}` and `{head}` have no common ancestor{}", if *.shallow { " in this clone" } else { "" })]
    Unrelated {
        /// As the user wrote it.
        base: String,
        /// As the user wrote it.
        head: String,
        /// Whether the clone is a shallow one, which may be why.
        shallow: bool,
    },
    /// A bare repository has no working tree to judge.
    #[error("`{root}` is a bare repository without a working tree to check")]
    Bare {
        /// The repository.
        root: String,
    },
    /// The merge base that a shallow clone shows may not be the real one.
    #[error("this shallow clone does not show where `{head}` left `{base}`")]
    Unproved {
        /// As the user wrote it.
        base: String,
        /// As the user wrote it.
        head: String,
    },
    /// A clone without some objects of a revision.
    #[error("this clone lacks files of `{name}`: {reason}")]
    Incomplete {
        /// The commit.
        name: String,
        /// Which object, in git's words.
        reason: String,
    },
    /// Git does not trust the repository.
    #[error("`{root}` belongs to another user, so git does not open it")]
    OtherOwner {
        /// The root of the mesh.
        root: String,
    },
    /// A merge is not finished: the index holds several versions of a file.
    #[error("the index has unresolved conflicts")]
    Conflicted,
    /// An index in a form that libgit2 can't read.
    #[error("cannot read the index: {reason}")]
    Index {
        /// In libgit2's words.
        reason: String,
    },
    /// Anything else that git says.
    #[error("git: {0}")]
    Git(#[from] git2::Error),
}

impl RevisionError {
    /// What to do next.
    pub fn help(&self) -> String {
        let deepen = "fetch the full history: this clone is shallow; run `git fetch --unshallow`, or in a workflow set `fetch-depth: 0` under `with:` of actions/checkout";
        match self {
            Self::NoRepository { .. } => "run govcheck inside a clone of the repository".to_owned(),
            Self::Unknown { shallow: true, .. } | Self::Unrelated { shallow: true, .. } => {
                deepen.to_owned()
            }
            Self::Unknown { name, .. } => {
                format!(
                    "run `git rev-parse {name}` to see how git resolves it; fetch a remote branch first with `git fetch`"
                )
            }
            Self::Unproved { .. } => deepen.to_owned(),
            Self::Incomplete { .. } => COMPLETE.to_owned(),
            Self::OtherOwner { root } => format!(
                "if you trust it, run `git config --global --add safe.directory {root}`"
            ),
            Self::Unborn { .. } => "commit something first, or run govcheck without `--base`".to_owned(),
            Self::Unrelated { .. } => {
                "name a base that the branch started from, or compare any two revisions with `govcheck diff`".to_owned()
            }
            Self::Bare { .. } => "compare two revisions with `govcheck diff`".to_owned(),
            Self::Conflicted => "resolve the conflicts, then run `git add` on each file".to_owned(),
            Self::Index { .. } => {
                "if the index is split or sparse, run `git update-index --no-split-index` or `git sparse-checkout reapply --no-sparse-index`".to_owned()
            }
            Self::Git(_) => "check that `git status` works in this folder".to_owned(),
        }
    }
}
