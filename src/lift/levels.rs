//! The elements of a document that a declaration or a list of a format walks over. Lifts no value.

use super::format::OuterLevel;
use super::path::{PathContext, SourcePath};
use crate::model::document::{Document, NodeKind, Reached};

/// The contexts of all elements: through the outer levels, then by the first path of `each` that leads anywhere.
pub(super) fn walk_levels<'d>(
    context: &PathContext<'d>,
    levels: &[OuterLevel],
    each: &[SourcePath],
    found: &mut Vec<PathContext<'d>>,
) {
    if let Some((level, rest)) = levels.split_first() {
        for element in level.path.all(context) {
            let mut inner = context.with(element);
            if let Some(name) = &level.name {
                inner = inner.at_level(name);
            }
            walk_levels(&inner, rest, each, found);
        }
        return;
    }
    if each.is_empty() {
        found.push(context.clone());
        return;
    }
    for path in each {
        let elements = elements(path, context);
        if !elements.is_empty() {
            found.extend(elements.into_iter().map(|element| context.with(element)));
            return;
        }
    }
}

/// What a path of `each` leads to. A path to a list stands for its items, as in lists of text.
fn elements(path: &SourcePath, context: &PathContext<'_>) -> Vec<Reached> {
    let found = path.all(context);
    let document = context.document;
    match found.as_slice() {
        [list] if path.is_one_value() && is_list(document, *list) => {
            let indexes = 0..document.items(list.node).len();
            indexes
                .filter_map(|index| document.item(*list, index))
                .collect()
        }
        _ => found,
    }
}

fn is_list(document: &Document, at: Reached) -> bool {
    matches!(document.node(at.node).kind, NodeKind::Sequence { .. })
}
