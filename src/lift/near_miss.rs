//! Documents and broken files that bear the marks of a format without being recognised: a required key with a wrong value, a
//! misspelt marker, the keys of its entities, or a marker hidden by tags, anchors, quotes or escapes where YAML can't be parsed.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::format::{Condition, ConditionTest, Format};
use super::lack::Lack;
use super::misspelling::{MARKER_LETTERS, is_key, is_nearly};
use super::path::PathContext;
use super::scalar::scalar_text;
use crate::model::document::{Document, Reached};
use crate::model::text::{SourceText, Span};

/// With so many keys of a format's entities at its top, a document is no resource of others, which has `spec` there.
const KEYS_OF_A_RESOURCE: usize = 2;

/// Bytes that are searched in one go.
const WINDOW: usize = 1024 * 1024;

/// Bytes of one window that are searched again with the next: no mark is longer.
const OVERLAP: usize = 4 * 1024;

/// A format that a document has the marks of, and what the document lacks to be one.
pub(crate) struct NearMiss<'f> {
    pub(crate) format: &'f Format,
    /// The conditions that fail; never empty.
    pub(crate) lacks: Vec<Lack>,
    /// The place to correct: a wrong value or misspelt key, else the mark that was recognised.
    pub(crate) span: Span,
}

/// How sure a mark is, and of two of a kind how many there are. The greater is surer.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Sureness {
    Keys(usize),
    Marker,
    Text,
}

/// The format whose marks a document bears that no format recognises: the surest, of equals the first. `None` for other
/// documents.
pub(crate) fn near_miss<'f>(
    formats: &'f [Format],
    document: &Document,
    text: &SourceText,
) -> Option<NearMiss<'f>> {
    let top = TopLevel { document, text };
    let marks = formats.iter().filter_map(|format| {
        let (sureness, span) = top.marks_of(format)?;
        Some((sureness, format, span))
    });
    let surest = marks.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (_, format, mark) = surest?;
    let lacks = format.lacks(document, text);
    let span = lacks.iter().find_map(|lack| lack.span).unwrap_or(mark);
    Some(NearMiss {
        format,
        lacks,
        span,
    })
}

/// The keys of a document.
struct TopLevel<'d> {
    document: &'d Document,
    text: &'d SourceText,
}

impl<'d> TopLevel<'d> {
    /// The surest mark of a format, with its place. `None` where there is none, or where the format rules the document out.
    fn marks_of(&self, format: &Format) -> Option<(Sureness, Span)> {
        let context = PathContext::at(self.document, self.document.root());
        let holds = |condition: &Condition| condition.holds(&context, self.text);
        if format.not.iter().any(holds) {
            return None;
        }
        let keys = self.keys_of(format);
        let is_of_others = self.is_resource_of_others() && keys.len() < KEYS_OF_A_RESOURCE;
        // A resource of others may be of any kind, but its group is the format's own or not.
        let counts = |key: &str| !is_of_others || key == "apiVersion";
        let by_text = self.place_of_text(format, counts);
        let by_marker = || match is_of_others {
            true => None,
            false => self.place_of_marker(format),
        };
        let by_keys = || {
            let is_enough = keys.len() >= format.hint_keys.at_least;
            keys.first().filter(|_| is_enough).copied()
        };
        let by_text = by_text.map(|span| (Sureness::Text, span));
        by_text
            .or_else(|| by_marker().map(|span| (Sureness::Marker, span)))
            .or_else(|| by_keys().map(|span| (Sureness::Keys(keys.len()), span)))
    }

    /// Keys and values, with the place of each key.
    fn entries(&self) -> impl Iterator<Item = (&'d str, Option<&'d str>, Span)> {
        let (document, text) = (self.document, self.text);
        let entries = document.entries(document.root().node).iter();
        entries.filter_map(move |entry| {
            let key = document.as_str(entry.key)?;
            let value = scalar_text(document, text, entry.value);
            Some((&**key, value, document.span(entry.key)))
        })
    }

    fn value(&self, key: &str) -> Option<Reached> {
        self.document.get(self.document.root(), key)
    }

    /// Whether it is built like a Kubernetes resource: `apiVersion` names a group, or there is `metadata`.
    fn is_resource_of_others(&self) -> bool {
        let version = self.value("apiVersion");
        let version = version.and_then(|at| scalar_text(self.document, self.text, at.node));
        version.is_some_and(|version| version.contains('/')) || self.value("metadata").is_some()
    }

    /// The first key that reads, with its value, as the format's own hints say.
    fn place_of_text(&self, format: &Format, counts: impl Fn(&str) -> bool) -> Option<Span> {
        let is_hinted = |key: &str, value: &str| {
            let line = format!("{key}: {value}");
            format.hint_text.iter().any(|hint| hint.is_match(&line))
        };
        let mut entries = self.entries();
        let (_, _, span) = entries.find(|(key, value, _)| {
            counts(key) && value.is_some_and(|value| is_hinted(key, value))
        })?;
        Some(span)
    }

    /// The first key that is nearly one that the format requires, or has nearly a value that it requires.
    fn place_of_marker(&self, format: &Format) -> Option<Span> {
        let is_meant = |condition: &Condition, key: &str, value: Option<&str>| {
            let Some(own) = condition.path.only_key() else {
                return false;
            };
            match &condition.test {
                ConditionTest::Equals(wanted) => {
                    is_key(key, own) && value.is_some_and(|value| is_nearly(value, wanted))
                }
                ConditionTest::Exists(true) => key != own && is_nearly(key, own),
                _ => false,
            }
        };
        let mut entries = self.entries();
        let (_, _, span) = entries.find(|(key, value, _)| {
            let mut required = format.all.iter();
            required.any(|condition| is_meant(condition, key, *value))
        })?;
        Some(span)
    }

