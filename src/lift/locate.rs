//! From a model path back to the source: the span, and the route that names elements instead of counting them.

use std::fmt::Write as _;

use super::format::{Field, Format, NamedField};
use super::path::{KEY, PathContext};
use super::route::route_name;
use crate::model::document::{Document, NodeKind, Reached};
use crate::model::entity::{Entity, LiftedId, LiftedValue};
use crate::model::location::Location;
use crate::model::path::{ModelPath, Step};
use crate::model::text::Span;

/// Where a model path lies in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The text meant: the value; of a mapping or list its key; of what is missing the nearest parent's key.
    pub span: Span,
    /// The alias that uses the text, if it lies in an anchor: `*name`.
    pub used_at: Option<Span>,
    /// Where the context file says the value, if that does; then the text meant is the nearest parent of the document.
    pub inherited: Option<Location>,
    /// `columns[customers.email].classification`.
    pub route: String,
}

/// Finds a model path of an entity that `format` lifted from `document`. A path that leads nowhere
/// is the place of the deepest part of it that is there.
pub fn locate_path(
    format: &Format,
    entity: &Entity,
    document: &Document,
    path: &ModelPath,
) -> Located {
    if let Some(steps) = path.in_document() {
        return locate_raw(document, document.root(), steps, "document".to_owned());
    }
    let fields = format
        .declarations
        .get(entity.declaration)
        .map(|declaration| declaration.fields.as_slice());
    let mut cursor = Cursor {
        document,
        entity,
        at: Some(entity.fields.root()),
        element: entity.origin,
        place: entity.anchor.unwrap_or(entity.origin),
        fields: fields.unwrap_or_default(),
        field: None,
        route: String::new(),
    };
    for (index, step) in path.0.iter().enumerate() {
        if let Some(raw) = cursor.raw() {
            let route = std::mem::take(&mut cursor.route);
            return locate_raw(
                document,
                raw,
                path.0.get(index..).unwrap_or_default(),
                route,
            );
        }
        cursor.enter(step);
    }
    let (span, used_at) = place_of(document, cursor.place);
    let inherited = cursor
        .at
        .and_then(|at| entity.fields.node(at).inherited.as_deref());
    Located {
        span,
        used_at,
        inherited: inherited.cloned(),
        route: cursor.route,
    }
}

struct Cursor<'c> {
    document: &'c Document,
    entity: &'c Entity,
    /// The value so far; none once the path has left what is there.
    at: Option<LiftedId>,
    /// The source element that paths of the current fields start from.
    element: Reached,
    /// The best place so far.
    place: Reached,
    /// The definitions of the current record's fields.
    fields: &'c [NamedField],
    /// The definition of the current value, where it is a field.
    field: Option<&'c Field>,
    route: String,
}

impl Cursor<'_> {
    fn raw(&self) -> Option<Reached> {
        let node = self.entity.fields.node(self.at?);
        matches!(node.value, LiftedValue::Raw)
            .then_some(node.origin)
            .flatten()
    }

    fn enter(&mut self, step: &Step) {
        match step {
            Step::Key(key) => self.enter_field(key),
            Step::Index(index) => self.enter_element(*index),
        }
    }

    fn enter_field(&mut self, key: &str) {
        if !self.route.is_empty() {
            self.route.push('.');
        }
        self.route.push_str(&route_name(key));
        let definition = self
            .fields
            .iter()
            .find(|field| *field.name == *key)
            .map(|field| &field.field);
        let was_there = self.at.is_some();
        self.at = self.at.and_then(|at| self.entity.fields.field(at, key));
        match self.at {
            Some(at) => {
                if let Some(origin) = self.entity.fields.node(at).origin {
                    self.place = origin;
                }
            }
            None if was_there => {
                // Missing: the deepest part of the path where it would be written.
                let context = PathContext::at(self.document, self.element);
                if let Some(deepest) = definition
                    .and_then(Field::first_source)
                    .and_then(|path| path.deepest(&context))
                {
                    self.place = deepest;
                }
            }
            None => {}
        }
        self.field = definition;
        self.fields = match definition {
            Some(Field::Record(fields)) => fields,
            _ => &[],
        };
    }

    fn enter_element(&mut self, index: usize) {
        let items = self.at.map(|at| &self.entity.fields.node(at).value);
        let item = match items {
            Some(LiftedValue::List(items)) => items.get(index).copied(),
            _ => None,
        };
        self.at = item;
        let Some(item) = item else {
            let _ = write!(self.route, "[{index}]");
            return;
        };
        let node = self.entity.fields.node(item);
        match &node.element {
            Some(key) => {
                let _ = write!(self.route, "[{}]", route_name(&key.name));
            }
            None => {
                let _ = write!(self.route, "[{index}]");
            }
        }
        if let Some(origin) = node.origin {
            self.element = origin;
            self.place = node
                .element
                .as_ref()
                .and_then(|key| key.anchor)
                .unwrap_or(origin);
        }
        self.fields = match self.field {
            Some(Field::Each(each)) => &each.fields,
            _ => &[],
        };
    }
}

