//! Packs together: formats, rules with their METADATA, and programs compiled once, one per kind of entity.

pub use super::check::RuleReads;
pub use super::kind::{EntryPoint, Given, KindProgram};

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use regex::Regex;

use super::engine::{Judge, LazyModules, Module, ProgramBytes, Promise, RegoError, Trace};
use super::error::PolicyError;
use super::formats::load_formats;
use super::load::load_modules;
use super::loaded::{Loaded, is_library, module_name};
use super::mesh_reads::MeshReads;
use super::plain::Plain;
use super::policy_rule::PolicyRule;
use super::prepared::Prepared;
use super::refused::refused_rule;
use super::source::{BUILTIN_PACK, PackSource};
use super::{engine, prepared, tested};
use crate::lift::Format;
use crate::lift::schema::{DOCUMENT_KIND, Schema};
use crate::model::rule::{Rule, Scope};

/// The model description that comes with the binary.
pub(super) const MODEL: &str = include_str!("../../policies/model.yaml");

/// How many rules one entry point asks at once: the register VM has 255 registers a rule, and a pair takes two.
const CHUNK: usize = 60;

/// All packs of a run, loaded, checked and compiled.
pub struct Pack {
    /// The common model.
    pub schema: Schema,
    /// All formats, built-in first.
    pub formats: Vec<Format>,
    /// All rules, sorted by id.
    pub rules: Vec<PolicyRule>,
    /// Every module, as the engine has it.
    pub modules: Vec<Module>,
    /// The files of every pack.
    pub sources: Vec<PackSource>,
    together: Option<Arc<LazyModules>>,
    kinds: BTreeMap<Arc<str>, KindProgram>,
    mesh: BTreeMap<usize, Promise>,
    /// What each mesh rule reads, by its index.
    mesh_reads: BTreeMap<usize, MeshReads>,
    changes: BTreeMap<Arc<str>, KindProgram>,
    /// Plain policies, which judge beside the rules.
    pub plain: Option<Plain>,
}

/// What a program asks: an entity as it is, or as two revisions have it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ProgramInput {
    State,
    Change,
}

impl ProgramInput {
    /// The package of the modules that ask.
    fn package(self) -> &'static str {
        match self {
            ProgramInput::State => "govcheck_host",
            ProgramInput::Change => "govcheck_host_change",
        }
    }

    /// What a program of a kind is known by.
    fn program(self, kind: &str) -> String {
        format!("{}/{kind}", self.package())
    }
}

/// What to ask of a kind.
struct ProgramPlan {
    asks: ProgramInput,
    kind: Arc<str>,
    /// One after the other.
    asked: Vec<EntryPoint>,
    /// The program, if it is known.
    kept: Option<ProgramBytes>,
}

impl Pack {
    /// Loads, checks and compiles; rules for which `enabled` is false are known, but not compiled. This
    /// includes drafts, which only `policy test` and `policy try` enable.
    ///
    /// # Errors
    /// All mistakes of the packs at once, where possible.
    pub fn load(
        sources: Vec<PackSource>,
        enabled: &dyn Fn(&Rule) -> bool,
    ) -> Result<Self, PolicyError> {
        let prepared = Prepared::of(&sources);
        Self::load_with(sources, enabled, prepared)
    }

    fn load_with(
        sources: Vec<PackSource>,
        enabled: &dyn Fn(&Rule) -> bool,
        prepared: Option<Prepared>,
    ) -> Result<Self, PolicyError> {
        let schema = match prepared::prepared_model() {
            Some(known) => known,
            None => Schema::parse(MODEL).map_err(|error| PolicyError::Model(error.to_string()))?,
        };
        let mut errors = Vec::new();
        let formats = load_formats(&sources, &schema, &mut errors);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        let mut mistakes = Vec::new();
        let loaded = load_modules(&sources, &schema, prepared, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(PolicyError::Mistakes(mistakes));
        }
        let mut pack = Self::uncompiled(schema, formats, sources, &loaded);
        pack.compile(&loaded, enabled)?;
        Ok(pack)
    }

