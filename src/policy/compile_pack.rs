//! Plans the programs of a pack, one for each kind, and compiles them. `pack` holds and gives them out.

use std::sync::Arc;

use rayon::prelude::*;

use super::check::RuleReads;
use super::engine::{self, LazyModules, Module, ProgramBytes, Promise, RegoError};
use super::error::PolicyError;
use super::kind::{EntryPoint, KindProgram};
use super::loaded::{Loaded, is_library, module_name};
use super::pack::Pack;
use super::policy_rule::PolicyRule;
use super::program_input::ProgramInput;
use super::refused::refused_rule;
use super::source::BUILTIN_PACK;
use super::tested;
use crate::model::rule::{Rule, Scope};

/// How many rules one entry point asks at once: the register VM has 255 registers a rule, and a pair takes two.
const CHUNK: usize = 60;

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
}
