//! The map step: one file to its outcome. A pure function of the file's bytes, its path, the pack, and the bytes of
//! the context file that it inherits from, if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use regex::Regex;

use super::answer::{self, Answer, Target};
use super::cache::{Cache, Key};
use super::lean::Lean;
use super::locate::Site;
use super::outcome::{Common, Findings};
use super::plain::{self, Pool};
use super::profile::{Part, Profile, Stage};
use super::read::{read, read_lean};
use super::rules;
use crate::lift::schema::DOCUMENT_KIND;
use crate::lift::{Contexts, shape};
use crate::mesh::{Card, FactsBuilder, card};
use crate::model::entity::{EntityKey, Place};
use crate::model::finding::{Finding, Related};
use crate::model::path::{ModelPath, Step};
use crate::model::rule::{Day, Level, RuleId, Scope};
use crate::model::text::{RelPath, TextId};
use crate::model::waiver::WaiverDraft;
use crate::model::wanted::Wanted;
use crate::parse::Limits;
use crate::policy::Pack;
use crate::policy::engine::{Bounds, Datum, EvaluationError, Maker, Worker};
use crate::policy::pack::{EntryPoint, Given, KindProgram, Reads};

/// What one file has to say.
#[derive(Debug, Default, Clone)]
pub struct Outcome {
    /// Whether it is a manifest, or looks like one.
    pub manifest: bool,
    /// Findings of entity rules and of reading the file, before judging.
    pub findings: Findings,
    /// Cards of its entities, with the facts for mesh rules.
    pub cards: Vec<Card>,
    /// Waivers in its comments.
    pub inline: Vec<WaiverDraft>,
    /// Whether plain policies alone look at it: to the mesh it is nothing.
    pub plain_only: bool,
    /// Which text it has, if a finding or a waiver points at it. The text itself is not kept: a report reads it again.
    pub text: Option<TextId>,
}

/// What all files are judged with.
pub struct Setting<'p> {
    /// Formats and rules.
    pub pack: &'p Pack,
    /// What a path says of an entity.
    pub place: &'p (dyn Fn(&RelPath) -> Place + Sync),
    /// Bounds of one evaluation.
    pub bounds: Bounds,
    /// Bounds of parsing.
    pub limits: Limits,
    /// Where the time goes, if somebody asks.
    pub profile: Option<&'p Profile>,
    /// What earlier runs have worked out, if it may be used.
    pub cached: Option<Cached<'p>>,
    /// How much of an entity rules are given.
    pub given: Given,
    /// `options` and `run`: data that entity rules see.
    pub(crate) data: Datum,
    /// Texts that findings of many files have.
    common: Arc<Common>,
    /// What has to be lifted of a document.
    pub(super) lean: Lean,
    /// Looks at the text that decide whether a rule is asked.
    gates: BTreeMap<usize, Regex>,
    /// The machines of plain policies.
    pub(super) plain: Pool,
    /// Machines that no worker uses at the moment.
    pool: Mutex<Vec<Workers>>,
}

impl<'p> Setting<'p> {
    /// `options` are those of every rule by its id; `today` is the day of the run.
    ///
    /// # Errors
    /// An option makes an expression of its rule that does not compile; the message names the rule.
    pub fn new(
        pack: &'p Pack,
        options: &serde_json::Value,
        today: Day,
        place: &'p (dyn Fn(&RelPath) -> Place + Sync),
        bounds: Bounds,
    ) -> Result<Self, String> {
        let data = serde_json::json!({"options": options, "run": {"today": today.to_string()}});
        Ok(Self {
            pack,
            place,
            bounds,
            limits: Limits::default(),
            profile: None,
            cached: None,
            given: Given::WhatPays,
            lean: Lean::new(pack),
            data: Datum::json(&data),
            common: Arc::new(Common::of(pack)),
            gates: pack.gates(options)?,
            plain: Pool::default(),
            pool: Mutex::new(Vec::new()),
        })
    }

    fn take_workers(&self) -> Workers {
        // A worker that panicked with the lock leaves machines that are whole: it only pushes and pops.
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }

    fn give_back(&self, workers: Workers) {
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(workers);
    }

    pub(crate) fn time_rule<T>(&self, rule: usize, ask: impl FnOnce() -> T) -> T {
        match self.profile {
            Some(profile) => profile.rule(rule, Part::Deny, ask),
            None => ask(),
        }
    }

