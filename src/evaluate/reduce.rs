//! The reduce step: mesh rules on the facts of all files, then the places of what they found, by reading again just
//! the files that have one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::answer::{AnswerTarget, Answers, DenyAnswer, Meant, suggest_name};
use super::combine::Combined;
use super::failures::explain_error;
use super::findings::BASE_AT;
use super::mapped::Mapped;
use super::mesh_rules::{Before, ask_rules, mesh_input};
use super::places::{Address, FoundPlace, LocatedAddresses, locate_addresses};
use super::recall::places as recalled_places;
use super::rules;
use super::setting::Setting;
use crate::mesh::{Ids, Mesh, RuleFacts};
use crate::model::finding::{Finding, Related};
use crate::model::rule::{Level, RuleId};
use crate::model::text::{RelPath, TextId};
use crate::policy::engine::{Bounds, Datum};

/// What mesh rules found.
#[derive(Debug, Default)]
pub struct Reduced {
    /// Findings, before judging.
    pub findings: Vec<Finding>,
    /// Their places, with the texts of the files.
    pub(crate) places: LocatedAddresses,
    memory: KnownAnswers,
}

impl Reduced {
    /// What an earlier run found, with the texts of the files that it found something in.
    pub(crate) fn recalled(findings: Vec<Finding>, texts: BTreeMap<RelPath, TextId>) -> Self {
        Self {
            findings,
            places: LocatedAddresses {
                found: BTreeMap::new(),
                texts,
            },
            memory: KnownAnswers::new(),
        }
    }

    /// Adds the results of plain policies on all documents together.
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

/// The answers of rules, by rule: another mesh with the same facts need not ask again.
type KnownAnswers = BTreeMap<usize, Answers>;

/// A mesh that was reduced before, and the files that are the same there and here.
pub struct EarlierReduction<'k> {
    /// The mesh.
    pub mesh: &'k Mesh,
    /// What was found there.
    pub reduced: &'k Reduced,
    /// Whether a file is the same in both.
    pub same: &'k (dyn Fn(&RelPath) -> bool + Sync),
}

/// Whether another mesh is judged beside this one.
pub enum Beside<'k> {
    /// None: nothing need be remembered for it.
    None,
    /// One that comes later.
    Later,
    /// One that was reduced before.
    Known(&'k EarlierReduction<'k>),
}

impl Beside<'_> {
    /// Of the mesh that is judged first.
    pub fn first(is_another: bool) -> Self {
        if is_another { Self::Later } else { Self::None }
    }
}

/// An answer of a mesh rule, not located yet.
struct Open {
    rule: usize,
    answer: DenyAnswer,
    address: Option<Address>,
    related: Vec<Option<Address>>,
}

/// Evaluates the mesh rules and locates their findings. Answers of another mesh are reused where nothing differs.
pub fn reduce_mesh(
    setting: &Setting<'_>,
    mapped: &Mapped<'_>,
    mesh: &Mesh,
    bounds: Bounds,
    beside: &Beside<'_>,
) -> Reduced {
    let known = match beside {
        Beside::Known(known) => Some(*known),
        _ => None,
    };
    let before = known.map(|known| Before {
        mesh: known.mesh,
        answers: &known.reduced.memory,
    });
    let mut reduced = Reduced::default();
    let mut open = Vec::new();
    for asked in ask_rules(setting, mesh, bounds, before.as_ref()) {
        let (rule, facts) = (asked.rule, &asked.facts);
        let id = setting.pack.rules[rule].rule.id.as_str();
        let answers = match asked.outcome {
            Ok(answers) => answers,
            Err(error) => {
                let (own_rule, why) = explain_error(&error);
                reduced.findings.push(failure(id, own_rule, &why));
                continue;
            }
        };
        if matches!(beside, Beside::Later) {
            reduced.memory.insert(rule, answers.clone());
        }
        for answer in answers {
            match answer {
                Ok(answer) => open.push(Open::of(rule, answer, facts, mesh)),
                Err(why) => reduced.findings.push(failure(id, rules::SHAPE, &why)),
            }
        }
    }
    say_what_was_meant(mesh, &mut open);
    locate_all(setting, mapped, &open, known, &mut reduced);
    reduced
}

/// What a mesh rule sees as `input`, by its index in the pack: of all facts at once.
pub fn facts_of(setting: &Setting<'_>, rule: usize, mesh: &Mesh) -> Datum {
    let facts = mesh.facts_of(rule);
    let says = &setting.pack.rules[rule].rule;
    mesh_input(setting, says, &facts, 0..facts.len())
}

