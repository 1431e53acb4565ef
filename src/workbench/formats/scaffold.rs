//! Scaffolds a format of an organisation's own: how its documents are recognised and read, an example, and shapes. The
//! pipeline says what the format reads of the example; nothing is made up.

use super::rewrite::rewrite_declares;
use super::run_example;
use crate::model::kinds;
use crate::model::published::SchemaName;
use crate::policy::format_examples::parse_examples;
use crate::workbench::judge::Bench;

/// Kinds of entity that a format can be scaffolded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaffoldKind {
    /// A data contract, with columns.
    Contract,
    /// A data product, with ports.
    Product,
}

impl ScaffoldKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Contract => kinds::CONTRACT,
            Self::Product => kinds::PRODUCT,
        }
    }
}

/// What to write instead of a malformed name. `None` for a well-formed one.
pub fn explain_malformed(name: &str) -> Option<&'static str> {
    let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    match is_word {
        true => None,
        false => Some("write lower case with dashes, for example `dataset-card`"),
    }
}

/// The key that marks a document and states its version: `dataset_card_version`.
fn marker(name: &str) -> String {
    format!("{}_version", name.replace('-', "_"))
}

/// `dataset-card` as people write it: `Dataset card`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The file of a format.
pub fn format_file(name: &str, kind: ScaffoldKind) -> String {
    let (title, marker, kind_name) = (title(name), marker(name), kind.as_str());
    let lists = match kind {
        ScaffoldKind::Contract => COLUMNS,
        ScaffoldKind::Product => PORTS,
    };
    let line = SchemaName::Format.editor_line();
    format!(
        "\
{line}# How govcheck reads documents of the format `{name}`. Adapt the paths to your own documents.
# `policies/formats/README.md` of govcheck describes every key of this file.
format: {name}
title: {title}
versions: [\"1\"]
version: {marker}

# A document has this format if these conditions hold. `govcheck model FILE --explain` shows which of them do.
recognise:
  all:
    - {{path: {marker}, exists: true}}
    - {{path: dataset.id, exists: true}}

# A file that looks like one but can't be read is an error. Without hints it would be skipped.
hints:
  files: [\"*.{name}.yaml\", \"*.{name}.yml\"]
  text: ['^{marker}:']

# What a document declares. On the left are fields of the model: `govcheck explain --model {kind_name}` lists them all.
# On the right are paths in the document. Of a list of paths, the first that finds a value counts.
entities:
  - kind: {kind_name}
    key: [id, name]
    fields:
      id: dataset.id
      name: [dataset.name, dataset.id]
      version: dataset.version
      standard: {marker}
      domain: dataset.domain
      owner: {{team: dataset.owner}}
      description: dataset.description
      # Values of your own become those of the model.
      status: {{from: dataset.state, map: {{live: active, sunset: deprecated}}}}
      tags: \"dataset.tags[]\"
{lists}"
    )
}

const COLUMNS: &str = "      # `fields[]` walks the items of a list. For a mapping write `fields{}`: `$key` is then the key of each value.
      columns:
        each: \"fields[]\"
        key: name
        fields:
          table: $.dataset.id
          name: name
          path: name
          type: type
          description: description
          classification: tier
";

const PORTS: &str = "      # `reads[]` walks the items of a list. For a mapping write `reads{}`: `$key` is then the key of each value.
      inputs:
        each: \"reads[]\"
        key: name
        fields: {name: name, contract: contract}
      outputs:
        each: \"offers[]\"
        key: name
        fields: {name: name, contract: contract, version: version}
";

/// A document of the format, indented as in a file of examples.
fn document(name: &str, kind: ScaffoldKind) -> String {
    let marker = marker(name);
    let lists = match kind {
        ScaffoldKind::Contract => {
            "        fields:
          - {name: order_id, type: string, description: The order that the line belongs to, tier: internal}
          - {name: amount, type: number, description: What the customer paid in EUR, tier: confidential}
"
        }
        ScaffoldKind::Product => {
            "        reads:
          - {name: shop-orders, contract: shop-orders}
        offers:
          - {name: orders, contract: orders, version: 1.0.0}
"
        }
    };
    format!(
        "        {marker}: 1
        dataset:
          id: orders
          name: Orders
          version: 1.0.0
          domain: sales
          owner: sales-data
          description: One row per order line of all shops, for revenue reports
          state: live
          tags: [orders]
{lists}"
    )
}

/// The file of a format's examples, with the fields that the format reads.
///
/// # Errors
/// Why the example could not be read, as a phrase.
pub fn examples_file(bench: &Bench<'_>, name: &str, kind: ScaffoldKind) -> Result<String, String> {
    let document = document(name, kind);
    let draft = format!(
        "\
# Examples of the format `{name}`: documents, and all that rules see of them. `govcheck policy test` compares.
# Leave `declares:` without a value, and `govcheck policy test --update` fills it in.
examples:
  - name: a document with every field
    files:
      orders.{name}.yaml: |
{document}    declares:
"
    );
    let all = parse_examples(&draft).map_err(|error| error.to_string())?;
    let read = all
        .iter()
        .map(|example| run_example(bench, name, example).map(Some));
    let read: Result<Vec<_>, _> = read.collect();
    let read = read.map_err(|error| error.to_string())?;
    let new = rewrite_declares(&draft, &all, &read).map_err(|error| error.to_string())?;
    new.ok_or_else(|| "the format reads nothing of it".to_owned())
}

/// The file of a format's shapes: what its documents must look like.
pub fn shapes_file(name: &str, kind: ScaffoldKind) -> String {
    let (title, marker) = (title(name), marker(name));
    let (keys, lists) = match kind {
        ScaffoldKind::Contract => (
            "      fields: {list: field, at_least: 1}\n",
            "  field:
    called: a field
    required: [name, type]
    keys:
      name: {matches: '^[a-z][a-z0-9_]*$', called: \"lower case with `_`\"}
      type: {enum: [string, integer, number, boolean, date, timestamp]}
      description: text
      tier: text
",
        ),
        ScaffoldKind::Product => (
            "      reads: [port]\n      offers: [port]\n",
            "  port:
    called: a port
    required: [name, contract]
    keys:
      name: text
      contract: text
      version: text
",
        ),
    };
    let line = SchemaName::Shapes.editor_line();
    format!(
        "\
{line}# What documents of the format `{name}` must look like. `interoperability/invalid-manifest` reports what does not fit.
# `policies/formats/README.md` of govcheck describes all shapes.
format: {name}
called: {title}
version: {{key: {marker}, known: [\"1\"]}}
document: document

shapes:
  document:
    called: a document
    required: [{marker}, dataset]
    keys:
      {marker}: plain
      dataset: dataset
{keys}  dataset:
    called: a dataset
    required: [id, owner]
    keys:
      id: text
      name: text
      version: text
      domain: text
      owner: text
      description: text
      state: {{enum: [draft, live, sunset]}}
      tags: [text]
{lists}"
    )
}
