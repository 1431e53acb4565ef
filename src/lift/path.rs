//! Source paths of the format language: `customProperties[property=owner].value`, read once and followed often.

use std::fmt;

use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use super::reference::References;
use crate::model::document::{Document, KeyNames, Name, NodeId, NodeKind, Reached};

/// A path from the current element, an outer level or the root into the document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SourcePath {
    pub(crate) start: Start,
    steps: Vec<PathStep>,
    /// Whether it leads to one value at most. Others don't follow `$ref`: a few lines could stand for a million values.
    is_plain: bool,
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Start {
    /// The current element.
    Element,
    /// The document's root: `$.x`.
    Root,
    /// An outer level by name: `$table.x`.
    Level(Arc<str>),
    /// The key that led to the element: `$key`.
    Key,
    /// What the context file says for the folder: `$models.+group`.
    Scope(Arc<str>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PathStep {
    Key(Name),
    Items,
    Values,
    Index(usize),
    Filter {
        key: Name,
        equals: Arc<str>,
    },
    /// The key that led here: `columns{}.$key`.
    Name,
}

/// What a path is followed from.
#[derive(Debug, Clone)]
pub(crate) struct PathContext<'d> {
    pub(crate) document: &'d Document,
    /// The current element.
    pub(crate) element: Reached,
    /// Its keys.
    names: KeyNames,
    /// Named outer elements.
    levels: Option<Rc<Outer>>,
    /// The elements of a recursion around the current one, outermost first.
    pub(crate) chain: Vec<Reached>,
    /// How `$ref` is followed, where it is.
    pub(crate) references: Option<&'d References<'d>>,
}

/// An outer element that has a name, and those around it.
#[derive(Debug)]
struct Outer {
    name: Arc<str>,
    element: Reached,
    around: Option<Rc<Outer>>,
}

impl<'d> PathContext<'d> {
    /// A context at `element` with no levels around it.
    pub(crate) fn at(document: &'d Document, element: Reached) -> Self {
        Self {
            document,
            element,
            names: document.names(element.node),
            levels: None,
            chain: Vec::new(),
            references: None,
        }
    }

    /// The same where `$ref` is followed.
    pub(crate) fn following(self, references: Option<&'d References<'d>>) -> Self {
        Self { references, ..self }
    }

    /// The same around another element.
    pub(crate) fn with(&self, element: Reached) -> Self {
        Self {
            element,
            names: self.document.names(element.node),
            ..self.clone()
        }
    }

    /// The same with the element as an outer level of that name.
    pub(crate) fn at_level(mut self, name: &Arc<str>) -> Self {
        self.levels = Some(Rc::new(Outer {
            name: Arc::clone(name),
            element: self.element,
            around: self.levels.take(),
        }));
        self
    }

    /// Whether the element has none of these keys.
    pub(crate) fn lacks_all(&self, keys: KeyNames) -> bool {
        self.references.is_none() && !self.names.may_share(keys)
    }

    /// Whether the element has nothing that a path of it leads to.
    fn lacks(&self, path: &SourcePath) -> bool {
        path.first_key()
            .is_some_and(|key| self.references.is_none() && !self.names.may_have(key))
    }

    fn begin(&self, start: &Start) -> Option<Reached> {
        match start {
            Start::Element => Some(self.element),
            Start::Root => Some(self.document.root()),
            Start::Level(name) => {
                std::iter::successors(self.levels.as_deref(), |outer| outer.around.as_deref())
                    .find(|outer| outer.name == *name)
                    .map(|outer| outer.element)
            }
            Start::Key => self.element.key.map(|key| Reached {
                node: key,
                key: None,
                alias: self.element.alias,
            }),
            Start::Scope(_) => None,
        }
    }
}

impl SourcePath {
    /// The key of the document that the path is. `None` for any other path.
    pub(crate) fn only_key(&self) -> Option<&str> {
        match (&self.start, self.steps.as_slice()) {
            (Start::Element | Start::Root, [PathStep::Key(name)]) => Some(name),
            _ => None,
        }
    }

    /// Reads a path; the error says what is wrong with it, as a phrase.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (start, rest) = parse_start(text)?;
        let mut steps = Vec::new();
        let mut rest = rest;
        while !rest.is_empty() {
            rest = parse_step(rest, &mut steps)?;
        }
        let is_one = |step: &PathStep| matches!(step, PathStep::Key(_) | PathStep::Index(_));
        Ok(Self {
            start,
            is_plain: steps.iter().all(is_one),
            steps,
        })
    }

    /// Whether it leads to one value by keys: `dataset.fields`, but neither `.` nor `fields[]`.
    pub(crate) fn is_one_value(&self) -> bool {
        let is_key = |step: &PathStep| matches!(step, PathStep::Key(_));
        self.is_plain && self.steps.last().is_some_and(is_key)
    }

    /// Whether its elements are the values of a mapping, each with a key.
    pub(crate) fn walks_values(&self) -> bool {
        matches!(self.steps.last(), Some(PathStep::Values))
    }

    /// The key of the element without which it leads nowhere. `None` if it may without any.
    pub(crate) fn first_key(&self) -> Option<&Name> {
        match (&self.start, self.steps.first()) {
            (Start::Element, Some(PathStep::Key(key))) => Some(key),
            _ => None,
        }
    }

    /// Calls `visit` with every node the path leads to, nulls and empty text left out, until it breaks.
    pub(crate) fn visit(
        &self,
        context: &PathContext<'_>,
        visit: &mut dyn FnMut(Reached) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if context.lacks(self) {
            return ControlFlow::Continue(());
        }
        match context.begin(&self.start) {
            Some(from) if self.is_plain => match self.one(context, from) {
                Some(at) if !is_absent(context.document, at.node) => visit(at),
                _ => ControlFlow::Continue(()),
            },
            Some(from) => follow(context.document, from, &self.steps, visit),
            None => ControlFlow::Continue(()),
        }
    }

    /// What a plain path leads to.
    fn one(&self, context: &PathContext<'_>, from: Reached) -> Option<Reached> {
        let document = context.document;
        self.steps.iter().try_fold(from, |at, step| match step {
            PathStep::Key(key) => document
                .get_named(at, key)
                .or_else(|| context.references?.get(at, key)),
            PathStep::Index(index) => document.item(at, *index),
            _ => None,
        })
    }

    /// Calls `visit` with what the steps lead to from a node of any document.
    pub(crate) fn visit_from(
        &self,
        document: &Document,
        from: Reached,
        visit: &mut dyn FnMut(Reached) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        follow(document, from, &self.steps, visit)
    }

    /// All nodes that the path leads to. Does not follow `$ref`: elements that refer to themselves would never end.
    pub(crate) fn all(&self, context: &PathContext<'_>) -> Vec<Reached> {
        let mut found = Vec::new();
        if context.lacks(self) {
            return found;
        }
        if let Some(from) = context.begin(&self.start) {
            let _ = self.visit_from(context.document, from, &mut |reached| {
                found.push(reached);
                ControlFlow::Continue(())
            });
        }
        found
    }

    /// The first node that the path leads to.
    pub(crate) fn first(&self, context: &PathContext<'_>) -> Option<Reached> {
        let mut found = None;
        let _ = self.visit(context, &mut |reached| {
            found = Some(reached);
            ControlFlow::Break(())
        });
        found
    }

    /// Where a plain path ends before its last key: the mapping there, and the key that it does not have.
    pub(crate) fn first_missing(&self, context: &PathContext<'_>) -> Option<(Reached, &str)> {
        let mut at = context.begin(&self.start)?;
        for step in &self.steps {
            let PathStep::Key(key) = step else {
                return None;
            };
            match context.document.get_named(at, key) {
                Some(next) => at = next,
                None => return Some((at, key)),
            }
        }
        None
    }

    /// The deepest node on the way that exists, if at least one step of the path does.
    pub(crate) fn deepest(&self, context: &PathContext<'_>) -> Option<Reached> {
        let mut at = context.begin(&self.start)?;
        let mut deepest = None;
        for step in &self.steps {
            let next = match step {
                PathStep::Key(key) => context.document.get_named(at, key),
                PathStep::Index(index) => context.document.item(at, *index),
                PathStep::Items | PathStep::Values | PathStep::Filter { .. } | PathStep::Name => {
                    None
                }
            };
            match next {
                Some(next) => {
                    at = next;
                    deepest = Some(next);
                }
                None => break,
            }
        }
        deepest
    }
}