    /// What was loaded, before anything of it can be asked.
    pub(super) fn uncompiled(
        schema: Schema,
        formats: Vec<Format>,
        sources: Vec<PackSource>,
        loaded: &Loaded,
    ) -> Self {
        Self {
            schema,
            formats,
            rules: loaded.rules.clone(),
            modules: loaded.modules.clone(),
            sources,
            together: None,
            kinds: BTreeMap::new(),
            mesh: BTreeMap::new(),
            mesh_reads: loaded.mesh_reads(),
            changes: BTreeMap::new(),
            plain: None,
        }
    }

    pub(super) fn compile(
        &mut self,
        loaded: &Loaded,
        enabled: &dyn Fn(&Rule) -> bool,
    ) -> Result<(), PolicyError> {
        let active: Vec<usize> = (0..self.rules.len())
            .filter(|index| enabled(&self.rules[*index].rule))
            .collect();
        let Some(first) = active.first() else {
            return Ok(());
        };
        let plans: Vec<ProgramPlan> = [ProgramInput::State, ProgramInput::Change]
            .into_iter()
            .flat_map(|asks| self.schema.kinds.keys().map(move |kind| (asks, kind)))
            .map(|(asks, kind)| self.plan(asks, kind, &active, loaded))
            .collect();
        let mut modules = loaded.modules.clone();
        modules.extend(plans.iter().map(|plan| self.host_module(plan)));
        let entry = format!("{}.deny", self.rules[*first].path);
        let together = Arc::new(LazyModules::new(modules, entry));
        if loaded.any_read {
            let compiled = together.compiled();
            compiled.map_err(|error| self.blame(loaded, error.clone()))?;
        }
        for plan in plans.into_iter().filter(|plan| !plan.asked.is_empty()) {
            let names = plan.asked.iter().map(|entry| entry.name.clone());
            let rules = plan.asked.iter().flat_map(|entry| entry.rules.clone());
            let rules = rules.collect();
            let promise = Promise::new(&together, names.collect());
            let program = match plan.kept {
                Some(kept) => promise.kept(kept),
                None => promise,
            };
            let program = KindProgram::new(program, plan.asked, rules);
            match plan.asks {
                ProgramInput::State => self.kinds.insert(plan.kind, program),
                ProgramInput::Change => self.changes.insert(plan.kind, program),
            };
        }
        for index in active {
            let rule = &self.rules[index];
            if rule.rule.scope == Scope::Mesh {
                let entry = format!("{}.deny", rule.path);
                let kept = loaded.programs.get(&*entry).map(|bytes| ProgramBytes {
                    bytes,
                    off: Vec::new(),
                });
                let promise = Promise::new(&together, vec![entry]);
                let promise = match kept.filter(|_| rule.rule.pack == BUILTIN_PACK) {
                    Some(kept) => promise.kept(kept),
                    None => promise,
                };
                self.mesh.insert(index, promise);
            }
        }
        self.together = Some(together);
        // That the pack in the binary can be judged is tested where the binary is made: of it, programs are made for
        // what a mesh has. What anybody else wrote is refused here, whether it would be asked or not.
        let tested = tested::is_tested(&self.sources);
        let wanted = |rule: &PolicyRule| !tested || rule.rule.pack != BUILTIN_PACK;
        self.keep_promises(&wanted)
            .map_err(|error| self.blame(loaded, error))
    }

    /// Makes the programs that ask a rule that is wanted.
    ///
    /// # Errors
    /// The register VM can't run a rule.
    pub fn keep_promises(&self, wanted: &dyn Fn(&PolicyRule) -> bool) -> Result<(), RegoError> {
        let asks = |rule: &usize| self.rules.get(*rule).is_some_and(wanted);
        let kinds = self.kinds.values().chain(self.changes.values());
        let kinds = kinds.filter(|kind| kind.rules.iter().any(asks));
        let mesh = self.mesh.iter().filter(|(rule, _)| asks(rule));
        let all: Vec<&Promise> = kinds
            .map(|kind| &kind.program)
            .chain(mesh.map(|(_, program)| program))
            .collect();
        let kept: Vec<Result<(), RegoError>> = all.into_par_iter().map(Promise::keep).collect();
        kept.into_iter().collect()
    }

