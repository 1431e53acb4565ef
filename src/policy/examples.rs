//! Examples of rules, `<rule>.yaml` beside `<rule>.rego`: whole documents with what is found in them. Those of a rule of
//! scope `change` have the documents of the base too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pack::Pack;
use crate::model::rule::{Day, Rule};

/// The file of a rule's examples.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleFile {
    examples: Vec<Example>,
}

/// A small mesh and what the rule finds in it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Files of the base by path, for a rule of scope `change`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BTreeMap<String, String>>,
    /// Files by path.
    pub files: BTreeMap<String, String>,
    /// A `govcheck.yaml`, as a mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<serde_yaml::Value>,
    /// The day of the run; without one, 2026-01-15.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<Day>,
    /// What the rule finds, in the order of the report; nothing for a good example.
    pub finds: Vec<Expected>,
    /// The versions that changed entities should have, by entity: `contract:orders`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggests: Option<BTreeMap<String, String>>,
}

/// An expected finding.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// `file:line:column-column`, or `file:line:column-line:column`; the end is exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The text that the place covers.
    pub on: String,
    /// The whole message.
    pub message: String,
}

/// The path of a rule's examples in its pack.
pub fn path(rule: &Rule) -> String {
    format!("{}.yaml", rule.file.trim_end_matches(".rego"))
}

/// The examples of a rule; none if it has no file or the file is not one of examples.
pub fn examples(pack: &Pack, rule: &Rule) -> Vec<Example> {
    let path = path(rule);
    let source = pack.sources.iter().find(|source| source.name == rule.pack);
    let file = source.and_then(|source| source.files.iter().find(|file| file.path == path));
    file.and_then(|file| parse(&file.text).ok())
        .unwrap_or_default()
}

/// Reads a file of examples.
///
/// # Errors
/// It is no YAML, or not of this shape.
pub fn parse(text: &str) -> Result<Vec<Example>, serde_yaml::Error> {
    serde_yaml::from_str::<ExampleFile>(text).map(|file| file.examples)
}
