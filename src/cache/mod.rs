//! What earlier runs have worked out, by all that it follows from, and which bytes a file had when it looked as it does now.
//! An answer from here is the one that judging would give; what can't be used is worked out again. Keeps bytes: what they
//! mean, `evaluate/recall` knows.

mod hash;
mod seal;
mod seen;
mod segment;
mod shard;
mod store;
mod trees;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use self::hash::judged_by;
pub(crate) use self::hash::{CacheKey, Hash256, hash_parts};
pub(crate) use self::seal::{open_sealed, seal_content};
use self::seen::{SeenFile, SeenFiles};
pub(crate) use self::shard::PartWriter;
pub use self::shard::{Part, PartError, PartMeta, Shard};
pub use self::store::{CacheSize, Store};
use crate::discover::{FileSource, Identity, Stat};
use crate::model::text::RelPath;

/// The cache of a mesh, for one run.
#[derive(Debug)]
pub struct Cache {
    /// None if nothing is written.
    store: Option<Store>,
    /// Outcomes that others have worked out for this run.
    parts: Vec<Part>,
    /// The name of the mesh's table of files.
    table: String,
    /// The files as an earlier run saw them.
    seen: SeenFiles,
    /// The files as this run sees them.
    now: Mutex<SeenFiles>,
}

impl Cache {
    /// Opens the cache in a folder for the mesh at `root`; `limit`: the most bytes that it may have.
    pub fn open(folder: &Path, limit: u64, root: &Path) -> Self {
        let store = Store::open(folder, limit);
        let name = Sha256::digest(root.as_os_str().as_encoded_bytes());
        let table: String = name
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let seen = store.table(&table);
        let seen = seen.and_then(|bytes| SeenFiles::read(&bytes));
        Self {
            seen: seen.unwrap_or_default(),
            store: Some(store),
            parts: Vec::new(),
            table,
            now: Mutex::default(),
        }
    }

    /// No cache but the parts of this very run.
    pub fn of_parts(parts: Vec<Part>) -> Self {
        Self {
            store: None,
            parts,
            table: String::new(),
            seen: SeenFiles::default(),
            now: Mutex::default(),
        }
    }

    /// What a file holds, if it looks as it did when an earlier run read it.
    pub(crate) fn identity(&self, source: &dyn FileSource, file: &RelPath) -> Option<Identity> {
        let seen = self.seen.get(file)?;
        if source.stat(file)? != seen.stat {
            return None;
        }
        self.note(file, seen.clone());
        Some(seen.identity)
    }

    /// Remembers what a file holds; `stat` was taken before it was read. Not if it has been changed since the run began: a
    /// change in the same instant would not show.
    pub(crate) fn learn(&self, file: &RelPath, stat: Option<Stat>, identity: Identity) {
        let began = self.store.as_ref().and_then(Store::began);
        if let Some(stat) = stat.filter(|stat| began.is_some_and(|began| stat.is_before(began))) {
            self.note(file, SeenFile { stat, identity });
        }
    }

    fn note(&self, file: &RelPath, seen: SeenFile) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.add(file, seen);
    }

    /// Whether a file is on disk as this run has seen it, so that nothing that was read of it in between is of another one.
    pub(crate) fn is_as_seen(&self, source: &dyn FileSource, file: &RelPath) -> bool {
        let seen = {
            let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            now.put_in_order();
            now.get(file).map(|seen| seen.stat)
        };
        seen.is_some_and(|seen| source.stat(file) == Some(seen))
    }

    /// The bytes of an outcome: of this run's parts, else of earlier runs.
    pub(crate) fn outcome(&self, key: &CacheKey) -> Option<Vec<u8>> {
        let part = self.parts.iter().find_map(|part| part.get(key));
        part.or_else(|| self.record(key))
    }

    /// Whether an earlier run has left a mesh that was judged by a setting.
    pub(crate) fn knows_a_mesh(&self, setting: &CacheKey) -> bool {
        self.has(&judged_by(setting))
    }

    /// Remembers that a mesh was judged by a setting.
    pub(crate) fn keep_setting(&self, setting: &CacheKey) {
        if !self.knows_a_mesh(setting) {
            self.put(judged_by(setting), &[]);
        }
    }

    pub(crate) fn record(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.store.as_ref()?.get(key)
    }

    /// Whether something is remembered for later runs.
    pub(crate) fn remembers(&self) -> bool {
        self.store.is_some()
    }

    pub(crate) fn has(&self, key: &CacheKey) -> bool {
        self.store.as_ref().is_some_and(|store| store.has(key))
    }

    pub(crate) fn put(&self, key: CacheKey, bytes: &[u8]) {
        if let Some(store) = &self.store {
            store.put(key, bytes);
        }
    }

    /// Writes what the run has learned, and gives remarks for the user, if any.
    pub fn close(self) -> Vec<String> {
        let now = self.now.into_inner();
        let mut now = now.unwrap_or_else(PoisonError::into_inner);
        let Some(store) = self.store else {
            return Vec::new();
        };
        if now.tells_more_than(&self.seen)
            && let Some(bytes) = now.bytes()
        {
            store.put_table(&self.table, &bytes);
        }
        store.close()
    }
}
