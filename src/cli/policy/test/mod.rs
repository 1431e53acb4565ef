//! `govcheck policy test`: the examples of rules and their Rego tests, in one report.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use regex::Regex;

use self::packs::Tested;
use crate::cli::exit_code::{CLEAN, FINDINGS, NOT_JUDGED};
use crate::policy::engine::Trace;
use crate::report::escape::terminal_line;
use crate::workbench::judge::Bench;
use crate::workbench::test::report::{self, Context, Format};
use crate::workbench::test::{Coverage, Outcome, Reversed, TestSelection, run as run_tests};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{ENTITY_BOUNDS, MESH_BOUNDS};

mod packs;
mod watch;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TestArguments {
    /// A mesh, or the folder or bundle of a pack. Default: the mesh of the current folder
    path: Option<PathBuf>,
    /// Run only tests whose `<rule> <example>` or `<package> <test>` matches
    #[arg(long, value_name = "REGEX")]
    run: Option<Regex>,
    /// Format of the report
    #[arg(long, short, value_name = "FORMAT")]
    format: Option<ReportFormat>,
    /// Refresh the places and messages of bad examples, and fill in `finds:` without a value
    #[arg(long, conflicts_with = "watch")]
    update: bool,
    /// Report which lines of the rules the tests evaluate
    #[arg(long)]
    coverage: bool,
    /// Format of the coverage; `json` and `lcov` go to standard output, and the report to standard error
    #[arg(long, value_name = "FORMAT")]
    coverage_format: Option<CoverageFormat>,
    /// Fail if the line coverage is below this percentage
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    threshold: Option<f64>,
    /// Run the tests again whenever a pack or the config changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Test the built-in pack
    #[arg(long, conflicts_with_all = ["path", "update"])]
    builtin: bool,
    /// List passing tests too
    #[arg(long, short)]
    verbose: bool,
    /// Show how long each test takes
    #[arg(long)]
    times: bool,
}

const EXAMPLES: &str = "\
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
enum ReportFormat {
    Human,
    Json,
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CoverageFormat {
    Human,
    Json,
    Lcov,
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let percent = text.trim_end_matches('%').parse().ok();
    percent
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "pass a number from 0 to 100".to_owned())
}

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
    once(arguments, world, out, err)
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

impl TestArguments {
    fn covers(&self) -> bool {
        self.coverage || self.coverage_format.is_some() || self.threshold.is_some()
    }
}

/// One run of all tests.
fn once(
    arguments: &TestArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let mut tested = packs::load(arguments, world)?;
    let (mut outcome, mut coverage) = of(&mut tested, arguments);
    if arguments.update && update(&tested, &outcome, world, err)? {
        tested = packs::load(arguments, world)?;
        (outcome, coverage) = of(&mut tested, arguments);
    }
    if outcome.cases.is_empty() {
        return Err(nothing(arguments, &tested));
    }
    write(arguments, world, (&outcome, coverage.as_ref()), out, err)?;
    let tally = outcome.tally(None);
    let enough = coverage.zip(arguments.threshold);
    let enough = enough.is_none_or(|(coverage, threshold)| coverage.percent() >= threshold);
    Ok(match (tally.errors, tally.failed) {
        (0, 0) if enough => CLEAN,
        (0, _) => FINDINGS,
        _ => NOT_JUDGED,
    })
}

fn of(tested: &mut Tested, arguments: &TestArguments) -> (Outcome, Option<Coverage>) {
    let trace = arguments.covers().then(Trace::default);
    if let Some(trace) = &trace {
        tested.pack.trace(trace);
    }
    let bench = Bench {
        pack: &tested.pack,
        bounds: ENTITY_BOUNDS,
        mesh_bounds: MESH_BOUNDS,
    };
    let selection = TestSelection {
        packs: &tested.packs,
        run: arguments.run.as_ref(),
        trace: trace.as_ref(),
    };
    let outcome = run_tests(&bench, &selection);
    let coverage = trace.map(|trace| Coverage::of(&tested.pack, &tested.packs, &trace.lines()));
    (outcome, coverage)
}

