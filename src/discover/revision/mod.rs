//! The files of a mesh in a git revision or in the index: read from the object database, nothing is checked out. The index and
//! the working tree are not touched.

mod commits;
mod error;
mod index;
mod symlinks;
mod trees;

pub use self::error::RevisionError;
pub use self::trees::KnownTrees;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use git2::{ErrorClass, ErrorCode, ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};

use self::commits::{commit, is_proved};
use self::trees::Lister;
use super::problem::{MISSING_SUBMODULE, Problem, ReadError};
use super::repository::{open_around_or_bare, open_at};
use super::root::{CONFIG_FILE, MISNAMED};
use super::walk::Walk;
use super::{ContentId, FileSource, Listing, Reader, lfs};
use crate::model::text::RelPath;

/// Git's mode of a regular file is this one or with the bits for execution.
const REGULAR: [i32; 2] = [0o100_644, 0o100_755];

/// Git's mode of a symbolic link.
const LINK: i32 = 0o120_000;

/// The name of the index among revisions.
pub const INDEX: &str = "index";

/// How deep submodules may lie in each other.
const SUBMODULE_DEPTH: usize = 8;

/// A commit or the index, as far as the root of the mesh and what lies below it go.
pub struct Tree {
    /// libgit2 reads from one thread at a time.
    repository: Arc<Mutex<Repository>>,
    /// `None` for the index.
    commit: Option<Oid>,
    /// The tree of the whole repository. That of the index is known to `repository` alone.
    whole: Oid,
    /// The tree of the mesh's root; none if it was not there yet.
    top: Option<Oid>,
    /// The root of the mesh.
    root: PathBuf,
}

impl Tree {
    /// The revision `name` at `root`, the root of the mesh: a folder of a work tree, or a bare repository.
    ///
    /// # Errors
    /// There is no repository, or no such revision in it.
    pub fn open(root: &Path, name: &str) -> Result<Self, RevisionError> {
        let repository = repository(root)?;
        let id = commit(&repository, name)?;
        Self::at(root, repository, id)
    }

    /// The merge base of two revisions: where the one branched off the other.
    ///
    /// # Errors
    /// There is no repository, one of the revisions is unknown, or they have nothing in common.
    pub fn merge_base(root: &Path, base: &str, head: &str) -> Result<Self, RevisionError> {
        let repository = repository(root)?;
        let (one, two) = (commit(&repository, base)?, commit(&repository, head)?);
        let id = repository.merge_base(one, two);
        let id = id.map_err(|error| {
            if error.code() == ErrorCode::NotFound {
                RevisionError::Unrelated {
                    base: base.to_owned(),
                    head: head.to_owned(),
                    shallow: repository.is_shallow(),
                }
            } else {
                error.into()
            }
        })?;
        if !is_proved(&repository, [one, two], id)? {
            return Err(RevisionError::Unproved {
                base: base.to_owned(),
                head: head.to_owned(),
            });
        }
        Self::at(root, repository, id)
    }

    fn at(root: &Path, repository: Repository, id: Oid) -> Result<Self, RevisionError> {
        let tree = repository.find_commit(id)?.tree();
        let tree = tree.map_err(|error| RevisionError::Incomplete {
            name: abbreviated(id),
            reason: error.message().to_owned(),
        })?;
        let whole = tree.id();
        drop(tree);
        Self::below(root, repository, Some(id), whole)
    }

    /// The part of a repository's tree that is the mesh.
    fn below(
        root: &Path,
        repository: Repository,
        commit: Option<Oid>,
        whole: Oid,
    ) -> Result<Self, RevisionError> {
        let prefix = prefix(root, &repository);
        let top = if prefix.is_empty() {
            Some(whole)
        } else {
            let entry = repository.find_tree(whole)?.get_path(Path::new(&prefix));
            let folder = entry
                .ok()
                .filter(|entry| entry.kind() == Some(ObjectType::Tree));
            folder.map(|entry| entry.id())
        };
        Ok(Self {
            repository: Arc::new(Mutex::new(repository)),
            commit,
            whole,
            top,
            root: root.to_owned(),
        })
    }

    /// The commit's id in hexadecimal, abbreviated to 12 characters; `index` for the index.
    pub fn name(&self) -> String {
        self.commit.map_or_else(|| INDEX.to_owned(), abbreviated)
    }

    /// Whether this is the index, not a commit.
    pub fn is_index(&self) -> bool {
        self.commit.is_none()
    }

    /// Whether both have the same files with the same content, in the whole repository.
    pub fn has_content_of(&self, other: &Self) -> bool {
        self.whole == other.whole
    }

