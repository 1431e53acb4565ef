//! Examples of rules, `<rule>.yaml` beside `<rule>.rego`: whole documents with what is found in them. Those of a rule of
//! scope `change` have the documents of the base too.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::{PolicyFile, PolicyMistake};
use super::pack::Pack;
use super::source::PackFile;
use crate::model::rule::{Day, Rule};
use crate::model::text::{SourceText, offset};

/// What a file of examples looks like.
const SHAPE: &str = "write `examples:` with a list of `{name, files: {<path>: <text>}, finds: [{at, on, message}]}`";

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

/// The file of a rule's examples, if its pack has one.
pub fn file<'p>(pack: &'p Pack, rule: &Rule) -> Option<&'p PackFile> {
    let path = path(rule);
    let source = pack.sources.iter().find(|source| source.name == rule.pack);
    source.and_then(|source| source.files.iter().find(|file| file.path == path))
}

/// The examples of a rule; none if it has no file of them.
///
/// # Errors
/// The file is none of examples: the place says where.
pub fn examples(pack: &Pack, rule: &Rule) -> Result<Vec<Example>, PolicyMistake> {
    match file(pack, rule) {
        Some(file) => of_file(&rule.pack, file),
        None => Ok(Vec::new()),
    }
}

/// The examples in a file of a pack.
///
/// # Errors
/// The file is none of examples: the place says where.
pub fn of_file(pack: &str, file: &PackFile) -> Result<Vec<Example>, PolicyMistake> {
    parse(&file.text).map_err(|error| {
        let text = Arc::new(SourceText::new(file.text.clone()));
        let policy_file = PolicyFile {
            pack: pack.to_owned(),
            file: file.path.clone(),
            text,
        };
        let line = error.location().map_or(1, |at| offset(at.line()));
        let span = policy_file.line(line.min(offset(policy_file.text.line_count())));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        policy_file.mistake(span, format!("invalid examples file: {message}"), SHAPE)
    })
}

/// Reads a file of examples.
///
/// # Errors
/// It is no YAML, or not of this shape.
pub fn parse(text: &str) -> Result<Vec<Example>, serde_yaml::Error> {
    serde_yaml::from_str::<ExampleFile>(text).map(|file| file.examples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::source::PackSource;

    const RULE: &str = "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   entities: [kpi]\n#   help: H\npackage govcheck.kpi.bad_name\n\ndeny contains {\"message\": \"m\"} if input.name == \"x\"\n";

    fn told(examples_text: &str) -> String {
        let file = |path: &str, text: &str| PackFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let files = vec![
            file("kpi/bad-name.rego", RULE),
            file("kpi/bad-name.yaml", examples_text),
        ];
        let pack = Pack::load(vec![PackSource::of("own", files).unwrap()], &|_| true).unwrap();
        examples(&pack, &pack.rules[0].rule)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_file_that_is_none_of_examples_is_told_at_its_line() {
        let cases = [
            (
                "examples:\n\t- name: a\n",
                "own/kpi/bad-name.yaml:2:1: invalid examples file: found character that cannot start",
            ),
            (
                "examples:\n  - {name: a, files: {}, fnds: []}\n",
                ":2:1: invalid examples file: examples[0]: unknown field `fnds`",
            ),
            (
                "examples:\n  - {name: a, files: [], finds: []}\n",
                "examples[0].files: invalid type",
            ),
            ("- a\n", ":1:1: invalid examples file: invalid type"),
        ];
        for (text, expected) in cases {
            assert!(told(text).contains(expected), "{}", told(text));
        }
    }
}
