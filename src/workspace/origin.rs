//! Where what judges comes from: config, packs, waivers and baseline of the working tree, or of a revision.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Component, Path};

use super::failure::Failure;
use super::revisions::{NamedCommit, Revisions};
use crate::config::{Config, find_near_config, misnamed_config};
use crate::discover::CONFIG_FILE;
use crate::policy::source::{PackFile, PackSource, is_pack_file, is_page};

/// No file of governance that people write has more bytes; a baseline of a hundred thousand findings has fewer.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The working tree, or a revision.
pub(crate) enum Origin<'r> {
    Disk,
    Revision(&'r NamedCommit),
}

impl<'r> Origin<'r> {
    /// A revision if there is one, else the working tree.
    pub(crate) fn of(named: &'r Option<NamedCommit>) -> Self {
        named.as_ref().map_or(Self::Disk, Self::Revision)
    }

    /// Where config, packs, waivers and baseline of a run come from. The index is judged by its own: what is not staged is not
    /// committed.
    pub(crate) fn of_run(revisions: &'r Revisions) -> Self {
        match &revisions.policies {
            None if revisions.is_staged => Self::of(&revisions.head),
            policies => Self::of(policies),
        }
    }

    /// The config, if there is one.
    pub(crate) fn config(&self, root: &Path) -> Result<Option<Config>, Failure> {
        match self {
            Self::Disk => Ok(Config::load(root)?),
            Self::Revision(named) => match self.text(root, CONFIG_FILE)? {
                None => near_config(root, named).map_or(Ok(None), Err),
                Some(text) => Ok(Some(Config::parse(&text, &self.config_name())?)),
            },
        }
    }

    /// The config in messages. That of the index is the one that its findings point at.
    fn config_name(&self) -> String {
        match self {
            Self::Revision(named) if named.tree.is_index() => CONFIG_FILE.to_owned(),
            _ => self.shown(CONFIG_FILE),
        }
    }

    /// The pack in a folder; `path` is relative to the root of the mesh.
    pub(crate) fn folder(&self, root: &Path, path: &str) -> Result<PackSource, Failure> {
        let Self::Revision(named) = self else {
            let source = PackSource::folder(path, &root.join(path))?;
            return Ok(if is_inside(path) {
                source.at(path)
            } else {
                source
            });
        };
        let mut files = Vec::new();
        let mut pages = BTreeSet::new();
        for inner in named.tree.files_below(path)? {
            if is_page(&inner) {
                pages.insert(inner);
                continue;
            }
            if !is_pack_file(&inner) {
                continue;
            }
            let whole = format!("{}/{inner}", path.trim_end_matches('/'));
            if let Some(text) = self.text(root, &whole)? {
                files.push(PackFile { path: inner, text });
            }
        }
        let name = format!("{path} at {}", named.name);
        let source = PackSource::of(&name, files)?.at(path);
        Ok(PackSource { pages, ..source })
    }

    /// The text of a file, by its path from the root of the mesh. `None` if it is missing.
    pub(crate) fn text(&self, root: &Path, path: &str) -> Result<Option<String>, Failure> {
        let text = self.read(root, path)?.map(String::from_utf8).transpose();
        let shown = self.shown(path);
        text.map_err(|_| {
            Failure::usage(format!("`{shown}` is not UTF-8"), "save the file as UTF-8")
        })
    }

    /// The bytes of a file that must be there.
    pub(crate) fn bytes(&self, root: &Path, path: &str) -> Result<Vec<u8>, Failure> {
        self.read(root, path)?.ok_or_else(|| {
            let help =
                "correct `packs` in `govcheck.yaml`; paths are relative to the folder of that file";
            Failure::usage(format!("`{}` does not exist", self.shown(path)), help)
        })
    }

    fn read(&self, root: &Path, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Disk => on_disk(root, path),
            Self::Revision(named) => {
                let bytes = named.tree.read(path.trim_start_matches("./"), MAX_BYTES);
                bytes.map_err(|error| {
                    let message = format!("{}: {error}", self.shown(path));
                    Failure::usage(message, error.help())
                })
            }
        }
    }

    /// The name of a file in messages.
    fn shown(&self, path: &str) -> String {
        match self {
            Self::Disk => path.to_owned(),
            Self::Revision(named) => format!("{path} at {}", named.name),
        }
    }
}

/// A revision without a config that has a file with nearly its name. Not where the working tree has the config: then the change
/// under judgement may be what gives it its name.
fn near_config(root: &Path, named: &NamedCommit) -> Option<Failure> {
    if root.join(CONFIG_FILE).is_file() {
        return None;
    }
    let read = |name: &str| named.tree.read(name, MAX_BYTES).ok().flatten();
    let near = find_near_config(named.tree.file_names().into_iter(), &read)?;
    let mut error = misnamed_config(&near, false);
    error.file = format!("{near} of {}", named.name);
    Some(error.into())
}

/// A regular file within the root. A link out of it is never followed.
fn on_disk(root: &Path, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    let full = root.join(path);
    let refuse = |why: &str, help: &str| Err(Failure::usage(format!("`{path}` {why}"), help));
    let unreadable = |error: std::io::Error| {
        let help = "grant the user that runs govcheck read access";
        Failure::usage(format!("cannot read `{path}`: {error}"), help)
    };
    match fs::symlink_metadata(&full) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(_) => {}
    }
    let real = fs::canonicalize(&full).map_err(unreadable)?;
    if !real.starts_with(fs::canonicalize(root).map_err(unreadable)?) {
        return refuse("is outside the root", "move the file below the root");
    }
    if !fs::metadata(&real).map_err(unreadable)?.is_file() {
        return refuse("is not a regular file", "replace it with a regular file");
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(&real).map_err(unreadable)?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return refuse("is too large", "check that this is the right file");
    }
    Ok(Some(bytes))
}

/// Whether a path from the root of the mesh stays below it.
pub(crate) fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
