//! Holds a document against the shapes of its format. Allocates only for what is wrong.

use std::sync::Arc;

use super::edition::{
    Edition, ListRule, NumberBounds, RecordShape, ShapeId, Shapes, StandardVersion, TextRule,
};
use super::known_keys::{KnownKeys, kind_of, value_of};
use super::same::find_repeated;
use super::say;
use super::say::Speaker;
use crate::lift::path::KEY;
use crate::lift::scalar::scalar_text;
use crate::model::document::{Document, Entry, NodeId, NodeKind};
use crate::model::path::{ModelPath, Step};
use crate::model::text::SourceText;

/// The most violations that are reported for one document.
pub const MOST_VIOLATIONS: usize = 1_000;

/// Something that does not fit the version that the document declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Where in the raw document, without the leading `document`. A last step `$key` means the key itself; what is
    /// missing is named by the path that it would have.
    pub at: ModelPath,
    /// What is wrong, as a phrase.
    pub message: String,
    /// Text to put there instead, where it is plain what that would be.
    pub fix: Option<String>,
}

/// The violations of a document, in the order of its text. Empty if it fits.
pub fn find_violations(shapes: &Shapes, document: &Document, text: &SourceText) -> Vec<Violation> {
    let root = document.root().node;
    let stated = shapes.version_key.as_ref().and_then(|key| {
        let node = value_of(document, document.entries(root), key)?;
        Some((&**key, scalar_text(document, text, document.resolve(node))?))
    });
    let Some(edition) = shapes.edition(stated.map(|(_, version)| version)) else {
        return Vec::new();
    };
    let mut check = ShapeCheck {
        document,
        text,
        edition,
        speaker: Speaker::new(shapes, edition),
        found: Vec::new(),
    };
    let known = |version: &str| *version == *edition.stated || shapes.is_newer(version);
    if let Some((key, version)) = stated.filter(|(_, version)| !known(version)) {
        let known = shapes.editions.iter().map(|edition| &edition.stated);
        let mut said = say::not_one_of(&format!("`{key}`"), version, known);
        if said.1.is_none() && StandardVersion::parse(version).is_some() {
            said.0
                .push_str(&format!("; did you mean `{}`?", edition.stated));
            said.1 = Some(edition.stated.to_string());
        }
        check.wrong(&Trail::ROOT.key(key), said);
    }
    check.shape(edition.root, root, &Trail::ROOT);
    let mut found = check.found;
    // An invalid version is one mistake, whatever kind of value it is.
    if found.len() > 1 {
        let first = found.first().map(|first| first.at.clone());
        let mut index = 0;
        found.retain(|violation| {
            index += 1;
            index == 1 || Some(&violation.at) != first.as_ref()
        });
    }
    found
}

/// The way down to a value, on the stack.
pub(super) struct Trail<'t>(Option<(&'t Trail<'t>, Here<'t>)>);

#[derive(Clone, Copy)]
enum Here<'t> {
    Key(&'t str),
    Index(usize),
}

impl<'t> Trail<'t> {
    const ROOT: Self = Self(None);

    fn key(&'t self, key: &'t str) -> Self {
        Self(Some((self, Here::Key(key))))
    }

    fn index(&'t self, index: usize) -> Self {
        Self(Some((self, Here::Index(index))))
    }

    fn path(&self) -> Vec<Step> {
        let Some((up, here)) = &self.0 else {
            return Vec::new();
        };
        let mut path = up.path();
        path.push(match here {
            Here::Key(key) => Step::Key(Arc::from(*key)),
            Here::Index(index) => Step::Index(*index),
        });
        path
    }

    /// How messages call the value: `tags`, an item of `tags`.
    fn name(&self) -> String {
        match &self.0 {
            None => "the document".to_owned(),
            Some((_, Here::Key(key))) => format!("`{}`", say::clip_text(key)),
            Some((up, Here::Index(_))) => format!("an item of {}", up.name()),
        }
    }
}

struct ShapeCheck<'c> {
    document: &'c Document,
    text: &'c SourceText,
    edition: &'c Edition,
    speaker: Speaker<'c>,
    found: Vec<Violation>,
}

impl<'c> ShapeCheck<'c> {
    /// Whether the bound on violations is reached.
    fn is_full(&self) -> bool {
        self.found.len() >= MOST_VIOLATIONS
    }

    fn wrong(&mut self, trail: &Trail<'_>, (message, fix): (String, Option<String>)) {
        if !self.is_full() {
            let at = ModelPath(trail.path());
            self.found.push(Violation { at, message, fix });
        }
    }

    fn shape(&mut self, id: ShapeId, node: NodeId, trail: &Trail<'_>) {
        let (document, edition) = (self.document, self.edition);
        let node = document.resolve(node);
        let Some(shape) = edition.shape(id) else {
            return;
        };
        let kind = &document.node(node).kind;
        if !shape.kinds.has(kind_of(kind)) {
            let written = scalar_text(document, self.text, node);
            self.wrong(trail, say::wrong_kind(&trail.name(), kind, written, shape));
            return;
        }
        match kind {
            NodeKind::String(value) => {
                if let Some(rule) = &shape.text {
                    self.text(rule, value, trail);
                }
            }
            NodeKind::Int(_) | NodeKind::Float(_) => {
                if let Some(bounds) = shape.number {
                    self.number(bounds, node, trail);
                }
            }
            NodeKind::Sequence { .. } => {
                if let Some(rule) = shape.list {
                    self.list(rule, node, trail);
                }
            }
            NodeKind::Mapping { .. } => {
                if let Some(record) = &shape.record {
                    self.record(record, node, trail);
                }
            }
            NodeKind::Null | NodeKind::Bool(_) | NodeKind::Alias(_) => {}
        }
    }