    pub(crate) fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        match self.profile {
            Some(profile) => profile.time(stage, work),
            None => work(),
        }
    }
}

/// The cache of a run.
#[derive(Debug, Clone, Copy)]
pub struct Cached<'p> {
    /// The cache.
    pub cache: &'p Cache,
    /// A hash of all that outcomes follow from but the files: pack, options, layout, day, build of govcheck.
    pub setting: Key,
}

/// What a byte of a file adds to the instructions of its entities' evaluation.
pub(super) const INSTRUCTIONS: usize = 50;

/// One worker's machines, and what formats express by format and kind: kept from file to file.
#[derive(Default)]
struct Workers {
    kinds: BTreeMap<Arc<str>, KindWorkers>,
    expressed: BTreeMap<(Arc<str>, Arc<str>), Datum>,
    maker: Maker,
    /// Rules that ran out of time on an entity of the file at hand: they are not tried on its other entities.
    spent: BTreeSet<usize>,
}

/// The machines of one kind of entity.
struct KindWorkers {
    together: Worker,
    /// Each rule by itself, from the first failed evaluation on: the others' findings are kept, and the culprit is
    /// named. Both ways find the same; this one is slower, but does not fail first to be done again.
    alone: Option<Vec<Alone>>,
    /// Each rule by itself, to know what it takes.
    timed: Option<Vec<Alone>>,
}

struct Alone {
    rule: usize,
    /// None if the rule can't be compiled by itself.
    machine: Option<(Worker, String)>,
}

/// Parses, lifts and judges one file.
pub fn judge_file(
    setting: &Setting<'_>,
    contexts: &Contexts,
    file: &RelPath,
    bytes: &[u8],
) -> Outcome {
    // Plain policies may read all of it.
    let plain = setting.pack.plain.as_ref();
    let lean = (!plain.is_some_and(|plain| plain.covers(file))).then_some(&setting.lean);
    let mut read = read_lean(setting, contexts, (file, bytes), lean);
    let mut outcome = Outcome {
        manifest: read.manifest,
        plain_only: read.plain_only,
        inline: std::mem::take(&mut read.inline),
        ..Outcome::default()
    };
    let mut findings = std::mem::take(&mut read.findings);
    let place = (setting.place)(file);
    let mut workers = setting.take_workers();
    workers.spent.clear();
    let documents = read.documents.iter();
    let sites =
        documents.flat_map(|lifted| lifted.sites(&read.text).map(move |site| (lifted, site)));
    for (lifted, site) in sites {
        let (schema, text) = (&setting.pack.schema, site.text);
        outcome
            .cards
            .push(card(schema, site.entity, site.document, text));
        let mut facts = FactsBuilder::default();
        let mut told = Told {
            findings: &mut findings,
            facts: &mut facts,
            with: &|paths| {
                let leads = |path| setting.lean.leads(&site.entity.key.kind, path);
                match paths.iter().copied().all(leads) {
                    true => site,
                    false => lifted.whole(site, contexts),
                }
            },
        };
        judge_entity(setting, &mut workers, site, &place, &mut told);
        if let Some(card) = outcome.cards.last_mut() {
            card.facts = facts.finish();
        }
    }
    setting.give_back(workers);
    if let Some(policies) = setting.pack.plain.as_ref().filter(|all| all.covers(file)) {
        setting.time(Stage::Evaluate, || {
            plain::judge_file(setting, policies, file, &read, &mut findings);
        });
    }
    // A list that was pushed to has room for four: most files have one entity.
    outcome.cards.shrink_to_fit();
    outcome.findings = Findings::keep(findings, file, &setting.common);
    if !outcome.findings.is_empty() || !outcome.inline.is_empty() {
        outcome.text = Some(read.text.id());
    }
    outcome
}

/// What is told of one entity.
struct Told<'t> {
    findings: &'t mut Vec<Finding>,
    facts: &'t mut FactsBuilder,
    /// The entity with all fields that are on some paths.
    with: &'t dyn Fn(&[&ModelPath]) -> Site<'t>,
}