    /// Whether a rule looks at entities of this kind: to judge them or their change, or to take their facts.
    fn judges(&self, asks: ProgramInput, index: usize, kind: &str) -> bool {
        let rule = &self.rules[index].rule;
        (rule.scope == Scope::Change) == (asks == ProgramInput::Change)
            && rule
                .entities
                .iter()
                .any(|entity| **entity == *kind || (&**entity == "*" && kind != DOCUMENT_KIND))
    }

    /// What to ask of a kind, and the program that is known for it.
    fn plan(
        &self,
        asks: ProgramInput,
        kind: &Arc<str>,
        active: &[usize],
        loaded: &Loaded,
    ) -> ProgramPlan {
        let judges = |index: &usize| self.judges(asks, *index, kind);
        let is_own = |index: &usize| self.rules[*index].rule.pack != BUILTIN_PACK;
        let bytes = loaded.programs.get(&*asks.program(kind));
        let bytes = bytes.filter(|_| !active.iter().any(|index| judges(index) && is_own(index)));
        let Some(bytes) = bytes else {
            let asked = active.iter().copied().filter(judges);
            return ProgramPlan {
                asks,
                kind: Arc::clone(kind),
                asked: self.entry_points(asks, kind, asked, loaded),
                kept: None,
            };
        };
        // The program asks the whole pack.
        let all = (0..self.rules.len()).filter(|index| judges(index) && !is_own(index));
        let mut asked = self.entry_points(asks, kind, all, loaded);
        let mut off = Vec::new();
        for entry in &mut asked {
            entry.rules.retain(|index| {
                let is_on = active.contains(index);
                if !is_on {
                    let path = &self.rules[*index].path;
                    let said = ["deny", "facts", "advice"];
                    off.extend(said.map(|said| format!("{path}.{said}")));
                }
                is_on
            });
            entry.reads = self.reads(&entry.rules, loaded);
        }
        asked.retain(|entry| !entry.rules.is_empty());
        ProgramPlan {
            asks,
            kind: Arc::clone(kind),
            asked,
            kept: Some(ProgramBytes { bytes, off }),
        }
    }

    /// Entry points for rules: those with a look at the text first one by one, all others together.
    fn entry_points(
        &self,
        asks: ProgramInput,
        kind: &str,
        asked: impl Iterator<Item = usize>,
        loaded: &Loaded,
    ) -> Vec<EntryPoint> {
        let (gated, open): (Vec<usize>, Vec<usize>) =
            asked.partition(|index| self.rules[*index].rule.text_matches.is_some());
        let chunks = open
            .chunks(CHUNK)
            .map(<[usize]>::to_vec)
            .chain(gated.iter().map(|index| vec![*index]));
        let open_chunks = open.len().div_ceil(CHUNK);
        chunks
            .enumerate()
            .map(|(number, rules)| EntryPoint {
                name: format!("data.{}.{kind}.chunk_{number}", asks.package()),
                reads: self.reads(&rules, loaded),
                rules,
                gated: number >= open_chunks,
            })
            .collect()
    }

    /// What some rules read of `input` that is costly to build.
    fn reads(&self, rules: &[usize], loaded: &Loaded) -> RuleReads {
        let known = |index: &usize| loaded.reads.get(&self.rules[*index].path).copied();
        let all = rules.iter().map(|index| known(index).unwrap_or_default());
        all.fold(loaded.library_reads, RuleReads::and)
    }

    /// The module that asks all rules of a kind in one go, so that what they share is computed once.
    fn host_module(&self, plan: &ProgramPlan) -> Module {
        let (package, kind) = (plan.asks.package(), &plan.kind);
        let mut text = format!("package {package}.{kind}\n");
        for entry in &plan.asked {
            let list = |name: &str, is_asked: &dyn Fn(&PolicyRule) -> bool| {
                let asked = entry.rules.iter().map(|index| &self.rules[*index]);
                asked
                    .filter(|rule| is_asked(rule))
                    .map(|rule| format!("\"{}\": {}.{name}", rule.rule.id, rule.path))
                    .collect::<Vec<_>>()
                    .join(",\n\t")
            };
            let deny = list("deny", &|rule| rule.rule.scope != Scope::Mesh);
            let (also, said) = match plan.asks {
                ProgramInput::State => (
                    "facts",
                    list("facts", &|rule| rule.rule.scope == Scope::Mesh),
                ),
                ProgramInput::Change => ("advice", list("advice", &|rule| rule.advises)),
            };
            let (_, name) = entry.name.rsplit_once('.').unwrap_or_default();
            text.push_str(&format!(
                "{name} := {{\"deny\": {{{deny}}}, \"{also}\": {{{said}}}}}\n"
            ));
        }
        Module {
            name: format!("{package}/{kind}.rego"),
            text,
        }
    }

