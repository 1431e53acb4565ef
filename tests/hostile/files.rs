//! The files of a base and a head: written out, or made of a text that attacks share.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::attack::folder;

/// What to do with paths. `None` deletes a file or a folder. A path that begins with `%%` is percent-encoded: bytes that are not
/// UTF-8.
pub(super) type Files = BTreeMap<String, Option<Content>>;

/// The files of a commit, by their paths as bytes.
pub(super) type Tree = BTreeMap<Vec<u8>, Blob>;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Blob {
    File(Vec<u8>),
    Link(String),
    /// The id of a commit.
    Submodule(String),
}

/// What an attack writes to a path.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    /// As it stands; `=orphan b` is the shared text `orphan` with the id `b`.
    Text(String),
    Made(Box<Made>),
}

/// A text with edits; without a source, the file as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Made {
    /// A shared text and its id: `orphan b`.
    like: Option<String>,
    text: Option<String>,
    /// The path whose file moves here.
    moved_from: Option<String>,
    /// Texts that must be there, and what comes in their place.
    replace: Vec<[String; 2]>,
    before: Vec<Piece>,
    after: Vec<Piece>,
    encoding: Option<Encoding>,
    /// The target of a symbolic link.
    link: Option<String>,
    /// The commit of a submodule.
    submodule: Option<String>,
}

/// A piece of text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Piece {
    Once(String),
    /// `{n}` in it is the number, from 1.
    Many {
        repeat: String,
        times: usize,
    },
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Encoding {
    Utf16Le,
    Utf16Be,
    Utf16LeMark,
    Utf16BeMark,
    Utf32LeMark,
    Utf8Mark,
    Latin1,
    CarriageReturns,
}

/// What attacks share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    texts: BTreeMap<String, String>,
    base: Files,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let text = std::fs::read_to_string(folder().join("shared.yaml")).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("shared.yaml: {error}"))
});

/// The base that all attacks start from.
pub(super) fn shared_base() -> Tree {
    let mut tree = Tree::new();
    lay_over(&mut tree, &SHARED.base);
    tree
}

/// Writes files into a tree, in the order of their paths.
pub(super) fn lay_over(tree: &mut Tree, files: &Files) {
    for (path, content) in files {
        let path = path_bytes(path);
        let blob = content.as_ref().map(|content| content.blob(tree, &path));
        clear(tree, &path);
        if let Some(blob) = blob {
            tree.insert(path, blob);
        }
    }
}

/// Removes a file, or a folder with what is in it.
fn clear(tree: &mut Tree, path: &[u8]) {
    let folder = [path, b"/"].concat();
    tree.retain(|other, _| other != path && !other.starts_with(&folder));
}

fn path_bytes(path: &str) -> Vec<u8> {
    let Some(encoded) = path.strip_prefix("%%") else {
        return path.as_bytes().to_vec();
    };
    let mut parts = encoded.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// A shared text: its name, and the id in it.
fn shared_text(named: &str) -> String {
    let (name, id) = named.split_once(' ').unwrap_or((named, ""));
    let text = SHARED.texts.get(name);
    let text = text.unwrap_or_else(|| panic!("no shared text `{name}`"));
    text.replace("{id}", id)
}

fn text_at(tree: &Tree, path: &[u8]) -> String {
    match tree.get(path) {
        Some(Blob::File(bytes)) => String::from_utf8(bytes.clone()).unwrap(),
        _ => panic!("no file `{}`", String::from_utf8_lossy(path)),
    }
}

impl Content {
    /// The blob for `path`, given the tree as it is.
    fn blob(&self, tree: &mut Tree, path: &[u8]) -> Blob {
        match self {
            Self::Text(text) => match text.strip_prefix('=') {
                Some(named) => Blob::File(shared_text(named).into_bytes()),
                None => Blob::File(text.clone().into_bytes()),
            },
            Self::Made(made) => made.blob(tree, path),
        }
    }
}

impl Made {
    fn blob(&self, tree: &mut Tree, path: &[u8]) -> Blob {
        if let Some(target) = &self.link {
            return Blob::Link(target.clone());
        }
        if let Some(commit) = &self.submodule {
            return Blob::Submodule(commit.clone());
        }
        let mut text = match (&self.like, &self.text, &self.moved_from) {
            (Some(named), None, None) => shared_text(named),
            (None, Some(text), None) => text.clone(),
            (None, None, Some(from)) => {
                let text = text_at(tree, from.as_bytes());
                clear(tree, from.as_bytes());
                text
            }
            (None, None, None) => text_at(tree, path),
            _ => panic!("a file has one source: {self:?}"),
        };
        for [from, to] in &self.replace {
            assert!(text.contains(from), "no {from:?} in\n{text}");
            text = text.replace(from, to);
        }
        let before: String = self.before.iter().map(Piece::text).collect();
        let after: String = self.after.iter().map(Piece::text).collect();
        let text = format!("{before}{text}{after}");
        Blob::File(match self.encoding {
            Some(encoding) => encoding.bytes(&text),
            None => text.into_bytes(),
        })
    }
}

impl Piece {
    fn text(&self) -> String {
        match self {
            Self::Once(text) => text.clone(),
            Self::Many { repeat, times } => {
                let each = (1..=*times).map(|n| repeat.replace("{n}", &n.to_string()));
                each.collect()
            }
        }
    }
}

impl Encoding {
    fn bytes(self, text: &str) -> Vec<u8> {
        let marked = |text: &str| format!("\u{feff}{text}");
        let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        match self {
            Self::Utf16Le => little(text),
            Self::Utf16Be => big(text),
            Self::Utf16LeMark => little(&marked(text)),
            Self::Utf16BeMark => big(&marked(text)),
            Self::Utf32LeMark => {
                let units = marked(text);
                units
                    .chars()
                    .flat_map(|c| u32::from(c).to_le_bytes())
                    .collect()
            }
            Self::Utf8Mark => marked(text).into_bytes(),
            Self::Latin1 => {
                let each = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap());
                each.collect()
            }
            Self::CarriageReturns => text.replace('\n', "\r").into_bytes(),
        }
    }
}
