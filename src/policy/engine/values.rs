//! Rego values as the rest of govcheck sees them, and what documents and lifted entities are as such.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::Value;

use super::Wanted;
use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::entity::{Lifted, LiftedId, LiftedValue};
use crate::model::path::{ModelPath, Step};
use crate::model::text::SourceText;

/// A Rego value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Datum(pub(super) Value);

impl Datum {
    /// An empty object.
    pub fn object() -> Self {
        Self(Value::new_object())
    }

    /// Text.
    pub fn text(text: &str) -> Self {
        Self(Value::String(text.into()))
    }

    /// Text that is shared, not copied.
    pub fn shared_text(text: &Arc<str>) -> Self {
        Self(Value::String(Arc::clone(text)))
    }

    /// A whole number.
    pub fn number(number: usize) -> Self {
        Self(Value::from(number))
    }

    /// An object of fields; later ones win.
    pub fn fields(fields: impl IntoIterator<Item = (Arc<str>, Datum)>) -> Self {
        let map: BTreeMap<Value, Value> = fields
            .into_iter()
            .map(|(key, value)| (Value::String(key), value.0))
            .collect();
        Self(Value::from(map))
    }

    /// An array.
    pub fn array(items: impl IntoIterator<Item = Datum>) -> Self {
        Self(Value::from(
            items.into_iter().map(|item| item.0).collect::<Vec<_>>(),
        ))
    }

    /// From JSON.
    pub fn json(value: &serde_json::Value) -> Self {
        Self(Value::from(value.clone()))
    }

    /// As JSON; sets are arrays.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }

    /// The same object with some fields more.
    #[must_use]
    pub fn with(&self, fields: impl IntoIterator<Item = (Arc<str>, Datum)>) -> Self {
        let mut all: BTreeMap<Value, Value> = match &self.0 {
            Value::Object(object) => object
                .iter_sorted()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            _ => BTreeMap::new(),
        };
        all.extend(
            fields
                .into_iter()
                .map(|(key, value)| (Value::String(key), value.0)),
        );
        Self(Value::from(all))
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<Datum> {
        match &self.0 {
            Value::Object(object) => object.get(&Value::String(name.into())).cloned().map(Datum),
            _ => None,
        }
    }

    /// The fields of an object, sorted by name; keys that are no text are left out.
    pub fn entries(&self) -> Vec<(Arc<str>, Datum)> {
        match &self.0 {
            Value::Object(object) => object
                .iter_sorted()
                .filter_map(|(key, value)| match key {
                    Value::String(key) => Some((Arc::clone(key), Datum(value.clone()))),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The elements of an array or a set, in order.
    pub fn items(&self) -> Option<Vec<Datum>> {
        match &self.0 {
            Value::Array(items) => Some(items.iter().cloned().map(Datum).collect()),
            Value::Set(items) => Some(items.iter().cloned().map(Datum).collect()),
            _ => None,
        }
    }

    /// Text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number from zero.
    pub fn as_index(&self) -> Option<usize> {
        self.0
            .as_u64()
            .ok()
            .and_then(|number| usize::try_from(number).ok())
    }

    /// A path: an array of text and whole numbers.
    pub fn as_path(&self) -> Option<ModelPath> {
        let steps = match &self.0 {
            Value::Array(items) => items.iter().map(step).collect::<Option<Vec<_>>>()?,
            _ => return None,
        };
        Some(ModelPath(steps))
    }

    /// Whether the value is undefined: the rule had nothing to say.
    pub fn is_undefined(&self) -> bool {
        self.0 == Value::Undefined
    }
}

fn step(value: &Value) -> Option<Step> {
    match value {
        Value::String(key) => Some(Step::Key(Arc::clone(key))),
        number => number
            .as_u64()
            .ok()
            .and_then(|number| usize::try_from(number).ok())
            .map(Step::Index),
    }
}

/// What is wanted of an entity's fields, as a Rego object.
pub fn lifted_datum(
    lifted: &Lifted,
    id: LiftedId,
    (document, text): (&Document, &SourceText),
    wanted: &Wanted,
) -> Datum {
    Datum(lifted_value(lifted, id, (document, text), wanted))
}

/// What is wanted of a node of a document, as a Rego value, aliases and merge keys expanded.
pub fn document_datum(
    document: &Document,
    node: NodeId,
    text: &SourceText,
    wanted: &Wanted,
) -> Datum {
    Datum(node_value((document, text), node, wanted))
}

fn lifted_value(
    lifted: &Lifted,
    id: LiftedId,
    from: (&Document, &SourceText),
    wanted: &Wanted,
) -> Value {
    let node = lifted.node(id);
    match &node.value {
        LiftedValue::Bool(value) => Value::Bool(*value),
        LiftedValue::Int(value) => Value::from(*value),
        LiftedValue::Float(value) => Value::from(*value),
        LiftedValue::String(value) => Value::String(Arc::clone(value)),
        LiftedValue::List(items) => {
            let value = |wanted| {
                let items = items.iter();
                let values = items.map(|item| lifted_value(lifted, *item, from, wanted));
                values.collect::<Vec<_>>()
            };
            Value::from(wanted.items().map_or_else(Vec::new, value))
        }
        LiftedValue::Map(fields) => {
            let fields = fields.iter().filter_map(|(key, value)| {
                let value = lifted_value(lifted, *value, from, wanted.field(key)?);
                Some((Value::String(Arc::clone(key)), value))
            });
            Value::from(fields.collect::<BTreeMap<_, _>>())
        }
        LiftedValue::Raw => node
            .origin
            .map_or(Value::Null, |origin| node_value(from, origin.node, wanted)),
    }
}

fn node_value(from: (&Document, &SourceText), node: NodeId, wanted: &Wanted) -> Value {
    let (document, text) = from;
    let node = document.resolve(node);
    match &document.node(node).kind {
        NodeKind::Null | NodeKind::Alias(_) => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::from(*value),
        NodeKind::Float(value) => float_value(*value, text.slice(document.span(node))),
        NodeKind::String(value) => Value::String(Arc::clone(value)),
        NodeKind::Sequence { .. } => {
            let value = |wanted| {
                let items = document.items(node).iter();
                let values = items.map(|item| node_value(from, *item, wanted));
                values.collect::<Vec<_>>()
            };
            Value::from(wanted.items().map_or_else(Vec::new, value))
        }
        NodeKind::Mapping { .. } => {
            // The first of duplicates wins.
            let entries = document.entries(node).iter().rev();
            let fields = entries.filter_map(|entry| {
                let key = key_value(document, entry.key, text);
                let wanted = match &key {
                    Value::String(name) => wanted.field(name)?,
                    _ => wanted.items()?,
                };
                Some((key, node_value(from, entry.value, wanted)))
            });
            Value::from(fields.collect::<BTreeMap<_, _>>())
        }
    }
}

/// Exact where that costs nothing: `1e9999999` would be computed to its last digit, and no bound reaches there.
/// What is no number to JSON stays text.
pub(super) fn float_value(value: f64, written: &str) -> Value {
    const EXACT: usize = 64;
    if !value.is_finite() {
        return Value::String(written.into());
    }
    let exact = (written.len() <= EXACT && (value != 0.0 || !written.contains(['e', 'E'])))
        .then(|| Value::from_numeric_string(written).ok())
        .flatten();
    exact.unwrap_or_else(|| Value::from(value))
}

fn key_value(document: &Document, key: NodeId, text: &SourceText) -> Value {
    match document.as_str(key) {
        Some(name) => Value::String(Arc::clone(name)),
        None => Value::String(text.slice(document.span(key)).into()),
    }
}
