//! Programs that are made when they are first asked for: compiled, or taken from bytes that the pack in the binary brings.

use std::sync::{Arc, OnceLock};

use regorus::rvm::Program;

use super::kept::Kept;
use super::{Compiled, Judge, Module, RegoError, Trace, compile};

/// Modules that are compiled together once a program of them is asked for.
pub struct Together {
    modules: Vec<Module>,
    /// The path of any rule among them.
    entry: String,
    made: OnceLock<Result<Compiled, RegoError>>,
}

impl Together {
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
        let compiled = || compile(&self.modules, &self.entry);
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
    together: Arc<Together>,
    kept: Option<Kept>,
    entry_points: Vec<String>,
    made: OnceLock<Result<Judge, RegoError>>,
}

impl Promise {
    /// A program for these entry points, once somebody wants it.
    pub fn new(together: &Arc<Together>, entry_points: Vec<String>) -> Self {
        Self {
            together: Arc::clone(together),
            kept: None,
            entry_points,
            made: OnceLock::new(),
        }
    }

    /// The same program from bytes. Bytes that are no program are passed over.
    #[must_use]
    pub fn kept(mut self, kept: Kept) -> Self {
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
    pub fn traced(&mut self, traced: &Arc<Together>) {
        self.together = Arc::clone(traced);
        // Bytes have no lines, and what was made without a trace has not all of them.
        self.kept = None;
        self.made = OnceLock::new();
    }

    /// The program. One that can't be made has no entry points, so that each evaluation fails and is told as failed.
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
