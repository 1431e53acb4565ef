//! Change rules: each entity that may differ between two revisions is judged once, as both have it. Reads the files of
//! both sides again, two at a time, so that memory does not grow with the change.

mod close;
mod machines;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use self::machines::Machines;
use super::answer::{Advice, Answer};
use super::map::{self, Setting};
use super::read::{self, ReadFile};
use super::rules;
use crate::discover::{FileSource, ReadError};
use crate::lift::Contexts;
use crate::mesh::{Card, Mesh};
pub use crate::mesh::{Pair, pairs};
use crate::model::comparison::VersionAdvice;
use crate::model::entity::EntityKey;
use crate::model::finding::Finding;
use crate::model::text::{RelPath, TextId};
use crate::model::wanted::Wanted;
use crate::policy::engine::{Bounds, Datum, Maker};
use crate::policy::pack::{KindProgram, Reads};

/// One of two revisions.
#[derive(Clone, Copy)]
pub struct Side<'s> {
    /// Its files.
    pub source: &'s dyn FileSource,
    /// The files that others inherit from.
    pub contexts: &'s Contexts,
    /// All its entities.
    pub mesh: &'s Mesh,
}

/// What change rules found.
#[derive(Debug, Default)]
pub struct Changed {
    /// Findings, before judging.
    pub findings: Vec<Finding>,
    /// Texts of the head that findings and versions point at.
    pub sources: BTreeMap<RelPath, TextId>,
    /// Texts of the base that findings point at, of files that the head does not have.
    pub base_sources: BTreeMap<RelPath, TextId>,
    /// The versions that changed entities should have, sorted by entity.
    pub versions: Vec<VersionAdvice>,
}

/// What is said of a pair, not located yet.
struct Said {
    pair: Pair,
    what: What,
}

enum What {
    /// A finding of a rule, by its index in the pack.
    Found(usize, Answer),
    /// The version that would be right.
    Advised(Advice),
    /// A rule could not judge the pair: its id, the rule of ours that tells it, and why.
    Failed(String, &'static str, String),
}

/// Two revisions, and what they are judged with.
#[derive(Clone, Copy)]
struct Change<'c> {
    setting: &'c Setting<'c>,
    base: &'c Side<'c>,
    head: &'c Side<'c>,
}

/// The files of a pair: in the base, and in the head.
type Files<'f> = [Option<&'f RelPath>; 2];

/// Judges pairs of entities by all change rules that are on.
pub fn judge_changes(
    setting: &Setting<'_>,
    bounds: Bounds,
    base: &Side<'_>,
    head: &Side<'_>,
    pairs: &[Pair],
) -> Changed {
    let change = Change {
        setting,
        base,
        head,
    };
    let mut groups: BTreeMap<Files<'_>, Vec<Pair>> = BTreeMap::new();
    for pair in pairs {
        if change.program(*pair).is_some() {
            groups.entry(change.files(*pair)).or_default().push(*pair);
        }
    }
    if groups.is_empty() {
        return Changed::default();
    }
    let data = data(setting, base.mesh, head.mesh);
    let entities = base.mesh.cards.len() + head.mesh.cards.len();
    let said: Vec<Said> = groups
        .into_par_iter()
        .map_init(
            || Machines::new(setting, &data, bounds, entities),
            |machines, (files, pairs)| change.judge_files(machines, files, &pairs),
        )
        .flatten()
        .collect();
    close::close(change, &said)
}

/// `data` of change rules: that of all rules, `mesh` of the head and `base.mesh` of the base.
pub fn data(setting: &Setting<'_>, base: &Mesh, head: &Mesh) -> Datum {
    let schema = &setting.pack.schema;
    let (base, head) = rayon::join(
        || base.document_with_links(schema),
        || head.document_with_links(schema),
    );
    setting.data.with([
        (Arc::from("mesh"), head),
        (
            Arc::from("base"),
            Datum::fields([(Arc::from("mesh"), base)]),
        ),
    ])
}

/// What change rules see of a pair.
pub struct Seen {
    /// The entity.
    pub key: EntityKey,
    /// Its file in the head; in the base, if it is gone.
    pub file: RelPath,
    /// `input`.
    pub input: Datum,
    /// The instructions that it adds to the bound of an evaluation.
    pub more: usize,
}

