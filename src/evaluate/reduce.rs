//! The reduce step: mesh rules on the facts of all files, then the places of what they found, by reading again just
//! the files that have one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::answer::{self, Answer, Target};
use super::map::{self, Setting};
use super::places::{Address, Found, Places, locate};
use super::plain::Combined;
use super::rules;
use crate::discover::FileSource;
use crate::lift::Contexts;
use crate::mesh::Mesh;
use crate::model::finding::{Finding, Related};
use crate::model::rule::{Level, RuleId};
use crate::model::text::{RelPath, TextId};
use crate::policy::engine::{Bounds, Datum};

/// What a fact or a card adds to the instructions of a mesh rule.
const INSTRUCTIONS: usize = 20_000;

/// What mesh rules found.
#[derive(Debug, Default)]
pub struct Reduced {
    /// Findings, before judging.
    pub findings: Vec<Finding>,
    /// Their places, with the texts of the files.
    pub(crate) places: Places,
    memory: Memory,
}

impl Reduced {
    /// What an earlier run found, with the texts of the files that it found something in.
    pub(crate) fn recalled(findings: Vec<Finding>, texts: BTreeMap<RelPath, TextId>) -> Self {
        Self {
            findings,
            places: Places {
                found: BTreeMap::new(),
                texts,
            },
            memory: Memory::default(),
        }
    }

    /// Takes in what plain policies say of all documents together.
    pub fn add(&mut self, combined: Combined) {
        self.findings.extend(combined.findings);
        self.places.texts.extend(combined.texts);
    }

    /// The texts of files that have places.
    pub fn texts(&self) -> impl Iterator<Item = (RelPath, TextId)> {
        let texts = self.places.texts.iter();
        texts.map(|(file, text)| (file.clone(), *text))
    }
}

/// What another mesh need not work out again where it is the same.
#[derive(Debug, Default)]
struct Memory {
    /// `data.mesh`.
    document: Option<Datum>,
    /// Questions and answers, by rule.
    asked: BTreeMap<usize, (Datum, Datum)>,
}

/// A mesh that was reduced before, and the files that are the same there and here.
pub struct Known<'k> {
    /// What was found there.
    pub reduced: &'k Reduced,
    /// Whether a file is the same in both.
    pub same: &'k (dyn Fn(&RelPath) -> bool + Sync),
}

/// An answer of a mesh rule, not located yet.
struct Open<'a> {
    rule: usize,
    answer: Answer,
    mesh: &'a Mesh,
}

/// Evaluates the mesh rules and locates what they found. What is known of another mesh is used where nothing differs.
pub fn reduce(
    setting: &Setting<'_>,
    contexts: &Contexts,
    mesh: &Mesh,
    bounds: Bounds,
    source: &dyn FileSource,
    known: Option<&Known<'_>>,
) -> Reduced {
    let document = mesh.document(&setting.pack.schema);
    let data = setting.data.with([(Arc::from("mesh"), document.clone())]);
    let memory = known.map(|known| &known.reduced.memory);
    let same_mesh = memory.is_some_and(|memory| memory.document.as_ref() == Some(&document));
    let judges: Vec<_> = setting.pack.mesh_rules().collect();
    let answers: Vec<_> = judges
        .into_par_iter()
        .map(|(rule, judge)| {
            let facts = facts_of(rule, mesh);
            let memory = memory.filter(|_| same_mesh || !setting.pack.reads_mesh(rule));
            let before = memory.and_then(|memory| memory.asked.get(&rule));
            if let Some((_, deny)) = before.filter(|(asked, _)| *asked == facts) {
                return (rule, Ok(deny.clone()), facts);
            }
            let entry = format!("{}.deny", setting.pack.rules[rule].path);
            let mut worker = judge.worker(&data, bounds);
            worker.allow(INSTRUCTIONS * (mesh.facts.len() + mesh.cards.len()));
            let outcome = worker.evaluate(&entry, &facts);
            (rule, outcome, facts)
        })
        .collect();
    let mut reduced = Reduced::default();
    let mut open = Vec::new();
    for (rule, outcome, facts) in answers {
        let id = setting.pack.rules[rule].rule.id.as_str();
        let answers = match outcome {
            Ok(deny) => {
                let answers = answer::read(&deny);
                reduced.memory.asked.insert(rule, (facts, deny));
                answers
            }
            Err(error) => {
                let (own_rule, why) = map::explain(&error);
                reduced.findings.push(failure(id, own_rule, &why));
                continue;
            }
        };
        for answer in answers {
            match answer {
                Ok(answer) => open.push(Open { rule, answer, mesh }),
                Err(why) => reduced.findings.push(failure(id, rules::SHAPE, &why)),
            }
        }
    }
    reduced.memory.document = Some(document);
    locate_all(setting, contexts, source, &open, known, &mut reduced);
    reduced
}

