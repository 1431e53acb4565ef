//! Reads simple YAML, as nearly all manifests are written, by its indentation: mappings and lists, words, quotes and
//! brackets that end on their line, text blocks, and aliases. Sends the builder the same events as the scanner, several
//! times as fast. Leaves anything else (tags, tabs, a second document, a mistake) to the scanner, which starts over:
//! nothing is refused here, and the only problem reported is a repeated key.

mod anchors;
mod brackets;
mod reader;
mod scalar;
#[cfg(test)]
mod tests;
mod words;

use super::tree::Builder;
use crate::model::document::NodeKind;
use reader::{BlockLevel, BlockReader, MAX_KEY, NotSimple, STOPS, Simple};
use words::Words;

/// Reads a file. `false` if it is not simple YAML: then the builder holds part of it and must be thrown away.
pub(super) fn read_simple(builder: &mut Builder<'_>) -> bool {
    let text = builder.text;
    if !is_plain_text(text) {
        return false;
    }
    let mut reader = BlockReader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 0,
        levels: Vec::new(),
        awaited: None,
        anchors: Vec::new(),
        anchor: 0,
        words: Words::of_thread(),
        builder,
    };
    let is_simple = reader.file().is_ok();
    reader.words.keep();
    is_simple
}

/// Whether there are no tabs, carriage returns, byte order marks and the like, which lines and columns would depend on.
fn is_plain_text(text: &str) -> bool {
    // Without an early exit the compiler can vectorise the loop.
    let odd = |byte: u8| (u8::from(byte < b' ') & u8::from(byte != b'\n')) | u8::from(byte == 0x7F);
    let chunks = text.as_bytes().chunks(256);
    let is_odd = |chunk: &[u8]| chunk.iter().fold(0, |any, byte| any | odd(*byte)) > 0;
    !chunks.into_iter().any(is_odd)
        && (text.is_ascii()
            || !text.contains(['\u{FEFF}', '\u{FFFE}', '\u{85}', '\u{2028}', '\u{2029}']))
}

