//! `govcheck check - --stdin-filename PATH`: a text that is not saved yet, judged in the place of the file that it belongs to.

use std::fs;
use std::path::{Component, Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::revisions::RevisionArguments;
use super::world::World;
use crate::discover::{OverlayText, find_root};
use crate::model::text::RelPath;
use crate::parse::Limits;

/// The path that stands for standard input.
const DASH: &str = "-";

/// What the text on standard input is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StdinArguments {
    /// Judge standard input in the place of this file, saved or not; PATHS is `-`
    #[arg(long, value_name = "PATH", help_heading = "Selection")]
    stdin_filename: Option<PathBuf>,
}

/// A text, and the file that it stands for.
#[derive(Debug)]
pub(crate) struct StdinFile {
    /// The root of the file's mesh.
    pub(crate) root: PathBuf,
    /// The file.
    pub(crate) file: RelPath,
    /// What standard input holds.
    pub(crate) text: OverlayText,
    /// Whether the file is not on disk yet.
    pub(crate) is_new: bool,
}

impl StdinArguments {
    /// Reads standard input, if a path is `-`.
    pub(crate) fn read(
        &self,
        paths: &[PathBuf],
        revisions: &RevisionArguments,
        world: &World,
    ) -> Result<Option<StdinFile>, Failure> {
        let is_dash = |path: &PathBuf| path.as_os_str() == DASH;
        let has_dash = paths.iter().any(is_dash);
        let instead = match &revisions.head {
            Some(head) => Some(("--head", head.as_str())),
            None => revisions.staged.then_some(("--staged", "index")),
        };
        if let Some((option, head)) = instead.filter(|_| has_dash) {
            return Err(Failure::usage(
                format!(
                    "`-` replaces a file of the working tree, but `{option}` checks `{head}` instead"
                ),
                format!("remove `{option}`, or remove `-`"),
            ));
        }
        let name = match (&self.stdin_filename, has_dash) {
            (None, false) => return Ok(None),
            (None, true) => {
                return Err(Failure::usage(
                    "`-` reads a manifest from standard input, which has no file name",
                    "name the file that it belongs to: `govcheck check - --stdin-filename domains/sales/orders.odcs.yaml`; \
                     a file that is called `-` is `./-`",
                ));
            }
            (Some(name), false) => {
                let name = name.display();
                return Err(Failure::usage(
                    "`--stdin-filename` needs the path `-`",
                    format!("write `govcheck check - --stdin-filename {name}`"),
                ));
            }
            (Some(name), true) => name,
        };
        if paths.len() > 1 {
            return Err(Failure::usage(
                "`-` cannot be combined with other paths",
                "run govcheck again for the other paths",
            ));
        }
        let mut read = StdinFile::locate(name, world)?;
        let limit = Limits::default().max_bytes as u64;
        read.text = OverlayText::read(&mut *(world.stdin)(), limit).map_err(|error| {
            Failure::usage(
                format!("cannot read standard input: {error}"),
                "check that the program before the pipe runs",
            )
        })?;
        Ok(Some(read))
    }
}

impl StdinFile {
    /// The file that a name means, in the mesh around it, which must be that of the current folder or lie in it.
    fn locate(name: &Path, world: &World) -> Result<Self, Failure> {
        let path = resolve(&world.current_dir, name);
        let shown = name.display();
        if path.is_dir() {
            return Err(Failure::usage(
                format!("`--stdin-filename {shown}` is a folder"),
                "name the file that the text belongs to",
            ));
        }
        let here = find_root(&world.current_dir)?.path;
        if !path.starts_with(&here) {
            return Err(Failure::usage(
                format!("`{shown}` is outside the mesh at `{}`", here.display()),
                "run govcheck in the repository of the file",
            ));
        }
        let around = path.ancestors().skip(1).find(|folder| folder.is_dir());
        let root = find_root(around.unwrap_or(&here))?.path;
        let inner = path.strip_prefix(&root).ok().and_then(Path::to_str);
        let Some(inner) = inner.filter(|inner| !inner.is_empty()) else {
            return Err(Failure::usage(
                format!("`--stdin-filename {shown}` is not UTF-8"),
                "rename the file: reports name files in UTF-8",
            ));
        };
        Ok(Self {
            file: RelPath::new(inner.replace(std::path::MAIN_SEPARATOR, "/")),
            is_new: fs::symlink_metadata(&path).is_err(),
            root,
            text: OverlayText::Whole([].into()),
        })
    }

    /// Why its text was not judged, and what to do about it; `was_read` says whether its file belongs to the mesh.
    pub(crate) fn not_judged(&self, was_read: bool, formats: &[&str]) -> (String, String) {
        let file = &self.file;
        if !was_read {
            return (
                format!("`{file}` does not belong to the mesh, so standard input was not checked"),
                "use a name that ends in .yaml, .yml or .json, and check that `include`, `exclude` and `.gitignore` do not exclude it"
                    .to_owned(),
            );
        }
        if self.text.is_blank() {
            return (
                format!("standard input is empty, so `{file}` is not a manifest"),
                "check that the program before the pipe writes the text".to_owned(),
            );
        }
        (
            format!("standard input, as `{file}`, is not a manifest of a known format"),
            format!("known formats are {}", formats.join(", ")),
        )
    }
}

/// A path without `.`, `..` and links, as far as it exists. The rest is taken as written.
fn resolve(current: &Path, path: &Path) -> PathBuf {
    let mut resolved = current
        .canonicalize()
        .unwrap_or_else(|_| current.to_owned());
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                resolved.pop();
            }
            Component::Normal(name) => {
                resolved.push(name);
                if let Ok(real) = resolved.canonicalize() {
                    resolved = real;
                }
            }
            Component::RootDir | Component::Prefix(_) => resolved.push(part),
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_there_is_resolved_as_far_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        let of = |path: &str| resolve(&root.join("a"), Path::new(path));
        assert_eq!(of("b/./x.yaml"), root.join("a/b/x.yaml"));
        assert_eq!(of("new/../b/x.yaml"), root.join("a/b/x.yaml"));
        assert_eq!(of("../x.yaml"), root.join("x.yaml"));
        assert_eq!(
            of("new/deep/../../../../x.yaml"),
            root.parent().unwrap().join("x.yaml")
        );
        assert_eq!(
            resolve(&root, &root.join("a/x.yaml")),
            root.join("a/x.yaml")
        );
    }
}
