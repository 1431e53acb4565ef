//! The root of the mesh and the files to report on, from the paths of the command line. Where a revision judges, its tree says
//! where the root is, and no link of the change leads anywhere: else a pull request could choose its own config or scope.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::failure::Failure;
use super::revisions::RevisionArguments;
use super::world::World;
use crate::discover::{Root, Tree, find_root};
use crate::model::text::{RelPath, nearest_name};

/// Where a mesh is, and what to report on.
pub(crate) struct LocatedMesh {
    /// Absolute.
    pub(crate) root: PathBuf,
    /// Files and folders; empty for all.
    pub(crate) scope: Vec<RelPath>,
}

/// Finds the root from the first path, else from the current folder.
///
/// # Errors
/// A path does not exist, lies outside the mesh, or is a link where a revision judges; or there is no such revision.
pub(crate) fn locate_mesh(
    paths: &[PathBuf],
    revisions: &RevisionArguments,
    world: &World,
) -> Result<LocatedMesh, Failure> {
    for path in paths {
        resolve_path(path, world)?;
    }
    if let Some(name) = &revisions.policies_from
        && let Some(top) = work_tree(&world.current_dir)
    {
        return locate_by(name, &top, paths, (revisions, world));
    }
    let start = paths.first().map_or_else(
        || world.current_dir.clone(),
        |path| world.current_dir.join(path),
    );
    let Root { path: root, .. } = find_root(&start)?;
    let full = |path: &PathBuf| Ok((path.clone(), resolve_path(path, world)?));
    let paths = paths
        .iter()
        .map(full)
        .collect::<Result<Vec<_>, Failure>>()?;
    let scope = scope(&root, &paths)?;
    Ok(LocatedMesh { root, scope })
}

/// The same by the tree of a revision: the nearest folder that holds a config there, else the work tree.
fn locate_by(
    name: &str,
    top: &Path,
    paths: &[PathBuf],
    (revisions, world): (&RevisionArguments, &World),
) -> Result<LocatedMesh, Failure> {
    let judging = Tree::open(top, name)?;
    let head = revisions.open_head(top)?.map(|head| head.tree);
    let full = |path: &PathBuf| {
        let full = without_dots(&world.current_dir.join(path));
        let is_link = match &head {
            Some(head) => head.has_link(&way(top, &full)),
            None => has_link(top, &full),
        };
        match is_link {
            true => Err(Failure::usage(
                format!("`{}` is a symbolic link, or lies in one", path.display()),
                "name the folder that the link leads to; with `--policies-from`, links of the change are not followed",
            )),
            false => Ok((path.clone(), full)),
        }
    };
    let paths = paths
        .iter()
        .map(full)
        .collect::<Result<Vec<_>, Failure>>()?;
    let start = paths.first().map_or(&world.current_dir, |(_, path)| path);
    let mut folders = start
        .ancestors()
        .take_while(|folder| folder.starts_with(top));
    let root = folders.find(|folder| judging.holds_config(&way(top, folder)));
    let root = root.unwrap_or(top);
    Ok(LocatedMesh {
        scope: scope(root, &paths)?,
        root: root.to_owned(),
    })
}

/// The work tree around a folder. `None` outside of one.
fn work_tree(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let mut around = folder.ancestors();
    let top = around.find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())?;
    Some(top.to_owned())
}

/// The way from a folder to one in it, `/`-separated; empty if they are the same.
fn way(top: &Path, folder: &Path) -> String {
    slash_path(folder.strip_prefix(top).unwrap_or(Path::new("")))
}

/// Whether a path is a link, or a folder between it and the top is.
fn has_link(top: &Path, path: &Path) -> bool {
    let inside = path.ancestors().take_while(|part| *part != top);
    let is_link = |part: &Path| fs::symlink_metadata(part).is_ok_and(|it| it.is_symlink());
    inside.into_iter().any(is_link)
}

/// A path without `.` and `..`, without looking at the file system.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Paths as given and in full, relative to the root; none where one of them is the root.
fn scope(root: &Path, paths: &[(PathBuf, PathBuf)]) -> Result<Vec<RelPath>, Failure> {
    let mut scope = Vec::new();
    for (given, full) in paths {
        let Ok(relative) = full.strip_prefix(root) else {
            let message = format!(
                "`{}` is outside the mesh at `{}`",
                given.display(),
                root.display()
            );
            return Err(Failure::usage(
                message,
                "run govcheck once for each repository",
            ));
        };
        let relative = slash_path(relative);
        if relative.is_empty() {
            return Ok(Vec::new());
        }
        scope.push(RelPath::new(relative));
    }
    Ok(scope)
}

/// Resolves a path to that of the file system.
///
/// # Errors
/// The path does not exist: the error names the nearest one.
pub(crate) fn resolve_path(path: &Path, world: &World) -> Result<PathBuf, Failure> {
    let full = world.current_dir.join(path);
    full.canonicalize().map_err(|error| {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => format!("`{}` does not exist", path.display()),
            _ => format!("cannot read `{}`: {error}", path.display()),
        };
        Failure::usage(message, near_path(&full, &(world.commands)()))
    })
}

fn near_path(path: &Path, commands: &[String]) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let siblings: Vec<String> = path
        .parent()
        .and_then(|parent| fs::read_dir(parent).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            entry
                .ok()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    let near = nearest_name(&name, siblings.iter().map(String::as_str));
    let command = nearest_name(&name, commands.iter().map(String::as_str));
    if let Some(command) = command.filter(|command| *command == name) {
        return format!("a subcommand comes before all options: `govcheck {command} …`");
    }
    match (near, command) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(command)) => format!("did you mean the subcommand `govcheck {command}`?"),
        (None, None) => {
            "pass a folder or file of the mesh, or a subcommand; run `govcheck --help` to list them"
                .to_owned()
        }
    }
}

/// A relative path with `/` on every platform.
pub(crate) fn slash_path(path: &Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