impl BlockReader<'_, '_> {
    /// The byte at a place, a line break at the end of the text.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn file(&mut self) -> Simple<()> {
        if self.text.starts_with("---\n") {
            self.at = 4;
            self.builder.cursor = 3;
        }
        self.builder.start_document();
        while let Some(indent) = self.next_line() {
            self.content(indent)?;
        }
        self.nothing()?;
        while !self.levels.is_empty() {
            self.close()?;
        }
        if self.builder.nodes.is_empty() {
            return Err(NotSimple);
        }
        self.builder.finish_document(self.at, self.at);
        Ok(())
    }

    /// Goes to the first byte of the next line that has content, and gives its indentation.
    fn next_line(&mut self) -> Option<usize> {
        loop {
            self.line = self.at;
            self.skip_spaces();
            match self.byte(self.at) {
                _ if self.is_end() => return None,
                b'\n' => self.at += 1,
                b'#' => self.skip_line(),
                _ => return Some(self.at - self.line),
            }
        }
    }

    fn skip_spaces(&mut self) {
        // Most spaces are indentation.
        while self.bytes.get(self.at..self.at + 8) == Some(b"        ") {
            self.at += 8;
        }
        while self.byte(self.at) == b' ' {
            self.at += 1;
        }
    }

    /// Goes behind the next line break.
    fn skip_line(&mut self) {
        self.at = (self.line_end(self.at) + 1).min(self.bytes.len());
    }

    /// The next byte that may end a word, or come between two.
    fn stop(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let is_stop = |byte: &u8| STOPS.get(usize::from(*byte)).is_some_and(|stop| *stop);
        from + rest.iter().position(is_stop).unwrap_or(rest.len())
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        rest.find('\n')
            .map_or(self.bytes.len(), |length| from + length)
    }

    /// Whether nothing but a comment is left of the line; if so, goes behind it.
    fn line_is_over(&mut self) -> bool {
        let from = self.at;
        self.skip_spaces();
        match self.byte(self.at) {
            b'\n' => self.at = (self.at + 1).min(self.bytes.len()),
            b'#' if self.at > from => self.skip_line(),
            _ => return false,
        }
        true
    }

    /// The line must be over.
    fn end_line(&mut self) -> Simple<()> {
        if self.line_is_over() {
            Ok(())
        } else {
            Err(NotSimple)
        }
    }

    /// Reads a line that has content.
    fn content(&mut self, indent: usize) -> Simple<()> {
        if indent == 0 && self.is_marker() {
            return Err(NotSimple);
        }
        let is_item = self.is_dash();
        if self.awaited.is_some() {
            let top = self.levels.last().ok_or(NotSimple)?;
            // The items of a list may have the indentation of their key.
            if indent > top.indent || (indent == top.indent && top.is_mapping && is_item) {
                return self.node();
            }
            self.nothing()?;
        }
        while let Some(top) = self.levels.last().copied() {
            let is_over =
                top.indent > indent || (top.indent == indent && !top.is_mapping && !is_item);
            if !is_over {
                break;
            }
            self.close()?;
        }
        match self.levels.last() {
            Some(top) if top.indent == indent && top.is_mapping != is_item => {}
            None if self.builder.nodes.is_empty() => return self.root(),
            _ => return Err(NotSimple),
        }
        if is_item {
            self.item()
        } else {
            self.key(indent)
        }
    }

    /// `---` and `...` end a document, also directly before text.
    fn is_marker(&self) -> bool {
        let marker = self.bytes.get(self.at..self.at + 3);
        marker == Some(b"---") || marker == Some(b"...")
    }

    fn is_dash(&self) -> bool {
        self.byte(self.at) == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\n')
    }

    fn root(&mut self) -> Simple<()> {
        self.node()?;
        // A single word is a document too, but no manifest.
        if self.levels.is_empty() {
            Err(NotSimple)
        } else {
            Ok(())
        }
    }

    /// Reads what begins here: the value that is awaited.
    fn node(&mut self) -> Simple<()> {
        self.awaited = None;
        let indent = self.at - self.line;
        if self.is_dash() {
            self.open(indent, false)?;
            return self.item();
        }
        if self.key_end().is_some() {
            self.open(indent, true)?;
            return self.key(indent);
        }
        self.value()
    }

    fn open(&mut self, indent: usize, is_mapping: bool) -> Simple<()> {
        self.levels.push(BlockLevel { indent, is_mapping });
        self.begin(is_mapping)
    }

    /// Begins a collection here, with the anchor before it.
    fn begin(&mut self, is_mapping: bool) -> Simple<()> {
        let anchor = std::mem::take(&mut self.anchor);
        let begun = self.builder.open(is_mapping, anchor, self.at);
        begun.map_err(|_| NotSimple)
    }

    fn close(&mut self) -> Simple<()> {
        self.levels.pop();
        let end = self.builder.cursor;
        self.builder.close_at(end).map_err(|_| NotSimple)
    }

    /// Reads a dash and what comes behind it.
    fn item(&mut self) -> Simple<()> {
        self.at += 1;
        self.awaited = Some(self.at);
        if self.before_value()? {
            Ok(())
        } else {
            self.node()
        }
    }

    /// Reads a key, its colon and what comes behind it.
    fn key(&mut self, indent: usize) -> Simple<()> {
        let end = self.key_end().ok_or(NotSimple)?;
        if end - self.at > MAX_KEY || self.at - self.line != indent {
            return Err(NotSimple);
        }
        if matches!(self.byte(self.at), b'"' | b'\'') {
            self.quoted()?;
        } else {
            self.word(self.at, end);
        }
        self.at = end;
        self.skip_spaces();
        self.at += 1;
        self.awaited = Some(self.at);
        if self.before_value()? {
            return Ok(());
        }
        self.awaited = None;
        self.value()
    }

    /// The end of the key that begins here. `None` if no key begins here.
    fn key_end(&self) -> Option<usize> {
        let mut at = self.at;
        match self.byte(at) {
            b'"' | b'\'' => at = super::place::quote_end(self.text, at)?,
            first if !scalar::can_start(first, self.byte(at + 1)) => return None,
            _ => {}
        }
        let is_quoted = at > self.at;
        let mut end = at;
        loop {
            if !is_quoted {
                let stop = self.stop(at);
                end = if stop > at { stop } else { end };
                at = stop;
            }
            match self.byte(at) {
                b':' if matches!(self.byte(at + 1), b' ' | b'\n') => return Some(end),
                b'\n' => return None,
                b'#' if at > end => return None,
                b' ' => at += 1,
                _ if is_quoted => return None,
                _ => {
                    at += 1;
                    end = at;
                }
            }
        }
    }

    /// What is awaited is nothing.
    fn nothing(&mut self) -> Simple<()> {
        if self.anchor > 0 {
            return Err(NotSimple);
        }
        if let Some(at) = self.awaited.take() {
            self.builder.push(NodeKind::Null, at, at);
            self.builder.cursor = at;
        }
        Ok(())
    }

    /// Reads a value that begins here and is no collection of lines, up to the end of its last line.
    fn value(&mut self) -> Simple<()> {
        match self.byte(self.at) {
            b'|' | b'>' => self.text_block(),
            b'"' | b'\'' => {
                self.quoted()?;
                self.end_line()
            }
            b'[' | b'{' => {
                self.brackets()?;
                self.end_line()
            }
            b'*' => {
                self.alias()?;
                self.end_line()
            }
            first if scalar::can_start(first, self.byte(self.at + 1)) => self.words(),
            _ => Err(NotSimple),
        }
    }

    /// The indentation that all of a value's further lines exceed.
    fn indent(&self) -> usize {
        self.levels.last().map_or(0, |level| level.indent)
    }
}
