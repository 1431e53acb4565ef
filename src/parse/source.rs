//! The characters of a text for the YAML scanner, adapted so that it accepts two valid forms that it would refuse.
//! The number of characters stays the same, so the scanner's marks stay valid; ignores the grammar.
//!
//! - `\uD83D\uDE00`: JSON writes one character as two escapes. The scanner is shown `\U0001F600` and two [`FILLER`]s
//!   in their place, twelve characters like the original; `remove_fillers` takes the fillers out.
//! - A tab between `:` and a value separates them, in JSON and in YAML 1.2; the scanner wants a space.

use std::borrow::Cow;

use saphyr_parser::Input;
use saphyr_parser::input::SkipTabs;

use super::work;

/// Keeps the count of characters right; no character that YAML lets a file hold.
const FILLER: char = '\u{FFFE}';

/// How far the scanner may look ahead. With 31 a short plain scalar fits the 32 bytes that it allocates first.
const LOOKAHEAD: usize = 31;

/// How many characters of an escaped pair come after its `\u`: eight digits, two fillers.
const PAIR_REST: usize = 10;

/// No byte of UTF-8.
const IN_PAIR: u8 = 0xFF;

/// A text from which the scanner reads; it must not hold NUL.
pub(super) struct Source<'a> {
    text: &'a str,
    /// Byte of the next character.
    at: usize,
    /// The byte there, which most questions are about: 0 at the end, `IN_PAIR` within an escaped pair.
    next: u8,
    /// The character of a pair that is being read, and how many of `PAIR_REST` are still to come.
    pair: Option<(u32, usize)>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut source = Self {
            text,
            at: 0,
            next: 0,
            pair: None,
        };
        source.go_to(0);
        source
    }

    #[inline]
    fn go_to(&mut self, at: usize) {
        work::count_steps(1);
        self.at = at;
        self.next = self.text.as_bytes().get(at).copied().unwrap_or(0);
    }

    fn starts_with(&self, indicator: u8) -> bool {
        match self.text.as_bytes().get(self.at..) {
            Some([a, b, c, rest @ ..]) => {
                [*a, *b, *c] == [indicator; 3]
                    && rest
                        .first()
                        .is_none_or(|next| matches!(next, b' ' | b'\t' | b'\n' | b'\r'))
            }
            _ => false,
        }
    }

    /// The character at `n` characters from here, when not all of them are ASCII.
    #[cold]
    fn decode(&self, n: usize) -> char {
        self.text
            .get(self.at..)
            .and_then(|rest| rest.chars().nth(n))
            .unwrap_or('\0')
    }

    /// Skips what is not a character of one byte: more of them, part of a pair, or nothing at the end.
    #[cold]
    fn skip_wide(&mut self) {
        match (self.pair, self.next) {
            (Some(pair), _) => self.skip_in_pair(pair, 1),
            (None, 0) => {}
            (None, 0x80..0xE0) => self.go_to(self.at + 2),
            (None, 0xE0..0xF0) => self.go_to(self.at + 3),
            (None, _) => self.go_to(self.at + 4),
        }
    }

    fn pair_char((code, left): (u32, usize), n: usize) -> Option<char> {
        let index = PAIR_REST - left + n;
        match index {
            0..8 => char::from_digit((code >> (4 * (7 - index))) & 0xF, 16),
            8 | 9 => Some(FILLER),
            _ => None,
        }
    }

    fn skip_in_pair(&mut self, (code, left): (u32, usize), count: usize) {
        if count < left {
            self.pair = Some((code, left - count));
        } else {
            self.pair = None;
            self.go_to(self.at + PAIR_REST);
            self.skip_n(count - left);
        }
    }
}

