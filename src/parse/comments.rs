//! Comments, which the parser does not report: found between the scalars of the documents that were read, and bound to the
//! part that they cover. Does not interpret them.

use std::collections::BTreeMap;

use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::text::{SourceText, Span, text_offset};

/// A comment that begins with a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From its `#` to the end of its line.
    pub span: Span,
    /// What it says behind the `#` and blanks.
    pub text: String,
    /// The part that it covers: the text before it on its line; else the document that it heads; else the key with its
    /// value, or the list item, that follows. `None` if nothing follows.
    pub covers: Option<Span>,
}

/// The comments whose text begins with `word`, in source order. Documents are those of the text, in order.
///
/// ```
/// use govcheck::parse::{Limits, find_comments, parse};
///
/// let parsed = parse(b"name: 'a # todo: no' # todo: yes\n# todo: here\nteam: {name: b}\n", &Limits::default());
/// let found = find_comments(&parsed.text, &parsed.documents, "todo");
/// let covered = found.iter().map(|comment| parsed.text.slice(comment.covers.unwrap()));
/// assert_eq!(covered.collect::<Vec<_>>(), ["name: 'a # todo: no' ", "team: {name: b}"]);
/// ```
pub fn find_comments(text: &SourceText, documents: &[Document], word: &str) -> Vec<Comment> {
    if !text.as_str().contains(word) {
        return Vec::new();
    }
    let scalars = scalars(documents);
    let mut targets = None;
    let mut found = Vec::new();
    for line in (1..=text.line_count()).filter_map(|line| text.line_span(text_offset(line))) {
        if !text.slice(line).contains(word) {
            continue;
        }
        let Some(at) = start(text, line, &scalars) else {
            continue;
        };
        let span = Span::new(at, line.end);
        let said = text.slice(span).trim_start_matches('#').trim();
        if !said.starts_with(word) {
            continue;
        }
        let before = Span::new(line.start, at);
        let covers = if is_content(text.slice(before)) {
            Some(before)
        } else {
            below(text, documents, span, &mut targets)
        };
        found.push(Comment {
            span,
            text: said.to_owned(),
            covers,
        });
    }
    found
}

/// A document marker is not part of a document's content.
fn is_content(before: &str) -> bool {
    !matches!(before.trim(), "" | "---" | "...")
}

/// All scalars and aliases, sorted.
fn scalars(documents: &[Document]) -> Vec<Span> {
    let mut spans: Vec<Span> = documents
        .iter()
        .flat_map(nodes)
        .filter(|(_, kind, _)| {
            !matches!(kind, NodeKind::Sequence { .. } | NodeKind::Mapping { .. })
        })
        .map(|(_, _, span)| span)
        .filter(|span| !span.is_empty())
        .collect();
    spans.sort_unstable();
    spans
}

fn nodes(document: &Document) -> impl Iterator<Item = (NodeId, &NodeKind, Span)> {
    (0..document.node_count()).map(|index| {
        let id = NodeId(text_offset(index));
        let node = document.node(id);
        (id, &node.kind, node.span)
    })
}

/// Where the comment of a line begins: a `#` behind a blank, outside of all scalars.
fn start(text: &SourceText, line: Span, scalars: &[Span]) -> Option<u32> {
    let mut behind_blank = true;
    for (index, byte) in text.slice(line).bytes().enumerate() {
        let at = line.start + text_offset(index);
        if byte == b'#' && behind_blank && !in_scalar(text, at, scalars) {
            return Some(at);
        }
        behind_blank = matches!(byte, b' ' | b'\t');
    }
    None
}

fn in_scalar(text: &SourceText, at: u32, scalars: &[Span]) -> bool {
    let index = scalars.partition_point(|span| span.start <= at);
    let Some(span) = index.checked_sub(1).and_then(|index| scalars.get(index)) else {
        return false;
    };
    // A comment may follow the `|` or `>` of a block scalar.
    let until = text.slice(Span::new(span.start, at));
    let in_header = until.starts_with(['|', '>']) && !until.contains(['\n', '\r']);
    at < span.end && !in_header
}

/// What begins at a byte: the end of the widest node, and the end of the value of the key there.
type Targets = BTreeMap<u32, (u32, Option<u32>)>;

fn targets(documents: &[Document]) -> Targets {
    let mut targets = Targets::new();
    for document in documents {
        for (id, kind, span) in nodes(document) {
            let (widest, _) = targets.entry(span.start).or_insert((span.end, None));
            *widest = span.end.max(*widest);
            if !matches!(kind, NodeKind::Mapping { .. }) {
                continue;
            }
            for entry in document.entries(id) {
                let key = document.span(entry.key);
                let end = document.span(entry.value).end.max(key.end);
                let (_, of_key) = targets.entry(key.start).or_insert((end, None));
                if entry.merged_by.is_none() {
                    *of_key = Some(end);
                }
            }
        }
    }
    targets
}

