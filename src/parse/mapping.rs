//! Closes a mapping: its entries, duplicate keys and merge keys. Linear in the number of entries.

use std::collections::HashMap;

use crate::model::document::{Entry, NameHash, NodeId, NodeKind};
use crate::model::text::text_offset;

use super::Problem;
use super::around::shorten_value;
use super::problem::Stop;
use super::tree::Builder;

/// Up to here comparing every pair of keys is cheaper than hashing them.
const SMALL: usize = 16;

/// What a merged entry costs of the bound on expansion, in bytes: about what it takes in memory.
const ENTRY_COST: u64 = 16;

/// Bytes of aliases that a help names.
const MAX_MERGED: usize = 200;

/// A key as far as two of them can be the same.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(u64),
    String(&'a str),
}

/// What became of one pair.
enum PairOutcome {
    Own(Entry),
    Merge(Entry),
    /// A second key; the node of the first.
    Duplicate(Entry, NodeId),
    /// The key is a list or a mapping.
    Complex(Entry),
}

impl Builder<'_> {
    /// Turns the children from `first` on into entries: the mapping's own in source order, then merged ones.
    pub(super) fn close_mapping(&mut self, first: usize) -> Result<NodeKind, Stop> {
        let start = self.entries.len();
        let mut merges = Vec::new();
        let mut told = Vec::new();
        let pairs = (self.children.len() - first) / 2;
        let mut seen = HashMap::with_capacity(if pairs > SMALL { pairs } else { 0 });
        let mut entries = std::mem::take(&mut self.entries);
        for pair in self
            .children
            .get(first..)
            .unwrap_or_default()
            .chunks_exact(2)
        {
            let [key, value] = pair else { continue };
            let entry = Entry {
                key: *key,
                value: *value,
                merged_by: None,
                name: self.name(*key),
            };
            let own = entries.get(start..).unwrap_or_default();
            if pairs <= SMALL && self.is_first(entry, own) {
                entries.push(entry);
                continue;
            }
            match self.sort(entry, own, pairs <= SMALL, &mut seen) {
                PairOutcome::Own(entry) => entries.push(entry),
                PairOutcome::Merge(entry) => merges.push(entry),
                other => {
                    if let PairOutcome::Complex(entry) = other {
                        entries.push(entry);
                    }
                    told.push(other);
                }
            }
        }
        drop(seen);
        self.entries = entries;
        self.children.truncate(first);
        for pair in told {
            self.tell_pair(&pair);
        }
        if !merges.is_empty() {
            self.merge(start, &merges)?;
        }
        Ok(NodeKind::Mapping {
            first: text_offset(start),
            len: text_offset(self.entries.len() - start),
        })
    }

    /// Whether it is easily seen that a key is text, no merge key, and another than those before it.
    fn is_first(&self, entry: Entry, own: &[Entry]) -> bool {
        let is_text = matches!(self.kind(entry.key), NodeKind::String(text) if **text != *"<<");
        is_text && own.iter().all(|other| other.name != entry.name)
    }

    fn sort<'k>(
        &'k self,
        entry: Entry,
        own: &[Entry],
        small: bool,
        seen: &mut HashMap<Key<'k>, NodeId>,
    ) -> PairOutcome {
        if self.is_merge_key(entry.key) {
            return PairOutcome::Merge(entry);
        }
        let Some(key) = self.key(entry.key) else {
            return PairOutcome::Complex(entry);
        };
        let earlier = if small {
            own.iter()
                .filter(|other| other.name == entry.name)
                .map(|other| other.key)
                .find(|other| self.key(*other).as_ref() == Some(&key))
        } else {
            match seen.entry(key) {
                std::collections::hash_map::Entry::Occupied(earlier) => Some(*earlier.get()),
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(entry.key);
                    None
                }
            }
        };
        earlier.map_or(PairOutcome::Own(entry), |earlier| {
            PairOutcome::Duplicate(entry, earlier)
        })
    }

    /// The hash of a key's text; of anything else it is that of no text.
    fn name(&self, id: NodeId) -> NameHash {
        match self.kind(id) {
            NodeKind::String(text) => NameHash::of(text),
            _ => NameHash::of(""),
        }
    }

    /// What a key compares as; nothing for lists and mappings.
    fn key(&self, id: NodeId) -> Option<Key<'_>> {
        match self.kind(id) {
            NodeKind::Null => Some(Key::Null),
            NodeKind::Bool(bool) => Some(Key::Bool(*bool)),
            NodeKind::Int(int) => Some(Key::Int(*int)),
            NodeKind::Float(float) => Some(Key::Float(float.to_bits())),
            NodeKind::String(text) => Some(Key::String(text)),
            NodeKind::Sequence { .. } | NodeKind::Mapping { .. } | NodeKind::Alias(_) => None,
        }
    }

    /// `<<` without quotes; with them it is a key like others.
    fn is_merge_key(&self, key: NodeId) -> bool {
        matches!(self.nodes.get(key.0 as usize).map(|node| &node.kind), Some(NodeKind::String(text)) if **text == *"<<")
            && self.span(key).len() == 2
    }

    fn tell_pair(&mut self, pair: &PairOutcome) {
        match pair {
            PairOutcome::Duplicate(entry, earlier) => self.tell_duplicate(
                entry.key,
                *earlier,
                "remove or rename one of the two keys; the first is used",
            ),
            PairOutcome::Complex(entry) => {
                let span = self.span(entry.key);
                let is_template = self
                    .text
                    .get(..span.start as usize)
                    .is_some_and(|before| before.ends_with('{'));
                let help = if is_template {
                    "quote the value: a value that starts with `{` is read as a mapping; if the file is a template, add it to `exclude`"
                } else {
                    "write a plain text key"
                };
                self.tell(|| Problem {
                    rule: super::COMPLEX_KEY,
                    message: "a list or mapping is used as a key".to_owned(),
                    help: Some(help.to_owned()),
                    span,
                    related: Vec::new(),
                    fatal: false,
                });
            }
            PairOutcome::Own(_) | PairOutcome::Merge(_) => {}
        }
    }

    fn tell_duplicate(&mut self, key: NodeId, earlier: NodeId, help: &str) {
        let (span, first) = (self.span(key), self.span(earlier));
        let name = match self.kind(key) {
            NodeKind::String(text) => shorten_value(text),
            _ => shorten_value(
                self.text
                    .get(span.start as usize..span.end as usize)
                    .unwrap_or(""),
            ),
        };
        self.tell(|| Problem {
            rule: super::DUPLICATE_KEY,
            message: format!("duplicate key `{name}`"),
            help: Some(help.to_owned()),
            span,
            related: vec![(first, "first defined here".to_owned())],
            fatal: false,
        });
    }

    /// Adds what merge keys bring in to the entries from `start` on. Own keys win, then earlier ones.
    fn merge(&mut self, start: usize, merges: &[Entry]) -> Result<(), Stop> {
        let mut brought = Vec::new();
        for merge in merges {
            self.bring(merge, &mut brought)?;
        }
        if let [first, second, ..] = merges {
            // One help that lists them all, so one finding.
            let help = format!("write `<<: [{}]`; all values are used", self.merged(merges));
            self.tell_duplicate(second.key, first.key, &help);
        }
        let mut keys = HashMap::with_capacity(brought.len() + self.entries.len() - start);
        for entry in self.entries.get(start..).unwrap_or_default() {
            keys.extend(self.key(entry.key).map(|key| (key, ())));
        }
        brought.retain(|entry| {
            self.key(entry.key)
                .is_none_or(|key| keys.insert(key, ()).is_none())
        });
        self.entries.extend(brought);
        Ok(())
    }

    /// The values of merge keys as the items of one list.
    fn merged(&self, merges: &[Entry]) -> String {
        let is_alias = |item: &str| {
            let name = item.strip_prefix('*').unwrap_or_default();
            !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "[]{},*&".contains(c))
        };
        let values = merges.iter().map(|merge| {
            let span = self.span(merge.value);
            let value = self.text.get(span.start as usize..span.end as usize);
            let value = value.unwrap_or_default();
            let list = value
                .strip_prefix('[')
                .and_then(|list| list.strip_suffix(']'));
            list.unwrap_or(value)
        });
        let items: Vec<&str> = values
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let is_short = items.iter().map(|item| item.len()).sum::<usize>() <= MAX_MERGED;
        match is_short && items.iter().all(|item| is_alias(item)) {
            true => items.join(", "),
            false => "*first, *second".to_owned(),
        }
    }

    /// Collects the entries of a merge key's value: a mapping or a list of mappings.
    fn bring(&mut self, merge: &Entry, brought: &mut Vec<Entry>) -> Result<(), Stop> {
        let by = self.alias_of(merge.value);
        match *self.kind(merge.value) {
            NodeKind::Mapping { first, len } => self.bring_mapping(merge, by, first, len, brought),
            NodeKind::Sequence { first, len } => {
                for index in first..first + len {
                    let Some(item) = self.items.get(index as usize).copied() else {
                        continue;
                    };
                    match *self.kind(item) {
                        NodeKind::Mapping { first, len } => {
                            self.bring_mapping(
                                merge,
                                by.or(self.alias_of(item)),
                                first,
                                len,
                                brought,
                            )?;
                        }
                        _ => self.tell_bad_merge(item),
                    }
                }
                // Each item costs, or an alias to a long list of nothing would be free.
                self.expand(u64::from(len) * ENTRY_COST, self.span(merge.value))
            }
            _ => {
                self.tell_bad_merge(merge.value);
                Ok(())
            }
        }
    }

    fn bring_mapping(
        &mut self,
        merge: &Entry,
        by: Option<NodeId>,
        first: u32,
        len: u32,
        brought: &mut Vec<Entry>,
    ) -> Result<(), Stop> {
        self.expand(u64::from(len) * ENTRY_COST, self.span(merge.value))?;
        let range = first as usize..(first + len) as usize;
        let entries = self.entries.get(range).unwrap_or_default();
        brought.extend(entries.iter().map(|entry| Entry {
            merged_by: by.or(entry.merged_by),
            ..*entry
        }));
        Ok(())
    }

    fn alias_of(&self, id: NodeId) -> Option<NodeId> {
        let node = self.nodes.get(id.0 as usize)?;
        matches!(node.kind, NodeKind::Alias(_)).then_some(id)
    }

    fn tell_bad_merge(&mut self, value: NodeId) {
        let span = self.span(value);
        self.tell(|| Problem {
            rule: "parse/bad-merge",
            message: "`<<` can only merge mappings".to_owned(),
            help: Some(
                "refer to the anchor of a mapping (`<<: *name`), or quote the key: `\"<<\"`"
                    .to_owned(),
            ),
            span,
            related: Vec::new(),
            fatal: false,
        });
    }
}
