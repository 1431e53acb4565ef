//! Mesh rules are asked side by side, each on the facts that it collected and the part of `data.mesh` that it reads. Facts
//! and cards are values only while a rule is asked: a core holds those of one question at a time. A rule that judges each
//! fact by itself is asked in parts, and what is known of another mesh is taken over where nothing differs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::answer::{self, Answers};
use super::fact_numbers::Numbers;
use super::joined_answers::{join_answers, owning_fact};
use super::recall::answers::{KindHashes, Stretch, split_facts};
use super::setting::{Cached, Setting};
use crate::cache::CacheKey;
use crate::lift::schema::Schema;
use crate::mesh::{Mesh, RuleFacts};
use crate::model::rule::{AtLeast, Rule};
use crate::policy::engine::{Bounds, Datum, EvaluationError, Judge};
use crate::policy::mesh_reads::MeshReads;

/// What a fact or a card adds to the instructions of a mesh rule.
const INSTRUCTIONS: usize = 20_000;

/// So many facts are judged at once, or as many as there are cards beside them: what a rule makes of those is made again
/// for each part.
const PART: usize = 4_096;

/// Of so few facts each group is judged by itself, so that a rule whose METADATA promises too much says so in its examples.
const FEW: usize = 32;

/// The answer of a rule.
pub(super) struct RuleAnswers<'m> {
    pub(super) rule: usize,
    pub(super) facts: RuleFacts<'m>,
    pub(super) outcome: Result<Answers, EvaluationError>,
}

/// Another mesh and the answers of its rules.
pub(super) struct Before<'b> {
    pub(super) mesh: &'b Mesh,
    pub(super) answers: &'b BTreeMap<usize, Answers>,
}

/// Asks all mesh rules.
pub(super) fn ask_rules<'m>(
    setting: &Setting<'_>,
    mesh: &'m Mesh,
    bounds: Bounds,
    before: Option<&Before<'_>>,
) -> Vec<RuleAnswers<'m>> {
    let judges = setting.pack.mesh_rules();
    let has = |kind: &Arc<str>| mesh.count(kind) > 0;
    let judges: Vec<(usize, Judge)> = judges
        .filter(|(rule, _)| setting.pack.rules[*rule].rule.needs.iter().all(has))
        .collect();
    let rules: Vec<usize> = judges.iter().map(|(rule, _)| *rule).collect();
    let facts: Vec<RuleFacts<'m>> = mesh.facts_of_each(&rules);
    let all: usize = facts.iter().map(RuleFacts::len).sum();
    let differing = before.map(|before| differing_kinds(setting, mesh, before.mesh));
    let mut questions: Vec<RuleQuestion<'_, 'm>> = judges
        .into_iter()
        .zip(facts)
        .map(|((rule, judge), facts)| RuleQuestion {
            rule,
            judge,
            facts,
            says: &setting.pack.rules[rule].rule,
            reads: setting.pack.mesh_reads(rule),
            stretches: Vec::new(),
            known: Vec::new(),
            open: None,
        })
        .collect();
    if let Some(cached) = setting.cached.filter(|cached| cached.cache.remembers()) {
        remember(setting, mesh, &cached, &mut questions);
    }
    for question in &mut questions {
        question.recall(before, differing.as_ref());
    }
    let parts: Vec<(usize, Numbers)> = parts(mesh, &setting.pack.schema, &questions);
    let wanted = parts.iter().map(|(at, _)| questions[*at].reads);
    let documents = Documents::new(mesh, &setting.pack.schema, wanted);
    let more = |facts: usize| INSTRUCTIONS.saturating_mul(facts + mesh.cards.len());
    let said: Mutex<Vec<NumberedAnswer>> = Mutex::new(Vec::new());
    rayon::scope_fifo(|scope| {
        for (number, (at, part)) in parts.iter().enumerate() {
            let (questions, documents, said) = (&questions, &documents, &said);
            scope.spawn_fifo(move |_| {
                let question = &questions[*at];
                let whole = part.len() == question.facts.len();
                let data = documents.data(setting, question.reads);
                let allowed = more(if whole { all } else { part.len() });
                let outcome = question.ask(setting, part, &data, bounds, allowed);
                documents.give_back(question.reads);
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                said.push((*at, number, outcome));
            });
        }
    });
    let mut said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    said.sort_by_key(|(_, number, _)| *number);
    let mut outcomes: BTreeMap<usize, Vec<Result<Answers, EvaluationError>>> = BTreeMap::new();
    for (at, _, outcome) in said {
        outcomes.entry(at).or_default().push(outcome);
    }
    let again = |question: &RuleQuestion<'_, 'm>| {
        // An error in one part is reported for the whole question, as if it had not been divided.
        let documents = Documents::new(mesh, &setting.pack.schema, [question.reads].into_iter());
        let data = documents.data(setting, question.reads);
        let all_facts: Numbers = (0..question.facts.len()).collect();
        question.ask(setting, &all_facts, &data, bounds, more(all))
    };
    let mut asked = Vec::new();
    for (at, mut question) in questions.into_iter().enumerate() {
        let parts = outcomes.remove(&at).unwrap_or_default();
        let count = parts.len();
        let together: Result<Vec<Answers>, EvaluationError> = parts.into_iter().collect();
        let known = std::mem::take(&mut question.known);
        let outcome = match together {
            Ok(parts) => Ok(join_answers(known, parts)),
            Err(error) if count == 1 && question.open.is_none() => Err(error),
            Err(_) => again(&question),
        };
        let outcome = outcome.map(|answers| question.in_order(answers));
        if let (Ok(answers), Some(cached)) = (&outcome, setting.cached) {
            question.keep(&cached, answers);
        }
        asked.push(RuleAnswers {
            rule: question.rule,
            facts: question.facts,
            outcome,
        });
    }
    asked
}