/// The part below a comment on its own line.
fn below(
    text: &SourceText,
    documents: &[Document],
    comment: Span,
    known: &mut Option<Targets>,
) -> Option<Span> {
    let span = |document: &Document| document.span(document.root().node);
    let index = documents
        .iter()
        .position(|document| span(document).end > comment.end)?;
    let root = span(documents.get(index)?);
    if comment.end <= root.start {
        let before = index
            .checked_sub(1)
            .and_then(|index| documents.get(index))
            .map(|document| span(document).end);
        let marked = |from: u32| {
            let between = text.slice(Span::new(from, comment.end));
            between.lines().any(|line| line.starts_with("---"))
        };
        // Behind the last value of a document, before the mark of the next, it is the head of neither.
        return before.is_none_or(marked).then_some(root);
    }
    let targets = known.get_or_insert_with(|| targets(documents));
    let mut following = targets.range(comment.end..root.end);
    let (mut start, mut ends) = following.next()?;
    let line = text.line_span(text.position(*start).line)?;
    let rest = text.slice(Span::new(*start, line.end));
    if rest == "-" || rest.starts_with("- ") {
        // A list begins at its first dash; the comment covers only its first item.
        (start, ends) = following.next()?;
    }
    let is_item = text
        .slice(Span::new(line.start, *start))
        .trim_start()
        .starts_with('-');
    let (widest, of_key) = ends;
    let end = of_key.filter(|_| !is_item).unwrap_or(*widest);
    Some(Span::new(*start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Limits, parse};

    fn covered(text: &str) -> Vec<String> {
        let parsed = parse(text.as_bytes(), &Limits::default());
        find_comments(&parsed.text, &parsed.documents, "gc:")
            .iter()
            .map(|comment| match comment.covers {
                Some(span) => parsed.text.slice(span).trim().to_owned(),
                None => "nothing".to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_comment_covers_its_line_or_what_follows() {
        assert_eq!(covered("x: 1\na: b # gc: 1\nc: d\n"), ["a: b"]);
        assert_eq!(
            covered("x: 1\no:\n  # gc: 1\n  # more\n  team:\n    n: 1\n  z: 2\n"),
            ["team:\n    n: 1"]
        );
        assert_eq!(
            covered("x: 1\nl:\n  # gc: 1\n  - a: 1\n    b: 2\n  # gc: 2\n  - c\n"),
            ["a: 1\n    b: 2", "c"]
        );
        assert_eq!(covered("x: {\n  # gc: 1\n  a: [1],\n  b: 2}\n"), ["a: [1]"]);
    }

    #[test]
    fn a_head_covers_only_its_document() {
        assert_eq!(covered("# gc: 1\n\na: 1\nb: 2\n"), ["a: 1\nb: 2"]);
        assert_eq!(
            covered("# gc: 1\n---\na: 1\n--- # gc: 2\nb: 2\n"),
            ["a: 1", "b: 2"]
        );
        assert_eq!(
            covered("a: 1\n# gc: 1\n---\n# gc: 2\nb: 2\n# gc: 3\n"),
            ["nothing", "b: 2", "nothing"]
        );
        assert_eq!(covered("a: 1 # gc: 1\n---\nb: 2\n"), ["a: 1"]);
    }

    #[test]
    fn a_value_that_looks_like_a_comment_is_not_one() {
        for text in [
            "a: '# gc: 1'\n",
            "a: \"x # gc: 1\"\n",
            "a: |\n  x\n  # gc: 1\n",
            "a: >\n  # gc: 1\nb: 1\n",
            "a: x#gc: 1\n",
            "a: 'x\n  # gc: 1\n  y'\n",
            "# see gc: 1\na: 1\n",
            "a: # x # gc: 1\n",
        ] {
            assert_eq!(covered(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn comments_around_block_scalars_are_found() {
        assert_eq!(
            covered("x: 1\na: | # gc: 1\n  text # gc: 2\n# gc: 3\nb: 1\n"),
            ["a: |", "b: 1"]
        );
    }

    #[test]
    fn line_breaks_of_windows_and_wide_characters_do_not_shift() {
        assert_eq!(covered("ü: 1\r\nb: 😀 # gc: 1\r\nc: 2\r\n"), ["b: 😀"]);
    }
}
