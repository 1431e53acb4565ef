//! `govcheck policy …`: what authors of rules do with them. One file a subcommand.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::workspace::World;
use crate::workspace::failure::Failure;

mod bundle;
mod check;
mod docs;
mod lock;
mod new;
mod new_format;
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
    /// Write a template for a rule, with passing examples; never overwrites files
    New(new::NewArguments),
    /// Write a format of your own with an example; never overwrites files
    NewFormat(new_format::NewFormatArguments),
    /// Check rules statically: METADATA, Rego, examples, unused options, unknown fields
    Check(check::PolicyCheckArguments),
    /// Run the examples and the Rego tests of rules
    Test(test::TestArguments),
    /// Compare the results of govcheck's engine with other Rego engines
    Verify(verify::VerifyArguments),
    /// Write a documentation page for each category of rules, and an index
    Docs(docs::DocsArguments),
    /// Show what a pack or rule would report, by domain, before it is enabled
    Try(try_rule::TryArguments),
    /// Build a bundle from a pack, optionally signed
    Bundle(bundle::BundleArguments),
    /// Pin packs from outside this repository by digest in `govcheck.lock`
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
        PolicyCommand::NewFormat(arguments) => new_format::run(arguments, world, out),
        PolicyCommand::Check(arguments) => check::run(arguments, world, out),
        PolicyCommand::Test(arguments) => test::run(arguments, world, out, err),
        PolicyCommand::Verify(arguments) => verify::run(arguments, world, out),
        PolicyCommand::Docs(arguments) => docs::run(arguments, world, out),
        PolicyCommand::Try(arguments) => try_rule::run(arguments, world, out, err),
        PolicyCommand::Bundle(arguments) => bundle::run(arguments, world, out),
        PolicyCommand::Lock(arguments) => lock::run(arguments, world, out),
    }
}
