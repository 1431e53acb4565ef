//! Lines inside brackets and quotes that are indented less than YAML requires: the text that the scanner gets instead,
//! whether the lines really are inside, and the problem that reports them.

use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::text::{Span, text_offset};

use super::Problem;
use super::lines::Indentation;
use super::place::Inserted;

/// The text with the indentation that lines miss.
pub(super) fn indent_short_lines(text: &str, short: &[Indentation]) -> String {
    let missing: usize = short.iter().map(|line| line.missing).sum();
    let mut indented = String::with_capacity(text.len() + missing);
    let mut from = 0;
    for line in short {
        indented.push_str(text.get(from..line.line).unwrap_or_default());
        indented.extend(std::iter::repeat_n(' ', line.missing));
        from = line.line;
    }
    indented.push_str(text.get(from..).unwrap_or_default());
    indented
}

/// The missing spaces of lines, as the scanner counts characters.
pub(super) fn missing_spaces(text: &str, short: &[Indentation]) -> Vec<Inserted> {
    let (mut from, mut index, mut before) = (0, 0, 0);
    let mut each = |line: &Indentation| {
        index += text
            .get(from..line.line)
            .unwrap_or_default()
            .chars()
            .count();
        from = line.line;
        let inserted = Inserted {
            at: index + before,
            count: line.missing,
            before,
        };
        before += line.missing;
        inserted
    };
    short.iter().map(&mut each).collect()
}

/// Whether all lines that were indented, as far as documents were read, are within brackets or quotes.
pub(super) fn are_continuations(text: &str, documents: &[Document], short: &[Indentation]) -> bool {
    let opens = |span: Span| {
        let start = text.get(span.start as usize..).unwrap_or_default();
        start.starts_with(['[', '{', '"', '\''])
    };
    let mut spans: Vec<Span> = Vec::new();
    for document in documents {
        let nodes = (0..document.node_count()).map(|node| document.node(NodeId(text_offset(node))));
        let values = nodes.filter(|node| !matches!(node.kind, NodeKind::Alias(_)));
        spans.extend(values.map(|node| node.span).filter(|span| opens(*span)));
    }
    spans.sort_unstable();
    let read = documents
        .last()
        .map_or(0, |last| last.span(last.root().node).end);
    let mut spans = spans.into_iter().peekable();
    let mut open = 0;
    short.iter().map(|line| text_offset(line.line)).all(|line| {
        while let Some(span) = spans.next_if(|span| span.start < line) {
            open = open.max(span.end);
        }
        line >= read || line < open
    })
}

/// The problem that reports such lines of a file.
pub(super) fn describe_indentation(text: &str, first: Indentation, count: usize) -> Problem {
    let line = text.get(first.line..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default();
    let start = first.line + line.len() - line.trim_start().len();
    let more = match count - 1 {
        0 => String::new(),
        1 => " (and one more line)".to_owned(),
        more => format!(" (and {more} more lines)"),
    };
    Problem {
        rule: super::SHORT_INDENTATION,
        message: format!(
            "YAML requires more indentation inside these brackets or quotes{more}; read as PyYAML and ruamel.yaml read it"
        ),
        help: Some("indent the line further than the key or the dash of its value".to_owned()),
        span: Span::new(
            text_offset(start),
            text_offset(first.line + line.trim_end().len()),
        ),
        related: Vec::new(),
        fatal: false,
    }
}
