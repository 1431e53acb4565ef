//! Plain policies on documents: each document of a file by itself, or all of them as one input. What a rule says becomes
//! a finding like any other; where it says no place, `place` finds one.

mod answer;
mod combine;
mod ground;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use combine::element;
pub use combine::{Combined, combined};

use answer::{Said, read};
use ground::Ground;
use place::Placer;

use super::map::{INSTRUCTIONS, Setting, explain};
use super::read::ReadFile;
use super::rules;
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::entity::EntityKey;
use crate::model::finding::{Certainty, Finding, Related};
use crate::model::rule::{Level, RuleId};
use crate::model::text::RelPath;
use crate::policy::engine::{Bounds, Datum, EvaluationError, Worker, plain_datum};
use crate::policy::plain::{Plain, PlainRule, excepted};

/// Machines that no worker uses at the moment.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Worker>>);

impl Pool {
    fn take(&self) -> Option<Worker> {
        // A worker that panicked with the lock leaves machines that are whole: it only pushes and pops.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give_back(&self, worker: Worker) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
    }
}

/// Judges the documents of a file one by one.
pub(super) fn judge_file(
    setting: &Setting<'_>,
    plain: &Plain,
    file: &RelPath,
    read: &ReadFile<'_>,
    findings: &mut Vec<Finding>,
) {
    let Some((program, active)) = plain.program.as_ref().filter(|_| !plain.combine) else {
        return;
    };
    let pooled = setting.plain.take();
    let mut worker = pooled.unwrap_or_else(|| {
        let program = program.hastened();
        program.worker(&plain.data, setting.bounds)
    });
    if plain.reads_file {
        worker.set_data(&plain.with_file(file.as_str()));
    }
    let mut spent = BTreeSet::new();
    for input in ground::inputs(setting, file, read) {
        let datum = plain_datum(input.document, input.root.node, input.text);
        let ground = Ground::single(input);
        let more = INSTRUCTIONS.saturating_mul(read.text.as_str().len());
        let mut run = Run {
            plain,
            ground: &ground,
            input: &datum,
            bounds: setting.bounds,
            more,
            exceptions: BTreeMap::new(),
        };
        run.judge(&mut worker, active, &mut spent, findings);
    }
    setting.plain.give_back(worker);
}

/// What rules see of a file: each input's name, and the input.
pub(super) fn seen(
    setting: &Setting<'_>,
    file: &RelPath,
    read: &ReadFile<'_>,
) -> Vec<(String, Datum)> {
    let inputs = ground::inputs(setting, file, read).into_iter();
    inputs
        .map(|input| {
            let datum = plain_datum(input.document, input.root.node, input.text);
            (input.key.to_string(), datum)
        })
        .collect()
}

/// One input under judgement.
struct Run<'r> {
    plain: &'r Plain,
    ground: &'r Ground<'r>,
    input: &'r Datum,
    bounds: Bounds,
    /// Instructions beyond the bounds, for the input's size.
    more: usize,
    /// What each namespace excepts.
    exceptions: BTreeMap<String, Result<BTreeSet<String>, EvaluationError>>,
}