    /// Compiles rule by rule to say which one can't be judged, and why.
    fn blame(&self, loaded: &Loaded, together: RegoError) -> PolicyError {
        let mut mistakes = Vec::new();
        let libraries: Vec<&Module> = loaded
            .modules
            .iter()
            .filter(|module| is_library(&module.name))
            .collect();
        for rule in &self.rules {
            let name = module_name(&rule.rule.pack, &rule.rule.file);
            let own = loaded.modules.iter().filter(|module| module.name == name);
            let modules: Vec<Module> = libraries.iter().copied().chain(own).cloned().collect();
            let names: &[&str] = match rule.rule.scope {
                Scope::Mesh => &["deny", "facts"],
                Scope::Change if rule.advises => &["deny", "advice"],
                _ => &["deny"],
            };
            for entry in names.iter().map(|name| format!("{}.{name}", rule.path)) {
                let outcome = engine::compile_modules(&modules, &entry)
                    .and_then(|compiled| compiled.program(&[&entry]).map(|_| ()));
                if let Err(error) = outcome {
                    mistakes.push(refused_rule(loaded, &name, &error));
                    break;
                }
            }
        }
        mistakes.sort_by(|a, b| (&a.pack, &a.file, a.span).cmp(&(&b.pack, &b.file, b.span)));
        mistakes.dedup_by(|a, b| a.to_string() == b.to_string());
        if mistakes.is_empty() {
            PolicyError::Together(together.message)
        } else {
            PolicyError::Mistakes(mistakes)
        }
    }

    /// Whether the program of every rule that is on is known, and none has to be compiled.
    #[cfg(test)]
    pub(super) fn is_known(&self) -> bool {
        let kinds = self.kinds.values().chain(self.changes.values());
        let kinds = kinds.map(|kind| &kind.program);
        kinds.chain(self.mesh.values()).all(Promise::is_kept)
    }

    /// Keeps which lines are evaluated from now on.
    pub fn trace(&mut self, trace: &Trace) {
        let Some(together) = &self.together else {
            return;
        };
        let traced = Arc::new(together.traced(trace));
        let kinds = self.kinds.values_mut().chain(self.changes.values_mut());
        let programs = kinds.map(|kind| &mut kind.program);
        programs
            .chain(self.mesh.values_mut())
            .for_each(|program| program.traced(&traced));
        self.together = Some(traced);
    }

    /// Whether a rule looks at entities of a kind, or at changes of them.
    pub fn looks_at(&self, id: &str, kind: &str) -> bool {
        let index = self.rule_index(id);
        index.is_some_and(|index| {
            [ProgramInput::State, ProgramInput::Change]
                .into_iter()
                .any(|asks| self.judges(asks, index, kind))
        })
    }

    /// The program of a kind, if a rule judges it.
    pub fn kind(&self, kind: &str) -> Option<&KindProgram> {
        self.kinds.get(kind)
    }

    /// The program of the change rules on a kind, if there is one.
    pub fn change(&self, kind: &str) -> Option<&KindProgram> {
        self.changes.get(kind)
    }

    /// The mesh rules that are on, by index into `rules`, with their programs.
    pub fn mesh_rules(&self) -> impl Iterator<Item = (usize, Judge)> {
        let programs: Vec<(usize, Judge)> = self
            .mesh
            .par_iter()
            .map(|(index, program)| (*index, program.judge()))
            .collect();
        programs.into_iter()
    }

    /// What a mesh rule reads, by its index; of another rule, all.
    pub fn mesh_reads(&self, rule: usize) -> &MeshReads {
        const ALL: &MeshReads = &MeshReads {
            kinds: None,
            by_fact: false,
        };
        self.mesh_reads.get(&rule).unwrap_or(ALL)
    }

