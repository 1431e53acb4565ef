//! Whether two revisions of an entity say the same: what the common model has of it, and the rest of its document. Comments,
//! formatting, quoting, the order of keys and that of lists whose items have names never count.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::evaluate::locate::Site;
use crate::lift::item_name;
use crate::model::document::{Document, NodeId, NodeKind, Reached};
use crate::model::entity::{LiftedId, LiftedValue};
use crate::model::text::SourceText;

/// Parts outside the common model that are named.
const MAX_NAMED: usize = 20;

/// Fields that announce a change, or name its subject: they are not content.
const NO_CONTENT: [&str; 3] = ["version", "standard", "status"];

/// Keys that say what a document is, for all standards that have them.
const MARKERS: [&str; 2] = ["apiVersion", "kind"];

/// Whether the fields of the common model differ.
pub(super) fn is_changed(before: Site<'_>, now: Site<'_>) -> bool {
    let hash = |site: Site<'_>| {
        let root = site.entity.fields.root();
        let LiftedValue::Map(fields) = &site.entity.fields.node(root).value else {
            return 0;
        };
        let content = fields
            .iter()
            .filter(|(name, _)| !NO_CONTENT.contains(&&**name));
        let content = content.map(|(name, id)| hash_of((&**name, lifted_hash(site, *id))));
        hash_unordered(content.collect())
    };
    hash(before) != hash(now)
}

/// The parts of the document outside the common model that differ, as routes in order: the first of them.
pub(super) fn unmodelled_changes(before: Site<'_>, now: Site<'_>) -> Vec<String> {
    let (before, now) = (UnmodelledContent::of(before), UnmodelledContent::of(now));
    let differs = |(route, value): &(&String, &u64), other: &BTreeMap<String, u64>| {
        other.get(*route) != Some(value)
    };
    let gone = before.iter().filter(|leaf| differs(leaf, &now));
    let come = now.iter().filter(|leaf| differs(leaf, &before));
    let mut routes: Vec<String> = gone.chain(come).map(|(route, _)| route.clone()).collect();
    routes.sort_unstable();
    routes.dedup();
    routes.truncate(MAX_NAMED);
    routes
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn hash_unordered(mut hashes: Vec<u64>) -> u64 {
    hashes.sort_unstable();
    hash_of(hashes)
}

/// Lists of the common model have no order: their items have names, or are plain names themselves.
fn lifted_hash(site: Site<'_>, id: LiftedId) -> u64 {
    let fields = &site.entity.fields;
    let node = fields.node(id);
    match &node.value {
        LiftedValue::Bool(value) => hash_of((0, value)),
        LiftedValue::Int(value) => hash_of((1, value)),
        LiftedValue::Float(value) => hash_of((2, value.to_bits())),
        LiftedValue::String(value) => hash_of((3, value)),
        LiftedValue::List(items) => {
            let items = items.iter().map(|item| lifted_hash(site, *item));
            hash_of((4, hash_unordered(items.collect())))
        }
        LiftedValue::Map(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, id)| hash_of((key, lifted_hash(site, *id))));
            hash_of((5, hash_unordered(entries.collect())))
        }
        LiftedValue::Raw => {
            let origin = node.origin;
            origin.map_or(0, |at| raw_hash(site.document, site.text, at))
        }
    }
}

/// A part of a document: the order of a list counts unless all its items have names.
fn raw_hash(document: &Document, text: &SourceText, at: Reached) -> u64 {
    match &document.node(at.node).kind {
        NodeKind::Mapping { .. } => {
            let entries = document.entries(at.node).iter().map(|entry| {
                let value = raw_hash(document, text, document.entry_value(at, entry));
                hash_of((key_of(document, text, entry.key), value))
            });
            hash_of((5, hash_unordered(entries.collect())))
        }
        NodeKind::Sequence { .. } => {
            let items: Vec<Reached> = (0..document.items(at.node).len())
                .filter_map(|index| document.item(at, index))
                .collect();
            let hashes = items
                .iter()
                .map(|item| raw_hash(document, text, *item))
                .collect();
            match items
                .iter()
                .all(|item| item_name(document, *item).is_some())
            {
                true => hash_of((4, hash_unordered(hashes))),
                false => hash_of((6, hashes)),
            }
        }
        kind => scalar_hash(kind, text.slice(document.span(at.node))),
    }
}