fn judge_entity(
    setting: &Setting<'_>,
    workers: &mut Workers,
    site: Site<'_>,
    place: &Place,
    told: &mut Told<'_>,
) {
    let kind = &site.entity.key.kind;
    let Some(program) = setting.pack.kind(kind) else {
        return;
    };
    let asked: Vec<&EntryPoint> = program
        .entry_points
        .iter()
        .filter(|entry| is_asked(setting, entry, site))
        .collect();
    if asked.is_empty() {
        return;
    }
    let reads = asked
        .iter()
        .fold(Reads::default(), |reads, entry| reads.and(entry.reads));
    let Workers {
        kinds,
        expressed,
        maker,
        spent,
    } = workers;
    let expressed = expressed
        .entry((Arc::clone(&site.format.name), Arc::clone(kind)))
        .or_insert_with(|| expresses(site));
    let wanted = program.wanted(setting.given);
    let input = setting.time(Stage::Input, || {
        input(maker, site, place, (reads, wanted), expressed.clone())
    });
    let machines = kinds
        .entry(Arc::clone(kind))
        .or_insert_with(|| KindWorkers {
            together: program.judge().settled(&setting.data, setting.bounds),
            alone: None,
            timed: None,
        });
    let more = INSTRUCTIONS.saturating_mul(site.text.as_str().len());
    if let Some(profile) = setting.profile {
        let timed = machines
            .timed
            .get_or_insert_with(|| singles(setting, program));
        let asked_alone = |rule: usize| asked.iter().any(|entry| entry.rules.contains(&rule));
        for single in timed.iter_mut().filter(|single| asked_alone(single.rule)) {
            single.time(setting, profile, (&input, more));
        }
    }
    if machines.alone.is_none() {
        machines.together.allow(more);
        let results: Result<Vec<Datum>, _> = asked
            .iter()
            .map(|entry| {
                setting.time(Stage::Evaluate, || {
                    machines.together.evaluate(&entry.name, &input)
                })
            })
            .collect();
        if let Ok(results) = results {
            for result in &results {
                setting.time(Stage::Locate, || take(setting, site, place, result, told));
            }
            return;
        }
    }
    let alone = machines
        .alone
        .get_or_insert_with(|| singles(setting, program));
    let asked_alone = |rule: usize| asked.iter().any(|entry| entry.rules.contains(&rule));
    for single in alone.iter_mut().filter(|single| asked_alone(single.rule)) {
        single.judge(setting, site, place, (&input, more), spent, told);
    }
}

fn is_asked(setting: &Setting<'_>, entry: &EntryPoint, site: Site<'_>) -> bool {
    let gate = entry
        .rules
        .first()
        .filter(|_| entry.gated)
        .and_then(|rule| setting.gates.get(rule));
    gate.is_none_or(|gate| gate.is_match(site.text.slice(site.extent)))
}

/// Whether the text of an entity's document is such that a rule is asked.
pub(super) fn passes_gate(setting: &Setting<'_>, id: &str, site: Site<'_>) -> bool {
    let rule = setting.pack.rule_index(id);
    let gate = rule.and_then(|rule| setting.gates.get(&rule));
    gate.is_none_or(|gate| gate.is_match(site.text.slice(site.extent)))
}

/// What the rules of its kind see of each entity of a file: for tests that ask another engine the same.
pub fn inputs(setting: &Setting<'_>, file: &RelPath, bytes: &[u8]) -> Vec<(EntityKey, Datum)> {
    let read = read(setting, &Contexts::default(), file, bytes);
    let place = (setting.place)(file);
    let mut inputs = Vec::new();
    for site in read.sites() {
        let key = &site.entity.key;
        if let Some(program) = setting.pack.kind(&key.kind) {
            let entries = program.entry_points.iter();
            let reads = entries.fold(Reads::default(), |reads, entry| reads.and(entry.reads));
            let (maker, wanted) = (&mut Maker::default(), &Wanted::all());
            let input = input(maker, site, &place, (reads, wanted), expresses(site));
            inputs.push((key.clone(), input));
        }
    }
    inputs
}

/// What a policy sees of an entity, as far as it is wanted.
pub(super) fn input(
    maker: &mut Maker,
    site: Site<'_>,
    place: &Place,
    (reads, wanted): (Reads, &Wanted),
    expressed: Datum,
) -> Datum {
    let entity = site.entity;
    let mut fields = host_fields(site, place, expressed);
    if let (true, Some(wanted)) = (reads.document, wanted.field("document")) {
        let root = site.document.root().node;
        let document = maker.document((site.document, site.text), root, wanted);
        fields.push(("document", document));
    }
    if reads.text {
        fields.push(("text", Datum::text(site.text.slice(site.extent))));
    }
    if reads.violations && &*entity.key.kind == DOCUMENT_KIND {
        fields.push(("violations", violations(site)));
    }
    let lifted = (&entity.fields, entity.fields.root());
    maker.lifted(lifted, (site.document, site.text), wanted, fields)
}

