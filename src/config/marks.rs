//! A YAML text as a tree of plain values, and the place of each key and value. Nothing is judged here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::model::document::{Document, Entry, NodeId, NodeKind, Reached};
use crate::model::text::{SourceText, Span};
use crate::parse::{self, Limits};

/// A config has three levels and options; a deeper text is refused before serde's parser spends minutes on it.
const DEPTH: usize = 64;

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextMark {
    /// 1-based.
    pub(super) line: u32,
    /// 1-based, in characters.
    pub(super) column: u32,
    /// The text at that place.
    pub(super) span: Span,
}

/// From the root: keys of mappings, indexes of lists.
pub(super) type KeyPath = Vec<String>;

/// The one document of a text.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Its values.
    pub(super) tree: Value,
    keys: BTreeMap<KeyPath, TextMark>,
    values: BTreeMap<KeyPath, TextMark>,
    /// The text.
    pub(super) text: Arc<SourceText>,
    /// Duplicate keys of mappings: the second of each pair.
    pub(super) duplicates: Vec<(KeyPath, TextMark)>,
}

impl Marks {
    /// Marks of a text, or what is wrong with it.
    pub(super) fn of(text: &str) -> Result<Self, (TextMark, String)> {
        let limits = Limits {
            max_depth: DEPTH,
            ..Limits::default()
        };
        let parsed = parse::parse(text.as_bytes(), &limits);
        let mut marks = Self {
            text: Arc::clone(&parsed.text),
            ..Self::default()
        };
        for problem in parsed.problems {
            let mark = mark(&parsed.text, problem.span);
            if problem.fatal {
                return Err((mark, problem.message));
            }
            if problem.rule != parse::DUPLICATE_KEY {
                continue;
            }
            let key = parsed
                .text
                .slice(problem.span)
                .trim_matches(['"', '\''])
                .to_owned();
            marks.duplicates.push((vec![key], mark));
        }
        if let Some(second) = parsed.documents.get(1) {
            let mark = mark(&parsed.text, second.span(second.root().node));
            return Err((
                mark,
                "the file holds more than one YAML document".to_owned(),
            ));
        }
        if let Some(document) = parsed.documents.first() {
            marks.tree = tree(document, &parsed.text, document.root());
            marks.record(document, &parsed.text, document.root(), &mut Vec::new());
        }
        Ok(marks)
    }

    fn record(&mut self, document: &Document, text: &SourceText, at: Reached, path: &mut KeyPath) {
        self.values
            .insert(path.clone(), mark(text, document.span(at.node)));
        let (items, entries) = (document.items(at.node), document.entries(at.node));
        for index in 0..items.len() {
            path.push(index.to_string());
            if let Some(item) = document.item(at, index) {
                self.record(document, text, item, path);
            }
            path.pop();
        }
        let plain = |entry: &&Entry| {
            document.items(entry.key).is_empty() && document.entries(entry.key).is_empty()
        };
        for entry in entries.iter().filter(plain) {
            path.push(key(document, text, entry.key));
            self.keys
                .insert(path.clone(), mark(text, document.span(entry.key)));
            self.record(document, text, document.entry_value(at, entry), path);
            path.pop();
        }
    }

    /// The place of the key at the end of `path`, or of the nearest thing above it.
    pub(super) fn key(&self, path: &[&str]) -> Option<TextMark> {
        nearest(path, |path| {
            self.keys
                .get(path)
                .or_else(|| self.values.get(path))
                .copied()
        })
    }

    /// The place of the value at `path`, or of the nearest thing above it.
    pub(super) fn value(&self, path: &[&str]) -> Option<TextMark> {
        nearest(path, |path| self.values.get(path).copied())
    }

    /// The value at `path`, as it is written.
    pub(super) fn written(&self, path: &[&str]) -> Option<&str> {
        let mark = self.values.get(&owned(path))?;
        Some(self.text.slice(mark.span))
    }

