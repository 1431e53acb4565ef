//! Shards: which files of a mesh the parts at hand lack, and the part of this run.

use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::keys::outcome_key;
use crate::cache::{Part, PartMeta, PartWriter};
use crate::evaluate::listed::{Listed, identity_of};
use crate::evaluate::mapped::Mapped;
use crate::evaluate::outcome::encode_outcome;
use crate::evaluate::setting::Setting;
use crate::model::text::RelPath;

/// The files that should be in one of the parts, but are in none as they are here: sorted.
pub fn missing_files(parts: &[Part], setting: &Setting<'_>, listed: &Listed<'_>) -> Vec<RelPath> {
    let around = listed.contexts_read(setting);
    let is_missing = |file: &&RelPath| {
        let read = listed.source.read(file);
        let identity = identity_of(&read).filter(|_| read.is_ok());
        let key = identity.and_then(|identity| outcome_key(setting, &around, file, identity));
        // One that can't be read has no outcome there either.
        key.is_some_and(|key| !parts.iter().any(|part| part.has(&key)))
    };
    let files = listed.files().par_iter();
    let mut missing: Vec<RelPath> = files.filter(is_missing).cloned().collect();
    missing.sort();
    missing
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
    let mut writer = PartWriter::create(path, meta)?;
    for (file, outcome) in &mapped.outcomes {
        if let Some(key) = mapped.outcome_key(setting, file) {
            writer.add(key, &encode_outcome(file, outcome).ok_or_else(unwritable)?)?;
        }
    }
    writer.finish(path)
}
