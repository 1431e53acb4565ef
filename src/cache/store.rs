//! The cache on disk: a folder of segments. A run reads the existing segments and adds one of its own, so that concurrent
//! runs don't wait for each other, and a killed run leaves no half-written record.
//!
//! Why no database: records never change, and losing one only costs time. redb locks its file for one process; LMDB maps
//! it, which takes `unsafe` and ends the process if the file is cut off; SQLite would do, for a megabyte of C. All we need
//! is a file that is there whole or not at all, and a rename does that.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use super::hash::CacheKey;
use super::seal::VERSION;
use super::segment::{
    Segment, SegmentWriter, TEMPORARY, create_temporary, read_whole, write_whole,
};

/// The end of the names of segments. Those of another version have another, and get old.
const SEGMENT: &str = "segment";

/// The end of the names of tables of files.
const TABLE: &str = "files";

/// How many segments there may be before some are made one.
const SEGMENTS: usize = 12;

/// How old an unfinished file must be before another run deletes it.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// The cache on disk, for one run.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// The most bytes that it may have.
    limit: u64,
    /// The newest first.
    segments: Vec<Segment>,
    fresh: Mutex<Fresh>,
    /// The time on the file system when the run began.
    began: Option<SystemTime>,
    remarks: Mutex<Vec<String>>,
}

/// What this run adds.
enum Fresh {
    Segment(Box<SegmentWriter>, usize),
    /// It can't be written, or it is written.
    Closed,
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Fresh::Segment(..) => "Segment",
            Fresh::Closed => "Closed",
        })
    }
}

/// How much a cache holds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct CacheSize {
    /// Files.
    pub files: usize,
    /// Records in them.
    pub records: usize,
    /// Bytes.
    pub bytes: u64,
}

impl Store {
    /// Opens the cache in a folder, which is created if it is missing. An obstacle becomes a remark, not an error.
    pub fn open(folder: &Path, limit: u64) -> Self {
        let mut store = Self {
            folder: folder.to_owned(),
            limit,
            segments: Vec::new(),
            fresh: Mutex::new(Fresh::Closed),
            began: None,
            remarks: Mutex::new(Vec::new()),
        };
        if let Err(error) = store.begin() {
            store.remark(format!(
                "cannot be written, so the next run starts without it: {error}"
            ));
        }
        for (path, _) in files(&store.folder, &[SEGMENT]) {
            match Segment::open(&path) {
                Ok(segment) => store.segments.push(segment),
                // Another run has just put it into another one.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => store.discard(&path, &error),
            }
        }
        store
            .segments
            .sort_by_key(|segment| std::cmp::Reverse(segment.modified));
        store
    }

    fn begin(&mut self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let file = create_temporary(&self.folder)?;
        self.began = Some(file.as_file().metadata()?.modified()?);
        self.fresh = Mutex::new(Fresh::Segment(Box::new(SegmentWriter::of(file)), 0));
        Ok(())
    }

