//! Plain rules on one input: a finding for each element of a rule, at the place that the rule gives or that is found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answer::{self, PlainAnswer, read_answers};
use super::ground::Ground;
use super::place::Placer;
use crate::evaluate::failures::explain_error;
use crate::evaluate::rules;
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::entity::EntityKey;
use crate::model::finding::{Certainty, Finding};
use crate::model::rule::{Level, RuleId};
use crate::policy::engine::{Bounds, Datum, EvaluationError, Worker};
use crate::policy::plain::{Plain, PlainRule, exempt_elements};

/// One input under judgement.
pub(in crate::evaluate) struct PlainRun<'r> {
    pub(in crate::evaluate) plain: &'r Plain,
    pub(in crate::evaluate) ground: &'r Ground<'r>,
    pub(in crate::evaluate) input: &'r Datum,
    pub(in crate::evaluate) bounds: Bounds,
    /// Instructions beyond the bounds, for the input's size.
    pub(in crate::evaluate) more: usize,
    /// The exemptions of each namespace.
    pub(in crate::evaluate) exceptions: BTreeMap<String, Result<BTreeSet<String>, EvaluationError>>,
}

impl PlainRun<'_> {
    pub(in crate::evaluate) fn judge(
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
                    let (own, why) = explain_error(&error);
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
        let said = read_answers(value);
        if said.is_empty() {
            return;
        }
        let is_excepted = match self.excepts(worker, rule) {
            Ok(is_excepted) => is_excepted,
            Err(error) => {
                let (own, why) = explain_error(&error);
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

    /// Whether the namespace exempts the rule here.
    fn excepts(&mut self, worker: &mut Worker, rule: &PlainRule) -> Result<bool, EvaluationError> {
        let Some(path) = &rule.exception else {
            return Ok(false);
        };
        let known = self.exceptions.entry(path.clone()).or_insert_with(|| {
            let value = worker.evaluate(path, self.input);
            value.map(|value| exempt_elements(&value))
        });
        known.clone().map(|names| names.contains(&rule.suffix))
    }

    fn finding(&self, rule: &PlainRule, placer: &Placer<'_>, said: &PlainAnswer) -> Finding {
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
            own => rules::find_help(own),
        };
        finding.location = only.and_then(|_| self.ground.head(0));
        finding.certainty = Some(Certainty::Document);
        self.about(&mut finding, only);
        finding.discriminator = Some(id.to_string());
        finding.incomplete = true;
        finding
    }
}
