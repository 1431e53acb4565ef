//! Opens repositories, only by the name `.git`: nobody can commit that name, while any folder of a pull request may look
//! like a bare repository.

use std::fs;
use std::path::Path;

use git2::Repository;

/// The repository of the nearest folder, from `folder` upwards, that holds `.git`. `None` if there is none.
///
/// # Errors
/// Git can't open it, or does not trust its owner.
pub(super) fn open_around(folder: &Path) -> Result<Option<Repository>, git2::Error> {
    let mut around = folder.ancestors().map(|folder| folder.join(".git"));
    let git = around.find(|git| fs::symlink_metadata(git).is_ok());
    git.map(Repository::open).transpose()
}

/// The repository whose work tree is `folder`.
///
/// # Errors
/// The folder holds no `.git`, or git can't open it.
pub(super) fn open_at(folder: &Path) -> Result<Repository, git2::Error> {
    Repository::open(folder.join(".git"))
}

/// The repository around `folder`, or the bare repository that `folder` is. A folder in a work tree is never one.
///
/// # Errors
/// Git can't open it.
pub(super) fn open_around_or_bare(folder: &Path) -> Result<Option<Repository>, git2::Error> {
    if let Some(repository) = open_around(folder)? {
        return Ok(Some(repository));
    }
    match Repository::open_bare(folder) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