fn scalar_hash(kind: &NodeKind, text: &str) -> u64 {
    match kind {
        NodeKind::String(value) => hash_of((3, value)),
        NodeKind::Bool(value) => hash_of((0, value)),
        NodeKind::Int(value) => hash_of((1, value)),
        NodeKind::Float(value) => hash_of((2, value.to_bits())),
        // Nothing is written in several ways.
        NodeKind::Null => hash_of(7),
        _ => hash_of((8, text)),
    }
}

fn key_of<'d>(document: &'d Document, text: &'d SourceText, key: NodeId) -> &'d str {
    let name = document.as_str(key).map(|name| &**name);
    name.unwrap_or_else(|| text.slice(document.span(key)))
}

/// What of an entity's document the common model does not have: plain values by their route.
struct UnmodelledContent<'r> {
    site: Site<'r>,
    /// Nodes that the model takes over, with all below them.
    modelled: HashSet<NodeId>,
    /// The names of list items, as the format has them.
    names: HashMap<NodeId, Arc<str>>,
    leaves: BTreeMap<String, u64>,
}

impl<'r> UnmodelledContent<'r> {
    fn of(site: Site<'r>) -> BTreeMap<String, u64> {
        let mut rest = Self {
            site,
            modelled: HashSet::new(),
            names: HashMap::new(),
            leaves: BTreeMap::new(),
        };
        rest.take_over(site.entity.fields.root());
        rest.modelled
            .extend(site.entity.anchor.map(|anchor| anchor.node));
        rest.read(site.entity.origin, "");
        rest.leaves
    }

    fn take_over(&mut self, id: LiftedId) {
        let site = self.site;
        let node = site.entity.fields.node(id);
        if let (Some(element), Some(origin)) = (&node.element, node.origin) {
            self.names.insert(origin.node, Arc::clone(&element.name));
            self.modelled
                .extend(element.anchor.map(|anchor| anchor.node));
        }
        match &node.value {
            LiftedValue::List(items) => items.iter().for_each(|item| self.take_over(*item)),
            LiftedValue::Map(entries) => entries.iter().for_each(|(_, id)| self.take_over(*id)),
            _ => self.modelled.extend(node.origin.map(|origin| origin.node)),
        }
    }

    fn read(&mut self, at: Reached, route: &str) {
        if self.modelled.contains(&at.node) {
            return;
        }
        let (document, text) = (self.site.document, self.site.text);
        match &document.node(at.node).kind {
            NodeKind::Mapping { .. } => {
                for entry in document.entries(at.node) {
                    let key = key_of(document, text, entry.key);
                    if route.is_empty() && MARKERS.contains(&key) {
                        continue;
                    }
                    let route = match route {
                        "" => key.to_owned(),
                        route => format!("{route}.{key}"),
                    };
                    self.read(document.entry_value(at, entry), &route);
                }
            }
            NodeKind::Sequence { .. } => {
                for index in 0..document.items(at.node).len() {
                    let Some(item) = document.item(at, index) else {
                        continue;
                    };
                    let known = || self.names.get(&item.node).map(|name| &**name);
                    let route = match item_name(document, item).or_else(known) {
                        Some(name) => format!("{route}[{name}]"),
                        None => format!("{route}[{index}]"),
                    };
                    self.read(item, &route);
                }
            }
            kind => {
                let value = scalar_hash(kind, text.slice(document.span(at.node)));
                self.leaves.insert(route.to_owned(), value);
            }
        }
    }
}