/// The character that `\uXXXX\uXXXX` at the start of `bytes` stands for.
fn surrogate_pair(bytes: &[u8]) -> Option<u32> {
    let unit = |escape: &[u8]| match escape {
        [b'\\', b'u', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => {
            u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => None,
    };
    let high = unit(bytes.get(..6)?).filter(|high| (0xD800..0xDC00).contains(high))?;
    let low = unit(bytes.get(6..12)?).filter(|low| (0xDC00..0xE000).contains(low))?;
    Some(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
}

/// Whether a text may hold escaped pairs, so that scalars need [`remove_fillers`].
pub(super) fn may_hold_pairs(text: &str) -> bool {
    text.contains("\\ud") || text.contains("\\uD")
}

/// Takes the fillers out of a double-quoted scalar.
pub(super) fn remove_fillers(value: Cow<'_, str>) -> Cow<'_, str> {
    if !value.contains(FILLER) {
        return value;
    }
    let mut restored = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        restored.push(c);
        let mut ahead = chars.clone();
        if u32::from(c) >= 0x10000 && ahead.next() == Some(FILLER) && ahead.next() == Some(FILLER) {
            chars = ahead;
        }
    }
    Cow::Owned(restored)
}

impl Input for Source<'_> {
    fn lookahead(&mut self, _count: usize) {}

    fn buflen(&self) -> usize {
        LOOKAHEAD
    }

    fn bufmaxlen(&self) -> usize {
        LOOKAHEAD
    }

    #[inline]
    fn raw_read_ch(&mut self) -> char {
        let next = self.peek();
        self.skip();
        next
    }

    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        match self.peek() {
            '\0' | '\n' | '\r' | '\u{FEFF}' => None,
            next => {
                self.skip();
                Some(next)
            }
        }
    }

    #[inline]
    fn skip(&mut self) {
        match self.next {
            1..0x80 => self.go_to(self.at + 1),
            _ => self.skip_wide(),
        }
    }

    fn skip_n(&mut self, count: usize) {
        if let Some(pair) = self.pair {
            return self.skip_in_pair(pair, count);
        }
        // Two characters of which the first is `\`: the scanner has taken an escape for what it is.
        if count == 2 && self.next == b'\\' {
            let code = self.text.as_bytes().get(self.at..).and_then(surrogate_pair);
            self.pair = code.map(|code| (code, PAIR_REST));
            if self.pair.is_some() {
                self.at += 2;
                self.next = IN_PAIR;
                return;
            }
        }
        for _ in 0..count {
            self.skip();
        }
    }

    #[inline]
    fn peek(&self) -> char {
        if self.next.is_ascii() {
            char::from(self.next)
        } else {
            self.peek_nth(0)
        }
    }

    fn peek_nth(&self, n: usize) -> char {
        work::count_steps(1 + n);
        if let Some(pair) = self.pair {
            return Self::pair_char(pair, n).unwrap_or_else(|| {
                let after = self.at + PAIR_REST;
                self.text
                    .get(after..)
                    .and_then(|rest| rest.chars().nth(n - pair.1))
                    .unwrap_or('\0')
            });
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if n == 1 && rest.starts_with(b"\\u") && surrogate_pair(rest).is_some() {
            return 'U';
        }
        match rest.get(..=n) {
            Some(ahead) if ahead.is_ascii() => ahead.last().map_or('\0', |byte| char::from(*byte)),
            _ => self.decode(n),
        }
    }

    fn peek_opt(&self) -> Option<char> {
        (self.next != 0).then(|| self.peek())
    }

    fn next_is_document_indicator(&self) -> bool {
        self.starts_with(b'-') || self.starts_with(b'.')
    }

    fn next_is_document_start(&self) -> bool {
        self.starts_with(b'-')
    }

    fn next_is_document_end(&self) -> bool {
        self.starts_with(b'.')
    }

    fn skip_ws_to_eol(&mut self, skip_tabs: SkipTabs) -> (usize, Result<SkipTabs, &'static str>) {
        let from = self.at;
        let mut tabs = false;
        loop {
            match self.next {
                b' ' => {}
                b'\t' if skip_tabs == SkipTabs::Yes => tabs = true,
                _ => break,
            }
            self.go_to(self.at + 1);
        }
        let mut count = self.at - from;
        if self.next == b'#' {
            if count == 0 {
                return (
                    0,
                    Err("comments must be separated from other tokens by whitespace"),
                );
            }
            count += self.skip_while_non_breakz();
        }
        // The scanner needs the second flag only after `:`, where a tab is allowed.
        (count, Ok(SkipTabs::Result(tabs, count > 0)))
    }

    #[inline]
    fn next_can_be_plain_scalar(&self, in_flow: bool) -> bool {
        let is_flow = |byte: u8| matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
        match self.next {
            b':' => match self.text.as_bytes().get(self.at + 1) {
                None | Some(b' ' | b'\t' | b'\n' | b'\r') => false,
                Some(next) => !(in_flow && is_flow(*next)),
            },
            0xEF => self.peek() != '\u{FEFF}',
            byte => !(in_flow && is_flow(byte)),
        }
    }

    #[inline]
    fn next_is_blank_or_break(&self) -> bool {
        matches!(self.next, b' ' | b'\t' | b'\n' | b'\r')
    }

    #[inline]
    fn next_is_blank_or_breakz(&self) -> bool {
        matches!(self.next, 0 | b' ' | b'\t' | b'\n' | b'\r')
    }

    #[inline]
    fn next_is_blank(&self) -> bool {
        matches!(self.next, b' ' | b'\t')
    }

    #[inline]
    fn next_is_break(&self) -> bool {
        matches!(self.next, b'\n' | b'\r')
    }

    #[inline]
    fn next_is_breakz(&self) -> bool {
        matches!(self.next, 0 | b'\n' | b'\r')
    }

    #[inline]
    fn next_is_z(&self) -> bool {
        self.next == 0
    }

    fn skip_while_non_breakz(&mut self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest
            .find(['\n', '\r', '\u{FEFF}'])
            .and_then(|end| rest.get(..end))
            .unwrap_or(rest);
        self.go_to(self.at + line.len());
        line.chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_pair_is_read_as_one_character_of_the_same_width() {
        let mut source = Source::new("\\uD83D\\uDE00z");
        assert_eq!((source.peek(), source.peek_nth(1)), ('\\', 'U'));
        source.skip_n(2);
        assert_eq!(
            (0..8).map(|n| source.peek_nth(n)).collect::<String>(),
            "0001f600"
        );
        source.skip_n(8);
        assert_eq!((source.peek(), source.peek_nth(2)), (FILLER, 'z'));
        source.skip_n(2);
        assert_eq!(source.peek(), 'z');
        assert_eq!(
            remove_fillers(Cow::Borrowed("a😀\u{FFFE}\u{FFFE}b\u{FFFE}")),
            "a😀b\u{FFFE}"
        );
    }

    #[test]
    fn half_a_pair_stays_unchanged() {
        assert_eq!(surrogate_pair(b"\\uD83D\\u0041"), None);
        assert_eq!(surrogate_pair(b"\\uDE00\\uD83D"), None);
        assert_eq!(surrogate_pair(b"\\uD83"), None);
    }
}
