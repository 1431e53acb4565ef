//! What a register may hold.

use std::collections::BTreeSet;

use super::parts::ROOT;

/// How many nested collections around a part of the input are distinguished; deeper ones count as one.
const LAYERS: usize = 5;

/// What a register may hold: parts of the input that it may be, parts that may be elements of it, elements of those, and so
/// on; in the last layer also all that may be deeper.
#[derive(Clone, Default, PartialEq)]
pub(in crate::policy::engine) struct AbstractValue(
    pub(in crate::policy::engine) [BTreeSet<usize>; LAYERS],
);

impl AbstractValue {
    pub(in crate::policy::engine) fn input() -> Self {
        let mut held = Self::default();
        held.0[0].insert(ROOT);
        held
    }

    /// Parts that may be anywhere in it.
    pub(in crate::policy::engine) fn anywhere(parts: &BTreeSet<usize>) -> Self {
        Self(std::array::from_fn(|_| parts.clone()))
    }

    pub(in crate::policy::engine) fn parts(&self) -> BTreeSet<usize> {
        self.0.iter().flatten().copied().collect()
    }

    /// A collection that it is in.
    pub(in crate::policy::engine) fn around(&self) -> Self {
        let mut around = Self::default();
        for (layer, parts) in self.0.iter().enumerate() {
            around.0[(layer + 1).min(LAYERS - 1)].extend(parts);
        }
        around
    }

    /// An element, where it is a collection of the program's own.
    pub(in crate::policy::engine) fn element(&self) -> Self {
        Self(std::array::from_fn(|layer| {
            self.0[(layer + 1).min(LAYERS - 1)].clone()
        }))
    }

    /// Says whether that is more than was known.
    pub(in crate::policy::engine) fn add(&mut self, other: &Self) -> bool {
        let mut more = false;
        for (own, theirs) in self.0.iter_mut().zip(&other.0) {
            let before = own.len();
            own.extend(theirs);
            more |= own.len() != before;
        }
        more
    }
}
