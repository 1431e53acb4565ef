//! Sets libgit2 right where it differs from git: it drops a negated pattern without wildcards (`!keep.yaml`) when no earlier
//! pattern of the same file matches it, though it may negate one of a file above (`parse_ignore_file` in its `ignore.c`).
//! Where such a pattern is in force, the ignore files are read here; everywhere else git2 is asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::Repository;
use globset::{GlobBuilder, GlobMatcher};

/// The ignore files of one repository, read as they are needed.
pub(super) struct IgnoreFiles {
    workdir: PathBuf,
    ignore_case: bool,
    /// `info/exclude`, then `core.excludesFile`: the weakest last.
    global: Vec<Vec<IgnorePattern>>,
    /// By folder, relative to the work tree.
    folders: BTreeMap<PathBuf, Arc<IgnoreFolder>>,
}

struct IgnoreFolder {
    patterns: Vec<IgnorePattern>,
    /// Whether this file or one that is weaker has a negation that libgit2 drops.
    differs: bool,
}

struct IgnorePattern {
    negated: bool,
    folders_only: bool,
    literal: bool,
    glob: GlobMatcher,
}

impl IgnoreFiles {
    pub(super) fn of(repository: &Repository, workdir: &Path) -> Self {
        let config = repository
            .config()
            .and_then(|mut config| config.snapshot())
            .ok();
        let ignore_case = config
            .as_ref()
            .is_some_and(|config| config.get_bool("core.ignorecase").unwrap_or(false));
        let excludes = config
            .and_then(|config| config.get_path("core.excludesfile").ok())
            .or_else(|| Some(git2::Config::find_xdg().ok()?.with_file_name("ignore")));
        let global = [Some(repository.commondir().join("info/exclude")), excludes];
        let global = global
            .into_iter()
            .flatten()
            .map(|path| read(&path, ignore_case))
            .collect();
        Self {
            workdir: workdir.to_owned(),
            ignore_case,
            global,
            folders: BTreeMap::new(),
        }
    }

    /// Whether git ignores `path`, relative to the work tree, if libgit2 can't be trusted to know.
    pub(super) fn corrected(&mut self, path: &Path, is_folder: bool) -> Option<bool> {
        let parent = path.parent()?;
        if !self.folder(parent).differs {
            return None;
        }
        for folder in parent.ancestors() {
            let below = path.strip_prefix(folder).ok()?;
            if let Some(verdict) = verdict(&self.folder(folder).patterns, below, is_folder) {
                return Some(verdict);
            }
        }
        Some(
            self.global
                .iter()
                .find_map(|patterns| verdict(patterns, path, is_folder))
                .unwrap_or(false),
        )
    }

    fn folder(&mut self, folder: &Path) -> Arc<IgnoreFolder> {
        if let Some(known) = self.folders.get(folder) {
            return Arc::clone(known);
        }
        let patterns = read(
            &self.workdir.join(folder).join(".gitignore"),
            self.ignore_case,
        );
        // The file of the work tree's own folder, too, can negate what the weaker files say.
        let differs = drops(&patterns)
            || match folder.parent() {
                Some(parent) => self.folder(parent).differs,
                None => self.global.iter().any(|patterns| drops(patterns)),
            };
        let known = Arc::new(IgnoreFolder { patterns, differs });
        self.folders.insert(folder.to_owned(), Arc::clone(&known));
        known
    }
}

fn drops(patterns: &[IgnorePattern]) -> bool {
    patterns
        .iter()
        .any(|pattern| pattern.negated && pattern.literal)
}

/// What the last pattern that matches says: whether the path is ignored.
fn verdict(patterns: &[IgnorePattern], path: &Path, is_folder: bool) -> Option<bool> {
    let matches = |pattern: &&IgnorePattern| {
        (is_folder || !pattern.folders_only) && pattern.glob.is_match(path)
    };
    patterns
        .iter()
        .rev()
        .find(matches)
        .map(|pattern| !pattern.negated)
}