    /// The keys of the mapping at `path`, sorted by name.
    pub(super) fn keys_of(&self, path: &[&str]) -> Vec<(&str, TextMark)> {
        let path = owned(path);
        let below = self
            .keys
            .range(path.clone()..)
            .take_while(|(key, _)| key.starts_with(&path));
        let inside = below.filter(|(key, _)| key.len() == path.len() + 1);
        inside
            .filter_map(|(key, mark)| Some((key.last()?.as_str(), *mark)))
            .collect()
    }
}

/// A node and everything below it. The parser limits how far aliases expand.
fn tree(document: &Document, text: &SourceText, at: Reached) -> Value {
    match &document.node(at.node).kind {
        NodeKind::Null | NodeKind::Alias(_) => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::from(*value),
        NodeKind::Float(value) => Value::from(*value),
        NodeKind::String(value) => Value::from(&**value),
        NodeKind::Sequence { .. } => {
            let items = 0..document.items(at.node).len();
            let items = items.filter_map(|index| document.item(at, index));
            items.map(|item| tree(document, text, item)).collect()
        }
        NodeKind::Mapping { .. } => {
            let mut map = Map::new();
            for entry in document.entries(at.node) {
                let value = tree(document, text, document.entry_value(at, entry));
                map.insert(key(document, text, entry.key), value);
            }
            Value::Object(map)
        }
    }
}

/// A key as text; a key of another type as it is written.
fn key(document: &Document, text: &SourceText, id: NodeId) -> String {
    document.as_str(id).map_or_else(
        || text.slice(document.span(id)).to_owned(),
        ToString::to_string,
    )
}

fn nearest(path: &[&str], find: impl Fn(&KeyPath) -> Option<TextMark>) -> Option<TextMark> {
    let mut path = owned(path);
    loop {
        if let Some(mark) = find(&path) {
            return Some(mark);
        }
        path.pop()?;
    }
}

fn owned(path: &[&str]) -> KeyPath {
    path.iter().map(ToString::to_string).collect()
}

fn mark(text: &SourceText, span: Span) -> TextMark {
    let start = text.position(span.start);
    TextMark {
        line: start.line,
        column: start.column,
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_their_places() {
        let marks = Marks::of(
            "a: &n 1\nb:\n  - x: {y: z}\n    'é x': w\n  - [1, *n]\n? [k]\n: v\nlast: 2\n",
        )
        .unwrap();
        let at = |mark: Option<TextMark>| mark.map(|mark| (mark.line, mark.column)).unwrap();
        assert_eq!(at(marks.key(&["b"])), (2, 1));
        assert_eq!(at(marks.key(&["b", "0", "x", "y"])), (3, 9));
        assert_eq!(at(marks.value(&["b", "0", "é x"])), (4, 12));
        assert_eq!(at(marks.value(&["b", "1", "0"])), (5, 6));
        assert_eq!(marks.written(&["a"]), Some("1"));
        assert_eq!(
            at(marks.value(&["b", "0", "nope", "deeper"])),
            (3, 5),
            "the nearest above"
        );
    }

    #[test]
    fn complex_keys_and_duplicates_do_not_confuse() {
        let marks = Marks::of("? [k, l]\n: {a: b}\nlast: 2\nx: 1\nx: 2\n").unwrap();
        assert_eq!(marks.key(&["last"]).unwrap().line, 3);
        assert_eq!(marks.duplicates.len(), 1);
        assert_eq!(marks.duplicates[0].1.line, 5);
        let names: Vec<&str> = marks.keys_of(&[]).into_iter().map(|(key, _)| key).collect();
        assert_eq!(names, ["last", "x"]);
    }

    #[test]
    fn hostile_depth_ends() {
        assert!(Marks::of(&"[".repeat(1 << 20)).is_err());
        assert!(Marks::of(&"- ".repeat(1 << 16)).is_err());
    }
}
