//! Entity rules one by one: to name the one that fails, and to time each.

use std::collections::BTreeSet;

use super::failures::explain_error;
use super::findings::{EntityResults, evaluation_failure, take_deny, take_facts};
use super::locate::Site;
use super::profile::{Profile, RulePart};
use super::rules;
use super::setting::Setting;
use super::workers::SingleRuleWorker;
use crate::model::entity::LayoutPlace;
use crate::model::rule::Scope;
use crate::policy::engine::{Datum, EvaluationError};
use crate::policy::pack::KindProgram;

pub(super) fn single_workers(
    setting: &Setting<'_>,
    program: &KindProgram,
) -> Vec<SingleRuleWorker> {
    let machine = |rule: usize| {
        let mesh = setting.pack.rules.get(rule)?.rule.scope == Scope::Mesh;
        let name = if mesh { "facts" } else { "deny" };
        let (judge, entry) = setting.pack.single(rule, name)?;
        Some((judge.settled(&setting.data, setting.bounds), entry))
    };
    let rules = program.rules.iter().copied();
    rules
        .map(|rule| SingleRuleWorker {
            rule,
            machine: machine(rule),
        })
        .collect()
}

impl SingleRuleWorker {
    /// Asks only to measure the time; the answer is ignored.
    pub(super) fn time(
        &mut self,
        setting: &Setting<'_>,
        profile: &Profile,
        (input, more): (&Datum, usize),
    ) {
        let rule = setting.pack.rules.get(self.rule);
        let part = match rule.map(|rule| rule.rule.scope) {
            Some(Scope::Mesh) => RulePart::Facts,
            _ => RulePart::Deny,
        };
        if let Some((worker, entry)) = &mut self.machine {
            worker.allow(more);
            let _ = profile.rule(self.rule, part, || worker.evaluate(entry, input));
        }
    }

    pub(super) fn judge(
        &mut self,
        setting: &Setting<'_>,
        site: Site<'_>,
        place: &LayoutPlace,
        (input, more): (&Datum, usize),
        spent: &mut BTreeSet<usize>,
        told: &mut EntityResults<'_>,
    ) {
        let Some(rule) = setting.pack.rules.get(self.rule).map(|rule| &rule.rule) else {
            return;
        };
        let id = rule.id.as_str();
        let Some((worker, entry)) = &mut self.machine else {
            let why = "the rule cannot be compiled on its own";
            told.findings
                .push(evaluation_failure(site, id, rules::RUNTIME, why));
            return;
        };
        if spent.contains(&self.rule) {
            let why = "skipped after it ran out of time on another entity of this file";
            told.findings
                .push(evaluation_failure(site, id, rules::TIME, why));
            return;
        }
        worker.allow(more);
        match worker.evaluate(entry, input) {
            Ok(result) if rule.scope == Scope::Mesh => take_facts(setting, site, id, &result, told),
            Ok(result) => take_deny(setting, place, id, &result, told),
            Err(error) => {
                if matches!(error, EvaluationError::Time(_)) {
                    spent.insert(self.rule);
                }
                let (own_rule, why) = explain_error(&error);
                told.findings
                    .push(evaluation_failure(site, id, own_rule, &why));
            }
        }
    }
}
