//! What tests of rules do with values, and how Rego writes them.

use std::sync::Arc;

use regorus::Value;

use super::Datum;

impl Datum {
    /// Nothing: what a rule that has nothing to say gives.
    pub fn undefined() -> Self {
        Self(Value::Undefined)
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        self.0 == Value::Bool(true)
    }

    /// The keys and values that `every` and `some` iterate over. `None` unless the value is a collection.
    pub fn pairs(&self) -> Option<Vec<(Datum, Datum)>> {
        let own = |value: &Value| Datum(value.clone());
        match &self.0 {
            Value::Array(items) => Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (Datum::number(index), own(item)))
                    .collect(),
            ),
            Value::Set(items) => Some(items.iter().map(|item| (own(item), own(item))).collect()),
            Value::Object(fields) => Some(
                fields
                    .iter_sorted()
                    .map(|(key, value)| (own(key), own(value)))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// The same with `value` at a path of fields; what is on the way and no object becomes one.
    #[must_use]
    pub fn patched(&self, path: &[String], value: &Datum) -> Self {
        let Some((first, rest)) = path.split_first() else {
            return value.clone();
        };
        let inner = self.get(first).unwrap_or_else(Datum::object);
        self.with([(Arc::from(first.as_str()), inner.patched(rest, value))])
    }
}

/// As Rego writes values: sets in braces.
impl std::fmt::Display for Datum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |f: &mut std::fmt::Formatter<'_>, items: Vec<Datum>| -> std::fmt::Result {
            for (index, item) in items.iter().enumerate() {
                write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
            }
            Ok::<(), std::fmt::Error>(())
        };
        match &self.0 {
            Value::Undefined => write!(f, "undefined"),
            Value::Set(items) if items.is_empty() => write!(f, "set()"),
            Value::Set(_) => {
                write!(f, "{{")?;
                list(f, self.items().unwrap_or_default())?;
                write!(f, "}}")
            }
            Value::Array(_) => {
                write!(f, "[")?;
                list(f, self.items().unwrap_or_default())?;
                write!(f, "]")
            }
            Value::Object(_) => {
                write!(f, "{{")?;
                for (index, (key, value)) in self.pairs().unwrap_or_default().iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{key}: {value}")?;
                }
                write!(f, "}}")
            }
            _ => write!(f, "{}", self.to_json()),
        }
    }
}
