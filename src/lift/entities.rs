//! The entities of a document, by the declarations of its format. `lifter` reads the fields of each.

use std::sync::Arc;

use super::context::Contexts;
use super::format::{Declaration, Format};
use super::levels::walk_levels;
use super::lifter::Lifter;
use super::path::PathContext;
use super::reference::References;
use super::schema::DOCUMENT_KIND;
use crate::model::document::Document;
use crate::model::entity::{Entity, EntityKey, Lifted, LiftedNode, LiftedValue};
use crate::model::text::{RelPath, SourceText};

/// The declaration number of an entity that stands for its whole document.
pub(crate) const WHOLE_DOCUMENT: usize = usize::MAX;

/// All entities that a document of `format` declares, in source order by declaration; the document itself comes last.
pub fn lift_document(
    format: &Format,
    file: &RelPath,
    index: usize,
    document: &Document,
    text: &SourceText,
    contexts: &Contexts,
) -> Vec<Entity> {
    let declared = &mut |_, own| own;
    lift_as(format, declared, (file, index), document, text, contexts)
}

/// The same with other fields of its declarations, by their number.
pub(crate) fn lift_as<'f>(
    format: &'f Format,
    declared: &mut dyn FnMut(usize, &'f Declaration) -> &'f Declaration,
    (file, index): (&RelPath, usize),
    document: &Document,
    text: &SourceText,
    contexts: &Contexts,
) -> Vec<Entity> {
    let mut entities = Vec::new();
    let references = document.uses("$ref").then(|| References::new(document));
    let surroundings = contexts.around(format, file);
    for (number, declaration) in format.declarations.iter().enumerate() {
        let declaration = declared(number, declaration);
        let mut found = Vec::new();
        let root = PathContext::at(document, document.root()).following(references.as_ref());
        walk_levels(&root, &declaration.levels, &declaration.each, &mut found);
        for context in found {
            let lifter = Lifter {
                context,
                text,
                surroundings,
            };
            if declaration
                .when
                .iter()
                .all(|condition| condition.holds(&lifter.context, text))
            {
                entities.push(lifter.entity(format, number, declaration, file, index));
            }
        }
    }
    let whole = whole_document(format, file, index, document, entities.first());
    entities.push(whole);
    for (ordinal, entity) in entities.iter_mut().enumerate() {
        entity.ordinal = ordinal;
    }
    entities
}

fn whole_document(
    format: &Format,
    file: &RelPath,
    index: usize,
    document: &Document,
    first: Option<&Entity>,
) -> Entity {
    // Its identity is that of what it declares, so that it outlives a move of the file.
    let id = match first {
        Some(entity) if entity.origin == document.root() => entity.key.to_string(),
        _ if index == 0 => file.to_string(),
        _ => format!("{file}#{index}"),
    };
    let mut fields = Lifted::default();
    fields.push(LiftedNode {
        value: LiftedValue::Map(Vec::new()),
        origin: Some(document.root()),
        element: None,
        inherited: None,
    });
    Entity {
        key: EntityKey {
            kind: DOCUMENT_KIND.into(),
            id: id.into(),
        },
        format: Arc::clone(&format.name),
        declaration: WHOLE_DOCUMENT,
        file: file.clone(),
        document: index,
        ordinal: 0,
        origin: document.root(),
        anchor: None,
        fields,
    }
}
