//! Lists the files below a folder by name, the upper folders in parallel.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::Listing;
use super::git::GitRules;
use super::problem::{
    BROKEN_LINK, DiscoveryProblem, LINK_LEAVES_ROOT, LINK_TO_UNJUDGED, NAME_NOT_UTF8,
    SPARSE_CHECKOUT, SPECIAL_FILE, UNREADABLE_FOLDER, UNREADABLE_REPOSITORY, problem_with_help,
};
use super::walk::Walk;
use crate::model::text::RelPath;

/// So many levels of folders are listed one by one; each folder below them is a task of its own.
const UPPER: usize = 2;

/// Lists the candidates of a walk.
pub(super) fn list_candidates(walk: &Walk) -> Listing {
    let visit = Visit { walk };
    let mut all = Visited::default();
    let root = walk.root();
    let rules = GitRules::around(root).unwrap_or_else(|error| {
        visit.no_rules(root, &error, &mut all);
        None
    });
    all.repositories
        .push((root.to_owned(), rules.map(Arc::new)));
    while let Some((folder, rules)) = all.repositories.pop() {
        if let Some(rules) = &rules {
            visit.absent(rules, &mut all);
        }
        all.extend(visit.repository(&folder, rules.as_ref()));
    }
    all.files.par_sort_unstable();
    visit.judge_links(&mut all);
    Listing {
        files: all.files.into_iter().map(RelPath::new).collect(),
        problems: all.problems.into_iter().collect(),
        visited: all.visited,
    }
}

/// One listing under way.
#[derive(Clone, Copy)]
struct Visit<'a> {
    walk: &'a Walk,
}

/// A folder, and the rules of the repository that it is.
type Repository = (PathBuf, Option<Arc<GitRules>>);

/// What was found so far.
#[derive(Default)]
struct Visited {
    files: Vec<String>,
    problems: BTreeSet<DiscoveryProblem>,
    /// Links with a candidate's name, and the file within the root each leads to.
    links: Vec<(String, PathBuf)>,
    /// Folders still to walk: the root, and each repository within it, which has ignore rules of its own.
    repositories: Vec<Repository>,
    /// Folders below those that are listed one by one.
    folders: Vec<PathBuf>,
    visited: usize,
}

impl Visited {
    fn extend(&mut self, other: Self) {
        // All fields by name: a new one must be put together, too.
        let Self {
            files,
            problems,
            links,
            repositories,
            folders,
            visited,
        } = other;
        self.files.extend(files);
        self.problems.extend(problems);
        self.links.extend(links);
        self.repositories.extend(repositories);
        self.folders.extend(folders);
        self.visited += visited;
    }
}

/// How much of a folder is listed at once.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    /// What lies in it.
    Folder,
    /// What lies below it.
    All,
}

