//! The reference pages in `docs/`: prose by hand, and between marks the description of each key from the schemas. `GOVCHECK_SCHEMAS=1 cargo test
//! --test all reference` writes those parts anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use govcheck::model::published::SchemaName;
use govcheck::workbench::schemas::schema_of;
use serde_json::{Map, Value};

use super::{refusals, validator, yaml};

const END: &str = "<!-- end of the generated part -->";

/// Holds the generated part of a page, and every YAML block of it, with what a file of that kind begins with, against the schema.
fn held(page: &str, name: SchemaName, sections: &str, begins: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(page);
    let text = fs::read_to_string(&path).unwrap();
    let begin = format!(
        "<!-- generated from `govcheck schema {}` -->",
        name.as_str()
    );
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let new = format!("{before}{begin}\n\n{sections}{END}{after}");
    if std::env::var_os("GOVCHECK_SCHEMAS").is_some() {
        fs::write(&path, &new).unwrap();
    }
    let stale = "is stale: write it anew with `GOVCHECK_SCHEMAS=1 cargo test --test all reference`";
    assert!(
        fs::read_to_string(&path).unwrap() == new,
        "`docs/{page}` {stale}"
    );
    let validator = validator(name);
    let blocks = new.split("```yaml\n").skip(1);
    let blocks: Vec<&str> = blocks.filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() > 5, "{}", blocks.len());
    for block in blocks {
        let begins = if block.contains(begins) { "" } else { begins };
        let file = yaml(&format!("{begins}{block}"));
        assert_eq!(refusals(&validator, &file), [""; 0], "{block}");
    }
}

#[test]
fn the_reference_of_the_configuration_says_what_the_schema_says() {
    let schema = schema_of(SchemaName::Config).unwrap();
    let page = Page { schema: &schema };
    let mut text = String::new();
    for (key, property) in page.properties(&schema) {
        let examples = property["examples"].as_array();
        let examples = examples.map_or_else(Vec::new, |examples| examples.iter().collect());
        text.push_str(&page.section(key, property, &examples));
    }
    held("configuration.md", SchemaName::Config, &text, "");
}

#[test]
fn the_reference_of_registers_says_what_the_schema_says() {
    let schema = schema_of(SchemaName::Register).unwrap();
    let page = Page { schema: &schema };
    let mut text = String::new();
    for (key, property) in page.properties(&schema) {
        if property.get("items").is_some() {
            let example = entries(key);
            text.push_str(&page.section(key, property, &[&example]));
        }
    }
    let begins = "apiVersion: govcheck/v1\nkind: Register\n";
    held("registers.md", SchemaName::Register, &text, begins);
}

/// The first entries of a list in the registers of the example mesh.
fn entries(list: &str) -> Value {
    let folder = "fixtures/retail-clean/governance/registers";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = fs::read_dir(folder).unwrap().filter_map(|entry| {
        let register = yaml(&fs::read_to_string(entry.unwrap().path()).unwrap());
        let entries = register[list].as_array()?;
        Some(entries.iter().take(2).cloned().collect())
    });
    found.next().unwrap()
}

/// Writes what a schema says.
struct Page<'s> {
    schema: &'s Value,
}

impl<'s> Page<'s> {
    fn properties(&self, of: &'s Value) -> impl Iterator<Item = (&'s String, &'s Value)> {
        of["properties"].as_object().into_iter().flatten()
    }

    /// A key with the keys below it.
    fn section(&self, key: &str, property: &'s Value, examples: &[&Value]) -> String {
        let mut text = format!("### `{key}`\n\n{}\n\n", described(property));
        let _ = writeln!(text, "- Type: {}", self.kind(property));
        if let Some(default) = property.get("default") {
            let _ = writeln!(text, "- Default: `{}`", shown(default));
        }
        text.push('\n');
        if let Some(mapping) = self.mapping(property) {
            let _ = writeln!(
                text,
                "| key | type | default | meaning |\n| --- | --- | --- | --- |"
            );
            for (key, inner) in self.properties(mapping) {
                text.push_str(&self.row(key, inner, mapping));
            }
            text.push('\n');
        }
        for &example in examples {
            let file: Map<String, Value> =
                [(key.to_owned(), example.clone())].into_iter().collect();
            let _ = writeln!(
                text,
                "```yaml\n{}```\n",
                serde_yaml::to_string(&file).unwrap()
            );
        }
        text
    }

