//! The fields of one entity: follows a compiled declaration and keeps, for every value, the node it came from.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::context::Surroundings;
use super::format::{
    Condition, Constant, Declaration, Each, Field, Format, KeyField, NamedField, Rewrite, Scalar,
};
use super::levels::walk_levels;
use super::path::{PathContext, SourcePath, Start};
use super::scalar::scalar_text;
use super::value::{ArenaValue, list_items, read_scalar, rewrite_value};
use crate::model::document::{NodeKind, Reached};
use crate::model::entity::{
    ElementKey, Entity, EntityKey, Lifted, LiftedId, LiftedNode, LiftedValue,
};
use crate::model::text::{RelPath, SourceText};

/// Reads the fields of one element of a document.
pub(super) struct Lifter<'d> {
    pub(super) context: PathContext<'d>,
    pub(super) text: &'d SourceText,
    pub(super) surroundings: Option<Surroundings<'d>>,
}

impl<'d> Lifter<'d> {
    pub(super) fn entity(
        &self,
        format: &Format,
        number: usize,
        declaration: &Declaration,
        file: &RelPath,
        index: usize,
    ) -> Entity {
        let document = self.context.document;
        let mut lifted = if self.context.element == document.root() {
            // Of keys and values together about half become a value of the model.
            Lifted::with_capacity(document.node_count() / 2)
        } else {
            Lifted::default()
        };
        let fields = self.fields(&declaration.fields, &mut lifted);
        let root = lifted.push(LiftedNode {
            value: LiftedValue::Map(fields),
            origin: Some(self.context.element),
            element: None,
            inherited: None,
        });
        let named = element_key(&declaration.key, &lifted, root);
        let (id, anchor) = match named {
            Some(key) => (key.name, key.anchor),
            // Without a name it is identified by its position.
            None => (format!("{file}#{index}.{number}").into(), None),
        };
        Entity {
            key: EntityKey {
                kind: Arc::clone(&declaration.kind),
                id,
            },
            format: Arc::clone(&format.name),
            declaration: number,
            file: file.clone(),
            document: index,
            ordinal: 0,
            origin: self.context.element,
            anchor,
            fields: lifted,
        }
    }

    fn fields(&self, fields: &[NamedField], lifted: &mut Lifted) -> Vec<(Arc<str>, LiftedId)> {
        let mut found = Vec::with_capacity(fields.len());
        for NamedField { name, field, needs } in fields {
            if needs.is_some_and(|keys| self.context.lacks_all(keys)) {
                continue;
            }
            if let Some(value) = self.field(field, lifted) {
                let id = lifted.push(value.node());
                found.push((Arc::clone(name), id));
            }
        }
        found
    }

    fn field(&self, field: &Field, lifted: &mut Lifted) -> Option<ArenaValue> {
        match field {
            Field::Value {
                sources,
                target,
                rewrite,
                default,
            } => sources
                .iter()
                .find_map(|path| self.first(path, *target, rewrite))
                .or_else(|| {
                    let default = LiftedValue::String(Arc::clone(default.as_ref()?));
                    Some(ArenaValue::new(default, None))
                }),
            Field::Join { parts, separator } => self.join(parts, separator, lifted),
            Field::First(fields) => fields.iter().find_map(|field| self.field(field, lifted)),
            Field::Constant(constant) => Some(ArenaValue::new(
                match constant {
                    Constant::Bool(value) => LiftedValue::Bool(*value),
                    Constant::Int(value) => LiftedValue::Int(*value),
                    Constant::Text(value) => LiftedValue::String(Arc::clone(value)),
                },
                None,
            )),
            Field::Test { any, none } => self.test(any, none),
            Field::Has(paths) => Some(ArenaValue::new(
                LiftedValue::Bool(paths.iter().any(|path| self.has(path))),
                None,
            )),
            Field::Chain { path, separator } => self.chain(path, separator),
            Field::Texts {
                sources,
                all,
                rewrite,
            } => self.texts(sources, *all, rewrite, lifted),
            Field::Record(fields) => {
                let fields = self.fields(fields, lifted);
                (!fields.is_empty()).then_some(ArenaValue::new(LiftedValue::Map(fields), None))
            }
            Field::Each(each) => self.each(each, lifted),
            Field::Pairs { from, key, value } => self.pairs(from, key, value, lifted),
        }
    }

