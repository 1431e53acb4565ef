//! `--trace`: what a rule saw of each entity or document, and how far its bodies got, asked of the engine that judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::change::SeenPair;
use super::change::diff::{Base, MeshDiff};
use super::failures::explain_error;
use super::input::{DocumentInput, build_input, expressible_fields};
use super::listed::{Listed, read_contexts};
use super::locate::Site;
use super::map::passes_gate;
use super::mapped::{Contents, Mapped};
use super::setting::{INSTRUCTIONS, Setting};
use super::{combine, plain, read, reduce};
use crate::discover::FileSource;
use crate::model::path::{ModelPath, Step};
use crate::model::rule::Scope;
use crate::model::text::RelPath;
use crate::model::wanted::Projection;
use crate::policy::engine::{Bounds, Datum, Maker, Worker};
use crate::policy::pack::RuleReads;
use crate::policy::trace::{TracedBody, Tracer, VARIABLES};

/// What is shown of the values of a statement's variables.
const VALUES: usize = 3;
/// Characters of a value.
const WIDTH: usize = 60;

/// What a rule made of one input.
#[derive(Debug)]
pub struct RuleTrace {
    /// The file. `None` if the input is the mesh, or all documents.
    pub file: Option<RelPath>,
    /// `contract:orders`, `document:a.yaml`, `mesh`.
    pub what: String,
    /// Whether it was not asked, as the text does not match its `text_matches`.
    pub gated: bool,
    /// Its bodies.
    pub bodies: Vec<BodyTrace>,
}

/// How far one body got.
#[derive(Debug)]
pub struct BodyTrace {
    /// `deny`
    pub name: String,
    /// Its file.
    pub file: String,
    /// What it looks at, and what is there: `input.owner.team`, `= "sales"`; nothing of what depends on a variable.
    pub reads: Vec<(String, String)>,
    /// Its statements.
    pub steps: Vec<StepTrace>,
}

/// What became of a statement.
#[derive(Debug)]
pub struct StepTrace {
    /// 1-based.
    pub line: u32,
    /// As it is written.
    pub text: String,
    /// Whether it held, with all before it.
    pub held: StatementResult,
}

/// Whether a statement held.
#[derive(Debug, PartialEq, Eq)]
pub enum StatementResult {
    /// It holds with these values of variables, and this many more.
    Yes(Vec<String>, usize),
    /// For no values: the body ends here.
    No,
    /// One before it did not hold.
    NotReached,
    /// The engine can't evaluate this part of the body by itself, or hit a bound.
    Unknown(String),
}

/// Traces a rule on the files that `wanted` selects, in their order. One of scope `change` sees what differs from `base`.
pub fn trace_rule(
    setting: &Setting<'_>,
    source: &dyn FileSource,
    base: Option<&Base<'_>>,
    mesh_bounds: Bounds,
    wanted: &dyn Fn(&RelPath) -> bool,
    id: &str,
    tracer: &Tracer,
) -> Vec<RuleTrace> {
    let policies = setting.pack.plain.as_ref();
    if let Some(plain) = policies.filter(|plain| plain.rule(id).is_some()) {
        return plain_inputs(setting, source, mesh_bounds, wanted, plain.combine)
            .into_iter()
            .map(|input| {
                let data =
                    plain.with_file(input.file.as_ref().map_or("Combined", |file| file.as_str()));
                traced(tracer, &input, &data, &|_| true)
            })
            .collect();
    }
    let rule = setting
        .pack
        .rule_index(id)
        .and_then(|index| setting.pack.rules.get(index));
    let Some(rule) = rule.map(|rule| &rule.rule) else {
        return Vec::new();
    };
    if rule.scope == Scope::Change {
        let base = base.into_iter();
        return base
            .flat_map(|base| changes(setting, source, base, wanted, id, tracer))
            .collect();
    }
    let is_facts = rule.scope == Scope::Mesh;
    let of_entity = |body: &TracedBody| !is_facts || body.name == "facts";
    let mut traces: Vec<RuleTrace> = entities(setting, source, wanted, id)
        .iter()
        .map(|input| traced(tracer, input, &setting.data, &of_entity))
        .collect();
    if is_facts && let Some(index) = setting.pack.rule_index(id) {
        let mesh = Mapped::of(
            setting,
            Listed::of(setting, source),
            Contents::Unknown,
            &|_| {},
        )
        .mesh();
        let document = mesh.document(&setting.pack.schema);
        let data = setting.data.with([(Arc::from("mesh"), document)]);
        let input = TracedInput {
            file: None,
            what: "mesh".to_owned(),
            gated: false,
            datum: reduce::facts_of(setting, index, &mesh),
            bounds: mesh_bounds,
            more: 0,
        };
        traces.push(traced(tracer, &input, &data, &|body| body.name != "facts"));
    }
    traces
}

