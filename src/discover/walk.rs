//! The files below a folder on disk. Names are looked at, files are opened by [`Walk::read`] alone, links are never followed.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::patterns::{PatternError, Patterns};
use super::problem::ReadError;
use super::{FileSource, Listing, Reader, Stat, git, lfs, visit};
use crate::model::text::RelPath;

/// Names that manifests have; others need a pattern.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// What to look at.
#[derive(Debug, Clone)]
pub struct WalkOptions {
    /// Globs relative to the root; none for all. The only way to a hidden file or folder is a pattern that names it, dot and all.
    pub include: Vec<String>,
    /// Globs relative to the root; stronger than `include`.
    pub exclude: Vec<String>,
    /// Globs of candidates with other names than `*.yaml`, `*.yml` and `*.json`; `include` and `exclude` hold for them too.
    pub extra: Vec<String>,
    /// Files over this many bytes are listed, but not read.
    pub max_bytes: u64,
}

impl Default for WalkOptions {
    /// All manifests by extension, up to 8 MiB.
    fn default() -> Self {
        Self {
            include: Vec::new(),
            exclude: Vec::new(),
            extra: Vec::new(),
            max_bytes: 8 * 1024 * 1024,
        }
    }
}

/// The files below a folder on disk.
#[derive(Debug)]
pub struct Walk {
    folders: Arc<Folders>,
    include: Patterns,
    exclude: Patterns,
    extra: Patterns,
    max_bytes: u64,
    /// The patterns in one text.
    patterns: String,
    /// What was listed ahead.
    listing: Mutex<Option<Listing>>,
}

impl Walk {
    /// Compiles the patterns; nothing is read yet.
    pub fn new(root: &Path, options: &WalkOptions) -> Result<Self, PatternError> {
        // A root that is not there is found out by `list`.
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Ok(Self {
            folders: Arc::new(Folders {
                root,
                inside: Mutex::default(),
            }),
            include: Patterns::new(&options.include)?,
            exclude: Patterns::new(&options.exclude)?,
            extra: Patterns::new(&options.extra)?,
            max_bytes: options.max_bytes,
            patterns: format!(
                "{:?} {:?} {:?}",
                options.include, options.exclude, options.extra
            ),
            listing: Mutex::default(),
        })
    }

    /// Lists the files for the first that asks.
    pub fn list_ahead(&self) {
        let listing = visit::list(self);
        *self.ahead() = Some(listing);
    }

    fn ahead(&self) -> MutexGuard<'_, Option<Listing>> {
        self.listing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Absolute, without links, if it is there.
    pub(super) fn root(&self) -> &Path {
        &self.folders.root
    }

    /// Whether a path has the name of a manifest.
    pub(super) fn candidate(&self, path: &str) -> bool {
        let extension = Path::new(path)
            .extension()
            .and_then(|extension| extension.to_str());
        extension.is_some_and(|have| {
            EXTENSIONS
                .iter()
                .any(|want| have.eq_ignore_ascii_case(want))
        }) || self.extra.is_match(path)
    }

    /// Whether `path` is excluded, or hidden and not named, or inside something that is.
    pub(super) fn left_out(&self, path: &str) -> bool {
        if self.exclude.is_match(path) {
            return true;
        }
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        let mut start = 0;
        for end in ends {
            let name = path.get(start..end).unwrap_or_default();
            let until = path.get(..end).unwrap_or_default();
            if name.eq_ignore_ascii_case(".git")
                || (name.starts_with('.') && !self.include.names_hidden(until))
            {
                return true;
            }
            start = end + 1;
        }
        false
    }

    /// Whether a regular file of this path is a candidate.
    pub(super) fn wants(&self, path: &str) -> bool {
        self.candidate(path) && self.included(path) && !self.left_out(path)
    }