    fn discard(&self, path: &Path, error: &io::Error) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.remark(format!("discarded `{name}`: {error}"));
        if error.kind() == io::ErrorKind::InvalidData {
            let _ = fs::remove_file(path);
        }
    }

    fn remark(&self, text: String) {
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        remarks.push(text);
    }

    /// The time on the file system when the run began: what is changed from now on is not older.
    pub(super) fn began(&self) -> Option<SystemTime> {
        self.began
    }

    /// A record.
    pub(super) fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.segments.iter().find_map(|segment| segment.get(key))
    }

    /// Whether there is such a record.
    pub(super) fn has(&self, key: &CacheKey) -> bool {
        self.segments.iter().any(|segment| segment.has(key))
    }

    /// Adds a record. One that can't be written is left: the rest of the run goes without.
    pub(super) fn put(&self, key: CacheKey, bytes: &[u8]) {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if let Fresh::Segment(writer, count) = &mut *fresh {
            match writer.add(key, bytes) {
                Ok(()) => *count += 1,
                Err(error) => {
                    *fresh = Fresh::Closed;
                    self.remark(format!("could not be written: {error}"));
                }
            }
        }
    }

    /// A table of files, by its name.
    pub(super) fn table(&self, name: &str) -> Option<Vec<u8>> {
        read_whole(&self.path(name, TABLE))
    }

    /// Replaces a table of files.
    pub(super) fn put_table(&self, name: &str, bytes: &[u8]) {
        if self.began.is_none() {
            return;
        }
        if let Err(error) = write_whole(&self.folder, &self.path(name, TABLE), bytes) {
            self.remark(format!("could not be written: {error}"));
        }
    }

    fn path(&self, name: &str, kind: &str) -> PathBuf {
        self.folder.join(format!("{name}.{}", ending(kind)))
    }

    /// Writes what the run has added, and keeps the cache within its bound. Gives remarks for the user, if any.
    pub fn close(self) -> Vec<String> {
        let fresh = std::mem::replace(
            &mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner),
            Fresh::Closed,
        );
        if let Fresh::Segment(writer, count) = fresh
            && count > 0
        {
            let done = unused(&self.folder).and_then(|path| writer.finish(&path, None));
            match done.and_then(|()| self.tidy()) {
                Ok(()) => {}
                Err(error) => self.remark(format!("could not be written: {error}")),
            }
        }
        self.remarks
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn tidy(&self) -> io::Result<()> {
        let mut all = files(&self.folder, &[SEGMENT, TABLE]);
        let mut total: u64 = all.iter().map(|(_, meta)| meta.len()).sum();
        let age = |meta: &fs::Metadata| meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // The newest first, so that the oldest is the next to go.
        all.sort_by_key(|(_, meta)| std::cmp::Reverse(age(meta)));
        while total > self.limit
            && let Some((path, meta)) = all.pop()
        {
            fs::remove_file(path)?;
            total -= meta.len();
        }
        for (path, meta) in under_way(&self.folder) {
            let old = self
                .began
                .and_then(|now| now.duration_since(age(&meta)).ok());
            if old.is_some_and(|old| old > PATIENCE) {
                let _ = fs::remove_file(path);
            }
        }
        self.merge(all.into_iter().map(|(path, _)| path).collect())
    }

    /// Makes one of the smaller half of the segments, if there are too many.
    fn merge(&self, mut paths: Vec<PathBuf>) -> io::Result<()> {
        paths.retain(|path| path.extension() == Some(OsStr::new(&ending(SEGMENT))));
        if paths.len() <= SEGMENTS {
            return Ok(());
        }
        let opened = paths.into_iter();
        let mut opened: Vec<(PathBuf, Segment)> = opened
            .filter_map(|path| Segment::open(&path).ok().map(|segment| (path, segment)))
            .collect();
        opened.sort_by_key(|(_, segment)| segment.size);
        opened.truncate(SEGMENTS / 2 + 1);
        let mut writer = SegmentWriter::of(create_temporary(&self.folder)?);
        for (_, segment) in &opened {
            writer.add_all(segment)?;
        }
        let newest = opened.iter().map(|(_, segment)| segment.modified).max();
        writer.finish(&unused(&self.folder)?, newest)?;
        for (path, _) in opened {
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    /// How much the cache in a folder holds.
    pub fn held(folder: &Path) -> CacheSize {
        let mut held = CacheSize::default();
        for (path, meta) in files(folder, &[SEGMENT, TABLE]) {
            held.files += 1;
            held.bytes += meta.len();
            if path.extension() == Some(OsStr::new(&ending(SEGMENT))) {
                held.records += Segment::open(&path).map_or(0, |segment| segment.records.len());
            }
        }
        held
    }

    /// Empties the cache in a folder; foreign files stay.
    ///
    /// # Errors
    /// A file can't be removed.
    pub fn clear(folder: &Path) -> io::Result<CacheSize> {
        let held = Self::held(folder);
        let all = files(folder, &[]).into_iter().chain(under_way(folder));
        for (path, _) in all {
            fs::remove_file(path)?;
        }
        Ok(held)
    }
}

/// A name that no segment has: that of a file under way.
fn unused(folder: &Path) -> io::Result<PathBuf> {
    let file = create_temporary(folder)?;
    Ok(file.path().with_extension(ending(SEGMENT)))
}

/// The extension of a kind of file.
fn ending(kind: &str) -> String {
    format!("govcheck-{VERSION}-{kind}")
}

/// The files of these kinds in a folder; those of all kinds and versions if none is named.
fn files(folder: &Path, kinds: &[&str]) -> Vec<(PathBuf, fs::Metadata)> {
    listed(folder, &|path| {
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        kinds.iter().any(|kind| extension == ending(kind))
            || (kinds.is_empty() && extension.starts_with("govcheck-"))
    })
}

fn under_way(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let [start, end] = TEMPORARY;
    listed(folder, &|path| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.starts_with(start) && name.ends_with(end)
    })
}

fn listed(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<(PathBuf, fs::Metadata)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(PathBuf, fs::Metadata)> = entries
        .map(|entry| entry.path())
        .filter(|path| wanted(path))
        .filter_map(|path| fs::symlink_metadata(&path).ok().map(|meta| (path, meta)))
        .filter(|(_, meta)| meta.is_file())
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
