//! Pairs new files with old ones: git's rename detection, on the files that only one of two revisions has.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Delta, Diff, DiffFindOptions, DiffOptions};

use super::revision::{RevisionError, Tree, mesh_prefix};
use crate::model::text::RelPath;

/// More candidates than this on either side are not compared with each other: the work is their product.
const LIMIT: usize = 1_000;

/// The new paths of `removed` files among the `added` ones. Both are relative to the root of the mesh; without `head`,
/// the added ones are in the working tree.
///
/// # Errors
/// Git can't read one of the revisions.
pub fn find_renames(
    root: &Path,
    base: &Tree,
    head: Option<&Tree>,
    removed: &[&RelPath],
    added: &[&RelPath],
) -> Result<BTreeMap<RelPath, RelPath>, RevisionError> {
    if removed.is_empty() || added.is_empty() {
        return Ok(BTreeMap::new());
    }
    // Only its own repository knows the tree of an index.
    let repository = head.unwrap_or(base).repository();
    let way = match mesh_prefix(root, &repository).as_str() {
        "" => String::new(),
        way => format!("{way}/"),
    };
    let mut options = DiffOptions::new();
    options
        .disable_pathspec_match(true)
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .show_untracked_content(true);
    for path in removed.iter().chain(added) {
        options.pathspec(format!("{way}{path}"));
    }
    let old = repository.find_tree(base.whole())?;
    let mut diff = match head {
        Some(head) => {
            let new = repository.find_tree(head.whole())?;
            repository.diff_tree_to_tree(Some(&old), Some(&new), Some(&mut options))?
        }
        None => repository.diff_tree_to_workdir_with_index(Some(&old), Some(&mut options))?,
    };
    let mut find = DiffFindOptions::new();
    find.renames(true).for_untracked(true).rename_limit(LIMIT);
    diff.find_similar(Some(&mut find))?;
    Ok(renamed(&diff, &way))
}

fn renamed(diff: &Diff<'_>, way: &str) -> BTreeMap<RelPath, RelPath> {
    let inner = |file: git2::DiffFile<'_>| {
        let path = file.path()?.to_str()?;
        Some(RelPath::new(path.strip_prefix(way)?))
    };
    diff.deltas()
        .filter(|delta| delta.status() == Delta::Renamed)
        .filter_map(|delta| Some((inner(delta.old_file())?, inner(delta.new_file())?)))
        .collect()
}
