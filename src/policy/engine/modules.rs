//! Modules of Rego: read one by one, compiled together.

use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::Program;
use regorus::{CompiledPolicy, Engine};

use super::error::{RegoError, parse_rendered};
use super::optimise::redundant;
use super::trace::Trace;
use super::{Judge, builtins, corrections, syntax_tree};
use crate::model::text::Span;

/// A module as text, with the name that its errors carry.
#[derive(Debug, Clone)]
pub struct Module {
    /// The name in errors.
    pub name: String,
    /// Rego.
    pub text: String,
}

/// Rules compiled together; programs are made from it by entry points.
#[derive(Clone)]
pub struct Compiled {
    pub(in crate::policy::engine) policy: CompiledPolicy,
    /// Who wants to know which lines its programs evaluate.
    pub(in crate::policy::engine) trace: Option<Trace>,
}

/// Reads one module and gives its syntax tree.
///
/// # Errors
/// The module is not Rego.
pub fn parse_module(module: &Module) -> Result<serde_json::Value, RegoError> {
    let mut modules = Modules::default();
    modules.read(module)?;
    let read = modules.0.get_modules().first();
    Ok(read
        .map(|read| syntax_tree::build_tree(read))
        .unwrap_or_default())
}

/// Modules to be compiled together.
#[derive(Clone, Default)]
pub struct Modules(pub(in crate::policy::engine) Engine);

impl Modules {
    /// Reads one module.
    ///
    /// # Errors
    /// The module is not Rego; it is left out.
    pub fn read(&mut self, module: &Module) -> Result<(), RegoError> {
        let read = self.0.add_policy(module.name.clone(), module.text.clone());
        read.map(|_| ())
            .map_err(|error| parse_rendered(&error.to_string()))
    }

    /// Compiles them together; `entry` is the path of any rule among them: `data.govcheck.kpi.bad_name.deny`.
    ///
    /// # Errors
    /// They do not compile.
    pub fn compile(mut self, entry: &str) -> Result<Compiled, RegoError> {
        let policy = self.0.compile_with_entrypoint(&entry.into());
        let policy = policy.map_err(|error| parse_rendered(&error.to_string()))?;
        Ok(Compiled {
            policy,
            trace: None,
        })
    }
}

/// Reads modules and compiles them together, as [`Modules::compile`] does.
///
/// # Errors
/// One is not Rego, or they do not compile.
pub fn compile_modules(modules: &[Module], entry: &str) -> Result<Compiled, RegoError> {
    let mut all = Modules::default();
    for module in modules {
        all.read(module)?;
    }
    all.compile(entry)
}

impl Compiled {
    /// A program for these entry points.
    ///
    /// # Errors
    /// The register VM can't run a rule that they need.
    pub fn program(&self, entry_points: &[&str]) -> Result<Judge, RegoError> {
        let mut program = self.mended(entry_points)?;
        if self.trace.is_none() {
            // Who wants to know which lines are evaluated wants to know it of all instructions.
            redundant::remove_redundant(&mut program);
        }
        builtins::install_builtins(&mut program);
        Ok(Judge {
            program: Arc::new(program),
            trace: self.trace.as_ref().map(Trace::of_program),
        })
    }

    /// What the compiler makes of them, and what it leaves out.
    pub(in crate::policy::engine) fn mended(
        &self,
        entry_points: &[&str],
    ) -> Result<Program, RegoError> {
        let program =
            Compiler::compile_from_policy(&self.policy, entry_points).map_err(|error| {
                let mut shown = parse_rendered(&error.to_string());
                shown.span = error
                    .span
                    .as_ref()
                    .map(|span| Span::new(span.start, span.end));
                shown
            })?;
        let mut mended = Arc::unwrap_or_clone(program);
        corrections::correct_program(&mut mended).map_err(|message| parse_rendered(&message))?;
        Ok(mended)
    }
}

impl Compiled {
    pub(in crate::policy) fn traced(&mut self, trace: &Trace) {
        self.trace = Some(trace.clone());
    }
}
