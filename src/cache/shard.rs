//! One shard's file: the outcomes of the files that fall to it, with what it is a part of, so that only what belongs together
//! is merged. What outcomes are is not known here.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::hash::{CacheKey, hash_parts};
use super::seal::{open_sealed, seal_content};
use super::segment::{Segment, SegmentWriter, create_temporary};
use crate::model::text::RelPath;

/// The key of the part's own description.
const META: CacheKey = [0; 32];

/// One of several shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

/// What a part is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartMeta {
    /// Which shard it is.
    pub shard: Shard,
    /// What else its outcomes follow from, by what people call it, with a hash of each.
    pub setting: Vec<(String, CacheKey)>,
    /// A hash of the names of all files of the mesh.
    pub files: CacheKey,
}

/// A part, opened.
#[derive(Debug)]
pub struct Part {
    /// The part's description of itself.
    pub meta: PartMeta,
    segment: Segment,
}

/// Why a part can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// It can't be read.
    #[error("cannot read the file: {0}")]
    Io(#[from] io::Error),
    /// The file is not a part, is damaged, or is of another version.
    #[error("the file is damaged or was not written by this version of govcheck")]
    NoPart,
}

impl Shard {
    /// Whether a file falls to the shard: by a hash of its path, so that files that come and go move no others.
    pub fn has(self, file: &RelPath) -> bool {
        let hash = hash_parts([file.as_str().as_bytes()]);
        let start = hash.first_chunk().copied().map_or(0, u64::from_le_bytes);
        start % u64::from(self.of.max(1)) == u64::from(self.number.saturating_sub(1))
    }
}

impl Part {
    /// Opens a part.
    ///
    /// # Errors
    /// It can't be read, or is none.
    pub fn open(path: &Path) -> Result<Self, PartError> {
        // A missing file gets an error of its own.
        File::open(path)?;
        let segment = Segment::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => PartError::NoPart,
            _ => PartError::Io(error),
        })?;
        let meta = segment.get(&META).and_then(|bytes| open_sealed(&bytes));
        Ok(Self {
            meta: meta.ok_or(PartError::NoPart)?,
            segment,
        })
    }

    /// The bytes of a record.
    pub(super) fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.segment.get(key)
    }

    /// Whether there is such a record.
    pub(crate) fn has(&self, key: &CacheKey) -> bool {
        self.segment.has(key)
    }
}

/// A part under way.
pub(crate) struct PartWriter(SegmentWriter);

impl PartWriter {
    /// Begins a part beside the file that it will be.
    ///
    /// # Errors
    /// The folder can't be written to.
    pub(crate) fn create(path: &Path, meta: &PartMeta) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let mut writer = SegmentWriter::of(create_temporary(folder.unwrap_or(Path::new(".")))?);
        let meta =
            seal_content(meta).ok_or_else(|| io::Error::other("the part cannot be serialized"))?;
        writer.add(META, &meta)?;
        Ok(Self(writer))
    }

    /// Adds a record.
    ///
    /// # Errors
    /// It can't be written.
    pub(crate) fn add(&mut self, key: CacheKey, bytes: &[u8]) -> io::Result<()> {
        self.0.add(key, bytes)
    }

    /// Gives the part its name. Gives how many bytes it has.
    ///
    /// # Errors
    /// It can't be written.
    pub(crate) fn finish(self, path: &Path) -> io::Result<u64> {
        self.0.finish(path, None)?;
        Ok(path.metadata()?.len())
    }
}
