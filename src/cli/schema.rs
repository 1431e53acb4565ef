//! `govcheck schema`: the JSON Schema of an output.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::CLEAN;
use super::failure::Failure;
use crate::report;
use crate::workbench::test;

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// The document to describe
    output: Output,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    /// `govcheck check --format json`
    Report,
    /// `govcheck policy test --format json`
    PolicyTest,
}

pub(super) fn run(arguments: &SchemaArguments, out: &mut dyn Write) -> Result<u8, Failure> {
    let schema = match arguments.output {
        Output::Report => report::json_schema(),
        Output::PolicyTest => test::report::json_schema(),
    };
    writeln!(out, "{schema:#}")?;
    Ok(CLEAN)
}