/// A question's number, that of its part, and the answer.
type NumberedAnswer = (usize, usize, Result<Answers, EvaluationError>);

/// The questions to one rule.
struct RuleQuestion<'q, 'm> {
    rule: usize,
    judge: Judge,
    facts: RuleFacts<'m>,
    says: &'q Rule,
    reads: &'q MeshReads,
    /// Its facts as the cache has them; none if there is no cache.
    stretches: Vec<Stretch>,
    /// Answers that are known.
    known: Answers,
    /// The facts that are left to ask about. `None` for all.
    open: Option<Numbers>,
}

/// Takes over what earlier runs know.
fn remember(
    setting: &Setting<'_>,
    mesh: &Mesh,
    cached: &Cached<'_>,
    questions: &mut [RuleQuestion<'_, '_>],
) {
    let schema = &setting.pack.schema;
    let read: BTreeSet<&Arc<str>> = questions
        .iter()
        .flat_map(|question| kinds(schema, question.reads).map(|(kind, _)| kind))
        .collect();
    let seen = KindHashes::of(mesh, read.into_iter().cloned());
    questions.par_iter_mut().for_each(|question| {
        let id = setting.pack.rules[question.rule].rule.id.as_str();
        let reads = kinds(schema, question.reads).map(|(kind, _)| kind);
        question.remember(cached, &seen.seen(cached, id, reads));
    });
}

impl RuleQuestion<'_, '_> {
    /// Takes over what earlier runs know; `seen` is a hash of what the rule sees but its facts.
    fn remember(&mut self, cached: &Cached<'_>, seen: &CacheKey) {
        let mut stretches = split_facts(&self.facts, self.reads.by_fact, seen);
        let mut open = Numbers::default();
        let mut is_known = false;
        for stretch in &mut stretches {
            let Some(answers) = stretch.recall(cached.cache) else {
                open.extend(stretch.facts.clone());
                continue;
            };
            is_known = true;
            if !self.reads.by_fact {
                self.known = answers;
                continue;
            }
            let start = stretch.facts.start;
            self.known.extend(answers.into_iter().map(|answer| {
                let number = owning_fact(&answer);
                answer.map(|answer| match number {
                    Some(number) => answer.about(start + number),
                    None => answer,
                })
            }));
        }
        self.stretches = stretches;
        self.open = is_known.then_some(open);
    }

    /// Keeps the answers for later runs.
    fn keep(&self, cached: &Cached<'_>, answers: &Answers) {
        let mut open = self
            .stretches
            .iter()
            .filter(|stretch| stretch.is_open())
            .peekable();
        if open.peek().is_none() {
            return;
        }
        if !self.reads.by_fact {
            open.for_each(|stretch| stretch.keep(cached.cache, answers));
            return;
        }
        // A finding about several facts belongs to no single one.
        let owners: Option<Vec<usize>> = answers.iter().map(owning_fact).collect();
        let Some(owners) = owners else { return };
        for stretch in open {
            let own = answers.iter().zip(&owners);
            let own = own.filter(|(_, owner)| stretch.facts.contains(owner));
            let own = own.map(|(answer, owner)| {
                let answer = answer.as_ref().map_err(Clone::clone)?;
                Ok(answer.about(owner - stretch.facts.start))
            });
            stretch.keep(cached.cache, &own.collect());
        }
    }