    /// Whether a file that is not there yet would be listed.
    pub fn would_list(&self, path: &RelPath) -> bool {
        let file = self.root().join(path.as_str());
        self.wants(path.as_str()) && !git::ignores_new(self.root(), &file)
    }

    /// All that decides which files are wanted, as bytes.
    pub(super) fn patterns(&self) -> &[u8] {
        self.patterns.as_bytes()
    }

    /// Files over this many bytes are listed, but not read.
    pub(super) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Whether `include` covers a path.
    pub(super) fn included(&self, path: &str) -> bool {
        self.include.is_empty() || self.include.is_match(path)
    }

    /// Whether something below a folder may be wanted.
    pub(super) fn folder_wanted(&self, path: &str) -> bool {
        !self.left_out(path) && (self.include.is_empty() || self.include.reaches(path))
    }
}

impl FileSource for Walk {
    fn list(&self) -> Listing {
        let ahead = self.ahead().take();
        ahead.unwrap_or_else(|| visit::list(self))
    }

    fn holds(&self, path: &RelPath) -> bool {
        fs::symlink_metadata(self.root().join(path.as_str())).is_ok()
    }

    fn unread(&self) -> Vec<RelPath> {
        let tracked = git::tracked_below(self.root()).into_iter();
        let unread = tracked.filter(|path| !self.wants(path));
        unread
            .map(RelPath::new)
            .filter(|path| self.holds(path))
            .collect()
    }

    fn stat(&self, path: &RelPath) -> Option<Stat> {
        Stat::of(&fs::symlink_metadata(self.folders.root.join(path.as_str())).ok()?)
    }

    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError> {
        read(&self.folders, path, self.max_bytes)
    }

    fn reader(&self) -> Arc<Reader> {
        let (folders, limit) = (Arc::clone(&self.folders), self.max_bytes);
        Arc::new(move |path| read(&folders, path, limit).ok())
    }
}

/// How many folders are remembered.
const KNOWN: usize = 4096;

/// A root and the folders below it that were looked at last: thousands of files are in few folders, or in folders whose own
/// folders are few.
#[derive(Debug)]
struct Folders {
    root: PathBuf,
    inside: Mutex<HashSet<PathBuf>>,
}

impl Folders {
    /// Whether a folder is below the root, all links followed.
    fn are_inside(&self, folder: &Path) -> io::Result<bool> {
        if folder == self.root || self.known().contains(folder) {
            return Ok(true);
        }
        let is_link = fs::symlink_metadata(folder)?.is_symlink();
        // A folder that is no link is where the one around it is.
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

    fn known(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        // Who panicked with the lock has left a set that is whole.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a file below a root, never over a link that leads out of it.
fn read(folders: &Folders, path: &RelPath, limit: u64) -> Result<Vec<u8>, ReadError> {
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
    let (file, meta) = open(&full)?;
    // A file over the limit is read as far as it takes to see what it is.
    let wanted = if meta.len() > limit {
        HEAD
    } else {
        limit.saturating_add(1)
    };
    let mut file = file.take(wanted);
    // What it holds beyond the size that it had just now was written meanwhile.
    let mut bytes = vec![0; usize::try_from(meta.len().min(wanted)).unwrap_or_default()];
    let length = fill(&mut file, &mut bytes).map_err(ReadError::Io)?;
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
    } else if lfs::matters(path) && lfs::content_hash(&bytes).is_some() {
        Err(ReadError::LfsPointer)
    } else {
        Ok(bytes)
    }
}

/// Opens a regular file, and nothing else: over no link, and without waiting for who may write into a pipe.
fn open(path: &Path) -> Result<(File, fs::Metadata), ReadError> {
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

/// Reads until a buffer is full, without asking for more, or there is no more; gives how much there is.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
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

/// How much of a file over the limit is read, in bytes.
const HEAD: u64 = HEAD_BYTES as u64;

/// The same as a number of bytes in memory.
pub(super) const HEAD_BYTES: usize = 64 * 1024;
