//! From bytes to files by path, within bounds. Writes nothing anywhere.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use super::BundleError;

/// Bytes of a bundle as it lies there.
pub const MAX_PACKED: u64 = 64 * 1024 * 1024;
/// Bytes of all that is in it.
const MAX_UNPACKED: u64 = 256 * 1024 * 1024;
/// How many times the packed size the unpacked may be: text makes ten, the padding of small files fifty.
const MAX_RATIO: u64 = 200;
/// Below this many unpacked bytes the ratio is not checked.
const RATIO_FROM: u64 = 4 * 1024 * 1024;
const MAX_FILES: usize = 10_000;
const MAX_PATH: usize = 400;

const AGAIN: &str = "build the bundle again with `govcheck policy bundle` or `opa build`";

/// The regular files of a bundle.
pub(super) fn unpack_files(packed: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let size = packed.len() as u64;
    if size > MAX_PACKED {
        let message = format!("the bundle has more than {MAX_PACKED} bytes");
        return Err(BundleError::new(message, "split the pack"));
    }
    let limit = MAX_UNPACKED.min(RATIO_FROM.max(size.saturating_mul(MAX_RATIO)));
    let exceeded = Cell::new(false);
    let bounded = Bounded {
        inner: GzDecoder::new(packed),
        left: limit,
        exceeded: &exceeded,
    };
    read(Archive::new(bounded)).map_err(|error| match exceeded.get() {
        true => BundleError::new(
            format!("the bundle has {size} bytes but unpacks to more than {limit}"),
            "do not use this bundle; rules never compress this far, so check where it came from",
        ),
        false => error,
    })
}

fn read<R: Read>(mut archive: Archive<R>) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let broken = |error: io::Error| {
        BundleError::new(
            format!("the file is not a `.tar.gz` archive: {error}"),
            AGAIN,
        )
    };
    let mut files = BTreeMap::new();
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let raw = entry.path_bytes().into_owned();
        let kind = entry.header().entry_type();
        match kind {
            EntryType::Directory | EntryType::XGlobalHeader => continue,
            EntryType::Regular | EntryType::Continuous => {}
            _ => {
                let what = match kind {
                    EntryType::Symlink | EntryType::Link => "a link",
                    _ => "neither a file nor a folder",
                };
                let message = format!("`{}` is {what}", String::from_utf8_lossy(&raw));
                return Err(BundleError::new(message, "replace it with a regular file"));
            }
        }
        let path = path(&raw)?;
        if files.len() == MAX_FILES {
            let message = format!("the bundle has more than {MAX_FILES} files");
            return Err(BundleError::new(message, "split the pack"));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(broken)?;
        if files.insert(path.clone(), bytes).is_some() {
            let message = format!("the bundle contains `{path}` twice");
            return Err(BundleError::new(message, AGAIN));
        }
    }
    if files.is_empty() {
        return Err(BundleError::new("the bundle is empty", AGAIN));
    }
    Ok(files)
}

/// A path from the top of the bundle. One `/` at its start, as `opa build` writes it, means that top.
fn path(raw: &[u8]) -> Result<String, BundleError> {
    let shown = String::from_utf8_lossy(raw).into_owned();
    let refuse = |why: &str| {
        let message = format!("the path `{shown}` {why}");
        Err(BundleError::new(
            message,
            "write paths relative to the top of the bundle",
        ))
    };
    let Ok(path) = std::str::from_utf8(raw) else {
        return refuse("is not UTF-8");
    };
    let path = path.strip_prefix("./").unwrap_or(path);
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.len() > MAX_PATH {
        return refuse("is too long");
    }
    if path.contains(['\\', ':']) || path.chars().any(char::is_control) {
        return refuse("has characters that are not allowed in a pack");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return refuse("is not a plain path inside the bundle");
    }
    Ok(path.to_owned())
}

/// Refuses to give more than a number of bytes.
struct Bounded<'c, R> {
    inner: R,
    left: u64,
    exceeded: &'c Cell<bool>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => {
                self.exceeded.set(true);
                Err(io::Error::other("too large"))
            }
        }
    }
}
