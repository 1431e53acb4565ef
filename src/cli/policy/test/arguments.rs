//! The command line of `govcheck policy test`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use regex::Regex;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TestArguments {
    /// A mesh, or the folder or bundle of a pack. Default: the mesh of the current folder
    pub(super) path: Option<PathBuf>,
    /// Run only tests whose `<rule> <example>` or `<package> <test>` matches
    #[arg(long, value_name = "REGEX")]
    pub(super) run: Option<Regex>,
    /// Format of the report
    #[arg(long, short, value_name = "FORMAT")]
    pub(super) format: Option<ReportFormat>,
    /// Refresh the places and messages of bad examples, and fill in `finds:` without a value
    #[arg(long, conflicts_with = "watch")]
    pub(super) update: bool,
    /// Report which lines of the rules the tests evaluate
    #[arg(long)]
    pub(super) coverage: bool,
    /// Format of the coverage; `json` and `lcov` go to standard output, and the report to standard error
    #[arg(long, value_name = "FORMAT")]
    pub(super) coverage_format: Option<CoverageFormat>,
    /// Fail if the line coverage is below this percentage
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    pub(super) threshold: Option<f64>,
    /// Run the tests again whenever a pack or the config changes, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
    /// Test the built-in pack
    #[arg(long, conflicts_with_all = ["path", "update"])]
    pub(super) builtin: bool,
    /// List passing tests too
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Show how long each test takes
    #[arg(long)]
    pub(super) times: bool,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  govcheck policy test                              test the packs of this mesh
  govcheck policy test --run kpi/bad-name           test one rule
  govcheck policy test governance/draft --watch     test a pack on every change
  govcheck policy test rules.tar.gz                 test a bundle, with the tests inside it
  govcheck policy test --update                     refresh examples, fill in `finds:`
  govcheck policy test --coverage --threshold 90    fail in CI if coverage is too low
  govcheck policy test --coverage-format lcov > lcov.info

Exit codes:
  0  all tests pass        1  a test fails, or coverage is below --threshold
  2  a test could not run  3  there are no tests";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    Human,
    Json,
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CoverageFormat {
    Human,
    Json,
    Lcov,
}

pub(super) fn parse_percent(text: &str) -> Result<f64, String> {
    let percent = text.trim_end_matches('%').parse().ok();
    percent
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "pass a number from 0 to 100".to_owned())
}

impl TestArguments {
    pub(super) fn covers(&self) -> bool {
        self.coverage || self.coverage_format.is_some() || self.threshold.is_some()
    }
}
