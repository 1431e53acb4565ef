//! All cards of a mesh, and what rules see of them. Follows no reference: that is for `links`, `ids` and `downstream`.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::card::{Card, Presence};
use super::facts::Facts;
use crate::lift::schema::{DOCUMENT_KIND, Schema};
use crate::model::entity::EntityKey;
use crate::model::names::EntityNames;
use crate::policy::engine::Datum;
use crate::policy::engine::codec::{FieldName, SharedTexts};

/// The whole mesh.
#[derive(Debug, Default)]
pub struct Mesh {
    /// With their facts, sorted by entity, file and document.
    pub cards: Vec<Card>,
}

impl Mesh {
    /// Puts the outcomes of all files together.
    pub fn new(mut cards: Vec<Card>) -> Self {
        // No two are at the same place, so that a sort which is not stable, and takes no room, gives one order.
        cards.par_sort_unstable_by(|a, b| {
            (&a.key, &a.file, a.document, a.ordinal).cmp(&(&b.key, &b.file, b.document, b.ordinal))
        });
        Self { cards }
    }

    /// Drops all facts, once they are no longer needed.
    pub fn forget_facts(&mut self) {
        self.cards
            .par_iter_mut()
            .for_each(|card| card.facts = Facts::none());
    }

    /// How many entities are declared, by kind; whole documents are not counted.
    pub fn counts(&self) -> BTreeMap<Arc<str>, usize> {
        let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for card in self.declared() {
            if &*card.key.kind != DOCUMENT_KIND {
                *counts.entry(Arc::clone(&card.key.kind)).or_default() += 1;
            }
        }
        counts
    }

    /// The names of entities that should not go by their ids.
    pub fn names(&self) -> EntityNames {
        let mut names = EntityNames::default();
        let wants_name = |card: &&Card| EntityNames::wants(&card.key);
        for card in self.cards.iter().filter(wants_name) {
            if let Some(name) = card.text("name") {
                names.add(&card.key, &name);
            }
        }
        names
    }

    /// The cards of what the files of the mesh declare.
    pub fn declared(&self) -> impl DoubleEndedIterator<Item = &Card> {
        let cards = self.cards.iter();
        cards.filter(|card| card.presence != Presence::Governing)
    }

    /// The first card in force of an entity, by its kind and id.
    pub fn card(&self, kind: &str, id: &str) -> Option<&Card> {
        let mut cards = self.cards_of(kind, id);
        cards.find(|card| card.presence != Presence::NotInForce)
    }

    /// Whether a file of the mesh declares an entity.
    pub fn declares(&self, key: &EntityKey) -> bool {
        let mut cards = self.cards_of(&key.kind, &key.id);
        cards.any(|card| card.presence != Presence::Governing)
    }

    fn cards_of<'m>(&'m self, kind: &str, id: &str) -> impl Iterator<Item = &'m Card> {
        let key = |card: &Card| (&*card.key.kind, &*card.key.id).cmp(&(kind, id));
        let start = self.cards.partition_point(|card| key(card).is_lt());
        let end = self.cards.partition_point(|card| key(card).is_le());
        self.cards.get(start..end).unwrap_or_default().iter()
    }

    /// `data.mesh`: the cards of each kind by id, under the kind's plural. Where an id is declared twice, the first
    /// file in order is the one that counts; `discovery/duplicate-id` reports the others.
    pub fn document(&self, schema: &Schema) -> Datum {
        let kinds = schema.kinds.iter();
        Datum::fields(kinds.map(|(kind, spec)| (Arc::clone(&spec.plural), self.kind(kind))))
    }

    /// The part of `data.mesh` that one kind is.
    pub fn kind(&self, kind: &str) -> Datum {
        if kind == DOCUMENT_KIND {
            return Datum::object();
        }
        let names = ["entity", "file"].map(FieldName::new);
        let mut texts = SharedTexts::default();
        let cards = self.first_of(kind).map(|card| {
            let said = [
                Datum::text(&card.key.to_string()),
                Datum::shared_text(card.file.shared()),
            ];
            let more: Vec<(FieldName, Datum)> = names.iter().cloned().zip(said).collect();
            let fields = card.fields.datum_and(&mut texts, &more);
            (Arc::clone(&card.key.id), fields)
        });
        Datum::fields(cards)
    }

    /// The cards in force of a kind, of each id the first.
    pub(super) fn first_of<'m>(&'m self, kind: &'m str) -> impl Iterator<Item = &'m Card> {
        let start = self.cards.partition_point(|card| &*card.key.kind < kind);
        let cards = self.cards.iter().skip(start);
        let cards = cards.take_while(move |card| &*card.key.kind == kind);
        let cards = cards.filter(|card| card.presence != Presence::NotInForce);
        let mut last: Option<&EntityKey> = None;
        cards.filter(move |card| last.replace(&card.key) != Some(&card.key))
    }

    /// All that rules see of a kind, part by part.
    pub fn seen_of<'m>(&'m self, kind: &'m str) -> impl Iterator<Item = &'m [u8]> {
        self.first_of(kind).flat_map(|card| {
            let (id, file) = (card.key.id.as_bytes(), card.file.as_str().as_bytes());
            [id, file, card.fields.bytes()]
        })
    }

    /// How many cards of a kind are in force.
    pub fn count(&self, kind: &str) -> usize {
        let start = self.cards.partition_point(|card| &*card.key.kind < kind);
        let end = self.cards.partition_point(|card| &*card.key.kind <= kind);
        let cards = self.cards.get(start..end).unwrap_or_default().iter();
        let in_force = cards.filter(|card| card.presence != Presence::NotInForce);
        in_force.count()
    }

    /// Whether another mesh has the same cards of a kind, as rules see them.
    pub fn same_kind(&self, other: &Mesh, kind: &str) -> bool {
        let seen = |card: &'_ Card| (card.key.clone(), card.file.clone(), card.fields.clone());
        let (own, theirs) = (self.first_of(kind), other.first_of(kind));
        own.map(seen).eq(theirs.map(seen))
    }
}