    /// The first value of a path, in the document or, for a scope, in the context file.
    fn first(&self, path: &SourcePath, target: Scalar, rewrite: &Rewrite) -> Option<ArenaValue> {
        if let Start::Scope(scope) = &path.start {
            return self
                .inherit(scope, path, target, rewrite)
                .into_iter()
                .next();
        }
        let mut found = None;
        let _ = path.visit(&self.context, &mut |reached| {
            let value = read_scalar(self.context.document, self.text, reached, target);
            match value.and_then(|value| rewrite_value(value, rewrite)) {
                Some(value) => {
                    found = Some(ArenaValue::new(value, Some(reached)));
                    ControlFlow::Break(())
                }
                None => ControlFlow::Continue(()),
            }
        });
        found
    }

    /// The values that the context file has for this element, those of the innermost folder first.
    fn inherit(
        &self,
        scope: &str,
        path: &SourcePath,
        target: Scalar,
        rewrite: &Rewrite,
    ) -> Vec<ArenaValue> {
        let Some(surroundings) = self.surroundings else {
            return Vec::new();
        };
        let file = surroundings.file;
        let mut found = Vec::new();
        for from in surroundings.nodes(scope, &self.context, self.text) {
            let _ = path.visit_from(&file.document, from, &mut |reached| {
                for item in list_items(&file.document, reached) {
                    let value = read_scalar(&file.document, &file.text, item, target);
                    if let Some(value) = value.and_then(|value| rewrite_value(value, rewrite)) {
                        found.push(ArenaValue {
                            value,
                            origin: None,
                            inherited: Some(Box::new(file.location(item))),
                        });
                    }
                }
                ControlFlow::Continue(())
            });
        }
        found
    }

    fn join(&self, parts: &[Field], separator: &str, lifted: &mut Lifted) -> Option<ArenaValue> {
        let mut texts: Vec<Arc<str>> = Vec::new();
        let mut last = None;
        let mut is_whole = false;
        for part in parts {
            let value = self.field(part, lifted);
            is_whole = value.is_some();
            if let Some(ArenaValue {
                value: LiftedValue::String(text),
                origin,
                ..
            }) = value
            {
                texts.push(text);
                last = origin.or(last);
            }
        }
        is_whole.then(|| ArenaValue::new(LiftedValue::String(texts.join(separator).into()), last))
    }

    fn test(&self, any: &[Condition], none: &[Condition]) -> Option<ArenaValue> {
        let holding = |conditions: &[Condition]| {
            conditions
                .iter()
                .find(|condition| condition.holds(&self.context, self.text))
                .map(|condition| condition.path.first(&self.context))
        };
        holding(any)
            .map(|origin| ArenaValue::new(LiftedValue::Bool(true), origin))
            .or_else(|| {
                holding(none).map(|origin| ArenaValue::new(LiftedValue::Bool(false), origin))
            })
    }

