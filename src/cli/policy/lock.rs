//! `govcheck policy lock`: the digests of packs from elsewhere, so that a run is by the rules that were looked at.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::exit_code::CLEAN;
use crate::discover::find_root;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::origin::Origin;
use crate::workspace::packs::{LOCK_FILE, fetch_pack};

#[derive(Debug, Args)]
pub(super) struct LockArguments {
    /// A folder of the mesh. Default: the current folder
    path: Option<PathBuf>,
}

pub(super) fn run(
    arguments: &LockArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let start = arguments.path.clone().unwrap_or_default();
    let root = find_root(&world.current_dir.join(start))?.path;
    let config = Origin::Disk.config(&root)?.unwrap_or_default();
    let mut digests: BTreeMap<&str, String> = BTreeMap::new();
    for pack in &config.packs {
        // Verified as for a run: what does not hold is not pinned.
        if let Some(digest) = fetch_pack(&Origin::Disk, &root, &config, pack)?.digest {
            digests.insert(pack, digest);
        }
    }
    let mut text = "# Written by `govcheck policy lock`: digests of the packs from outside this repository.\nversion: 1\npacks:".to_owned();
    if digests.is_empty() {
        text.push_str(" {}");
    }
    for (pack, digest) in &digests {
        text.push_str(&format!("\n  {}: {}", json!(pack), json!(digest)));
        writeln!(out, "{pack}: {digest}")?;
    }
    text.push('\n');
    fs::write(root.join(LOCK_FILE), text).map_err(|error| Failure::Output {
        to: format!("`{LOCK_FILE}`"),
        error,
    })?;
    match digests.len() {
        0 => writeln!(
            out,
            "{LOCK_FILE}: nothing to pin; all packs are folders of this repository"
        )?,
        count => writeln!(out, "{LOCK_FILE}: {count} packs pinned")?,
    }
    Ok(CLEAN)
}
