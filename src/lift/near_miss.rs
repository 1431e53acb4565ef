//! Documents and broken files that bear the marks of a format without being recognised: a required key with a wrong value, a
//! misspelt marker, the keys of its entities, or a marker hidden by tags, anchors, quotes or escapes where YAML can't be parsed.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::format::{Condition, ConditionTest, Format};
use super::path::PathContext;
use super::scalar::scalar_text;
use crate::model::document::{Document, Reached};
use crate::model::text::{SourceText, Span, distance, letters_within};

/// Shorter markers, such as `kind` and `Register`, are words that other files use, too.
const MARKER_LETTERS: usize = 10;

/// Longer names are not compared.
const NAME_LETTERS: usize = 60;

/// A document that is nearly one of a format.
pub(crate) struct NearMiss<'f> {
    pub(crate) format: &'f Format,
    /// What it shows of the format: ``has `kind: DataContracts` ``.
    pub(crate) shows: String,
    /// Where it shows it.
    pub(crate) span: Span,
}

/// The format whose marks a document bears that no format recognises. `None` for other documents.
pub(crate) fn near_miss<'f>(
    formats: &'f [Format],
    document: &Document,
    text: &SourceText,
) -> Option<NearMiss<'f>> {
    let context = PathContext::at(document, document.root());
    let is_excluded = |format: &Format| {
        let mut not = format.not.iter();
        not.any(|condition| condition.holds(&context, text))
    };
    let top = TopLevel { document, text };
    let formats = formats.iter().filter(|format| !is_excluded(format));
    if top.is_resource_of_others() {
        let formats: Vec<&Format> = formats.collect();
        let is_version = |key: &str| key == "apiVersion";
        let mut by_text = formats
            .iter()
            .filter_map(|it| top.shows_text(it, is_version));
        let by_keys = || formats.iter().find_map(|format| top.shows_keys(format));
        by_text.next().or_else(|| by_keys().map(|(_, miss)| miss))
    } else {
        let formats: Vec<&Format> = formats.collect();
        let by_text = formats
            .iter()
            .find_map(|format| top.shows_text(format, |_| true));
        let by_marker = || formats.iter().find_map(|format| top.shows_marker(format));
        by_text.or_else(by_marker).or_else(|| {
            let by_keys = formats.iter().filter_map(|format| top.shows_keys(format));
            // Of several the one of which it has most; the first of equals.
            let best = by_keys.reduce(|best, next| if next.0 > best.0 { next } else { best });
            best.map(|(_, miss)| miss)
        })
    }
}

/// The keys of a document.
struct TopLevel<'d> {
    document: &'d Document,
    text: &'d SourceText,
}

impl<'d> TopLevel<'d> {
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

    /// Whether it is a Kubernetes resource, whose `apiVersion` names a group of others. Its own kinds may be called anything.
    fn is_resource_of_others(&self) -> bool {
        let version = self.value("apiVersion");
        let version = version.and_then(|at| scalar_text(self.document, self.text, at.node));
        version.is_some_and(|version| version.contains('/')) || self.value("metadata").is_some()
    }

    /// A key with its value reads as the format's own hints say.
    fn shows_text<'f>(
        &self,
        format: &'f Format,
        counts: impl Fn(&str) -> bool,
    ) -> Option<NearMiss<'f>> {
        let mut entries = self.entries();
        let (key, value, span) = entries.find(|(key, value, _)| {
            counts(key)
                && value.is_some_and(|value| {
                    let line = format!("{key}: {value}");
                    format.hint_text.iter().any(|hint| hint.is_match(&line))
                })
        })?;
        let value = value.unwrap_or_default();
        Some(NearMiss {
            format,
            shows: format!("has `{key}: {value}`"),
            span,
        })
    }

    /// A value or a key is nearly one that the format requires.
    fn shows_marker<'f>(&self, format: &'f Format) -> Option<NearMiss<'f>> {
        self.entries().find_map(|(key, value, span)| {
            let is_meant = |condition: &&'f Condition| match &condition.test {
                ConditionTest::Equals(wanted) => {
                    let here = condition
                        .path
                        .only_key()
                        .is_some_and(|own| is_key(key, own));
                    here && value.is_some_and(|value| is_nearly(value, wanted))
                }
                ConditionTest::Exists(true) => {
                    let wanted = condition.path.only_key();
                    wanted.is_some_and(|wanted| key != wanted && is_nearly(key, wanted))
                }
                _ => false,
            };
            format.all.iter().find(is_meant)?;
            let shows = match value {
                Some(value) => format!("has `{key}: {value}`"),
                None => format!("has `{key}`"),
            };
            Some(NearMiss {
                format,
                shows,
                span,
            })
        })
    }

    /// It has keys of the format's entities, as many as the format asks for.
    fn shows_keys<'f>(&self, format: &'f Format) -> Option<(usize, NearMiss<'f>)> {
        let is_one = |key: &str| format.hint_keys.names.iter().any(|name| **name == *key);
        let found: Vec<(&str, Span)> = self
            .entries()
            .filter(|(key, _, _)| is_one(key))
            .map(|(key, _, span)| (key, span))
            .collect();
        let (_, span) = *found.first()?;
        if found.len() < format.hint_keys.at_least {
            return None;
        }
        let names: Vec<String> = found.iter().map(|(key, _)| format!("`{key}`")).collect();
        let shows = format!("has {}", names.join(", "));
        Some((
            found.len(),
            NearMiss {
                format,
                shows,
                span,
            },
        ))
    }
}

/// Whether a key is meant for one of a format: in any case, with one letter off.
fn is_key(got: &str, key: &str) -> bool {
    let is_short = letters_within(got, NAME_LETTERS).is_some();
    is_short && distance(&got.to_lowercase(), &key.to_lowercase()) <= 1
}

/// Whether a text is meant for a marker: the same but for case and separators, or up to two letters off.
fn is_nearly(got: &str, marker: &str) -> bool {
    let bare = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    if marker.len() < MARKER_LETTERS || letters_within(got, NAME_LETTERS).is_none() {
        return false;
    }
    let (got, marker) = (bare(got), bare(marker));
    got == marker || (got.len().abs_diff(marker.len()) <= 2 && distance(&got, &marker) <= 2)
}

/// Whether a text that can't be parsed bears the marks of a format: its hints are looked for in the whole text, without what YAML
/// lets stand between a key and its value.
pub(crate) fn hints_in_broken_text<'f>(formats: &'f [Format], text: &str) -> Option<&'f Format> {
    let plain = plain_text(text);
    formats.iter().find(|format| {
        let mut hints = format.hint_text.iter();
        hints.any(|hint| hint.is_match(&plain))
            || format.all.iter().any(|it| it.is_named_in(&plain))
    })
}

impl Condition {
    /// Whether the marker that it requires is in a text, beside the key: an alias may stand between the two.
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
    fn a_marker_may_be_off_by_case_separators_and_two_letters() {
        for got in [
            "datacontract",
            "Data Contract",
            "data_contract",
            "DataContracts",
            "DatContract",
        ] {
            assert!(is_nearly(got, "DataContract"), "{got}");
        }
        for got in ["Contract", "Data", "DataSource", "Register"] {
            assert!(!is_nearly(got, "DataContract"), "{got}");
        }
        assert!(!is_nearly("register", "Register"), "a word of others");
    }
}