    fn has(&self, path: &SourcePath) -> bool {
        let document = self.context.document;
        let mut has = false;
        let _ = path.visit(&self.context, &mut |reached| {
            has = match document.node(reached.node).kind {
                NodeKind::Sequence { len, .. } | NodeKind::Mapping { len, .. } => len > 0,
                _ => true,
            };
            if has {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        has
    }

    fn chain(&self, path: &SourcePath, separator: &str) -> Option<ArenaValue> {
        let document = self.context.document;
        if self.context.chain.is_empty() {
            return self.first(path, Scalar::Text, &Rewrite::default());
        }
        let mut names = Vec::new();
        let mut last = None;
        for element in self.context.chain.iter().chain([&self.context.element]) {
            let inner = PathContext::at(document, *element);
            let _ = path.visit(&inner, &mut |reached| {
                if let Some(name) = scalar_text(document, self.text, reached.node) {
                    names.push(name);
                    last = Some(reached);
                }
                ControlFlow::Break(())
            });
        }
        last.map(|origin| {
            ArenaValue::new(
                LiftedValue::String(names.join(separator).into()),
                Some(origin),
            )
        })
    }

    fn texts(
        &self,
        sources: &[SourcePath],
        all: bool,
        rewrite: &Rewrite,
        lifted: &mut Lifted,
    ) -> Option<ArenaValue> {
        let document = self.context.document;
        let mut found = Vec::new();
        let mut origin = None;
        for path in sources {
            if let Start::Scope(scope) = &path.start {
                found.extend(self.inherit(scope, path, Scalar::Text, rewrite));
            }
            for reached in path.all(&self.context) {
                // A path to a list stands for its items, so that `tags` and `tags[]` mean the same.
                if matches!(document.node(reached.node).kind, NodeKind::Sequence { .. }) {
                    origin = origin.or(Some(reached));
                }
                found.extend(list_items(document, reached).filter_map(|item| {
                    let value = read_scalar(document, self.text, item, Scalar::Text)?;
                    Some(ArenaValue::new(rewrite_value(value, rewrite)?, Some(item)))
                }));
            }
            if !all && !found.is_empty() {
                break;
            }
        }
        let list: Vec<LiftedId> = found
            .into_iter()
            .map(|value| {
                let mut node = value.node();
                if let LiftedValue::String(text) = &node.value {
                    node.element = Some(Box::new(ElementKey {
                        name: Arc::clone(text),
                        anchor: node.origin,
                    }));
                }
                lifted.push(node)
            })
            .collect();
        (!list.is_empty()).then(|| {
            ArenaValue::new(
                LiftedValue::List(list),
                origin.or_else(|| self.list_origin(sources)),
            )
        })
    }

    /// The list that a path's elements are in: where a finding on the list as a whole points.
    fn list_origin(&self, sources: &[SourcePath]) -> Option<Reached> {
        sources.iter().find_map(|path| path.deepest(&self.context))
    }

    fn each(&self, each: &Each, lifted: &mut Lifted) -> Option<ArenaValue> {
        let mut found = Vec::new();
        walk_levels(&self.context, &each.levels, &each.each, &mut found);
        let mut items = Vec::new();
        for mut context in found {
            context.chain = Vec::new();
            self.element(each, context, &mut items, lifted);
        }
        let paths = match each.levels.first() {
            Some(level) => std::slice::from_ref(&level.path),
            None => &each.each,
        };
        (!items.is_empty())
            .then(|| ArenaValue::new(LiftedValue::List(items), self.list_origin(paths)))
    }

    fn element(
        &self,
        each: &Each,
        context: PathContext<'d>,
        items: &mut Vec<LiftedId>,
        lifted: &mut Lifted,
    ) {
        let lifter = Lifter { context, ..*self };
        let fields = lifter.fields(&each.fields, lifted);
        let id = lifted.push(LiftedNode {
            value: LiftedValue::Map(fields),
            origin: Some(lifter.context.element),
            element: None,
            inherited: None,
        });
        let key = element_key(&each.key, lifted, id);
        lifted.node_mut(id).element = key.map(Box::new);
        items.push(id);
        let around = lifter.context.element;
        self.nested(each, &lifter.context, around, items, lifted);
    }

    /// The elements within an element, from a part of it.
    fn nested(
        &self,
        each: &Each,
        part: &PathContext<'d>,
        around: Reached,
        items: &mut Vec<LiftedId>,
        lifted: &mut Lifted,
    ) {
        for path in &each.recurse {
            for element in path.all(part) {
                let mut inner = part.with(element);
                inner.chain.push(around);
                self.element(each, inner, items, lifted);
            }
        }
        for path in &each.through {
            for inner in path.all(part) {
                self.nested(each, &part.with(inner), around, items, lifted);
            }
        }
    }

    fn pairs(
        &self,
        from: &SourcePath,
        key: &SourcePath,
        value: &SourcePath,
        lifted: &mut Lifted,
    ) -> Option<ArenaValue> {
        let mut entries: Vec<(Arc<str>, LiftedId)> = Vec::new();
        let mut names = HashSet::new();
        for element in from.all(&self.context) {
            let inner = Lifter {
                context: self.context.with(element),
                ..*self
            };
            let as_is = Rewrite::default();
            let Some(ArenaValue {
                value: LiftedValue::String(name),
                ..
            }) = inner.first(key, Scalar::Text, &as_is)
            else {
                continue;
            };
            let Some(value) = inner.first(value, Scalar::Raw, &as_is) else {
                continue;
            };
            if names.insert(Arc::clone(&name)) {
                entries.push((name, lifted.push(value.node())));
            }
        }
        (!entries.is_empty())
            .then(|| ArenaValue::new(LiftedValue::Map(entries), from.deepest(&self.context)))
    }
}

/// The name of an element by its key fields: the first alternative of which every part is there.
fn element_key(key: &[KeyField], lifted: &Lifted, id: LiftedId) -> Option<ElementKey> {
    key.iter().find_map(|KeyField(parts)| {
        let named = |part: &Arc<str>| {
            let node = lifted.node(lifted.field(id, part)?);
            match &node.value {
                LiftedValue::String(text) => Some((text, node.origin)),
                _ => None,
            }
        };
        let (last, before) = parts.split_last()?;
        let (name, anchor) = named(last)?;
        if before.is_empty() {
            let name = Arc::clone(name);
            return Some(ElementKey { name, anchor });
        }
        let mut names = String::with_capacity(64);
        for part in before {
            names.push_str(named(part)?.0);
            names.push('.');
        }
        names.push_str(name);
        Some(ElementKey {
            name: names.into(),
            anchor,
        })
    })
}
