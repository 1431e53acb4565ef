//! What a rule reports on an example, or why the example can't be run.

use std::collections::BTreeMap;

use crate::config::ConfigError;
use crate::policy::examples::{Example, Expected};
use crate::workbench::judge::BenchError;

/// The answer of a rule about an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExampleResult {
    /// Its findings, in the order of the report.
    pub finds: Vec<Expected>,
    /// The versions that changed entities should have, by entity.
    pub suggests: BTreeMap<String, String>,
}

/// Why an example can't test its rule. The author's mistake.
#[derive(Debug, thiserror::Error)]
pub enum ExampleError {
    /// Its `config` is none.
    #[error("in `config`: {0}")]
    Config(#[from] ConfigError),
    /// Its `config` gives rules options that they can't take.
    #[error("in `config`: {0}")]
    Options(#[from] BenchError),
    /// `config` can't be written down as YAML.
    #[error("`config` is not a mapping: {0}")]
    NoConfig(#[from] serde_yaml::Error),
    /// It has a base where its rule looks at no change, or none where it does.
    #[error("{0}")]
    Base(&'static str),
    /// The example does not have an expected place.
    #[error("in `at: {at}`: {why}")]
    Place {
        /// As written.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// The run was cut short: a bound, a broken file.
    #[error("not checked: {}", .0.join("; "))]
    NotJudged(Vec<String>),
}

impl ExampleResult {
    /// Whether the example expects exactly this.
    pub fn is_expected(&self, example: &Example) -> bool {
        let versions = example.suggests.as_ref();
        self.finds == example.finds
            && !example.is_open
            && versions.is_none_or(|versions| *versions == self.suggests)
    }

    /// Whether a good example now has findings, or a bad one no longer has any. Only its author knows which is right.
    pub fn is_reversed(&self, example: &Example) -> bool {
        !example.is_open && self.finds.is_empty() != example.finds.is_empty()
    }
}
