//! A whole mesh as the cache has it: what judging and reporting need, without what only rules look at. Where no file has
//! changed since, no outcome is read and no rule asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Cache;
use crate::evaluate::listed::Listed;
use crate::evaluate::map::{Outcome, Setting};
use crate::evaluate::outcome::wire::{
    Reader, TextNumber, WireCard, WireDraft, WireFinding, Writer,
};
use crate::evaluate::outcome::{open, seal};
use crate::evaluate::reduce::Reduced;
use crate::evaluate::whole::Mapped;
use crate::mesh::{Card, Facts, Mesh};
use crate::model::finding::Finding;
use crate::model::text::{RelPath, TextId};
use crate::policy::engine::Datum;
use crate::policy::engine::packed::Packed;

/// A mesh, mapped and reduced.
pub struct Whole<'s> {
    /// Its files.
    pub mapped: Mapped<'s>,
    /// Its entities and facts.
    pub mesh: Mesh,
    /// What mesh rules found.
    pub reduced: Reduced,
}

/// The kind of entity whose cards are looked at when a change is reported: who reads from whom.
const READS: &str = "product";

#[derive(Serialize, Deserialize)]
struct WireWhole {
    texts: Vec<Arc<str>>,
    /// In the order of the files.
    files: Vec<WireFile>,
    cards: Vec<WireCard>,
    found: Vec<WireFinding>,
    found_in: Vec<(TextNumber, u64)>,
}

/// An outcome without cards and facts.
#[derive(Serialize, Deserialize)]
struct WireFile {
    manifest: bool,
    text: Option<u64>,
    findings: Vec<WireFinding>,
    inline: Vec<WireDraft>,
}

impl<'s> Whole<'s> {
    /// A mesh as an earlier run left it; none if it is not known. Cards are without fields, but for those of products, and
    /// there are no facts. Files that another mesh has as well have its outcomes.
    pub fn recall(
        setting: &Setting<'_>,
        listed: &mut Listed<'s>,
        beside: Option<&Mapped<'_>>,
    ) -> Option<Self> {
        let cache = setting.cached?.cache;
        let key = listed.key(setting)?;
        let wire: WireWhole = open(&cache.record(&key)?)?;
        let reader = Reader { texts: &wire.texts };
        if wire.files.len() != listed.listing.files.len() {
            return None;
        }
        let contexts = listed.contexts(setting);
        let beside = beside.map(|other| (other, other.differing_contexts(setting, &contexts)));
        let mut outcomes = BTreeMap::new();
        let files = listed.listing.files.iter().zip(&listed.known);
        for ((file, known), wire) in files.zip(&wire.files) {
            let shared = beside.as_ref().and_then(|(other, differing)| {
                let [own, _] = (*known)?;
                other.shares(setting, differing, file, own)
            });
            let outcome = match shared {
                Some(shared) => shared,
                None => Arc::new(wire.read(&reader)?),
            };
            outcomes.insert(file.clone(), outcome);
        }
        let cards = wire.cards.iter().map(|card| reader.card(card));
        let cards = cards.collect::<Option<Vec<Card>>>()?;
        let found = wire.found.iter().map(|finding| reader.finding(finding));
        let found = found.collect::<Option<Vec<_>>>()?;
        let texts = wire.found_in.iter();
        let texts = texts.map(|(file, text)| Some((reader.file(*file)?, TextId(*text))));
        let texts = texts.collect::<Option<BTreeMap<RelPath, TextId>>>()?;
        Some(Self {
            mapped: Mapped::recalled(setting, listed, outcomes),
            mesh: Mesh::new(cards),
            reduced: Reduced::recalled(found, texts),
        })
    }

    /// All that was found, before judging.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        let reduced = self.reduced.findings.iter().cloned();
        self.mapped.findings().chain(reduced)
    }

    /// Leaves a mesh for later runs, if it is sure that nothing changed while it was judged.
    pub fn keep(&self, setting: &Setting<'_>) {
        let kept = || {
            let cache = setting.cached?.cache;
            let key = self.mapped.key(setting)?;
            let findings = || {
                let own = self.mapped.outcomes.values();
                own.flat_map(|outcome| &outcome.findings)
                    .chain(&self.reduced.findings)
            };
            if findings().any(Cache::is_unsure) || !self.mapped.unchanged(cache) {
                return None;
            }
            cache.put(key, &self.bytes()?);
            Some(())
        };
        // A mesh that is not kept is judged again.
        kept();
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        let files = self.mapped.outcomes.values();
        let files = files.map(|outcome| WireFile::of(outcome, &mut writer));
        let files = files.collect();
        let empty = Packed::of(&Datum::object());
        let thin = |card: &Card| Card {
            fields: match &*card.key.kind {
                READS => card.fields.clone(),
                _ => empty.clone(),
            },
            facts: Facts::default(),
            ..card.clone()
        };
        let cards = self.mesh.cards.iter().map(|card| writer.card(&thin(card)));
        let cards = cards.collect();
        let found = self.reduced.findings.iter().map(|one| writer.finding(one));
        let found = found.collect();
        let found_in = self.reduced.texts();
        let found_in = found_in.map(|(file, TextId(text))| (writer.text(file.as_str()), text));
        let found_in = found_in.collect();
        if writer.is_partial {
            return None;
        }
        seal(&WireWhole {
            files,
            cards,
            found,
            found_in,
            texts: writer.texts,
        })
    }
}

impl WireFile {
    fn of(outcome: &Outcome, writer: &mut Writer) -> Self {
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
            findings: findings.iter().map(|one| writer.finding(one)).collect(),
            inline: inline.iter().map(|one| writer.draft(one)).collect(),
        }
    }

    fn read(&self, reader: &Reader<'_>) -> Option<Outcome> {
        let findings = self.findings.iter().map(|one| reader.finding(one));
        let inline = self.inline.iter().map(|one| reader.draft(one));
        Some(Outcome {
            manifest: self.manifest,
            // Where plain policies judge, no mesh is kept.
            plain_only: false,
            findings: findings.collect::<Option<_>>()?,
            cards: Vec::new(),
            inline: inline.collect::<Option<_>>()?,
            text: self.text.map(TextId),
        })
    }
}
