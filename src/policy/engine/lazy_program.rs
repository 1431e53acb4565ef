//! Programs that are made when they are first asked for: compiled, or taken from bytes that the pack in the binary brings.

use std::sync::{Arc, OnceLock};

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::instructions::Instruction;
use regorus::rvm::program::DeserializationResult;

use super::optimise::constants::{drop_unreached, rule_calls};
use super::{Compiled, Judge, Module, RegoError, Trace, builtins, compile_modules, corrections};

/// Modules that are compiled together once a program of them is asked for.
pub struct LazyModules {
    modules: Vec<Module>,
    /// The path of any rule among them.
    entry: String,
    made: OnceLock<Result<Compiled, RegoError>>,
}

impl LazyModules {
    /// These modules; `entry` is the path of any rule among them.
    pub fn new(modules: Vec<Module>, entry: String) -> Self {
        Self {
            modules,
            entry,
            made: OnceLock::new(),
        }
    }

    /// What they are when they are compiled.
    ///
    /// # Errors
    /// They do not compile.
    pub fn compiled(&self) -> Result<&Compiled, &RegoError> {
        let compiled = || compile_modules(&self.modules, &self.entry);
        self.made.get_or_init(compiled).as_ref()
    }

    /// The same, with somebody who wants to know which lines its programs evaluate.
    #[must_use]
    pub fn traced(&self, trace: &Trace) -> Self {
        let mut compiled = self.compiled().cloned().map_err(Clone::clone);
        if let Ok(compiled) = &mut compiled {
            compiled.traced(trace);
        }
        Self {
            modules: self.modules.clone(),
            entry: self.entry.clone(),
            made: OnceLock::from(compiled),
        }
    }
}

/// A program that is made when it is first asked for.
pub struct Promise {
    together: Arc<LazyModules>,
    kept: Option<ProgramBytes>,
    entry_points: Vec<String>,
    made: OnceLock<Result<Judge, RegoError>>,
}

impl Promise {
    /// A program for these entry points, once somebody wants it.
    pub fn new(together: &Arc<LazyModules>, entry_points: Vec<String>) -> Self {
        Self {
            together: Arc::clone(together),
            kept: None,
            entry_points,
            made: OnceLock::new(),
        }
    }

    /// The same program from bytes. Ignores bytes that are not a program.
    #[must_use]
    pub fn kept(mut self, kept: ProgramBytes) -> Self {
        self.kept = Some(kept);
        self
    }

    fn made(&self) -> &Result<Judge, RegoError> {
        self.made.get_or_init(|| {
            let kept = self.kept.as_ref();
            if let Some(judge) = kept.and_then(|kept| kept.judge(&self.entry_points)) {
                return Ok(judge);
            }
            let names: Vec<&str> = self.entry_points.iter().map(String::as_str).collect();
            self.together
                .compiled()
                .map_err(Clone::clone)?
                .program(&names)
        })
    }

    /// Whether its bytes are there, and a program.
    #[cfg(test)]
    pub(in crate::policy) fn is_kept(&self) -> bool {
        let kept = self.kept.as_ref();
        kept.is_some_and(|kept| kept.judge(&self.entry_points).is_some())
    }

    /// Makes the program now.
    ///
    /// # Errors
    /// The modules do not compile, or the register VM can't run a rule that it needs.
    pub fn keep(&self) -> Result<(), RegoError> {
        self.made().as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Keeps which lines are evaluated from now on; `traced` has the same modules with the same trace.
    pub fn traced(&mut self, traced: &Arc<LazyModules>) {
        self.together = Arc::clone(traced);
        // Bytes have no lines, and what was made without a trace has not all of them.
        self.kept = None;
        self.made = OnceLock::new();
    }

    /// The program. One that can't be made has no entry points, so that each evaluation fails and is reported.
    pub fn judge(&self) -> Judge {
        match self.made() {
            Ok(judge) => judge.clone(),
            Err(_) => Judge {
                program: Arc::new(Program::new()),
                trace: None,
            },
        }
    }
}

/// A program as bytes.
#[derive(Debug, Clone)]
pub struct ProgramBytes {
    /// What `Judge::to_bytes` gave.
    pub bytes: &'static [u8],
    /// Rules that its entry points ask, and that are off: `data.govcheck.kpi.bad_name.deny`.
    pub off: Vec<String>,
}

impl ProgramBytes {
    /// The program. `None` if this engine did not write the bytes.
    pub(in crate::policy::engine) fn judge(&self, entry_points: &[String]) -> Option<Judge> {
        let read = Program::deserialize_binary(self.bytes).ok()?;
        let DeserializationResult::Complete(mut program) = read else {
            return None;
        };
        program
            .entry_points
            .retain(|name, _| entry_points.contains(name));
        if program.entry_points.len() != entry_points.len() {
            return None;
        }
        if !self.off.is_empty() {
            silence(&mut program, entry_points, &self.off);
        }
        builtins::install_builtins(&mut program);
        Some(Judge {
            program: Arc::new(program),
            trace: None,
        })
    }
}

/// Lets entry points take the empty set for what rules that are off would say; other rules that ask these still do.
fn silence(program: &mut Program, entry_points: &[String], off: &[String]) {
    let nothing = corrections::add_literal(program, Value::new_set());
    let is_off: Vec<bool> = program
        .rule_infos
        .iter()
        .map(|info| off.contains(&info.name))
        .collect();
    let asks = program.rule_infos.iter();
    let asks = asks.filter(|info| entry_points.contains(&info.name));
    let places: Vec<usize> = asks.flat_map(|info| rule_calls(program, info)).collect();
    for place in places {
        if let Some(instruction) = program.instructions.get_mut(place)
            && let Instruction::CallRule { dest, rule_index } = *instruction
            && is_off.get(usize::from(rule_index)) == Some(&true)
        {
            *instruction = Instruction::Load {
                dest,
                literal_idx: nothing,
            };
        }
    }
    drop_unreached(program);
}

#[cfg(test)]
impl Judge {
    /// Its program as bytes, without what only messages and traces would read.
    pub(in crate::policy) fn to_bytes(&self) -> Vec<u8> {
        let mut program = (*self.program).clone();
        program.sources.clear();
        program.instruction_spans.clear();
        program.serialize_binary().unwrap()
    }
}