impl Visit<'_> {
    /// What lies below a folder, but not in repositories within it.
    fn repository(self, top: &Path, rules: Option<&Arc<GitRules>>) -> Visited {
        let mut all = Visited {
            folders: vec![top.to_owned()],
            ..Visited::default()
        };
        for level in 0..=UPPER {
            let depth = match level {
                UPPER => Depth::All,
                _ => Depth::Folder,
            };
            let folders = std::mem::take(&mut all.folders);
            let parts: Vec<Visited> = folders
                .par_iter()
                .map(|folder| self.below(folder, (top, rules), depth))
                .collect();
            parts.into_iter().for_each(|part| all.extend(part));
        }
        all
    }

    fn below(
        self,
        start: &Path,
        (top, rules): (&Path, Option<&Arc<GitRules>>),
        depth: Depth,
    ) -> Visited {
        let mut found = Visited::default();
        let levels = match depth {
            Depth::Folder => 1,
            Depth::All => usize::MAX,
        };
        // A folder's `.git` first: with one it is a repository of its own.
        let mut entries = WalkDir::new(start)
            .min_depth(1)
            .max_depth(levels)
            .follow_links(false)
            .sort_by_key(|entry| !is_git(entry.file_name()))
            .into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(start, &error, &mut found);
                    continue;
                }
            };
            if let Some(folder) = repository_of(&entry).filter(|folder| *folder != top) {
                if entry.file_type().is_dir() {
                    entries.skip_current_dir();
                }
                entries.skip_current_dir();
                self.nested(folder, rules, &mut found);
                continue;
            }
            found.visited += 1;
            if !entry.file_type().is_dir() {
                self.leaf(entry.path(), entry.file_type(), rules, &mut found);
            } else if !self.descends(&entry, rules) {
                entries.skip_current_dir();
            } else if depth == Depth::Folder {
                found.folders.push(entry.into_path());
            }
        }
        found
    }

    /// Whether to go on below a folder.
    fn descends(self, entry: &DirEntry, rules: Option<&Arc<GitRules>>) -> bool {
        let folder = entry.path();
        self.walk.folder_wanted(&self.relative(folder).0)
            && !rules.is_some_and(|git| git.ignores_folder(folder))
    }

    /// Leaves a repository of its own for later.
    fn nested(self, folder: &Path, outer: Option<&Arc<GitRules>>, found: &mut Visited) {
        let rules = match GitRules::at(folder) {
            Ok(rules) => rules.map(Arc::new),
            Err(error) => {
                self.no_rules(folder, &error, found);
                outer.cloned()
            }
        };
        found.repositories.push((folder.to_owned(), rules));
    }

    /// Anything other than a folder.
    fn leaf(self, path: &Path, kind: FileType, rules: Option<&Arc<GitRules>>, found: &mut Visited) {
        let (name, is_utf8) = self.relative(path);
        let candidate = self.walk.candidate(&name);
        if !(candidate || kind.is_symlink())
            || !self.walk.included(&name)
            || self.walk.left_out(&name)
        {
            return;
        }
        if rules.is_some_and(|git| git.ignores_file(path)) {
            return;
        }
        if kind.is_symlink() {
            self.link(name, path, candidate, found);
        } else if !is_utf8 {
            let why = "the path is not UTF-8, so the file cannot be checked";
            found.problem(NAME_NOT_UTF8, name, why.to_owned(), true);
        } else if !kind.is_file() {
            let why = "a pipe, socket or device has a manifest's name";
            found.problem(SPECIAL_FILE, name, why.to_owned(), false);
        } else {
            found.files.push(name);
        }
    }

    fn link(self, name: String, path: &Path, candidate: bool, found: &mut Visited) {
        let written = fs::read_link(path)
            .map(|target| target.to_string_lossy().into_owned())
            .unwrap_or_default();
        match fs::canonicalize(path) {
            Ok(target) if !target.starts_with(self.walk.root()) => {
                if candidate || target.is_dir() {
                    let why =
                        format!("symbolic link to `{written}` leaves the root and is not followed");
                    found.problem(LINK_LEAVES_ROOT, name, why, false);
                }
            }
            Ok(target) if candidate && target.is_file() => found.links.push((name, target)),
            Ok(_) => {}
            Err(error) if candidate => {
                let why = match error.kind() {
                    io::ErrorKind::NotFound => "which does not exist".to_owned(),
                    _ => format!("which cannot be reached: {error}"),
                };
                let why = format!("symbolic link to `{written}`, {why}");
                found.problem(BROKEN_LINK, name, why, false);
            }
            Err(_) => {}
        }
    }

    /// A link stands for its target, which is judged in its own place, if it is judged.
    fn judge_links(self, found: &mut Visited) {
        for (name, target) in std::mem::take(&mut found.links) {
            let target = self.relative(&target).0;
            if found.files.binary_search(&target).is_err() {
                let why = format!("symbolic link to `{target}`, which is not checked");
                found.problem(LINK_TO_UNJUDGED, name, why, false);
            }
        }
    }

    /// What the index has and the work tree lacks, as far as it is wanted.
    fn absent(self, rules: &GitRules, found: &mut Visited) {
        let (sparse, submodules) = rules.absent();
        let inside = |path: &PathBuf| {
            let is_inside = path.starts_with(self.walk.root());
            is_inside.then(|| self.relative(path).0)
        };
        let wanted = sparse.iter().filter_map(inside);
        let wanted: Vec<String> = wanted.filter(|path| self.walk.wants(path)).collect();
        if let Some(first) = wanted.first() {
            let message = format!(
                "sparse checkout leaves out {} of the mesh, such as `{first}`",
                match wanted.len() {
                    1 => "1 file".to_owned(),
                    count => format!("{count} files"),
                }
            );
            found.problem(SPARSE_CHECKOUT, ".".to_owned(), message, true);
        }
        let submodules = submodules.iter().filter_map(inside);
        let submodules = submodules.filter(|path| self.walk.folder_wanted(path));
        let problems = submodules.map(DiscoveryProblem::absent_submodule);
        found.problems.extend(problems);
    }

    fn unreadable(self, start: &Path, error: &walkdir::Error, found: &mut Visited) {
        let name = self.relative(error.path().unwrap_or(start)).0;
        let why = error
            .io_error()
            .map_or_else(|| error.to_string(), ToString::to_string);
        let why = format!("folder cannot be read: {why}");
        found.problem(UNREADABLE_FOLDER, name, why, true);
    }

    fn no_rules(self, folder: &Path, error: &git2::Error, found: &mut Visited) {
        let message = format!(
            "git repository cannot be opened, so its ignore rules do not apply: {}",
            error.message()
        );
        let help = (error.code() == git2::ErrorCode::Owner)
            .then(|| format!("the repository belongs to another user; if you trust it, run `git config --global --add safe.directory {}`", folder.display()));
        let name = self.relative(folder).0;
        let mut problem = problem_with_help(UNREADABLE_REPOSITORY, name, message, false);
        problem.help = help.or(problem.help);
        found.problems.insert(problem);
    }

    /// The path relative to the root, `/`-separated, and whether it is UTF-8; U+FFFD replaces what is not.
    fn relative(self, path: &Path) -> (String, bool) {
        let inner = path.strip_prefix(self.walk.root()).unwrap_or(path);
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

impl Visited {
    fn problem(&mut self, rule: &'static str, path: String, message: String, fatal: bool) {
        self.problems
            .insert(problem_with_help(rule, path, message, fatal));
    }
}

fn is_git(name: &OsStr) -> bool {
    name.eq_ignore_ascii_case(".git")
}

/// The folder that an entry makes a repository: that of a `.git`, also by another name for it where the file system takes
/// both for one.
fn repository_of(entry: &DirEntry) -> Option<&Path> {
    let name = entry.file_name();
    let folder = entry.path().parent()?;
    let there = || fs::symlink_metadata(folder.join(".git")).is_ok();
    (is_git(name) && (name == ".git" || there())).then_some(folder)
}