fn read(path: &Path, ignore_case: bool) -> Vec<IgnorePattern> {
    // As in git, a link is no ignore file, nor is anything that could block.
    let is_file = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
    let text = if is_file {
        fs::read(path).unwrap_or_default()
    } else {
        Vec::new()
    };
    let text = String::from_utf8_lossy(&text);
    text.trim_start_matches('\u{feff}')
        .split('\n')
        .filter_map(|line| pattern(line, ignore_case))
        .collect()
}

fn pattern(line: &str, ignore_case: bool) -> Option<IgnorePattern> {
    let line = without_trailing_spaces(line.strip_suffix('\r').unwrap_or(line));
    if line.starts_with('#') {
        return None;
    }
    let (negated, line) = line
        .strip_prefix('!')
        .map_or((false, line), |rest| (true, rest));
    let (folders_only, line) = line
        .strip_suffix('/')
        .map_or((false, line), |rest| (true, rest));
    let anchored = line.contains('/');
    let line = line.strip_prefix('/').unwrap_or(line);
    if line.is_empty() {
        return None;
    }
    let literal = !line.contains(['*', '?', '[']);
    let line = without_braces(line);
    let glob = if anchored { line } else { format!("**/{line}") };
    // An invalid glob matches nothing, as in git.
    let glob = GlobBuilder::new(&glob)
        .literal_separator(true)
        .backslash_escape(true)
        .case_insensitive(ignore_case)
        .build()
        .ok()?;
    Some(IgnorePattern {
        negated,
        folders_only,
        literal,
        glob: glob.compile_matcher(),
    })
}

/// Spaces at the end don't count unless a backslash stands before the first of them.
fn without_trailing_spaces(line: &str) -> &str {
    let trimmed = line.trim_end_matches(' ');
    let escaped = trimmed.len() < line.len()
        && trimmed.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
    if escaped {
        line.get(..=trimmed.len()).unwrap_or(line)
    } else {
        trimmed
    }
}

/// Braces mean nothing to git.
fn without_braces(line: &str) -> String {
    let (mut out, mut escaped, mut in_class) = (String::new(), false, false);
    for character in line.chars() {
        match character {
            '{' | '}' if !escaped && !in_class => out.extend(['\\', character]),
            _ => out.push(character),
        }
        in_class = !escaped && (character == '[' || (in_class && character != ']'));
        escaped = character == '\\' && !escaped;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(lines: &str, path: &str) -> Option<bool> {
        let patterns: Vec<IgnorePattern> = lines
            .split('\n')
            .filter_map(|line| pattern(line, false))
            .collect();
        verdict(
            &patterns,
            Path::new(path.trim_end_matches('/')),
            path.ends_with('/'),
        )
    }

    #[test]
    fn lines_mean_what_git_says_they_mean() {
        for (lines, path, expected) in [
            ("a.yaml", "x/a.yaml", Some(true)),
            ("/a.yaml", "x/a.yaml", None),
            ("x/a.yaml", "y/x/a.yaml", None),
            ("build/", "build", None),
            ("build/", "x/build/", Some(true)),
            ("*.yaml\n!a.yaml", "x/a.yaml", Some(false)),
            ("!a.yaml\n*.yaml", "x/a.yaml", Some(true)),
            ("#a.yaml", "#a.yaml", None),
            ("\\#a.yaml\r", "#a.yaml", Some(true)),
            ("\\!a.yaml  ", "!a.yaml", Some(true)),
            ("a\\ ", "a ", Some(true)),
            ("{a,b}", "a", None),
            ("{a,b}", "{a,b}", Some(true)),
            ("a/**/b", "a/b", Some(true)),
            ("a/*", "a/b/c", None),
            ("[", "[", None),
            ("", "a", None),
            ("/", "a/", None),
        ] {
            assert_eq!(ignored(lines, path), expected, "{lines:?} on {path}");
        }
    }
}
