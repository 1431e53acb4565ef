//! Characters that YAML 1.2 takes for text and YAML 1.1 for the end of a line: U+0085, U+2028 and U+2029. PyYAML, libyaml and
//! ruamel.yaml end a line there, so that a comment or a word may go on as a key which people and govcheck do not see.

use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::text::{Span, text_offset};

use super::{LINE_SEPARATOR, Problem};

const SEPARATORS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Separators of a text: the problem of those that other readers end a line at, and the note of those in quotes, where all
/// that differs is white space in the value.
#[derive(Debug, Default)]
pub(super) struct Separators {
    pub(super) problem: Option<Problem>,
    pub(super) note: Option<Problem>,
}

/// Looks for separators; a text that could not be read wholly has no quotes beyond its documents.
pub(super) fn find_separators(text: &str, documents: &[Document]) -> Separators {
    if text.is_ascii() || !text.contains(SEPARATORS) {
        return Separators::default();
    }
    let quotes = quotes(text, documents);
    let is_quoted = |at: usize| {
        let at = text_offset(at);
        let behind = quotes.partition_point(|span| span.start <= at);
        let last = behind.checked_sub(1).and_then(|last| quotes.get(last));
        last.is_some_and(|span| at < span.end)
    };
    let (quoted, bare): (Vec<_>, Vec<_>) = text
        .match_indices(SEPARATORS)
        .partition(|(at, _)| is_quoted(*at));
    Separators {
        problem: told(&bare),
        note: told(&quoted),
    }
}

/// The quoted texts of documents, sorted; none lies in another.
fn quotes(text: &str, documents: &[Document]) -> Vec<Span> {
    let mut quotes = Vec::new();
    for document in documents {
        let nodes = (0..document.node_count()).map(|node| document.node(NodeId(text_offset(node))));
        let texts = nodes.filter(|node| matches!(node.kind, NodeKind::String(_)));
        let is_quoted = |span: &Span| {
            let start = text.as_bytes().get(span.start as usize);
            matches!(start, Some(b'"' | b'\''))
        };
        quotes.extend(texts.map(|node| node.span).filter(is_quoted));
    }
    quotes.sort_unstable();
    quotes
}

/// The problem that reports separators, at the first of them.
fn told(found: &[(usize, &str)]) -> Option<Problem> {
    let (at, first) = *found.first()?;
    let code = first.chars().next().map_or(0, u32::from);
    let more = match found.len() - 1 {
        0 => String::new(),
        1 => ", and one more such character follows".to_owned(),
        more => format!(", and {more} more such characters follow"),
    };
    Some(Problem {
        rule: LINE_SEPARATOR,
        message: format!("U+{code:04X} is the end of a line to other YAML parsers{more}"),
        help: Some(format!(
            "remove the invisible character, or write it as `\\u{code:04x}` in double quotes"
        )),
        span: Span::new(text_offset(at), text_offset(at + first.len())),
        related: Vec::new(),
        fatal: false,
    })
}
