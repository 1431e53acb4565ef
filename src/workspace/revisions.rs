//! The revisions that a run is about: base, head, and the one that judges.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::hook::Hook;
use crate::discover::{INDEX, RevisionError, Tree, is_bare};
use crate::model::comparison::RevisionName;

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RevisionArguments {
    /// Compare with the commit where this branch left REV; fail on new findings only
    #[arg(long, value_name = "REV", help_heading = "Revisions")]
    pub(crate) base: Option<String>,
    /// Check this revision instead of the working tree, without a checkout
    #[arg(long, value_name = "REV", help_heading = "Revisions")]
    pub(crate) head: Option<String>,
    /// Check the index instead of the working tree; compare with --base or else HEAD
    #[arg(long, conflicts_with = "head", help_heading = "Revisions")]
    pub(crate) staged: bool,
    /// Take config, packs, waivers, baseline and registers from this revision, so that a change cannot weaken its own checks
    #[arg(long, value_name = "REV", help_heading = "Revisions")]
    pub(crate) policies_from: Option<String>,
    /// Report only on changed files, compared with --base or else HEAD; under pre-commit with what it runs for
    #[arg(long, help_heading = "Revisions")]
    pub(crate) changed: bool,
    /// Whether `base` is compared as it is, not where the head left it.
    #[arg(skip)]
    pub(crate) exact: bool,
    /// The index of the commit that is being made, where git names one.
    #[arg(skip)]
    pub(crate) index_file: Option<PathBuf>,
    /// Whether pre-commit runs this without naming revisions: for a commit, or for all files.
    #[arg(skip)]
    pub(crate) in_pre_commit: bool,
}

/// A commit or the index, with the name that the user gave it.
pub(crate) struct NamedCommit {
    pub(crate) tree: Tree,
    pub(crate) name: RevisionName,
}

/// The commits of a run.
#[derive(Default)]
pub(crate) struct Revisions {
    pub(crate) base: Option<NamedCommit>,
    pub(crate) head: Option<NamedCommit>,
    pub(crate) policies: Option<NamedCommit>,
    pub(crate) changed_only: bool,
    /// Whether the head is the index.
    pub(crate) is_staged: bool,
    /// Whether the run is only about a change, so that a run without changes judges nothing.
    pub(crate) needs_change: bool,
}

impl RevisionArguments {
    /// The same with what the hook says that govcheck runs in. Revisions of the command line come first.
    ///
    /// # Errors
    /// A revision of pre-commit could be taken for an option.
    pub(crate) fn with_hook(&self, hook: &Hook) -> Result<Self, Failure> {
        let mut arguments = self.clone();
        arguments.index_file.clone_from(&hook.index_file);
        let is_named = self.base.is_some() || self.head.is_some() || self.staged;
        let Some(pre_commit) = hook
            .pre_commit
            .as_ref()
            .filter(|_| self.changed && !is_named)
        else {
            return Ok(arguments);
        };
        let Some((from, to)) = &pre_commit.between else {
            arguments.in_pre_commit = true;
            return Ok(arguments);
        };
        for (variable, name) in [("PRE_COMMIT_FROM_REF", from), ("PRE_COMMIT_TO_REF", to)] {
            if name.starts_with('-') {
                return Err(Failure::usage(
                    format!("`{variable}` is `{name}`, which is not a revision"),
                    "pass a branch, tag or commit to `pre-commit run --from-ref` and `--to-ref`",
                ));
            }
        }
        arguments.base = Some(from.clone());
        arguments.head = Some(to.clone());
        Ok(arguments)
    }

    /// The files that pre-commit runs for, by the index: nothing staged means all files. While git makes a commit, its index is
    /// judged: files of the working tree that are not staged are no part of it.
    fn as_staged(&self, root: &Path) -> Result<Self, Failure> {
        let mut arguments = self.clone();
        if !self.in_pre_commit {
            return Ok(arguments);
        }
        let index = Tree::of_index(root, self.index_file.as_deref())?;
        let is_for_all = committed(root)?.is_some_and(|head| index.has_content_of(&head));
        arguments.changed = !is_for_all;
        arguments.staged = !is_for_all && self.index_file.is_some();
        Ok(arguments)
    }

    /// The tree to judge. `None` for the working tree.
    ///
    /// # Errors
    /// There is no such revision, or the index can't be read.
    pub(crate) fn open_head(&self, root: &Path) -> Result<Option<NamedCommit>, Failure> {
        match self.staged {
            true => {
                let tree = Tree::of_index(root, self.index_file.as_deref())?;
                Ok(Some(named(tree, INDEX)))
            }
            false => open_revision(root, self.head.as_deref()),
        }
    }
}

impl From<RevisionError> for Failure {
    fn from(error: RevisionError) -> Self {
        Self::usage(error.to_string(), error.help())
    }
}

impl Revisions {
    /// Finds the commits in the repository around the root of the mesh.
    pub(crate) fn open(root: &Path, arguments: &RevisionArguments) -> Result<Self, Failure> {
        let arguments = &arguments.as_staged(root)?;
        let head = arguments.open_head(root)?;
        let asked = arguments.base.is_some() || arguments.changed;
        if asked && head.is_none() && is_bare(root) {
            let root = root.display().to_string();
            return Err(RevisionError::Bare { root }.into());
        }
        let base = match &arguments.base {
            Some(name) if arguments.exact => open_revision(root, Some(name))?,
            Some(name) => {
                let head = arguments.head.as_deref().unwrap_or("HEAD");
                Some(named(Tree::merge_base(root, name, head)?, name))
            }
            None if arguments.changed || arguments.staged => match &arguments.head {
                // What the commit changed.
                Some(head) => open_revision(root, Some(&format!("{head}~1")))?,
                // The first commit is still to be made: it adds everything.
                None => committed(root)?.map(|tree| named(tree, "HEAD")),
            },
            None => None,
        };
        Ok(Self {
            base,
            head,
            policies: open_revision(root, arguments.policies_from.as_deref())?,
            changed_only: arguments.changed,
            is_staged: arguments.staged,
            needs_change: arguments.changed || arguments.staged,
        })
    }
}

/// A revision by its name, if one is asked for.
pub(crate) fn open_revision(
    root: &Path,
    name: Option<&str>,
) -> Result<Option<NamedCommit>, Failure> {
    match name {
        Some(name) => Ok(Some(named(Tree::open(root, name)?, name))),
        None => Ok(None),
    }
}

/// The commit that the next one follows. `None` before the first.
fn committed(root: &Path) -> Result<Option<Tree>, RevisionError> {
    match Tree::open(root, "HEAD") {
        Err(RevisionError::Unborn { .. }) => Ok(None),
        tree => tree.map(Some),
    }
}

fn named(tree: Tree, given: &str) -> NamedCommit {
    let name = RevisionName {
        given: given.to_owned(),
        commit: tree.name(),
    };
    NamedCommit { tree, name }
}
