//! Values as bytes, with a version and a checksum: damaged or cut-off bytes, and those of another version, do not open.
//! A checksum is no signature: forged bytes open.
//!
//! postcard writes the bytes: a small crate with a format that it keeps stable, already a dependency of regorus.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Of the way things are written. Another one is another version.
pub(crate) const VERSION: u8 = 4;

/// Bytes of a checksum.
const CHECKSUM: usize = 8;

/// Serialises a value: version, checksum, content. `None` if it can't be serialised.
pub(crate) fn seal_content(content: &impl Serialize) -> Option<Vec<u8>> {
    let mut bytes = vec![VERSION];
    bytes.resize(1 + CHECKSUM, 0);
    let mut bytes = postcard::to_extend(content, bytes).ok()?;
    let checksum = checksum(bytes.get(1 + CHECKSUM..)?);
    bytes.get_mut(1..=CHECKSUM)?.copy_from_slice(&checksum);
    Some(bytes)
}

/// Reads what [`seal_content`] wrote. `None` if the bytes are damaged or of another version.
pub(crate) fn open_sealed<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (head, content) = bytes.split_at_checked(1 + CHECKSUM)?;
    let (version, sum) = head.split_first()?;
    if *version != VERSION || checksum(content) != *sum {
        return None;
    }
    match postcard::take_from_bytes(content).ok()? {
        (read, []) => Some(read),
        _ => None,
    }
}

fn checksum(content: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = [0; CHECKSUM];
    for (to, from) in sum.iter_mut().zip(Sha256::digest(content).iter()) {
        *to = *from;
    }
    sum
}
