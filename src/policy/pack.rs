//! Packs together: formats, rules with their METADATA, and programs compiled once, one per kind of entity.

pub use super::check::RuleReads;
pub use super::kind::{EntryPoint, Given, KindProgram};

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use regex::Regex;

use super::engine::{Judge, LazyModules, Module, Promise, Trace};
use super::error::PolicyError;
use super::formats::load_formats;
use super::load::load_modules;
use super::loaded::Loaded;
use super::mesh_reads::MeshReads;
use super::plain::Plain;
use super::policy_rule::PolicyRule;
use super::prepared;
use super::prepared::Prepared;
use super::program_input::ProgramInput;
use super::source::PackSource;
use crate::lift::Format;
use crate::lift::schema::{DOCUMENT_KIND, Schema};
use crate::model::rule::{Rule, Scope};

/// The model description that comes with the binary.
pub(super) const MODEL: &str = include_str!("../../policies/model.yaml");

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
    pub(super) together: Option<Arc<LazyModules>>,
    pub(super) kinds: BTreeMap<Arc<str>, KindProgram>,
    pub(super) mesh: BTreeMap<usize, Promise>,
    /// What each mesh rule reads, by its index.
    mesh_reads: BTreeMap<usize, MeshReads>,
    pub(super) changes: BTreeMap<Arc<str>, KindProgram>,
    /// Plain policies, which judge beside the rules.
    pub plain: Option<Plain>,
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

    /// Whether a rule looks at entities of this kind: to judge them or their change, or to take their facts.
    pub(super) fn judges(&self, asks: ProgramInput, index: usize, kind: &str) -> bool {
        let rule = &self.rules[index].rule;
        (rule.scope == Scope::Change) == (asks == ProgramInput::Change)
            && rule
                .entities
                .iter()
                .any(|entity| **entity == *kind || (&**entity == "*" && kind != DOCUMENT_KIND))
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