impl Run<'_> {
    fn judge(
        &mut self,
        worker: &mut Worker,
        active: &[usize],
        spent: &mut BTreeSet<usize>,
        findings: &mut Vec<Finding>,
    ) {
        worker.allow(self.more);
        for index in active {
            let Some(rule) = self.plain.rules.get(*index) else {
                continue;
            };
            if spent.contains(index) {
                let why = "skipped after it ran out of time on another document of this file";
                findings.push(self.failure(rule, rules::TIME, why));
                continue;
            }
            match worker.evaluate(&rule.path, self.input) {
                Ok(value) => self.take(worker, rule, &value, findings),
                Err(error) => {
                    if matches!(error, EvaluationError::Time(_)) {
                        spent.insert(*index);
                    }
                    let (own, why) = explain(&error);
                    findings.push(self.failure(rule, own, &why));
                }
            }
        }
    }

    fn take(
        &mut self,
        worker: &mut Worker,
        rule: &PlainRule,
        value: &Datum,
        findings: &mut Vec<Finding>,
    ) {
        let said = read(value);
        if said.is_empty() {
            return;
        }
        let is_excepted = match self.excepts(worker, rule) {
            Ok(is_excepted) => is_excepted,
            Err(error) => {
                let (own, why) = explain(&error);
                let why = format!("in `exception`: {why}");
                findings.push(self.failure(rule, own, &why));
                false
            }
        };
        let placer = Placer::new(
            self.plain,
            rule,
            self.ground,
            self.input,
            self.bounds,
            self.more,
        );
        for said in said {
            let mut finding = match said {
                Ok(said) => self.finding(rule, &placer, &said),
                Err(why) => self.failure(rule, rules::SHAPE, &why),
            };
            finding.excepted = is_excepted && !finding.incomplete;
            findings.push(finding);
        }
    }

    /// Whether the namespace excepts the rule here.
    fn excepts(&mut self, worker: &mut Worker, rule: &PlainRule) -> Result<bool, EvaluationError> {
        let Some(path) = &rule.exception else {
            return Ok(false);
        };
        let known = self.exceptions.entry(path.clone()).or_insert_with(|| {
            let value = worker.evaluate(path, self.input);
            value.map(|value| excepted(&value))
        });
        known.clone().map(|names| names.contains(&rule.suffix))
    }

    fn finding(&self, rule: &PlainRule, placer: &Placer<'_>, said: &Said) -> Finding {
        let known = &rule.rule;
        let mut finding = Finding::bare(known.id.clone(), known.severity, said.message.clone());
        finding.help = (!known.help.is_empty()).then(|| Arc::clone(&known.help));
        finding.metadata.clone_from(&said.metadata);
        let placed = placer.place(said);
        finding.certainty = Some(placed.certainty);
        finding.route = placed.route;
        finding.discriminator = placed.discriminator;
        finding.location = placed.location;
        finding.related = placed.related;
        if let Some(note) = placed.note {
            finding.help = Some(match finding.help.take() {
                Some(help) => format!("{help} ({note})").into(),
                None => note.into(),
            });
        }
        self.about(&mut finding, placed.input);
        finding
    }

    fn about(&self, finding: &mut Finding, input: Option<usize>) {
        match input.and_then(|at| self.ground.inputs.get(at)) {
            Some(input) => {
                finding.entity = Some(input.key.clone());
                finding.owner.clone_from(&input.owner);
                finding.domain.clone_from(&input.domain);
            }
            None => {
                finding.entity = Some(EntityKey {
                    kind: DOCUMENT_KIND.into(),
                    id: "combined".into(),
                });
            }
        }
    }

    fn failure(&self, rule: &PlainRule, own: &'static str, why: &str) -> Finding {
        let id = &rule.rule.id;
        let only = (!self.ground.combined).then_some(0);
        let what = match only.and_then(|at| self.ground.inputs.get(at)) {
            Some(input) => input.key.to_string(),
            None => "all documents combined".to_owned(),
        };
        let message = format!("rule `{id}` could not check `{what}`: {why}");
        let mut finding = Finding::bare(RuleId::new(own), Level::Error, message);
        finding.help = match own {
            rules::SHAPE => Some(answer::HELP.into()),
            own => rules::help(own),
        };
        finding.location = only.and_then(|_| self.ground.head(0));
        finding.certainty = Some(Certainty::Document);
        self.about(&mut finding, only);
        finding.discriminator = Some(id.to_string());
        finding.incomplete = true;
        finding
    }
}

/// A place beside the one of a finding.
fn also(message: &str, location: crate::model::finding::Location) -> Related {
    Related {
        message: message.to_owned(),
        location,
    }
}
