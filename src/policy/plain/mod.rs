//! Plain policies: modules outside `package govcheck.…`, in conftest's contract. Loads them with their data, chooses the
//! namespaces that are asked, and compiles their rules for the register VM, beside the rules of packs and apart from
//! them. `evaluate::plain` reads the answers.
//!
//! - Of each chosen namespace, `deny`, `violation`, `warn` and names that begin with one of them and `_` are asked.
//! - `exception` names those that do not count for a document, by the part after the `_`.
//! - The version of Rego is the one that is asked for, v1 if none is; `import rego.v1` makes a module v1 by itself.

pub(crate) mod body;
mod contract;
mod data;
mod describe;
pub(crate) mod modules;
mod namespaces;
pub(crate) mod probe;
pub(crate) mod references;
mod request;
mod subject;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use super::engine::{Datum, Judge, Module, RegoVersion, compile_plain, program_plain};
use super::error::{PolicyError, PolicyMistake};
use super::recursion::Calls;
use super::refused::refused_module;
use crate::model::rule::{Rule, RuleId};
use crate::model::text::RelPath;

pub use contract::{DEFAULT_NAMESPACE, level_of};
pub use data::{DataSource, is_data_file};
pub use request::PlainRequest;

use body::{Body, known_names, list_bodies};
use contract::{EXCEPTION, exception_name};
use modules::PlainModule;
use namespaces::{asked_names, choose_namespaces};
use probe::Probe;
pub(crate) use references::Search;
pub(crate) use subject::Subject;

/// A rule that is asked.
pub struct PlainRule {
    /// As reports know it.
    pub rule: Rule,
    /// `data.main.deny_x`.
    pub path: String,
    /// What an exception names it by.
    pub suffix: String,
    /// `data.main.exception`, if the namespace has one.
    pub exception: Option<String>,
    namespace: String,
    name: String,
    placing: OnceLock<Option<Placing>>,
}

impl PlainRule {
    /// `deny_x`
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `main`
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// The probes of a rule's places, compiled.
struct Placing {
    judge: Judge,
    /// The entry point and the number of the body that it asks.
    entries: Vec<(String, usize)>,
}

/// Plain policies, loaded and compiled.
pub struct Plain {
    /// The rules that are asked, sorted by id; those that are off are known, but not asked.
    pub rules: Vec<PlainRule>,
    /// Whether all documents are one input.
    pub combine: bool,
    /// What `data` holds.
    pub data: Datum,
    /// Whether a rule reads `data.conftest.file`.
    pub reads_file: bool,
    /// The program of all rules that are on, by index into `rules`. `None` if all are off.
    pub program: Option<(Judge, Vec<usize>)>,
    version: RegoVersion,
    modules: Vec<PlainModule>,
    spared: BTreeSet<RelPath>,
}

/// What data gives of the file under judgement, as conftest does.
const FILE: &str = "data.conftest.file";

impl Plain {
    /// Loads, checks and compiles.
    ///
    /// # Errors
    /// Whatever is wrong with the policies, their data or the namespaces.
    pub fn load(
        request: PlainRequest,
        enabled: &dyn Fn(&Rule) -> bool,
    ) -> Result<Self, PolicyError> {
        let mut mistakes = Vec::new();
        let all = modules::read_modules(&request.policies, request.version, &mut mistakes);
        for module in &all {
            modules::check_heads(module, &mut mistakes);
        }
        fail(mistakes)?;
        let names: Vec<&str> = request
            .policies
            .iter()
            .map(|source| source.name.as_str())
            .collect();
        if all.is_empty() {
            return Err(PolicyError::Unreadable {
                pack: names.join("`, `"),
                why: "the folder has no policies".to_owned(),
                help: "name the folder with the `.rego` files: `--policy FOLDER`".to_owned(),
            });
        }
        let namespaces = choose_namespaces(&request, &all)?;
        let reached = modules::reached_modules(&all, &namespaces);
        let modules: Vec<PlainModule> = all
            .into_iter()
            .enumerate()
            .filter(|(index, _)| reached.contains(index))
            .map(|(_, module)| module)
            .collect();
        hold(&modules)?;
        let mut plain = Self {
            rules: rules_of(&modules, &namespaces)?,
            combine: request.combine,
            data: data::load_data(&request.data)?,
            reads_file: modules
                .iter()
                .any(|module| module.module.text.contains(FILE)),
            program: None,
            version: request.version,
            modules,
            spared: request.spared,
        };
        plain.program = plain.compile(enabled)?;
        Ok(plain)
    }

