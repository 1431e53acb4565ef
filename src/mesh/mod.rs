//! What is known of all files together: cards and facts, and the document that mesh rules see.
//! Grows with entities, not with documents.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::lift::schema::{DOCUMENT_KIND, FieldType, Fields, Schema};
use crate::model::document::Document;
use crate::model::entity::{Entity, EntityKey, LiftedId};
use crate::model::path::ModelPath;
use crate::model::text::{RelPath, SourceText};
use crate::policy::engine::{Datum, lifted_datum};

mod downstream;
mod links;
mod pairs;

pub use downstream::affected;
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
    pub fields: Datum,
    /// A hash of the text that declares it: another one is another text.
    pub text: u64,
}

impl Card {
    /// A field that is text.
    pub fn text(&self, field: &str) -> Option<String> {
        let value = self.fields.get(field)?;
        value.as_text().map(ToOwned::to_owned)
    }
}

/// What a mesh rule has collected from an entity.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The rule, by its index in the pack.
    pub rule: usize,
    /// The entity.
    pub entity: EntityKey,
    /// The file that declares the entity.
    pub file: RelPath,
    /// Which document of the file, 0-based.
    pub document: usize,
    /// Which entity of the document, 0-based.
    pub ordinal: usize,
    /// Where in the entity: the fact's own `at`.
    pub at: ModelPath,
    /// What the rule wrote.
    pub value: Datum,
}

/// The whole mesh.
#[derive(Debug, Default)]
pub struct Mesh {
    /// Sorted by entity, file and document.
    pub cards: Vec<Card>,
    /// Sorted by rule, entity, file, document and value.
    pub facts: Vec<Fact>,
}

impl Mesh {
    /// Puts the outcomes of all files together.
    pub fn new(mut cards: Vec<Card>, mut facts: Vec<Fact>) -> Self {
        cards.sort_by(|a, b| {
            (&a.key, &a.file, a.document, a.ordinal).cmp(&(&b.key, &b.file, b.document, b.ordinal))
        });
        facts.sort_by(|a, b| {
            (a.rule, &a.entity, &a.file, a.document, a.ordinal, &a.value)
                .cmp(&(b.rule, &b.entity, &b.file, b.document, b.ordinal, &b.value))
        });
        Self { cards, facts }
    }

    /// The same mesh with the entities of some kinds as another mesh has them: cards and facts.
    #[must_use]
    pub fn governed_by(self, other: &Mesh, governed: &dyn Fn(&str) -> bool) -> Self {
        let theirs = |key: &EntityKey| governed(&key.kind);
        let own_cards = self.cards.into_iter().filter(|card| !theirs(&card.key));
        let own_facts = self.facts.into_iter().filter(|fact| !theirs(&fact.entity));
        let cards = other.cards.iter().filter(|card| theirs(&card.key));
        let facts = other.facts.iter().filter(|fact| theirs(&fact.entity));
        Self::new(
            own_cards.chain(cards.cloned()).collect(),
            own_facts.chain(facts.cloned()).collect(),
        )
    }

    /// The files of entities of some kinds that another mesh does not have, or has otherwise, and those of what this one
    /// has no longer.
    pub fn differing_files(&self, other: &Mesh, kinds: &dyn Fn(&str) -> bool) -> BTreeSet<RelPath> {
        let of = |mesh: &Mesh| -> BTreeMap<EntityKey, (Datum, RelPath)> {
            let cards = mesh.cards.iter().filter(|card| kinds(&card.key.kind));
            cards
                .map(|card| (card.key.clone(), (card.fields.clone(), card.file.clone())))
                .collect()
        };
        let (own, theirs) = (of(self), of(other));
        let fields = |side: &BTreeMap<EntityKey, (Datum, RelPath)>, key: &EntityKey| {
            side.get(key).map(|(fields, _)| fields.clone())
        };
        let all = own.iter().chain(&theirs);
        let differing = all.filter(|(key, _)| fields(&own, key) != fields(&theirs, key));
        differing.map(|(_, (_, file))| file.clone()).collect()
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

    /// The facts of one rule, by its index in the pack.
    pub fn facts_of(&self, rule: usize) -> &[Fact] {
        let start = self.facts.partition_point(|fact| fact.rule < rule);
        let end = self.facts.partition_point(|fact| fact.rule <= rule);
        self.facts.get(start..end).unwrap_or_default()
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
        let mut kinds: BTreeMap<Arc<str>, Vec<(Arc<str>, Datum)>> = schema
            .kinds
            .values()
            .map(|kind| (Arc::clone(&kind.plural), Vec::new()))
            .collect();
        let mut last: Option<&EntityKey> = None;
        for card in &self.cards {
            let Some(spec) = schema.kinds.get(&card.key.kind) else {
                continue;
            };
            if last == Some(&card.key) || &*card.key.kind == DOCUMENT_KIND {
                continue;
            }
            last = Some(&card.key);
            let fields = card.fields.with([
                (Arc::from("entity"), Datum::text(&card.key.to_string())),
                (Arc::from("file"), Datum::text(card.file.as_str())),
            ]);
            if let Some(cards) = kinds.get_mut(&spec.plural) {
                cards.push((Arc::clone(&card.key.id), fields));
            }
        }
        Datum::fields(
            kinds
                .into_iter()
                .map(|(plural, cards)| (plural, Datum::fields(cards))),
        )
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
        fields,
        text: hash(text.slice(document.span(entity.origin.node))),
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
            None => lifted_datum(&entity.fields, value, document, text),
        };
        fields.push((Arc::from(name.as_str()), datum));
    }
    fields
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
