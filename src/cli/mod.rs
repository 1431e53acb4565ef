//! The command line: clap, one file per subcommand. Clock, environment and terminal come in from `main`.

mod baseline;
mod cache;
mod check;
mod completions;
mod config_show;
mod day;
mod diff;
mod exit_code;
mod explain;
mod explain_model;
mod init;
mod merge;
mod model;
mod output;
mod policy;
mod profile;
mod recognition;
mod report;
mod rules;
mod schema;
mod select;
mod shard;
mod trace;
mod waive;
mod waivers;

pub use exit_code::{CLEAN, FINDINGS, NOT_JUDGED, NOTHING};

use std::ffi::OsString;
use std::io::Write;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::report::LogWriter;
use crate::workspace::World;
use crate::workspace::color::ColorChoice;
use crate::workspace::failure::Failure;

#[derive(Debug, Parser)]
#[command(
    name = "govcheck",
    version,
    about = "A linter for the governance of a data mesh",
    long_about = "A linter for the governance of a data mesh. It judges the manifests of data products in a repository by central \
                  Rego policies and reports each finding with file, line and column.\n\n\
                  Without a subcommand, govcheck runs `govcheck check`.",
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::CheckArguments,
    /// Colour the output
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        help_heading = "Output"
    )]
    color: ColorChoice,
}

const EXAMPLES: &str = "\
Examples:
  govcheck                                  judge all manifests of this repository
  govcheck domains/sales                    report on one folder; the whole mesh is still judged
  govcheck --select security                report one category of rules, or one rule
  govcheck --domain sales --owner crm       report on what one team owns in one domain
  govcheck --base origin/main               report what this branch breaks, and fail on that
  govcheck --format json > report.json      write a report for programs (`govcheck schema report`)
  govcheck --output sarif=govcheck.sarif --output github=-
                                            write code scanning results and annotations in one run
  govcheck init --dry-run                   show a first config and registers for this repository
  govcheck baseline write                   record today's findings, so that only new ones count
  govcheck explain kpi/bad-name             say why a rule exists and what to write instead
  govcheck help check                       list all options of a subcommand, by topic

Exit codes:
  0  no finding at or above --fail-on       1  findings at or above it
  2  something could not be judged          3  no manifests found";

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge a mesh and report each finding with its place and what to write instead
    #[command(after_help = check::EXAMPLES)]
    Check(check::CheckArguments),
    /// Compare two revisions: new findings, fixed ones, and who is affected
    Diff(diff::DiffArguments),
    /// Write a first config, registers and a rule of your own; existing files stay as they are
    Init(init::InitArguments),
    /// Exempt an entity or path from a rule until a date, with an owner and a reason
    Waive(waive::WaiveArguments),
    /// List waivers: what is exempt, who owns it, when it expires
    Waivers(waivers::WaiversArguments),
    /// Record today's findings as the baseline; it can only shrink
    Baseline(baseline::BaselineArguments),
    /// List the rules with their levels and what they judge here
    Rules(rules::RulesArguments),
    /// Explain a rule: reason, examples and options; or the model that rules read
    Explain(explain::ExplainArguments),
    /// Show a file as policies see it, with the source position of every value
    Model(model::ModelArguments),
    /// Show the effective config: levels, dates and options, each with the line that sets it
    Config(config_show::ConfigArguments),
    /// Write, test, check and try out rules
    Policy(policy::PolicyArguments),
    /// Merge the shards of a run and report
    Merge(merge::MergeArguments),
    /// Show or clear the cache of earlier runs
    Cache(cache::CacheCommand),
    /// Print the JSON Schema of a file that you write, or of an output
    Schema(schema::SchemaArguments),
    /// Print completions for a shell
    Completions(completions::CompletionsArguments),
}

/// The names of the subcommands.
pub fn list_subcommands() -> Vec<String> {
    let command = Arguments::command();
    let names = command.get_subcommands().map(clap::Command::get_name);
    names.map(ToOwned::to_owned).collect()
}

