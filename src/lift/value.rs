//! Single values: what a node of a document becomes in the model.

use std::sync::Arc;

use super::condition::read_truth;
use super::format::{Rewrite, Scalar};
use super::scalar::scalar_text;
use crate::model::document::{Document, NodeKind, Reached};
use crate::model::entity::{LiftedNode, LiftedValue};
use crate::model::location::Location;
use crate::model::text::SourceText;

/// A value on its way into the arena.
pub(super) struct ArenaValue {
    pub(super) value: LiftedValue,
    pub(super) origin: Option<Reached>,
    /// Where the context file says it, if that does.
    pub(super) inherited: Option<Box<Location>>,
}

impl ArenaValue {
    pub(super) fn new(value: LiftedValue, origin: Option<Reached>) -> Self {
        Self {
            value,
            origin,
            inherited: None,
        }
    }

    pub(super) fn node(self) -> LiftedNode {
        LiftedNode {
            value: self.value,
            origin: self.origin,
            element: None,
            inherited: self.inherited,
        }
    }
}

/// A value of its target's type.
pub(super) fn read_scalar(
    document: &Document,
    text: &SourceText,
    at: Reached,
    target: Scalar,
) -> Option<LiftedValue> {
    let kind = &document.node(at.node).kind;
    match target {
        Scalar::Raw => Some(LiftedValue::Raw),
        Scalar::Text => match kind {
            NodeKind::String(text) => Some(LiftedValue::String(Arc::clone(text))),
            _ => scalar_text(document, text, at.node).map(|text| LiftedValue::String(text.into())),
        },
        Scalar::Bool => read_truth(document, text, at.node).map(LiftedValue::Bool),
        Scalar::Number => match kind {
            NodeKind::Int(value) => Some(LiftedValue::Int(*value)),
            NodeKind::Float(value) => Some(LiftedValue::Float(*value)),
            NodeKind::String(text) => text.trim().parse().ok().map(LiftedValue::Float),
            _ => None,
        },
    }
}

pub(super) fn rewrite_value(value: LiftedValue, rewrite: &Rewrite) -> Option<LiftedValue> {
    match value {
        LiftedValue::String(text) => rewrite.apply(text).map(LiftedValue::String),
        value => Some(value),
    }
}

/// The items of a list; any other value is one item.
pub(super) fn list_items(document: &Document, at: Reached) -> impl Iterator<Item = Reached> {
    let list = matches!(document.node(at.node).kind, NodeKind::Sequence { .. });
    let count = if list {
        document.items(at.node).len()
    } else {
        1
    };
    (0..count).filter_map(move |index| match list {
        true => document.item(at, index),
        false => Some(at),
    })
}
