//! The tree-walking interpreter, for tests that compare the register VM with it. Never judges.

use regorus::Engine;

use super::error::{RegoError, parse_rendered};
use super::modules::Module;
use super::values::Datum;

/// The tree-walking interpreter, for tests that hold the register VM's answers against its own. Never judges.
pub struct Interpreter(pub(in crate::policy::engine) Engine);

impl Interpreter {
    /// An interpreter of these modules, without data.
    ///
    /// # Errors
    /// A module is not Rego.
    pub fn new(modules: &[Module]) -> Result<Self, RegoError> {
        let mut engine = Engine::new();
        for module in modules {
            engine
                .add_policy(module.name.clone(), module.text.clone())
                .map_err(|error| parse_rendered(&error.to_string()))?;
        }
        engine.set_strict_builtin_errors(false);
        Ok(Self(engine))
    }

    /// Evaluates on `data` from now on.
    ///
    /// # Errors
    /// The data is not an object.
    pub fn set_data(&mut self, data: &Datum) -> Result<(), RegoError> {
        self.0.clear_data();
        self.0
            .add_data(data.0.clone())
            .map_err(|error| parse_rendered(&error.to_string()))
    }

    /// Evaluates one rule on an input; `rule` is its path: `data.govcheck.kpi.bad_name.deny`.
    ///
    /// # Errors
    /// The modules do not compile, there is no such rule, or the evaluation fails.
    pub fn evaluate(&mut self, rule: &str, input: &Datum) -> Result<Datum, RegoError> {
        self.0.set_input(input.0.clone());
        self.0
            .eval_rule(rule.to_owned())
            .map(Datum)
            .map_err(|error| parse_rendered(&error.to_string()))
    }
}
