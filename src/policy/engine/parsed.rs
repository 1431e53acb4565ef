//! Modules that are parsed once and compiled in many combinations, for tests of rules; and the interpreter within bounds.

use std::num::NonZeroU32;
use std::time::Duration;

use regorus::Engine;
use regorus::utils::limits::ExecutionTimerConfig;

use super::error::parse_rendered;
use super::trace::Trace;
use super::{Compiled, Datum, EvaluationError, Module, RegoError};
use crate::model::caught::catch_panic;

/// Modules that are parsed, to be compiled with others.
#[derive(Clone)]
pub struct ParsedModules(pub(in crate::policy::engine) Engine);

impl ParsedModules {
    /// Parses modules.
    ///
    /// # Errors
    /// One is not Rego.
    pub fn new(modules: &[Module]) -> Result<Self, RegoError> {
        Self(Engine::new()).with(modules)
    }

    /// These and some more.
    ///
    /// # Errors
    /// One is not Rego.
    pub fn with(&self, modules: &[Module]) -> Result<Self, RegoError> {
        let mut engine = self.0.clone();
        for module in modules {
            engine
                .add_policy(module.name.clone(), module.text.clone())
                .map_err(|error| parse_rendered(&error.to_string()))?;
        }
        Ok(Self(engine))
    }

    /// Compiles them together; `entry` is the path of any rule among them.
    ///
    /// # Errors
    /// They do not compile.
    pub fn compile(&self, entry: &str, trace: Option<&Trace>) -> Result<Compiled, RegoError> {
        let policy = self.0.clone().compile_with_entrypoint(&entry.into());
        let policy = policy.map_err(|error| parse_rendered(&error.to_string()))?;
        Ok(Compiled {
            policy,
            trace: trace.cloned(),
        })
    }

    /// Lets the interpreter evaluate a rule without input. Never asked for a verdict that the register VM can give.
    ///
    /// # Errors
    /// They do not compile, a bound was hit, a builtin panicked, or the evaluation failed.
    pub fn interpret(
        &self,
        rule: &str,
        data: &Datum,
        time: Duration,
    ) -> Result<Datum, EvaluationError> {
        let mut engine = self.0.clone();
        engine.set_strict_builtin_errors(false);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: time,
            check_interval: NonZeroU32::new(1024).unwrap_or(NonZeroU32::MIN),
        });
        let outcome = catch_panic(|| {
            engine.add_data(data.0.clone())?;
            engine.eval_rule(rule.to_owned())
        });
        match outcome {
            Ok(Ok(value)) => Ok(Datum(value)),
            Ok(Err(error)) => {
                let text = error.to_string();
                Err(if text.contains("time limit") {
                    EvaluationError::Time(format!("{} s of time", time.as_secs()))
                } else {
                    EvaluationError::Runtime(parse_rendered(&text).message)
                })
            }
            Err(panic) => Err(EvaluationError::Panic(panic)),
        }
    }
}
