//! Finds commits by name, and proves merge bases.

use std::collections::BTreeSet;

use git2::{ErrorCode, Oid, Repository};

use super::RevisionError;

/// Whether the branch has no commit yet.
fn is_unborn(repository: &Repository) -> bool {
    let head = repository.head().map(|_| ());
    head.is_err_and(|error| error.code() == ErrorCode::UnbornBranch)
}

pub(super) fn find_commit(repository: &Repository, name: &str) -> Result<Oid, RevisionError> {
    let found = repository
        .revparse_single(name)
        .and_then(|object| object.peel_to_commit());
    found
        .map(|commit| commit.id())
        .map_err(|error| match error.code() {
            _ if name == "HEAD" && is_unborn(repository) => RevisionError::Unborn {
                name: name.to_owned(),
            },
            ErrorCode::UnbornBranch => RevisionError::Unborn {
                name: name.to_owned(),
            },
            ErrorCode::NotFound
            | ErrorCode::InvalidSpec
            | ErrorCode::Ambiguous
            | ErrorCode::Peel => RevisionError::Unknown {
                name: name.to_owned(),
                shallow: repository.is_shallow(),
            },
            _ => error.into(),
        })
}

/// Whether a merge base is that of the whole history. In a shallow clone a better one may lie behind a commit whose parents are
/// cut off, unless all such commits lie behind this one.
pub(super) fn is_proved(
    repository: &Repository,
    ends: [Oid; 2],
    base: Oid,
) -> Result<bool, RevisionError> {
    if !repository.is_shallow() {
        return Ok(true);
    }
    let cut = std::fs::read_to_string(repository.commondir().join("shallow")).unwrap_or_default();
    let cut: BTreeSet<Oid> = cut
        .lines()
        .filter_map(|id| Oid::from_str(id).ok())
        .collect();
    let mut walk = repository.revwalk()?;
    for end in ends {
        walk.push(end)?;
    }
    walk.hide(base)?;
    for id in walk {
        if cut.contains(&id?) {
            return Ok(false);
        }
    }
    Ok(true)
}
