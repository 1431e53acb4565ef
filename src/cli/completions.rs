//! `govcheck completions`: for a shell.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Failure;
use super::{Arguments, CLEAN};

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments, out: &mut dyn Write) -> Result<u8, Failure> {
    // clap_complete panics when the reader has gone, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "govcheck",
        &mut script,
    );
    out.write_all(&script)?;
    Ok(CLEAN)
}