/// `input.expresses`: what the entity's format can state of its kind.
pub(crate) fn expresses(site: Site<'_>) -> Datum {
    let fields = site.format.expresses(&site.entity.key.kind);
    let known = fields.into_iter().map(|field| (field, true.into()));
    Datum::json(&serde_json::Value::Object(known.collect()))
}

/// Where the document does not fit the version of its format that it declares; empty if the format has no shapes.
fn violations(site: Site<'_>) -> Datum {
    let found = match site.format.shapes() {
        Some(shapes) => shape::violations(shapes, site.document, site.text),
        None => Vec::new(),
    };
    Datum::array(found.into_iter().map(|violation| {
        let steps = violation.at.0.iter().map(|step| match step {
            Step::Key(key) => Datum::text(key),
            Step::Index(index) => Datum::number(*index),
        });
        let at = Datum::array([Datum::text("document")].into_iter().chain(steps));
        let message = Datum::text(&violation.message);
        let fix = violation
            .fix
            .map(|fix| (Arc::from("fix"), Datum::text(&fix)));
        let said = [(Arc::from("at"), at), (Arc::from("message"), message)];
        Datum::fields(said.into_iter().chain(fix))
    }))
}

/// What the host adds to an entity's own fields.
pub(crate) fn host_fields(
    site: Site<'_>,
    place: &Place,
    expressed: Datum,
) -> Vec<(&'static str, Datum)> {
    let entity = site.entity;
    let parts = place
        .parts
        .iter()
        .map(|(name, value)| (Arc::clone(name), Datum::text(value)));
    vec![
        ("entity", Datum::text(&entity.key.to_string())),
        ("kind", Datum::text(&entity.key.kind)),
        ("format", Datum::text(&entity.format)),
        ("file", Datum::text(entity.file.as_str())),
        ("place", Datum::fields(parts)),
        ("expresses", expressed),
    ]
}

/// Reads `{"deny": {rule: set}, "facts": {rule: set}}`.
fn take(setting: &Setting<'_>, site: Site<'_>, place: &Place, result: &Datum, told: &mut Told<'_>) {
    for (id, deny) in result
        .get("deny")
        .map(|deny| deny.entries())
        .unwrap_or_default()
    {
        take_deny(setting, place, &id, &deny, told);
    }
    for (id, facts) in result
        .get("facts")
        .map(|facts| facts.entries())
        .unwrap_or_default()
    {
        take_facts(setting, site, &id, &facts, told);
    }
}

fn take_deny(setting: &Setting<'_>, place: &Place, id: &str, deny: &Datum, told: &mut Told<'_>) {
    for answer in answer::read(deny) {
        // Its place may be in a field that no rule reads.
        let paths: Vec<&ModelPath> = answer.iter().flat_map(Answer::paths).collect();
        let site = (told.with)(&paths);
        let read = answer.and_then(|answer| finding(setting, site, place, id, &answer));
        let read = read.unwrap_or_else(|why| failure(site, id, rules::SHAPE, &why));
        told.findings.push(read);
    }
}

/// A rule of another scope says `base_at`.
pub(super) const BASE_AT: &str = "`base_at` needs scope `change`";

fn finding(
    setting: &Setting<'_>,
    site: Site<'_>,
    place: &Place,
    id: &str,
    answer: &Answer,
) -> Result<Finding, String> {
    let index = setting
        .pack
        .rule_index(id)
        .ok_or("the rule does not exist")?;
    let rule = &setting.pack.rules[index].rule;
    let here = |target: &Target| {
        match target {
        Target::Here(path) => Ok(path.clone()),
        _ => Err(
            "a rule of scope `entity` can only point at its own entity; set `scope: mesh` to point elsewhere"
                .to_owned(),
        ),
    }
    };
    if answer.base_at.is_some() {
        return Err(BASE_AT.to_owned());
    }
    if answer.meant.is_some() {
        return Err(answer::NO_MESH.to_owned());
    }
    let (location, used, route) = site.place(&here(&answer.target)?);
    let mut finding = Finding::bare(rule.id.clone(), rule.severity, answer.message.clone());
    finding.help = Some(Arc::clone(&rule.help));
    finding.fix.clone_from(&answer.fix);
    finding.location = Some(location);
    finding.related.extend(used);
    for (target, message) in &answer.related {
        let (location, _, _) = site.place(&here(target)?);
        finding.related.push(Related {
            message: message.clone(),
            location,
        });
    }
    finding.entity = Some(site.entity.key.clone());
    finding.route = route;
    finding.covers = answer
        .covers
        .iter()
        .map(|path| site.place(path).2)
        .collect();
    finding.covers.sort();
    finding.owner = site.owner();
    finding.domain = site.domain(place);
    finding.discriminator.clone_from(&answer.key);
    Ok(finding)
}