/// As a format file writes it.
impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = match &self.start {
            Start::Element if self.steps.is_empty() => ".".to_owned(),
            Start::Element => String::new(),
            Start::Root => "$".to_owned(),
            Start::Key => "$key".to_owned(),
            Start::Level(name) | Start::Scope(name) => format!("${name}"),
        };
        f.write_str(&start)?;
        let mut is_first = start.is_empty();
        for step in &self.steps {
            let dot = if is_first { "" } else { "." };
            is_first = false;
            match step {
                PathStep::Key(key) if key.contains(['.', '[', '{', '"', ' ', '$']) => {
                    write!(f, "{dot}\"{}\"", &**key)?;
                }
                PathStep::Key(key) => write!(f, "{dot}{}", &**key)?,
                PathStep::Name => write!(f, "{dot}$key")?,
                PathStep::Items => f.write_str("[]")?,
                PathStep::Values => f.write_str("{}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
                PathStep::Filter { key, equals } => write!(f, "[{}={equals}]", &**key)?,
            }
        }
        Ok(())
    }
}

fn parse_start(text: &str) -> Result<(Start, &str), String> {
    let Some(rest) = text.strip_prefix('$') else {
        if text.trim().is_empty() {
            return Err("the path is empty".to_owned());
        }
        return Ok((Start::Element, text.strip_prefix('.').unwrap_or(text)));
    };
    let end = rest.find(['.', '[', '{']).unwrap_or(rest.len());
    let (name, steps) = rest.split_at(end);
    let steps = steps.strip_prefix('.').unwrap_or(steps);
    let start = match name {
        "" => Start::Root,
        "key" => Start::Key,
        name => Start::Level(name.into()),
    };
    Ok((start, steps))
}

