//! What is known of all files together: cards and facts, and the document that mesh rules see.
//! Grows with entities, not with documents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::lift::schema::{DOCUMENT_KIND, FieldType, Fields, Schema};
use crate::model::document::Document;
use crate::model::entity::{Entity, EntityKey, LiftedId};
use crate::model::names::EntityNames;
use crate::model::text::{RelPath, SourceText, TextId};
use crate::model::wanted::Wanted;
use crate::policy::engine::packed::{FieldName, Packed, Texts};
use crate::policy::engine::{Datum, Maker};

mod counts;
mod downstream;
mod facts;
mod groups;
mod ids;
mod links;
mod names;
mod pairs;

pub use downstream::affected;
pub use facts::{Facts, FactsBuilder, RuleFacts};
pub use ids::Ids;
pub use pairs::{Pair, pairs};

/// What the mesh keeps of an entity.
#[derive(Debug, Clone)]
pub struct Card {
    /// Its identity.
    pub key: EntityKey,
    /// The file that declares it.
    pub file: RelPath,
    /// Which document of the file, 0-based.
    pub document: usize,
    /// Which entity of the document, 0-based.
    pub ordinal: usize,
    /// The model fields that `policies/model.yaml` marks with `card`.
    pub fields: Packed,
    /// What mesh rules have collected from it.
    pub facts: Facts,
    /// A hash of the text that declares it: another one is another text.
    pub text: u64,
}

impl Card {
    /// A field that is text.
    pub fn text(&self, field: &str) -> Option<String> {
        let value = self.fields.datum().get(field)?;
        value.as_text().map(ToOwned::to_owned)
    }

    /// The team that owns the entity. `None` where its manifest does not say, and for most cards from the cache.
    pub fn owner(&self) -> Option<String> {
        let team = self.fields.datum().get("owner")?.get("team")?;
        team.as_text().map(ToOwned::to_owned)
    }
}

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

    /// The same mesh with the entities of some kinds as another mesh has them: cards and facts.
    #[must_use]
    pub fn governed_by(self, other: &Mesh, governed: &dyn Fn(&str) -> bool) -> Self {
        let own = self.cards.into_iter();
        let own = own.filter(|card| !governed(&card.key.kind));
        let theirs = other.cards.iter().filter(|card| governed(&card.key.kind));
        Self::new(own.chain(theirs.cloned()).collect())
    }

    /// The files of entities of some kinds that another mesh does not have, or has otherwise, and those of what this one
    /// has no longer.
    pub fn differing_files(&self, other: &Mesh, kinds: &dyn Fn(&str) -> bool) -> BTreeSet<RelPath> {
        let of = |mesh: &Mesh| -> BTreeMap<EntityKey, (Packed, RelPath)> {
            let cards = mesh.cards.iter().filter(|card| kinds(&card.key.kind));
            cards
                .map(|card| (card.key.clone(), (card.fields.clone(), card.file.clone())))
                .collect()
        };
        let (own, theirs) = (of(self), of(other));
        let fields = |side: &BTreeMap<EntityKey, (Packed, RelPath)>, key: &EntityKey| {
            side.get(key).map(|(fields, _)| fields.clone())
        };
        let all = own.iter().chain(&theirs);
        let differing = all.filter(|(key, _)| fields(&own, key) != fields(&theirs, key));
        differing.map(|(_, (_, file))| file.clone()).collect()
    }

    /// Gives up all facts, once nobody asks about them any more.
    pub fn forget_facts(&mut self) {
        self.cards
            .par_iter_mut()
            .for_each(|card| card.facts = Facts::none());
    }

    /// How many entities there are, by kind; whole documents are not counted.
    pub fn counts(&self) -> BTreeMap<Arc<str>, usize> {
        let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for card in &self.cards {
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

    /// The first card of an entity, by its kind and id.
    pub fn card(&self, kind: &str, id: &str) -> Option<&Card> {
        let at = self
            .cards
            .partition_point(|card| (&*card.key.kind, &*card.key.id) < (kind, id));
        let card = self.cards.get(at)?;
        (&*card.key.kind == kind && &*card.key.id == id).then_some(card)
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
        let mut texts = Texts::default();
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

    /// The cards of a kind, of each id the first.
    fn first_of<'m>(&'m self, kind: &'m str) -> impl Iterator<Item = &'m Card> {
        let start = self.cards.partition_point(|card| &*card.key.kind < kind);
        let cards = self.cards.iter().skip(start);
        let cards = cards.take_while(move |card| &*card.key.kind == kind);
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

    /// How many cards of a kind there are.
    pub fn count(&self, kind: &str) -> usize {
        let start = self.cards.partition_point(|card| &*card.key.kind < kind);
        let end = self.cards.partition_point(|card| &*card.key.kind <= kind);
        end - start
    }

    /// Whether another mesh has the same cards of a kind, as rules see them.
    pub fn same_kind(&self, other: &Mesh, kind: &str) -> bool {
        let seen = |card: &'_ Card| (card.key.clone(), card.file.clone(), card.fields.clone());
        let (own, theirs) = (self.first_of(kind), other.first_of(kind));
        own.map(seen).eq(theirs.map(seen))
    }
}

/// The card of an entity.
pub fn card(schema: &Schema, entity: &Entity, document: &Document, text: &SourceText) -> Card {
    let common = card_fields(
        schema,
        &schema.common,
        entity,
        entity.fields.root(),
        document,
        text,
    );
    let own = schema.kinds.get(&entity.key.kind).map(|kind| {
        card_fields(
            schema,
            &kind.fields,
            entity,
            entity.fields.root(),
            document,
            text,
        )
    });
    let fields = Datum::fields(common.into_iter().chain(own.into_iter().flatten()));
    Card {
        key: entity.key.clone(),
        file: entity.file.clone(),
        document: entity.document,
        ordinal: entity.ordinal,
        fields: Packed::of(&fields),
        facts: Facts::default(),
        text: TextId::of(text.slice(document.span(entity.origin.node))).0,
    }
}

fn card_fields(
    schema: &Schema,
    specs: &Fields,
    entity: &Entity,
    at: LiftedId,
    document: &Document,
    text: &SourceText,
) -> Vec<(Arc<str>, Datum)> {
    let marked = specs.iter().filter(|(_, spec)| spec.card);
    let mut fields = Vec::new();
    for (name, spec) in marked {
        let Some(value) = entity.fields.field(at, name) else {
            continue;
        };
        // Of a record only what is marked in turn.
        let inner = spec
            .of
            .as_deref()
            .and_then(|of| schema.record(of))
            .filter(|_| spec.ty == FieldType::Record);
        let datum = match inner {
            Some(inner) => Datum::fields(card_fields(schema, inner, entity, value, document, text)),
            None => Maker::default().lifted(
                (&entity.fields, value),
                (document, text),
                &Wanted::all(),
                Vec::new(),
            ),
        };
        fields.push((Arc::from(name.as_str()), datum));
    }
    fields
}
