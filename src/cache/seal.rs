//! Values as bytes, with a version and a checksum: what was damaged, cut off or written by another version does not open.
//! Whether it was written in good faith is not checked.
//!
//! postcard writes the bytes: a small crate with a format that it keeps stable, behind regorus anyway.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Of the way things are written. Another one is another version.
pub(crate) const VERSION: u8 = 4;

/// Bytes of a checksum.
const CHECKSUM: usize = 8;

/// Something as bytes: version, checksum, content.
pub(crate) fn seal(content: &impl Serialize) -> Option<Vec<u8>> {
    let mut bytes = vec![VERSION];
    bytes.resize(1 + CHECKSUM, 0);
    let mut bytes = postcard::to_extend(content, bytes).ok()?;
    let checksum = checksum(bytes.get(1 + CHECKSUM..)?);
    bytes.get_mut(1..=CHECKSUM)?.copy_from_slice(&checksum);
    Some(bytes)
}

/// The content of what [`seal`] wrote; none if it is not whole.
pub(crate) fn open<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
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