fn parse_step<'t>(text: &'t str, steps: &mut Vec<PathStep>) -> Result<&'t str, String> {
    let rest = if let Some(rest) = text.strip_prefix("{}") {
        steps.push(PathStep::Values);
        rest
    } else if let Some(inner) = text.strip_prefix('[') {
        let (inner, rest) = inner
            .split_once(']')
            .ok_or_else(|| format!("`[` is not closed in `{text}`"))?;
        steps.push(parse_brackets(inner)?);
        rest
    } else if let Some(rest) = text.strip_prefix("$key") {
        steps.push(PathStep::Name);
        rest
    } else if let Some(quoted) = text.strip_prefix('"') {
        let (name, rest) = quoted
            .split_once('"')
            .ok_or_else(|| format!("a quote is not closed in `{text}`"))?;
        steps.push(PathStep::Key(name.into()));
        rest
    } else {
        let end = text.find(['.', '[', '{']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.is_empty() {
            return Err(format!("a key is missing before `{text}`"));
        }
        steps.push(PathStep::Key(name.into()));
        rest
    };
    match rest.strip_prefix('.') {
        Some("") => Err(format!("a key is missing after the last dot of `{text}`")),
        Some(after) => Ok(after),
        None => Ok(rest),
    }
}

fn parse_brackets(inner: &str) -> Result<PathStep, String> {
    if inner.is_empty() {
        return Ok(PathStep::Items);
    }
    if let Some((key, equals)) = inner.split_once('=') {
        return Ok(PathStep::Filter {
            key: key.trim().into(),
            equals: equals.trim().into(),
        });
    }
    inner
        .parse()
        .map(PathStep::Index)
        .map_err(|_| format!("`[{inner}]` must be `[]`, an index or `[key=value]`"))
}