fn changes(
    setting: &Setting<'_>,
    source: &dyn FileSource,
    base: &Base<'_>,
    wanted: &dyn Fn(&RelPath) -> bool,
    id: &str,
    tracer: &Tracer,
) -> Vec<RuleTrace> {
    let head = Listed::of(setting, source);
    let head = Mapped::of(setting, head, Contents::Identified, &|_| {});
    let before = Mapped::beside(setting, Listed::of(setting, base.source), &[&head]);
    let (was, is) = (before.mesh(), head.mesh());
    let change = MeshDiff::of(setting, &before, &was, &head, &is, base.renames);
    let (data, mut seen) = change.seen(setting);
    seen.retain(|seen| wanted(&seen.file) && setting.pack.looks_at(id, &seen.key.kind));
    let input = |seen: SeenPair| TracedInput {
        file: Some(seen.file),
        what: seen.key.to_string(),
        gated: false,
        datum: seen.input,
        bounds: setting.bounds,
        more: seen.more,
    };
    let inputs = seen.into_iter().map(input);
    inputs
        .map(|input| traced(tracer, &input, &data, &|_| true))
        .collect()
}

/// What a rule is asked of.
pub(super) struct TracedInput {
    pub(super) file: Option<RelPath>,
    pub(super) what: String,
    pub(super) gated: bool,
    pub(super) datum: Datum,
    pub(super) bounds: Bounds,
    pub(super) more: usize,
}

fn plain_inputs(
    setting: &Setting<'_>,
    source: &dyn FileSource,
    mesh_bounds: Bounds,
    wanted: &dyn Fn(&RelPath) -> bool,
    combine: bool,
) -> Vec<TracedInput> {
    let listing = source.list();
    let (contexts, _) = read_contexts(setting, source, &listing);
    let mut all = Vec::new();
    for file in listing.files.iter().filter(|file| wanted(file)) {
        let covers = setting
            .pack
            .plain
            .as_ref()
            .is_some_and(|plain| plain.covers(file));
        let Some(bytes) = source.read(file).ok().filter(|_| covers) else {
            continue;
        };
        let read = read::read_file(setting, &contexts, file, &bytes);
        let more = INSTRUCTIONS.saturating_mul(bytes.len());
        for (what, datum) in plain::plain_inputs(setting, file, &read) {
            all.push(TracedInput {
                file: Some(file.clone()),
                what,
                gated: false,
                datum,
                bounds: setting.bounds,
                more,
            });
        }
    }
    if !combine {
        return all;
    }
    let element = |input: &TracedInput| {
        let path = input.file.as_ref().map_or("", |file| file.as_str());
        combine::combined_element(path, input.datum.clone())
    };
    vec![TracedInput {
        file: None,
        what: "all documents combined".to_owned(),
        gated: false,
        datum: Datum::array(all.iter().map(element)),
        bounds: mesh_bounds,
        more: all.iter().map(|input| input.more).sum(),
    }]
}

