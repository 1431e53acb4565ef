//! Whether another engine's answer, which comes as JSON, is the one that the register VM gave: sets have no order, and
//! `1` is `1.0`.

use regorus::Value;
use serde_json::Value as Json;

use super::Datum;

impl Datum {
    /// Whether `other` says the same. A set may come in any order, an array may not.
    pub fn is_json(&self, other: &Json) -> bool {
        is(&self.0, other)
    }
}

fn is(own: &Value, other: &Json) -> bool {
    match (own, other) {
        (Value::Set(own), Json::Array(other)) => {
            let mut left: Vec<&Json> = other.iter().collect();
            own.len() == other.len()
                && own.iter().all(|item| {
                    let at = left.iter().position(|other| is(item, other));
                    at.map(|at| left.swap_remove(at)).is_some()
                })
        }
        (Value::Array(own), Json::Array(other)) => {
            own.len() == other.len() && own.iter().zip(other).all(|(own, other)| is(own, other))
        }
        (Value::Object(own), Json::Object(other)) => {
            own.len() == other.len()
                && own.iter_sorted().all(|(key, value)| {
                    let key = match key {
                        Value::String(key) => key.to_string(),
                        key => key.to_string(),
                    };
                    other.get(&key).is_some_and(|other| is(value, other))
                })
        }
        (Value::Number(own), Json::Number(other)) => {
            own.as_f64() == other.as_f64() || own.format_decimal() == other.to_string()
        }
        (Value::String(own), Json::String(other)) => **own == **other,
        (Value::Bool(own), Json::Bool(other)) => own == other,
        (Value::Null, Json::Null) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_set_has_no_order_and_an_array_has_one() {
        let set = Datum(Value::from_json_str(r#"["a", "b"]"#).unwrap());
        let items: std::collections::BTreeSet<Value> = match &set.0 {
            Value::Array(items) => items.iter().cloned().collect(),
            _ => unreachable!(),
        };
        assert!(Datum(Value::from(items)).is_json(&json!(["b", "a"])));
        assert!(!set.is_json(&json!(["b", "a"])));
        assert!(set.is_json(&json!(["a", "b"])));
    }

    #[test]
    fn numbers_are_compared_by_value_and_objects_by_all_of_their_keys() {
        let own = Datum::json(&json!({"a": 1, "b": [true, null]}));
        assert!(own.is_json(&json!({"a": 1.0, "b": [true, null]})));
        assert!(!own.is_json(&json!({"a": 1, "b": [true, null], "c": 2})));
        assert!(!own.is_json(&json!({"a": "1", "b": [true, null]})));
    }
}