    fn compile(
        &self,
        enabled: &dyn Fn(&Rule) -> bool,
    ) -> Result<Option<(Judge, Vec<usize>)>, PolicyError> {
        let active: Vec<usize> = (0..self.rules.len())
            .filter(|index| enabled(&self.rules[*index].rule))
            .collect();
        let mut entries: Vec<&str> = Vec::new();
        for rule in active.iter().map(|index| &self.rules[*index]) {
            entries.push(&rule.path);
            entries.extend(rule.exception.as_deref());
        }
        entries.sort_unstable();
        entries.dedup();
        let Some(first) = entries.first() else {
            return Ok(None);
        };
        let modules = self.engine_modules();
        let program = compile_plain(&modules, self.version, first)
            .and_then(|compiled| compiled.program(&entries));
        let judge = program.map_err(|error| {
            let file = |name: &str| {
                let module = self
                    .modules
                    .iter()
                    .find(|module| module.module.name == name);
                module.map(|module| module.file.clone())
            };
            let fallback = self.modules.first().map(|module| module.file.clone());
            let named = error.module.as_deref().and_then(file);
            let mut mistake = refused_module(named.or(fallback), &error);
            if mistake.help.contains("govcheck.lib") {
                "read the levels one by one: `input.spec.containers[_]`"
                    .clone_into(&mut mistake.help);
            }
            PolicyError::Mistakes(vec![mistake])
        })?;
        judge
            .accepts(&self.with_file("x.yaml"))
            .map_err(|why| PolicyError::Unreadable {
                pack: "--data".to_owned(),
                why,
                help: "rename the data or the package; both define the same path".to_owned(),
            })?;
        Ok(Some((judge, active)))
    }

    /// The modules that are asked, or that those need.
    pub(crate) fn modules(&self) -> &[PlainModule] {
        &self.modules
    }

    /// The version of Rego that they are read in.
    pub(crate) fn version(&self) -> RegoVersion {
        self.version
    }

    fn engine_modules(&self) -> Vec<Module> {
        self.modules
            .iter()
            .map(|module| module.module.clone())
            .collect()
    }

    /// `data` with conftest's fields for the file, if a rule reads them. The folder starts at the root of the mesh.
    pub fn with_file(&self, file: &str) -> Datum {
        if !self.reads_file {
            return self.data.clone();
        }
        let (folder, name) = file.rsplit_once('/').unwrap_or((".", file));
        let file = serde_json::json!({"conftest": {"file": {"name": name, "dir": folder}}});
        let file = Datum::json(&file);
        self.data.merged(&file).unwrap_or(file)
    }

    /// Whether a file is input: all are, but those that govcheck itself is set up by.
    pub fn covers(&self, file: &RelPath) -> bool {
        !self.spared.contains(file)
    }

    /// A rule by its id.
    pub fn rule(&self, id: &str) -> Option<&PlainRule> {
        self.rules.iter().find(|rule| rule.rule.id.as_str() == id)
    }

    /// Everything by which plain policies decide on findings, piece by piece in a fixed order: what a digest of a pack has to take in.
    pub fn identity(&self) -> Vec<Vec<u8>> {
        let mut parts = vec![
            self.version.as_str().as_bytes().to_vec(),
            format!("combine={} file={}", self.combine, self.reads_file).into_bytes(),
            self.data.to_json().to_string().into_bytes(),
        ];
        for module in &self.modules {
            parts.push(module.module.name.clone().into_bytes());
            parts.push(module.file.text.as_str().as_bytes().to_vec());
        }
        parts.extend(self.rules.iter().map(|rule| rule.path.clone().into_bytes()));
        let on = self.program.iter().flat_map(|(_, on)| on);
        parts.extend(on.map(|index| index.to_string().into_bytes()));
        parts.extend(
            self.spared
                .iter()
                .map(|file| file.as_str().as_bytes().to_vec()),
        );
        parts
    }

