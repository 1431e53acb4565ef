//! Parts of a run: the outcomes of the files that fall to one shard, in a file that `govcheck merge` puts together with the
//! others. A part says what it is a part of, so that only what belongs together is.

use std::fs::File;
use std::io;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::key;
use super::segment::{Key, Segment, SegmentWriter, temporary};
use crate::evaluate::listed::{Listed, identity_of};
use crate::evaluate::map::Setting;
use crate::evaluate::outcome::{encode, open, seal};
use crate::evaluate::whole::{Mapped, outcome_key};
use crate::model::text::RelPath;

/// What a part says of itself is found by this key.
const META: Key = [0; 32];

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
    pub setting: Vec<(String, Key)>,
    /// A hash of the names of all files of the mesh.
    pub files: Key,
}

/// A part, opened.
#[derive(Debug)]
pub struct Part {
    /// What it says of itself.
    pub meta: PartMeta,
    segment: Segment,
}

/// Why a part can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// It can't be read.
    #[error("cannot read the file: {0}")]
    Io(#[from] io::Error),
    /// It is no part, or one of another version, or damaged.
    #[error("the file is damaged or was not written by this version of govcheck")]
    NoPart,
}

impl Shard {
    /// Whether a file falls to the shard: by a hash of its path, so that files that come and go move no others.
    pub fn has(self, file: &RelPath) -> bool {
        let hash = key([file.as_str().as_bytes()]);
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
        // What is no file at all is told apart.
        File::open(path)?;
        let segment = Segment::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => PartError::NoPart,
            _ => PartError::Io(error),
        })?;
        let meta = segment.get(&META).and_then(|bytes| open(&bytes));
        Ok(Self {
            meta: meta.ok_or(PartError::NoPart)?,
            segment,
        })
    }

    pub(super) fn outcome(&self, key: &Key) -> Option<Vec<u8>> {
        self.segment.get(key)
    }

    /// The files that should be in one of the parts, but are in none as they are here: sorted.
    pub fn missing(parts: &[Self], setting: &Setting<'_>, listed: &Listed<'_>) -> Vec<RelPath> {
        let around = listed.contexts_read(setting);
        let is_missing = |file: &&RelPath| {
            let read = listed.source.read(file);
            let identity = identity_of(&read).filter(|_| read.is_ok());
            let key = identity.and_then(|identity| outcome_key(setting, &around, file, identity));
            // One that can't be read has no outcome there either.
            key.is_some_and(|key| !parts.iter().any(|part| part.segment.has(&key)))
        };
        let files = listed.files().par_iter();
        let mut missing: Vec<RelPath> = files.filter(is_missing).cloned().collect();
        missing.sort();
        missing
    }
}

/// Writes the outcomes of a part, whole or not at all. Gives how many bytes they are.
///
/// # Errors
/// The file can't be written.
pub fn write_part(
    path: &Path,
    meta: &PartMeta,
    setting: &Setting<'_>,
    mapped: &Mapped<'_>,
) -> io::Result<u64> {
    let unwritable = || io::Error::other("the part cannot be serialized");
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut writer = SegmentWriter::of(temporary(folder.unwrap_or(Path::new(".")))?);
    writer.add(META, &seal(meta).ok_or_else(unwritable)?)?;
    for (file, outcome) in &mapped.outcomes {
        if let Some(key) = mapped.outcome_key(setting, file) {
            writer.add(key, &encode(file, outcome).ok_or_else(unwritable)?)?;
        }
    }
    writer.finish(path, None)?;
    Ok(path.metadata()?.len())
}