fn write(
    arguments: &TestArguments,
    world: &World,
    (outcome, coverage): (&Outcome, Option<&Coverage>),
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    let context = Context {
        color: world.color,
        verbose: arguments.verbose,
        times: arguments.times,
        coverage,
        threshold: arguments.threshold,
    };
    let apart = Context {
        coverage: None,
        ..context
    };
    match (coverage, arguments.coverage_format) {
        (Some(coverage), Some(CoverageFormat::Json)) => {
            report::coverage_json(coverage, arguments.threshold, out)?;
            return report::write(outcome, Format::Human, &apart, err);
        }
        (Some(coverage), Some(CoverageFormat::Lcov)) => {
            report::coverage_lcov(coverage, out)?;
            return report::write(outcome, Format::Human, &apart, err);
        }
        _ => {}
    }
    let format = match arguments.format {
        None | Some(ReportFormat::Human) => Format::Human,
        Some(ReportFormat::Json) => Format::Json,
        Some(ReportFormat::Junit) => Format::Junit,
    };
    report::write(outcome, format, &context, out)?;
    match coverage.filter(|_| format == Format::Junit) {
        // JUnit has no place for it.
        Some(coverage) => report::coverage_human(coverage, &context, err),
        None => Ok(()),
    }
}

/// Writes findings into the files of examples. Returns whether it wrote any.
fn update(
    tested: &Tested,
    outcome: &Outcome,
    world: &World,
    err: &mut dyn Write,
) -> Result<bool, Failure> {
    let mut wrote = false;
    for rewritten in &outcome.rewritten {
        let Some(folder) = tested.folders.get(&rewritten.pack) else {
            let (pack, file) = (&rewritten.pack, &rewritten.file);
            let shown = terminal_line(&format!("{pack}/{file}"));
            writeln!(
                err,
                "left   {shown}: not a file of this repository; update it where the pack is built"
            )?;
            continue;
        };
        let path = folder.join(&rewritten.file);
        let shown = path.strip_prefix(&world.current_dir).unwrap_or(&path);
        let shown = terminal_line(&shown.display().to_string());
        match &rewritten.text {
            Ok(Some(text)) => {
                fs::write(&path, text).map_err(|error| {
                    Failure::usage(
                        format!("cannot write `{shown}`: {error}"),
                        "grant the user that runs govcheck write access",
                    )
                })?;
                wrote = true;
                writeln!(
                    err,
                    "wrote  {shown}; review the change with `git diff {shown}`"
                )?;
            }
            Ok(None) => {}
            Err(error) => writeln!(
                err,
                "left   {shown}: {}; write its `finds` by hand",
                terminal_line(&error.to_string())
            )?,
        }
        for reversed in &rewritten.reversed {
            writeln!(err, "left   {shown}: {}", terminal_line(&told(reversed)))?;
        }
    }
    Ok(wrote)
}

/// Why an example stays as it is, and what to do about it.
fn told(reversed: &Reversed) -> String {
    let Reversed {
        example,
        expected,
        found,
    } = reversed;
    match expected {
        0 => format!(
            "good example `{example}` now has {found} finding{}; correct the rule, or write its `finds` by hand",
            if *found == 1 { "" } else { "s" }
        ),
        _ => format!(
            "bad example `{example}` no longer has a finding; correct the rule, or write `finds: []` by hand"
        ),
    }
}

fn nothing(arguments: &TestArguments, tested: &Tested) -> Failure {
    let packs: Vec<String> = tested
        .packs
        .iter()
        .map(|pack| format!("`{pack}`"))
        .collect();
    let packs = packs.join(", ");
    match &arguments.run {
        Some(run) => Failure::Nothing {
            message: format!("no test of {packs} matches `{run}`"),
            help: "pass a pattern for `<rule> <example>` or `data.<package> <test>`; `--verbose` lists all tests".to_owned(),
        },
        None => Failure::Nothing {
            message: format!("no rules and no tests in {packs}"),
            help: "run `govcheck policy new <category>/<rule>` to write a rule with examples".to_owned(),
        },
    }
}
