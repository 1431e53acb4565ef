//! Which items of a list are there twice. Fast on lists of any length: files are anybody's.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::known_keys::value_of;
use crate::model::document::{Document, Entry, NodeId, NodeKind};
use crate::model::work;

/// Up to so many items each is compared with each, which needs no memory.
const FEW: usize = 8;

/// The indexes of items that are the same as an earlier one, in order.
pub(super) fn find_repeated(document: &Document, items: &[NodeId]) -> Vec<usize> {
    if items.len() <= FEW {
        let is_again = |(index, item): &(usize, &NodeId)| {
            let before = items.get(..*index).unwrap_or_default();
            before.iter().any(|other| equal(document, *other, **item))
        };
        let again = items.iter().enumerate().filter(is_again);
        return again.map(|(index, _)| index).collect();
    }
    let mut sorted: Vec<(u64, usize, NodeId)> = items
        .iter()
        .enumerate()
        .map(|(index, item)| (hash(document, *item), index, *item))
        .collect();
    sorted.sort_unstable_by_key(|(hash, index, _)| (*hash, *index));
    let mut again: Vec<usize> = sorted
        .chunk_by(|a, b| a.0 == b.0)
        .flat_map(|group| {
            let (first, others) = group.split_at(1);
            others.iter().filter_map(|(_, index, item)| {
                let first = first.first()?.2;
                equal(document, first, *item).then_some(*index)
            })
        })
        .collect();
    again.sort_unstable();
    again
}

/// Whether two values are the same, whatever the order of their keys.
fn equal(document: &Document, one: NodeId, other: NodeId) -> bool {
    let (one, other) = (document.resolve(one), document.resolve(other));
    match (&document.node(one).kind, &document.node(other).kind) {
        (NodeKind::Sequence { .. }, NodeKind::Sequence { .. }) => {
            let (a, b) = (document.items(one), document.items(other));
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(document, *a, *b))
        }
        (NodeKind::Mapping { .. }, NodeKind::Mapping { .. }) => {
            let (a, b) = (document.entries(one), document.entries(other));
            a.len() == b.len() && equal_entries(document, a, b)
        }
        (NodeKind::Int(a), NodeKind::Float(b)) | (NodeKind::Float(b), NodeKind::Int(a)) => {
            float(*a) == *b
        }
        (a, b) => a == b,
    }
}

/// Whether each entry of the one mapping is the same in the other.
fn equal_entries(document: &Document, one: &[Entry], other: &[Entry]) -> bool {
    let mut names = HashMap::new();
    work::count_steps(one.len() * other.len().min(FEW));
    if one.len() > FEW {
        for entry in other {
            if let Some(name) = document.as_str(entry.key) {
                names.entry(&**name).or_insert(entry.value);
            }
        }
    }
    let same = |entry: &Entry| {
        let name = document.as_str(entry.key)?;
        let value = match one.len() > FEW {
            true => names.get(&**name).copied(),
            false => value_of(document, other, name),
        };
        Some(equal(document, entry.value, value?))
    };
    one.iter().all(|entry| same(entry).unwrap_or(false))
}

/// The same for values that are equal.
fn hash(document: &Document, node: NodeId) -> u64 {
    let mut hasher = DefaultHasher::new();
    let node = document.resolve(node);
    match &document.node(node).kind {
        NodeKind::Null | NodeKind::Alias(_) => 0_u8.hash(&mut hasher),
        NodeKind::Bool(value) => value.hash(&mut hasher),
        NodeKind::Int(value) => float(*value).to_bits().hash(&mut hasher),
        NodeKind::Float(value) => value.to_bits().hash(&mut hasher),
        NodeKind::String(value) => value.hash(&mut hasher),
        NodeKind::Sequence { .. } => {
            let items = document.items(node).iter();
            items.for_each(|item| hash_into(document, *item, &mut hasher));
        }
        NodeKind::Mapping { .. } => {
            let entries = document.entries(node).iter();
            let sum = entries.fold(0_u64, |sum, entry| {
                let mut own = DefaultHasher::new();
                document.as_str(entry.key).hash(&mut own);
                hash_into(document, entry.value, &mut own);
                sum.wrapping_add(own.finish())
            });
            sum.hash(&mut hasher);
        }
    }
    hasher.finish()
}

fn hash_into(document: &Document, node: NodeId, hasher: &mut DefaultHasher) {
    hash(document, node).hash(hasher);
}

#[allow(
    clippy::cast_precision_loss,
    reason = "`1` and `1.0` are one number, as in JSON"
)]
fn float(value: i64) -> f64 {
    value as f64
}
