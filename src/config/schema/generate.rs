//! What the types of `raw` mean as JSON Schema beyond what their Rust types say. Only the test that writes the schemas uses this.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::super::packs::{RawPack, RawPacks};
use super::super::raw::{OneOrMany, RawSetting};
use crate::config::LevelSetting;
use crate::model::published::{DATE, generate_schema};

/// The JSON Schema of a type.
pub(in crate::config) fn type_schema<T: JsonSchema>() -> Value {
    let mut schema = generate_schema::<T>();
    bound_numbers(&mut schema);
    let definitions = schema["definitions"].as_object_mut();
    for definition in definitions.into_iter().flat_map(Map::values_mut) {
        withhold_description(definition);
    }
    schema
}

/// Editors show the innermost description of a value: that of the key says more than that of the type.
fn withhold_description(definition: &mut Value) {
    let Some(keys) = definition.as_object_mut() else {
        return;
    };
    keys.remove("description");
    let choices = keys.get_mut("anyOf").and_then(Value::as_array_mut);
    choices.into_iter().flatten().for_each(withhold_description);
}

/// `uint32` is a format that no editor knows: its bounds say the same.
fn bound_numbers(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            if keys.get("format") == Some(&json!("uint32")) {
                keys.remove("format");
                keys.insert("maximum".to_owned(), json!(u32::MAX));
            }
            keys.values_mut().for_each(bound_numbers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_numbers),
        _ => {}
    }
}

fn levels() -> Value {
    json!(LevelSetting::NAMES)
}

pub(in crate::config) fn describe_version(schema: &mut Schema) {
    for key in ["type", "format", "minimum"] {
        schema.remove(key);
    }
    schema.insert("enum".to_owned(), json!([1, null]));
}

pub(in crate::config) fn describe_level(schema: &mut Schema) {
    let names = LevelSetting::NAMES.map(Value::from).into_iter();
    schema.insert("enum".to_owned(), names.chain([Value::Null]).collect());
}

pub(in crate::config) fn describe_date(schema: &mut Schema) {
    schema.insert("pattern".to_owned(), json!(DATE));
    schema.insert("examples".to_owned(), json!(["2027-03-01"]));
}

/// An empty file is valid.
pub(in crate::config) fn or_nothing(schema: &mut Schema) {
    schema.insert("type".to_owned(), json!(["object", "null"]));
}

/// One or a list of at least one.
pub(in crate::config) fn one_or_more(schema: &mut Schema) {
    schema.insert("type".to_owned(), json!(["string", "array"]));
    schema.insert("minItems".to_owned(), json!(1));
}

/// A level is short for a mapping with only a level.
pub(in crate::config) fn or_level(schema: &mut Schema) {
    let mapping = std::mem::take(schema);
    *schema = json_schema!({"anyOf": [{"enum": levels()}, mapping]});
}

/// A path is short for a mapping with only a path.
pub(in crate::config) fn or_path(schema: &mut Schema) {
    schema.insert("type".to_owned(), json!(["string", "object"]));
    schema.insert("minLength".to_owned(), json!(1));
}

/// Settings of a bundle's signature need a key.
pub(in crate::config) fn describe_pack(schema: &mut Schema) {
    or_path(schema);
    let needs = ["algorithm", "key_id", "scope", "unsigned"].map(|name| {
        let absent = json!({"properties": {name: {"type": "null"}}});
        let with_key = json!({"required": ["key"], "properties": {"key": {"type": "string"}}});
        (name.to_owned(), json!({"anyOf": [absent, with_key]}))
    });
    let needs: Map<String, Value> = needs.into_iter().collect();
    schema.insert("dependencies".to_owned(), Value::Object(needs));
}

impl JsonSchema for OneOrMany {
    fn schema_name() -> Cow<'static, str> {
        "texts".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "minLength": 1,
            "items": {"type": "string", "minLength": 1},
        })
    }
}

impl JsonSchema for RawPacks {
    fn schema_name() -> Cow<'static, str> {
        "packs".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let pack = generator.subschema_for::<RawPack>();
        json_schema!({"anyOf": [pack, {"type": "array", "items": pack}]})
    }
}

/// A range of versions.
pub(in crate::config) struct Range;

impl JsonSchema for Range {
    fn schema_name() -> Cow<'static, str> {
        "range".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"], "pattern": r"\S"})
    }
}

/// Settings by rule or category.
pub(in crate::config) struct Rules;

impl JsonSchema for Rules {
    fn schema_name() -> Cow<'static, str> {
        "rules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        by_rule(generator.subschema_for::<RawSetting>())
    }
}

/// The same for some of the files.
pub(in crate::config) struct FileRules;

impl JsonSchema for FileRules {
    fn schema_name() -> Cow<'static, str> {
        "fileRules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        by_rule(generator.subschema_for::<FileSetting>())
    }
}

fn by_rule(setting: Schema) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": {"pattern": r"^[^/\s]+(/[^/\s]+)?$"},
        "additionalProperties": setting,
    })
}

/// What may be set for some of the files: the keys of [`RawSetting`] that do not hold for the whole mesh.
struct FileSetting;

impl JsonSchema for FileSetting {
    fn schema_name() -> Cow<'static, str> {
        "fileSetting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut setting = RawSetting::json_schema(generator);
        let properties = setting.pointer_mut("/anyOf/1/properties");
        if let Some(properties) = properties.and_then(Value::as_object_mut) {
            properties.retain(|key, _| !matches!(key.as_str(), "options" | "inline"));
        }
        setting
    }
}