    /// A missing object of a commit that is there is one that the clone was made without.
    fn incomplete(&self, error: git2::Error) -> RevisionError {
        match (error.class(), error.code()) {
            (ErrorClass::Odb, ErrorCode::NotFound) => RevisionError::Incomplete {
                name: self.name(),
                reason: error.message().to_owned(),
            },
            _ => error.into(),
        }
    }

    pub(super) fn repository(&self) -> MutexGuard<'_, Repository> {
        locked(&self.repository)
    }

    /// The tree of the whole repository.
    pub(super) fn whole(&self) -> Oid {
        self.whole
    }

    /// The bytes of a regular file, by its path from the root of the mesh; none if there is none.
    ///
    /// # Errors
    /// Git can't read it, or it has more than `max_bytes`.
    pub fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let repository = locked(&self.repository);
        let entry = self
            .top
            .and_then(|top| repository.find_tree(top).ok())
            .and_then(|tree| tree.get_path(Path::new(path)).ok())
            .filter(|entry| REGULAR.contains(&entry.filemode()));
        entry
            .map(|entry| blob(&repository, entry.id(), max_bytes))
            .transpose()
    }

    /// Whether a folder holds a config, or what seems to be meant as one; the folder relative to the root, empty for it.
    pub fn holds_config(&self, folder: &str) -> bool {
        let names = [CONFIG_FILE].into_iter().chain(MISNAMED);
        let mut paths = names.map(|name| Path::new(folder).join(name));
        paths.any(|path| self.mode(&path).is_some())
    }

    /// Whether a path is a link, or lies in one.
    pub fn has_link(&self, path: &str) -> bool {
        let mut parts = Path::new(path).ancestors();
        parts.any(|part| self.mode(part) == Some(LINK))
    }

    fn mode(&self, path: &Path) -> Option<i32> {
        Some(self.entry(path.to_str()?)?.0)
    }

    /// Git's mode and the object of a path from the root of the mesh. `None` if the commit does not have it.
    fn entry(&self, path: &str) -> Option<(i32, Oid)> {
        let repository = locked(&self.repository);
        let tree = repository.find_tree(self.top?).ok()?;
        let entry = tree.get_path(Path::new(path)).ok()?;
        Some((entry.filemode(), entry.id()))
    }

    /// All files and links below the root of the mesh.
    fn blobs(&self) -> Option<Vec<String>> {
        let repository = locked(&self.repository);
        let top = repository.find_tree(self.top?).ok()?;
        let mut paths = Vec::new();
        let walked = top.walk(TreeWalkMode::PreOrder, |folder, entry| {
            if let (Some(ObjectType::Blob), Ok(name)) = (entry.kind(), entry.name()) {
                paths.push(format!("{folder}{name}"));
            }
            TreeWalkResult::Ok
        });
        walked.ok().map(|()| paths)
    }

    /// The names of the regular files in the root of the mesh; empty where git can't read it.
    pub fn file_names(&self) -> Vec<String> {
        let repository = locked(&self.repository);
        let top = self.top.and_then(|top| repository.find_tree(top).ok());
        let entries = top.iter().flat_map(|tree| tree.iter());
        let files = entries.filter(|entry| REGULAR.contains(&entry.filemode()));
        files
            .filter_map(|entry| entry.name().ok().map(ToOwned::to_owned))
            .collect()
    }

    /// The regular files below a folder, by their paths from it, sorted; empty if there is no such folder.
    ///
    /// # Errors
    /// Git can't read it.
    pub fn files_below(&self, folder: &str) -> Result<Vec<String>, RevisionError> {
        let repository = locked(&self.repository);
        let Some(top) = self.top else {
            return Ok(Vec::new());
        };
        let top = repository.find_tree(top)?;
        let folder = folder.trim_start_matches("./").trim_matches('/');
        let below = match folder {
            "" | "." => top,
            folder => match top.get_path(Path::new(folder)) {
                Ok(entry) if entry.kind() == Some(ObjectType::Tree) => {
                    repository.find_tree(entry.id())?
                }
                _ => return Ok(Vec::new()),
            },
        };
        let mut files = Vec::new();
        below.walk(TreeWalkMode::PreOrder, |parent, entry| {
            if let (Ok(name), true) = (entry.name(), REGULAR.contains(&entry.filemode())) {
                files.push(format!("{parent}{name}"));
            }
            TreeWalkResult::Ok
        })?;
        files.sort();
        Ok(files)
    }
}

