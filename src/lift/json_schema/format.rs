//! The JSON Schema of format files: what is written by hand, and the kinds, fields and types of the model.

use serde_json::{Map, Value, json};

use crate::lift::schema::{FieldSpec, FieldType, Fields, Schema};
use crate::model::published::{self, SchemaName};

/// The JSON Schema (draft-07) of format files that lift into this model.
pub fn format_schema(model: &Schema) -> Value {
    let mut schema =
        published::publish_schema(include_str!("format.schema.json"), SchemaName::Format);
    if let Some(definitions) = schema.get_mut("definitions").and_then(Value::as_object_mut) {
        for (name, fields) in &model.types {
            definitions.insert(record(name), record_of(fields, model));
            definitions.insert(list(name), list_of(name));
        }
        for kind in model.kinds.keys() {
            let fields = model.fields_of(kind).unwrap_or_default();
            definitions.insert(record(kind), record_of(&fields, model));
        }
    }
    if let Some(entity) = schema
        .pointer_mut("/definitions/entity")
        .and_then(Value::as_object_mut)
    {
        let choices = model.kinds.keys().map(|kind| {
            json!({
                "if": {"properties": {"kind": {"const": &**kind}}},
                "then": {"properties": {"fields": reference(&record(kind))}},
            })
        });
        entity.insert("allOf".to_owned(), choices.collect());
    }
    if let Some(kind) = schema
        .pointer_mut("/definitions/entity/properties/kind")
        .and_then(Value::as_object_mut)
    {
        let kinds = model.kinds.keys().map(|kind| Value::from(&**kind));
        kind.insert("enum".to_owned(), kinds.collect());
    }
    schema
}

/// The name of the definition of a record's or a kind's fields.
fn record(name: &str) -> String {
    format!("{name}Fields")
}

/// The name of the definition of a list of records.
fn list(name: &str) -> String {
    format!("{name}List")
}

fn reference(definition: &str) -> Value {
    json!({"$ref": format!("#/definitions/{definition}")})
}

/// A definition with its own description. Validators read only the reference; editors show the description beside it.
fn described(description: &str, definition: &str) -> Value {
    let reference = format!("#/definitions/{definition}");
    json!({"description": description, "$ref": reference})
}

fn record_of(fields: &Fields, model: &Schema) -> Value {
    let properties = fields.iter().map(|(name, field)| {
        let definition = definition(field, model);
        (name.clone(), described(&field.doc, &definition))
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties.collect::<Map<_, _>>(),
    })
}

fn list_of(name: &str) -> Value {
    json!({
        "type": "object",
        "required": ["each", "key", "fields"],
        "additionalProperties": false,
        "properties": {
            "each": described("The path to the elements that each become a record.", "paths"),
            "in": reference("levels"),
            "recurse": described("Paths from an element to more elements within it.", "paths"),
            "through": described("Paths to what holds nested elements without being one, such as the items of a list; followed as often as they lead on.", "paths"),
            "key": reference("key"),
            "fields": reference(&record(name)),
        },
    })
}

/// What says how a field is filled.
fn definition(field: &FieldSpec, model: &Schema) -> String {
    let of = field.of.as_deref().filter(|of| model.record(of).is_some());
    match (field.ty, of) {
        (FieldType::Record, Some(of)) => record(of),
        (FieldType::List, Some(of)) => list(of),
        (FieldType::List, None) => "textsField".to_owned(),
        (FieldType::String, _) => "textField".to_owned(),
        (FieldType::Bool, _) => "truthField".to_owned(),
        (FieldType::Number, _) => "numberField".to_owned(),
        (FieldType::Map, _) => "mapField".to_owned(),
        (FieldType::Any | FieldType::Record, _) => "anyField".to_owned(),
    }
}