    fn text(&mut self, rule: &TextRule, value: &str, trail: &Trail<'_>) {
        match rule {
            TextRule::Enum { values, elsewhere } => {
                if values.iter().any(|known| **known == *value) {
                    return;
                }
                let of_others = elsewhere.iter().find(|(other, _)| **other == *value);
                let said = match of_others {
                    Some((_, when)) => self.speaker.of_another_version(&trail.name(), value, when),
                    None => say::not_one_of(&trail.name(), value, values.iter()),
                };
                self.wrong(trail, said);
            }
            TextRule::Matches { patterns, called } => {
                if !patterns.iter().any(|pattern| pattern.is_match(value)) {
                    self.wrong(trail, say::no_match(&trail.name(), value, called));
                }
            }
        }
    }

    fn number(&mut self, bounds: NumberBounds, node: NodeId, trail: &Trail<'_>) {
        #[allow(clippy::cast_precision_loss, reason = "bounds are small numbers")]
        let value = match self.document.node(node).kind {
            NodeKind::Int(value) => value as f64,
            NodeKind::Float(value) => value,
            _ => return,
        };
        let low = bounds.at_least.is_some_and(|least| value < least)
            || bounds.more_than.is_some_and(|limit| value <= limit);
        if low {
            let written = scalar_text(self.document, self.text, node).unwrap_or_default();
            self.wrong(trail, say::too_small(&trail.name(), written, bounds));
        }
    }

    fn list(&mut self, rule: ListRule, node: NodeId, trail: &Trail<'_>) {
        let items = self.document.items(node);
        let fits =
            items.len() >= rule.at_least && rule.at_most.is_none_or(|most| items.len() <= most);
        if !fits {
            self.wrong(trail, say::wrong_length(&trail.name(), items.len(), rule));
        }
        for (index, item) in items.iter().enumerate() {
            self.shape(rule.item, *item, &trail.index(index));
        }
        if rule.unique {
            for index in find_repeated(self.document, items) {
                let trail = trail.index(index);
                self.wrong(&trail, say::describe_duplicate(&trail.name()));
            }
        }
    }

    fn record(&mut self, record: &RecordShape, node: NodeId, trail: &Trail<'_>) {
        let document = self.document;
        let entries = document.entries(node);
        let known = KnownKeys::of(record, document, entries);
        let before = self.found.len();
        // Keys that an unknown one may stand for: looked for once, however many there are.
        let mut missing = None;
        for entry in entries {
            let name = match document.as_str(entry.key) {
                Some(name) => &**name,
                None => self.text.slice(document.span(entry.key)),
            };
            let trail = trail.key(name);
            match known.get(name) {
                Some(shape) => self.shape(shape, entry.value, &trail),
                None if record.open || known.any || self.is_full() => {}
                None => {
                    let missing = missing.get_or_insert_with(|| known.missing(document, entries));
                    let message = self.speaker.unknown_key(&known, missing, name);
                    self.wrong(&trail.key(KEY), message);
                }
            }
        }
        for fields in known.all() {
            let missing = fields
                .keys
                .iter()
                .filter(|key| key.required && value_of(document, entries, &key.name).is_none());
            for key in missing {
                // A key that is misspelt is one mistake, not two.
                if self.is_meant(before, trail, &key.name) {
                    continue;
                }
                let message = self.speaker.missing(&known, &key.name);
                self.wrong(&trail.key(&key.name), message);
            }
            for group in &fields.exactly_one {
                self.exactly_one(group, &known, entries, trail);
            }
            for group in &fields.at_least_one {
                self.at_least_one(group, &known, entries, trail);
            }
        }
    }

    /// Whether an unknown key of the same mapping is taken for this one.
    fn is_meant(&self, before: usize, trail: &Trail<'_>, name: &str) -> bool {
        let found = self.found.get(before..).unwrap_or_default();
        let length = trail.path().len() + 2;
        found.iter().any(|violation| {
            violation.at.0.len() == length
                && is_key(&violation.at)
                && violation.fix.as_deref() == Some(name)
        })
    }

    fn exactly_one(
        &mut self,
        group: &[Arc<str>],
        known: &KnownKeys<'_>,
        entries: &[Entry],
        trail: &Trail<'_>,
    ) {
        let document = self.document;
        let is_there = |name: &&Arc<str>| value_of(document, entries, name).is_some();
        let mut there = group.iter().filter(is_there);
        match (there.next(), there.next()) {
            (Some(_), None) => {}
            (None, _) => self.none_of(group, "exactly one", known, trail),
            (Some(first), Some(second)) => {
                let message = say::describe_exclusive(first, second);
                self.wrong(&trail.key(second).key(KEY), message);
            }
        }
    }

    fn at_least_one(
        &mut self,
        group: &[Arc<str>],
        known: &KnownKeys<'_>,
        entries: &[Entry],
        trail: &Trail<'_>,
    ) {
        let is_there = |name: &Arc<str>| value_of(self.document, entries, name).is_some();
        if !group.iter().any(is_there) {
            self.none_of(group, "at least one", known, trail);
        }
    }

    fn none_of(
        &mut self,
        group: &[Arc<str>],
        count: &str,
        known: &KnownKeys<'_>,
        trail: &Trail<'_>,
    ) {
        let message = self.speaker.none_of(known, count, group);
        match group.first() {
            Some(first) => self.wrong(&trail.key(first), message),
            None => self.wrong(trail, message),
        }
    }
}

fn is_key(at: &ModelPath) -> bool {
    matches!(at.0.last(), Some(Step::Key(step)) if &**step == KEY)
}