/// Ids are looked up once for all rules, by kind: a rule that handed over all of them with each finding would take the square.
fn say_what_was_meant(mesh: &Mesh, open: &mut [Open]) {
    let asked: BTreeSet<Meant> = open
        .iter()
        .filter_map(|open| open.answer.meant.clone())
        .collect();
    let kinds: BTreeSet<&str> = asked.iter().map(|meant| meant.kind.as_str()).collect();
    let ids: BTreeMap<&str, Ids<'_>> = kinds
        .into_iter()
        .map(|kind| (kind, mesh.ids(kind)))
        .collect();
    let known: BTreeMap<&Meant, &str> = asked
        .par_iter()
        .filter_map(|meant| Some((meant, ids.get(meant.kind.as_str())?.nearest(&meant.got)?)))
        .collect();
    for Open { answer, .. } in open {
        if let Some(near) = answer.meant.as_ref().and_then(|meant| known.get(meant)) {
            answer.message.push_str(&suggest_name(near));
        }
    }
}

fn failure(id: &str, own_rule: &'static str, why: &str) -> Finding {
    let mut finding = Finding::bare(
        RuleId::new(own_rule),
        Level::Error,
        format!("rule `{id}` could not check the mesh: {why}"),
    );
    finding.help = rules::find_help(own_rule);
    finding.discriminator = Some(id.to_owned());
    finding.incomplete = true;
    finding
}

impl Open {
    fn of(rule: usize, answer: DenyAnswer, facts: &RuleFacts<'_>, mesh: &Mesh) -> Self {
        let address = |target: &AnswerTarget| match target {
            AnswerTarget::Here(_) | AnswerTarget::Gone => None,
            AnswerTarget::Fact(number, at) => {
                let at = at.clone().or_else(|| facts.at(*number));
                Some(Address::of(facts.card(*number)?, at?))
            }
            AnswerTarget::Entity(entity, path) => Address::of_entity(mesh, entity, path),
        };
        let related = answer.related.iter().map(|(target, _)| address(target));
        Self {
            rule,
            address: address(&answer.target),
            related: related.collect(),
            answer,
        }
    }
}

fn locate_all(
    setting: &Setting<'_>,
    mapped: &Mapped<'_>,
    open: &[Open],
    known: Option<&EarlierReduction<'_>>,
    reduced: &mut Reduced,
) {
    let addresses = open
        .iter()
        .flat_map(|open| open.related.iter().chain([&open.address]));
    let wanted: BTreeSet<Address> = addresses.flatten().cloned().collect();
    let mut before = LocatedAddresses::default();
    let mut missing = BTreeSet::new();
    for address in wanted {
        let known = known.filter(|known| (known.same)(&address.file));
        match known.and_then(|known| known.reduced.places.take(&address)) {
            Some((found, text)) => before.add(address, found, text),
            None => drop(missing.insert(address)),
        }
    }
    let (mut places, missing) = recalled_places::recall_places(setting, mapped, missing);
    let (contexts, source) = (&mapped.contexts, mapped.source);
    let found = locate_addresses(setting, contexts, source, missing.addresses());
    missing.keep(setting, mapped, &found);
    places.extend(found);
    places.extend(before);
    for open in open {
        reduced.findings.push(close(setting, open, &places.found));
    }
    reduced.places = places;
}

fn close(setting: &Setting<'_>, open: &Open, found: &BTreeMap<Address, FoundPlace>) -> Finding {
    let rule = &setting.pack.rules[open.rule].rule;
    let answer = &open.answer;
    let Some(place) = open.address.as_ref().and_then(|address| found.get(address)) else {
        let why = match &answer.target {
            AnswerTarget::Here(_) | AnswerTarget::Gone => {
                "a finding of a rule of scope `mesh` needs `fact` or `entity` as its place"
                    .to_owned()
            }
            AnswerTarget::Fact(number, _) => {
                format!("the fact with `ref` {number} does not exist")
            }
            AnswerTarget::Entity(entity, _) => format!("entity `{entity}` does not exist"),
        };
        return failure(rule.id.as_str(), rules::SHAPE, &why);
    };
    if answer.base_at.is_some() {
        return failure(rule.id.as_str(), rules::SHAPE, BASE_AT);
    }
    if !answer.covers.is_empty() {
        let why = "`covers` needs scope `entity`";
        return failure(rule.id.as_str(), rules::SHAPE, why);
    }
    let mut finding = Finding::bare(rule.id.clone(), rule.severity, answer.message.clone());
    finding.help = Some(Arc::clone(&rule.help));
    finding.fix.clone_from(&answer.fix);
    finding.location = Some(place.location.clone());
    finding.related.extend(place.used.clone());
    for ((_, message), address) in answer.related.iter().zip(&open.related) {
        if let Some(related) = address.as_ref().and_then(|address| found.get(address)) {
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
