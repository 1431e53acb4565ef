//! What documents and lifted entities are as Rego values, as far as it is wanted. Nearly every object has the keys that one
//! before it had, as the columns of all tables have: it is made as a copy of an object with those keys, which need not be
//! sorted and compared again, and whose keys no other thread counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::Value;

use super::values::{Datum, float_value};
use crate::model::document::{Document, NameHash, NodeId, NodeKind};
use crate::model::entity::{Lifted, LiftedId, LiftedValue};
use crate::model::text::SourceText;
use crate::model::wanted::Projection;

/// A document and its text.
pub type DocumentText<'d> = (&'d Document, &'d SourceText);

/// Makes values; what it has learned of keys is kept from one to the next.
#[derive(Default)]
pub struct Maker {
    /// Fields of objects that are being made, by their number among the keys.
    fields: Vec<(usize, Value)>,
    /// Keys that objects had, by a part of their hash.
    known: Vec<SeenKeys>,
}

/// Keys that were seen.
#[derive(Default, Clone)]
struct SeenKeys {
    hash: u64,
    /// None if they were seen once.
    form: Option<ObjectTemplate>,
}

/// An object with keys, to be filled.
#[derive(Clone)]
struct ObjectTemplate {
    /// In the order in which they come.
    keys: Vec<Value>,
    empty: Value,
}

/// How many sets of keys are known at once.
const KNOWN: usize = 128;

/// Objects with more keys are not expected to have the keys of others.
const MAX_KEYS: usize = 64;

impl Maker {
    /// What is wanted of an entity's fields, as a Rego object, with some fields more, which win.
    pub fn lifted(
        &mut self,
        (lifted, id): (&Lifted, LiftedId),
        from: DocumentText<'_>,
        wanted: &Projection,
        more: Vec<(&'static str, Datum)>,
    ) -> Datum {
        let LiftedValue::Map(fields) = &lifted.node(id).value else {
            return Datum(self.lifted_value((lifted, id), from, wanted));
        };
        let start = self.fields.len();
        self.lifted_fields((lifted, fields), from, wanted);
        let names: Vec<&str> = more.iter().map(|(name, _)| *name).collect();
        for (number, (_, value)) in more.into_iter().enumerate() {
            self.fields.push((fields.len() + number, value.0));
        }
        let name = |number: usize| match fields.get(number) {
            Some((name, _)) => &**name,
            None => names
                .get(number - fields.len())
                .copied()
                .unwrap_or_default(),
        };
        Datum(self.object(start, &name))
    }

    /// What is wanted of a node of a document, as a Rego value, aliases and merge keys expanded.
    pub fn document(&mut self, from: DocumentText<'_>, node: NodeId, wanted: &Projection) -> Datum {
        Datum(self.node_value(from, node, wanted))
    }

    fn lifted_value(
        &mut self,
        (lifted, id): (&Lifted, LiftedId),
        from: DocumentText<'_>,
        wanted: &Projection,
    ) -> Value {
        let node = lifted.node(id);
        match &node.value {
            LiftedValue::Bool(value) => Value::Bool(*value),
            LiftedValue::Int(value) => Value::from(*value),
            LiftedValue::Float(value) => Value::from(*value),
            LiftedValue::String(value) => Value::String(Arc::clone(value)),
            LiftedValue::List(items) => {
                let mut values = Vec::new();
                if let Some(wanted) = wanted.items() {
                    let items = items.iter();
                    values
                        .extend(items.map(|item| self.lifted_value((lifted, *item), from, wanted)));
                }
                Value::from(values)
            }
            LiftedValue::Map(fields) => {
                let start = self.fields.len();
                self.lifted_fields((lifted, fields), from, wanted);
                self.object(start, &|number| {
                    fields.get(number).map_or("", |(name, _)| name)
                })
            }
            LiftedValue::Raw => node.origin.map_or(Value::Null, |origin| {
                self.node_value(from, origin.node, wanted)
            }),
        }
    }

    fn lifted_fields(
        &mut self,
        (lifted, fields): (&Lifted, &[(Arc<str>, LiftedId)]),
        from: DocumentText<'_>,
        wanted: &Projection,
    ) {
        for (number, (name, value)) in fields.iter().enumerate() {
            if let Some(wanted) = wanted.field(name) {
                let value = self.lifted_value((lifted, *value), from, wanted);
                self.fields.push((number, value));
            }
        }
    }

    fn node_value(&mut self, from: DocumentText<'_>, node: NodeId, wanted: &Projection) -> Value {
        let (document, text) = from;
        let node = document.resolve(node);
        match &document.node(node).kind {
            NodeKind::Null | NodeKind::Alias(_) => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Int(value) => Value::from(*value),
            NodeKind::Float(value) => float_value(*value, text.slice(document.span(node))),
            NodeKind::String(value) => Value::String(Arc::clone(value)),
            NodeKind::Sequence { .. } => {
                let mut values = Vec::new();
                if let Some(wanted) = wanted.items() {
                    let items = document.items(node).iter();
                    values.extend(items.map(|item| self.node_value(from, *item, wanted)));
                }
                Value::from(values)
            }
            NodeKind::Mapping { .. } => {
                let entries = document.entries(node);
                let name = |number: usize| match entries.get(number) {
                    Some(entry) => key_name(from, entry.key),
                    None => "",
                };
                let start = self.fields.len();
                // The first of duplicates wins.
                for (number, entry) in entries.iter().enumerate().rev() {
                    if let Some(wanted) = wanted.field(name(number)) {
                        let value = self.node_value(from, entry.value, wanted);
                        self.fields.push((number, value));
                    }
                }
                self.object(start, &name)
            }
        }
    }

    /// The object of the fields from `start` on; of those that are there twice the last wins.
    fn object<'k>(&mut self, start: usize, name: &dyn Fn(usize) -> &'k str) -> Value {
        let Self { fields, known } = self;
        let own = fields.get(start..).unwrap_or_default();
        if own.is_empty() {
            return Value::new_object();
        }
        let hash = own.iter().fold(0, |hash, (number, _)| {
            NameHash::of(name(*number)).onto(hash)
        });
        if known.is_empty() {
            known.resize(KNOWN, SeenKeys::default());
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a part of the hash will do"
        )]
        let slot = known.get_mut(hash as usize % KNOWN);
        let Some(slot) = slot.filter(|_| own.len() <= MAX_KEYS) else {
            return sorted(fields.drain(start..), name);
        };
        let is_known = slot.hash == hash;
        match &slot.form {
            Some(form) if is_known && form.fits(own, name) => form.filled(fields.drain(start..)),
            _ => {
                // Keys that come once are not worth a form.
                *slot = SeenKeys {
                    hash,
                    form: is_known.then(|| ObjectTemplate::of(own, name)),
                };
                sorted(fields.drain(start..), name)
            }
        }
    }
}