    /// The places of the keys of the format's entities.
    fn keys_of(&self, format: &Format) -> Vec<Span> {
        let is_one = |key: &str| format.hint_keys.names.iter().any(|name| **name == *key);
        let entries = self.entries().filter(|(key, _, _)| is_one(key));
        entries.map(|(_, _, span)| span).collect()
    }
}

/// Whether a text that can't be parsed bears the marks of a format: its hints are looked for in the whole text, ignoring what
/// YAML allows between a key and its value.
pub(crate) fn hints_in_broken_text<'f>(formats: &'f [Format], text: &str) -> Option<&'f Format> {
    let plain = plain_text(text);
    formats.iter().find(|format| {
        let mut hints = format.hint_text.iter();
        hints.any(|hint| hint.is_match(&plain))
            || format.all.iter().any(|it| it.is_named_in(&plain))
    })
}

/// The same for bytes that are not text, or too many to parse: window by window, without the zeros of UTF-16 and UTF-32.
pub(crate) fn hints_in_bytes<'f>(formats: &'f [Format], bytes: &[u8]) -> Option<&'f Format> {
    windows(bytes).find_map(|text| hints_in_broken_text(formats, &text))
}

/// The same for JSON, in which escapes alone can hide a mark. That is much cheaper, and large JSON files are common.
pub(crate) fn hints_in_json<'f>(formats: &'f [Format], bytes: &[u8]) -> Option<&'f Format> {
    static ESCAPED_LETTER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\\u00[2-7]").ok());
    windows(bytes).find_map(|text| {
        let may_hide = ESCAPED_LETTER.as_ref().is_none_or(|it| it.is_match(&text));
        let has_mark = |format: &&Format| format.hint_text.iter().any(|it| it.is_match(&text));
        match may_hide {
            true => hints_in_broken_text(formats, &text),
            false => formats.iter().find(has_mark),
        }
    })
}

/// Bytes as texts that overlap, without zeros.
fn windows(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    let starts = (0..bytes.len()).step_by(WINDOW);
    starts.map(|start| {
        let end = bytes.len().min(start + WINDOW + OVERLAP);
        let window = bytes.get(start..end).unwrap_or_default();
        if memchr::memchr(0, window).is_none() {
            return String::from_utf8_lossy(window);
        }
        let window: Vec<u8> = window.iter().copied().filter(|byte| *byte != 0).collect();
        Cow::Owned(String::from_utf8_lossy(&window).into_owned())
    })
}

impl Condition {
    /// Whether the marker that it requires is in a text, beside the key: an alias may come between the two.
    fn is_named_in(&self, text: &str) -> bool {
        let ConditionTest::Equals(marker) = &self.test else {
            return false;
        };
        let key = self.path.only_key();
        marker.len() >= MARKER_LETTERS
            && key.is_some_and(|key| text.contains(&format!("{key}:")))
            && text.contains(&**marker)
    }
}

/// A text without tags, anchors, quotes and the marks of explicit keys, and with its escapes read.
fn plain_text(text: &str) -> String {
    static ESCAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))|\\\r?\n[ \t]*")
            .ok()
    });
    static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?m)(?:^|[ \t\[{,])(?:!(?:<[^>\s]*>|[^\s,\[\]{}]*)|&[^\s,\[\]{}]+)(?:[ \t]|\r?$)|["'\x00]|^[ \t]*\?[ \t]+"#).ok()
    });
    static KEY: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(\w)[ \t]*(?:\r?\n[ \t]*)?:[ \t]*(?:\r?\n[ \t]+)?").ok());
    let (Some(escape), Some(noise), Some(key)) = (&*ESCAPE, &*NOISE, &*KEY) else {
        return text.to_owned();
    };
    let read = escape.replace_all(text, |found: &Captures<'_>| {
        let digits = (1..4).find_map(|at| found.get(at));
        let code = digits.and_then(|digits| u32::from_str_radix(digits.as_str(), 16).ok());
        code.and_then(char::from_u32)
            .map_or_else(String::new, String::from)
    });
    // One mark may follow another.
    let once = noise.replace_all(&read, " ");
    let twice = noise.replace_all(&once, " ");
    key.replace_all(&twice, "$1: ").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_a_marker_is_taken_away() {
        for text in [
            "kind: DataContract",
            "kind: !!str DataContract",
            "kind: &k !x DataContract",
            "\"kind\": \"DataContract\"",
            "{'kind':'DataContract'}",
            "? kind\n: DataContract",
            "kind:\n  DataContract",
            "\"k\\x69nd\": \"Data\\u0043ontract\"",
            "k\0i\0n\0d\0:\0 \0D\0a\0t\0a\0C\0o\0n\0t\0r\0a\0c\0t\0",
        ] {
            let plain = match text.contains('\0') {
                true => plain_text(text).replace(' ', "").replace(':', ": "),
                false => plain_text(text),
            };
            assert!(plain.contains("kind: DataContract"), "{text:?}: {plain:?}");
        }
    }

    #[test]
    fn a_mark_on_the_edge_of_two_windows_is_in_one_of_them() {
        for before in [0, WINDOW - 5, WINDOW, WINDOW + OVERLAP - 5] {
            let bytes = [&vec![b' '; before][..], b"DataContract", &[b' '; 9]].concat();
            let found = windows(&bytes).any(|text| text.contains("DataContract"));
            assert!(found, "{before}");
        }
        let without_zeros: Vec<_> = windows(b"a\0\0\0b\0\0\0").collect();
        assert_eq!(without_zeros, ["ab"]);
    }
}
