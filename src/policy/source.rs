//! Where a pack's files come from: the binary, or a folder; bundles have `bundle/`. Reads text, judges nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use super::error::PolicyError;

/// The files of the pack in the binary, as `build.rs` finds them.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pack.rs"));

/// The name of the pack that comes with the binary.
pub const BUILTIN_PACK: &str = "builtin";

/// The name of a page, which code hosts show below a folder.
pub const PAGE: &str = "README.md";

/// The folders of a pack for its formats, their shapes and their examples.
const FORMATS: &str = "formats/";
const SHAPES: &str = "formats/shapes/";
pub(super) const FORMAT_EXAMPLES: &str = "formats/examples/";

const READABLE: &str = "check that the file is readable and saved as UTF-8";

/// A file of a pack.
#[derive(Debug, Clone)]
pub struct PackFile {
    /// Path within the pack, `/`-separated: `kpi/bad-name.rego`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A file that no pack loads from where it lies.
pub(super) struct Misplaced {
    /// `a format`.
    pub(super) what: &'static str,
    /// The folder that such files are loaded from.
    pub(super) folder: &'static str,
    /// The path that it should have.
    pub(super) meant: String,
}

/// The files of one pack, sorted by path.
#[derive(Debug, Clone, Default)]
pub struct PackSource {
    /// `builtin`, or the folder as the user named it.
    pub name: String,
    /// Its rules, libraries, formats and examples.
    pub files: Vec<PackFile>,
    /// The pages in it, by their paths.
    pub pages: BTreeSet<String>,
    /// The way to its folder from the root of the mesh, if it lies there.
    pub home: Option<String>,
}

impl PackSource {
    /// The pack in the binary.
    pub fn builtin() -> Self {
        let files = embedded().iter().map(|(path, text)| PackFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        });
        Self {
            name: BUILTIN_PACK.to_owned(),
            files: files.collect(),
            // They are in the binary, where nobody can open them.
            pages: BTreeSet::new(),
            home: None,
        }
    }

    /// Whether it is the pack in the binary, with nothing changed.
    pub fn is_builtin(&self) -> bool {
        let own = self.files.iter();
        let own = own.map(|file| (file.path.as_str(), file.text.as_str()));
        self.name == BUILTIN_PACK && own.eq(embedded().iter().copied())
    }

    /// The pack in a folder; `name` is what the user calls it.
    ///
    /// # Errors
    /// The folder, or a file in it, can't be read; or there is nothing in it that a pack is made of.
    pub fn folder(name: &str, folder: &Path) -> Result<Self, PolicyError> {
        let unreadable = |why: String, help: &str| PolicyError::Unreadable {
            pack: name.to_owned(),
            why,
            help: help.to_owned(),
        };
        if !folder.is_dir() {
            return Err(unreadable(
                "the folder does not exist".to_owned(),
                "correct `packs` in `govcheck.yaml`; paths are relative to the folder of that file",
            ));
        }
        let mut files = Vec::new();
        let mut pages = BTreeSet::new();
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.map_err(|e| unreadable(e.to_string(), READABLE))?;
            let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let parts: Vec<String> = relative
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            let path = parts.join("/");
            if !entry.file_type().is_file() {
                continue;
            }
            if is_page(&path) {
                pages.insert(path);
                continue;
            }
            if !is_pack_file(&path) {
                continue;
            }
            let text = std::fs::read_to_string(entry.path())
                .map_err(|e| unreadable(format!("`{path}`: {e}"), READABLE))?;
            files.push(PackFile { path, text });
        }
        let source = Self::of(name, files)?;
        Ok(Self { pages, ..source })
    }

    /// The pack that these files are; `name` is what the user calls it. What a pack has no use for is left out.
    ///
    /// # Errors
    /// There is nothing among them that a pack is made of.
    pub fn of(name: &str, mut files: Vec<PackFile>) -> Result<Self, PolicyError> {
        files.retain(|file| is_pack_file(&file.path));
        let used = |file: &PackFile| {
            file.is_rule() || file.is_format() || file.is_shape() || file.is_preset()
        };
        // A misplaced format is an error of its own, which says where to put it.
        if !files
            .iter()
            .any(|file| used(file) || file.misplaced().is_some())
        {
            return Err(PolicyError::Unreadable {
                pack: name.to_owned(),
                why: "the pack has neither rules nor formats".to_owned(),
                help: "add rules at `<category>/<rule>.rego`, formats at `formats/<name>.yaml` or presets at `presets/<name>.yaml`".to_owned(),
            });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self {
            name: name.to_owned(),
            files,
            pages: BTreeSet::new(),
            home: None,
        })
    }

    /// The files of plain policies, whatever there is of them.
    pub fn plain(name: String, files: Vec<PackFile>) -> Self {
        Self {
            name,
            files,
            pages: BTreeSet::new(),
            home: None,
        }
    }

    /// The same at a place below the root of the mesh.
    #[must_use]
    pub fn at(mut self, home: &str) -> Self {
        self.home = Some(home.trim_start_matches("./").trim_matches('/').to_owned());
        self
    }
}

