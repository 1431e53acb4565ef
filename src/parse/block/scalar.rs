//! Scalars of simple YAML: words, quotes, text blocks. Knows how lines are joined; the
//! core schema decides what a word means, as for the scanner.

use std::sync::Arc;

use saphyr_parser::ScalarStyle;

use super::super::place::{block_end, quote_end};
use super::super::scalar::{resolve_plain, resolve_scalar};
use super::{BlockReader, NotSimple, Simple};
use crate::model::document::NodeKind;
use crate::parse::anchor::Anchor;

/// Whether a word can start with `first`, followed by `second`: not with an indicator of YAML. A dash directly before a
/// word is not an indicator.
pub(super) fn can_start(first: u8, second: u8) -> bool {
    match first {
        b'-' => second.is_ascii_alphanumeric() || second == b'.',
        b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|'
        | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' | b' ' | b'\n' => false,
        _ => true,
    }
}

/// Words that don't end with their line are expected to have so many like it.
const LINES: usize = 4;

impl BlockReader<'_, '_> {
    /// Emits the words of one line.
    pub(super) fn word(&mut self, start: usize, end: usize) {
        let text = self.text.get(start..end).unwrap_or_default();
        let kind = resolve_plain(text).unwrap_or_else(|| NodeKind::String(self.words.shared(text)));
        self.push(kind, start, end);
    }

    fn tell(&mut self, value: &str, style: ScalarStyle, start: usize, end: usize) {
        let (Ok(kind) | Err(kind)) = resolve_scalar(value, style, None);
        self.push(kind, start, end);
    }

    fn push(&mut self, kind: NodeKind, start: usize, end: usize) {
        let node = self.builder.push(kind, start, end);
        self.builder.cursor = end;
        let id = std::mem::take(&mut self.anchor);
        if id > 0 {
            let size = Some((0, (end - start) as u64));
            self.builder.anchors.push(Anchor { id, node, size });
        }
    }

    /// Reads words up to the end of their last line: lines that are indented further belong to them.
    pub(super) fn words(&mut self) -> Simple<()> {
        let start = self.at;
        let mut end = self.line_of_words()?;
        let mut joined = String::new();
        while let Some(breaks) = self.goes_on()? {
            if joined.is_empty() {
                joined.reserve(LINES * (end - start));
                joined.push_str(self.text.get(start..end).ok_or(NotSimple)?);
            }
            match breaks {
                0 => joined.push(' '),
                _ => joined.extend(std::iter::repeat_n('\n', breaks)),
            }
            let from = self.at;
            end = self.line_of_words()?;
            joined.push_str(self.text.get(from..end).ok_or(NotSimple)?);
        }
        if joined.is_empty() {
            self.word(start, end);
        } else {
            self.tell(&joined, ScalarStyle::Plain, start, end);
        }
        Ok(())
    }

    /// Reads words up to the line break or the comment behind them, and gives their end.
    fn line_of_words(&mut self) -> Simple<usize> {
        let mut end = self.at;
        loop {
            let stop = self.stop(self.at);
            if stop > self.at {
                self.at = stop;
                end = stop;
            }
            match self.byte(self.at) {
                b'\n' => return Ok(end),
                b'#' if self.at > end => return Ok(end),
                b':' if matches!(self.byte(self.at + 1), b' ' | b'\n') => return Err(NotSimple),
                b' ' => self.at += 1,
                _ => {
                    self.at += 1;
                    end = self.at;
                }
            }
        }
    }

    /// Whether the next line goes on with the words before it: goes there, and gives how many empty lines are between.
    /// If not, goes behind their line.
    fn goes_on(&mut self) -> Simple<Option<usize>> {
        if self.byte(self.at) == b'#' {
            self.skip_line();
            return Ok(None);
        }
        let behind = (self.at + 1).min(self.bytes.len());
        let mut breaks = 0;
        self.at = behind;
        loop {
            let line = self.at;
            self.skip_spaces();
            match self.byte(self.at) {
                _ if self.is_end() => break,
                b'\n' => {
                    self.at += 1;
                    breaks += 1;
                }
                b'#' => break,
                _ if self.at - line <= self.indent() => break,
                _ => {
                    self.line = line;
                    return Ok(Some(breaks));
                }
            }
        }
        self.at = behind;
        Ok(None)
    }

