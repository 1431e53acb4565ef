//! Examples of formats, `formats/examples/<format>.yaml`: whole documents with what the format declares in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::error::{PolicyFile, PolicyMistake};
use super::examples::unreadable_file;
use super::source::{FORMAT_EXAMPLES, PackFile};
use crate::model::text::{SourceText, nearest_name};

/// What a file of format examples looks like.
const SHAPE: &str = "write `examples:` with a list of `{name, files: {<path>: <text>}, declares: {<kind>:<id>: {<field>: <value>}}}`";

/// The values of fields by their names, by the key of their entity: `contract:orders`.
pub type DeclaredFields = BTreeMap<String, BTreeMap<String, Value>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormatExampleFile {
    examples: Vec<FormatExample>,
}

/// Documents of a format, and what it declares in them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormatExample {
    /// What it shows.
    pub name: String,
    /// Files by path.
    pub files: BTreeMap<String, String>,
    /// All fields of all entities. `None` for `govcheck policy test --update` to fill in.
    #[serde(deserialize_with = "Option::deserialize")]
    pub declares: Option<DeclaredFields>,
}

/// The path of a format's examples in its pack.
pub fn examples_path(format: &str) -> String {
    format!("{FORMAT_EXAMPLES}{format}.yaml")
}

/// The format that a file of examples is about, by its name. `None` for any other file.
pub fn format_of(file: &PackFile) -> Option<&str> {
    let name = file.path.strip_prefix(FORMAT_EXAMPLES)?;
    let endings = [".yaml", ".yml"].into_iter();
    let mut names = endings.filter_map(|ending| name.strip_suffix(ending));
    names.next()
}

/// The examples in a file of a pack.
///
/// # Errors
/// The file does not hold format examples: the place says where.
pub fn of_file(pack: &str, file: &PackFile) -> Result<Vec<FormatExample>, PolicyMistake> {
    parse_examples(&file.text).map_err(|error| {
        let message = "this file does not hold examples of a format";
        unreadable_file((pack, file), &error, message, SHAPE)
    })
}

/// A file of examples whose name is not that of a format.
pub fn no_format<'f>(
    pack: &str,
    file: &PackFile,
    formats: impl Iterator<Item = &'f str>,
) -> PolicyMistake {
    let name = format_of(file).unwrap_or_default();
    let policy_file = PolicyFile {
        pack: pack.to_owned(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let help = match nearest_name(name, formats) {
        Some(near) => format!("did you mean `{}`?", examples_path(near)),
        None => "name the file after its format".to_owned(),
    };
    let place = policy_file.find_start("examples:");
    policy_file.mistake(place, format!("unknown format `{name}`"), help)
}

/// Reads a file of examples.
///
/// # Errors
/// The text is not YAML, or not of this shape.
pub fn parse_examples(text: &str) -> Result<Vec<FormatExample>, serde_yaml::Error> {
    serde_yaml::from_str::<FormatExampleFile>(text).map(|file| file.examples)
}
