//! `govcheck policy check`: all that can be known of rules before one runs.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::workspace::Workspace;
use crate::cli::{CLEAN, World};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// A folder of the mesh whose packs to check; without one, the current folder
    path: Option<PathBuf>,
}

pub(super) fn run(
    arguments: &CheckArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let paths: Vec<PathBuf> = arguments.path.iter().cloned().collect();
    let workspace = Workspace::open(&paths, world)?;
    writeln!(out, "{} rules, no mistakes", workspace.pack.rules.len())?;
    Ok(CLEAN)
}
