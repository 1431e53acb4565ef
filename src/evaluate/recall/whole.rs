//! A whole mesh as the cache has it: what judging and reporting need, without what only rules look at. Where no file has
//! changed since, no outcome is read and no rule asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::batch::{Batch, batch_key, batch_ranges, hash_contexts};
use super::outcomes::is_unsure;
use crate::cache::{Cache, CacheKey, open_sealed, seal_content};
use crate::evaluate::listed::Listed;
use crate::evaluate::mapped::Mapped;
use crate::evaluate::outcome::Outcome;
use crate::evaluate::outcome::wire::{TextNumber, WireFinding, WireReader, Writer};
use crate::evaluate::reduce::Reduced;
use crate::evaluate::setting::{Cached, Setting};
use crate::mesh::{Card, Mesh};
use crate::model::finding::Finding;
use crate::model::text::{RelPath, TextId};

/// A mesh, mapped and reduced.
pub struct Whole<'s> {
    /// Its files.
    pub mapped: Mapped<'s>,
    /// Its entities and facts.
    pub mesh: Mesh,
    /// What mesh rules found.
    pub reduced: Reduced,
    /// What was taken from the cache, for another mesh to share.
    batches: BTreeMap<CacheKey, Arc<Batch>>,
}

/// Room for findings on config and waivers, beside those in files.
const NOTES: usize = 100;

/// What mesh rules found.
#[derive(Serialize, Deserialize)]
struct WireReduced {
    texts: Vec<Arc<str>>,
    found: Vec<WireFinding>,
    found_in: Vec<(TextNumber, u64)>,
}

impl<'s> Whole<'s> {
    /// A mesh that was judged.
    pub fn new(mapped: Mapped<'s>, mesh: Mesh, reduced: Reduced) -> Self {
        Self {
            mapped,
            mesh,
            reduced,
            batches: BTreeMap::new(),
        }
    }

    /// A mesh from the cache. `None` if it is missing. Cards of products have all fields, others at most a
    /// name; there are no facts. Files that another mesh has as well have its outcomes.
    pub fn recall(
        setting: &Setting<'_>,
        listed: &mut Listed<'s>,
        beside: Option<&Whole<'_>>,
    ) -> Option<Self> {
        let Cached { cache, .. } = setting.cached?;
        let key = listed.key(setting)?;
        let reduced = read_reduced(&cache.record(&key)?)?;
        let batches = recall_batches(setting, listed, beside)?;
        let files = listed.listing.files.iter().cloned();
        let outcomes = batches.iter().flat_map(|(_, batch)| &batch.outcomes);
        let outcomes = files.zip(outcomes.cloned()).collect();
        let count = batches.iter().map(|(_, batch)| batch.cards.len()).sum();
        let mut cards: Vec<Card> = Vec::with_capacity(count);
        for (_, batch) in &batches {
            cards.extend(batch.cards.iter().cloned());
        }
        Some(Self {
            mapped: Mapped::recalled(setting, listed, outcomes),
            mesh: Mesh::new(cards),
            reduced,
            batches: batches.into_iter().collect(),
        })
    }

