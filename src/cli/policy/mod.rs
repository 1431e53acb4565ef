//! `govcheck policy …`: what authors of rules do with them. One file a subcommand.

use std::io::Write;

use clap::{Args, Subcommand};

use super::World;
use super::failure::Failure;

mod bundle;
mod check;
mod docs;
mod lock;
mod new;
mod test;
mod try_rule;
mod verify;

#[derive(Debug, Args)]
pub(super) struct PolicyArguments {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Write a rule to begin with, and examples that hold; never over what is there
    New(new::NewArguments),
    /// All that can be known of rules before one runs
    Check(check::CheckArguments),
    /// Run the examples of rules, and their Rego tests
    Test(test::TestArguments),
    /// Ask other engines what the register VM was asked, and tell every difference
    Verify(verify::VerifyArguments),
    /// Write a page for each category of rules, and an index
    Docs(docs::DocsArguments),
    /// What a pack or a rule would do to the mesh, domain by domain, before it is on
    Try(try_rule::TryArguments),
    /// Write a pack as a bundle, and sign it
    Bundle(bundle::BundleArguments),
    /// Pin the packs that are not part of this repository by their digests, in `govcheck.lock`
    Lock(lock::LockArguments),
}

pub(super) fn run(
    arguments: &PolicyArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    match &arguments.command {
        PolicyCommand::New(arguments) => new::run(arguments, world, out),
        PolicyCommand::Check(arguments) => check::run(arguments, world, out),
        PolicyCommand::Test(arguments) => test::run(arguments, world, out, err),
        PolicyCommand::Verify(arguments) => verify::run(arguments, world, out),
        PolicyCommand::Docs(arguments) => docs::run(arguments, world, out),
        PolicyCommand::Try(arguments) => try_rule::run(arguments, world, out, err),
        PolicyCommand::Bundle(arguments) => bundle::run(arguments, world, out),
        PolicyCommand::Lock(arguments) => lock::run(arguments, world, out),
    }
}
