//! Parts of an input: as they are found in a program, and as values are made by them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Which parts of a value are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    all: bool,
    fields: BTreeMap<Arc<str>, Wanted>,
    /// Of the elements of a list, and of fields that are not named.
    items: Option<Box<Wanted>>,
}

impl Wanted {
    /// All of it.
    pub const fn all() -> Self {
        Self {
            all: true,
            fields: BTreeMap::new(),
            items: None,
        }
    }

    /// What of a field; none if the field is not read.
    pub fn field(&self, name: &str) -> Option<&Self> {
        if self.all {
            return Some(self);
        }
        self.fields.get(name).or(self.items.as_deref())
    }

    /// Whether that is all.
    #[cfg(test)]
    pub(in crate::policy::engine) fn is_all(&self) -> bool {
        self.all
    }

    /// The parts by name, elements as `*`.
    #[cfg(test)]
    pub(in crate::policy::engine) fn parts(&self) -> impl Iterator<Item = (String, &Self)> {
        let items = self.items.iter().map(|items| ("*".to_owned(), &**items));
        let fields = self.fields.iter();
        items.chain(fields.map(|(name, field)| (name.to_string(), field)))
    }

    /// What of each element; none if no element is read.
    pub fn items(&self) -> Option<&Self> {
        if self.all {
            return Some(self);
        }
        self.items.as_deref()
    }
}

/// The model has some two hundred fields.
pub(super) const MAX_PARTS: usize = 4_096;

/// Deeper parts are read whole: a register that is indexed into itself has no end.
const MAX_DEPTH: usize = 12;

/// The input as a whole.
pub(super) const ROOT: usize = 0;

/// Parts of the input that are read, as a tree.
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
}

#[derive(Default)]
pub(super) struct Part {
    depth: usize,
    pub(super) all: bool,
    fields: BTreeMap<Arc<str>, usize>,
    items: Option<usize>,
}

impl Parts {
    /// A field, or any element; the part itself if all of it is read anyway.
    pub(super) fn inner(&mut self, of: usize, key: Option<&Arc<str>>) -> usize {
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
        self.parts.push(Part {
            depth,
            ..Part::default()
        });
        inner
    }

    pub(super) fn wanted(&self, of: usize) -> Wanted {
        let part = &self.parts[of];
        if part.all {
            return Wanted::all();
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
        Wanted {
            all: false,
            fields: fields.collect(),
            items: items.map(Box::new),
        }
    }
}

impl Wanted {
    /// Reads what another one reads, too.
    fn merge(&mut self, other: &Self) {
        if other.all {
            *self = Self::all();
        }
        if self.all {
            return;
        }
        let before = self.items.clone();
        for (name, field) in &mut self.fields {
            if let Some(theirs) = other.field(name) {
                field.merge(theirs);
            }
        }
        for (name, theirs) in &other.fields {
            if !self.fields.contains_key(name) {
                let mut field = theirs.clone();
                if let Some(items) = &before {
                    field.merge(items);
                }
                self.fields.insert(Arc::clone(name), field);
            }
        }
        match (&mut self.items, &other.items) {
            (Some(own), Some(theirs)) => own.merge(theirs),
            (own @ None, Some(theirs)) => *own = Some(theirs.clone()),
            (_, None) => {}
        }
    }
}
