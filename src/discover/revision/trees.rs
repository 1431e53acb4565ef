//! What git's trees hold of a mesh. The folders below the upper ones are listed side by side, and those that an earlier run
//! has listed are taken from there: a tree's id says all that is in it.

use std::path::PathBuf;
use std::sync::Mutex;

use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};
use rayon::prelude::*;

use super::{ContentId, LINK, REGULAR, Walk, lock_repository};
use crate::discover::problem::{DiscoveryProblem, NAME_NOT_UTF8};

/// So many levels of folders are listed at once, each folder below them by itself: two, unless there are too many then.
const UPPER: [usize; 2] = [2, 1];

/// More folders than this are not listed each by itself.
const FOLDERS: usize = 500;

/// Listings of trees that earlier runs left.
pub trait KnownTrees: Sync {
    /// The files of a tree, by all that its listing follows from.
    fn recall(&self, tree: &[&[u8]]) -> Option<Vec<(String, ContentId)>>;

    /// Remembers them.
    fn keep(&self, tree: &[&[u8]], files: &[(String, ContentId)]);
}

/// What was found in a tree.
#[derive(Default)]
pub(super) struct TreeListing {
    /// Regular files that are wanted, with their blobs.
    pub(super) files: Vec<(String, ContentId)>,
    pub(super) problems: Vec<DiscoveryProblem>,
    /// Symbolic links that are wanted, with their blobs.
    pub(super) symlinks: Vec<(String, Oid)>,
    /// Submodules, with their commits.
    pub(super) links: Vec<(String, Oid)>,
    /// Trees that are left to list.
    folders: Vec<(String, Oid)>,
}

/// How trees are listed.
#[derive(Clone, Copy)]
pub(super) struct Lister<'l> {
    pub(super) selection: &'l Walk,
    pub(super) known: Option<&'l dyn KnownTrees>,
}

impl Lister<'_> {
    /// What a tree holds; `below` is the way to it, with a `/` at its end if it has one.
    pub(super) fn list(
        self,
        repository: &Mutex<Repository>,
        tree: Oid,
        below: &str,
    ) -> Result<TreeListing, git2::Error> {
        let (mut all, place) = {
            let repository = lock_repository(repository);
            let mut all = TreeListing::default();
            for levels in UPPER {
                all = self.walk(&repository, tree, below, levels)?;
                if all.folders.len() <= FOLDERS {
                    break;
                }
            }
            (all, repository.path().to_owned())
        };
        let folders = std::mem::take(&mut all.folders);
        let parts: Vec<Result<TreeListing, git2::Error>> = folders
            .par_iter()
            .map_init(
                || None,
                |own, (folder, tree)| self.folder(own, &place, *tree, folder),
            )
            .collect();
        for part in parts {
            let part = part?;
            all.files.extend(part.files);
            all.problems.extend(part.problems);
            all.symlinks.extend(part.symlinks);
            all.links.extend(part.links);
        }
        Ok(all)
    }

    /// The same by one thread, for a tree that no other repository knows.
    pub(super) fn list_in_one_go(
        self,
        repository: &Mutex<Repository>,
        tree: Oid,
    ) -> Result<TreeListing, git2::Error> {
        self.walk(&lock_repository(repository), tree, "", usize::MAX)
    }

    /// A whole folder. A thread has a repository of its own, from when it needs one: libgit2 reads from one thread at a time.
    fn folder(
        self,
        own: &mut Option<Repository>,
        place: &PathBuf,
        tree: Oid,
        folder: &str,
    ) -> Result<TreeListing, git2::Error> {
        let parts: [&[u8]; 3] = [
            self.selection.patterns(),
            folder.as_bytes(),
            tree.as_bytes(),
        ];
        if let Some(files) = self.known.and_then(|known| known.recall(&parts)) {
            return Ok(TreeListing {
                files,
                ..TreeListing::default()
            });
        }
        let repository = match own {
            Some(repository) => repository,
            None => own.insert(Repository::open(place)?),
        };
        let found = self.walk(repository, tree, folder, usize::MAX)?;
        if let Some(known) = self.known
            && found.problems.is_empty()
            && found.links.is_empty()
            && found.symlinks.is_empty()
        {
            known.keep(&parts, &found.files);
        }
        Ok(found)
    }

    fn walk(
        self,
        repository: &Repository,
        tree: Oid,
        below: &str,
        levels: usize,
    ) -> Result<TreeListing, git2::Error> {
        let mut found = TreeListing::default();
        let selection = self.selection;
        repository
            .find_tree(tree)?
            .walk(TreeWalkMode::PreOrder, |folder, entry| {
                let name = String::from_utf8_lossy(entry.name_bytes());
                let path = || format!("{below}{folder}{name}");
                match (entry.kind(), entry.name()) {
                    (Some(ObjectType::Tree), Ok(_)) if !selection.folder_wanted(&path()) => {
                        return TreeWalkResult::Skip;
                    }
                    (Some(ObjectType::Tree), Ok(_)) if depth(folder) + 1 >= levels => {
                        found.folders.push((format!("{}/", path()), entry.id()));
                        return TreeWalkResult::Skip;
                    }
                    (Some(ObjectType::Blob), Ok(_)) if REGULAR.contains(&entry.filemode()) => {
                        let path = path();
                        if selection.wants(&path) {
                            found.files.push((path, ContentId(entry.id())));
                        }
                    }
                    (Some(ObjectType::Blob), Ok(_)) if entry.filemode() == LINK => {
                        let path = path();
                        if selection.wants(&path) {
                            found.symlinks.push((path, entry.id()));
                        }
                    }
                    (Some(ObjectType::Blob), Err(_)) => found.problems.push(DiscoveryProblem {
                        path: path(),
                        rule: NAME_NOT_UTF8,
                        message: "the file name is not UTF-8".to_owned(),
                        help: Some("rename the file with a UTF-8 name".to_owned()),
                        fatal: true,
                    }),
                    (Some(ObjectType::Commit), Ok(_)) if selection.folder_wanted(&path()) => {
                        found.links.push((path(), entry.id()));
                    }
                    _ => {}
                }
                TreeWalkResult::Ok
            })?;
        Ok(found)
    }
}

/// How many folders are on a way that ends with a `/`.
fn depth(folder: &str) -> usize {
    folder.bytes().filter(|byte| *byte == b'/').count()
}