    /// Answers in the order of their facts, whichever part they come from.
    fn in_order(&self, mut answers: Answers) -> Answers {
        if self.reads.by_fact && answers.iter().all(|answer| owning_fact(answer).is_some()) {
            answers.sort_by_key(owning_fact);
        }
        answers
    }

    /// Takes over what another mesh knows.
    fn recall(&mut self, before: Option<&Before<'_>>, differing: Option<&BTreeSet<Arc<str>>>) {
        if self.open.as_ref().is_some_and(Numbers::is_empty) {
            return;
        }
        let (Some(before), Some(differing)) = (before, differing) else {
            return;
        };
        let same_mesh = match &self.reads.kinds {
            None => differing.is_empty(),
            Some(kinds) => !kinds.iter().any(|kind| differing.contains(kind.as_str())),
        };
        let Some(answers) = before.answers.get(&self.rule).filter(|_| same_mesh) else {
            return;
        };
        let theirs = before.mesh.facts_of(self.rule);
        if self.facts.same(&theirs) {
            self.known.clone_from(answers);
            self.open = Some(Numbers::default());
            return;
        }
        let owners: Option<Vec<usize>> = answers.iter().map(owning_fact).collect();
        let Some(owners) = owners.filter(|_| self.reads.by_fact) else {
            return;
        };
        let matched = self.facts.matched(&theirs);
        let kept = answers.iter().zip(owners).filter_map(|(answer, owner)| {
            let number = matched.get(owner).copied().flatten()?;
            Some(Ok(answer.as_ref().ok()?.about(number)))
        });
        self.known = kept.collect();
        let mut known = vec![false; self.facts.len()];
        for number in matched.into_iter().flatten() {
            if let Some(known) = known.get_mut(number) {
                *known = true;
            }
        }
        let open = known.into_iter().enumerate();
        self.open = Some(open.filter(|(_, known)| !known).map(|(at, _)| at).collect());
    }

    fn ask(
        &self,
        setting: &Setting<'_>,
        part: &Numbers,
        data: &Datum,
        bounds: Bounds,
        more: usize,
    ) -> Result<Answers, EvaluationError> {
        let entry = format!("{}.deny", setting.pack.rules[self.rule].path);
        let judge = match part.len() {
            0..LOOKED_OVER => self.judge.clone(),
            _ => self.judge.hastened(),
        };
        let mut worker = judge.worker(data, bounds);
        worker.allow(more);
        let input = mesh_input(setting, self.says, &self.facts, part.iter());
        let deny = setting.time_rule(self.rule, || worker.evaluate(&entry, &input))?;
        Ok(answer::read_answers(&deny))
    }
}

/// From this many facts on, it pays to split a rule's loops over facts.
const LOOKED_OVER: usize = 64;

/// What a mesh rule sees as `input`, of some of its facts: they themselves, or counts or cycles of all of them.
pub(super) fn mesh_input(
    setting: &Setting<'_>,
    rule: &Rule,
    facts: &RuleFacts<'_>,
    numbers: impl Iterator<Item = usize>,
) -> Datum {
    let (name, seen) = match (&rule.counts, &rule.cycles) {
        (Some(counts), _) => {
            let at_least = at_least(setting, rule, &counts.at_least);
            ("counts", facts.counted(counts, at_least))
        }
        (None, Some(cycles)) => ("cycles", facts.cycles(cycles)),
        (None, None) => return facts.input(numbers),
    };
    Datum::fields([(Arc::from(name), seen)])
}

fn at_least(setting: &Setting<'_>, rule: &Rule, at_least: &AtLeast) -> usize {
    let option = |name: &str| {
        let options = setting.data.get("options")?.get(rule.id.as_str())?;
        options.get(name)?.as_index()
    };
    match at_least {
        AtLeast::Number(number) => *number,
        // An option that is not a number filters nothing.
        AtLeast::Option(name) => option(name).unwrap_or_default(),
    }
}

