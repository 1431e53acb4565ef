//! Packs together: formats, rules with their METADATA, and programs compiled once, one per kind of entity.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use regex::Regex;

use super::about::About;
use super::check;
pub use super::check::Reads;
use super::engine::{self, Compiled, Judge, Module, Promise, RegoError, Trace};
use super::error::{PolicyError, PolicyFile, PolicyMistake};
use super::mesh_reads::{MeshReads, judges_by_fact};
use super::metadata;
use super::plain::Plain;
use super::recursion::Calls;
use super::rules;
use super::source::{BUILTIN_PACK, PackFile, PackSource};
use super::syntax::package_place;
use super::tested;
use crate::lift::schema::{DOCUMENT_KIND, Schema};
use crate::lift::{self, Format, shape};
use crate::model::rule::{Rule, RuleId, Scope};
use crate::model::text::{SourceText, Span};

/// The model description that comes with the binary.
pub(super) const MODEL: &str = include_str!("../../policies/model.yaml");

/// How many rules one entry point asks at once: the register VM has 255 registers a rule, and a pair takes two.
const CHUNK: usize = 60;

/// What a rule reads to learn where a document does not fit its format.
const VIOLATIONS: &str = "input.violations";

/// A rule and where its Rego is.
#[derive(Debug, Clone)]
pub struct PolicyRule {
    /// Its METADATA.
    pub rule: Rule,
    /// `data.govcheck.kpi.bad_name`.
    pub path: String,
    /// Whether it says by `advice` which version a changed entity should have.
    pub advises: bool,
}

/// The judges of one kind of entity.
pub struct KindProgram {
    program: Promise,
    /// What to ask, one after the other.
    pub entry_points: Vec<EntryPoint>,
    /// Rules asked, to find the one to blame when an evaluation fails.
    pub rules: Vec<usize>,
}

impl KindProgram {
    /// The program.
    pub fn judge(&self) -> Judge {
        self.program.judge()
    }
}

/// An entry point that gives `{"deny": {rule: set}, "facts": {rule: set}}`; of change rules, `advice` instead of `facts`.
pub struct EntryPoint {
    /// Its path.
    pub name: String,
    /// The rules that it asks.
    pub rules: Vec<usize>,
    /// Whether it is one rule with `text_matches`, asked only where the document's text matches.
    pub gated: bool,
    /// What its rules read of `input` that is costly to build.
    pub reads: Reads,
}

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
    compiled: Option<Compiled>,
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
enum Asks {
    State,
    Change,
}

impl Asks {
    /// The package of the modules that ask.
    fn package(self) -> &'static str {
        match self {
            Asks::State => "govcheck_host",
            Asks::Change => "govcheck_host_change",
        }
    }
}

pub(super) struct Loaded {
    pub(super) files: Vec<PolicyFile>,
    pub(super) modules: Vec<Module>,
    /// Sorted by id.
    pub(super) rules: Vec<PolicyRule>,
    /// Of each module that could be read.
    pub(super) trees: Vec<serde_json::Value>,
    reads: BTreeMap<String, Reads>,
    library_reads: Reads,
    /// Mesh rules that judge each fact by itself, as far as their own module goes.
    by_fact: BTreeSet<String>,
    calls: Calls,
}

impl Loaded {
    /// What each mesh rule reads, by its index in the sorted rules.
    fn mesh_reads(&self) -> BTreeMap<usize, MeshReads> {
        let rules = self.rules.iter().enumerate();
        let rules = rules.filter(|(_, rule)| rule.rule.scope == Scope::Mesh);
        let reads = rules.map(|(index, rule)| {
            let by_fact = self.by_fact.contains(&rule.path);
            (index, MeshReads::of(&self.calls, &rule.path, by_fact))
        });
        reads.collect()
    }
}