/// What change rules see of each pair: for who asks again, another engine or step by step.
pub fn inputs(
    setting: &Setting<'_>,
    base: &Side<'_>,
    head: &Side<'_>,
    pairs: &[Pair],
) -> Vec<Seen> {
    let change = Change {
        setting,
        base,
        head,
    };
    let entities = base.mesh.cards.len() + head.mesh.cards.len();
    let seen = pairs.iter().filter_map(|pair| {
        let files = change.files(*pair);
        let read = change.read(files);
        let (input, bytes) = change.input(*pair, &read, change.program(*pair)?)?;
        let [before, now] = files;
        Some(Seen {
            key: change.key(*pair)?.clone(),
            file: now.or(before)?.clone(),
            input,
            more: machines::more(bytes, entities),
        })
    });
    seen.collect()
}

impl<'c> Change<'c> {
    fn base_card(self, pair: Pair) -> Option<&'c Card> {
        self.base.mesh.cards.get(pair.base?)
    }

    fn head_card(self, pair: Pair) -> Option<&'c Card> {
        self.head.mesh.cards.get(pair.head?)
    }

    fn key(self, pair: Pair) -> Option<&'c EntityKey> {
        let card = self.head_card(pair).or(self.base_card(pair))?;
        Some(&card.key)
    }

    fn files(self, pair: Pair) -> Files<'c> {
        [self.base_card(pair), self.head_card(pair)].map(|card| card.map(|card| &card.file))
    }

    fn program(self, pair: Pair) -> Option<&'c KindProgram> {
        self.setting.pack.change(&self.key(pair)?.kind)
    }

    fn read(self, files: Files<'_>) -> [Option<ReadFile<'c>>; 2] {
        let [base, head] = files;
        [(self.base, base), (self.head, head)].map(|(side, file)| {
            let file = file?;
            let bytes = side.source.read(file).ok()?;
            Some(read::read(self.setting, side.contexts, file, &bytes))
        })
    }

    /// Whether the head has the file, but can't be read there: what it declares is not gone, and the file is reported.
    fn is_unreadable_in_head(self, file: &RelPath) -> bool {
        match self.head.source.read(file) {
            Ok(bytes) => {
                let read = read::read(self.setting, self.head.contexts, file, &bytes);
                read.findings.iter().any(|finding| finding.incomplete)
            }
            Err(ReadError::Io(error)) => error.kind() != io::ErrorKind::NotFound,
            Err(ReadError::NotAFile) => false,
            Err(_) => true,
        }
    }

    fn judge_files(
        self,
        machines: &mut Machines<'_>,
        files: Files<'_>,
        pairs: &[Pair],
    ) -> Vec<Said> {
        if let [Some(file), None] = files
            && self.is_unreadable_in_head(file)
        {
            return Vec::new();
        }
        let read = self.read(files);
        machines.open();
        let mut said = Vec::new();
        for pair in pairs {
            let (Some(key), Some(program)) = (self.key(*pair), self.program(*pair)) else {
                continue;
            };
            let found = match self.input(*pair, &read, program) {
                Some((input, bytes)) => machines.judge(&key.kind, program, &input, bytes),
                None => {
                    let why = "the file changed during the run".to_owned();
                    let ids = program.rules.iter().filter_map(|rule| self.id(*rule));
                    ids.map(|id| What::Failed(id, rules::RUNTIME, why.clone()))
                        .collect()
                }
            };
            said.extend(found.into_iter().map(|what| Said { pair: *pair, what }));
        }
        said
    }

    fn id(self, rule: usize) -> Option<String> {
        let rule = self.setting.pack.rules.get(rule)?;
        Some(rule.rule.id.to_string())
    }

    /// `input` of a pair, and how many bytes of text it was made of; none if a side is no longer there.
    fn input(
        self,
        pair: Pair,
        read: &[Option<ReadFile<'_>>; 2],
        program: &KindProgram,
    ) -> Option<(Datum, usize)> {
        let entries = program.entry_points.iter();
        let reads = entries.fold(Reads::default(), |reads, entry| reads.and(entry.reads));
        let key = self.key(pair)?;
        let mut fields = vec![
            (Arc::from("entity"), Datum::text(&key.to_string())),
            (Arc::from("kind"), Datum::text(&key.kind)),
        ];
        let mut bytes = 0;
        let mut maker = Maker::default();
        let cards = [
            ("base", self.base_card(pair)),
            ("head", self.head_card(pair)),
        ];
        for ((side, card), read) in cards.into_iter().zip(read) {
            let Some(card) = card else { continue };
            let site = read.as_ref()?.site(card.document, card.ordinal)?;
            if site.entity.key != *key {
                return None;
            }
            let place = (self.setting.place)(&card.file);
            let input = map::input(
                &mut maker,
                site,
                &place,
                (reads, &Wanted::all()),
                map::expresses(site),
            );
            fields.push((Arc::from(side), input));
            bytes += site.text.as_str().len();
        }
        Some((Datum::fields(fields), bytes))
    }
}
