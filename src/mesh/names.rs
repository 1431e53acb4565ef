//! The domains and owners that a mesh knows: those of registers, and those that entities name. A mesh that is recalled from the
//! cache has most entities without what they name.

use super::{Card, Mesh};
use crate::model::kinds;

impl Mesh {
    /// The registered domains, and those that entities name.
    pub fn domains(&self) -> impl Iterator<Item = String> {
        let named = self.cards.iter().filter_map(|card| card.text("domain"));
        self.ids_of(kinds::DOMAIN).chain(named)
    }

    /// The registered teams, and those that own entities.
    pub fn owners(&self) -> impl Iterator<Item = String> {
        let named = self.cards.iter().filter_map(Card::owner);
        self.ids_of(kinds::TEAM).chain(named)
    }

    fn ids_of<'m>(&'m self, kind: &'m str) -> impl Iterator<Item = String> {
        self.first_of(kind).map(|card| card.key.id.to_string())
    }
}
