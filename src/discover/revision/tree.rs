//! A commit or the index, as far as the root of the mesh and what lies below it go. Which of its files are manifests is not known here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use git2::{ErrorClass, ErrorCode, ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};

use super::commits::{find_commit, is_proved};
use super::error::RevisionError;
use crate::discover::problem::ReadError;
use crate::discover::repository::open_around_or_bare;
use crate::discover::root::{CONFIG_FILE, MISNAMED};

/// Git's mode of a regular file is this one or with the bits for execution.
pub(super) const REGULAR: [i32; 2] = [0o100_644, 0o100_755];

/// Git's mode of a symbolic link.
pub(super) const LINK: i32 = 0o120_000;

/// The name of the index among revisions.
pub const INDEX: &str = "index";

/// A commit or the index, as far as the root of the mesh and what lies below it go.
pub struct Tree {
    /// libgit2 reads from one thread at a time.
    pub(super) repository: Arc<Mutex<Repository>>,
    /// `None` for the index.
    pub(super) commit: Option<Oid>,
    /// The tree of the whole repository. Only `repository` knows the tree of an index.
    pub(super) whole: Oid,
    /// The tree of the mesh's root. `None` if it did not exist yet.
    pub(super) top: Option<Oid>,
    /// The root of the mesh.
    pub(super) root: PathBuf,
}

impl Tree {
    /// The revision `name` at `root`, the root of the mesh: a folder of a work tree, or a bare repository.
    ///
    /// # Errors
    /// There is no repository, or no such revision in it.
    pub fn open(root: &Path, name: &str) -> Result<Self, RevisionError> {
        let repository = open_repository(root)?;
        let id = find_commit(&repository, name)?;
        Self::at(root, repository, id)
    }

    /// The merge base of two revisions: where the one branched off the other.
    ///
    /// # Errors
    /// There is no repository, one of the revisions is unknown, or they have nothing in common.
    pub fn merge_base(root: &Path, base: &str, head: &str) -> Result<Self, RevisionError> {
        let repository = open_repository(root)?;
        let (one, two) = (
            find_commit(&repository, base)?,
            find_commit(&repository, head)?,
        );
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
            name: abbreviate_id(id),
            reason: error.message().to_owned(),
        })?;
        let whole = tree.id();
        drop(tree);
        Self::below(root, repository, Some(id), whole)
    }

    /// The part of a repository's tree that is the mesh.
    pub(super) fn below(
        root: &Path,
        repository: Repository,
        commit: Option<Oid>,
        whole: Oid,
    ) -> Result<Self, RevisionError> {
        let prefix = mesh_prefix(root, &repository);
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
        self.commit.map_or_else(|| INDEX.to_owned(), abbreviate_id)
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
    pub(super) fn incomplete(&self, error: git2::Error) -> RevisionError {
        match (error.class(), error.code()) {
            (ErrorClass::Odb, ErrorCode::NotFound) => RevisionError::Incomplete {
                name: self.name(),
                reason: error.message().to_owned(),
            },
            _ => error.into(),
        }
    }

    pub(crate) fn repository(&self) -> MutexGuard<'_, Repository> {
        lock_repository(&self.repository)
    }

    /// The tree of the whole repository.
    pub(crate) fn whole(&self) -> Oid {
        self.whole
    }

    /// The bytes of a regular file, by its path from the root of the mesh. `None` if there is none.
    ///
    /// # Errors
    /// Git can't read it, or it has more than `max_bytes`.
    pub fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let repository = lock_repository(&self.repository);
        let entry = self
            .top
            .and_then(|top| repository.find_tree(top).ok())
            .and_then(|tree| tree.get_path(Path::new(path)).ok())
            .filter(|entry| REGULAR.contains(&entry.filemode()));
        entry
            .map(|entry| read_blob(&repository, entry.id(), max_bytes))
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
    pub(super) fn entry(&self, path: &str) -> Option<(i32, Oid)> {
        let repository = lock_repository(&self.repository);
        let tree = repository.find_tree(self.top?).ok()?;
        let entry = tree.get_path(Path::new(path)).ok()?;
        Some((entry.filemode(), entry.id()))
    }

    /// All files and links below the root of the mesh.
    pub(super) fn blobs(&self) -> Option<Vec<String>> {
        let repository = lock_repository(&self.repository);
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
        let repository = lock_repository(&self.repository);
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
        let repository = lock_repository(&self.repository);
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

pub(super) fn lock_repository(repository: &Mutex<Repository>) -> MutexGuard<'_, Repository> {
    // A panic with the lock leaves a repository that is only read from.
    repository.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn read_blob(
    repository: &Repository,
    id: Oid,
    max_bytes: u64,
) -> Result<Vec<u8>, ReadError> {
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
            .take(crate::discover::folders::HEAD_BYTES)
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

/// Whether the mesh at `root` is a repository without a work tree.
pub fn is_bare(root: &Path) -> bool {
    open_repository(root).is_ok_and(|repository| repository.is_bare())
}

pub(super) fn open_repository(root: &Path) -> Result<Repository, RevisionError> {
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
pub(crate) fn mesh_prefix(root: &Path, repository: &Repository) -> String {
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

pub(super) fn abbreviate_id(id: Oid) -> String {
    id.to_string().chars().take(12).collect()
}
