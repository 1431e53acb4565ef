//! Listings of git's trees, as the cache has them.

use super::Cache;
use super::hash::{CacheKey, hash_parts};
use super::seal::{open_sealed, seal_content};
use crate::discover::{ContentId, KnownTrees};

impl KnownTrees for Cache {
    fn recall(&self, tree: &[&[u8]]) -> Option<Vec<(String, ContentId)>> {
        let files: Vec<(String, [u8; 20])> = open_sealed(&self.record(&tree_key(tree))?)?;
        let files = files.into_iter();
        files
            .map(|(file, id)| Some((file, ContentId::of_bytes(&id)?)))
            .collect()
    }

    fn keep(&self, tree: &[&[u8]], files: &[(String, ContentId)]) {
        let bytes = |id: &ContentId| <[u8; 20]>::try_from(id.as_bytes()).ok();
        let rows = files.iter().map(|(file, id)| Some((file, bytes(id)?)));
        let rows: Option<Vec<(&String, [u8; 20])>> = rows.collect();
        if let Some(bytes) = rows.and_then(|rows| seal_content(&rows)) {
            self.put(tree_key(tree), &bytes);
        }
    }
}

/// Another build may want other files.
fn tree_key(tree: &[&[u8]]) -> CacheKey {
    let build = [env!("CARGO_PKG_VERSION"), env!("GOVCHECK_BUILD")].map(str::as_bytes);
    let what = [b"tree".as_slice()].into_iter().chain(build);
    hash_parts(what.chain(tree.iter().copied()))
}