/// Finds a path of raw steps from any node of a document; `route` is what the node is called.
pub fn locate_from(document: &Document, from: Reached, steps: &[Step], route: &str) -> Located {
    locate_raw(document, from, steps, route.to_owned())
}

fn locate_raw(document: &Document, from: Reached, steps: &[Step], route: String) -> Located {
    let mut at = from;
    let mut route = route;
    let mut lost = false;
    for (index, step) in steps.iter().enumerate() {
        let next = match step {
            Step::Key(key)
                if &**key == KEY && index + 1 == steps.len() && document.get(at, KEY).is_none() =>
            {
                return key_of(document, at, route);
            }
            Step::Key(key) => {
                let _ = write!(route, ".{}", route_name(key));
                document.get(at, key)
            }
            Step::Index(index) => {
                let item = document.item(at, *index);
                match item.and_then(|item| item_name(document, item)) {
                    Some(name) => {
                        let _ = write!(route, "[{}]", route_name(name));
                    }
                    None => {
                        let _ = write!(route, "[{index}]");
                    }
                }
                item
            }
        };
        match next {
            Some(next) if !lost => at = next,
            _ => lost = true,
        }
    }
    let (span, used_at) = place_of(document, at);
    Located {
        span,
        used_at,
        inherited: None,
        route,
    }
}

/// The place of a key itself, where a value's place would be its value.
fn key_of(document: &Document, at: Reached, route: String) -> Located {
    let (span, used_at) = place_of(document, at);
    Located {
        span: at.key.map_or(span, |key| document.span(key)),
        used_at,
        route,
        inherited: None,
    }
}

/// How a raw list item names itself, so that its identity outlives a change of order.
pub(crate) fn item_name(document: &Document, item: Reached) -> Option<&str> {
    ["id", "name", "property", "key"]
        .iter()
        .find_map(|key| document.get(item, key))
        .and_then(|found| document.as_str(found.node))
        .map(|name| &**name)
}

/// The text to point at: a plain value itself, what is composite at its key or first key, an empty value at its key.
fn place_of(document: &Document, at: Reached) -> (Span, Option<Span>) {
    let used_at = at.alias.map(|alias| document.span(alias));
    let node = document.node(at.node);
    let composite = matches!(
        node.kind,
        NodeKind::Mapping { .. } | NodeKind::Sequence { .. }
    );
    let span = match at.key {
        Some(key) if composite || node.span.is_empty() => document.span(key),
        _ if composite => first_line(document, at),
        _ => node.span,
    };
    (span, used_at)
}

fn first_line(document: &Document, at: Reached) -> Span {
    match document.node(at.node).kind {
        NodeKind::Mapping { .. } => document
            .entries(at.node)
            .first()
            .map_or(document.span(at.node), |e| document.span(e.key)),
        NodeKind::Sequence { .. } => match document.item(at, 0) {
            Some(item) if item.node != at.node => first_line(document, item),
            _ => document.span(at.node),
        },
        _ => document.span(at.node),
    }
}
