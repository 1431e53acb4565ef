//! The command line: clap, one file per subcommand. Clock, environment and terminal come in from `main`.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::model::rule::Day;
use failure::Failure;

mod baseline;
mod cache;
mod check;
mod completions;
mod config_show;
mod diff;
mod exceptions;
mod explain;
mod explain_model;
mod failure;
mod in_force;
mod init;
mod judge;
mod merge;
mod model;
mod origin;
mod output;
mod packs;
mod plain;
mod policy;
mod profile;
mod revisions;
mod rules;
mod schema;
mod shard;
mod trace;
mod waive;
mod waivers;
mod workspace;

/// Nothing at or over the level that fails.
pub const CLEAN: u8 = 0;
/// Findings at or over it.
pub const FINDINGS: u8 = 1;
/// Something could not be judged.
pub const NOT_JUDGED: u8 = 2;
/// There is nothing to judge.
pub const NOTHING: u8 = 3;

/// What `main` knows of the world.
#[derive(Debug, Clone)]
pub struct World {
    /// The folder govcheck was called in.
    pub current_dir: PathBuf,
    /// The day, in UTC.
    pub today: Day,
    /// Whether standard output is a terminal that colours.
    pub color: bool,
    /// Whether standard output is a terminal that can be clicked.
    pub hyperlinks: bool,
    /// Whether standard output shows more than ASCII drawing characters.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether standard error is a terminal: a progress bar has a place.
    pub progress: bool,
    /// The folder of the cache, where the environment names one.
    pub cache_dir: Option<PathBuf>,
    /// The web address of the files at the judged commit, where the environment names it: see [`blob_address`].
    pub blob: Option<String>,
}

/// The web address of a repository's files at a commit, from what a GitHub workflow says of itself. None if something is missing.
///
/// ```
/// # use govcheck::cli::blob_address;
/// let address = blob_address(Some("https://github.com"), Some("acme/mesh"), Some("4748ff9"));
/// assert_eq!(address.as_deref(), Some("https://github.com/acme/mesh/blob/4748ff9"));
/// assert_eq!(blob_address(Some("https://github.com"), None, Some("4748ff9")), None);
/// ```
pub fn blob_address(
    server: Option<&str>,
    repository: Option<&str>,
    commit: Option<&str>,
) -> Option<String> {
    let server = server?.trim_end_matches('/');
    Some(format!("{server}/{}/blob/{}", repository?, commit?))
}

#[derive(Debug, Parser)]
#[command(
    name = "govcheck",
    version,
    about = "A linter for the governance of a data mesh",
    long_about = "A linter for the governance of a data mesh: walks a repository of data product manifests, evaluates central \
                  Rego policies on them, and reports findings at exact source positions.\n\n\
                  Without a subcommand it is `govcheck check`.",
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::CheckArguments,
}

const EXAMPLES: &str = "\
Examples:
  govcheck                                  judge all manifests of this repository
  govcheck init --dry-run                   what a first config and registers of this repository would be
  govcheck domains/sales                    report on one folder; the whole mesh is known all the same
  govcheck --base origin/main               what this branch breaks, and mends; fails on what is new alone
  govcheck diff v1.4.0 v1.5.0               two revisions against each other, without a checkout
  govcheck --format json > report.json      for programs; `govcheck schema report` describes it
  govcheck --output sarif=govcheck.sarif --output github=-
                                            code scanning and annotations in one run
  govcheck baseline write                   adopt: today's findings do not count, new ones do
  govcheck waivers                          who may do what until when
  govcheck --policy conftest-policies       plain policies, as conftest judges by them, and nothing else
  govcheck rules                            what is checked
  govcheck policy try governance/draft      what a pack would do to the mesh, before it is on
  govcheck explain kpi/bad-name             why, and what to write instead
  govcheck config show domains/sales/orders/contract.odcs.yaml
                                            what holds for a file, and which line decided it
  govcheck explain --model contract         what rules can read of a contract, and which formats fill it
  govcheck model domains/sales/orders/contract.odcs.yaml
                                            what policies see of a file

Exit codes:
  0  nothing at or over --fail-on     1  findings at or over it
  2  something could not be judged    3  no manifests found";

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge a mesh and report what is wrong, where, why, and what to write instead
    Check(check::CheckArguments),
    /// Judge one revision against another: what is new, what is fixed; nothing is checked out
    Diff(diff::DiffArguments),
    /// Write a first config, registers of what is here, and a rule of one's own; never over what is there
    Init(init::InitArguments),
    /// Except something from a rule, until a day, and say who answers for it
    Waive(waive::WaiveArguments),
    /// Who may do what until when
    Waivers(waivers::WaiversArguments),
    /// Adopt what is found today, which may only become less
    Baseline(baseline::BaselineArguments),
    /// List the rules, their levels and what they judge here
    Rules(rules::RulesArguments),
    /// Explain a rule: what, why, examples, options; or the model that rules read
    Explain(explain::ExplainArguments),
    /// Show what policies see of a file, with the source place of every value
    Model(model::ModelArguments),
    /// Show what the config comes to: levels, days and options, and what decided them
    Config(config_show::ConfigArguments),
    /// Write, test, check and try rules
    Policy(policy::PolicyArguments),
    /// Put the shards of a run together, and report
    Merge(merge::MergeArguments),
    /// See or empty what is remembered of earlier runs
    Cache(cache::CacheCommand),
    /// Print the JSON Schema of an output
    Schema(schema::SchemaArguments),
    /// Print completions for a shell
    Completions(completions::CompletionsArguments),
}

/// The names of the subcommands.
fn subcommands() -> Vec<String> {
    let command = Arguments::command();
    let names = command.get_subcommands().map(clap::Command::get_name);
    names.map(ToOwned::to_owned).collect()
}

/// Runs a command line and gives the exit code. Results go to `out`, everything else to `err`; a closed pipe is no error.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
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
        Some(Command::Completions(arguments)) => completions::run(&arguments, out),
    };
    match outcome {
        Ok(code) => code,
        Err(Failure::ClosedPipe) => CLEAN,
        Err(failure) => {
            // Nobody is left to tell when standard error is closed too.
            let _ = failure.write(err);
            if matches!(failure, Failure::Nothing { .. }) {
                NOTHING
            } else {
                NOT_JUDGED
            }
        }
    }
}
