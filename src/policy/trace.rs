//! How far the bodies of a rule got: for every statement a rule of our own that holds as long as it and all before it do,
//! compiled for the same engine as in production. It explains a verdict and never makes one.

use super::engine::{Judge, Module, RegoVersion, program_plain};
use super::pack::Pack;
use super::plain::body::{Body, known_names, list_bodies, whole_span};
use super::plain::modules::{PlainModule, of_pack};
use super::plain::probe::{AT, Probe, of_steps};
use super::plain::references::BodyNames;
use crate::model::path::Step;
use crate::model::rule::Scope;
use crate::model::text::SourceText;

/// A rule with what asks how far it got.
pub struct Tracer {
    /// Answers to the steps. `None` if the engine can't run any of them.
    pub judge: Option<Judge>,
    /// The bodies of its definitions, in the order of the files.
    pub bodies: Vec<TracedBody>,
}

/// A body of a definition.
pub struct TracedBody {
    /// What the definition gives: `deny`, `facts`, `exception`.
    pub name: String,
    /// The file, as mistakes name it.
    pub file: String,
    /// The places of `input` that it looks at, and whether that is all of the way.
    pub reads: Vec<(Vec<Step>, bool)>,
    /// Its statements.
    pub steps: Vec<TracedStep>,
}

/// A statement.
pub struct TracedStep {
    /// 1-based.
    pub line: u32,
    /// As it is written, on one line.
    pub text: String,
    /// What to ask. `None` where the engine can't run it without what follows.
    pub entry: Option<String>,
}

/// The key of an answer's element under which the variables are.
pub const VARIABLES: &str = AT;

impl Pack {
    /// The tracer for a rule of a pack or a plain policy. `None` if there is no such rule.
    pub fn tracer(&self, id: &str) -> Option<Tracer> {
        if let Some((plain, rule)) = self
            .plain
            .as_ref()
            .and_then(|plain| Some((plain, plain.rule(id)?)))
        {
            let mut names = vec![rule.name()];
            names.extend(rule.exception.as_ref().map(|_| "exception"));
            return Some(trace(
                plain.modules(),
                plain.version(),
                rule.namespace(),
                &names,
            ));
        }
        let rule = self.rules.get(self.rule_index(id)?)?;
        let modules = of_pack(&self.sources);
        let names: &[&str] = match rule.rule.scope {
            Scope::Mesh => &["facts", "deny"],
            _ => &["deny"],
        };
        let package = rule.path.strip_prefix("data.")?;
        Some(trace(&modules, RegoVersion::V1, package, names))
    }
}

fn trace(modules: &[PlainModule], version: RegoVersion, package: &str, names: &[&str]) -> Tracer {
    let mut traced = Vec::new();
    let mut probes: Vec<Probe> = Vec::new();
    for name in names {
        for body in list_bodies(modules, package, name) {
            let known = known_names(modules, body.module);
            let number = traced.len();
            let steps: Vec<(Probe, TracedStep)> = (0..body.statements().len())
                .map(|at| {
                    let probe = of_steps(&body, number, at + 1, &known);
                    let step = step(&body, at, format!("data.{package}.{}", probe.name));
                    (probe, step)
                })
                .collect();
            let (own, steps): (Vec<Probe>, Vec<TracedStep>) = steps.into_iter().unzip();
            probes.extend(own);
            let names = BodyNames::of(modules, body.module, body.body, None, None);
            let reads = names.looked_at(body.body).into_iter();
            traced.push(TracedBody {
                name: (*name).to_owned(),
                file: body.module.module.name.clone(),
                reads: reads.map(|read| (read.steps, read.whole)).collect(),
                steps,
            });
        }
    }
    let compile = |probes: &[Probe]| {
        let mut all: Vec<Module> = modules.iter().map(|module| module.module.clone()).collect();
        for probe in probes {
            all.get_mut(probe.module)?.text.push_str(&probe.text);
        }
        let entries: Vec<String> = probes
            .iter()
            .map(|probe| format!("data.{package}.{}", probe.name))
            .collect();
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        program_plain(&all, version, &entries)
    };
    let mut judge = compile(&probes);
    if judge.is_none() {
        // A variable may be bound by a later statement only: a statement that can't be asked by itself is left out.
        probes.retain(|probe| compile(std::slice::from_ref(probe)).is_some());
        let asked = |entry: &String| {
            probes
                .iter()
                .any(|probe| entry.ends_with(&format!(".{}", probe.name)))
        };
        for step in traced.iter_mut().flat_map(|body| &mut body.steps) {
            step.entry = step.entry.take().filter(asked);
        }
        judge = compile(&probes);
    }
    Tracer {
        judge,
        bodies: traced,
    }
}

fn step(body: &Body<'_>, at: usize, entry: String) -> TracedStep {
    let statements = body.statements();
    let extent = statements
        .get(at)
        .map(|own| whole_span(own))
        .unwrap_or_default();
    let text = SourceText::new(body.module.module.text.clone());
    let lines = body.module.slice(extent).lines().map(str::trim);
    let written: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    TracedStep {
        line: text.position(extent.start).line,
        text: written
            .join(" ")
            .trim_end_matches(';')
            .trim_end()
            .to_owned(),
        entry: Some(entry),
    }
}
