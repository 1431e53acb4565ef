//! One YAML or JSON document as a tree whose every node and key knows its span.
//! Nodes lie in one arena; an alias is a node of its own that points at its anchor's node.

use std::sync::Arc;

use super::text::Span;

/// Index of a node in its [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false` (YAML 1.2 core schema).
    Bool(bool),
    /// A whole number that fits 64 bits.
    Int(i64),
    /// Any other number; its exact text is the node's span.
    Float(f64),
    /// A string, unescaped.
    String(Arc<str>),
    /// Items are `Document::items(..)`.
    Sequence {
        /// Index of the first item.
        first: u32,
        /// Number of items.
        len: u32,
    },
    /// Entries are `Document::entries(..)`, merge keys applied.
    Mapping {
        /// Index of the first entry.
        first: u32,
        /// Number of entries.
        len: u32,
    },
    /// `*name`; the anchor's node.
    Alias(NodeId),
}

/// A node: what it is and the text it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Bytes of the value's text; quotes included, the key not.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// A key and its value in a mapping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// The key's node.
    pub key: NodeId,
    /// The value's node.
    pub value: NodeId,
    /// The alias in `<<: *alias` that brought the entry in, if it is not the mapping's own.
    pub merged_by: Option<NodeId>,
    /// A hash of the key's text, so that most others need not be looked at.
    pub name: NameHash,
}

/// A hash of a key's text. Different keys rarely share one, unless they are long and differ only in the middle, which costs
/// a comparison. Never kept beyond the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameHash(u32);

impl NameHash {
    /// One of 64 bits, as a set of names has it.
    fn bit(self) -> u64 {
        1 << (self.0 >> 26)
    }

    /// A number below `count`.
    pub fn among(self, count: usize) -> usize {
        self.0 as usize % count
    }

    /// A hash of several names: this one after those that `hash` stands for.
    #[must_use]
    pub fn onto(self, hash: u64) -> u64 {
        (hash.rotate_left(7) ^ u64::from(self.0)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// The hash of a name: its length, its first eight bytes and its last eight.
    pub fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let (first, last) = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => {
                let short = bytes.iter().rev();
                let word = short.fold(0, |word, byte| word << 8 | u64::from(*byte));
                (word, word)
            }
        };
        let both = first ^ last.rotate_left(29) ^ bytes.len() as u64;
        // 2^64 by the golden ratio, as in Fibonacci hashing: the upper half depends on all bits.
        let spread = both.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self((spread >> 32) as u32)
    }
}

/// A name that is looked up often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    text: Arc<str>,
    hash: NameHash,
}

impl std::ops::Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self {
            hash: NameHash::of(text),
            text: text.into(),
        }
    }
}

/// Some names, as far as it takes to see that most others are not among them: the keys of one mapping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyNames(u64);

impl KeyNames {
    /// Whether this name may be among them.
    pub fn may_have(self, name: &Name) -> bool {
        self.0 & name.hash.bit() != 0
    }

    /// Whether one of the others may be among them.
    pub fn may_share(self, others: KeyNames) -> bool {
        self.0 & others.0 != 0
    }

    /// These and the others.
    #[must_use]
    pub fn and(self, others: KeyNames) -> Self {
        Self(self.0 | others.0)
    }
}

impl From<&Name> for KeyNames {
    fn from(name: &Name) -> Self {
        Self(name.hash.bit())
    }
}

/// A node reached by following keys and indexes, and how it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The node itself, never an alias.
    pub node: NodeId,
    /// The key it is the value of.
    pub key: Option<NodeId>,
    /// The first alias (`*name`) on the way: the text that uses what `node` points at.
    pub alias: Option<NodeId>,
}

/// One document of a file.
#[derive(Debug, Clone)]
pub struct Document {
    nodes: Vec<Node>,
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    root: NodeId,
}

impl Document {
    /// Puts a document together from an arena whose ranges and ids are consistent.
    pub fn new(nodes: Vec<Node>, items: Vec<NodeId>, entries: Vec<Entry>, root: NodeId) -> Self {
        Self {
            nodes,
            items,
            entries,
            root,
        }
    }

    /// The root node, any alias resolved.
    pub fn root(&self) -> Reached {
        self.follow(self.root, None, None)
    }

    /// A node by id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The text span of a node.
    pub fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// How many nodes there are, keys included.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The entries of a mapping in source order; empty for other nodes.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match self.node(self.resolve(id)).kind {
            NodeKind::Mapping { first, len } => {
                &self.entries[first as usize..(first + len) as usize]
            }
            _ => &[],
        }
    }

    /// The items of a sequence; empty for other nodes.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match self.node(self.resolve(id)).kind {
            NodeKind::Sequence { first, len } => {
                &self.items[first as usize..(first + len) as usize]
            }
            _ => &[],
        }
    }

    /// The node that an alias points at, or the node itself.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            NodeKind::Alias(target) => target,
            _ => id,
        }
    }

    /// A string node's text.
    pub fn as_str(&self, id: NodeId) -> Option<&Arc<str>> {
        match &self.node(self.resolve(id)).kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of `key` in the mapping `from`. Keys compare as text; the first of duplicates wins.
    pub fn get(&self, from: Reached, key: &str) -> Option<Reached> {
        let entries = self.entries(from.node);
        if entries.is_empty() {
            return None;
        }
        self.named(from, entries, key, NameHash::of(key))
    }

    /// The same of a name that is looked up often.
    pub fn get_named(&self, from: Reached, name: &Name) -> Option<Reached> {
        self.named(from, self.entries(from.node), &name.text, name.hash)
    }

    fn named(
        &self,
        from: Reached,
        entries: &[Entry],
        key: &str,
        hash: NameHash,
    ) -> Option<Reached> {
        let entry = entries
            .iter()
            .find(|entry| entry.name == hash && self.has_name(entry, key))?;
        Some(self.entry_value(from, entry))
    }

    /// The keys of a mapping, at a glance.
    pub fn names(&self, of: NodeId) -> KeyNames {
        let entries = self.entries(of).iter();
        KeyNames(entries.fold(0, |names, entry| names | entry.name.bit()))
    }

    fn has_name(&self, entry: &Entry, key: &str) -> bool {
        self.as_str(entry.key).is_some_and(|text| &**text == key)
    }

    /// Whether any mapping has this key.
    pub fn uses(&self, key: &str) -> bool {
        let name = NameHash::of(key);
        let entries = self.entries.iter();
        entries
            .filter(|entry| entry.name == name)
            .any(|entry| self.has_name(entry, key))
    }

    /// The value of an entry of the mapping `from`.
    pub fn entry_value(&self, from: Reached, entry: &Entry) -> Reached {
        self.follow(entry.value, Some(entry.key), from.alias.or(entry.merged_by))
    }

    /// The item at `index`, 0-based, of the sequence `from`.
    pub fn item(&self, from: Reached, index: usize) -> Option<Reached> {
        let item = *self.items(from.node).get(index)?;
        Some(self.follow(item, None, from.alias))
    }

    fn follow(&self, id: NodeId, key: Option<NodeId>, alias: Option<NodeId>) -> Reached {
        match self.node(id).kind {
            NodeKind::Alias(target) => Reached {
                node: target,
                key,
                alias: alias.or(Some(id)),
            },
            _ => Reached {
                node: id,
                key,
                alias,
            },
        }
    }
}