fn entities(
    setting: &Setting<'_>,
    source: &dyn FileSource,
    wanted: &dyn Fn(&RelPath) -> bool,
    id: &str,
) -> Vec<TracedInput> {
    let everything = RuleReads {
        document: true,
        text: true,
        violations: true,
    };
    let whole = Projection::all();
    let listing = source.list();
    let (contexts, _) = read_contexts(setting, source, &listing);
    let mut all = Vec::new();
    for file in listing.files.iter().filter(|file| wanted(file)) {
        let Ok(bytes) = source.read(file) else {
            continue;
        };
        let read = read::read_file(setting, &contexts, file, &bytes);
        let mut shared = DocumentInput::default();
        let place = (setting.place)(file);
        let looks = |site: &Site<'_>| setting.pack.looks_at(id, &site.entity.key.kind);
        for site in read.sites().filter(looks) {
            all.push(TracedInput {
                file: Some(file.clone()),
                what: site.entity.key.to_string(),
                gated: !passes_gate(setting, id, site),
                datum: build_input(
                    (&mut Maker::default(), &mut shared),
                    site,
                    &place,
                    (everything, &whole),
                    expressible_fields(site),
                ),
                bounds: setting.bounds,
                more: INSTRUCTIONS.saturating_mul(bytes.len()),
            });
        }
    }
    all
}

fn traced(
    tracer: &Tracer,
    input: &TracedInput,
    data: &Datum,
    asked: &dyn Fn(&TracedBody) -> bool,
) -> RuleTrace {
    let mut worker = tracer.judge.as_ref().map(|judge| {
        let mut worker = judge.worker(data, input.bounds);
        worker.allow(input.more);
        worker
    });
    let bodies = tracer.bodies.iter().filter(|body| asked(body));
    RuleTrace {
        file: input.file.clone(),
        what: input.what.clone(),
        gated: input.gated,
        bodies: bodies
            .map(|body| body_of(body, input, worker.as_mut()))
            .collect(),
    }
}

fn body_of(body: &TracedBody, input: &TracedInput, mut worker: Option<&mut Worker>) -> BodyTrace {
    let mut reads: BTreeMap<String, String> = BTreeMap::new();
    for (steps, is_whole) in &body.reads {
        let path = std::iter::once(Step::Key("input".into())).chain(steps.iter().cloned());
        let shown = ModelPath(path.collect()).to_string();
        let shown = if *is_whole {
            shown
        } else {
            format!("{shown}[…]")
        };
        let enter = |at: Datum, step: &Step| match step {
            Step::Key(key) => at.get(key),
            Step::Index(index) => at.items()?.get(*index).cloned(),
        };
        let there = steps.iter().try_fold(input.datum.clone(), enter);
        let value = match (is_whole, there) {
            (false, _) => String::new(),
            (true, None) => "is absent".to_owned(),
            (true, Some(there)) => format!("= {}", cut(&there)),
        };
        reads.insert(shown, value);
    }
    let mut ended = false;
    let mut steps = Vec::new();
    for step in &body.steps {
        let answer = match (&step.entry, &mut worker) {
            _ if ended => StatementResult::NotReached,
            (Some(entry), Some(worker)) => held(worker, entry, &input.datum),
            _ => StatementResult::Unknown("this expression cannot run on its own".to_owned()),
        };
        ended |= answer == StatementResult::No;
        steps.push(StepTrace {
            line: step.line,
            text: step.text.clone(),
            held: answer,
        });
    }
    BodyTrace {
        name: body.name.clone(),
        file: body.file.clone(),
        reads: reads.into_iter().collect(),
        steps,
    }
}

fn held(worker: &mut Worker, entry: &str, input: &Datum) -> StatementResult {
    let found = match worker.evaluate(entry, input) {
        Ok(found) => found.items().unwrap_or_default(),
        Err(error) => return StatementResult::Unknown(explain_error(&error).1),
    };
    if found.is_empty() {
        return StatementResult::No;
    }
    let shown = |way: &Datum| {
        let variables = way
            .get(VARIABLES)
            .map(|at| at.entries())
            .unwrap_or_default();
        let one = |(name, value): &(Arc<str>, Datum)| format!("{name} = {}", cut(value));
        variables.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let values: Vec<String> = found
        .iter()
        .take(VALUES)
        .map(shown)
        .filter(|text| !text.is_empty())
        .collect();
    StatementResult::Yes(values, found.len().saturating_sub(VALUES))
}

fn cut(value: &Datum) -> String {
    let json = value.to_json().to_string();
    match json.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", json.get(..end).unwrap_or_default()),
        None => json,
    }
}
