//! A whole mesh: every file mapped, the outcomes put together. Two meshes share the outcomes of the files that they share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::listed::{Listed, identity_of, read_contexts};
use super::map::judge_file;
use super::outcome::Outcome;
use super::profile::Stage;
use super::recall::keys::{mesh_key, outcome_key};
use super::recall::outcomes::{keep_outcome, recall_outcome};
use super::rules::builtin_level;
use super::setting::Setting;
use crate::cache::{Cache, CacheKey};
use crate::discover::{self, ContentId, FileSource, Identity, ReadError};
use crate::lift::{self, Contexts, Format};
use crate::mesh::{Facts, Mesh};
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::rule::{Level, RuleId};
use crate::model::sources::ReadAgain;
use crate::model::text::{RelPath, TextId};
use crate::model::waiver::WaiverDraft;
use crate::parse::{self, Limits};
use crate::policy::Pack;

/// Called with the number of files once, then with none after each.
pub type MapProgress<'p> = dyn Fn(Option<usize>) + Sync + 'p;

/// Which files to map.
pub type FileFilter<'w> = dyn Fn(&RelPath) -> bool + Sync + 'w;

/// All files of a mesh, mapped.
pub struct Mapped<'s> {
    /// Where they are.
    pub source: &'s dyn FileSource,
    /// The files that others inherit from.
    pub contexts: Contexts,
    /// What each file has to say.
    pub outcomes: BTreeMap<RelPath, Arc<Outcome>>,
    /// What could not be looked at.
    pub problems: Vec<Finding>,
    contents: BTreeMap<RelPath, Identity>,
    /// The files that others inherit from, and what each holds.
    around: BTreeMap<RelPath, Option<Identity>>,
}

/// How much is to be known of the bytes of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Nothing: no other mesh will ask.
    Unknown,
    /// Their identity, so that another mesh can share outcomes.
    Identified,
}

impl<'s> Mapped<'s> {
    /// Maps all files of a source.
    pub fn of(
        setting: &Setting<'_>,
        listed: Listed<'s>,
        contents: Contents,
        progress: &MapProgress<'_>,
    ) -> Self {
        Self::map(setting, listed, contents, &[], &|_| true, progress)
    }

    /// Maps those files of a source that are wanted.
    pub fn part(
        setting: &Setting<'_>,
        listed: Listed<'s>,
        wanted: &FileFilter<'_>,
        progress: &MapProgress<'_>,
    ) -> Self {
        Self::map(setting, listed, Contents::Identified, &[], wanted, progress)
    }