fn follow(
    document: &Document,
    at: Reached,
    steps: &[PathStep],
    visit: &mut dyn FnMut(Reached) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some((step, rest)) = steps.split_first() else {
        return if is_absent(document, at.node) {
            ControlFlow::Continue(())
        } else {
            visit(at)
        };
    };
    let mut on = |next: Reached| follow(document, next, rest, visit);
    let items = || (0..document.items(at.node).len()).filter_map(|index| document.item(at, index));
    let one = match step {
        PathStep::Key(key) => document.get_named(at, key),
        PathStep::Index(index) => document.item(at, *index),
        PathStep::Name => at.key.map(|key| Reached {
            node: key,
            key: None,
            alias: at.alias,
        }),
        PathStep::Items => return items().try_for_each(on),
        PathStep::Values => {
            return document
                .entries(at.node)
                .iter()
                .map(|entry| document.entry_value(at, entry))
                .try_for_each(on);
        }
        PathStep::Filter { key, equals } => {
            return items()
                .filter(|item| {
                    document
                        .get_named(*item, key)
                        .is_some_and(|found| is_text(document, found.node, equals))
                })
                .try_for_each(on);
        }
    };
    one.map_or(ControlFlow::Continue(()), &mut on)
}

/// Whether a node is this text, truth value or whole number.
fn is_text(document: &Document, node: NodeId, wanted: &str) -> bool {
    match &document.node(document.resolve(node)).kind {
        NodeKind::String(text) => **text == *wanted,
        NodeKind::Bool(value) => wanted == if *value { "true" } else { "false" },
        NodeKind::Int(value) => wanted.parse() == Ok(*value),
        _ => false,
    }
}

/// Whether a node counts as not stated: null or empty text.
pub(crate) fn is_absent(document: &Document, node: NodeId) -> bool {
    match &document.node(node).kind {
        NodeKind::Null => true,
        NodeKind::String(text) => text.is_empty(),
        _ => false,
    }
}

/// The last step of a raw path that means the key, not its value; as in the paths of format files.
pub(crate) const KEY: &str = "$key";

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<PathStep> {
        SourcePath::parse(text).unwrap().steps
    }

    #[test]
    fn reads_every_kind_of_step() {
        assert_eq!(
            steps("a.\"b.c\"[].d[k=v]{}[2]"),
            [
                PathStep::Key("a".into()),
                PathStep::Key("b.c".into()),
                PathStep::Items,
                PathStep::Key("d".into()),
                PathStep::Filter {
                    key: "k".into(),
                    equals: "v".into()
                },
                PathStep::Values,
                PathStep::Index(2),
            ]
        );
        assert_eq!(
            SourcePath::parse("$table.name").unwrap().start,
            Start::Level("table".into())
        );
        assert_eq!(SourcePath::parse("$.domain").unwrap().start, Start::Root);
        assert_eq!(SourcePath::parse(".").unwrap().steps, []);
        assert_eq!(steps("{}.$key"), [PathStep::Values, PathStep::Name]);
    }

    #[test]
    fn is_written_as_it_was_read() {
        for text in [
            ".",
            "$",
            "$.domain",
            "$key",
            "$table.name",
            "a.b",
            "a[].b",
            "{}.$key",
            "a{}",
            "\"b.c\".d",
            "customProperties[property=owner].value",
            "people[0]",
        ] {
            assert_eq!(SourcePath::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn mistakes_are_explained() {
        assert!(
            SourcePath::parse("a[b")
                .unwrap_err()
                .contains("is not closed")
        );
        assert!(
            SourcePath::parse("a..b")
                .unwrap_err()
                .contains("a key is missing")
        );
        assert!(SourcePath::parse("a[x]").unwrap_err().contains("must be"));
        assert!(SourcePath::parse("a.").unwrap_err().contains("last dot"));
    }
}
