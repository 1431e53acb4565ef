//! The files below a folder on disk. Names are looked at, files are opened by [`Walk::read`] alone, links are never followed.

use std::collections::BTreeSet;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::git::{GitRules, Tracked};
use super::patterns::{PatternError, Patterns};
use super::problem::{
    BROKEN_LINK, LINK_LEAVES_ROOT, LINK_TO_UNJUDGED, NAME_NOT_UTF8, Problem, RULES, ReadError,
    SPECIAL_FILE, UNREADABLE_FOLDER, UNREADABLE_REPOSITORY,
};
use super::{FileSource, Listing, Reader, Stat};
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
    root: PathBuf,
    include: Patterns,
    exclude: Patterns,
    extra: Patterns,
    max_bytes: u64,
}

impl Walk {
    /// Compiles the patterns; nothing is read yet.
    pub fn new(root: &Path, options: &WalkOptions) -> Result<Self, PatternError> {
        Ok(Self {
            // A root that is not there is found out by `list`.
            root: fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()),
            include: Patterns::new(&options.include)?,
            exclude: Patterns::new(&options.exclude)?,
            extra: Patterns::new(&options.extra)?,
            max_bytes: options.max_bytes,
        })
    }

    fn candidate(&self, path: &str) -> bool {
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
    fn left_out(&self, path: &str) -> bool {
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

    /// Files over this many bytes are listed, but not read.
    pub(super) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    fn included(&self, path: &str) -> bool {
        self.include.is_empty() || self.include.is_match(path)
    }

    pub(super) fn folder_wanted(&self, path: &str) -> bool {
        !self.left_out(path) && (self.include.is_empty() || self.include.reaches(path))
    }
}

impl FileSource for Walk {
    fn list(&self) -> Listing {
        let mut visit = Visit {
            walk: self,
            files: BTreeSet::new(),
            problems: BTreeSet::new(),
            links: Vec::new(),
            pending: Vec::new(),
            visited: 0,
        };
        visit.run();
        let files: Vec<RelPath> = visit.files.into_iter().map(RelPath::new).collect();
        Listing {
            files,
            problems: visit.problems.into_iter().collect(),
            visited: visit.visited,
        }
    }

    fn stat(&self, path: &RelPath) -> Option<Stat> {
        Stat::of(&fs::symlink_metadata(self.root.join(path.as_str())).ok()?)
    }

    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError> {
        read(&self.root, path, self.max_bytes)
    }

    fn reader(&self) -> Arc<Reader> {
        let (root, limit) = (self.root.clone(), self.max_bytes);
        Arc::new(move |path| read(&root, path, limit).ok())
    }
}

/// The bytes of a file below a root, never over a link that leads out of it.
fn read(root: &Path, path: &RelPath, limit: u64) -> Result<Vec<u8>, ReadError> {
    if path
        .as_str()
        .split('/')
        .any(|part| matches!(part, "" | "." | ".."))
    {
        return Err(ReadError::OutsideRoot);
    }
    let full = root.join(path.as_str());
    let meta = fs::symlink_metadata(&full).map_err(ReadError::Io)?;
    if !meta.is_file() {
        return Err(ReadError::NotAFile);
    }
    if !fs::canonicalize(&full)
        .map_err(ReadError::Io)?
        .starts_with(root)
    {
        return Err(ReadError::OutsideRoot);
    }
    // A file over the limit is read as far as it takes to see what it is.
    let wanted = if meta.len() > limit {
        HEAD
    } else {
        limit.saturating_add(1)
    };
    let mut bytes = Vec::new();
    // The bound holds even if the file grows meanwhile.
    File::open(&full)
        .map_err(ReadError::Io)?
        .take(wanted)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    let size = meta
        .len()
        .max(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    if size > limit {
        bytes.truncate(usize::try_from(HEAD).unwrap_or(usize::MAX));
        Err(ReadError::TooLarge {
            size,
            limit,
            head: bytes,
        })
    } else {
        Ok(bytes)
    }
}

/// How much of a file over the limit is read, in bytes.
const HEAD: u64 = HEAD_BYTES as u64;

/// The same as a number of bytes in memory.
pub(super) const HEAD_BYTES: usize = 64 * 1024;

/// One listing under way.
struct Visit<'a> {
    walk: &'a Walk,
    files: BTreeSet<String>,
    problems: BTreeSet<Problem>,
    /// Links with a candidate's name, and the file within the root each leads to.
    links: Vec<(String, PathBuf)>,
    /// Folders still to walk: the root, and each repository within it, which has ignore rules of its own.
    pending: Vec<(PathBuf, Option<Rc<GitRules>>)>,
    visited: usize,
}

impl Visit<'_> {
    fn run(&mut self) {
        let root = self.walk.root.clone();
        let rules = GitRules::around(&root).unwrap_or_else(|error| {
            self.no_rules(&root, &error);
            None
        });
        self.pending.push((root, rules.map(Rc::new)));
        while let Some((folder, rules)) = self.pending.pop() {
            self.tree(&folder, rules.as_ref());
        }
        self.judge_links();
    }

    fn tree(&mut self, start: &Path, rules: Option<&Rc<GitRules>>) {
        // Unsorted: sorting would read a folder whole before it can be skipped.
        let mut entries = WalkDir::new(start)
            .min_depth(1)
            .follow_links(false)
            .into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => {
                    self.visited += 1;
                    if entry.file_type().is_dir() {
                        if !self.descends(&entry, rules) {
                            entries.skip_current_dir();
                        }
                    } else {
                        self.leaf(entry.path(), entry.file_type(), rules);
                    }
                }
                Err(error) => self.unreadable(start, &error),
            }
        }
    }

    /// Whether to go on below a folder.
    fn descends(&mut self, entry: &DirEntry, rules: Option<&Rc<GitRules>>) -> bool {
        let folder = entry.path();
        if !self.walk.folder_wanted(&self.relative(folder).0) {
            return false;
        }
        if let Some(git) = rules
            && git.ignores(folder, true)
        {
            self.tracked(folder, git);
            return false;
        }
        !self.nested(folder, rules)
    }

    /// Leaves a repository of its own for later; whether `folder` is one.
    fn nested(&mut self, folder: &Path, outer: Option<&Rc<GitRules>>) -> bool {
        if fs::symlink_metadata(folder.join(".git")).is_err() {
            return false;
        }
        let rules = match GitRules::at(folder) {
            Ok(rules) => rules.map(Rc::new),
            Err(error) => {
                self.no_rules(folder, &error);
                outer.cloned()
            }
        };
        self.pending.push((folder.to_owned(), rules));
        true
    }

    /// What is tracked in an ignored folder: git's ignore rules hold for untracked files.
    fn tracked(&mut self, ignored: &Path, rules: &Rc<GitRules>) {
        for tracked in rules.tracked_below(ignored) {
            let (Tracked::File(path) | Tracked::Submodule(path)) = &tracked;
            let Ok(meta) = fs::symlink_metadata(path) else {
                continue;
            };
            // A folder on the way may have been replaced by a link since.
            let parent = path.parent().unwrap_or(path);
            if !fs::canonicalize(parent).is_ok_and(|real| real == parent) {
                continue;
            }
            self.visited += 1;
            match tracked {
                Tracked::File(path) if !meta.is_dir() => {
                    self.leaf(&path, meta.file_type(), Some(rules))
                }
                Tracked::Submodule(path)
                    if meta.is_dir() && self.walk.folder_wanted(&self.relative(&path).0) =>
                {
                    self.nested(&path, Some(rules));
                }
                _ => {}
            }
        }
    }

    /// Anything that is no folder.
    fn leaf(&mut self, path: &Path, kind: FileType, rules: Option<&Rc<GitRules>>) {
        let (name, is_utf8) = self.relative(path);
        let candidate = self.walk.candidate(&name);
        if !(candidate || kind.is_symlink())
            || !self.walk.included(&name)
            || self.walk.left_out(&name)
        {
            return;
        }
        if rules.is_some_and(|git| git.ignores(path, false)) {
            return;
        }
        if kind.is_symlink() {
            self.link(name, path, candidate);
        } else if !is_utf8 {
            self.problem(
                NAME_NOT_UTF8,
                name,
                "the path is not UTF-8, so the file cannot be judged".to_owned(),
                true,
            );
        } else if !kind.is_file() {
            self.problem(
                SPECIAL_FILE,
                name,
                "a pipe, socket or device has the name of a manifest".to_owned(),
                false,
            );
        } else {
            self.files.insert(name);
        }
    }

    fn link(&mut self, name: String, path: &Path, candidate: bool) {
        let written = fs::read_link(path)
            .map(|target| target.to_string_lossy().into_owned())
            .unwrap_or_default();
        match fs::canonicalize(path) {
            Ok(target) if !target.starts_with(&self.walk.root) => {
                if candidate || target.is_dir() {
                    self.problem(
                        LINK_LEAVES_ROOT,
                        name,
                        format!("link to `{written}` leaves the root and is not followed"),
                        false,
                    );
                }
            }
            Ok(target) if candidate && target.is_file() => self.links.push((name, target)),
            Ok(_) => {}
            Err(error) if candidate => {
                let why = match error.kind() {
                    io::ErrorKind::NotFound => "which is not there".to_owned(),
                    _ => format!("which cannot be reached: {error}"),
                };
                self.problem(
                    BROKEN_LINK,
                    name,
                    format!("link to `{written}`, {why}"),
                    false,
                );
            }
            Err(_) => {}
        }
    }

    /// A link stands for its target, which is judged in its own place, if it is judged.
    fn judge_links(&mut self) {
        for (name, target) in std::mem::take(&mut self.links) {
            let target = self.relative(&target).0;
            if !self.files.contains(&target) {
                self.problem(
                    LINK_TO_UNJUDGED,
                    name,
                    format!("link to `{target}`, which is not judged"),
                    false,
                );
            }
        }
    }

    fn unreadable(&mut self, start: &Path, error: &walkdir::Error) {
        let name = self.relative(error.path().unwrap_or(start)).0;
        let why = error
            .io_error()
            .map_or_else(|| error.to_string(), ToString::to_string);
        self.problem(
            UNREADABLE_FOLDER,
            name,
            format!("folder cannot be read: {why}"),
            true,
        );
    }

    fn no_rules(&mut self, folder: &Path, error: &git2::Error) {
        let message = format!(
            "git repository cannot be opened, so its ignore rules don't hold: {}",
            error.message()
        );
        let help = (error.code() == git2::ErrorCode::Owner)
            .then(|| format!("it belongs to another user; if you trust it: `git config --global --add safe.directory {}`", folder.display()));
        let mut problem = described(
            UNREADABLE_REPOSITORY,
            self.relative(folder).0,
            message,
            false,
        );
        problem.help = help.or(problem.help);
        self.problems.insert(problem);
    }

    fn problem(&mut self, rule: &'static str, path: String, message: String, fatal: bool) {
        self.problems.insert(described(rule, path, message, fatal));
    }

    /// The path relative to the root, `/`-separated, and whether it is UTF-8; U+FFFD replaces what is not.
    fn relative(&self, path: &Path) -> (String, bool) {
        let inner = path.strip_prefix(&self.walk.root).unwrap_or(path);
        let parts: Vec<_> = inner.iter().map(|part| part.to_string_lossy()).collect();
        let name = parts.join("/");
        (
            if name.is_empty() {
                ".".to_owned()
            } else {
                name
            },
            inner.to_str().is_some(),
        )
    }
}

/// A problem with the help of its rule.
fn described(rule: &'static str, path: String, message: String, fatal: bool) -> Problem {
    let help = RULES
        .iter()
        .find(|known| known.id == rule)
        .map(|known| known.help.to_owned());
    Problem {
        path,
        rule,
        message,
        help,
        fatal,
    }
}