    /// Maps the files that differ from those of other meshes, judged by the same setting; the rest has their outcomes.
    pub fn beside(setting: &Setting<'_>, listed: Listed<'s>, others: &[&Mapped<'_>]) -> Self {
        let progress = &|_| {};
        Self::map(
            setting,
            listed,
            Contents::Identified,
            others,
            &|_| true,
            progress,
        )
    }

    fn map(
        setting: &Setting<'_>,
        listed: Listed<'s>,
        contents: Contents,
        others: &[&Mapped<'_>],
        wanted: &FileFilter<'_>,
        progress: &MapProgress<'_>,
    ) -> Self {
        let Listed {
            source,
            listing,
            known,
        } = listed;
        progress(Some(listing.files.len()));
        let (contexts, identified) = read_contexts(setting, source, &listing);
        let mapper = Mapper {
            setting,
            source,
            contexts: &contexts,
            identified: &identified,
            contents,
        };
        let usable: Vec<(&Mapped<'_>, BTreeSet<RelPath>)> = others
            .iter()
            .map(|other| (*other, other.differing_contexts(setting, &identified)))
            .collect();
        let map = |(file, known): (&RelPath, &Option<Identity>)| {
            let shared = known.and_then(|[content, _]| {
                usable
                    .iter()
                    .find_map(|(other, differ)| other.shares(setting, differ, file, content))
            });
            let (outcome, content) = match shared {
                Some(outcome) => (outcome, *known),
                None => mapper.map(file, *known),
            };
            progress(None);
            (file.clone(), outcome, content)
        };
        let size = together(listing.files.len());
        let mapped: Vec<Vec<MappedFile>> = listing
            .files
            .par_chunks(size)
            .zip(known.par_chunks(size))
            .map(|(files, known)| {
                let files = files.iter().zip(known);
                let wanted = files.filter(|(file, _)| wanted(file));
                let mut mapped: Vec<MappedFile> = wanted.map(map).collect();
                lay_together(&mut mapped);
                mapped
            })
            .collect();
        drop(known);
        let count = mapped.iter().map(Vec::len).sum();
        let mut outcomes = Vec::with_capacity(count);
        let mut contents = Vec::new();
        for (file, outcome, content) in mapped.into_iter().flatten() {
            contents.extend(content.map(|content| (file.clone(), content)));
            outcomes.push((file, outcome));
        }
        // Made of what is in order already, as full as they can be: what is put in one by one leaves half of each node free.
        let contents = contents.into_iter().collect();
        let outcomes = outcomes.into_iter().collect();
        Self {
            source,
            contexts,
            outcomes,
            problems: listing.problems.iter().map(discovered).collect(),
            contents,
            around: identified,
        }
    }

    /// A mesh whose outcomes are known.
    pub(super) fn recalled(
        setting: &Setting<'_>,
        listed: &Listed<'s>,
        outcomes: BTreeMap<RelPath, Arc<Outcome>>,
    ) -> Self {
        let files = listed.listing.files.iter().zip(&listed.known);
        let (contexts, around) = read_contexts(setting, listed.source, &listed.listing);
        Self {
            source: listed.source,
            contexts,
            around,
            outcomes,
            problems: listed.listing.problems.iter().map(discovered).collect(),
            contents: files
                .filter_map(|(file, known)| Some((file.clone(), (*known)?)))
                .collect(),
        }
    }

    /// A hash of all that the mesh follows from. `None` if it is not known what each file holds.
    pub fn key(&self, setting: &Setting<'_>) -> Option<CacheKey> {
        let files = self.outcomes.keys();
        mesh_key(setting, files.map(|file| (file, self.contents.get(file))))
    }

    /// A hash of all that the outcome of a file follows from. `None` if it could not be read.
    pub(super) fn outcome_key(&self, setting: &Setting<'_>, file: &RelPath) -> Option<CacheKey> {
        let content = *self.contents.get(file)?;
        outcome_key(setting, &self.around, file, content)
    }

    /// Whether all files are still as they were when they were read. Those of a revision always are.
    pub(super) fn unchanged(&self, cache: &Cache) -> bool {
        self.outcomes.par_iter().all(|(file, _)| {
            self.source.content(file).is_some() || cache.is_as_seen(self.source, file)
        })
    }

    /// Context files that are not the same here and there.
    pub(super) fn differing_contexts(
        &self,
        setting: &Setting<'_>,
        there: &BTreeMap<RelPath, Option<Identity>>,
    ) -> BTreeSet<RelPath> {
        let own = self.outcomes.keys();
        let own = own.filter(|file| Contexts::is_one(&setting.pack.formats, file));
        let all: BTreeSet<&RelPath> = own.chain(there.keys()).collect();
        let differs = |file: &&RelPath| {
            let other = there.get(*file).copied().flatten().map(|[exact, _]| exact);
            let own = self.contents.get(*file);
            !other
                .zip(own)
                .is_some_and(|(other, own)| own.contains(&other))
        };
        all.into_iter().filter(differs).cloned().collect()
    }

    /// The outcome of a file that holds the same bytes there, and inherits the same.
    pub(super) fn shares(
        &self,
        setting: &Setting<'_>,
        differing: &BTreeSet<RelPath>,
        file: &RelPath,
        content: ContentId,
    ) -> Option<Arc<Outcome>> {
        let own = self.contents.get(file);
        let same = own.is_some_and(|own| own.contains(&content));
        let inherits = || {
            let around = Contexts::candidates(&setting.pack.formats, file);
            around.iter().any(|context| differing.contains(context))
        };
        if !same || (!differing.is_empty() && inherits()) {
            return None;
        }
        self.outcomes.get(file).cloned()
    }

    /// Whether a file has the very same outcome in another mesh: nothing about it has changed.
    pub fn same(&self, other: &Mapped<'_>, file: &RelPath) -> bool {
        match (self.outcomes.get(file), other.outcomes.get(file)) {
            (Some(own), Some(there)) => Arc::ptr_eq(own, there),
            _ => false,
        }
    }

    /// Cards and facts of all files. The outcomes keep what they hold: another mesh may share them.
    pub fn mesh(&self) -> Mesh {
        let mut cards = Vec::with_capacity(self.card_count());
        for outcome in self.outcomes.values() {
            cards.extend(outcome.cards.iter().cloned());
        }
        Mesh::new(cards)
    }

    fn card_count(&self) -> usize {
        let counts = self.outcomes.values().map(|outcome| outcome.cards.len());
        counts.sum()
    }

    /// The same where nobody shares the outcomes: they are given up for it.
    pub fn take_mesh(&mut self) -> Mesh {
        let mut cards = Vec::with_capacity(self.card_count());
        for outcome in self.outcomes.values_mut() {
            match Arc::get_mut(outcome) {
                Some(outcome) => cards.extend(std::mem::take(&mut outcome.cards)),
                None => cards.extend(outcome.cards.iter().cloned()),
            }
        }
        Mesh::new(cards)
    }

    /// Files that turned out to be no manifest, sorted.
    pub fn passed_over(&self) -> Vec<RelPath> {
        let all = self.outcomes.iter();
        let none = all.filter(|(_, outcome)| !outcome.manifest);
        none.map(|(file, _)| file.clone()).collect()
    }

    /// Files that are manifests, sorted.
    pub fn manifests(&self) -> Vec<RelPath> {
        let all = self.outcomes.iter();
        let manifests = all.filter(|(_, outcome)| outcome.manifest);
        manifests.map(|(file, _)| file.clone()).collect()
    }

    /// Files that only plain policies read, which are not part of the mesh.
    pub fn plain_only(&self) -> BTreeSet<RelPath> {
        let all = self.outcomes.iter();
        let alone = all.filter(|(_, outcome)| outcome.plain_only);
        alone.map(|(file, _)| file.clone()).collect()
    }

    /// Waivers in comments, in order of files.
    pub fn comments(&self) -> Vec<WaiverDraft> {
        let all = self.outcomes.values();
        all.flat_map(|outcome| outcome.inline.iter().cloned())
            .collect()
    }

    /// What each file holds.
    pub(super) fn identity(&self, file: &RelPath) -> Option<&Identity> {
        self.contents.get(file)
    }

    /// The files that others inherit from, and what each holds.
    pub(super) fn around(&self) -> &BTreeMap<RelPath, Option<Identity>> {
        &self.around
    }

    /// What was found in files, one by one; they give it up, unless another mesh shares it. `more` will be added: findings
    /// are large, and a list of them is not moved for a few.
    pub(super) fn take_findings(&mut self, more: usize) -> Vec<Finding> {
        let count = self.outcomes.values().map(|outcome| outcome.findings.len());
        let count = self.problems.len() + count.sum::<usize>();
        let mut findings = Vec::with_capacity(count + more);
        findings.extend(self.problems.iter().cloned());
        let take = |(file, outcome): &mut (&RelPath, &mut Arc<Outcome>)| match Arc::get_mut(outcome)
        {
            Some(outcome) => outcome.findings.take(file),
            None => outcome.findings.read(file).into_owned(),
        };
        let mut outcomes: Vec<(&RelPath, &mut Arc<Outcome>)> = self.outcomes.iter_mut().collect();
        for some in outcomes.chunks_mut(AT_ONCE) {
            let taken: Vec<Vec<Finding>> = some.par_iter_mut().map(take).collect();
            findings.extend(taken.into_iter().flatten());
        }
        findings
    }

    /// What was found in files, one by one.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        let own = self.outcomes.iter();
        let own = own.flat_map(|(file, outcome)| outcome.findings.read(file).into_owned());
        self.problems.iter().cloned().chain(own)
    }

    /// The texts that findings point at.
    pub fn texts(&self) -> impl Iterator<Item = (RelPath, TextId)> {
        let all = self.outcomes.iter();
        all.filter_map(|(file, outcome)| Some((file.clone(), outcome.text?)))
    }

    /// How to read the texts of its files again, also when their source is gone.
    pub fn again(&self, limits: &Limits) -> Arc<ReadAgain> {
        let (reader, limits) = (self.source.reader(), limits.clone());
        Arc::new(move |file| Some(parse::decode_text(&reader(file)?, &limits)))
    }
}

/// Findings of so many files are made of their bytes at once.
const AT_ONCE: usize = 1024;

/// A file with its outcome, and what it holds where that is to be known.
type MappedFile = (RelPath, Arc<Outcome>, Option<Identity>);

/// So many files are mapped one after the other: enough for their facts to be worth a block, and few enough for all cores to
/// end at the same time.
fn together(files: usize) -> usize {
    const PARTS: usize = 64;
    (files / (rayon::current_num_threads() * PARTS)).clamp(1, 128)
}

/// Puts the facts of files into few blocks, but for those that another mesh shares.
fn lay_together(mapped: &mut [MappedFile]) {
    let outcomes = mapped.iter_mut();
    let own = outcomes.filter_map(|(_, outcome, _)| Arc::get_mut(outcome));
    let cards = own.flat_map(|outcome| &mut outcome.cards);
    let mut facts: Vec<&mut Facts> = cards.map(|card| &mut card.facts).collect();
    Facts::together(&mut facts);
}

/// Maps files one by one.
struct Mapper<'m> {
    setting: &'m Setting<'m>,
    source: &'m dyn FileSource,
    contexts: &'m Contexts,
    /// The context files that there are.
    identified: &'m BTreeMap<RelPath, Option<Identity>>,
    contents: Contents,
}

impl Mapper<'_> {
    fn map(&self, file: &RelPath, known: Option<Identity>) -> (Arc<Outcome>, Option<Identity>) {
        let setting = self.setting;
        if let Some(outcome) = known.and_then(|known| self.remembered(file, known)) {
            return (Arc::new(outcome), known);
        }
        let stat = setting.cached.and_then(|_| self.source.stat(file));
        let read = setting.time(Stage::Read, || self.source.read(file));
        let identify = self.contents == Contents::Identified || setting.cached.is_some();
        // What is known by its looks may have changed since.
        let by_source = known.filter(|_| self.source.content(file).is_some());
        let content = by_source.or_else(|| identify.then(|| identity_of(&read)).flatten());
        if let (Some(content), Some(cached)) = (content, setting.cached) {
            cached.cache.learn(file, stat, content);
            if let Some(outcome) = self.remembered(file, content).filter(|_| read.is_ok()) {
                return (Arc::new(outcome), Some(content));
            }
        }
        let outcome = match &read {
            Ok(bytes) => judge_file(setting, self.contexts, file, bytes),
            Err(error) => unreadable(setting.pack, file, error),
        };
        let key = content
            .filter(|_| read.is_ok())
            .and_then(|content| outcome_key(setting, self.identified, file, content));
        if let (Some(key), Some(cached)) = (key, setting.cached) {
            keep_outcome(cached.cache, key, file, &outcome);
        }
        (Arc::new(outcome), content)
    }

