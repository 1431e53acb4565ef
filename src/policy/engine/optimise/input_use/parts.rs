//! Parts of an input as they are found in a program.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::wanted::Projection;

/// The model has some two hundred fields.
pub(in crate::policy::engine) const MAX_PARTS: usize = 4_096;

/// Deeper parts are read whole: a register that is indexed into itself has no end.
const MAX_DEPTH: usize = 12;

/// The input as a whole.
pub(in crate::policy::engine) const ROOT: usize = 0;

/// Parts of the input that are read, as a tree.
pub(in crate::policy::engine) struct InputParts {
    pub(in crate::policy::engine) parts: Vec<InputPart>,
}

#[derive(Default)]
pub(in crate::policy::engine) struct InputPart {
    depth: usize,
    pub(in crate::policy::engine) all: bool,
    fields: BTreeMap<Arc<str>, usize>,
    items: Option<usize>,
}

impl InputParts {
    /// A field, or any element; the part itself if all of it is read already.
    pub(in crate::policy::engine) fn inner(&mut self, of: usize, key: Option<&Arc<str>>) -> usize {
        let part = &mut self.parts[of];
        part.all |= part.depth >= MAX_DEPTH;
        if part.all {
            return of;
        }
        let known = match key {
            Some(key) => part.fields.get(key).copied(),
            None => part.items,
        };
        if let Some(known) = known {
            return known;
        }
        let depth = part.depth + 1;
        let inner = self.parts.len();
        match key {
            Some(key) => {
                self.parts[of].fields.insert(Arc::clone(key), inner);
            }
            None => self.parts[of].items = Some(inner),
        }
        self.parts.push(InputPart {
            depth,
            ..InputPart::default()
        });
        inner
    }

    pub(in crate::policy::engine) fn wanted(&self, of: usize) -> Projection {
        let part = &self.parts[of];
        if part.all {
            return Projection::all();
        }
        let items = part.items.map(|items| self.wanted(items));
        let fields = part.fields.iter().map(|(name, field)| {
            let mut field = self.wanted(*field);
            // Who reads any field reads this one.
            if let Some(items) = &items {
                field.merge(items);
            }
            (Arc::clone(name), field)
        });
        Projection::parts_of(fields.collect(), items)
    }
}
