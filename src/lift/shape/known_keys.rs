//! The keys that one mapping may have.

use std::collections::HashSet;

use super::edition::RecordKeys;
use super::{RecordShape, ShapeId, ValueKinds};
use crate::model::document::{Document, Entry, NodeId, NodeKind};
use crate::model::work;

/// The keys that one mapping may have.
pub(super) struct KnownKeys<'k> {
    pub(super) record: &'k RecordShape,
    /// The case that a key chose, with its name.
    pub(super) case: Option<(Option<&'k str>, &'k RecordKeys)>,
    /// Which conditions hold, as bits.
    pub(super) also: u32,
    /// The choosing key has a value without a case, so that other keys can't be judged.
    pub(super) any: bool,
}

impl<'k> KnownKeys<'k> {
    pub(super) fn of(record: &'k RecordShape, document: &Document, entries: &[Entry]) -> Self {
        let mut known = Self {
            record,
            case: None,
            also: 0,
            any: false,
        };
        if let Some(by) = &record.by {
            known.case = match value_of(document, entries, &by.key) {
                None => by.otherwise.as_deref().map(|fields| (None, fields)),
                Some(node) => document.as_str(node).and_then(|chosen| {
                    let case = by.cases.iter().find(|(name, _)| name == chosen);
                    case.map(|(name, fields)| (Some(&**name), &**fields))
                }),
            };
            known.any = known.case.is_none() && value_of(document, entries, &by.key).is_some();
        }
        for (bit, (when, _)) in record.also.iter().enumerate() {
            let holds = value_of(document, entries, &when.key).is_some_and(|node| {
                let node = document.resolve(node);
                when.is.has(kind_of(&document.node(node).kind))
            });
            known.also |= u32::from(holds) << bit;
        }
        known
    }

    /// The case and the conditions come first, because they are narrower.
    pub(super) fn all(&self) -> impl Iterator<Item = &'k RecordKeys> {
        let also = self.record.also.iter().enumerate();
        let bits = self.also;
        let also = also.filter(move |(bit, _)| bits & (1 << bit) != 0);
        let case = self.case.map(|(_, fields)| fields);
        case.into_iter()
            .chain(also.map(|(_, (_, fields))| &**fields))
            .chain([&self.record.own])
    }

    /// The keys that the mapping does not have.
    pub(super) fn missing(&self, document: &Document, entries: &[Entry]) -> Vec<&'k str> {
        work::count_steps(entries.len());
        let keys = entries.iter();
        let there: HashSet<&str> = keys
            .filter_map(|entry| document.as_str(entry.key).map(|key| &**key))
            .collect();
        let known = self.all().flat_map(|fields| &fields.keys);
        let names = known.map(|key| &*key.name);
        names.filter(|name| !there.contains(name)).collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<ShapeId> {
        self.all()
            .find_map(|fields| fields.get(name))
            .map(|key| key.shape)
    }
}

/// The value of a key, the first if there are duplicates. `None` if the key is missing.
pub(super) fn value_of(document: &Document, entries: &[Entry], name: &str) -> Option<NodeId> {
    let is_it = |entry: &&Entry| {
        work::count_steps(1);
        document.as_str(entry.key).is_some_and(|key| **key == *name)
    };
    entries.iter().find(is_it).map(|entry| entry.value)
}

pub(super) fn kind_of(kind: &NodeKind) -> ValueKinds {
    match kind {
        NodeKind::Null | NodeKind::Alias(_) => ValueKinds::NULL,
        NodeKind::Bool(_) => ValueKinds::TRUTH,
        NodeKind::Int(_) => ValueKinds::INTEGER,
        // `1.0` is a whole number.
        NodeKind::Float(value) if value.fract() == 0.0 => ValueKinds::INTEGER,
        NodeKind::Float(_) => ValueKinds::FRACTION,
        NodeKind::String(_) => ValueKinds::TEXT,
        NodeKind::Sequence { .. } => ValueKinds::LIST,
        NodeKind::Mapping { .. } => ValueKinds::MAPPING,
    }
}
