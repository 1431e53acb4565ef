//! The revisions that a run is about: base, head, and the one that judges.

use std::path::Path;

use clap::Args;

use super::failure::Failure;
use crate::discover::{RevisionError, Tree, is_bare};
use crate::model::comparison::RevisionName;

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RevisionArguments {
    /// Compare with the commit where this branch left REV; fail on new findings only
    #[arg(long, value_name = "REV", help_heading = "Revisions")]
    pub(crate) base: Option<String>,
    /// Check this revision instead of the working tree, without a checkout
    #[arg(long, value_name = "REV", help_heading = "Revisions")]
    pub(crate) head: Option<String>,
    /// Take config, packs, waivers, baseline and registers from this revision, so that a change cannot weaken its own checks
    #[arg(long, value_name = "REV", help_heading = "Revisions")]
    pub(crate) policies_from: Option<String>,
    /// Report only on changed files, compared with --base or else HEAD
    #[arg(long, help_heading = "Revisions")]
    pub(crate) changed: bool,
    /// Whether `base` is compared as it is, not where the head left it.
    #[arg(skip)]
    pub(crate) exact: bool,
}

/// A commit with the name that the user gave it.
pub(crate) struct Named {
    pub(crate) tree: Tree,
    pub(crate) name: RevisionName,
}

/// The commits of a run.
#[derive(Default)]
pub(crate) struct Revisions {
    pub(crate) base: Option<Named>,
    pub(crate) head: Option<Named>,
    pub(crate) policies: Option<Named>,
    pub(crate) changed_only: bool,
}

impl From<RevisionError> for Failure {
    fn from(error: RevisionError) -> Self {
        Self::usage(error.to_string(), error.help())
    }
}

impl Revisions {
    /// Finds the commits in the repository around the root of the mesh.
    pub(crate) fn open(root: &Path, arguments: &RevisionArguments) -> Result<Self, Failure> {
        let head = open(root, arguments.head.as_deref())?;
        let asked = arguments.base.is_some() || arguments.changed;
        if asked && head.is_none() && is_bare(root) {
            let root = root.display().to_string();
            return Err(RevisionError::Bare { root }.into());
        }
        let base = match &arguments.base {
            Some(name) if arguments.exact => open(root, Some(name))?,
            Some(name) => {
                let head = arguments.head.as_deref().unwrap_or("HEAD");
                Some(named(Tree::merge_base(root, name, head)?, name))
            }
            None if arguments.changed => match &arguments.head {
                // What the commit changed.
                Some(head) => open(root, Some(&format!("{head}~1")))?,
                None => match Tree::open(root, "HEAD") {
                    // The first commit is still to be made: it adds everything.
                    Err(RevisionError::Unborn { .. }) => None,
                    tree => Some(named(tree?, "HEAD")),
                },
            },
            None => None,
        };
        Ok(Self {
            base,
            head,
            policies: open(root, arguments.policies_from.as_deref())?,
            changed_only: arguments.changed,
        })
    }
}

/// A revision by its name, if one is asked for.
pub(crate) fn open(root: &Path, name: Option<&str>) -> Result<Option<Named>, Failure> {
    match name {
        Some(name) => Ok(Some(named(Tree::open(root, name)?, name))),
        None => Ok(None),
    }
}

fn named(tree: Tree, given: &str) -> Named {
    let name = RevisionName {
        given: given.to_owned(),
        commit: tree.name(),
    };
    Named { tree, name }
}
