//! Source text of one file, and places in it.

use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use foldhash::quality::FixedState;
use serde::Serialize;

use super::work;

/// A file's path relative to the root of the mesh, `/`-separated on every platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// Wraps a path that is relative and `/`-separated already.
    pub fn new(path: impl Into<Arc<str>>) -> Self {
        Self(path.into())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as text to be shared.
    pub fn shared(&self) -> &Arc<str> {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl std::fmt::Display for RelPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A range of a [`SourceText`]: bytes of the decoded UTF-8 text, 0-based, half-open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from `start` up to, not including, `end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// A point in a text as people and tools count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Line, 1-based.
    pub line: u32,
    /// Column, 1-based, in Unicode scalar values.
    pub column: u32,
    /// Column, 1-based, in UTF-16 code units, as SARIF viewers and editors count.
    #[serde(skip)]
    pub column_utf16: u32,
}

/// The identity of a text: a hash, the same for the same text with the same release of govcheck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub u64);

impl TextId {
    /// The identity of a text.
    pub fn of(text: &str) -> Self {
        Self(FixedState::default().hash_one(text))
    }
}

/// The decoded text of one file, without its byte order mark.
#[derive(Debug, Clone)]
pub struct SourceText {
    text: String,
    /// Byte offset of the first byte of each line; never empty.
    line_starts: OnceLock<Vec<u32>>,
    /// How many letters are before each [`STRIDE`] of bytes.
    letters: OnceLock<Vec<Letters>>,
}

/// Bytes between two places of which it is known how many letters are before them.
const STRIDE: usize = 1024;

/// Letters of a part of a text, as people and as tools count them.
#[derive(Debug, Clone, Copy, Default)]
struct Letters {
    /// Unicode scalar values.
    characters: u32,
    /// UTF-16 code units.
    units: u32,
}

impl Letters {
    /// Those that begin in some bytes of a text.
    fn of(bytes: &[u8]) -> Self {
        work::count_steps(bytes.len());
        let count = |is_counted: fn(u8) -> bool| {
            text_offset(bytes.iter().filter(|byte| is_counted(**byte)).count())
        };
        let characters = count(|byte| byte & 0xC0 != 0x80);
        Self {
            characters,
            // Letters of four bytes are two units.
            units: characters + count(|byte| byte >= 0xF0),
        }
    }
}

impl Default for SourceText {
    /// The empty text, which has one line.
    fn default() -> Self {
        Self::new(String::new())
    }
}

impl SourceText {
    /// A line ends with LF, CRLF or a lone CR, as in YAML. Lines are counted when somebody asks for one.
    pub fn new(text: String) -> Self {
        Self {
            text,
            line_starts: OnceLock::new(),
            letters: OnceLock::new(),
        }
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let mut starts = vec![0];
            let bytes = self.text.as_bytes();
            for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
                if bytes.get(at..at + 2) != Some(b"\r\n") {
                    starts.push(text_offset(at + 1));
                }
            }
            starts
        })
    }

    /// Its identity.
    pub fn id(&self) -> TextId {
        TextId::of(&self.text)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text that a span covers; empty if the span is not one of this text.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// How many lines there are; a text without a line break has one.
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// The span of a line, 1-based, without its line break.
    pub fn line_span(&self, line: u32) -> Option<Span> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.line_starts().get(index)?;
        let end = self
            .line_starts()
            .get(index + 1)
            .copied()
            .unwrap_or(text_offset(self.text.len()));
        let body = self.text.get(start as usize..end as usize)?;
        let trimmed = body.trim_end_matches(['\n', '\r']);
        Some(Span::new(start, start + text_offset(trimmed.len())))
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, at: u32) -> Position {
        let at = at.min(text_offset(self.text.len()));
        let index = self.line_starts().partition_point(|start| *start <= at) - 1;
        let start = self.line_starts().get(index).copied().unwrap_or(0);
        let before = self.letters(start as usize, at as usize);
        Position {
            line: text_offset(index + 1),
            column: before.characters + 1,
            column_utf16: before.units + 1,
        }
    }

    /// The letters that begin in a part of one line. A file may be one line with thousands of places.
    fn letters(&self, from: usize, to: usize) -> Letters {
        let bytes = self.text.as_bytes();
        if to.saturating_sub(from) <= STRIDE {
            return Letters::of(bytes.get(from..to).unwrap_or_default());
        }
        let strides = self.letters.get_or_init(|| {
            let mut before = Letters::default();
            let strides = bytes.chunks(STRIDE).map(Letters::of).map(|own| {
                let next = Letters {
                    characters: before.characters + own.characters,
                    units: before.units + own.units,
                };
                std::mem::replace(&mut before, next)
            });
            strides.collect()
        });
        let until = |at: usize| {
            // The end of the text may begin a stride.
            let stride = (at / STRIDE).min(strides.len().saturating_sub(1));
            let known = strides.get(stride).copied().unwrap_or_default();
            let rest = Letters::of(bytes.get(stride * STRIDE..at).unwrap_or_default());
            Letters {
                characters: known.characters + rest.characters,
                units: known.units + rest.units,
            }
        };
        let (from, to) = (until(from), until(to));
        Letters {
            characters: to.characters - from.characters,
            units: to.units - from.units,
        }
    }
}

/// A length or offset within a text, which parsing bounds far below 4 GiB.
pub fn text_offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// No name is looked for that has more letters: how near two are costs the product of their lengths.
pub const MOST_LETTERS: usize = 100;

/// A name is compared with no more than so many of nearly its length.
pub const MOST_NAMES: usize = 1_000;

/// Two names that differ in more letters are not near.
pub const FURTHEST: usize = 4;

/// The one of `known` that `got` was most likely meant to be, if any is near: the first of the nearest. None is near a name
/// of more than [`MOST_LETTERS`]; of the known names of about its length the first [`MOST_NAMES`] are
/// looked at.
pub fn nearest_name<'k>(got: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let length = letters_within(got, MOST_LETTERS)?;
    let lower = got.to_lowercase();
    known
        .filter(|name| {
            work::count_steps(1);
            let other = letters_within(name, length + FURTHEST);
            other.is_some_and(|other| other.abs_diff(length) <= FURTHEST)
        })
        .take(MOST_NAMES)
        .map(|name| (edit_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| is_near(*distance, got, name))
        .min_by_key(|(distance, name)| (*distance, *name))
        .map(|(_, name)| name)
}

/// How many letters a text has; `None` if they are more than `most`.
pub fn letters_within(text: &str, most: usize) -> Option<usize> {
    // A letter has at most four bytes, so that a long text is not counted through.
    let is_short = text.len() <= most.saturating_mul(4);
    let count = is_short.then(|| text.chars().count())?;
    (count <= most).then_some(count)
}

/// In how many letters two texts in lower case differ; neighbours that changed places are one difference.
pub fn edit_distance(one: &str, two: &str) -> usize {
    work::count_steps(one.len().saturating_mul(two.len()));
    strsim::damerau_levenshtein(one, two)
}

/// Whether that is few enough for one to be meant for the other: a third of the letters, and four at most.
pub fn is_near(distance: usize, got: &str, name: &str) -> bool {
    let length = name.chars().count().max(got.chars().count());
    distance <= length.div_ceil(3).min(FURTHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_text_has_a_first_position() {
        let start = SourceText::default().position(0);
        assert_eq!((start.line, start.column), (1, 1));
    }

    #[test]
    fn nearest_is_near_or_none() {
        let known = ["fulfillment", "finance"];
        assert_eq!(
            nearest_name("fulfilment", known.into_iter()),
            Some("fulfillment")
        );
        assert_eq!(nearest_name("hr", known.into_iter()), None);
    }

    #[test]
    fn near_names_of_any_length_and_number_take_bounded_work() {
        let steps = |letters: usize, count: usize| {
            let names: Vec<String> = (0..count)
                .map(|n| format!("{}{n:06}", "n".repeat(letters)))
                .collect();
            work::steps_of(|| {
                nearest_name(&"n".repeat(letters + 5), names.iter().map(|name| &**name));
            })
        };
        assert_eq!(steps(20_000, 400), 0);
        assert!(steps(MOST_LETTERS - 6, 4_000) <= MOST_NAMES * (MOST_LETTERS + FURTHEST).pow(2));
        assert_eq!(steps(20, 4_000), steps(20, 1_000));
        // Up to the bound a name is found.
        let long = "n".repeat(MOST_LETTERS);
        assert_eq!(
            nearest_name(&long.replacen('n', "m", 1), [&*long].into_iter()),
            Some(&*long)
        );
    }

    #[test]
    fn columns_of_a_long_line_are_those_of_a_short_one() {
        let part = "ü😀x€, ";
        let text = SourceText::new(format!("a\n{}\n{}", part.repeat(1_000), "x".repeat(2_000)));
        for at in text.as_str().char_indices().map(|(at, _)| at) {
            let before = text.as_str().get(..at).unwrap();
            let line = before.rsplit('\n').next().unwrap();
            let position = text.position(text_offset(at));
            let columns = (position.column as usize, position.column_utf16 as usize);
            let expected = (line.chars().count() + 1, line.encode_utf16().count() + 1);
            assert_eq!(columns, expected, "{at}");
        }
        let end = text.position(text_offset(text.as_str().len()));
        assert_eq!((end.line, end.column), (3, 2_001));
    }

    #[test]
    fn many_places_in_one_line_take_linear_work() {
        let steps = |count: usize| {
            let text = SourceText::new("{\"a\": 1}, ".repeat(count));
            work::steps_of(|| {
                for number in 0..count {
                    text.position(text_offset(number * 10));
                }
            })
        };
        let (one, four) = (steps(2_000), steps(8_000));
        assert!(
            four * 2 <= one * 9,
            "{one} steps for 2,000, {four} for 8,000"
        );
    }

    #[test]
    fn columns_count_characters_and_utf16_units() {
        let text = SourceText::new("a: 1\r\nü😀x: 2\rz: 3\n".to_owned());
        let at = |needle: &str| text.position(text_offset(text.as_str().find(needle).unwrap()));
        assert_eq!(
            (at("x: 2").line, at("x: 2").column, at("x: 2").column_utf16),
            (2, 3, 4)
        );
        assert_eq!((at("z").line, at("z").column), (3, 1));
        assert_eq!(text.slice(text.line_span(1).unwrap()), "a: 1");
    }
}
