//! What git ignores and what it tracks: the only file of this layer that opens a repository's data.
//! It answers for children of folders that are walked; what lies below an ignored folder is ignored unless tracked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository};

use super::negation::IgnoreFiles;

/// Git's link to the commit of a submodule, in an index entry's mode.
const GITLINK: u32 = 0o160_000;

/// The ignore rules of one repository.
pub(super) struct GitRules {
    repository: Repository,
    /// Absolute, without links.
    workdir: PathBuf,
    /// `/`-separated paths of the index, relative to the work tree; whether each is a submodule.
    tracked: BTreeMap<Vec<u8>, bool>,
    files: RefCell<IgnoreFiles>,
}

/// What the index holds below an ignored folder.
pub(super) enum Tracked {
    File(PathBuf),
    Submodule(PathBuf),
}

impl GitRules {
    /// The rules of the repository around `folder`; none if there is none, or if it ignores `folder` itself:
    /// whoever asks for an ignored folder by name wants to see what is in it.
    pub(super) fn around(folder: &Path) -> Result<Option<Self>, git2::Error> {
        let repository = match Repository::discover(folder) {
            Ok(repository) => repository,
            // A `.git` that git does not take for a repository is worth a word; none at all is not.
            Err(error)
                if error.code() == ErrorCode::NotFound
                    && fs::symlink_metadata(folder.join(".git")).is_err() =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let Some(rules) = Self::of(repository)? else {
            return Ok(None);
        };
        let Ok(inner) = folder.strip_prefix(&rules.workdir) else {
            return Ok(None);
        };
        let ignored = inner != Path::new("") && rules.repository.is_path_ignored(inner)?;
        Ok((!ignored).then_some(rules))
    }

    /// The rules of the repository whose work tree is `folder`.
    pub(super) fn at(folder: &Path) -> Result<Option<Self>, git2::Error> {
        Self::of(Repository::open(folder)?)
    }

    fn of(repository: Repository) -> Result<Option<Self>, git2::Error> {
        let Some(workdir) = repository
            .workdir()
            .and_then(|path| fs::canonicalize(path).ok())
        else {
            return Ok(None);
        };
        let index = repository.index()?;
        let tracked = index
            .iter()
            .map(|entry| (entry.path, entry.mode == GITLINK))
            .collect();
        let files = RefCell::new(IgnoreFiles::of(&repository, &workdir));
        Ok(Some(Self {
            repository,
            workdir,
            tracked,
            files,
        }))
    }

    /// Whether git leaves out `path`, a child of a folder that it does not leave out. What is tracked is never ignored.
    pub(super) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let Ok(inner) = path.strip_prefix(&self.workdir) else {
            return false;
        };
        if self.tracked.contains_key(&bytes(inner)) {
            return false;
        }
        if let Some(verdict) = self.files.borrow_mut().corrected(inner, is_folder) {
            return verdict;
        }
        // An error leaves the file in: better judged once too often than passed over.
        self.repository.is_path_ignored(inner).unwrap_or(false)
    }

    /// What is tracked below `folder`, sorted.
    pub(super) fn tracked_below(&self, folder: &Path) -> Vec<Tracked> {
        let Ok(inner) = folder.strip_prefix(&self.workdir) else {
            return Vec::new();
        };
        let mut prefix = bytes(inner);
        prefix.push(b'/');
        self.tracked
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .map(|(path, submodule)| {
                let path = self.workdir.join(native(path));
                if *submodule {
                    Tracked::Submodule(path)
                } else {
                    Tracked::File(path)
                }
            })
            .collect()
    }
}

/// Where git keeps its own, and whose work tree it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitFolder {
    /// The folder that all work trees of the repository share.
    pub folder: PathBuf,
    /// The work tree.
    pub work_tree: PathBuf,
}

/// The git folder of the repository around `root`. Found by the name `.git` alone, which nobody can commit: a folder that
/// looks like a repository is none.
pub fn git_folder(root: &Path) -> Option<GitFolder> {
    let mut around = root.ancestors().map(|folder| (folder, folder.join(".git")));
    let (work_tree, git) = around.find(|(_, git)| fs::symlink_metadata(git).is_ok())?;
    let folder = Repository::open(git).ok()?.commondir().to_owned();
    Some(GitFolder {
        folder: fs::canonicalize(folder).ok()?,
        work_tree: work_tree.to_owned(),
    })
}

/// A relative path as the index spells it.
fn bytes(path: &Path) -> Vec<u8> {
    let parts: Vec<&[u8]> = path.iter().map(std::ffi::OsStr::as_encoded_bytes).collect();
    parts.join(&b'/')
}

#[cfg(unix)]
fn native(path: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(path))
}

#[cfg(not(unix))]
fn native(path: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(path).into_owned())
}
