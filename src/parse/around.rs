//! The lines around a place in a text that the scanner refuses. Knows lines and white space, no causes.

use crate::model::text::{Span, text_offset};

pub(super) fn slice_text(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize)
        .unwrap_or("")
}

pub(super) fn span_of(start: usize, end: usize) -> Span {
    Span::new(text_offset(start), text_offset(end))
}

/// A place in a text, and the lines around it.
pub(super) struct Around<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Around<'_> {
    pub(super) fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or("")
    }

    pub(super) fn after(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or("")
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.before(at).rfind(['\n', '\r']).map_or(0, |end| end + 1)
    }

    /// From `start` to the end of its line, without white space and comment; the last line with text if there is nothing.
    pub(super) fn line_from(&self, start: usize) -> Span {
        let rest = self.after(start);
        let line = rest
            .get(..rest.find(['\n', '\r']).unwrap_or(rest.len()))
            .unwrap_or("");
        if line.trim().is_empty() {
            return self.line_above(start);
        }
        let indent = line.len() - line.trim_start().len();
        let comment = line
            .find(" #")
            .filter(|comment| *comment > indent && !line.contains(['"', '\'']));
        let shown = comment
            .and_then(|comment| line.get(..comment))
            .unwrap_or(line);
        span_of(start + indent, start + shown.trim_end().len())
    }

    /// The last line before `at` that has text and is no comment.
    pub(super) fn line_above(&self, at: usize) -> Span {
        let mut end = at;
        while !self.before(end).trim_end().is_empty() {
            let last = self.before(end).trim_end().len();
            let start = self.line_start(last);
            let line = self.text.get(start..last).unwrap_or("");
            let indent = line.len() - line.trim_start().len();
            if !line.trim_start().starts_with('#') {
                return span_of(start + indent, last);
            }
            end = start;
        }
        char_span(self.text, 0)
    }

    pub(super) fn rest(&self) -> Span {
        self.line_from(self.at)
    }

    pub(super) fn line(&self) -> Span {
        self.line_from(self.line_start(self.at))
    }

    pub(super) fn token(&self) -> Span {
        let rest = self.after(self.at);
        let end = rest
            .find([' ', '\t', '\n', '\r', ',', ']', '}'])
            .unwrap_or(rest.len());
        if end == 0 {
            self.rest()
        } else {
            span_of(self.at, self.at + end)
        }
    }

    pub(super) fn indent(&self) -> Span {
        let start = self.line_start(self.at);
        let rest = self.after(start);
        span_of(
            start,
            start + rest.len() - rest.trim_start_matches([' ', '\t']).len(),
        )
    }

    pub(super) fn tab_indents(&self) -> bool {
        slice_text(self.text, self.indent()).contains('\t') && self.indent().end as usize >= self.at
    }

    pub(super) fn line_without_colon(&self) -> Span {
        let start = self.line_start(self.at);
        let before = self.text.get(start..self.at).unwrap_or("");
        if before.trim().is_empty() {
            self.line_above(start)
        } else {
            self.line()
        }
    }
}

/// The character at a byte, or nothing at the end.
pub(super) fn char_span(text: &str, at: usize) -> Span {
    let width = text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    Span::new(text_offset(at), text_offset(at + width))
}

/// A value as a message shows it: one line, not long.
pub(super) fn shorten_value(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or("")),
        None if line.len() < text.len() => format!("{line}…"),
        None => line.to_owned(),
    }
}