impl PackFile {
    /// Whether the pack in the binary has the same file.
    pub(super) fn is_builtin(&self) -> bool {
        embedded().contains(&(self.path.as_str(), self.text.as_str()))
    }

    /// Whether it is Rego that is evaluated: a rule or a library, no test.
    pub fn is_rego(&self) -> bool {
        self.path.ends_with(".rego") && !self.path.ends_with("_test.rego")
    }

    /// Whether it is a library: `lib/….rego`.
    pub fn is_library(&self) -> bool {
        self.is_rego() && self.path.starts_with("lib/")
    }

    /// Whether it is a rule.
    pub fn is_rule(&self) -> bool {
        self.is_rego() && !self.is_library()
    }

    /// Whether it describes a format.
    pub fn is_format(&self) -> bool {
        self.path.starts_with(FORMATS)
            && self.is_yaml()
            && !self.is_shape()
            && !self.is_format_example()
    }

    /// Whether it holds the examples of a format.
    pub fn is_format_example(&self) -> bool {
        self.path.starts_with(FORMAT_EXAMPLES) && self.is_yaml()
    }

    /// Whether it is a preset: settings of rules that a config can extend.
    pub fn is_preset(&self) -> bool {
        self.path.starts_with("presets/") && self.is_yaml()
    }

    /// Whether it describes what documents of a format must look like.
    pub fn is_shape(&self) -> bool {
        self.path.starts_with(SHAPES) && self.is_yaml()
    }

    /// Where a format or a file of shapes belongs that lies elsewhere, and so is not loaded. `None` for any other file.
    pub(super) fn misplaced(&self) -> Option<Misplaced> {
        let is_example = self.is_format_example();
        if !self.is_yaml() || is_example || self.is_preset() {
            return None;
        }
        let has = |keys: &[&str]| {
            let mut lines = self.text.lines();
            lines.any(|line| keys.iter().any(|key| line.starts_with(key)))
        };
        let is_marked = has(&["format:"]);
        let is_shape = is_marked && has(&["shapes:"]);
        let is_format = is_marked && !is_shape && has(&["recognise:", "recognize:", "entities:"]);
        let name = self.path.rsplit('/').next().unwrap_or_default();
        match () {
            () if is_format && !self.is_format() => Some(Misplaced {
                what: "a format",
                folder: FORMATS,
                meant: format!("{FORMATS}{name}"),
            }),
            () if is_shape && !self.is_shape() => Some(Misplaced {
                what: "the shapes of a format",
                folder: SHAPES,
                meant: format!("{SHAPES}{name}"),
            }),
            () => None,
        }
    }

    fn is_yaml(&self) -> bool {
        self.path.ends_with(".yaml") || self.path.ends_with(".yml")
    }
}

/// The page of a category, in its folder.
pub fn page_of(category: &str) -> String {
    format!("{category}/{PAGE}")
}

/// Whether a file of this name can be the page of a category.
pub fn is_page(path: &str) -> bool {
    path.strip_suffix(PAGE)
        .and_then(|folder| folder.strip_suffix('/'))
        .is_some_and(|folder| !folder.contains('/'))
}

/// Whether a file of this name can be part of a pack.
pub fn is_pack_file(path: &str) -> bool {
    path.ends_with(".rego") || path.ends_with(".yaml") || path.ends_with(".yml")
}

/// The files in the binary that a pack is made of, sorted by path.
fn embedded() -> &'static [(&'static str, &'static str)] {
    static FILES: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut files = BUILTIN.to_vec();
        files.sort_unstable();
        files
    })
}
