//! Changes documents at random, the same way in every run: keys dropped, renamed, added, values of another kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// Numbers that are the same in every run (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides.max(1) as u64).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// Words to mutate with: keys and enumerated values of the schema, and the values that samples have under a key.
pub(crate) struct Words {
    keys: Vec<String>,
    values: Vec<String>,
    under: BTreeMap<String, Vec<Value>>,
}

impl Words {
    pub(crate) fn of<'v>(schema: &Value, samples: impl IntoIterator<Item = &'v Value>) -> Self {
        let (mut keys, mut values, mut under) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        words_of_schema(schema, &mut keys, &mut values);
        for sample in samples {
            values_by_key(sample, &mut under);
        }
        Self {
            keys: keys.into_iter().collect(),
            values: values.into_iter().collect(),
            under,
        }
    }
}

fn words_of_schema(schema: &Value, keys: &mut BTreeSet<String>, values: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("properties", Value::Object(named)) => keys.extend(named.keys().cloned()),
                    ("enum", Value::Array(items)) => {
                        values.extend(items.iter().filter_map(Value::as_str).map(str::to_owned))
                    }
                    _ => {}
                }
                words_of_schema(value, keys, values);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| words_of_schema(item, keys, values)),
        _ => {}
    }
}

fn values_by_key(value: &Value, under: &mut BTreeMap<String, Vec<Value>>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let known = under.entry(key.clone()).or_default();
                if known.len() < 40 && value.to_string().len() < 2_000 && !known.contains(value) {
                    known.push(value.clone());
                }
                values_by_key(value, under);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| values_by_key(item, under)),
        _ => {}
    }
}

fn junk(dice: &mut Dice) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(5),
        json!(-1),
        json!(2.0),
        json!(1.5),
        json!(""),
        json!("text"),
        json!("a.b"),
        json!("a b"),
        json!([]),
        json!({}),
        json!(["a"]),
        json!(["a", "a"]),
        json!([1, 2]),
        json!([1, 1]),
        json!([{}]),
        json!({"a": 1}),
        json!([null]),
    ];
    dice.pick(&all).clone()
}

fn pick_or_junk(dice: &mut Dice, known: Option<&Vec<Value>>) -> Value {
    match known {
        Some(known) => dice.pick(known).clone(),
        None => junk(dice),
    }
}

/// The JSON pointers of all values inside, the innermost first.
pub(crate) fn addresses(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            addresses(value, &at, found);
            found.push(at);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
            let at = format!("{at}/{index}");
            addresses(value, &at, found);
            found.push(at);
        }),
        _ => {}
    }
}

/// Changes one thing, and says what.
pub(crate) fn mutate(value: &mut Value, dice: &mut Dice, words: &Words) -> String {
    let mut found = Vec::new();
    addresses(value, "", &mut found);
    // The version decides which schema holds; it is not mutated.
    found.retain(|at| at != "/apiVersion");
    let at = dice.pick(&found).clone();
    let (parent, last) = split(&at);
    let parent = value.pointer_mut(parent).unwrap();
    match (dice.roll(6), parent) {
        (0, Value::Object(object)) => {
            object.shift_remove(&last);
            format!("drop {at}")
        }
        (0, Value::Array(items)) => {
            items.remove(last.parse().unwrap());
            format!("drop {at}")
        }
        (1, Value::Object(object)) => {
            let name = match dice.roll(3) {
                0 => format!("{last}s"),
                1 => last.to_uppercase(),
                _ => dice.pick(&words.keys).clone(),
            };
            *object = std::mem::take(object)
                .into_iter()
                .filter(|(key, _)| *key != name || *key == last)
                .map(|(key, value)| {
                    if key == last {
                        (name.clone(), value)
                    } else {
                        (key, value)
                    }
                })
                .collect::<Map<_, _>>();
            format!("rename {at} to {name}")
        }
        (2 | 3, Value::Object(object)) => {
            let name = dice.pick(&words.keys).clone();
            if name == "apiVersion" {
                return "nothing".to_owned();
            }
            let known = words.under.get(&name).filter(|_| dice.roll(4) > 0);
            let added = pick_or_junk(dice, known);
            let said = format!("add {name}: {added} beside {at}");
            object.insert(name, added);
            said
        }
        (4, parent) => {
            let slot = slot(parent, &last);
            if slot.is_string() {
                *slot = json!(dice.pick(&words.values));
            } else {
                let known = words.under.get(&last);
                *slot = pick_or_junk(dice, known);
            }
            format!("set {at} to {slot}")
        }
        (_, parent) => {
            let slot = slot(parent, &last);
            *slot = junk(dice);
            format!("retype {at} to {slot}")
        }
    }
}

fn slot<'v>(parent: &'v mut Value, last: &str) -> &'v mut Value {
    match parent {
        Value::Object(object) => object.get_mut(last).unwrap(),
        Value::Array(items) => &mut items[last.parse::<usize>().unwrap()],
        _ => unreachable!("only objects and arrays have something inside"),
    }
}

/// Takes out what a JSON pointer names.
pub(crate) fn remove(value: &mut Value, at: &str) {
    let (parent, last) = split(at);
    match value.pointer_mut(parent).unwrap() {
        Value::Object(object) => drop(object.shift_remove(&last)),
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        _ => unreachable!("only objects and arrays have something inside"),
    }
}

/// Puts another value where a JSON pointer says.
pub(crate) fn replace(value: &mut Value, at: &str, by: Value) {
    *value.pointer_mut(at).unwrap() = by;
}

fn split(at: &str) -> (&str, String) {
    let (parent, last) = at.rsplit_once('/').unwrap();
    (parent, last.replace("~1", "/").replace("~0", "~"))
}
