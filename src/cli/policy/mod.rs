//! `govcheck policy …`: what authors of rules do with them. One file a subcommand.

use std::io::Write;

use clap::{Args, Subcommand};

use super::World;
use super::failure::Failure;

mod check;
mod docs;

#[derive(Debug, Args)]
pub(super) struct PolicyArguments {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// All that can be known of rules before one runs
    Check(check::CheckArguments),
    /// Write a page for each category of rules, and an index
    Docs(docs::DocsArguments),
}

pub(super) fn run(
    arguments: &PolicyArguments,
    world: &World,
    out: &mut dyn Write,
    _err: &mut dyn Write,
) -> Result<u8, Failure> {
    match &arguments.command {
        PolicyCommand::Check(arguments) => check::run(arguments, world, out),
        PolicyCommand::Docs(arguments) => docs::run(arguments, world, out),
    }
}
