//! Where the mesh begins.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The name of the config file.
pub const CONFIG_FILE: &str = "govcheck.yaml";

/// Names that people give it by mistake. They mark a root too, so that the config layer can say so. `govcheck.json` does not: it
/// may be a report.
pub(super) const MISNAMED: [&str; 5] = [
    "govcheck.yml",
    ".govcheck.yaml",
    ".govcheck.yml",
    "govcheck.toml",
    ".govcheck.toml",
];

/// What made a folder the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// It holds the config file.
    Config,
    /// It holds `.git`: a folder, or the file of a worktree or submodule.
    Git,
    /// Nothing above it does: it is where the search started.
    Start,
}

/// The root of the mesh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Absolute, without links.
    pub path: PathBuf,
    /// Why this one.
    pub found_by: FoundBy,
}

/// The start of the search does not exist. The user's mistake.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read: {source}", path.display())]
pub struct RootError {
    /// As given.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// The nearest of `start` and the folders above it that holds a config file or `.git`; else `start`, or the folder of the file `start`.
pub fn find_root(start: &Path) -> Result<Root, RootError> {
    let real = fs::canonicalize(start).map_err(|source| RootError {
        path: start.to_owned(),
        source,
    })?;
    let folder = match real.parent() {
        Some(parent) if real.is_file() => parent,
        _ => &real,
    };
    let found = folder.ancestors().find_map(|path| {
        marker(path).map(|found_by| Root {
            path: path.to_owned(),
            found_by,
        })
    });
    Ok(found.unwrap_or_else(|| Root {
        path: folder.to_owned(),
        found_by: FoundBy::Start,
    }))
}

fn marker(folder: &Path) -> Option<FoundBy> {
    let holds = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok();
    if holds(CONFIG_FILE) || MISNAMED.into_iter().any(holds) {
        Some(FoundBy::Config)
    } else if holds(".git") {
        Some(FoundBy::Git)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temp() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(path.join("a/b/c")).unwrap();
        (dir, path)
    }

    #[test]
    fn the_nearest_marker_wins() {
        let (_keep, path) = temp();
        fs::create_dir(path.join(".git")).unwrap();
        assert_eq!(
            find_root(&path.join("a/b/c")).unwrap(),
            Root {
                path: path.clone(),
                found_by: FoundBy::Git
            }
        );
        fs::write(path.join("a/govcheck.yaml"), "").unwrap();
        assert_eq!(
            find_root(&path.join("a/b/c")).unwrap(),
            Root {
                path: path.join("a"),
                found_by: FoundBy::Config
            }
        );
        fs::write(path.join("a/b/.git"), "gitdir: ../../.git/modules/b").unwrap();
        assert_eq!(
            find_root(&path.join("a/b/c")).unwrap(),
            Root {
                path: path.join("a/b"),
                found_by: FoundBy::Git
            }
        );
    }

    #[test]
    fn a_misnamed_config_marks_the_root_so_that_it_can_be_complained_about() {
        let (_keep, path) = temp();
        for name in MISNAMED {
            fs::write(path.join("a").join(name), "").unwrap();
            let root = find_root(&path.join("a/b")).unwrap().path;
            assert_eq!(root, path.join("a"), "{name}");
            fs::remove_file(path.join("a").join(name)).unwrap();
        }
    }

    #[test]
    fn without_a_marker_the_start_or_the_folder_of_a_file_is_the_root() {
        let (_keep, path) = temp();
        fs::write(path.join("a/x.yaml"), "").unwrap();
        assert_eq!(
            find_root(&path.join("a/x.yaml")).unwrap(),
            Root {
                path: path.join("a"),
                found_by: FoundBy::Start
            }
        );
        assert_eq!(
            find_root(&path.join("a/./b/../b")).unwrap().path,
            path.join("a/b")
        );
    }

    #[test]
    fn a_start_that_is_not_there_is_an_error_that_names_it() {
        let (_keep, path) = temp();
        let error = find_root(&path.join("nope")).unwrap_err();
        assert!(error.to_string().contains("nope"), "{error}");
    }
}