    fn remembered(&self, file: &RelPath, content: Identity) -> Option<Outcome> {
        let cached = self.setting.cached?;
        let key = outcome_key(self.setting, self.identified, file, content)?;
        let recall = || recall_outcome(cached.cache, &key);
        self.setting.time(Stage::Recall, recall)
    }
}

/// A file that can't be read is always reported, except one that is too large and has no marks of a manifest: repositories hold
/// all kinds of data.
fn unreadable(pack: &Pack, file: &RelPath, error: &ReadError) -> Outcome {
    let is_input = pack.plain.as_ref().is_some_and(|plain| plain.covers(file));
    if let (ReadError::TooLarge { size, head, .. }, false) = (error, is_input) {
        let is_named = |format: &Format| format.hints_at(file.as_str(), "");
        let is_whole = size.is_some_and(|size| size <= head.len() as u64);
        let is_json = file.as_str().to_ascii_lowercase().ends_with(".json");
        let has_marks = match is_json {
            true => lift::hints_in_json,
            false => lift::hints_in_bytes,
        };
        let may_be_one = Contexts::is_one(&pack.formats, file)
            || pack.formats.iter().any(is_named)
            || (!is_whole && !is_json)
            || has_marks(&pack.formats, head).is_some();
        if !may_be_one {
            return Outcome::default();
        }
    }
    Outcome {
        manifest: true,
        findings: vec![discovered(&error.problem(file))].into(),
        ..Outcome::default()
    }
}

fn discovered(problem: &discover::DiscoveryProblem) -> Finding {
    let level = builtin_level(problem.rule).unwrap_or(Level::Error);
    let rule = RuleId::new(problem.rule);
    let mut finding = Finding::bare(rule, level, problem.message.clone());
    finding.help = problem.help.as_deref().map(Into::into);
    finding.route.clone_from(&problem.path);
    finding.incomplete = problem.fatal;
    finding.location = Some(Location::start_of(&RelPath::new(problem.path.as_str())));
    finding
}
