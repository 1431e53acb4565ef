//! Which packs are tested: those that a mesh adds, the folder that is named, or the built-in one. All of a mesh's packs are
//! loaded beside it, with every rule on: a test says what a rule does, whatever config makes of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::TestArguments;
use crate::cli::World;
use crate::cli::failure::Failure;
use crate::cli::origin::Origin;
use crate::cli::packs;
use crate::discover::{CONFIG_FILE, find_root};
use crate::policy::Pack;
use crate::policy::source::{BUILTIN_PACK, PackSource};

/// Packs to test, and where they are.
pub(super) struct Tested {
    /// All that was loaded.
    pub(super) pack: Pack,
    /// The names of those that are tested.
    pub(super) packs: Vec<String>,
    /// The folders of packs that are some.
    pub(super) folders: BTreeMap<String, PathBuf>,
}

/// The folders and files that decide what is tested: those that there are, and those that there may be.
pub(super) fn watched(arguments: &TestArguments, world: &World) -> Vec<PathBuf> {
    let start = start(arguments, world);
    let Ok(root) = find_root(&start) else {
        return vec![start];
    };
    let config = Origin::Disk
        .config(&root.path)
        .ok()
        .flatten()
        .unwrap_or_default();
    let packs = config.packs.iter().map(|pack| root.path.join(pack));
    let named = arguments.path.is_some() && start != root.path;
    [root.path.join(CONFIG_FILE)]
        .into_iter()
        .chain(packs)
        .chain(named.then_some(start))
        .collect()
}

fn start(arguments: &TestArguments, world: &World) -> PathBuf {
    let path = arguments.path.as_deref().unwrap_or(Path::new("."));
    let path = world.current_dir.join(path);
    path.canonicalize().unwrap_or(path)
}

pub(super) fn load(arguments: &TestArguments, world: &World) -> Result<Tested, Failure> {
    let start = start(arguments, world);
    let shown = arguments.path.as_deref().unwrap_or(Path::new("."));
    if !start.is_dir() {
        return Err(Failure::usage(
            format!("`{}` is no folder", shown.display()),
            "name a mesh or the folder of a pack; `--run` chooses tests in it",
        ));
    }
    let root = find_root(&start)?.path;
    let config = Origin::Disk.config(&root)?.unwrap_or_default();
    let builtin = || config.builtin.then(PackSource::builtin);
    if arguments.builtin {
        return tested(
            vec![PackSource::builtin()],
            vec![BUILTIN_PACK.to_owned()],
            BTreeMap::new(),
        );
    }
    let mut sources: Vec<PackSource> = builtin().into_iter().collect();
    let mut folders = BTreeMap::new();
    let named = packs::locked(&Origin::Disk, &root, &config)?;
    for (pack, source) in config.packs.iter().zip(named) {
        folders.insert(source.name.clone(), root.join(pack));
        sources.push(source);
    }
    let is_mesh = arguments.path.is_none() || start == root;
    if is_mesh {
        let mut packs: Vec<String> = folders.keys().cloned().collect();
        if packs.is_empty() {
            packs.extend(builtin().map(|builtin| builtin.name));
        }
        return tested(sources, packs, folders);
    }
    let of_mesh = folders
        .iter()
        .find(|(_, folder)| folder.canonicalize().is_ok_and(|folder| start == folder));
    if let Some(name) = of_mesh.map(|(name, _)| name.clone()) {
        return tested(sources, vec![name], folders);
    }
    let name = shown.display().to_string();
    let own = PackSource::folder(name.trim_end_matches('/'), &start)?;
    let name = own.name.clone();
    folders.insert(name.clone(), start);
    let same = |one: &PackSource| {
        let mut files = one.files.iter().filter(|file| file.is_rego());
        files.any(|file| own.files.iter().any(|own| own.path == file.path))
    };
    // A copy of a pack stands in its place: the sources of the built-in one, or another state of the mesh's own.
    sources.retain(|source| !same(source));
    sources.push(own);
    tested(sources, vec![name], folders)
}

fn tested(
    sources: Vec<PackSource>,
    packs: Vec<String>,
    folders: BTreeMap<String, PathBuf>,
) -> Result<Tested, Failure> {
    Ok(Tested {
        pack: Pack::load(sources, &|_| true)?,
        packs,
        folders,
    })
}
