//! The files of a mesh in a git revision or in the index: read from the object database, nothing is checked out. The index and
//! the working tree are not touched.

mod commits;
mod error;
mod index;
mod symlinks;
mod tree;
mod trees;

pub use self::error::RevisionError;
pub use self::trees::KnownTrees;
pub(super) use tree::mesh_prefix;
pub use tree::{INDEX, Tree, is_bare};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use git2::{Oid, Repository};

use self::trees::Lister;
use super::problem::{DiscoveryProblem, MISSING_SUBMODULE, ReadError};
use super::repository::open_at;
use super::walk::Walk;
use super::{ContentId, FileReader, FileSource, Listing, lfs};
use crate::model::text::RelPath;
use tree::{LINK, REGULAR, lock_repository, open_repository, read_blob};

/// How deep submodules may lie in each other.
const SUBMODULE_DEPTH: usize = 8;

/// The candidates for manifests in a commit or in the index.
pub struct Revision<'t> {
    tree: &'t Tree,
    /// Those of submodules that the commit names.
    submodules: Vec<Arc<Mutex<Repository>>>,
    files: Arc<BTreeMap<RelPath, BlobPlace>>,
    problems: Vec<DiscoveryProblem>,
    max_bytes: u64,
}

/// Where a file's bytes are.
#[derive(Debug, Clone, Copy)]
struct BlobPlace {
    /// Which submodule. `None` for the repository itself.
    submodule: Option<usize>,
    id: Oid,
}

impl<'t> Revision<'t> {
    /// The mesh as it is in a tree; `selection` says which files.
    ///
    /// # Errors
    /// Git can't read the tree.
    pub fn of(tree: &'t Tree, selection: &Walk) -> Result<Self, RevisionError> {
        Self::with(tree, selection, None)
    }

    /// The same with what earlier runs know of trees.
    ///
    /// # Errors
    /// Git can't read the tree.
    pub fn with(
        tree: &'t Tree,
        selection: &Walk,
        known: Option<&dyn KnownTrees>,
    ) -> Result<Self, RevisionError> {
        let mut revision = Self {
            tree,
            submodules: Vec::new(),
            files: Arc::new(BTreeMap::new()),
            problems: Vec::new(),
            max_bytes: selection.max_bytes(),
        };
        let lister = Lister { selection, known };
        let (mut files, mut symlinks) = (Vec::new(), Vec::new());
        if let Some(top) = tree.top {
            let found = match tree.commit {
                Some(_) => lister.list(&tree.repository, top, ""),
                None => lister.list_in_one_go(&tree.repository, top),
            };
            let found = found.map_err(|error| tree.incomplete(error))?;
            revision.problems.extend(found.problems);
            symlinks = found.symlinks;
            files.extend(
                found
                    .files
                    .into_iter()
                    .map(|file| BlobPlace::of(file, None)),
            );
            revision.enter(found.links, lister, &mut files, 0)?;
        }
        let files: BTreeMap<RelPath, BlobPlace> = files.into_iter().collect();
        let is_judged = |path: &str| files.contains_key(&RelPath::new(path));
        let problems = symlinks
            .iter()
            .filter_map(|(path, id)| symlinks::link_problem(tree, path, *id, &is_judged));
        revision.problems.extend(problems);
        revision.files = Arc::new(files);
        revision.problems.sort();
        Ok(revision)
    }

    /// Takes the files of submodules that are checked out in the work tree; the others are no part of the mesh there either.
    fn enter(
        &mut self,
        links: Vec<(String, Oid)>,
        lister: Lister<'_>,
        files: &mut Vec<(RelPath, BlobPlace)>,
        depth: usize,
    ) -> Result<(), git2::Error> {
        for (path, id) in links {
            let folder = self.tree.root.join(&path);
            if depth >= SUBMODULE_DEPTH {
                continue;
            }
            let Ok(repository) = open_at(&folder) else {
                self.problems.push(DiscoveryProblem::absent_submodule(path));
                continue;
            };
            let tree = repository.find_commit(id).and_then(|commit| commit.tree());
            let Ok(tree) = tree.map(|tree| tree.id()) else {
                self.problems.push(DiscoveryProblem {
                    message: format!(
                        "submodule commit `{id}` is missing from this clone; revision `{}` refers to it",
                        self.tree.name()
                    ),
                    help: Some(format!("fetch the commit: `git -C {path} fetch origin {id}`")),
                    path,
                    rule: MISSING_SUBMODULE,
                    fatal: true,
                });
                continue;
            };
            let repository = Mutex::new(repository);
            let found = lister.list(&repository, tree, &format!("{path}/"))?;
            let number = Some(self.submodules.len());
            self.submodules.push(Arc::new(repository));
            self.problems.extend(found.problems);
            files.extend(
                found
                    .files
                    .into_iter()
                    .map(|file| BlobPlace::of(file, number)),
            );
            self.enter(found.links, lister, files, depth + 1)?;
        }
        Ok(())
    }
}

impl BlobPlace {
    /// A file with its place in a submodule, or in the repository itself.
    fn of((path, ContentId(id)): (String, ContentId), submodule: Option<usize>) -> (RelPath, Self) {
        (RelPath::new(path), Self { submodule, id })
    }
}

impl FileSource for Revision<'_> {
    fn list(&self) -> Listing {
        Listing {
            files: self.files.keys().cloned().collect(),
            problems: self.problems.clone(),
            visited: self.files.len(),
        }
    }

    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError> {
        let place = self.files.get(path).ok_or(ReadError::NotAFile)?;
        let repository = match place.submodule {
            None => &self.tree.repository,
            Some(number) => self.submodules.get(number).ok_or(ReadError::NotAFile)?,
        };
        file(&lock_repository(repository), path, place.id, self.max_bytes)
    }

    fn reader(&self) -> Arc<FileReader> {
        let files = Arc::clone(&self.files);
        let (own, others) = (Arc::clone(&self.tree.repository), self.submodules.clone());
        let max_bytes = self.max_bytes;
        Arc::new(move |path| {
            let place = files.get(path)?;
            let repository = match place.submodule {
                None => &own,
                Some(number) => others.get(number)?,
            };
            file(&lock_repository(repository), path, place.id, max_bytes).ok()
        })
    }

    fn holds(&self, path: &RelPath) -> bool {
        self.tree.entry(path.as_str()).is_some()
    }

    fn unread(&self) -> Vec<RelPath> {
        let all = self.tree.blobs().unwrap_or_default().into_iter();
        let paths = all.map(RelPath::new);
        paths
            .filter(|path| !self.files.contains_key(path))
            .collect()
    }

    fn content(&self, path: &RelPath) -> Option<ContentId> {
        self.files.get(path).map(|place| ContentId(place.id))
    }
}

/// The content of a file: of one under Git LFS what the repository's store has.
fn file(
    repository: &Repository,
    path: &RelPath,
    id: Oid,
    max_bytes: u64,
) -> Result<Vec<u8>, ReadError> {
    let bytes = read_blob(repository, id, max_bytes)?;
    match lfs::content_hash(&bytes).filter(|_| lfs::may_be_manifest(path)) {
        None => Ok(bytes),
        Some(hash) => {
            lfs::read_stored(repository.commondir(), hash, max_bytes).ok_or(ReadError::LfsPointer)
        }
    }
}

#[cfg(test)]
mod tests;
