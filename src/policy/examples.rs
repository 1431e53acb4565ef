//! Examples of rules, `<rule>.yaml` beside `<rule>.rego`: whole documents with what is found in them. Those of a rule of
//! scope `change` have the documents of the base too.

use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(test)]
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::error::{PolicyFile, PolicyMistake};
use super::pack::Pack;
use super::source::PackFile;
use crate::model::published::{self, SchemaName};
use crate::model::rule::{Day, Rule};
use crate::model::text::{SourceText, text_offset};
use crate::model::waiver::parse_day;
use crate::model::written::read_as_mapping;

/// What a file of examples looks like.
const SHAPE: &str = "write `examples:` with a list of `{name, files: {<path>: <text>}, finds: [{at, on, message}]}`";

/// The JSON Schema, generated from the types by a test.
const SCHEMA: &str = include_str!("examples.schema.json");

/// Examples of a rule: small meshes, and what the rule finds in each. The file lies beside the rule and has its name; `govcheck policy test` runs it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, title = "Examples of a rule of govcheck"))]
#[serde(remote = "Self", deny_unknown_fields)]
struct ExampleFile {
    /// The examples. A rule needs a bad one, a good one, and one in which what it reads is absent.
    #[serde(deserialize_with = "present")]
    examples: Vec<Example>,
}

/// A small mesh, and what the rule finds in it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, rename = "example"))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Example {
    /// What the example shows.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "generate::WrittenText"))]
    pub name: String,
    /// The files before the change, by path. A rule of scope `change` needs them, and no other rule can have them.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_texts"
    )]
    #[cfg_attr(
        test,
        schemars(with = "Option<BTreeMap<String, generate::WrittenText>>")
    )]
    pub base: Option<BTreeMap<String, String>>,
    /// The files of the mesh, by path: for a rule of scope `change`, the files after the change.
    #[serde(deserialize_with = "texts")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, generate::WrittenText>"))]
    pub files: BTreeMap<String, String>,
    /// The configuration of the mesh, with the keys of `govcheck.yaml`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "mapping"
    )]
    #[cfg_attr(test, schemars(with = "Option<generate::ExampleConfig>"))]
    pub config: Option<serde_yaml::Value>,
    /// The date of the run.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "date"
    )]
    #[cfg_attr(test, schemars(with = "Option<generate::Date>", extend("default" = "2026-01-15")))]
    pub today: Option<Day>,
    /// What the rule finds, in the order of the report: an empty list for a good example. Without a value, `govcheck policy test --update` fills it in.
    #[serde(deserialize_with = "present_or_open")]
    #[cfg_attr(test, schemars(extend("type" = ["array", "null"])))]
    pub finds: Vec<Expected>,
    /// Whether the author leaves `finds:` without a value, for `govcheck policy test --update` to fill in.
    #[serde(skip)]
    pub is_open: bool,
    /// The versions that changed entities should have, by entity.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_texts"
    )]
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, generate::WrittenText>>", extend("examples" = [{"contract:orders": "2.0.0"}])))]
    pub suggests: Option<BTreeMap<String, String>>,
}

/// An expected finding.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, rename = "expected"))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Expected {
    /// The place: `FILE:LINE:COLUMN-COLUMN`, or `FILE:LINE:COLUMN-LINE:COLUMN` over several lines. Lines and columns count from 1, and the end is exclusive. Leave it out for a finding without a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("pattern" = "^.+:[0-9]+:[0-9]+-([0-9]+:)?[0-9]+$", "examples" = ["orders.odcs.yaml:4:7-14"])))]
    pub at: Option<String>,
    /// The text at that place.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "generate::WrittenText"))]
    pub on: String,
    /// The whole message.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "generate::WrittenText"))]
    pub message: String,
}

read_as_mapping!(ExampleFile, Example, Expected);

impl Serialize for Example {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, to)
    }
}

impl Serialize for Expected {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, to)
    }
}

/// A value that is there. YAML reads a key without a value as nothing, and serde would take that for an empty list or text.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    let value = Option::<T>::deserialize(from)?;
    value.ok_or_else(|| {
        D::Error::custom("a value is missing; write `\"\"`, `[]` or `{}` for an empty one")
    })
}

/// A list that may be without a value, which [`parse_examples`] notes in [`Example::is_open`].
fn present_or_open<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Expected>, D::Error> {
    let findings = Option::<Vec<Expected>>::deserialize(from)?;
    Ok(findings.unwrap_or_default())
}

fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let some = some_texts(from)?;
    some.ok_or_else(|| D::Error::custom("a mapping is missing; write `{}` for an empty one"))
}

fn some_texts<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    let Some(texts) = Option::<BTreeMap<String, Option<String>>>::deserialize(from)? else {
        return Ok(None);
    };
    let texts = texts.into_iter().map(|(key, text)| match text {
        Some(text) => Ok((key, text)),
        None => {
            let why = format!("`{key}` has no value; write `{key}: \"\"` for an empty text");
            Err(D::Error::custom(why))
        }
    });
    texts.collect::<Result<_, _>>().map(Some)
}

fn mapping<'de, D: Deserializer<'de>>(from: D) -> Result<Option<serde_yaml::Value>, D::Error> {
    let mapping = Option::<serde_yaml::Mapping>::deserialize(from)?;
    Ok(mapping.map(serde_yaml::Value::Mapping))
}

fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else {
        return Ok(None);
    };
    let day = parse_day(&text);
    day.map(Some).ok_or_else(|| {
        let why = format!("`{text}` is not a date; write year, month and day, as in `2027-03-01`");
        D::Error::custom(why)
    })
}

/// The JSON Schema (draft-07) of a file of examples; `config` is that of `govcheck.yaml`.
pub fn examples_schema(config: Value) -> Value {
    let mut schema = published::publish_schema(SCHEMA, SchemaName::Examples);
    let Value::Object(mut config) = config else {
        return schema;
    };
    let inner = config.remove("definitions");
    for key in ["$schema", "$id"] {
        config.remove(key);
    }
    if let Some(definitions) = schema.get_mut("definitions").and_then(Value::as_object_mut) {
        definitions.insert("config".to_owned(), Value::Object(config));
        if let Some(Value::Object(inner)) = inner {
            definitions.extend(inner);
        }
    }
    schema
}

/// The path of a rule's examples in its pack.
pub fn examples_path(rule: &Rule) -> String {
    format!("{}.yaml", rule.file.trim_end_matches(".rego"))
}

/// The file of a rule's examples, if its pack has one.
pub fn examples_file<'p>(pack: &'p Pack, rule: &Rule) -> Option<&'p PackFile> {
    let path = examples_path(rule);
    let source = pack.sources.iter().find(|source| source.name == rule.pack);
    source.and_then(|source| source.files.iter().find(|file| file.path == path))
}

/// The examples of a rule. Empty if the pack has no file of them.
///
/// # Errors
/// The file is not a valid file of examples: the error has the place.
pub fn read_examples(pack: &Pack, rule: &Rule) -> Result<Vec<Example>, PolicyMistake> {
    match examples_file(pack, rule) {
        Some(file) => of_file(&rule.pack, file),
        None => Ok(Vec::new()),
    }
}

/// The examples in a file of a pack.
///
/// # Errors
/// The file is not a valid file of examples: the error has the place.
pub fn of_file(pack: &str, file: &PackFile) -> Result<Vec<Example>, PolicyMistake> {
    parse_examples(&file.text)
        .map_err(|error| unreadable_file((pack, file), &error, "invalid examples file", SHAPE))
}

/// A mistake at the line of a YAML error. `shape` says what such a file looks like.
pub(super) fn unreadable_file(
    (pack, file): (&str, &PackFile),
    error: &serde_yaml::Error,
    what: &str,
    shape: &str,
) -> PolicyMistake {
    let policy_file = PolicyFile {
        pack: pack.to_owned(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let line = error.location().map_or(1, |at| text_offset(at.line()));
    let span = policy_file.line(line.min(text_offset(policy_file.text.line_count())));
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    policy_file.mistake(span, format!("{what}: {message}"), shape)
}

/// Reads a file of examples.
///
/// # Errors
/// The text is not YAML, or not of this shape.
pub fn parse_examples(text: &str) -> Result<Vec<Example>, serde_yaml::Error> {
    let mut examples = serde_yaml::from_str::<ExampleFile>(text)?.examples;
    let stated: serde_yaml::Value = serde_yaml::from_str(text)?;
    for (at, example) in examples.iter_mut().enumerate() {
        let finds = stated
            .get("examples")
            .and_then(|all| all.get(at)?.get("finds"));
        example.is_open = finds.is_some_and(serde_yaml::Value::is_null);
    }
    Ok(examples)
}

/// Refines the JSON Schema that is generated from the types.
#[cfg(test)]
mod generate {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use crate::model::published::DATE;

    /// Text: numbers and truth values count as they are written.
    pub(super) struct WrittenText;
    /// A date.
    pub(super) struct Date;
    /// A config, whose schema is put in its place.
    pub(super) struct ExampleConfig;

    macro_rules! schema {
        ($type:ident, $name:literal, $inline:expr, $schema:expr) => {
            impl JsonSchema for $type {
                fn schema_name() -> Cow<'static, str> {
                    $name.into()
                }

                fn inline_schema() -> bool {
                    $inline
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    $schema
                }
            }
        };
    }
    schema!(
        WrittenText,
        "written",
        true,
        json_schema!({"type": ["string", "number", "boolean"]})
    );
    schema!(
        Date,
        "date",
        true,
        json_schema!({"type": "string", "pattern": DATE})
    );
    schema!(
        ExampleConfig,
        "config",
        false,
        json_schema!({"type": "object"})
    );
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
        read_examples(&pack, &pack.rules[0].rule)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_schema_of_examples_is_that_of_their_type() {
        let schema = published::generate_schema::<ExampleFile>();
        published::assert_schema("src/policy/examples.schema.json", &schema);
    }

    #[test]
    fn an_invalid_file_of_examples_is_reported_at_its_line() {
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
            (
                "examples:\n  - {name: a, files: {}}\n",
                "examples[0]: missing field `finds`",
            ),
            ("- a\n", ":1:1: invalid examples file: invalid type"),
        ];
        for (text, expected) in cases {
            assert!(told(text).contains(expected), "{}", told(text));
        }
    }
}
