//! What git ignores and what it tracks: the only file of this layer that opens a repository's data.
//! What is tracked is never ignored, and a folder that holds something tracked is gone through; so git's patterns are asked
//! only about untracked files, which are few.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::Repository;

use super::negation::IgnoreFiles;
use super::repository::{open_around, open_at};

/// Git's flag of an index entry that a sparse checkout leaves out of the work tree.
const SKIP_WORKTREE: u16 = 1 << 14;

/// Git's mode of a submodule.
const SUBMODULE: u32 = 0o160_000;

/// The ignore rules of one repository.
pub(super) struct GitRules {
    /// Absolute, without links.
    workdir: PathBuf,
    /// `/`-separated paths of the index, relative to the work tree, sorted.
    tracked: Vec<Vec<u8>>,
    /// Paths of the index that a sparse checkout leaves out of the work tree.
    sparse: Vec<Vec<u8>>,
    /// Folders of submodules, by the index.
    submodules: Vec<Vec<u8>>,
    patterns: Mutex<IgnorePatterns>,
}

/// The patterns of a repository's ignore files.
struct IgnorePatterns {
    repository: Repository,
    files: IgnoreFiles,
    /// What is known of folders, by their paths in the work tree.
    folders: BTreeMap<PathBuf, bool>,
}

impl GitRules {
    /// The rules of the repository around `folder`. `None` without a repository, or if it ignores `folder` itself: a user who
    /// names an ignored folder wants to see its content.
    pub(super) fn around(folder: &Path) -> Result<Option<Self>, git2::Error> {
        let Some(repository) = open_around(folder)? else {
            return Ok(None);
        };
        let Some(rules) = Self::of(repository)? else {
            return Ok(None);
        };
        let Ok(inner) = folder.strip_prefix(&rules.workdir) else {
            return Ok(None);
        };
        let ignored =
            inner != Path::new("") && rules.patterns().repository.is_path_ignored(inner)?;
        Ok((!ignored).then_some(rules))
    }

    /// The rules of the repository whose work tree is `folder`.
    pub(super) fn at(folder: &Path) -> Result<Option<Self>, git2::Error> {
        Self::of(open_at(folder)?)
    }

    fn of(repository: Repository) -> Result<Option<Self>, git2::Error> {
        let Some(workdir) = repository
            .workdir()
            .and_then(|path| fs::canonicalize(path).ok())
        else {
            return Ok(None);
        };
        let index = repository.index()?;
        let (mut sparse, mut submodules) = (Vec::new(), Vec::new());
        let tracked = index.iter().map(|entry| {
            if entry.flags_extended & SKIP_WORKTREE != 0 {
                sparse.push(entry.path.clone());
            }
            if entry.mode == SUBMODULE {
                submodules.push(entry.path.clone());
            }
            entry.path
        });
        let mut tracked: Vec<Vec<u8>> = tracked.collect();
        tracked.sort_unstable();
        let files = IgnoreFiles::of(&repository, &workdir);
        Ok(Some(Self {
            workdir,
            tracked,
            sparse,
            submodules,
            patterns: Mutex::new(IgnorePatterns {
                repository,
                files,
                folders: BTreeMap::new(),
            }),
        }))
    }

    /// What the index has and the work tree lacks: files that a sparse checkout leaves out, and folders of submodules that are not
    /// checked out.
    pub(super) fn absent(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let path = |name: &Vec<u8>| self.workdir.join(String::from_utf8_lossy(name).as_ref());
        let is_absent = |path: &PathBuf| fs::symlink_metadata(path).is_err();
        let sparse = self.sparse.iter().map(path).filter(is_absent);
        let submodules = self.submodules.iter().map(path);
        let submodules = submodules.filter(|path| is_absent(&path.join(".git")));
        (sparse.collect(), submodules.collect())
    }

    /// Whether git leaves out a file.
    pub(super) fn ignores_file(&self, path: &Path) -> bool {
        let Ok(inner) = path.strip_prefix(&self.workdir) else {
            return false;
        };
        !self.is_tracked(&bytes(inner)) && self.patterns().ignore(inner, false)
    }

    /// Whether git leaves out a folder and all that is in it. One that holds something tracked it does not: of what else is
    /// in there [`ignores_file`](Self::ignores_file) knows.
    pub(super) fn ignores_folder(&self, path: &Path) -> bool {
        let Ok(inner) = path.strip_prefix(&self.workdir) else {
            return false;
        };
        let mut name = bytes(inner);
        if self.is_tracked(&name) {
            return false;
        }
        name.push(b'/');
        let at = self.tracked.partition_point(|path| *path < name);
        let holds_tracked = self
            .tracked
            .get(at)
            .is_some_and(|path| path.starts_with(&name));
        !holds_tracked && self.patterns().ignore_folder(inner)
    }

    fn is_tracked(&self, name: &[u8]) -> bool {
        let at = self
            .tracked
            .binary_search_by(|path| path.as_slice().cmp(name));
        at.is_ok()
    }

    fn patterns(&self) -> std::sync::MutexGuard<'_, IgnorePatterns> {
        // A panic with the lock leaves a repository that is only read from.
        self.patterns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IgnorePatterns {
    /// Whether a path or a folder around it is ignored.
    fn ignore(&mut self, path: &Path, is_folder: bool) -> bool {
        let around = path.parent().filter(|around| *around != Path::new(""));
        if around.is_some_and(|around| self.ignore_folder(around)) {
            return true;
        }
        if let Some(verdict) = self.files.corrected(path, is_folder) {
            return verdict;
        }
        // On an error the file stays in: judging a file too many is better than skipping one.
        self.repository.is_path_ignored(path).unwrap_or(false)
    }

    fn ignore_folder(&mut self, folder: &Path) -> bool {
        if let Some(known) = self.folders.get(folder) {
            return *known;
        }
        let ignored = self.ignore(folder, true);
        self.folders.insert(folder.to_owned(), ignored);
        ignored
    }
}

/// Whether git would ignore a file below `root` that does not exist yet.
pub(super) fn ignores_new(root: &Path, file: &Path) -> bool {
    let folders = file.ancestors().skip(1);
    let mut inside = folders.take_while(|folder| *folder != root);
    let nested = inside.find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok());
    let rules = match nested {
        Some(folder) => GitRules::at(folder),
        None => GitRules::around(root),
    };
    // An error leaves the file in, as where files are listed.
    let rules = rules.ok().flatten();
    rules.is_some_and(|rules| rules.ignores_file(file))
}

/// The files and links that git tracks below a folder, by their paths from it; empty outside of a repository.
pub(super) fn tracked_below(folder: &Path) -> Vec<String> {
    let rules = open_around(folder).ok().flatten().map(GitRules::of);
    let Some(Ok(Some(rules))) = rules else {
        return Vec::new();
    };
    let Ok(way) = folder.strip_prefix(&rules.workdir) else {
        return Vec::new();
    };
    let mut way = bytes(way);
    if !way.is_empty() {
        way.push(b'/');
    }
    let inside = rules
        .tracked
        .iter()
        .filter_map(|path| path.strip_prefix(way.as_slice()));
    inside
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect()
}

/// Where git keeps its own, and whose work tree it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitFolder {
    /// The folder that all work trees of the repository share.
    pub folder: PathBuf,
    /// The work tree.
    pub work_tree: PathBuf,
}

/// The git folder of the repository around `root`. Found only by the name `.git`, which nobody can commit: a folder that
/// merely looks like a repository does not count.
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