    /// Reads a quoted scalar that ends on its line.
    pub(super) fn quoted(&mut self) -> Simple<()> {
        let start = self.at;
        let end = quote_end(self.text, start).ok_or(NotSimple)?;
        let inner = self.text.get(start + 1..end - 1).ok_or(NotSimple)?;
        if inner.contains('\n') {
            return Err(NotSimple);
        }
        self.at = end;
        let (style, escape) = match self.byte(start) {
            b'"' => (ScalarStyle::DoubleQuoted, '\\'),
            _ => (ScalarStyle::SingleQuoted, '\''),
        };
        if !inner.contains(escape) {
            self.tell(inner, style, start, end);
            return Ok(());
        }
        let value = match style {
            ScalarStyle::SingleQuoted => inner.replace("''", "'"),
            _ => unescaped(inner)?,
        };
        self.tell(&value, style, start, end);
        Ok(())
    }

    /// Reads `|` or `>` and its lines. Lines that are indented further than the first one are for the scanner.
    pub(super) fn text_block(&mut self) -> Simple<()> {
        let start = self.at;
        let is_folded = self.byte(start) == b'>';
        self.at += 1;
        let is_stripped = self.byte(self.at) == b'-';
        self.at += usize::from(is_stripped);
        self.end_line()?;
        let mut value = String::new();
        let mut indent = 0;
        let mut breaks = 0;
        while !self.is_end() {
            let line = self.at;
            self.skip_spaces();
            let depth = self.at - line;
            if self.byte(self.at) == b'\n' {
                // Spaces beyond the indentation are text.
                if self.is_end() || depth > indent.max(self.indent()) {
                    return Err(NotSimple);
                }
                self.at += 1;
                breaks += 1;
                continue;
            }
            if indent == 0 && depth > self.indent() {
                indent = depth;
            }
            if indent == 0 || depth < indent {
                self.at = line;
                break;
            }
            if depth > indent && is_folded {
                return Err(NotSimple);
            }
            match (value.is_empty(), is_folded, breaks) {
                (true, _, 0) => {}
                // Empty lines before the first are for the scanner.
                (true, _, _) => return Err(NotSimple),
                (false, true, 0) => value.push(' '),
                (false, true, _) => value.extend(std::iter::repeat_n('\n', breaks)),
                (false, false, _) => value.extend(std::iter::repeat_n('\n', breaks + 1)),
            }
            breaks = 0;
            let end = self.line_end(self.at);
            value.push_str(self.text.get(line + indent..end).ok_or(NotSimple)?);
            self.at = (end + 1).min(self.bytes.len());
        }
        if value.is_empty() || (!is_stripped && self.is_end() && !self.text.ends_with('\n')) {
            return Err(NotSimple);
        }
        if !is_stripped {
            value.push('\n');
        }
        let end = block_end(self.text, start, self.at);
        self.push(NodeKind::String(Arc::from(value)), start, end);
        Ok(())
    }
}

/// The text of a double-quoted scalar, if it has no escapes but the common ones.
fn unescaped(inner: &str) -> Simple<String> {
    let mut value = String::with_capacity(inner.len());
    let mut parts = inner.split('\\');
    value.push_str(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        let mut rest = part.chars();
        match rest.next() {
            // Between two backslashes is nothing, and the second one is the character.
            None => {
                value.push('\\');
                value.push_str(parts.next().ok_or(NotSimple)?);
                continue;
            }
            Some(quote @ ('"' | '/')) => value.push(quote),
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some(_) => return Err(NotSimple),
        }
        value.push_str(rest.as_str());
    }
    Ok(value)
}
