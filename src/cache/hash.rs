//! Keys: SHA-256 hashes of everything that a record follows from.

use sha2::{Digest, Sha256};

/// What a record is found by: a hash of all that it follows from.
pub(crate) type CacheKey = [u8; 32];

/// The hash of parts, each with its length, so that no two lists of parts are one.
pub(crate) fn hash_parts<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> CacheKey {
    let mut hash = Hash256(Sha256::new());
    parts.into_iter().for_each(|part| hash.add(part));
    hash.finish()
}

/// The same part by part.
pub(crate) struct Hash256(Sha256);

impl Hash256 {
    /// The first part names what is hashed.
    pub(crate) fn of(what: &[u8]) -> Self {
        let mut hash = Self(Sha256::new());
        hash.add(what);
        hash
    }

    pub(crate) fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    pub(crate) fn finish(self) -> CacheKey {
        self.0.finalize().into()
    }
}

pub(super) fn judged_by(setting: &CacheKey) -> CacheKey {
    hash_parts([b"judged by".as_slice(), setting])
}