/// Formats that people read in a terminal or a log. Programs read the others, byte for byte.
const FOR_PEOPLE: [&str; 3] = ["human", "concise", "grouped"];

/// Subcommands whose output is a file for a program.
const FOR_PROGRAMS: [&str; 2] = ["schema", "completions"];

/// Whether what a command line writes to standard output is for a program.
fn is_for_programs(matches: &ArgMatches) -> bool {
    let mut matches = matches;
    while let Some((name, inner)) = matches.subcommand() {
        if FOR_PROGRAMS.contains(&name) {
            return true;
        }
        matches = inner;
    }
    let values = |id: &str| -> Vec<String> {
        let values = matches.try_get_raw(id).ok().flatten();
        let values = values.into_iter().flatten();
        values
            .map(|value| value.to_string_lossy().into_owned())
            .collect()
    };
    let mut formats = values("format");
    formats.extend(values("coverage_format"));
    let outputs = values("output");
    let to_stdout = outputs
        .iter()
        .filter_map(|output| output.strip_suffix("=-"));
    formats.extend(to_stdout.map(ToOwned::to_owned));
    formats
        .iter()
        .any(|format| !FOR_PEOPLE.contains(&format.as_str()))
}

/// Runs a command line and gives the exit code. Results go to `out`, everything else to `err`; a closed pipe is no error.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    // Both streams are the log of a CI system, which takes commands from it.
    let mut err = LogWriter::new(err);
    let err: &mut dyn Write = &mut err;
    let parsed = Arguments::command().try_get_matches_from(arguments);
    let is_exact = parsed.as_ref().is_ok_and(is_for_programs);
    let mut log = LogWriter::new(out);
    let out: &mut dyn Write = match is_exact {
        true => log.exact(),
        false => &mut log,
    };
    let parsed = parsed.and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            let shown = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            let to: &mut dyn Write = if shown { out } else { err };
            let text = error.render();
            let _ = if world.color {
                write!(to, "{}", text.ansi())
            } else {
                write!(to, "{text}")
            };
            return if shown { CLEAN } else { NOT_JUDGED };
        }
    };
    let world = &world.with_color(arguments.color);
    let outcome = match arguments.command {
        None => check::run(&arguments.check, world, out, err),
        Some(Command::Check(arguments)) => check::run(&arguments, world, out, err),
        Some(Command::Diff(arguments)) => diff::run(arguments, world, out, err),
        Some(Command::Init(arguments)) => init::run(&arguments, world, out),
        Some(Command::Waive(arguments)) => waive::run(&arguments, world, out),
        Some(Command::Waivers(arguments)) => waivers::run(&arguments, world, out),
        Some(Command::Baseline(arguments)) => baseline::run(&arguments, world, out),
        Some(Command::Rules(arguments)) => rules::run(&arguments, world, out),
        Some(Command::Explain(arguments)) => explain::run(&arguments, world, out),
        Some(Command::Model(arguments)) => model::run(&arguments, world, out),
        Some(Command::Config(arguments)) => config_show::run(&arguments, world, out),
        Some(Command::Policy(arguments)) => policy::run(&arguments, world, out, err),
        Some(Command::Merge(arguments)) => merge::run(&arguments, world, out, err),
        Some(Command::Cache(command)) => cache::run(&command, world, out),
        Some(Command::Schema(arguments)) => schema::run(&arguments, out),
        Some(Command::Completions(arguments)) => {
            completions::run(&arguments, Arguments::command(), out)
        }
    };
    match outcome {
        Ok(code) => code,
        Err(Failure::ClosedPipe) => CLEAN,
        Err(failure) => {
            // If standard error is closed too, there is nowhere to report.
            let _ = failure.write(err);
            if matches!(failure, Failure::Nothing { .. }) {
                NOTHING
            } else {
                NOT_JUDGED
            }
        }
    }
}
