//! What a document of a format must look like, version by version: compiled from `formats/shapes/*.yaml`.
//! Holds the compiled form; `compile` makes it, `validate` holds documents against it, `say` words what is wrong.

mod compile;
mod fields;
mod promised;
mod same;
mod say;
#[cfg(test)]
mod tests;
mod validate;

use std::sync::Arc;

use crate::lift::pattern::Pattern;

pub use compile::{compile, compile_known};
pub use promised::Promised;
pub use validate::{MOST_VIOLATIONS, Violation, violations};

/// The shapes of one format in all its versions.
#[derive(Debug, Clone)]
pub struct Shapes {
    /// The format that they describe: `odcs`.
    pub format: Arc<str>,
    /// The file they were read from, as the user knows it.
    pub file: String,
    /// How messages call the standard: `ODCS`.
    called: String,
    /// The key of the document that states its version; none for a format without versions.
    version_key: Option<Arc<str>>,
    /// In ascending order; never empty.
    editions: Vec<Edition>,
}

/// The shapes as they are in one version, free of `since` and `until`.
#[derive(Debug, Clone)]
struct Edition {
    /// As documents state it: `v3.1.0`; empty for a format without versions.
    stated: Arc<str>,
    version: Version,
    root: ShapeId,
    shapes: Vec<Shape>,
}

/// Index into [`Edition::shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ShapeId(usize);

/// A set of kinds of value, each with a rule of its own where it has one.
#[derive(Debug, Clone, Default)]
struct Shape {
    kinds: Kinds,
    text: Option<Arc<TextRule>>,
    number: Option<Bounds>,
    list: Option<ListRule>,
    record: Option<Arc<Record>>,
}

/// Kinds of value, as a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Kinds(u8);

impl Kinds {
    const NULL: Self = Self(1);
    const TRUTH: Self = Self(2);
    const INTEGER: Self = Self(4);
    /// Numbers with a fraction. What takes them takes whole numbers as well.
    const FRACTION: Self = Self(8);
    const TEXT: Self = Self(16);
    const LIST: Self = Self(32);
    const MAPPING: Self = Self(64);
    const NUMBER: Self = Self(4 | 8);
    const PLAIN: Self = Self(1 | 2 | 4 | 8 | 16);
    const ANY: Self = Self(127);

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[derive(Debug, Clone)]
enum TextRule {
    /// One of these, in the order of the file.
    Enum(Vec<Arc<str>>),
    /// Fits one of the patterns; `called` says what that is: `an id without blanks`.
    Matches {
        patterns: Vec<Pattern>,
        called: String,
    },
}

/// Bounds of a number, each inclusive but `more_than`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Bounds {
    at_least: Option<f64>,
    more_than: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
struct ListRule {
    item: ShapeId,
    at_least: usize,
    at_most: Option<usize>,
    unique: bool,
}

/// A mapping with known keys: its own, those of the case that a key's value chooses, those of each condition that holds.
#[derive(Debug, Clone, Default)]
struct Record {
    /// How messages call it: `a contract`.
    called: String,
    /// Whether it takes keys that are not known.
    open: bool,
    own: Fields,
    by: Option<By>,
    /// At most 32.
    also: Vec<(When, Arc<Fields>)>,
}

/// Keys, and what holds between them.
#[derive(Debug, Clone, Default)]
struct Fields {
    /// Sorted by length, then text: most lookups end at the length.
    keys: Vec<Key>,
    /// Keys of which exactly one is there.
    exactly_one: Vec<Vec<Arc<str>>>,
    /// Keys of which at least one is there.
    at_least_one: Vec<Vec<Arc<str>>>,
    /// Keys that other versions have, and which ones: `since 3.2`.
    elsewhere: Vec<(Arc<str>, String)>,
}

#[derive(Debug, Clone)]
struct Key {
    name: Arc<str>,
    shape: ShapeId,
    required: bool,
}

/// Which keys there are hangs on the value of one.
#[derive(Debug, Clone)]
struct By {
    key: Arc<str>,
    cases: Vec<(Arc<str>, Arc<Fields>)>,
    /// For when the key is not there.
    otherwise: Option<Arc<Fields>>,
}

/// Holds where a key is there with a value of one of these kinds.
#[derive(Debug, Clone)]
struct When {
    key: Arc<str>,
    is: Kinds,
}

/// Up to three numbers of a version, missing ones zero: `v3.1` is `[3, 1, 0]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Version([u16; 3]);

impl Version {
    /// Reads a version and how many numbers it states.
    fn parse(text: &str) -> Option<(Self, usize)> {
        let digits = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let mut numbers = [0; 3];
        let mut count = 0;
        for part in digits.split('.') {
            *numbers.get_mut(count)? = part.parse().ok()?;
            count += 1;
        }
        Some((Self(numbers), count))
    }

    /// As people write it: `3.0.1`, `3.1`.
    fn short(self) -> String {
        let [major, minor, patch] = self.0;
        match patch {
            0 => format!("{major}.{minor}"),
            _ => format!("{major}.{minor}.{patch}"),
        }
    }
}

impl Shapes {
    /// The edition that a document of the stated version is held against: its own, else the newest before it, else
    /// the first.
    fn edition(&self, stated: Option<&str>) -> Option<&Edition> {
        let exact = self
            .editions
            .iter()
            .find(|edition| Some(&*edition.stated) == stated);
        exact.or_else(|| {
            let wanted = stated.and_then(Version::parse);
            let before = wanted.and_then(|(version, count)| {
                self.editions
                    .iter()
                    .rev()
                    .find(|edition| edition.version.0.get(..count) <= version.0.get(..count))
            });
            before.or(match wanted {
                Some(_) => self.editions.first(),
                None => self.editions.last(),
            })
        })
    }

    /// Whether the version is one that came after those known here: nothing is known against it.
    fn is_newer(&self, stated: &str) -> bool {
        let newest = self.editions.last().map(|edition| edition.version);
        let like_known = self
            .editions
            .iter()
            .any(|edition| edition.stated.starts_with('v') == stated.starts_with('v'));
        like_known && Version::parse(stated).is_some_and(|(version, _)| Some(version) > newest)
    }
}

impl Edition {
    fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id.0)
    }
}

impl Fields {
    fn get(&self, name: &str) -> Option<&Key> {
        self.keys
            .binary_search_by(|key| (key.name.len(), &*key.name).cmp(&(name.len(), name)))
            .ok()
            .and_then(|index| self.keys.get(index))
    }

    fn sort(&mut self) {
        self.keys
            .sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
    }
}
