//! `govcheck cache`, and where the cache of a run is: in the git folder, which no commit can write to, or where the user says,
//! but never where a change under judgement could put answers of its own.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit_code::CLEAN;
use crate::cache::{Cache, CacheSize, Store};
use crate::discover::{find_root, git_folder};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;

/// The most bytes that a cache has.
const LIMIT: u64 = 1024 * 1024 * 1024;

/// The folder of the cache in the git folder.
const FOLDER: &str = "govcheck";

/// Whether and where to remember what files had to say.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct CacheArguments {
    /// Keep the cache in this folder outside the mesh. Default: $GOVCHECK_CACHE_DIR, else `.git/govcheck`
    #[arg(long, value_name = "DIR", help_heading = "Cache")]
    cache_dir: Option<PathBuf>,
    /// Check everything again, without reading or writing the cache
    #[arg(long, help_heading = "Cache")]
    no_cache: bool,
}

#[derive(Debug, Args)]
pub(super) struct CacheCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show where the cache is and how much it holds
    Show(PlaceArguments),
    /// Empty the cache
    Clear(PlaceArguments),
}

#[derive(Debug, Args)]
struct PlaceArguments {
    /// A folder of the mesh. Default: the current folder
    path: Option<PathBuf>,
    /// The cache folder. Default: $GOVCHECK_CACHE_DIR, else `govcheck` in the git folder
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
}

pub(super) fn run(
    command: &CacheCommand,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let (Action::Show(place) | Action::Clear(place)) = &command.action;
    let start = place.path.as_deref().unwrap_or(Path::new("."));
    let root = find_root(&world.current_dir.join(start))?.path;
    let arguments = CacheArguments {
        cache_dir: place.cache_dir.clone(),
        no_cache: false,
    };
    let Some(folder) = arguments.folder(&root, world)? else {
        let help = "run govcheck in a git repository, or name a folder with `--cache-dir DIR`";
        return Err(Failure::usage(
            "no cache folder: this is not a git repository",
            help,
        ));
    };
    let shown = folder.display();
    match command.action {
        Action::Show(_) => {
            let held = Store::held(&folder);
            writeln!(out, "{shown}\n{}, limit {}", told(&held), mib(LIMIT))?;
        }
        Action::Clear(_) => {
            let gone = Store::clear(&folder).map_err(|error| {
                let help = "check which other program uses the folder, or delete it yourself; losing the cache only costs time";
                Failure::usage(format!("cannot empty the cache `{shown}`: {error}"), help)
            })?;
            writeln!(out, "{shown}\nremoved {}", told(&gone))?;
        }
    }
    Ok(CLEAN)
}

fn told(held: &CacheSize) -> String {
    let CacheSize {
        files,
        records,
        bytes,
    } = held;
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    format!(
        "{records} record{} in {files} file{}, {}",
        plural(*records),
        plural(*files),
        mib(*bytes)
    )
}

fn mib(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

impl CacheArguments {
    /// Opens the cache of a mesh, if there is a place for one.
    pub(super) fn open(
        &self,
        workspace: &Workspace,
        world: &World,
    ) -> Result<Option<Cache>, Failure> {
        let folder = self.folder(&workspace.root, world)?;
        Ok(folder.map(|folder| Cache::open(&folder, LIMIT, &workspace.root)))
    }

    fn folder(&self, root: &Path, world: &World) -> Result<Option<PathBuf>, Failure> {
        if self.no_cache {
            return Ok(None);
        }
        let given = self.cache_dir.as_ref().or(world.cache_dir.as_ref());
        let git = git_folder(root);
        let Some(given) = given else {
            return Ok(git.map(|git| git.folder.join(FOLDER)));
        };
        let folder = real(&world.current_dir.join(given));
        let trees = git.iter().map(|git| git.work_tree.as_path()).chain([root]);
        let inside_git = git.iter().any(|git| folder.starts_with(&git.folder));
        if !inside_git && trees.into_iter().any(|tree| folder.starts_with(real(tree))) {
            let message = format!(
                "the cache cannot be inside the mesh at `{}`, where a change could plant results",
                root.display()
            );
            let help = "name a folder outside the mesh, or remove `--cache-dir`";
            return Err(Failure::usage(message, help));
        }
        Ok(Some(folder))
    }
}

/// The path without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let there = path
        .ancestors()
        .find_map(|part| Some((part, part.canonicalize().ok()?)));
    match there {
        Some((part, real)) => match path.strip_prefix(part) {
            Ok(rest) if rest != Path::new("") => real.join(rest),
            _ => real,
        },
        None => path.to_owned(),
    }
}
