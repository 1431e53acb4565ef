//! The files below a folder on disk. Only `Walk::read` opens files; links are never followed.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::folders::Folders;
use super::patterns::{PatternError, Patterns};
use super::{Listing, git};
use crate::model::text::RelPath;

/// Names that manifests have; others need a pattern.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// What to look at.
#[derive(Debug, Clone)]
pub struct WalkOptions {
    /// Globs relative to the root; none for all. The only way to a hidden file or folder is a pattern that names it, dot and all.
    pub include: Vec<String>,
    /// Globs relative to the root; stronger than `include`.
    pub exclude: Vec<String>,
    /// Globs of candidates with other names than `*.yaml`, `*.yml` and `*.json`; `include` and `exclude` hold for them too.
    pub extra: Vec<String>,
    /// Files over this many bytes are listed, but not read.
    pub max_bytes: u64,
}

impl Default for WalkOptions {
    /// All manifests by extension, up to 8 MiB.
    fn default() -> Self {
        Self {
            include: Vec::new(),
            exclude: Vec::new(),
            extra: Vec::new(),
            max_bytes: 8 * 1024 * 1024,
        }
    }
}

/// The files below a folder on disk.
#[derive(Debug)]
pub struct Walk {
    pub(super) folders: Arc<Folders>,
    include: Patterns,
    exclude: Patterns,
    extra: Patterns,
    pub(super) max_bytes: u64,
    /// The patterns in one text.
    patterns: String,
    /// What was listed ahead.
    listing: Mutex<Option<Listing>>,
}

impl Walk {
    /// Compiles the patterns; nothing is read yet.
    pub fn new(root: &Path, options: &WalkOptions) -> Result<Self, PatternError> {
        // `list` reports a missing root.
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Ok(Self {
            folders: Arc::new(Folders {
                root,
                inside: Mutex::default(),
            }),
            include: Patterns::new(&options.include)?,
            exclude: Patterns::new(&options.exclude)?,
            extra: Patterns::new(&options.extra)?,
            max_bytes: options.max_bytes,
            patterns: format!(
                "{:?} {:?} {:?}",
                options.include, options.exclude, options.extra
            ),
            listing: Mutex::default(),
        })
    }

    pub(super) fn ahead(&self) -> MutexGuard<'_, Option<Listing>> {
        self.listing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Absolute, without links, if it is there.
    pub(super) fn root(&self) -> &Path {
        &self.folders.root
    }

    /// Whether a path has the name of a manifest.
    pub(super) fn candidate(&self, path: &str) -> bool {
        let extension = Path::new(path)
            .extension()
            .and_then(|extension| extension.to_str());
        extension.is_some_and(|have| {
            EXTENSIONS
                .iter()
                .any(|want| have.eq_ignore_ascii_case(want))
        }) || self.extra.is_match(path)
    }

    /// Whether `path` is excluded, or hidden and not named, or inside something that is.
    pub(super) fn left_out(&self, path: &str) -> bool {
        if self.exclude.is_match(path) {
            return true;
        }
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        let mut start = 0;
        for end in ends {
            let name = path.get(start..end).unwrap_or_default();
            let until = path.get(..end).unwrap_or_default();
            if name.eq_ignore_ascii_case(".git")
                || (name.starts_with('.') && !self.include.names_hidden(until))
            {
                return true;
            }
            start = end + 1;
        }
        false
    }

    /// Whether a regular file of this path is a candidate.
    pub(super) fn wants(&self, path: &str) -> bool {
        self.candidate(path) && self.included(path) && !self.left_out(path)
    }

    /// Whether a file that does not exist yet would be listed.
    pub fn would_list(&self, path: &RelPath) -> bool {
        let file = self.root().join(path.as_str());
        self.wants(path.as_str()) && !git::ignores_new(self.root(), &file)
    }

    /// All that decides which files are wanted, as bytes.
    pub(super) fn patterns(&self) -> &[u8] {
        self.patterns.as_bytes()
    }

    /// Files over this many bytes are listed, but not read.
    pub(super) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Whether `include` covers a path.
    pub(super) fn included(&self, path: &str) -> bool {
        self.include.is_empty() || self.include.is_match(path)
    }

    /// Whether something below a folder may be wanted.
    pub(super) fn folder_wanted(&self, path: &str) -> bool {
        !self.left_out(path) && (self.include.is_empty() || self.include.reaches(path))
    }
}
