//! Documents with one thing changed: what people get wrong in files that they write by hand.

use serde_json::{Map, Value, json};

use crate::chance::Chance;

/// A document with one change.
pub(super) struct Mutant {
    pub(super) document: Value,
    /// What was done, for messages.
    pub(super) change: String,
}

/// Changes one thing in a document, differently with each call; `None` where the change does not fit the place.
pub(super) fn mutate(document: &Value, chance: &mut Chance) -> Option<Mutant> {
    let mut places = Vec::new();
    collect(document, String::new(), &mut places);
    let place = &places[chance.below(places.len())];
    let other = document
        .pointer(&places[chance.below(places.len())])?
        .clone();
    let mut document = document.clone();
    let value = document.pointer_mut(place)?;
    let change = match chance.below(10) {
        0 => return removed(document, place),
        1 => set(value, Value::Null),
        2 | 3 => {
            let values = values();
            set(value, values[chance.below(values.len())].clone())
        }
        4 => {
            let values = values();
            let new = values[chance.below(values.len())].clone();
            insert(value, "unheard_of", new)?
        }
        5 => misspell_key(value, chance)?,
        6 => misspell(value, chance)?,
        7 => set(value, other),
        8 => repeat(value)?,
        _ => {
            let (key, new) = some_entry(&other, chance)?;
            insert(value, &key, new)?
        }
    };
    Some(Mutant {
        document,
        change: format!("{place}: {change}"),
    })
}

fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), places);
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(item, format!("{at}/{key}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

/// Values of every type, and values that look like others. Whole numbers with a fraction are left out: `1.0` is an integer for JSON
/// Schema, and a number with a fraction for YAML.
fn values() -> Vec<Value> {
    vec![
        json!(0),
        json!(5),
        json!(-1),
        json!(1.5),
        json!(4_294_967_296_u64),
        json!(true),
        json!(false),
        json!("text"),
        json!(""),
        json!(" "),
        json!("a/b"),
        json!("2027-02-30"),
        json!("2027-3-1"),
        json!("off"),
        json!([]),
        json!(["text"]),
        json!(["text", 5]),
        json!([null]),
        json!({}),
        json!({"text": "text"}),
        json!({"text": null}),
    ]
}

fn set(value: &mut Value, new: Value) -> String {
    let change = format!("{value} becomes {new}");
    *value = new;
    change
}

fn removed(mut document: Value, place: &str) -> Option<Mutant> {
    let (parent, last) = place.rsplit_once('/')?;
    let key = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent)? {
        Value::Array(items) => drop(items.remove(key.parse().ok()?)),
        Value::Object(entries) => drop(entries.remove(&key)?),
        _ => return None,
    }
    Some(Mutant {
        document,
        change: format!("{place}: removed"),
    })
}

fn insert(value: &mut Value, key: &str, new: Value) -> Option<String> {
    let entries = value.as_object_mut()?;
    let change = format!("gains {key}: {new}");
    entries.insert(key.to_owned(), new);
    Some(change)
}

fn misspell_key(value: &mut Value, chance: &mut Chance) -> Option<String> {
    let entries = value.as_object_mut()?;
    let keys: Vec<String> = entries.keys().cloned().collect();
    let key = keys.get(chance.below(keys.len().max(1)))?;
    let new = misspelt(key, chance)?;
    let renamed: Map<String, Value> = std::mem::take(entries)
        .into_iter()
        .map(|(name, value)| {
            if name == *key {
                (new.clone(), value)
            } else {
                (name, value)
            }
        })
        .collect();
    *entries = renamed;
    Some(format!("key {key} becomes {new}"))
}

fn misspell(value: &mut Value, chance: &mut Chance) -> Option<String> {
    let new = misspelt(value.as_str()?, chance)?;
    Some(set(value, Value::from(new)))
}

/// A letter is left out, doubled, or exchanged for another.
fn misspelt(text: &str, chance: &mut Chance) -> Option<String> {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return None;
    }
    let at = chance.below(letters.len());
    match chance.below(3) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        _ => letters[at] = 'q',
    }
    Some(letters.into_iter().collect())
}

fn repeat(value: &mut Value) -> Option<String> {
    let items = value.as_array_mut()?;
    let first = items.first()?.clone();
    items.push(first);
    Some("its first item is there twice".to_owned())
}

fn some_entry(value: &Value, chance: &mut Chance) -> Option<(String, Value)> {
    let entries = value.as_object()?;
    let at = chance.below(entries.len().max(1));
    entries
        .iter()
        .nth(at)
        .map(|(key, value)| (key.clone(), value.clone()))
}