impl Pack {
    /// Loads, checks and compiles; rules for which `enabled` says no are known, but not compiled. Drafts are no exception:
    /// who judges a mesh says no to them, who tests or tries them does not.
    ///
    /// # Errors
    /// Whatever is wrong with a pack, all mistakes at once where possible.
    pub fn load(
        sources: Vec<PackSource>,
        enabled: &dyn Fn(&Rule) -> bool,
    ) -> Result<Self, PolicyError> {
        let schema = Schema::parse(MODEL).map_err(|error| PolicyError::Model(error.to_string()))?;
        let mut errors = Vec::new();
        let formats = load_formats(&sources, &schema, &mut errors);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        let mut mistakes = Vec::new();
        let loaded = load_modules(&sources, &schema, &mut mistakes);
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
            compiled: None,
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
        let plans: Vec<(Asks, Arc<str>, Vec<EntryPoint>)> = [Asks::State, Asks::Change]
            .into_iter()
            .flat_map(|asks| self.schema.kinds.keys().map(move |kind| (asks, kind)))
            .map(|(asks, kind)| {
                (
                    asks,
                    Arc::clone(kind),
                    self.plan(asks, kind, &active, loaded),
                )
            })
            .collect();
        let mut modules = loaded.modules.clone();
        modules.extend(
            plans
                .iter()
                .map(|(asks, kind, plan)| self.host_module(*asks, kind, plan)),
        );
        let entry = format!("{}.deny", self.rules[*first].path);
        let compiled =
            engine::compile(&modules, &entry).map_err(|error| self.blame(loaded, error))?;
        for (asks, kind, entry_points) in plans.into_iter().filter(|(.., plan)| !plan.is_empty()) {
            let names = entry_points.iter().map(|entry| entry.name.clone());
            let rules = entry_points.iter().flat_map(|entry| entry.rules.clone());
            let program = KindProgram {
                program: Promise::new(&compiled, names.collect()),
                rules: rules.collect(),
                entry_points,
            };
            match asks {
                Asks::State => self.kinds.insert(kind, program),
                Asks::Change => self.changes.insert(kind, program),
            };
        }
        for index in active {
            if self.rules[index].rule.scope == Scope::Mesh {
                let entry = format!("{}.deny", self.rules[index].path);
                let program = Promise::new(&compiled, vec![entry]);
                self.mesh.insert(index, program);
            }
        }
        self.compiled = Some(compiled);
        // That the pack in the binary can be judged is tested where the binary is made: of it, programs are made for
        // what a mesh has. What anybody else wrote is refused here, whether it would be asked or not.
        let tested = tested::holds(&self.sources);
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
    fn judges(&self, asks: Asks, index: usize, kind: &str) -> bool {
        let rule = &self.rules[index].rule;
        (rule.scope == Scope::Change) == (asks == Asks::Change)
            && rule
                .entities
                .iter()
                .any(|entity| **entity == *kind || (&**entity == "*" && kind != DOCUMENT_KIND))
    }

    /// What to ask of a kind: rules with a look at the text first one by one, all others together.
    fn plan(&self, asks: Asks, kind: &str, active: &[usize], loaded: &Loaded) -> Vec<EntryPoint> {
        let asked = active
            .iter()
            .copied()
            .filter(|index| self.judges(asks, *index, kind));
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
                reads: rules.iter().fold(loaded.library_reads, |reads, index| {
                    reads.and(
                        loaded
                            .reads
                            .get(&self.rules[*index].path)
                            .copied()
                            .unwrap_or_default(),
                    )
                }),
                rules,
                gated: number >= open_chunks,
            })
            .collect()
    }

    /// The module that asks all rules of a kind in one go, so that what they share is computed once.
    fn host_module(&self, asks: Asks, kind: &str, plan: &[EntryPoint]) -> Module {
        let package = asks.package();
        let mut text = format!("package {package}.{kind}\n");
        for (number, entry) in plan.iter().enumerate() {
            let list = |name: &str, is_asked: &dyn Fn(&PolicyRule) -> bool| {
                let asked = entry.rules.iter().map(|index| &self.rules[*index]);
                asked
                    .filter(|rule| is_asked(rule))
                    .map(|rule| format!("\"{}\": {}.{name}", rule.rule.id, rule.path))
                    .collect::<Vec<_>>()
                    .join(",\n\t")
            };
            let deny = list("deny", &|rule| rule.rule.scope != Scope::Mesh);
            let (also, said) = match asks {
                Asks::State => (
                    "facts",
                    list("facts", &|rule| rule.rule.scope == Scope::Mesh),
                ),
                Asks::Change => ("advice", list("advice", &|rule| rule.advises)),
            };
            text.push_str(&format!(
                "chunk_{number} := {{\"deny\": {{{deny}}}, \"{also}\": {{{said}}}}}\n"
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
                let outcome = engine::compile(&modules, &entry)
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

    /// Keeps which lines are evaluated from now on.
    pub fn trace(&mut self, trace: &Trace) {
        let kinds = self.kinds.values_mut().chain(self.changes.values_mut());
        let programs = kinds.map(|kind| &mut kind.program);
        programs
            .chain(self.mesh.values_mut())
            .for_each(|program| program.traced(trace));
        self.compiled
            .iter_mut()
            .for_each(|compiled| compiled.traced(trace));
    }

    /// Whether a rule looks at entities of a kind.
    pub fn looks_at(&self, id: &str, kind: &str) -> bool {
        let index = self.rule_index(id);
        index.is_some_and(|index| self.judges(Asks::State, index, kind))
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

    /// A program for one rule alone.
    ///
    /// # Errors
    /// The register VM can't run it; it was compiled before, so that never happens to a rule that is on.
    pub fn single(&self, index: usize, entry: &str) -> Option<(Judge, String)> {
        let entry_point = format!("{}.{entry}", self.rules.get(index)?.path);
        let judge = self.compiled.as_ref()?.program(&[&entry_point]).ok()?;
        Some((judge, entry_point))
    }

    /// The looks at a document's text that decide whether a rule is asked, by the rule's index.
    ///
    /// # Errors
    /// With these options one is no regular expression; the message names the rule.
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
                    "`text_matches` of rule `{}` with its options: {error}",
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

    /// What all rules say of themselves, those of plain policies too.
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

/// All formats that can be used; what is wrong with the others is put with the errors.
pub(super) fn load_formats(
    sources: &[PackSource],
    schema: &Schema,
    errors: &mut Vec<PolicyError>,
) -> Vec<Format> {
    let mut formats: Vec<Format> = Vec::new();
    for (source, file) in files(sources, PackFile::is_format) {
        let name = module_name(&source.name, &file.path);
        let format = match lift::compile(&name, &file.text, schema) {
            Ok(format) => format,
            Err(error) => {
                errors.push(error.into());
                continue;
            }
        };
        if let Some(first) = formats.iter().find(|known| known.name == format.name) {
            let message = format!(
                "format `{}` is there already, in `{}`",
                format.name, first.file
            );
            let help = "give it a name of its own";
            errors.push(at_format(source, file, message, help));
            continue;
        }
        formats.push(format);
    }
    for (source, file) in files(sources, PackFile::is_shape) {
        let name = module_name(&source.name, &file.path);
        let shapes = match shape::compile(&name, &file.text) {
            Ok(shapes) => shapes,
            Err(error) => {
                errors.push(error.into());
                continue;
            }
        };
        let format = formats
            .iter_mut()
            .find(|format| format.name == shapes.format);
        match format {
            Some(Format {
                shapes: Some(first),
                ..
            }) => {
                let message = format!(
                    "the shapes of format `{}` are there already, in `{}`",
                    first.format, first.file
                );
                let help = "a format has one file of shapes; remove one of the two";
                errors.push(at_format(source, file, message, help));
            }
            Some(format) => format.shapes = Some(Arc::new(shapes)),
            None => {
                let message = format!("there is no format `{}`", shapes.format);
                let known = formats.iter().map(|format| &*format.name);
                let help = match crate::model::text::nearest(&shapes.format, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "describe it under `formats/` first".to_owned(),
                };
                errors.push(at_format(source, file, message, &help));
            }
        }
    }
    formats
}

fn files<'s>(
    sources: &'s [PackSource],
    are_meant: impl Fn(&PackFile) -> bool + Copy + 's,
) -> impl Iterator<Item = (&'s PackSource, &'s PackFile)> {
    sources.iter().flat_map(move |source| {
        let files = source.files.iter().filter(move |file| are_meant(file));
        files.map(move |file| (source, file))
    })
}

/// A mistake at the name of the format.
fn at_format(source: &PackSource, file: &PackFile, message: String, help: &str) -> PolicyError {
    let policy_file = PolicyFile {
        pack: source.name.clone(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let mistake = policy_file.mistake(policy_file.find("format:"), message, help);
    PolicyError::Mistakes(vec![mistake.of(rules::FORMAT)])
}

/// All modules that can be read; what is wrong with them and with the others is put with the mistakes.
pub(super) fn load_modules(
    sources: &[PackSource],
    schema: &Schema,
    mistakes: &mut Vec<PolicyMistake>,
) -> Loaded {
    let mut trees = trees(sources).into_iter();
    let mut loaded = Loaded {
        files: Vec::new(),
        modules: Vec::new(),
        rules: Vec::new(),
        trees: Vec::new(),
        reads: BTreeMap::new(),
        library_reads: Reads::default(),
        by_fact: BTreeSet::new(),
        calls: Calls::default(),
    };
    for source in sources {
        let about = About::of(source).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            About::default()
        });
        let first = loaded.rules.len();
        for file in source.files.iter().filter(|file| file.is_rego()) {
            if let Some((module, tree)) = trees.next() {
                load_module(
                    (source, file),
                    (module, tree),
                    schema,
                    &mut loaded,
                    mistakes,
                );
            }
        }
        for own in loaded.rules.iter_mut().skip(first) {
            own.rule.page = about.page(&own.rule.id, source);
        }
    }
    mistakes.extend(loaded.calls.rings());
    let successors = loaded.rules.iter();
    let successors = successors.filter_map(|rule| no_successor(&loaded, &rule.rule));
    mistakes.extend(successors);
    loaded.rules.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    loaded
}

type Tree = Result<serde_json::Value, RegoError>;

/// All modules and their syntax trees, made side by side: they take most of the time of a load.
fn trees(sources: &[PackSource]) -> Vec<(Module, Tree)> {
    let all = files(sources, PackFile::is_rego).collect::<Vec<_>>();
    let read = all.into_par_iter().map(|(source, file)| {
        let module = Module {
            name: module_name(&source.name, &file.path),
            text: file.text.clone(),
        };
        let tree = engine::parse(&module);
        (module, tree)
    });
    read.collect()
}

/// A successor that is no rule, or the rule itself.
fn no_successor(loaded: &Loaded, rule: &Rule) -> Option<PolicyMistake> {
    let successor = rule.successor.as_ref()?;
    let known = || loaded.rules.iter().map(|rule| &rule.rule.id);
    if successor != &rule.id && known().any(|id| id == successor) {
        return None;
    }
    let others = known().filter(|id| **id != rule.id).map(RuleId::as_str);
    let help = match crate::model::text::nearest(successor.as_str(), others) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a rule of these packs that is another".to_owned(),
    };
    let is_own = |file: &&PolicyFile| file.pack == rule.pack && file.file == rule.file;
    let file = loaded.files.iter().find(is_own)?;
    let message = format!("METADATA: no other rule is `{successor}`, the successor");
    let mistake = file.mistake(file.find("successor:"), message, help);
    Some(mistake.of(rules::METADATA))
}

fn load_module(
    (source, file): (&PackSource, &PackFile),
    (module, tree): (Module, Tree),
    schema: &Schema,
    loaded: &mut Loaded,
    mistakes: &mut Vec<PolicyMistake>,
) {
    let policy_file = PolicyFile {
        pack: source.name.clone(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let tree = match tree {
        Ok(tree) => tree,
        Err(error) => {
            mistakes.push(unreadable(&policy_file, &module, &error));
            return;
        }
    };
    loaded.calls.add(&policy_file, &tree);
    if file.is_library() {
        let reads = check::check_library(&policy_file, &tree, mistakes);
        loaded.library_reads = loaded.library_reads.and(reads);
    } else {
        load_rule(&policy_file, &tree, schema, loaded, mistakes);
    }
    loaded.files.push(policy_file);
    loaded.modules.push(module);
    loaded.trees.push(tree);
}

fn load_rule(
    file: &PolicyFile,
    tree: &serde_json::Value,
    schema: &Schema,
    loaded: &mut Loaded,
    mistakes: &mut Vec<PolicyMistake>,
) {
    let id = match check::id_of(file) {
        Ok(id) => id,
        Err(mistake) => {
            mistakes.push(mistake);
            return;
        }
    };
    if let Some(first) = loaded.rules.iter().find(|rule| rule.rule.id == id) {
        let message = format!(
            "rule `{id}` is there already, in `{}/{}`",
            first.rule.pack, first.rule.file
        );
        let mistake = file.mistake(package_place(tree), message, "give it an id of its own");
        mistakes.push(mistake.of(rules::DUPLICATE));
        return;
    }
    let kinds: Vec<&str> = schema.kinds.keys().map(|kind| &**kind).collect();
    let rule = match metadata::read(file, &id, &kinds) {
        Ok(rule) => Some(rule),
        Err(wrong) => {
            mistakes.extend(wrong);
            None
        }
    };
    let scope = rule.as_ref().map(|rule| rule.scope);
    let reads = check::check_rule(file, &id, scope, tree, mistakes);
    let Some(rule) = rule else { return };
    let only_documents = rule.entities.iter().all(|kind| **kind == *DOCUMENT_KIND);
    if !only_documents && file.text.as_str().contains(VIOLATIONS) && reads.violations {
        let message = format!("`{VIOLATIONS}` is there on entities of kind `document` alone");
        let help = "write `entities: [document]` in METADATA";
        let mistake = file.mistake(file.find(VIOLATIONS), message, help);
        mistakes.push(mistake.of(rules::FIELD));
    }
    if rule.scope == Scope::Change {
        check::check_change(file, &rule, tree, mistakes);
    }
    let path = format!(
        "data.govcheck.{}",
        id.as_str().replace('-', "_").replace('/', ".")
    );
    let advises = check::defines(tree, "advice");
    if rule.scope == Scope::Mesh && judges_by_fact(tree) {
        loaded.by_fact.insert(path.clone());
    }
    loaded.reads.insert(path.clone(), reads);
    loaded.rules.push(PolicyRule {
        rule,
        path,
        advises,
    });
}

/// A module that is no Rego, or that of before 1.0.
fn unreadable(file: &PolicyFile, module: &Module, error: &RegoError) -> PolicyMistake {
    let mut mistake = at_place(
        file,
        error,
        "see https://www.openpolicyagent.org/docs/policy-language",
    )
    .of(rules::COMPILE);
    if engine::is_v0(module) {
        mistake.message = format!("this is Rego v0: {}", mistake.message);
        mistake.help = "write `deny contains x if { … }` for `deny[x] { … }`, and `name := value if { … }` for `name = value { … }`; \
                        `opa fmt --v0-v1 --write` does it for a whole file"
            .to_owned();
        return mistake.of(rules::REGO_V0);
    }
    mistake
}

pub(super) fn module_name(pack: &str, file: &str) -> String {
    format!("{pack}/{file}")
}

fn is_library(module: &str) -> bool {
    module.contains("/lib/")
}

/// What the register VM's compiler says of a rule, by the file that it names, else that of the rule.
fn refused_rule(loaded: &Loaded, fallback: &str, error: &RegoError) -> PolicyMistake {
    let named = |name: &str| {
        let mut files = loaded.files.iter();
        files.find(|file| module_name(&file.pack, &file.file) == name)
    };
    let file = error.module.as_deref().and_then(named);
    refused(file.or_else(|| named(fallback)).cloned(), error)
}

/// What the register VM's compiler says, with the way to write it instead.
pub(super) fn refused(file: Option<PolicyFile>, error: &RegoError) -> PolicyMistake {
    let (rule, help) = match error.message.as_str() {
        text if text.contains("`with` keyword") => (
            rules::CONSTRUCT,
            "pass the value to a function instead: `f(x)` with `x` as its argument",
        ),
        text if text.contains("should have been hoisted") => (
            rules::CONSTRUCT,
            "take the iteration apart: bind the collection first (`rules := data.x[name]`), then `some f in rules`",
        ),
        text if text.contains("walk loops") => (
            rules::CONSTRUCT,
            "open the levels one by one, as `data.govcheck.lib.tree.nodes(input.document)` does",
        ),
        text if text.contains("partial object") => (
            rules::CONSTRUCT,
            "build the object with a comprehension: `name := {key: value | …}`",
        ),
        text if text.contains("Register overflow") => (
            rules::CONSTRUCT,
            "split the rule: give parts of it names of their own",
        ),
        text if text.contains("used before definition") => (
            rules::COMPILE,
            "give the variable a name that nothing around it has, and bind it before it is used",
        ),
        text if text.to_lowercase().contains("undefined variable") => (
            rules::COMPILE,
            "declare it with `some`, or bind it with `:=` before it is used",
        ),
        text if text.contains("nknown") => (
            rules::FUNCTION,
            "builtins are listed at https://www.openpolicyagent.org/docs/policy-reference; what asks network, clock or environment is left out, and a function of `lib/` needs its import",
        ),
        _ => (
            rules::CONSTRUCT,
            "the register VM judges all rules; write this in a simpler form",
        ),
    };
    match file {
        Some(file) => at_place(&file, error, help).of(rule),
        None => PolicyMistake {
            rule,
            pack: String::new(),
            file: error.module.clone().unwrap_or_default(),
            text: Arc::default(),
            span: Span::default(),
            start: SourceText::default().position(0),
            message: error.message.clone(),
            help: help.to_owned(),
        },
    }
}

pub(super) fn at_place(file: &PolicyFile, error: &RegoError, help: &str) -> PolicyMistake {
    let span = error.span.or_else(|| {
        let (line, column) = error.position?;
        let line = file.line(line);
        let text = file.text.slice(line);
        let skip: usize = text
            .chars()
            .take(column.saturating_sub(1) as usize)
            .map(char::len_utf8)
            .sum();
        Some(Span::new(
            (line.start + crate::model::text::offset(skip)).min(line.end),
            line.end,
        ))
    });
    // Some errors have no place; the construct that they name has.
    let named = match error.message.split(' ').next() {
        Some("walk") => "walk(",
        _ => "package ",
    };
    let span = span.unwrap_or_else(|| file.find(named));
    file.mistake(span, in_house_style(&error.message), help)
}

/// regorus's messages as ours: a lowercase phrase, names in backticks.
fn in_house_style(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('\'', "`");
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => message,
    }
}