    fn bodies<'p>(&'p self, rule: &PlainRule) -> Vec<Body<'p>> {
        list_bodies(&self.modules, &rule.namespace, &rule.name)
    }

    /// A machine that finds the variables behind the elements of a rule, with its entry points and the bodies that these
    /// ask. `None` if the register VM can't run it.
    pub(crate) fn placing<'p>(
        &'p self,
        rule: &'p PlainRule,
    ) -> Option<(&'p Judge, &'p [(String, usize)])> {
        let placing = rule.placing.get_or_init(|| {
            let probes: Vec<(usize, Probe)> = self
                .bodies(rule)
                .iter()
                .enumerate()
                .filter_map(|(number, body)| {
                    let known = known_names(&self.modules, body.module);
                    Some((number, probe::of_places(body, number, &known)?))
                })
                .collect();
            let only: Vec<&Probe> = probes.iter().map(|(_, probe)| probe).collect();
            let judge = self.with_probes(&rule.namespace, &only)?;
            let entry =
                |(number, probe): &(usize, Probe)| (entry_of(&rule.namespace, probe), *number);
            Some(Placing {
                judge,
                entries: probes.iter().map(entry).collect(),
            })
        });
        placing
            .as_ref()
            .map(|placing| (&placing.judge, placing.entries.as_slice()))
    }

    fn with_probes(&self, namespace: &str, probes: &[&Probe]) -> Option<Judge> {
        let mut modules = self.engine_modules();
        for probe in probes {
            modules.get_mut(probe.module)?.text.push_str(&probe.text);
        }
        let entries: Vec<String> = probes
            .iter()
            .map(|probe| entry_of(namespace, probe))
            .collect();
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        program_plain(&modules, self.version, &entries)
    }

    /// What a body of a rule is about, by its number; `values` are those of its variables, where they are known.
    pub(crate) fn subject(
        &self,
        rule: &PlainRule,
        body: usize,
        values: Option<&Datum>,
        search: Option<&Search<'_>>,
    ) -> Option<Subject> {
        let all = self.bodies(rule);
        subject::find_subject(&self.modules, all.get(body)?, values, search)
    }

    /// The bodies of a rule, by number, with the quoted texts in them, of which its messages are made.
    pub(crate) fn texts(&self, rule: &PlainRule) -> Vec<Vec<String>> {
        let texts = |body: &Body<'_>| {
            let mut texts = Vec::new();
            let mut see = |name: &str, node: &Value| {
                if matches!(name, "String" | "RawString") {
                    texts.extend(
                        node.get("value")
                            .and_then(Value::as_str)
                            .map(ToOwned::to_owned),
                    );
                }
            };
            super::syntax::visit_nodes(body.rule, &mut see);
            texts
        };
        self.bodies(rule).iter().map(texts).collect()
    }
}

fn entry_of(namespace: &str, probe: &Probe) -> String {
    format!("data.{namespace}.{}", probe.name)
}

/// The names of elements that an exception exempts: `exception[_][_]`.
pub(crate) fn exempt_elements(exception: &Datum) -> BTreeSet<String> {
    let lists = exception.values();
    let names = lists.iter().flat_map(Datum::values);
    names
        .filter_map(|name| name.as_text().map(ToOwned::to_owned))
        .collect()
}

fn fail(mistakes: Vec<PolicyMistake>) -> Result<(), PolicyError> {
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(PolicyError::Mistakes(mistakes)),
    }
}

/// Holds modules against what the register VM can do.
fn hold(modules: &[PlainModule]) -> Result<(), PolicyError> {
    let (mut mistakes, mut calls) = (Vec::new(), Calls::default());
    for module in modules {
        modules::check_module(module, &mut mistakes);
        calls.add(&module.file, &module.tree);
    }
    mistakes.extend(calls.rings());
    fail(mistakes)
}

fn rules_of(modules: &[PlainModule], namespaces: &[String]) -> Result<Vec<PlainRule>, PolicyError> {
    let mut rules = Vec::new();
    for namespace in namespaces {
        let has_exception = !list_bodies(modules, namespace, EXCEPTION).is_empty();
        for name in asked_names(modules, namespace) {
            let Some(level) = level_of(&name) else {
                continue;
            };
            let id = RuleId::new(format!("{namespace}/{name}"));
            let own = list_bodies(modules, namespace, &name);
            let rule = describe::describe_rule(id, level, &own)
                .map_err(|mistake| PolicyError::Mistakes(vec![mistake]))?;
            rules.push(PlainRule {
                rule,
                path: format!("data.{namespace}.{name}"),
                suffix: exception_name(&name).to_owned(),
                exception: has_exception.then(|| format!("data.{namespace}.{EXCEPTION}")),
                namespace: namespace.clone(),
                name,
                placing: OnceLock::new(),
            });
        }
    }
    rules.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    Ok(rules)
}
