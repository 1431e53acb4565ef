//! Which packs are tested: those that a mesh adds, bundles too, the folder or bundle that is named, or the built-in one. All
//! of a mesh's packs are loaded beside it, with every rule on: a test says what a rule does, whatever config makes of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::TestArguments;
use crate::config::Config;
use crate::discover::{CONFIG_FILE, find_root};
use crate::policy::Pack;
use crate::policy::source::{BUILTIN_PACK, PackSource};
use crate::workspace::failure::Failure;
use crate::workspace::origin::Origin;
use crate::workspace::{World, packs};

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
pub(super) fn watched_paths(arguments: &TestArguments, world: &World) -> Vec<PathBuf> {
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

pub(super) fn load_packs(arguments: &TestArguments, world: &World) -> Result<Tested, Failure> {
    let start = start(arguments, world);
    let shown = arguments.path.as_deref().unwrap_or(Path::new("."));
    let name = shown.display().to_string();
    let is_bundle = start.is_file() && packs::is_bundle(&name);
    // A folder at a revision of a repository: as the config writes it.
    let is_address = name.starts_with("git+");
    if !start.is_dir() && !is_bundle && !is_address {
        return Err(Failure::usage(
            format!("`{name}` is neither a folder nor a bundle"),
            "pass a mesh, or the folder or bundle of a pack; select tests with `--run`",
        ));
    }
    let around = match start.is_dir() {
        true => start.as_path(),
        false => start
            .parent()
            .filter(|_| is_bundle)
            .unwrap_or(&world.current_dir),
    };
    let root = find_root(around)?.path;
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
    let named = packs::fetch_locked(&Origin::Disk, &root, &config)?;
    let mut of_mesh: Vec<(String, PathBuf)> = Vec::new();
    for (pack, source) in config.packs.iter().zip(named) {
        let place = root.join(pack);
        if place.is_dir() {
            folders.insert(source.name.clone(), place.clone());
        }
        of_mesh.push((source.name.clone(), place));
        sources.push(source);
    }
    let is_mesh = arguments.path.is_none() || start == root;
    if is_mesh {
        let mut packs: Vec<String> = of_mesh.into_iter().map(|(name, _)| name).collect();
        packs.sort();
        if packs.is_empty() {
            packs.extend(builtin().map(|builtin| builtin.name));
        }
        return tested(sources, packs, folders);
    }
    let is_it = |(known, place): &&(String, PathBuf)| {
        *known == name || place.canonicalize().is_ok_and(|place| start == place)
    };
    if let Some((name, _)) = of_mesh.iter().find(is_it) {
        return tested(sources, vec![name.clone()], folders);
    }
    let own = match (is_bundle, is_address) {
        (true, _) => bundle(&start, &name)?,
        (_, true) => {
            let here = &world.current_dir;
            packs::fetch_pack(&Origin::Disk, here, &Config::default(), &name)?.source
        }
        _ => PackSource::folder(name.trim_end_matches('/'), &start)?,
    };
    let name = own.name.clone();
    if start.is_dir() {
        folders.insert(name.clone(), start);
    }
    let same = |one: &PackSource| {
        let mut files = one.files.iter().filter(|file| file.is_rego());
        files.any(|file| own.files.iter().any(|own| own.path == file.path))
    };
    // A copy of a pack replaces it: the sources of the built-in pack, or another state of the mesh's own.
    sources.retain(|source| !same(source));
    sources.push(own);
    tested(sources, vec![name], folders)
}

/// A bundle that lies anywhere; `name` is what the user calls it.
fn bundle(path: &Path, name: &str) -> Result<PackSource, Failure> {
    let folder = path.parent().unwrap_or(path);
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let fetched = packs::fetch_pack(&Origin::Disk, folder, &Config::default(), &file)?;
    Ok(PackSource {
        name: name.to_owned(),
        ..fetched.source
    })
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