    fn row(&self, key: &str, property: &'s Value, of: &Value) -> String {
        let required = of["required"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == key));
        let default = match property.get("default") {
            Some(default) => format!("`{}`", shown(default)),
            None if required => "required".to_owned(),
            None => String::new(),
        };
        let kind = self.kind(property).replace('|', "\\|");
        format!(
            "| `{key}` | {kind} | {default} | {} |\n",
            described(property).replace('|', "\\|")
        )
    }

    /// The mapping that a property is, or holds, or whose values it has.
    fn mapping(&self, property: &'s Value) -> Option<&'s Value> {
        let property = self.resolved(property);
        if property.get("properties").is_some() && property["additionalProperties"] == false {
            return Some(property);
        }
        let inner = ["items", "additionalProperties"]
            .iter()
            .filter_map(|key| property.get(*key));
        let choices = ["anyOf", "allOf"]
            .iter()
            .filter_map(|key| property[*key].as_array());
        inner
            .chain(choices.flatten())
            .find_map(|inner| self.mapping(inner))
    }

    fn resolved(&self, property: &'s Value) -> &'s Value {
        match property["$ref"].as_str() {
            Some(reference) => self
                .schema
                .pointer(reference.trim_start_matches('#'))
                .unwrap(),
            None => property,
        }
    }

    /// The allowed values, in words.
    fn kind(&self, property: &'s Value) -> String {
        listed(&self.kinds(property))
    }

    fn kinds(&self, property: &'s Value) -> Vec<String> {
        let property = self.resolved(property);
        if let Some(values) = property["enum"].as_array() {
            let values = values.iter().filter(|value| !value.is_null());
            return values.map(|value| format!("`{}`", shown(value))).collect();
        }
        if let Some(choices) = property["anyOf"]
            .as_array()
            .or(property["allOf"].as_array())
        {
            let mut kinds: Vec<String> = choices
                .iter()
                .flat_map(|choice| self.kinds(choice))
                .collect();
            // The shorter ways to write it first.
            kinds.sort_by_key(|kind| (kind.starts_with("list"), kind == "mapping"));
            kinds.dedup();
            return kinds;
        }
        let types: Vec<&str> = match &property["type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let is_date = property["pattern"]
            .as_str()
            .is_some_and(|pattern| pattern.contains("[0-9]{4}-"));
        let words = types.iter().filter_map(|name| match *name {
            "string" if is_date => Some("date".to_owned()),
            "string" => Some("text".to_owned()),
            // Numbers count as they are written where text belongs.
            "number" | "boolean" if types.contains(&"string") => None,
            "number" => Some("number".to_owned()),
            "integer" => Some("whole number".to_owned()),
            "boolean" => Some("`true` or `false`".to_owned()),
            "array" => Some(self.list(&property["items"])),
            "object" => Some("mapping".to_owned()),
            _ => None,
        });
        words.collect()
    }

    fn list(&self, items: &'s Value) -> String {
        let kinds = self
            .kinds(items)
            .into_iter()
            .map(|kind| match kind.as_str() {
                "text" | "mapping" => kind + "s",
                _ => kind,
            });
        match listed(&kinds.collect::<Vec<_>>()).as_str() {
            "" => "list".to_owned(),
            kinds => format!("list of {kinds}"),
        }
    }
}

fn described(property: &Value) -> &str {
    property["description"].as_str().unwrap_or_default()
}

/// A value as YAML has it on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn listed(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}
