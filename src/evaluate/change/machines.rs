//! One worker's machines for change rules, kept from pair to pair: all rules of a kind together, and each by itself once
//! an evaluation of all has failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::revisions::What;
use crate::evaluate::failures::explain_error;
use crate::evaluate::setting::Setting;
use crate::evaluate::{answer, rules, setting};
use crate::policy::engine::{Bounds, Datum, EvaluationError, Worker};
use crate::policy::pack::KindProgram;

/// What an entity of either mesh adds to the instructions of an evaluation: all of them may read what is judged.
const INSTRUCTIONS: usize = 100;

pub(super) struct Machines<'m> {
    setting: &'m Setting<'m>,
    data: &'m Datum,
    bounds: Bounds,
    entities: usize,
    kinds: BTreeMap<Arc<str>, OfKind>,
    /// Rules that ran out of time on a pair of the files at hand: they are not tried on the others.
    spent: BTreeSet<usize>,
}

struct OfKind {
    together: Worker,
    alone: Option<Vec<SingleRuleMachines>>,
    /// Each by itself, where somebody asks for its time.
    timed: Option<Vec<SingleRuleMachines>>,
}

/// A set of one rule.
struct SingleRuleMachines {
    rule: usize,
    set: &'static str,
    /// None if it can't be compiled by itself.
    machine: Option<(Worker, String)>,
}

impl<'m> Machines<'m> {
    /// `entities`: how many both meshes have.
    pub(super) fn new(
        setting: &'m Setting<'m>,
        data: &'m Datum,
        bounds: Bounds,
        entities: usize,
    ) -> Self {
        Self {
            setting,
            data,
            bounds,
            entities,
            kinds: BTreeMap::new(),
            spent: BTreeSet::new(),
        }
    }

    /// Other files are at hand now.
    pub(super) fn open(&mut self) {
        self.spent.clear();
    }

    /// The answers of all rules of a kind about a pair whose files have this many bytes.
    pub(super) fn judge(
        &mut self,
        kind: &Arc<str>,
        program: &KindProgram,
        input: &Datum,
        bytes: usize,
    ) -> Vec<What> {
        let (setting, data, bounds) = (self.setting, self.data, self.bounds);
        let more = extra_instructions(bytes, self.entities);
        let machines = self
            .kinds
            .entry(Arc::clone(kind))
            .or_insert_with(|| OfKind {
                together: program.judge().worker(data, bounds),
                alone: None,
                timed: None,
            });
        if setting.profile.is_some() {
            let timed = machines
                .timed
                .get_or_insert_with(|| singles(setting, data, bounds, program));
            timed
                .iter_mut()
                .for_each(|single| single.time(setting, (input, more)));
        }
        let mut said = Vec::new();
        if machines.alone.is_none() {
            machines.together.allow(more);
            let entries = program.entry_points.iter();
            let results: Result<Vec<Datum>, _> = entries
                .map(|entry| machines.together.evaluate(&entry.name, input))
                .collect();
            if let Ok(results) = results {
                for (set, sets) in results.iter().flat_map(Datum::entries) {
                    for (id, elements) in sets.entries() {
                        if let Some(rule) = setting.pack.rule_index(&id) {
                            take(setting, rule, &set, &elements, &mut said);
                        }
                    }
                }
                return said;
            }
        }
        let alone = machines
            .alone
            .get_or_insert_with(|| singles(setting, data, bounds, program));
        for single in alone {
            single.judge(setting, (input, more), &mut self.spent, &mut said);
        }
        said
    }
}

/// What the size of a pair's files and of both meshes adds to the instructions of an evaluation.
pub(super) fn extra_instructions(bytes: usize, entities: usize) -> usize {
    setting::INSTRUCTIONS
        .saturating_mul(bytes)
        .saturating_add(INSTRUCTIONS.saturating_mul(entities))
}

fn singles(
    setting: &Setting<'_>,
    data: &Datum,
    bounds: Bounds,
    program: &KindProgram,
) -> Vec<SingleRuleMachines> {
    let sets = |rule: usize| {
        let advises = setting
            .pack
            .rules
            .get(rule)
            .is_some_and(|rule| rule.advises);
        let sets: &[&'static str] = if advises {
            &["deny", "advice"]
        } else {
            &["deny"]
        };
        sets.iter().map(move |set| (rule, *set))
    };
    let all = program.rules.iter().copied().flat_map(sets);
    all.map(|(rule, set)| {
        let machine = setting.pack.single(rule, set);
        SingleRuleMachines {
            rule,
            set,
            machine: machine.map(|(judge, entry)| (judge.worker(data, bounds), entry)),
        }
    })
    .collect()
}

impl SingleRuleMachines {
    /// Asks once more, only to measure the time. Version advice is not part of a rule's time.
    fn time(&mut self, setting: &Setting<'_>, (input, more): (&Datum, usize)) {
        if let Some((worker, entry)) = self.machine.as_mut().filter(|_| self.set == "deny") {
            worker.allow(more);
            let _ = setting.time_rule(self.rule, || worker.evaluate(entry, input));
        }
    }

    fn judge(
        &mut self,
        setting: &Setting<'_>,
        (input, more): (&Datum, usize),
        spent: &mut BTreeSet<usize>,
        said: &mut Vec<What>,
    ) {
        let Some(rule) = setting.pack.rules.get(self.rule) else {
            return;
        };
        let mut fail = |own_rule: &'static str, why: String| {
            said.push(What::Failed(rule.rule.id.to_string(), own_rule, why));
        };
        let Some((worker, entry)) = &mut self.machine else {
            let why = "the rule cannot be compiled on its own";
            return fail(rules::RUNTIME, why.to_owned());
        };
        if spent.contains(&self.rule) {
            let why = "skipped after it ran out of time on another entity of this file";
            return fail(rules::TIME, why.to_owned());
        }
        worker.allow(more);
        match worker.evaluate(entry, input) {
            Ok(elements) => take(setting, self.rule, self.set, &elements, said),
            Err(error) => {
                if matches!(error, EvaluationError::Time(_)) {
                    spent.insert(self.rule);
                }
                let (own_rule, why) = explain_error(&error);
                fail(own_rule, why);
            }
        }
    }
}

/// Reads the elements of a rule's `deny` or `advice`.
fn take(setting: &Setting<'_>, rule: usize, set: &str, elements: &Datum, said: &mut Vec<What>) {
    let Some(id) = setting.pack.rules.get(rule).map(|rule| &rule.rule.id) else {
        return;
    };
    let malformed = |why: String| What::Failed(id.to_string(), rules::SHAPE, why);
    if set == "advice" {
        let read = answer::read_advice(elements).into_iter();
        said.extend(read.map(|advice| advice.map_or_else(malformed, What::Advised)));
    } else {
        let read = answer::read_answers(elements).into_iter();
        let found = |answer| What::Found(rule, answer);
        said.extend(read.map(|answer| answer.map_or_else(malformed, found)));
    }
}
