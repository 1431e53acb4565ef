//! What the mesh keeps of an entity, and how that is read from it.

use std::sync::Arc;

use super::facts::Facts;
use crate::lift::schema::{FieldType, Fields, Schema};
use crate::model::document::Document;
use crate::model::entity::{Entity, EntityKey, LiftedId};
use crate::model::text::{RelPath, SourceText, TextId};
use crate::model::wanted::Projection;
use crate::policy::engine::codec::Packed;
use crate::policy::engine::{Datum, Maker};

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
    /// Whether it is declared here and in force.
    pub presence: Presence,
}

/// Whether an entity is declared in its mesh, and whether references resolve to it. The two differ only for entries of
/// registers, where another revision governs the mesh.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Presence {
    /// Declared here, and in force.
    #[default]
    Declared,
    /// Declared here, but not in force: nothing that refers to it finds it.
    NotInForce,
    /// In force, but declared only in the governing revision.
    Governing,
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

/// The card of an entity.
pub fn make_card(schema: &Schema, entity: &Entity, document: &Document, text: &SourceText) -> Card {
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
        presence: Presence::Declared,
    }
}

pub(super) fn card_fields(
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
                &Projection::all(),
                Vec::new(),
            ),
        };
        fields.push((Arc::from(name.as_str()), datum));
    }
    fields
}
