//! The JSON Schema of govcheck's registers: their keys from the format file, what they mean from the model.

use serde_json::{Map, Value, json};

use crate::lift::format::{
    Condition, ConditionTest, Declaration, Field, Format, NamedField, Scalar,
};
use crate::lift::path::SourcePath;
use crate::lift::schema::{Fields, Schema};
use crate::model::published::{self, SchemaName};

/// The JSON Schema (draft-07) of registers, as their format lifts them into the model.
pub fn register_schema(format: &Format, model: &Schema) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for condition in &format.all {
        if let (Some(key), Some(value)) = (condition.path.first_key(), constant(condition)) {
            let schema =
                json!({"description": "Marks the file as a register of govcheck.", "const": value});
            properties.insert(key.to_string(), schema);
            required.push(Value::from(&**key));
        }
    }
    for declaration in &format.declarations {
        let list = declaration.each.first().and_then(SourcePath::first_key);
        let kind = model.kinds.get(&declaration.kind);
        if let (Some(list), Some(kind)) = (list, kind) {
            let fields = model.fields_of(&declaration.kind).unwrap_or_default();
            let schema = json!({
                "description": kind.doc,
                "type": ["array", "null"],
                "items": entry(declaration, &fields, model),
            });
            properties.insert(list.to_string(), schema);
        }
    }
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Register of govcheck",
        "description": "Central definitions of a mesh. Manifests refer to them, and rules hold manifests against them. A mesh may have any number of registers, and a register any of these lists.",
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    });
    published::publish_schema(&schema.to_string(), SchemaName::Register)
}

fn constant(condition: &Condition) -> Option<&str> {
    match &condition.test {
        ConditionTest::Equals(value) => Some(value),
        _ => None,
    }
}

/// An entry: a mapping, or only its name where the format allows that.
fn entry(declaration: &Declaration, fields: &Fields, model: &Schema) -> Value {
    let mut entry = RegisterEntry {
        keys: Vec::new(),
        properties: Map::new(),
        is_name: false,
    };
    entry.identify(declaration);
    entry.fields(&declaration.fields, fields, model);
    let needed = entry.keys.iter().map(|key| json!({"required": [key]}));
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": entry.properties,
    });
    if let Some(keys) = schema.as_object_mut() {
        match entry.keys.as_slice() {
            [one] => keys.insert("required".to_owned(), json!([one])),
            _ => keys.insert("anyOf".to_owned(), needed.collect()),
        };
    }
    match entry.is_name {
        true => json!({"anyOf": [schema, name("The name alone.")]}),
        false => schema,
    }
}

struct RegisterEntry {
    /// The keys of which one must be there.
    keys: Vec<String>,
    properties: Map<String, Value>,
    /// Whether a text stands for an entry of that name.
    is_name: bool,
}

impl RegisterEntry {
    fn identify(&mut self, declaration: &Declaration) {
        let names = declaration.key.iter().flat_map(|key| &key.0);
        for name in names {
            let field = declaration.fields.iter().find(|field| field.name == *name);
            let Some(Field::Value { sources, .. }) = field.map(|field| &field.field) else {
                continue;
            };
            for source in sources {
                match source.first_key() {
                    Some(key) if !self.keys.iter().any(|known| **known == **key) => {
                        self.keys.push(key.to_string());
                    }
                    Some(_) => {}
                    None => self.is_name = true,
                }
            }
        }
    }

    /// Adds the keys that the fields are filled from. A key may fill several: what it is first asked for says what it means.
    fn fields(&mut self, fields: &[NamedField], specs: &Fields, model: &Schema) {
        let mut others = Vec::new();
        self.first_sources(fields, specs, model, &mut others);
        for (key, first, schema) in others {
            let description = format!("What counts where `{first}` is absent.");
            self.add(key, &description, schema);
        }
    }

    fn first_sources<'f>(
        &mut self,
        fields: &'f [NamedField],
        specs: &Fields,
        model: &Schema,
        others: &mut Vec<(&'f str, &'f str, Value)>,
    ) {
        for named in fields {
            let Some(spec) = specs.get(&*named.name) else {
                continue;
            };
            let (sources, schema) = match &named.field {
                Field::Record(inner) => {
                    let specs = spec.of.as_deref().and_then(|of| model.record(of));
                    self.first_sources(inner, specs.unwrap_or(&Fields::default()), model, others);
                    continue;
                }
                Field::Value {
                    sources, target, ..
                } => (sources, value(*target)),
                Field::Texts { sources, .. } => (sources, texts()),
                _ => continue,
            };
            let mut keys = sources
                .iter()
                .filter_map(SourcePath::first_key)
                .map(|key| &**key);
            let Some(first) = keys.next() else { continue };
            let is_id = &*named.name == "id";
            let description = if is_id { REFERENCE } else { &spec.doc };
            self.add(first, description, schema.clone());
            others.extend(keys.map(|key| (key, first, schema.clone())));
        }
    }

    fn add(&mut self, key: &str, description: &str, schema: Value) {
        let is_key = self.keys.iter().any(|known| known == key);
        let property = match is_key {
            true => name(description),
            false => described(schema, description),
        };
        self.properties.entry(key).or_insert(property);
    }
}

/// What an id is for.
const REFERENCE: &str = "The name by which manifests refer to it.";

fn described(mut schema: Value, description: &str) -> Value {
    if let Some(keys) = schema.as_object_mut() {
        keys.insert("description".to_owned(), Value::from(description));
    }
    schema
}

fn name(description: &str) -> Value {
    json!({"type": ["string", "number"], "pattern": "\\S", "description": description})
}

fn value(target: Scalar) -> Value {
    match target {
        Scalar::Text => json!({"type": ["string", "number", "null"]}),
        Scalar::Bool => json!({"type": ["boolean", "null"]}),
        Scalar::Number => json!({"type": ["number", "null"]}),
        Scalar::Raw => json!({"type": ["object", "null"]}),
    }
}

fn texts() -> Value {
    json!({"type": ["array", "null"], "items": {"type": ["string", "number", "boolean"]}})
}