impl ObjectTemplate {
    fn of<'k>(fields: &[(usize, Value)], name: &dyn Fn(usize) -> &'k str) -> Self {
        let keys = fields.iter().map(|(number, _)| Value::from(name(*number)));
        let keys: Vec<Value> = keys.collect();
        let empty: BTreeMap<Value, Value> =
            keys.iter().map(|key| (key.clone(), Value::Null)).collect();
        Self {
            keys,
            empty: Value::from(empty),
        }
    }

    /// Whether its keys are those of some fields.
    fn fits<'k>(&self, fields: &[(usize, Value)], name: &dyn Fn(usize) -> &'k str) -> bool {
        self.keys.len() == fields.len()
            && self
                .keys
                .iter()
                .zip(fields)
                .all(|(key, (number, _))| match key {
                    Value::String(key) => **key == *name(*number),
                    _ => false,
                })
    }

    fn filled(&self, fields: impl Iterator<Item = (usize, Value)>) -> Value {
        let mut filled = self.empty.clone();
        if let Ok(object) = filled.as_object_mut() {
            for (key, (_, value)) in self.keys.iter().zip(fields) {
                if let Some(place) = object.get_mut(key) {
                    *place = value;
                }
            }
        }
        filled
    }
}

fn sorted<'k>(
    fields: impl Iterator<Item = (usize, Value)>,
    name: &dyn Fn(usize) -> &'k str,
) -> Value {
    let fields = fields.map(|(number, value)| (Value::from(name(number)), value));
    Value::from(fields.collect::<BTreeMap<_, _>>())
}

/// A key as text; other keys as they are written.
fn key_name<'d>((document, text): DocumentText<'d>, key: NodeId) -> &'d str {
    match document.as_str(key) {
        Some(name) => name,
        None => text.slice(document.span(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Limits, parse};

    /// What the documents of a text are, made by one maker, and each by one of its own.
    fn both(text: &str) -> (Vec<String>, Vec<String>) {
        let parsed = parse(text.as_bytes(), &Limits::default());
        let mut maker = Maker::default();
        let make = |maker: &mut Maker, document: &Document| {
            let from = (document, &*parsed.text);
            let made = maker.document(from, document.root().node, &Projection::all());
            made.to_json().to_string()
        };
        let documents = parsed.documents.iter();
        documents
            .map(|document| {
                let alone = make(&mut Maker::default(), document);
                (make(&mut maker, document), alone)
            })
            .unzip()
    }

    #[test]
    fn objects_with_keys_that_were_there_before_are_the_same() {
        let (together, alone) = both(
            "- {name: a, type: x}\n- {name: b, type: y}\n- {name: c, type: z}\n- {type: 1, name: d}\n- {name: {name: e, type: f}, type: []}\n",
        );
        assert_eq!(together, alone);
        assert_eq!(
            together[0],
            r#"[{"name":"a","type":"x"},{"name":"b","type":"y"},{"name":"c","type":"z"},{"name":"d","type":1},{"name":{"name":"e","type":"f"},"type":[]}]"#
        );
    }

    #[test]
    fn the_first_of_duplicate_keys_wins_each_time() {
        let one = "{name: first, other: 1, name: second}\n";
        let (together, _) = both(&[one; 4].join("---\n"));
        assert_eq!(together, [r#"{"name":"first","other":1}"#; 4]);
    }

    #[test]
    fn keys_that_are_no_text_are_as_they_are_written() {
        let (together, _) = both(&["{1: a, true: b}\n"; 4].join("---\n"));
        assert_eq!(together, [r#"{"1":"a","true":"b"}"#; 4]);
    }

    #[test]
    fn an_object_of_many_keys_is_whole() {
        let keys = |from: usize| (from..from + 200).map(|key| format!("k{key}: {key}\n"));
        let text = [keys(0), keys(0), keys(7)].map(|keys| keys.collect::<String>());
        let (together, alone) = both(&text.join("---\n"));
        assert_eq!(together, alone);
        assert!(together[2].contains("\"k206\":206"), "{together:?}");
    }
}
