//! One run of all tests, with its report and with what `--update` writes.

use std::io::Write;
use std::{fs, io};

use super::arguments::{CoverageFormat, ReportFormat, TestArguments};
use super::packs;
use super::packs::Tested;
use crate::cli::exit_code::{CLEAN, FINDINGS, NOT_JUDGED};
use crate::policy::engine::Trace;
use crate::report::escape::terminal_line;
use crate::workbench::judge::Bench;
use crate::workbench::test::report::{TestReportContext, TestReportFormat};
use crate::workbench::test::{Coverage, Reversed, TestOutcome, TestSelection, report, run_tests};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{ENTITY_BOUNDS, MESH_BOUNDS};

/// One run of all tests.
pub(super) fn run_once(
    arguments: &TestArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let mut tested = packs::load_packs(arguments, world)?;
    let (mut outcome, mut coverage) = run_selected(&mut tested, arguments);
    if arguments.update && update_examples(&tested, &outcome, world, err)? {
        tested = packs::load_packs(arguments, world)?;
        (outcome, coverage) = run_selected(&mut tested, arguments);
    }
    if outcome.cases.is_empty() {
        return Err(no_tests(arguments, &tested));
    }
    write_outcome(arguments, world, (&outcome, coverage.as_ref()), out, err)?;
    let tally = outcome.tally(None);
    let enough = coverage.zip(arguments.threshold);
    let enough = enough.is_none_or(|(coverage, threshold)| coverage.percent() >= threshold);
    Ok(match (tally.errors, tally.failed) {
        (0, 0) if enough => CLEAN,
        (0, _) => FINDINGS,
        _ => NOT_JUDGED,
    })
}

pub(super) fn run_selected(
    tested: &mut Tested,
    arguments: &TestArguments,
) -> (TestOutcome, Option<Coverage>) {
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

pub(super) fn write_outcome(
    arguments: &TestArguments,
    world: &World,
    (outcome, coverage): (&TestOutcome, Option<&Coverage>),
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    let context = TestReportContext {
        color: world.color,
        verbose: arguments.verbose,
        times: arguments.times,
        coverage,
        threshold: arguments.threshold,
    };
    let apart = TestReportContext {
        coverage: None,
        ..context
    };
    match (coverage, arguments.coverage_format) {
        (Some(coverage), Some(CoverageFormat::Json)) => {
            report::coverage_json(coverage, arguments.threshold, out)?;
            return report::write(outcome, TestReportFormat::Human, &apart, err);
        }
        (Some(coverage), Some(CoverageFormat::Lcov)) => {
            report::coverage_lcov(coverage, out)?;
            return report::write(outcome, TestReportFormat::Human, &apart, err);
        }
        _ => {}
    }
    let format = match arguments.format {
        None | Some(ReportFormat::Human) => TestReportFormat::Human,
        Some(ReportFormat::Json) => TestReportFormat::Json,
        Some(ReportFormat::Junit) => TestReportFormat::Junit,
    };
    report::write(outcome, format, &context, out)?;
    match coverage.filter(|_| format == TestReportFormat::Junit) {
        // JUnit has no place for it.
        Some(coverage) => report::coverage_human(coverage, &context, err),
        None => Ok(()),
    }
}

/// Writes findings into the files of examples. Returns whether it wrote any.
pub(super) fn update_examples(
    tested: &Tested,
    outcome: &TestOutcome,
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
            writeln!(
                err,
                "left   {shown}: {}",
                terminal_line(&explain_reversed(reversed))
            )?;
        }
    }
    Ok(wrote)
}

/// Why an example stays as it is, and what to do about it.
pub(super) fn explain_reversed(reversed: &Reversed) -> String {
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

pub(super) fn no_tests(arguments: &TestArguments, tested: &Tested) -> Failure {
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
