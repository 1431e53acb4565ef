//! Local references: a mapping with `$ref: '#/definitions/email'` also has the keys of what the pointer leads to.
//! Its own keys come first. References to other files are not followed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::document::{Document, NodeId, Reached};

/// How many references are followed one after the other; a ring ends there.
const MAX_HOPS: usize = 8;

/// The references of one document. Each mapping on the way of a pointer is indexed once, so that ten thousand columns
/// that refer to ten thousand definitions cost as many steps, not their product.
#[derive(Debug)]
pub(crate) struct References<'d> {
    document: &'d Document,
    indexes: RefCell<HashMap<NodeId, HashMap<Arc<str>, usize>>>,
}

impl<'d> References<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self {
            document,
            indexes: RefCell::default(),
        }
    }

    /// The value of a key that the mapping at `at` has by reference.
    pub(crate) fn get(&self, at: Reached, key: &str) -> Option<Reached> {
        let mut at = at;
        for _ in 0..MAX_HOPS {
            let pointer = self.document.get(at, "$ref")?;
            let pointer = self.document.as_str(pointer.node)?;
            at = self.resolve(pointer.strip_prefix("#/")?)?;
            if let Some(found) = self.document.get(at, key) {
                return Some(found);
            }
        }
        None
    }

    fn resolve(&self, pointer: &str) -> Option<Reached> {
        let mut at = self.document.root();
        for part in pointer.split('/') {
            // RFC 6901
            let part = part.replace("~1", "/").replace("~0", "~");
            at = self.entry(at, &part)?;
        }
        Some(at)
    }

    fn entry(&self, at: Reached, key: &str) -> Option<Reached> {
        let entries = self.document.entries(at.node);
        let mut indexes = self.indexes.borrow_mut();
        let index = indexes.entry(at.node).or_insert_with(|| {
            // The first of duplicates wins, as in `Document::get`.
            entries
                .iter()
                .enumerate()
                .rev()
                .filter_map(|(i, entry)| Some((Arc::clone(self.document.as_str(entry.key)?), i)))
                .collect()
        });
        let entry = entries.get(*index.get(key)?)?;
        Some(self.document.entry_value(at, entry))
    }
}
