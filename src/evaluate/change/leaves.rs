//! The content of an entity in its manifest, leaf by leaf: each plain value with the way to it, as a hash. Named items of
//! lists are identified by name, so that their order does not matter.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::locate::Site;
use crate::lift::item_name;
use crate::model::document::{Document, NodeId, NodeKind, Reached};
use crate::model::text::{SourceText, TextId};

/// Leaves of one entity that are looked at.
const MAX_LEAVES: usize = 50_000;

/// The most bytes that a value counts as: a long text weighs no more than this.
const MAX_LENGTH: usize = 200;

/// Leaves that do not count.
pub(super) type Ignored = BTreeSet<u64>;

/// The plain values of an entity by their hash, with the length of each. Its id is not among them.
#[derive(Debug, Default)]
pub(super) struct Leaves(BTreeMap<u64, usize>);

/// How much of an entity another one has.
#[derive(Debug, Default)]
pub(super) struct KeptShare {
    /// Leaves of the entity.
    pub(super) count: usize,
    /// Those that the other has as well.
    pub(super) kept: usize,
    /// The length of all.
    pub(super) length: usize,
    /// The length of those that the other has as well.
    pub(super) kept_length: usize,
}

impl Leaves {
    pub(super) fn of(site: Site<'_>) -> Self {
        let mut reader = LeafReader {
            document: site.document,
            text: site.text,
            id: &site.entity.key.id,
            anchor: site.entity.anchor.map(|anchor| anchor.node),
            leaves: BTreeMap::new(),
        };
        reader.read(site.entity.origin, "");
        Self(reader.leaves)
    }

    /// Leaves that more than one of several entities has.
    pub(super) fn common<'l>(all: impl Iterator<Item = &'l Self>) -> Ignored {
        let (mut once, mut common) = (BTreeSet::new(), BTreeSet::new());
        for leaf in all.flat_map(|leaves| leaves.0.keys()) {
            if !once.insert(*leaf) {
                common.insert(*leaf);
            }
        }
        common
    }

    /// Those that are not to be ignored.
    pub(super) fn telling<'l>(&'l self, ignored: &'l Ignored) -> impl Iterator<Item = u64> + 'l {
        let all = self.0.keys().copied();
        all.filter(|leaf| !ignored.contains(leaf))
    }

    /// How much of this another entity has.
    pub(super) fn kept_in(&self, other: &Self, ignored: &Ignored) -> KeptShare {
        let mut kept = KeptShare::default();
        for (leaf, length) in self.0.iter().filter(|(leaf, _)| !ignored.contains(leaf)) {
            kept.count += 1;
            kept.length += length;
            if other.0.contains_key(leaf) {
                kept.kept += 1;
                kept.kept_length += length;
            }
        }
        kept
    }
}

struct LeafReader<'r> {
    document: &'r Document,
    text: &'r SourceText,
    id: &'r str,
    anchor: Option<NodeId>,
    leaves: BTreeMap<u64, usize>,
}

impl LeafReader<'_> {
    fn read(&mut self, at: Reached, route: &str) {
        if self.leaves.len() >= MAX_LEAVES {
            return;
        }
        let document = self.document;
        match &document.node(at.node).kind {
            NodeKind::Mapping { .. } => {
                for entry in document.entries(at.node) {
                    let key = document.as_str(entry.key).map(|key| &**key);
                    let key = key.unwrap_or_else(|| self.text.slice(document.span(entry.key)));
                    self.read(document.entry_value(at, entry), &format!("{route}\0{key}"));
                }
            }
            NodeKind::Sequence { .. } => {
                for index in 0..document.items(at.node).len() {
                    let Some(item) = document.item(at, index) else {
                        continue;
                    };
                    let step = match item_name(document, item) {
                        Some(name) => format!("{route}\0[{name}]"),
                        None => format!("{route}\0#"),
                    };
                    self.read(item, &step);
                }
            }
            kind => {
                let value = match kind {
                    NodeKind::String(text) => text,
                    _ => self.text.slice(document.span(at.node)),
                };
                if Some(at.node) != self.anchor && value != self.id {
                    let leaf = TextId::of(&format!("{route}\0={value}")).0;
                    self.leaves.insert(leaf, value.len().clamp(1, MAX_LENGTH));
                }
            }
        }
    }
}
