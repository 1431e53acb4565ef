//! The JSON Schemas of `govcheck.yaml` and of presets. Their files are generated from the types of `raw` by a test; rules, which
//! are data, are filled in here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::model::published::{self, SchemaName};
use crate::model::rule::Rule;

#[cfg(test)]
pub(super) mod generate;
#[cfg(test)]
mod tests;

const CONFIG: &str = include_str!("config.schema.json");
const PRESET: &str = include_str!("preset.schema.json");

/// The JSON Schema (draft-07) of `govcheck.yaml`, which suggests these rules, their categories and options.
pub fn config_schema(rules: &[Rule]) -> Value {
    with_rules(published::publish_schema(CONFIG, SchemaName::Config), rules)
}

/// The JSON Schema (draft-07) of presets and other files that a config extends.
pub fn preset_schema(rules: &[Rule]) -> Value {
    with_rules(published::publish_schema(PRESET, SchemaName::Preset), rules)
}

/// Adds a property for each rule and category to the definitions of settings.
fn with_rules(mut schema: Value, rules: &[Rule]) -> Value {
    let mut categories: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        categories.entry(rule.id.category()).or_default().push(rule);
    }
    for (definition, setting, has_options) in [
        ("rules", "setting", true),
        ("fileRules", "fileSetting", false),
    ] {
        let setting = json!({"$ref": format!("#/definitions/{setting}")});
        let property = |description: String, options: Value| match has_options {
            true => json!({
                "description": description,
                "allOf": [setting, {"properties": {"options": options}}],
            }),
            // Validators read only the reference; editors show the description beside it.
            false => json!({"description": description, "$ref": setting["$ref"]}),
        };
        let mut properties = Map::new();
        for (category, rules) in &categories {
            let names: Vec<&str> = rules.iter().map(|rule| rule.id.name()).collect();
            let description = format!("Every rule of category `{category}`: {}.", names.join(", "));
            properties.insert(
                (*category).to_owned(),
                property(description, shared_options(rules)),
            );
            for rule in rules {
                let description = format!(
                    "{}. {} Level: {}.",
                    rule.title,
                    rule.description,
                    rule.severity.as_str()
                );
                properties.insert(rule.id.to_string(), property(description, options(rule)));
            }
        }
        if let Some(place) = schema.pointer_mut(&format!("/definitions/{definition}"))
            && let Some(place) = place.as_object_mut()
        {
            place.insert("properties".to_owned(), Value::Object(properties));
        }
    }
    schema
}

/// The options of a rule, each of the type of its default.
fn options(rule: &Rule) -> Value {
    let options = rule.options.iter().map(|(name, default)| {
        let mut option = Map::new();
        if let Some(doc) = rule.option_docs.get(name) {
            option.insert("description".to_owned(), json!(doc));
        }
        if let Some(kind) = type_of(default) {
            option.insert("type".to_owned(), json!(kind));
        }
        option.insert("default".to_owned(), default.clone());
        (name.clone(), Value::Object(option))
    });
    closed(options.collect())
}

/// The options that every one of these rules has: others can't be set for their category.
fn shared_options(rules: &[&Rule]) -> Value {
    let mut names = rules.iter().map(|rule| {
        let options = rule.options.iter();
        let options = options.map(|(name, default)| (name.clone(), type_of(default)));
        options.collect::<BTreeSet<_>>()
    });
    let first = names.next().unwrap_or_default();
    let shared = names.fold(first, |shared, names| &shared & &names);
    let options = shared.into_iter().map(|(name, kind)| {
        let option = kind.map_or_else(|| json!({}), |kind| json!({"type": kind}));
        (name, option)
    });
    closed(options.collect())
}

fn closed(properties: Map<String, Value>) -> Value {
    match properties.is_empty() {
        true => json!({"type": ["object", "null"], "maxProperties": 0}),
        false => json!({
            "type": ["object", "null"],
            "properties": properties,
            "additionalProperties": false,
        }),
    }
}

/// The type of a value; `None` for null, which stands for any.
fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(_) => Some("number"),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    }
}
