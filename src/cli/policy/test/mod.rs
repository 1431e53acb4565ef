//! `govcheck policy test`: the examples of rules and their Rego tests, in one report.

mod arguments;
mod once;
mod packs;
mod watch;

pub(super) use arguments::TestArguments;

use std::io::Write;

use crate::workspace::World;
use crate::workspace::failure::Failure;
use arguments::CoverageFormat;
use once::run_once;

pub(super) fn run(
    arguments: &TestArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    refuse_two(arguments)?;
    if arguments.watch {
        return watch::run(arguments, world, out, err);
    }
    run_once(arguments, world, out, err)
}

/// Standard output has one format at most.
fn refuse_two(arguments: &TestArguments) -> Result<(), Failure> {
    let whole = matches!(
        arguments.coverage_format,
        Some(CoverageFormat::Json | CoverageFormat::Lcov)
    );
    if whole && arguments.format.is_some() {
        return Err(Failure::usage(
            "two formats are written to standard output",
            "remove `--format`, or pass `--coverage`: with `--format json` the report includes the coverage",
        ));
    }
    Ok(())
}
