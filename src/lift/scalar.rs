//! Scalars as their text.

use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::text::SourceText;

/// A plain value as text: strings unescaped, everything else as it is written.
pub(crate) fn scalar_text<'d>(
    document: &'d Document,
    text: &'d SourceText,
    node: NodeId,
) -> Option<&'d str> {
    match &document.node(node).kind {
        NodeKind::String(value) => Some(value),
        NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) => {
            Some(text.slice(document.span(node)))
        }
        _ => None,
    }
}