    /// All that was found, before judging. Nobody asks a second time.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        self.batches.clear();
        let more = self.reduced.findings.len() + NOTES;
        let mut findings = self.mapped.take_findings(more);
        findings.append(&mut self.reduced.findings);
        findings
    }

    /// Leaves a mesh for later runs, if it is sure that nothing changed while it was judged.
    pub fn keep(&self, setting: &Setting<'_>) {
        let kept = || {
            let Cached { cache, setting: by } = setting.cached?;
            let key = self.mapped.key(setting)?;
            let unsure = |findings: &[Finding]| findings.iter().any(is_unsure);
            let of_files = self.mapped.outcomes.par_iter();
            let mut is_unsure = unsure(&self.reduced.findings);
            is_unsure |= of_files.any(|(file, outcome)| unsure(&outcome.findings.read(file)));
            if is_unsure || !self.mapped.unchanged(cache) {
                return None;
            }
            self.keep_batches(cache, &by)?;
            cache.put(key, &self.reduced_bytes()?);
            cache.keep_setting(&by);
            Some(())
        };
        // A mesh that is not kept is judged again.
        kept();
    }

    fn keep_batches(&self, cache: &Cache, by: &CacheKey) -> Option<()> {
        let mut cards: Vec<&Card> = self.mesh.cards.iter().collect();
        cards.par_sort_unstable_by_key(|card| (&card.file, card.document, card.ordinal));
        let around = hash_contexts(self.mapped.around());
        let files: Vec<(&RelPath, &Arc<Outcome>)> = self.mapped.outcomes.iter().collect();
        let ranges = batch_ranges(self.mapped.outcomes.keys());
        let written = ranges.into_par_iter().map(|range| {
            let files = files.get(range)?;
            let known = files
                .iter()
                .map(|(file, _)| (*file, self.mapped.identity(file)));
            let key = batch_key(by, &around, known)?;
            if !cache.has(&key) {
                let own = files.iter().flat_map(|(file, _)| {
                    let begin = cards.partition_point(|card| card.file < **file);
                    let rest = cards.get(begin..).unwrap_or_default();
                    let own = rest.iter().take_while(|card| card.file == **file);
                    own.copied()
                });
                let outcomes = files.iter().map(|(file, outcome)| (*file, &***outcome));
                cache.put(key, &Batch::bytes(outcomes, own)?);
            }
            Some(())
        });
        written.collect()
    }

    fn reduced_bytes(&self) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        let found = self.reduced.findings.iter().map(|one| writer.finding(one));
        let found = found.collect();
        let found_in = self.reduced.texts();
        let found_in = found_in.map(|(file, TextId(text))| (writer.text(file.as_str()), text));
        let found_in = found_in.collect();
        if writer.is_partial {
            return None;
        }
        seal_content(&WireReduced {
            found,
            found_in,
            texts: writer.texts,
        })
    }
}

fn read_reduced(bytes: &[u8]) -> Option<Reduced> {
    let wire: WireReduced = open_sealed(bytes)?;
    let reader = WireReader::new(&wire.texts);
    let found = wire.found.iter().map(|finding| reader.finding(finding));
    let found = found.collect::<Option<Vec<_>>>()?;
    let texts = wire.found_in.iter();
    let texts = texts.map(|(file, text)| Some((reader.file(*file)?, TextId(*text))));
    Some(Reduced::recalled(found, texts.collect::<Option<_>>()?))
}

/// The batches of a mesh, with their keys, in the order of its files. `None` if one of them is not cached.
fn recall_batches(
    setting: &Setting<'_>,
    listed: &Listed<'_>,
    beside: Option<&Whole<'_>>,
) -> Option<Vec<(CacheKey, Arc<Batch>)>> {
    let Cached { cache, setting: by } = setting.cached?;
    let contexts = listed.contexts(setting);
    let around = hash_contexts(&contexts);
    let beside = beside.map(|other| (other, other.mapped.differing_contexts(setting, &contexts)));
    let files = &listed.listing.files;
    let batches = batch_ranges(files.iter()).into_par_iter().map(|range| {
        let (files, known) = (files.get(range.clone())?, listed.known.get(range)?);
        let key = batch_key(
            &by,
            &around,
            files.iter().zip(known.iter().map(Option::as_ref)),
        )?;
        let shared = beside
            .as_ref()
            .and_then(|(other, _)| other.batches.get(&key));
        if let Some(shared) = shared {
            return Some((key, Arc::clone(shared)));
        }
        let mut batch = Batch::read(&cache.record(&key)?, files.len())?;
        if let Some((other, differing)) = &beside {
            for ((file, known), outcome) in files.iter().zip(known).zip(&mut batch.outcomes) {
                let [own, _] = (*known)?;
                if let Some(shared) = other.mapped.shares(setting, differing, file, own) {
                    *outcome = shared;
                }
            }
        }
        Some((key, Arc::new(batch)))
    });
    batches.collect()
}
