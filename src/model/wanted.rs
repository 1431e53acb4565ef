//! Which parts of a value somebody reads, so that the rest need not be made.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Which parts of a value are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    all: bool,
    /// Sorted by name.
    fields: Vec<(Arc<str>, Projection)>,
    /// Of the elements of a list, and of fields that are not named.
    items: Option<Box<Projection>>,
}

/// So many fields are looked through one by one.
const FEW: usize = 16;

impl Projection {
    /// All of it.
    pub const fn all() -> Self {
        Self {
            all: true,
            fields: Vec::new(),
            items: None,
        }
    }

    /// What of a field. `None` if the field is not read.
    pub fn field(&self, name: &str) -> Option<&Self> {
        if self.all {
            return Some(self);
        }
        self.named(name).or(self.items.as_deref())
    }

    /// Few fields differ mostly by length, so length is compared first.
    fn named(&self, name: &str) -> Option<&Self> {
        let at = match self.fields.len() {
            0..=FEW => self.fields.iter().position(|(own, _)| **own == *name)?,
            _ => self.place(name).ok()?,
        };
        self.fields.get(at).map(|(_, field)| field)
    }

    /// Where a field is, or would be.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|(own, _)| (**own).cmp(name))
    }

    /// Some fields, and what of elements and other fields.
    pub fn parts_of(fields: BTreeMap<Arc<str>, Projection>, items: Option<Projection>) -> Self {
        Self {
            all: false,
            fields: fields.into_iter().collect(),
            items: items.map(Box::new),
        }
    }

    /// Whether that is all.
    #[cfg(test)]
    pub(crate) fn is_all(&self) -> bool {
        self.all
    }

    /// The parts by name, elements as `*`.
    #[cfg(test)]
    pub(crate) fn parts(&self) -> impl Iterator<Item = (String, &Self)> {
        let items = self.items.iter().map(|items| ("*".to_owned(), &**items));
        let fields = self.fields.iter();
        items.chain(fields.map(|(name, field)| (name.to_string(), field)))
    }

    /// What of each element. `None` if no element is read.
    pub fn items(&self) -> Option<&Self> {
        if self.all {
            return Some(self);
        }
        self.items.as_deref()
    }
}

impl Projection {
    /// Reads what another one reads, too.
    pub fn merge(&mut self, other: &Self) {
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
            if let Err(at) = self.place(name) {
                let mut field = theirs.clone();
                if let Some(items) = &before {
                    field.merge(items);
                }
                self.fields.insert(at, (Arc::clone(name), field));
            }
        }
        match (&mut self.items, &other.items) {
            (Some(own), Some(theirs)) => own.merge(theirs),
            (own @ None, Some(theirs)) => *own = Some(theirs.clone()),
            (_, None) => {}
        }
    }
}
