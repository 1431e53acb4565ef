//! Findings and their places: from an answer, an entity and its document to file, line and column.

use crate::lift::{self, Format, Located};
use crate::model::document::Document;
use crate::model::entity::{Entity, LayoutPlace, LiftedValue};
use crate::model::finding::Related;
use crate::model::location::Location;
use crate::model::path::ModelPath;
use crate::model::text::{SourceText, Span};

/// An entity with all that is needed to find places in it.
#[derive(Clone, Copy)]
pub(crate) struct Site<'s> {
    pub(crate) format: &'s Format,
    pub(crate) entity: &'s Entity,
    pub(crate) document: &'s Document,
    pub(crate) text: &'s SourceText,
    /// The document's part of the text, with the comments before it.
    pub(crate) extent: Span,
}

impl Site<'_> {
    /// The place of a model path, and where an alias uses it or a context file says it.
    pub(crate) fn place(&self, path: &ModelPath) -> (Location, Option<Related>, String) {
        let Located {
            span,
            used_at,
            inherited,
            route,
        } = lift::locate_path(self.format, self.entity, self.document, path);
        let used = used_at.map(|span| Related {
            message: "used here".to_owned(),
            location: Location::of(&self.entity.file, self.text, span),
        });
        let inherited = inherited.map(|location| Related {
            message: "inherited from here".to_owned(),
            location,
        });
        let used = used.or(inherited);
        (
            Location::of(&self.entity.file, self.text, span),
            used,
            route,
        )
    }

    /// The team that the entity names as its owner.
    pub(crate) fn owner(&self) -> Option<String> {
        let fields = &self.entity.fields;
        let owner = fields.field(fields.root(), "owner")?;
        fields.text(owner, "team").map(ToString::to_string)
    }

    /// The domain that the entity names, else the one that its path says.
    pub(crate) fn domain(&self, place: &LayoutPlace) -> Option<String> {
        let fields = &self.entity.fields;
        match fields
            .field(fields.root(), "domain")
            .map(|id| &fields.node(id).value)
        {
            Some(LiftedValue::String(domain)) => Some(domain.to_string()),
            _ => place.get("domain").map(ToString::to_string),
        }
    }
}