/// What a mesh rule sees, by its index in the pack: `input.facts`.
pub fn facts_of(rule: usize, mesh: &Mesh) -> Datum {
    let facts = mesh
        .facts_of(rule)
        .iter()
        .enumerate()
        .map(|(number, fact)| {
            fact.value.with([
                (Arc::from("entity"), Datum::text(&fact.entity.to_string())),
                (Arc::from("kind"), Datum::text(&fact.entity.kind)),
                (Arc::from("id"), Datum::text(&fact.entity.id)),
                (Arc::from("file"), Datum::text(fact.file.as_str())),
                (Arc::from("ref"), Datum::number(number)),
            ])
        });
    Datum::fields([(Arc::from("facts"), Datum::array(facts))])
}

fn failure(id: &str, own_rule: &'static str, why: &str) -> Finding {
    let mut finding = Finding::bare(
        RuleId::new(own_rule),
        Level::Error,
        format!("rule `{id}` could not judge the mesh: {why}"),
    );
    finding.help = rules::help(own_rule);
    finding.discriminator = Some(id.to_owned());
    finding.incomplete = true;
    finding
}

impl Open<'_> {
    fn address(&self, target: &Target) -> Option<Address> {
        match target {
            Target::Here(_) | Target::Gone => None,
            Target::Fact(number, at) => {
                let fact = self.mesh.facts_of(self.rule).get(*number)?;
                Some(Address {
                    file: fact.file.clone(),
                    document: fact.document,
                    ordinal: fact.ordinal,
                    path: at.clone().unwrap_or_else(|| fact.at.clone()),
                })
            }
            Target::Entity(entity, path) => Address::of_entity(self.mesh, entity, path),
        }
    }
}

fn locate_all(
    setting: &Setting<'_>,
    contexts: &Contexts,
    source: &dyn FileSource,
    open: &[Open<'_>],
    known: Option<&Known<'_>>,
    reduced: &mut Reduced,
) {
    let targets = |open: &Open<'_>| -> Vec<Target> {
        std::iter::once(open.answer.target.clone())
            .chain(open.answer.related.iter().map(|(target, _)| target.clone()))
            .collect()
    };
    let wanted: BTreeSet<Address> = open
        .iter()
        .flat_map(|open| targets(open).into_iter().map(move |target| (open, target)))
        .filter_map(|(open, target)| open.address(&target))
        .collect();
    let mut before = Places::default();
    let mut missing = BTreeSet::new();
    for address in wanted {
        let known = known.filter(|known| (known.same)(&address.file));
        match known.and_then(|known| known.reduced.places.take(&address)) {
            Some((found, text)) => before.add(address, found, text),
            None => drop(missing.insert(address)),
        }
    }
    let mut places = locate(setting, contexts, source, missing);
    places.extend(before);
    for open in open {
        reduced.findings.push(close(setting, open, &places.found));
    }
    reduced.places = places;
}

fn close(setting: &Setting<'_>, open: &Open<'_>, found: &BTreeMap<Address, Found>) -> Finding {
    let rule = &setting.pack.rules[open.rule].rule;
    let answer = &open.answer;
    let address = open.address(&answer.target);
    let Some(place) = address.and_then(|address| found.get(&address)) else {
        let why = match &answer.target {
            Target::Here(_) | Target::Gone => {
                "a finding of a mesh rule says where with `fact` or `entity`".to_owned()
            }
            Target::Fact(number, _) => {
                format!("the fact with `ref` {number} is nowhere to be found")
            }
            Target::Entity(entity, _) => format!("entity `{entity}` is nowhere to be found"),
        };
        return failure(rule.id.as_str(), rules::SHAPE, &why);
    };
    if answer.base_at.is_some() {
        return failure(rule.id.as_str(), rules::SHAPE, map::BASE_AT);
    }
    if !answer.covers.is_empty() {
        let why = "`covers` is for rules of scope `entity`";
        return failure(rule.id.as_str(), rules::SHAPE, why);
    }
    let mut finding = Finding::bare(rule.id.clone(), rule.severity, answer.message.clone());
    finding.help = Some(rule.help.clone());
    finding.fix.clone_from(&answer.fix);
    finding.location = Some(place.location.clone());
    finding.related.extend(place.used.clone());
    for (target, message) in &answer.related {
        if let Some(related) = open.address(target).and_then(|address| found.get(&address)) {
            finding.related.push(Related {
                message: message.clone(),
                location: related.location.clone(),
            });
        }
    }
    finding.entity = Some(place.entity.clone());
    finding.route.clone_from(&place.route);
    finding.owner.clone_from(&place.owner);
    finding.domain.clone_from(&place.domain);
    finding.discriminator.clone_from(&answer.key);
    finding
}