    /// A program for a single rule.
    ///
    /// # Errors
    /// The register VM can't run it. Never happens for a rule that is on, because it was compiled before.
    pub fn single(&self, index: usize, entry: &str) -> Option<(Judge, String)> {
        let entry_point = format!("{}.{entry}", self.rules.get(index)?.path);
        let compiled = self.together.as_ref()?.compiled().ok()?;
        let judge = compiled.program(&[&entry_point]).ok()?;
        Some((judge, entry_point))
    }

    /// The patterns that a document's text must match before a rule is asked, by the rule's index.
    ///
    /// # Errors
    /// With these options a pattern is not a regular expression; the message names the rule.
    pub fn gates(&self, options: &serde_json::Value) -> Result<BTreeMap<usize, Regex>, String> {
        let mut gates = BTreeMap::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let Some(pattern) = &rule.rule.text_matches else {
                continue;
            };
            let mut pattern = pattern.clone();
            let own = options
                .get(rule.rule.id.as_str())
                .and_then(serde_json::Value::as_object);
            for (name, value) in own.into_iter().flatten() {
                if let Some(value) = value.as_str() {
                    pattern = pattern.replace(&format!("{{{name}}}"), value);
                }
            }
            let gate = Regex::new(&pattern).map_err(|error| {
                format!(
                    "invalid `text_matches` of rule `{}` with these options: {error}",
                    rule.rule.id
                )
            })?;
            gates.insert(index, gate);
        }
        Ok(gates)
    }

    /// The index of a rule by its id.
    pub fn rule_index(&self, id: &str) -> Option<usize> {
        self.rules
            .binary_search_by(|rule| rule.rule.id.as_str().cmp(id))
            .ok()
    }

    /// The METADATA of all rules, including those of plain policies.
    pub fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        let plain = self.plain.iter().flat_map(|plain| &plain.rules);
        let own = self.rules.iter().map(|rule| &rule.rule);
        own.chain(plain.map(|rule| &rule.rule))
    }

    /// How many rules are on that judge a mesh as it is.
    pub fn active(&self) -> usize {
        let plain = self.plain.as_ref().and_then(|plain| plain.program.as_ref());
        distinct_rules(self.kinds.values()) + plain.map_or(0, |(_, on)| on.len())
    }

    /// How many rules are on that judge a change.
    pub fn active_on_changes(&self) -> usize {
        distinct_rules(self.changes.values())
    }
}

fn distinct_rules<'p>(programs: impl Iterator<Item = &'p KindProgram>) -> usize {
    let mut rules: Vec<usize> = programs
        .flat_map(|kind| kind.rules.iter().copied())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules.len()
}

/// What can be known of the pack in the binary: its model, it, who asks whom in it, and its programs as bytes.
#[cfg(test)]
pub(super) fn worked_out() -> (
    Schema,
    Prepared,
    BTreeMap<String, super::recursion::RuleReferences>,
    BTreeMap<String, Vec<u8>>,
) {
    let sources = vec![PackSource::builtin()];
    let schema = Schema::parse(MODEL).unwrap();
    let loaded = load_modules(&sources, &schema, None, &mut Vec::new());
    let pack = Pack::load_with(sources, &|_| true, None).unwrap();
    let mut programs = BTreeMap::new();
    for (asks, kinds) in [
        (ProgramInput::State, &pack.kinds),
        (ProgramInput::Change, &pack.changes),
    ] {
        let kinds = kinds.iter();
        programs
            .extend(kinds.map(|(kind, program)| (asks.program(kind), program.judge().to_bytes())));
    }
    for (index, program) in &pack.mesh {
        let name = format!("{}.deny", pack.rules[*index].path);
        programs.insert(name, program.judge().to_bytes());
    }
    let mesh_reads = pack.mesh_reads.iter();
    let mesh_reads =
        mesh_reads.map(|(index, reads)| (pack.rules[*index].path.clone(), reads.clone()));
    let prepared = Prepared {
        rules: loaded.rules.clone(),
        reads: loaded.reads.clone(),
        library_reads: loaded.library_reads,
        mesh_reads: mesh_reads.collect(),
    };
    (schema, prepared, loaded.calls.known(), programs)
}
