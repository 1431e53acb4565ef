//! The index as a tree: what the next commit will hold. Nothing is written to the repository.

use std::path::{Path, PathBuf};

use git2::{ErrorClass, Index, IndexEntryExtendedFlag, Oid, Repository};

use super::{INDEX, RevisionError, Tree, open_repository};

/// Above the priority of the repository's own stores, so that new trees are held in memory.
const FIRST: i32 = 1000;

impl Tree {
    /// The index at `root`: of `file`, which git names while it makes a commit, else the repository's own.
    ///
    /// # Errors
    /// There is no repository with a work tree, the index has conflicts, or libgit2 can't read it.
    pub fn of_index(root: &Path, file: Option<&Path>) -> Result<Self, RevisionError> {
        let repository = open_repository(root)?;
        let Some(top) = repository.workdir() else {
            let root = root.display().to_string();
            return Err(RevisionError::Bare { root });
        };
        // As git does: a relative path starts at the top of the work tree.
        let file = file.map(|file| top.join(file));
        let whole = write_in_memory(&repository, file)?;
        Self::below(root, repository, None, whole)
    }
}

/// The tree of the index, in the memory of `repository`.
fn write_in_memory(repository: &Repository, file: Option<PathBuf>) -> Result<Oid, RevisionError> {
    let unreadable = |error: git2::Error| RevisionError::Index {
        reason: error.message().to_owned(),
    };
    let index = match file {
        Some(file) => Index::open(&file),
        None => repository.index(),
    };
    let mut index = index.map_err(unreadable)?;
    if index.has_conflicts() {
        return Err(RevisionError::Conflicted);
    }
    leave_out_intended(&mut index).map_err(unreadable)?;
    repository.odb()?.add_new_mempack_backend(FIRST)?;
    let tree = index.write_tree_to(repository);
    tree.map_err(|error| match error.class() {
        // A blob that a partial clone was made without.
        ErrorClass::Tree | ErrorClass::Odb => RevisionError::Incomplete {
            name: INDEX.to_owned(),
            reason: error.message().to_owned(),
        },
        _ => unreadable(error),
    })
}

/// Takes out entries of `git add --intent-to-add`: they have no content yet, and git does not commit them.
fn leave_out_intended(index: &mut Index) -> Result<(), git2::Error> {
    let intended = index.iter().filter(|entry| {
        let flags = IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
        flags.is_intent_to_add()
    });
    let paths: Vec<Vec<u8>> = intended.map(|entry| entry.path).collect();
    for path in paths {
        index.remove(Path::new(&*String::from_utf8_lossy(&path)), 0)?;
    }
    Ok(())
}