/// The candidates for manifests in a commit or in the index.
pub struct Revision<'t> {
    tree: &'t Tree,
    /// Those of submodules that the commit names.
    submodules: Vec<Arc<Mutex<Repository>>>,
    files: Arc<BTreeMap<RelPath, Place>>,
    problems: Vec<Problem>,
    max_bytes: u64,
}

/// Where a file's bytes are.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Which submodule; none for the repository itself.
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
            files.extend(found.files.into_iter().map(|file| Place::of(file, None)));
            revision.enter(found.links, lister, &mut files, 0)?;
        }
        let files: BTreeMap<RelPath, Place> = files.into_iter().collect();
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
        files: &mut Vec<(RelPath, Place)>,
        depth: usize,
    ) -> Result<(), git2::Error> {
        for (path, id) in links {
            let folder = self.tree.root.join(&path);
            if depth >= SUBMODULE_DEPTH {
                continue;
            }
            let Ok(repository) = open_at(&folder) else {
                self.problems.push(Problem::absent_submodule(path));
                continue;
            };
            let tree = repository.find_commit(id).and_then(|commit| commit.tree());
            let Ok(tree) = tree.map(|tree| tree.id()) else {
                self.problems.push(Problem {
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
            files.extend(found.files.into_iter().map(|file| Place::of(file, number)));
            self.enter(found.links, lister, files, depth + 1)?;
        }
        Ok(())
    }
}

impl Place {
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
        file(&locked(repository), path, place.id, self.max_bytes)
    }

    fn reader(&self) -> Arc<Reader> {
        let files = Arc::clone(&self.files);
        let (own, others) = (Arc::clone(&self.tree.repository), self.submodules.clone());
        let max_bytes = self.max_bytes;
        Arc::new(move |path| {
            let place = files.get(path)?;
            let repository = match place.submodule {
                None => &own,
                Some(number) => others.get(number)?,
            };
            file(&locked(repository), path, place.id, max_bytes).ok()
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

fn locked(repository: &Mutex<Repository>) -> MutexGuard<'_, Repository> {
    // A panic with the lock leaves a repository that is only read from.
    repository.lock().unwrap_or_else(PoisonError::into_inner)
}

fn abbreviated(id: Oid) -> String {
    id.to_string().chars().take(12).collect()
}

fn blob(repository: &Repository, id: Oid, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let git = |error: git2::Error| match error.code() {
        ErrorCode::NotFound => ReadError::Missing {
            object: id.to_string(),
        },
        _ => ReadError::Io(std::io::Error::other(error)),
    };
    let (size, _) = repository
        .odb()
        .and_then(|odb| odb.read_header(id))
        .map_err(git)?;
    let blob = repository.find_blob(id).map_err(git)?;
    let size = size as u64;
    if size > max_bytes {
        let head = blob
            .content()
            .iter()
            .take(super::walk::HEAD_BYTES)
            .copied()
            .collect();
        return Err(ReadError::TooLarge {
            size: Some(size),
            limit: max_bytes,
            head,
        });
    }
    Ok(blob.content().to_vec())
}

/// The content of a file: of one under Git LFS what the repository's store has.
fn file(
    repository: &Repository,
    path: &RelPath,
    id: Oid,
    max_bytes: u64,
) -> Result<Vec<u8>, ReadError> {
    let bytes = blob(repository, id, max_bytes)?;
    match lfs::content_hash(&bytes).filter(|_| lfs::matters(path)) {
        None => Ok(bytes),
        Some(hash) => {
            lfs::stored(repository.commondir(), hash, max_bytes).ok_or(ReadError::LfsPointer)
        }
    }
}

/// Whether the mesh at `root` is a repository without a work tree.
pub fn is_bare(root: &Path) -> bool {
    repository(root).is_ok_and(|repository| repository.is_bare())
}

fn repository(root: &Path) -> Result<Repository, RevisionError> {
    let shown = || root.display().to_string();
    match open_around_or_bare(root) {
        Ok(Some(repository)) => Ok(repository),
        Ok(None) => Err(RevisionError::NoRepository { root: shown() }),
        Err(error) if error.code() == ErrorCode::Owner => {
            Err(RevisionError::OtherOwner { root: shown() })
        }
        Err(error) => Err(error.into()),
    }
}

/// The way from the work tree's root to the mesh's, `/`-separated.
pub(super) fn prefix(root: &Path, repository: &Repository) -> String {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let top = repository
        .workdir()
        .and_then(|folder| folder.canonicalize().ok());
    let way = top
        .and_then(|top| root.strip_prefix(top).ok().map(Path::to_path_buf))
        .unwrap_or_default();
    way.iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests;
