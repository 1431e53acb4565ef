//! The JSON Schemas of the files that users write: every fixture fits, and schema and reader agree on each document.

mod agreement;
mod config;
mod editor;
mod exceptions;
mod fixtures;
mod formats;
mod mutate;
mod reference;
mod rules;

use govcheck::model::published::SchemaName;
use jsonschema::Validator;
use serde_json::Value;

/// The schema of a kind of file, ready to validate.
fn validator(name: SchemaName) -> Validator {
    let schema = govcheck::workbench::schemas::schema_of(name).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// What a schema has against a document, each with its place.
fn refusals(validator: &Validator, document: &Value) -> Vec<String> {
    let errors = validator.iter_errors(document);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}