/// Parts of questions, the largest first, so that a large part that can't be divided does not run last on its own.
fn parts(
    mesh: &Mesh,
    schema: &Schema,
    questions: &[RuleQuestion<'_, '_>],
) -> Vec<(usize, Numbers)> {
    let mut parts: Vec<(usize, Numbers)> = Vec::new();
    for (at, question) in questions.iter().enumerate() {
        let numbers: Numbers = match &question.open {
            Some(open) if open.is_empty() => continue,
            Some(open) => open.clone(),
            None => (0..question.facts.len()).collect(),
        };
        let beside = kinds(schema, question.reads).map(|(kind, _)| mesh.count(kind));
        let size = PART.max(beside.sum());
        let chunks = match (&question.says.together, question.reads.by_fact) {
            (_, true) => numbers.chunks(size),
            (Some(together), false) => {
                let is_few = question.facts.len() <= FEW;
                let size = if is_few { 1 } else { size };
                batches(question.facts.together(together), size)
            }
            (None, false) => vec![numbers],
        };
        parts.extend(chunks.into_iter().map(|chunk| (at, chunk)));
    }
    let indivisible = |at: usize| {
        let question = &questions[at];
        !question.reads.by_fact && question.says.together.is_none()
    };
    parts.sort_by_key(|(at, part)| std::cmp::Reverse((indivisible(*at), part.len())));
    parts
}

/// Groups put together until they are large enough.
fn batches(groups: Vec<Vec<u32>>, size: usize) -> Vec<Numbers> {
    let mut batches: Vec<Numbers> = Vec::new();
    for group in groups {
        match batches.last_mut() {
            Some(batch) if batch.len() + group.len() <= size => batch.extend_with(group),
            _ => {
                let mut batch = Numbers::default();
                batch.extend_with(group);
                batches.push(batch);
            }
        }
    }
    batches
}

/// The kinds that a rule reads, with their plurals.
fn kinds<'s>(
    schema: &'s Schema,
    reads: &'s MeshReads,
) -> impl Iterator<Item = (&'s Arc<str>, &'s Arc<str>)> {
    let all = schema.kinds.iter().map(|(kind, spec)| (kind, &spec.plural));
    all.filter(|(_, plural)| {
        let kinds = reads.kinds.as_ref();
        kinds.is_none_or(|kinds| kinds.contains(&***plural))
    })
}

/// The plurals of kinds that rules see otherwise in another mesh.
fn differing_kinds(setting: &Setting<'_>, mesh: &Mesh, other: &Mesh) -> BTreeSet<Arc<str>> {
    let kinds = setting.pack.schema.kinds.iter();
    let differing = kinds.filter(|(kind, _)| !mesh.same_kind(other, kind));
    differing
        .map(|(_, spec)| Arc::clone(&spec.plural))
        .collect()
}

/// `data.mesh`, kind by kind: made when the first rule wants it, given up after the last.
struct Documents<'m> {
    mesh: &'m Mesh,
    schema: &'m Schema,
    kinds: BTreeMap<Arc<str>, Mutex<KeptAnswers>>,
}

#[derive(Default)]
struct KeptAnswers {
    wanted: usize,
    document: Option<Datum>,
}

impl<'m> Documents<'m> {
    fn new<'r>(
        mesh: &'m Mesh,
        schema: &'m Schema,
        wanted: impl Iterator<Item = &'r MeshReads>,
    ) -> Self {
        let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for reads in wanted {
            for (kind, _) in kinds(schema, reads) {
                *counts.entry(Arc::clone(kind)).or_default() += 1;
            }
        }
        let kept = |wanted| {
            Mutex::new(KeptAnswers {
                wanted,
                document: None,
            })
        };
        let kinds = counts
            .into_iter()
            .map(|(kind, wanted)| (kind, kept(wanted)));
        Self {
            mesh,
            schema,
            kinds: kinds.collect(),
        }
    }

    /// What a rule sees as `data`.
    fn data(&self, setting: &Setting<'_>, reads: &MeshReads) -> Datum {
        let parts = kinds(self.schema, reads).filter_map(|(kind, plural)| {
            let kept = self.kinds.get(kind)?;
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let document = kept.document.get_or_insert_with(|| self.mesh.kind(kind));
            Some((Arc::clone(plural), document.clone()))
        });
        let mesh = Datum::fields(parts.collect::<Vec<_>>());
        setting.data.with([(Arc::from("mesh"), mesh)])
    }

    fn give_back(&self, reads: &MeshReads) {
        for (kind, _) in kinds(self.schema, reads) {
            if let Some(kept) = self.kinds.get(kind) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.wanted = kept.wanted.saturating_sub(1);
                if kept.wanted == 0 {
                    kept.document = None;
                }
            }
        }
    }
}
