//! Reads files below a folder: regular ones inside of it, within a bound.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use super::lfs;
use super::problem::ReadError;
use crate::model::text::RelPath;

/// How many folders are remembered.
pub(super) const KNOWN: usize = 4096;

/// A root and the folders below it that were looked at last: thousands of files are in few folders, or in folders whose own
/// folders are few.
#[derive(Debug)]
pub(super) struct Folders {
    pub(super) root: PathBuf,
    pub(super) inside: Mutex<HashSet<PathBuf>>,
}

impl Folders {
    /// Whether a folder is below the root, all links followed.
    fn are_inside(&self, folder: &Path) -> io::Result<bool> {
        if folder == self.root || self.known().contains(folder) {
            return Ok(true);
        }
        let is_link = fs::symlink_metadata(folder)?.is_symlink();
        // A folder that is not a link lies inside its parent.
        let is_inside = match folder.parent() {
            Some(outer) if !is_link && folder.starts_with(&self.root) => self.are_inside(outer)?,
            _ => fs::canonicalize(folder)?.starts_with(&self.root),
        };
        if is_inside {
            let mut known = self.known();
            if known.len() >= KNOWN {
                known.clear();
            }
            known.insert(folder.to_owned());
        }
        Ok(is_inside)
    }

    pub(super) fn known(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        // Who panicked with the lock has left a set that is whole.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a file below a root, never over a link that leads out of it.
pub(super) fn read_file(
    folders: &Folders,
    path: &RelPath,
    limit: u64,
) -> Result<Vec<u8>, ReadError> {
    if path
        .as_str()
        .split('/')
        .any(|part| matches!(part, "" | "." | ".."))
    {
        return Err(ReadError::OutsideRoot);
    }
    let full = folders.root.join(path.as_str());
    let folder = full.parent().unwrap_or(&folders.root);
    if !folders.are_inside(folder).map_err(ReadError::Io)? {
        return Err(ReadError::OutsideRoot);
    }
    let (file, meta) = open_file(&full)?;
    // A file over the limit is read as far as it takes to see what it is.
    let wanted = if meta.len() > limit {
        HEAD
    } else {
        limit.saturating_add(1)
    };
    let mut file = file.take(wanted);
    // What it holds beyond the size that it had just now was written meanwhile.
    let mut bytes = vec![0; usize::try_from(meta.len().min(wanted)).unwrap_or_default()];
    let length = fill_buffer(&mut file, &mut bytes).map_err(ReadError::Io)?;
    bytes.truncate(length);
    // Files that the system makes up have no size before they are read.
    if meta.len() == 0 {
        file.read_to_end(&mut bytes).map_err(ReadError::Io)?;
    }
    let size = meta
        .len()
        .max(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    if size > limit {
        bytes.truncate(usize::try_from(HEAD).unwrap_or(usize::MAX));
        Err(ReadError::TooLarge {
            size: Some(size),
            limit,
            head: bytes,
        })
    } else if lfs::may_be_manifest(path) && lfs::content_hash(&bytes).is_some() {
        Err(ReadError::LfsPointer)
    } else {
        Ok(bytes)
    }
}

/// Opens a regular file. Follows no link, and never blocks on a pipe.
pub(super) fn open_file(path: &Path) -> Result<(File, fs::Metadata), ReadError> {
    #[cfg(unix)]
    let opened = {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
        File::options().read(true).custom_flags(flags).open(path)
    };
    #[cfg(not(unix))]
    let opened = match fs::symlink_metadata(path) {
        Ok(meta) if !meta.is_file() => return Err(ReadError::NotAFile),
        _ => File::open(path),
    };
    let file = opened.map_err(|error| match fs::symlink_metadata(path) {
        Ok(meta) if !meta.is_file() => ReadError::NotAFile,
        _ => ReadError::Io(error),
    })?;
    let meta = file.metadata().map_err(ReadError::Io)?;
    if !meta.is_file() {
        return Err(ReadError::NotAFile);
    }
    Ok((file, meta))
}

/// Reads until a buffer is full or the source ends, and gives the number of bytes read.
pub(super) fn fill_buffer(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// How much of a file over the limit is read, in bytes: to see whether it bears the marks of a manifest.
pub(super) const HEAD: u64 = HEAD_BYTES as u64;

/// The same as a number of bytes in memory.
pub(super) const HEAD_BYTES: usize = 64 * 1024 * 1024;
