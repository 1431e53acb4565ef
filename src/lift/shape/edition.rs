//! Compiled shapes: what documents of a format look like in each version of its standard. Judges no document.

use std::sync::Arc;

use crate::lift::pattern::Pattern;

/// The shapes of one format in all its versions.
#[derive(Debug, Clone)]
pub struct Shapes {
    /// The format that they describe: `odcs`.
    pub format: Arc<str>,
    /// The file they were read from, as the user knows it.
    pub file: String,
    /// How messages call the standard: `ODCS`.
    pub(super) called: String,
    /// The key of the document that states its version. `None` for a format without versions.
    pub(super) version_key: Option<Arc<str>>,
    /// In ascending order; never empty.
    pub(super) editions: Vec<Edition>,
}

/// The shapes as they are in one version, free of `since` and `until`.
#[derive(Debug, Clone)]
pub(super) struct Edition {
    /// As documents state it: `v3.1.0`; empty for a format without versions.
    pub(super) stated: Arc<str>,
    pub(super) version: StandardVersion,
    pub(super) root: ShapeId,
    pub(super) shapes: Vec<Shape>,
}

/// Index into [`Edition::shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShapeId(pub(super) usize);

/// A set of kinds of value, each with a rule of its own where it has one.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) kinds: ValueKinds,
    pub(super) text: Option<Arc<TextRule>>,
    pub(super) number: Option<NumberBounds>,
    pub(super) list: Option<ListRule>,
    pub(super) record: Option<Arc<RecordShape>>,
}

/// Kinds of value, as a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ValueKinds(pub(super) u8);

impl ValueKinds {
    pub(super) const NULL: Self = Self(1);
    pub(super) const TRUTH: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    /// Numbers with a fraction. What takes them takes whole numbers as well.
    pub(super) const FRACTION: Self = Self(8);
    pub(super) const TEXT: Self = Self(16);
    pub(super) const LIST: Self = Self(32);
    pub(super) const MAPPING: Self = Self(64);
    pub(super) const NUMBER: Self = Self(4 | 8);
    pub(super) const PLAIN: Self = Self(1 | 2 | 4 | 8 | 16);
    pub(super) const ANY: Self = Self(127);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[derive(Debug, Clone)]
pub(super) enum TextRule {
    /// One of these, in the order of the file; and the values that other versions have, with which: `since 3.1`.
    Enum {
        values: Vec<Arc<str>>,
        elsewhere: Vec<(Arc<str>, String)>,
    },
    /// Fits one of the patterns; `called` says what that is: `an id without blanks`.
    Matches {
        patterns: Vec<Pattern>,
        called: String,
    },
}

/// Bounds of a number, each inclusive but `more_than`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct NumberBounds {
    pub(super) at_least: Option<f64>,
    pub(super) more_than: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ListRule {
    pub(super) item: ShapeId,
    pub(super) at_least: usize,
    pub(super) at_most: Option<usize>,
    pub(super) unique: bool,
}

/// A mapping with known keys: its own, those of the case that a key's value chooses, those of each condition that holds.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordShape {
    /// How messages call it: `a contract`.
    pub(super) called: String,
    /// Whether it takes keys that are not known.
    pub(super) open: bool,
    pub(super) own: RecordKeys,
    pub(super) by: Option<By>,
    /// At most 32.
    pub(super) also: Vec<(When, Arc<RecordKeys>)>,
}

/// Keys, and what holds between them.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordKeys {
    /// Sorted by length, then text: most lookups end at the length.
    pub(super) keys: Vec<ShapeKey>,
    /// Keys of which exactly one is there.
    pub(super) exactly_one: Vec<Vec<Arc<str>>>,
    /// Keys of which at least one is there.
    pub(super) at_least_one: Vec<Vec<Arc<str>>>,
    /// Keys that other versions have, and which ones: `since 3.2`.
    pub(super) elsewhere: Vec<(Arc<str>, String)>,
}

#[derive(Debug, Clone)]
pub(super) struct ShapeKey {
    pub(super) name: Arc<str>,
    pub(super) shape: ShapeId,
    pub(super) required: bool,
}

/// The allowed keys depend on the value of one.
#[derive(Debug, Clone)]
pub(super) struct By {
    pub(super) key: Arc<str>,
    pub(super) cases: Vec<(Arc<str>, Arc<RecordKeys>)>,
    /// If the key is absent.
    pub(super) otherwise: Option<Arc<RecordKeys>>,
}

/// Holds where a key is there with a value of one of these kinds.
#[derive(Debug, Clone)]
pub(super) struct When {
    pub(super) key: Arc<str>,
    pub(super) is: ValueKinds,
}

/// Up to three numbers of a version, missing ones zero: `v3.1` is `[3, 1, 0]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StandardVersion(pub(super) [u16; 3]);

impl StandardVersion {
    /// Reads a version and how many numbers it states.
    pub(super) fn parse(text: &str) -> Option<(Self, usize)> {
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
    pub(super) fn short(self) -> String {
        let [major, minor, patch] = self.0;
        match patch {
            0 => format!("{major}.{minor}"),
            _ => format!("{major}.{minor}.{patch}"),
        }
    }
}

impl Shapes {
    /// The edition for documents of the stated version: its own, else the newest before it, else the first.
    pub(super) fn edition(&self, stated: Option<&str>) -> Option<&Edition> {
        let exact = self
            .editions
            .iter()
            .find(|edition| Some(&*edition.stated) == stated);
        exact.or_else(|| {
            let wanted = stated.and_then(StandardVersion::parse);
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

    /// The newest version, as documents state it. `None` for a format without versions.
    pub(crate) fn newest_version(&self) -> Option<&str> {
        let newest = self.editions.last()?;
        (!newest.stated.is_empty()).then_some(&*newest.stated)
    }

    /// Whether the version is one that came after those known here: nothing is known against it.
    pub(super) fn is_newer(&self, stated: &str) -> bool {
        let newest = self.editions.last().map(|edition| edition.version);
        let like_known = self
            .editions
            .iter()
            .any(|edition| edition.stated.starts_with('v') == stated.starts_with('v'));
        like_known
            && StandardVersion::parse(stated).is_some_and(|(version, _)| Some(version) > newest)
    }
}

impl Edition {
    pub(super) fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id.0)
    }
}

impl RecordKeys {
    pub(super) fn get(&self, name: &str) -> Option<&ShapeKey> {
        self.keys
            .binary_search_by(|key| (key.name.len(), &*key.name).cmp(&(name.len(), name)))
            .ok()
            .and_then(|index| self.keys.get(index))
    }

    pub(super) fn sort(&mut self) {
        self.keys
            .sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
    }
}
