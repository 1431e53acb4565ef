//! Judges a workspace and writes the reports that were asked for: what `check`, `diff` and `merge` have in common.

use std::io;
use std::io::Write;
use std::time::Instant;

use clap::Args;

use super::day::parse_day;
use super::exit_code::{FailOn, NOTHING, exit_code, fail_on};
use super::output::OutputArguments;
use super::select::{SelectionArguments, check_names};
use super::{profile, waive};
use crate::cache::Cache;
use crate::discover::CONFIG_FILE;
use crate::evaluate::profile::Profile;
use crate::model::report::Report;
use crate::model::rule::Day;
use crate::report::escape::terminal_line;
use crate::report::{ReportContext, tell_left_out};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{Manner, judge_workspace};
use crate::workspace::open::Workspace;
use crate::workspace::revisions::Revisions;

/// What to report, and how.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    #[command(flatten)]
    pub(super) selection: SelectionArguments,
    #[command(flatten)]
    pub(super) outputs: OutputArguments,
    /// Print the summary only
    #[arg(long, short, help_heading = "Output")]
    pub(super) quiet: bool,
    /// List fixed and waived findings, affected consumers and skipped files, too
    #[arg(long, short, help_heading = "Output")]
    pub(super) verbose: bool,
    /// Include unchanged findings in `sarif`, where there is a base
    #[arg(long, help_heading = "Output")]
    pub(super) sarif_all: bool,
    /// Exit with 1 on findings at or above this level. Default: `fail_on` of the config, else error
    #[arg(long, value_name = "LEVEL", help_heading = "Exit code")]
    pub(super) fail_on: Option<FailOn>,
    /// Exit with 0 where there are no manifests
    #[arg(long, help_heading = "Exit code")]
    pub(super) allow_empty: bool,
    /// Judge as of this date: what becomes an error by then?
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day, help_heading = "Exit code")]
    pub(super) today: Option<Day>,
    /// Show on standard error how long each stage and each rule takes; judges everything again
    #[arg(long, help_heading = "Diagnosis")]
    pub(super) profile: bool,
}

impl ReportArguments {
    /// The day of the run.
    pub(super) fn day(&self, world: &World) -> Day {
        self.today.unwrap_or(world.today)
    }
}

/// Remarks of the cache are not part of the result, so a closed standard error is ignored.
pub(super) fn close_cache(cache: Option<Cache>, verbose: bool, err: &mut dyn Write) {
    let remarks = cache.map(Cache::close).unwrap_or_default();
    for remark in remarks.iter().filter(|_| verbose) {
        let _ = writeln!(err, "cache: {}", terminal_line(remark));
    }
}

/// Judges a workspace and reports.
pub(crate) fn report_workspace(
    workspace: &Workspace,
    revisions: &Revisions,
    arguments: &ReportArguments,
    cache: Option<Cache>,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let started = Instant::now();
    let outputs = arguments.outputs.outputs(world)?;
    let selection = arguments.selection.resolve(workspace)?;
    let profile = arguments.profile.then(Profile::default);
    let manner = Manner {
        bar: world.progress && !arguments.quiet,
        profile: profile.as_ref(),
        cache: cache.as_ref(),
        selection: &selection,
        ..Manner::plain(arguments.day(world))
    };
    let report = judge_workspace(workspace, revisions, &manner)?;
    check_names(&report)?;
    if let Some(profile) = &profile {
        // Nobody reads it: no reason to give up the report.
        let _ = profile::write(profile, &workspace.pack, &report, err);
    }
    let context = ReportContext {
        quiet: arguments.quiet,
        verbose: arguments.verbose,
        first_run: selection.is_all() && is_first_run(workspace, revisions),
        elapsed: Some(started.elapsed()),
        fail_on: fail_on(arguments.fail_on, workspace.config.fail_on),
        root: workspace.way_from_repository(),
        sarif_all: arguments.sarif_all,
        waive: waive::waive_terms(workspace, arguments.day(world), world),
        ..arguments.outputs.context(world)
    };
    let code = exit_code(&report, context.fail_on, arguments.allow_empty);
    if code == NOTHING {
        nothing_found(workspace, &report, err);
    }
    for output in &outputs {
        output.write(&report, &context, world, out)?;
        if let Some(left_out) = tell_left_out(&report, output.format, &context) {
            // Nobody reads it: no reason to give up the other outputs.
            let _ = writeln!(err, "note: {left_out}");
        }
    }
    close_cache(cache, arguments.verbose, err);
    // Nobody reads it: no reason for another exit code.
    let _ = tell_changed(&report, err);
    Ok(code)
}

/// Whether the whole working tree is reported on without a config. The config names the baseline, so there is none either.
pub(super) fn is_first_run(workspace: &Workspace, revisions: &Revisions) -> bool {
    let of_revisions = [&revisions.base, &revisions.head, &revisions.policies];
    !workspace.plain_alone
        && workspace.scope.is_empty()
        && of_revisions.iter().all(|named| named.is_none())
        && !workspace.root.join(CONFIG_FILE).exists()
}

/// Names the files that changed after they were judged and before their text was shown.
pub(super) fn tell_changed(report: &Report, err: &mut dyn Write) -> io::Result<()> {
    let changed = report.sources.changed();
    if let Some(first) = changed.first() {
        let first = terminal_line(first.as_str());
        let more = match changed.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(
            err,
            "note: `{first}`{more} changed during the run: findings are about the earlier text, which is not shown; run govcheck again"
        )?;
    }
    Ok(())
}

pub(super) fn nothing_found(workspace: &Workspace, report: &Report, err: &mut dyn Write) {
    let formats: Vec<&str> = workspace
        .pack
        .formats
        .iter()
        .map(|format| format.title.as_str())
        .collect();
    if let Some(stdin) = &workspace.stdin {
        let was_read = report.passed_over.contains(&stdin.file);
        let (message, help) = stdin.not_judged(was_read, &formats);
        let _ = Failure::usage(message, help).write(err);
        return;
    }
    let shown = |path: std::path::Display<'_>| format!("`{path}`");
    let places: Vec<String> = match workspace.scope.as_slice() {
        [] => vec![shown(workspace.root.display())],
        scope => scope
            .iter()
            .map(|path| shown(workspace.root.join(path.as_str()).display()))
            .collect(),
    };
    if workspace.plain_alone {
        let message = format!(
            "there is no YAML or JSON file to judge in {}",
            places.join(", ")
        );
        let help = "name the files that the policies are for, or look at `include` and `exclude` in `govcheck.yaml`; `--allow-empty` makes this exit code 0";
        let _ = Failure::usage(message, help).write(err);
        return;
    }
    let message = format!(
        "no manifests found in {}: looked in every .yaml, .yml and .json file that git does not ignore for {}",
        places.join(", "),
        formats.join(", ")
    );
    let help = "run govcheck in the repository of your data products, look at `include` and `exclude` in `govcheck.yaml`, \
                or list the skipped files with `--verbose`; `--allow-empty` makes this exit code 0";
    let _ = Failure::usage(message, help).write(err);
}
