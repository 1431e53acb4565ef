//! Rego values as the rest of govcheck sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::Value;

use crate::model::path::{ModelPath, Step};

/// A Rego value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Datum(pub(in crate::policy::engine) Value);

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

    /// The fields of an object, sorted by name; keys that are not texts are left out.
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

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.0 {
            Value::Bool(truth) => Some(truth),
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

/// Exact where that is cheap: `1e9999999` would be computed to its last digit, and no bound applies there.
/// A value that is not a number in JSON stays text.
pub(in crate::policy::engine) fn float_value(value: f64, written: &str) -> Value {
    const EXACT: usize = 64;
    if !value.is_finite() {
        return Value::String(written.into());
    }
    let exact = (written.len() <= EXACT && (value != 0.0 || !written.contains(['e', 'E'])))
        .then(|| Value::from_numeric_string(written).ok())
        .flatten();
    exact.unwrap_or_else(|| Value::from(value))
}