fn take_facts(setting: &Setting<'_>, site: Site<'_>, id: &str, facts: &Datum, told: &mut Told<'_>) {
    let Some(rule) = setting.pack.rule_index(id) else {
        return;
    };
    for value in facts.items().unwrap_or_default() {
        let at = match value.get("at") {
            Some(at) => at.as_path(),
            None => Some(ModelPath::root()),
        };
        match at.filter(|_| !value.entries().is_empty()) {
            Some(_) => told.facts.push(rule, &value),
            None => told.findings.push(failure(
                site,
                id,
                rules::SHAPE,
                "an element of `facts` is not an object with a path in `at`",
            )),
        }
    }
}

fn singles(setting: &Setting<'_>, program: &KindProgram) -> Vec<Alone> {
    let machine = |rule: usize| {
        let mesh = setting.pack.rules.get(rule)?.rule.scope == Scope::Mesh;
        let name = if mesh { "facts" } else { "deny" };
        let (judge, entry) = setting.pack.single(rule, name)?;
        Some((judge.settled(&setting.data, setting.bounds), entry))
    };
    let rules = program.rules.iter().copied();
    rules
        .map(|rule| Alone {
            rule,
            machine: machine(rule),
        })
        .collect()
}

impl Alone {
    /// Asks to see how long it takes; what is said is of no interest here.
    fn time(&mut self, setting: &Setting<'_>, profile: &Profile, (input, more): (&Datum, usize)) {
        let rule = setting.pack.rules.get(self.rule);
        let part = match rule.map(|rule| rule.rule.scope) {
            Some(Scope::Mesh) => Part::Facts,
            _ => Part::Deny,
        };
        if let Some((worker, entry)) = &mut self.machine {
            worker.allow(more);
            let _ = profile.rule(self.rule, part, || worker.evaluate(entry, input));
        }
    }

    fn judge(
        &mut self,
        setting: &Setting<'_>,
        site: Site<'_>,
        place: &Place,
        (input, more): (&Datum, usize),
        spent: &mut BTreeSet<usize>,
        told: &mut Told<'_>,
    ) {
        let Some(rule) = setting.pack.rules.get(self.rule).map(|rule| &rule.rule) else {
            return;
        };
        let id = rule.id.as_str();
        let Some((worker, entry)) = &mut self.machine else {
            let why = "the rule cannot be compiled on its own";
            told.findings.push(failure(site, id, rules::RUNTIME, why));
            return;
        };
        if spent.contains(&self.rule) {
            let why = "skipped after it ran out of time on another entity of this file";
            told.findings.push(failure(site, id, rules::TIME, why));
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
                let (own_rule, why) = explain(&error);
                told.findings.push(failure(site, id, own_rule, &why));
            }
        }
    }
}

/// Which rule of ours an evaluation error is, and what to say of it.
pub(crate) fn explain(error: &EvaluationError) -> (&'static str, String) {
    match error {
        EvaluationError::Time(bound) => (
            rules::TIME,
            format!("the evaluation exceeded its limit of {bound}"),
        ),
        EvaluationError::Memory(bound) => (
            rules::MEMORY,
            format!("the evaluation exceeded its limit of {bound}"),
        ),
        EvaluationError::Panic(text) => (rules::PANIC, format!("a builtin panicked: {text}")),
        EvaluationError::Runtime(text) => (rules::RUNTIME, text.clone()),
    }
}

fn failure(site: Site<'_>, id: &str, own_rule: &'static str, why: &str) -> Finding {
    let (location, _, _) = site.place(&ModelPath::root());
    let message = format!("rule `{id}` could not check `{}`: {why}", site.entity.key);
    let mut finding = Finding::bare(RuleId::new(own_rule), Level::Error, message);
    finding.help = rules::help(own_rule);
    finding.location = Some(location);
    finding.entity = Some(site.entity.key.clone());
    finding.discriminator = Some(id.to_owned());
    finding.incomplete = true;
    finding
}
