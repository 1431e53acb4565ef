//! Digests of bundles and packs, as text.

use sha2::{Digest, Sha256};

use crate::policy::source::PackSource;

/// `sha256:` and the digest of bytes, as `sha256sum` prints it.
pub fn digest_bytes(bytes: &[u8]) -> String {
    format!("sha256:{}", hex_digits(&Sha256::digest(bytes)))
}

/// The digest of a pack of several files: for each the length and name, then the length and text.
pub fn digest_of(source: &PackSource) -> String {
    let mut hasher = Sha256::new();
    for file in &source.files {
        for part in [&file.path, &file.text] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
    }
    format!("sha256:{}", hex_digits(&hasher.finalize()))
}

pub(super) fn hex_digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
