//! Where a node's text is. The scanner's marks count characters, and take in white space, comments, tags and anchors,
//! or name the token after; here they become exact ranges of bytes. Knows tokens, builds no tree.

use super::work;

/// Characters that the scanner reads and the text does not have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inserted {
    /// The index that the scanner gives the first of them.
    pub(super) at: usize,
    pub(super) count: usize,
    /// How many were inserted before them.
    pub(super) before: usize,
}

/// Turns indexes of characters into offsets of bytes.
///
/// Marks come nearly in order, so walking from the last one is linear over a file.
pub(super) struct Bytes<'a> {
    text: &'a str,
    ascii: bool,
    inserted: Vec<Inserted>,
    index: usize,
    byte: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(text: &'a str, inserted: Vec<Inserted>) -> Self {
        Self {
            text,
            ascii: text.is_ascii(),
            inserted,
            index: 0,
            byte: 0,
        }
    }

    /// The index of a character in the text by the one that the scanner has counted; what was inserted is where it was.
    fn index_in_text(&self, index: usize) -> usize {
        let behind = self
            .inserted
            .partition_point(|inserted| inserted.at <= index);
        let last = behind
            .checked_sub(1)
            .and_then(|last| self.inserted.get(last));
        last.map_or(index, |last| {
            last.at.max(index.saturating_sub(last.count)) - last.before
        })
    }

    /// The byte at which the character `index` of the scanner, 0-based, starts; the end if there are not so many.
    pub(super) fn of(&mut self, index: usize) -> usize {
        let index = self.index_in_text(index);
        if self.ascii {
            return index.min(self.text.len());
        }
        work::count_steps(self.index.abs_diff(index));
        let bytes = self.text.as_bytes();
        let continues = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        while self.index < index && self.byte < bytes.len() {
            self.byte += 1;
            while continues(self.byte) {
                self.byte += 1;
            }
            self.index += 1;
        }
        while self.index > index {
            self.byte -= 1;
            while continues(self.byte) {
                self.byte -= 1;
            }
            self.index -= 1;
        }
        self.byte
    }
}

/// The first byte at or after `from` that is not white space, a comment, tag or anchor, or one of `indicators`.
pub(super) fn token_after(text: &str, from: usize, indicators: &[u8]) -> usize {
    let bytes = text.as_bytes();
    let skip_to = |at: usize, stop: fn(&u8) -> bool| {
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().position(stop).unwrap_or(rest.len())
    };
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at + 1,
            b'#' => skip_to(at, |byte| matches!(byte, b'\n' | b'\r')),
            b'!' if bytes.get(at + 1) == Some(&b'<') => skip_to(at, |byte| *byte == b'>') + 1,
            b'!' | b'&' => skip_to(at, |byte| {
                matches!(
                    byte,
                    b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' | b']' | b'{' | b'}'
                )
            }),
            // A byte order mark between documents.
            0xEF if bytes.get(at..at + 3) == Some("\u{FEFF}".as_bytes()) => at + 3,
            byte if indicators.contains(byte) => at + 1,
            _ => break,
        };
    }
    work::count_steps(at - from);
    text.len().min(at)
}

/// The end of the quoted scalar that starts at `start`, its quote included; nothing if it is not closed.
pub(super) fn quote_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote => {
                // Two single quotes stand for one.
                if quote == b'\'' && bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    work::count_steps(at - start);
                    return Some(at + 1);
                }
            }
            _ => at += 1,
        }
    }
}

/// The end of the block scalar that starts at `start` and that the scanner has left at `limit`:
/// the end of its last line that is not blank, or of its indicator if all are.
pub(super) fn block_end(text: &str, start: usize, limit: usize) -> usize {
    let body = text.get(start..limit).unwrap_or_default();
    work::count_steps(body.len());
    let header = body.find(['\n', '\r']).unwrap_or(body.len());
    let last = body.trim_end_matches([' ', '\t', '\n', '\r']).len();
    if last <= header {
        let indicator = body.find(|c: char| !matches!(c, '|' | '>' | '+' | '-' | '0'..='9'));
        return start + indicator.unwrap_or(body.len());
    }
    // Spaces at the end of a line are content.
    let line = body.get(last..).unwrap_or_default();
    start + last + line.find(['\n', '\r']).unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_bytes_in_both_directions() {
        let text = "aü😀b";
        let mut bytes = Bytes::new(text, Vec::new());
        for index in [0, 1, 2, 3, 4, 9, 2, 0, 3] {
            let byte = text
                .char_indices()
                .nth(index)
                .map_or(text.len(), |(byte, _)| byte);
            assert_eq!(bytes.of(index), byte, "{index}");
        }
    }

    #[test]
    fn inserted_characters_are_where_they_were_inserted() {
        // The scanner reads `..aü...b`.
        let inserted = |at, count, before| Inserted { at, count, before };
        let mut bytes = Bytes::new("aüb", vec![inserted(0, 2, 0), inserted(4, 3, 2)]);
        let found: Vec<_> = (0..9).map(|index| bytes.of(index)).collect();
        assert_eq!(found, [0, 0, 0, 1, 3, 3, 3, 3, 4]);
    }

    #[test]
    fn tokens_are_found_behind_comments_tags_and_anchors() {
        for text in [
            ": # - |\n  |",
            ":  &a !!str |",
            "\n: !<tag:x,[1]> |",
            "- : |",
            "\t|",
        ] {
            assert_eq!(
                text.get(token_after(text, 0, b":-")..),
                Some("|"),
                "{text:?}"
            );
        }
        assert_eq!(token_after("  ", 0, b""), 2);
        assert_eq!(token_after("!<x", 0, b""), 3);
    }

    #[test]
    fn quotes_end_at_the_closing_quote() {
        for (text, end) in [
            (r#""a\"b" # ""#, Some(6)),
            (r#"'a''b' 'c'"#, Some(6)),
            (r#""a\\" x"#, Some(5)),
            (r#""a\""#, None),
            ("'a''", None),
        ] {
            assert_eq!(quote_end(text, 0), end, "{text}");
        }
    }

    #[test]
    fn block_scalars_end_with_their_last_line() {
        for (text, end) in [
            ("|\n  a\n  b \n\n  \nc", 10),
            ("|2- # c\n\n", 3),
            (">\n a", 4),
            ("|+", 2),
            ("|\r\n a\r\n\r\n", 5),
        ] {
            assert_eq!(
                block_end(text, 0, text.trim_end_matches('c').len()),
                end,
                "{text:?}"
            );
        }
    }
}
