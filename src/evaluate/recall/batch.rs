//! Outcomes of neighbouring files in the cache, without the parts that only rules read. A mesh is made of
//! batches: two meshes that differ in one file have all but one of them in common, on disk and in memory.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cache::{CacheKey, hash_parts, open_sealed, seal_content};
use crate::discover::Identity;
use crate::evaluate::outcome::Outcome;
use crate::evaluate::outcome::wire::{WireCard, WireDraft, WireFinding, WireReader, Writer};
use crate::mesh::{Card, Facts};
use crate::model::kinds;
use crate::model::names::EntityNames;
use crate::model::text::{RelPath, TextId};
use crate::policy::engine::Datum;
use crate::policy::engine::codec::Packed;

/// On average one file in this many begins a new batch. A hash of its name decides, so that adding or removing a file
/// changes only its own batch.
const FILES: u64 = 64;

/// Outcomes of files, in their order, and cards of their entities.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) outcomes: Vec<Arc<Outcome>>,
    pub(super) cards: Vec<Card>,
}

#[derive(Serialize, Deserialize)]
struct WireBatch {
    texts: Vec<Arc<str>>,
    /// In the order of the files.
    files: Vec<WireFile>,
    cards: Vec<WireCard>,
}

/// An outcome without cards and facts.
#[derive(Serialize, Deserialize)]
struct WireFile {
    manifest: bool,
    text: Option<u64>,
    findings: Vec<WireFinding>,
    inline: Vec<WireDraft>,
}

/// Where batches of sorted files begin and end.
pub(super) fn batch_ranges<'f>(
    files: impl ExactSizeIterator<Item = &'f RelPath>,
) -> Vec<Range<usize>> {
    let count = files.len();
    let mut starts = vec![0];
    starts.extend(files.enumerate().skip(1).filter_map(|(at, file)| {
        let mut hasher = DefaultHasher::new();
        file.hash(&mut hasher);
        hasher.finish().is_multiple_of(FILES).then_some(at)
    }));
    let ends = starts.iter().skip(1).copied().chain([count]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

/// A hash of the files that others inherit from.
pub(super) fn hash_contexts(contexts: &BTreeMap<RelPath, Option<Identity>>) -> CacheKey {
    let parts = contexts.iter().flat_map(|(file, identity)| {
        let held = identity.as_ref().map(|[own, _]| own.as_bytes());
        [file.as_str().as_bytes(), held.unwrap_or_default()]
    });
    hash_parts([b"around".as_slice()].into_iter().chain(parts))
}

/// A hash of all that determines a batch. `None` if a file could not be read.
pub(super) fn batch_key<'i>(
    setting: &CacheKey,
    around: &CacheKey,
    files: impl Iterator<Item = (&'i RelPath, Option<&'i Identity>)>,
) -> Option<CacheKey> {
    let mut parts: Vec<&[u8]> = vec![b"batch", setting, around];
    for (file, identity) in files {
        let [own, _] = identity?;
        parts.extend([file.as_str().as_bytes(), own.as_bytes()]);
    }
    Some(hash_parts(parts))
}

impl Batch {
    /// Reads a batch of this many files. `None` if the bytes are not one.
    pub(super) fn read(bytes: &[u8], files: usize) -> Option<Self> {
        let wire: WireBatch = open_sealed(bytes)?;
        let reader = WireReader::new(&wire.texts);
        let mut outcomes = Vec::with_capacity(files);
        for file in &wire.files {
            outcomes.push(Arc::new(file.read(&reader)?));
        }
        let mut cards = Vec::with_capacity(wire.cards.len());
        for card in &wire.cards {
            cards.push(reader.card(card)?);
        }
        (outcomes.len() == files).then_some(Self { outcomes, cards })
    }

    /// The bytes of a batch. `None` if something in it can't be serialised.
    pub(super) fn bytes<'o>(
        outcomes: impl Iterator<Item = (&'o RelPath, &'o Outcome)>,
        cards: impl Iterator<Item = &'o Card>,
    ) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        let files = outcomes.map(|(file, outcome)| WireFile::of(file, outcome, &mut writer));
        let files = files.collect();
        let cards = cards.map(|card| writer.card(&thin(card))).collect();
        if writer.is_partial {
            return None;
        }
        seal_content(&WireBatch {
            files,
            cards,
            texts: writer.texts,
        })
    }
}

/// A card without facts, and only with the fields that are read later: all fields of a product, else the name that replaces
/// a UUID in messages.
fn thin(card: &Card) -> Card {
    let name = || {
        let name = card.text("name").filter(|_| EntityNames::wants(&card.key));
        let name = name.map(|name| (Arc::from("name"), Datum::text(&name)));
        Packed::of(&Datum::fields(name))
    };
    Card {
        fields: match &*card.key.kind {
            kinds::PRODUCT => card.fields.clone(),
            _ => name(),
        },
        facts: Facts::default(),
        ..card.clone()
    }
}

impl WireFile {
    fn of(file: &RelPath, outcome: &Outcome, writer: &mut Writer<'_>) -> Self {
        // All fields by name: a new one must be written, too.
        let Outcome {
            manifest,
            findings,
            cards: _,
            inline,
            plain_only: _,
            text,
        } = outcome;
        Self {
            manifest: *manifest,
            text: text.map(|TextId(text)| text),
            findings: findings
                .read(file)
                .iter()
                .map(|one| writer.finding(one))
                .collect(),
            inline: inline.iter().map(|one| writer.draft(one)).collect(),
        }
    }

    fn read(&self, reader: &WireReader<'_>) -> Option<Outcome> {
        let mut findings = Vec::with_capacity(self.findings.len());
        for finding in &self.findings {
            findings.push(reader.finding(finding)?);
        }
        let inline = self.inline.iter().map(|one| reader.draft(one));
        Some(Outcome {
            manifest: self.manifest,
            // Where plain policies judge, no mesh is kept.
            plain_only: false,
            findings: findings.into(),
            cards: Vec::new(),
            inline: inline.collect::<Option<_>>()?,
            text: self.text.map(TextId),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(count: usize) -> Vec<RelPath> {
        let mut files: Vec<RelPath> = (0..count)
            .map(|at| RelPath::new(format!("{at}.yaml")))
            .collect();
        files.sort();
        files
    }

    fn batches(files: &[RelPath]) -> Vec<Vec<RelPath>> {
        let ranges = batch_ranges(files.iter());
        ranges
            .into_iter()
            .map(|range| files[range].to_vec())
            .collect()
    }

    #[test]
    fn batches_are_all_files_in_their_order() {
        for count in [1, 2, 1000] {
            let files = files(count);
            assert_eq!(batches(&files).concat(), files);
        }
    }

    #[test]
    fn an_added_file_changes_only_its_batch() {
        let mut files = files(1000);
        let before = batches(&files);
        assert!(before.len() > 5, "{}", before.len());
        files.push(RelPath::new("500-more.yaml"));
        files.sort();
        let after = batches(&files);
        let new = after.iter().filter(|batch| !before.contains(batch));
        assert!(new.count() <= 2);
    }
}
