//! One file of the cache: records by key, written once and never changed. It appears whole, under its name, or not at all.
//! A file that does not match its own index counts as empty; each record carries a checksum.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::hash::CacheKey;
use super::seal::{open_sealed, seal_content};

/// The last bytes of a segment, after the place of its index.
const MAGIC: [u8; 8] = *b"govcheck";

/// Bytes of the place of the index, and what follows it.
const FOOTER: usize = 16;

/// Where a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct SegmentRecord {
    pub(super) key: CacheKey,
    at: u64,
    length: u32,
}

/// A segment to read from.
#[derive(Debug)]
pub(super) struct Segment {
    file: Mutex<File>,
    /// Sorted by key.
    pub(super) records: Vec<SegmentRecord>,
    /// In bytes.
    pub(super) size: u64,
    pub(super) modified: SystemTime,
}

impl Segment {
    /// Opens a segment.
    ///
    /// # Errors
    /// It can't be read, or it is none.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let meta = file.metadata()?;
        let size = meta.len();
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file is damaged");
        let end = size.checked_sub(FOOTER as u64).ok_or_else(damaged)?;
        file.seek(SeekFrom::Start(end))?;
        let mut footer = [0; FOOTER];
        file.read_exact(&mut footer)?;
        let (place, magic) = footer.split_at(8);
        let start = u64::from_le_bytes(place.try_into().map_err(|_| damaged())?);
        if magic != MAGIC || start > end {
            return Err(damaged());
        }
        file.seek(SeekFrom::Start(start))?;
        let mut index = Vec::new();
        (&mut file).take(end - start).read_to_end(&mut index)?;
        let records: Vec<SegmentRecord> = open_sealed(&index).ok_or_else(damaged)?;
        let within = |record: &SegmentRecord| {
            let ends = record.at.checked_add(u64::from(record.length));
            ends.is_some_and(|ends| ends <= start)
        };
        if !records.iter().all(within) {
            return Err(damaged());
        }
        Ok(Self {
            file: Mutex::new(file),
            records,
            size,
            modified: meta.modified()?,
        })
    }

    /// The bytes of a record.
    pub(super) fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        let at = self.records.binary_search_by_key(key, |record| record.key);
        self.bytes(self.records.get(at.ok()?)?).ok()
    }

    /// Whether there is such a record.
    pub(super) fn has(&self, key: &CacheKey) -> bool {
        let found = self.records.binary_search_by_key(key, |record| record.key);
        found.is_ok()
    }

    fn bytes(&self, record: &SegmentRecord) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; record.length as usize];
        self.read_at(&mut bytes, record.at)?;
        Ok(bytes)
    }

    #[cfg(unix)]
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        use std::os::unix::fs::FileExt;
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.read_exact_at(bytes, at)
    }

    #[cfg(not(unix))]
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(bytes)
    }
}

/// A segment under way, in a file without its name.
pub(super) struct SegmentWriter {
    to: BufWriter<NamedTempFile>,
    at: u64,
    /// Where each record is, and its length.
    records: BTreeMap<CacheKey, (u64, u32)>,
}

impl SegmentWriter {
    /// Begins a segment in a file of its own.
    pub(super) fn of(file: NamedTempFile) -> Self {
        Self {
            to: BufWriter::with_capacity(1 << 18, file),
            at: 0,
            records: BTreeMap::new(),
        }
    }

    /// Adds a record; of two with one key the first counts.
    pub(super) fn add(&mut self, key: CacheKey, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        if let Entry::Vacant(free) = self.records.entry(key) {
            self.to.write_all(bytes)?;
            free.insert((self.at, length));
            self.at += u64::from(length);
        }
        Ok(())
    }

    /// Adds what a segment has.
    pub(super) fn add_all(&mut self, segment: &Segment) -> io::Result<()> {
        for record in &segment.records {
            self.add(record.key, &segment.bytes(record)?)?;
        }
        Ok(())
    }

    /// Ends the segment: it has its name from now on. `modified`: the time that it counts from, if not now.
    pub(super) fn finish(mut self, path: &Path, modified: Option<SystemTime>) -> io::Result<()> {
        let records = self.records.into_iter();
        let records = records.map(|(key, (at, length))| SegmentRecord { key, at, length });
        let records: Vec<SegmentRecord> = records.collect();
        let index =
            seal_content(&records).ok_or_else(|| io::Error::other("the file cannot be written"))?;
        self.to.write_all(&index)?;
        self.to.write_all(&self.at.to_le_bytes())?;
        self.to.write_all(&MAGIC)?;
        let file = self
            .to
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        if let Some(modified) = modified {
            file.as_file().set_modified(modified)?;
        }
        file.persist(path)?;
        Ok(())
    }
}

/// Writes a small file whole or not at all.
pub(super) fn write_whole(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_temporary(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// What files under way are called: the start and the end of their names.
pub(super) const TEMPORARY: [&str; 2] = ["new-", ".tmp"];

/// A file under way in a folder.
pub(super) fn create_temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let [start, end] = TEMPORARY;
    tempfile::Builder::new()
        .prefix(start)
        .suffix(end)
        .tempfile_in(folder)
}

/// The bytes of a small file, if it is one.
pub(super) fn read_whole(path: &Path) -> Option<Vec<u8>> {
    let meta = fs::symlink_metadata(path).ok()?;
    meta.is_file().then(|| fs::read(path).ok()).flatten()
}
