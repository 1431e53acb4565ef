//! `govcheck check`: judge a mesh and report.

use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::cache::CacheArguments;
use super::exit_code::{CLEAN, FINDINGS, NOT_JUDGED, NOTHING};
use super::output::OutputArguments;
use super::profile;
use super::select::{SelectionArguments, check_names};
use super::shard::{self, ShardArguments};
use super::trace;
use super::waive;
use crate::cache::Cache;
use crate::discover::CONFIG_FILE;
use crate::evaluate::profile::Profile;
use crate::model::report::Report;
use crate::model::rule::{Day, Level};
use crate::policy::trace::Tracer;
use crate::report::escape::terminal_line;
use crate::report::{Context, Verdict};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{self, Manner, judge};
use crate::workspace::open::{Ahead, Workspace};
use crate::workspace::plain::PlainArguments;
use crate::workspace::revisions::{RevisionArguments, Revisions};
use crate::workspace::stdin::StdinArguments;

/// What `govcheck check --help` ends with.
pub(super) const EXAMPLES: &str = "\
Examples:
  govcheck check domains/sales                  report on one folder of the mesh
  govcheck check --select security,kpi --ignore kpi/bad-name
                                                report two categories without one of their rules
  govcheck check --domain sales --fail-on warning
                                                fail on warnings too, in one domain
  govcheck check --base origin/main             report what this branch breaks and fixes
  govcheck check --output sarif=findings.sarif --output markdown=summary.md
                                                write two files beside the report on screen
  govcheck check - --stdin-filename orders.odcs.yaml < draft.yaml
                                                judge a text before it is saved
  govcheck check --today 2027-03-01             report what becomes an error by that date

A filter limits the report and the exit code, never the mesh. It never hides findings of `discover`,
`parse`, `engine` and `policies`: they say what could not be judged.";

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Report only on these files and folders; `-` judges standard input. Default: the whole mesh
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) report: ReportArguments,
    #[command(flatten)]
    pub(super) stdin: StdinArguments,
    #[command(flatten)]
    pub(super) revisions: RevisionArguments,
    #[command(flatten)]
    pub(super) cache: CacheArguments,
    #[command(flatten)]
    pub(super) shard: ShardArguments,
    #[command(flatten)]
    pub(super) plain: PlainArguments,
    /// Show on standard error what this rule reads of each entity and which of its expressions hold
    #[arg(long, value_name = "RULE", help_heading = "Diagnosis")]
    pub(super) trace: Option<String>,
}

/// What to report, and how.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    #[command(flatten)]
    pub(super) selection: SelectionArguments,
    #[command(flatten)]
    outputs: OutputArguments,
    /// Print the summary only
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
    /// List fixed and waived findings, affected consumers and skipped files, too
    #[arg(long, short, help_heading = "Output")]
    verbose: bool,
    /// Include unchanged findings in `sarif`, where there is a base
    #[arg(long, help_heading = "Output")]
    sarif_all: bool,
    /// Exit with 1 on findings at or above this level. Default: `fail_on` of the config, else error
    #[arg(long, value_name = "LEVEL", help_heading = "Exit code")]
    fail_on: Option<FailOn>,
    /// Exit with 0 where there are no manifests
    #[arg(long, help_heading = "Exit code")]
    allow_empty: bool,
    /// Judge as of this date: what becomes an error by then?
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day, help_heading = "Exit code")]
    today: Option<Day>,
    /// Show on standard error how long each stage and each rule takes; judges everything again
    #[arg(long, help_heading = "Diagnosis")]
    profile: bool,
}

impl ReportArguments {
    /// The day of the run.
    pub(super) fn day(&self, world: &World) -> Day {
        self.today.unwrap_or(world.today)
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Any finding
    Note,
    /// No finding: 1 is never the exit code
    Never,
}

impl FailOn {
    /// The least level that fails, if one does.
    pub(super) fn level(self) -> Option<Level> {
        match self {
            FailOn::Never => None,
            FailOn::Error => Some(Level::Error),
            FailOn::Warning => Some(Level::Warning),
            FailOn::Note => Some(Level::Note),
        }
    }
}

pub(super) fn parse_day(text: &str) -> Result<Day, String> {
    text.parse()
        .map(Day)
        .map_err(|_| "write a day as YYYY-MM-DD".to_owned())
}

pub(super) fn run(
    arguments: &CheckArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let (paths, plain) = (&arguments.paths, &arguments.plain);
    // Side by side with something else, the time that it takes can't be told.
    let ahead = match arguments.report.profile {
        true => Ahead::Nothing,
        false => Ahead::Files,
    };
    let asked = &arguments.revisions;
    let (workspace, revisions) = match arguments.stdin.read(paths, asked, world)? {
        Some(stdin) => Workspace::open_stdin(stdin, asked, plain, world, ahead)?,
        None => Workspace::open_with(paths, asked, plain, world, ahead)?,
    };
    // The process ends with this command: its memory is given back as a whole, not piece by piece.
    let kept = ManuallyDrop::new(workspace);
    let workspace: &Workspace = &kept;
    // What is remembered takes no time that could be told by rule.
    let cache = match arguments.report.profile {
        true => None,
        false => arguments.cache.open(workspace, world)?,
    };
    if let Some(shard) = arguments.shard.shard {
        shard::refuse_selection(&arguments.report.selection)?;
        let nowhere = Cache::of_parts(Vec::new());
        let manner = Manner {
            cache: Some(cache.as_ref().unwrap_or(&nowhere)),
            ..Manner::plain(arguments.report.day(world))
        };
        let meshes = (workspace, &revisions);
        let code = shard::run(shard, &arguments.shard, meshes, &manner, (world, out))?;
        close(cache, arguments.report.verbose, err);
        return Ok(code);
    }
    let traced = arguments.trace.as_deref();
    let tracer = traced.map(|id| Ok::<_, Failure>((id, trace::tracer(workspace, &revisions, id)?)));
    let tracer = tracer.transpose()?;
    let code = report(
        (workspace, &revisions),
        &arguments.report,
        cache,
        world,
        (out, err),
    )?;
    if let Some((id, tracer)) = &tracer {
        let day = arguments.report.day(world);
        explain_rule(workspace, &revisions, day, (id, tracer), err)?;
    }
    Ok(code)
}

/// What the cache has to say is no part of the answer, and nobody may be there to read it.
fn close(cache: Option<Cache>, verbose: bool, err: &mut dyn Write) {
    let remarks = cache.map(Cache::close).unwrap_or_default();
    for remark in remarks.iter().filter(|_| verbose) {
        let _ = writeln!(err, "cache: {}", terminal_line(remark));
    }
}

/// Judges a workspace and reports.
pub(super) fn report(
    (workspace, revisions): (&Workspace, &Revisions),
    arguments: &ReportArguments,
    cache: Option<Cache>,
    world: &World,
    (out, err): (&mut dyn Write, &mut dyn Write),
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
    let report = judge(workspace, revisions, &manner)?;
    check_names(&report)?;
    if let Some(profile) = &profile {
        // Nobody reads it: no reason to give up the report.
        let _ = profile::write(profile, &workspace.pack, &report, err);
    }
    let context = Context {
        color: world.color,
        unicode: world.unicode,
        width: world.width,
        hyperlinks: world.hyperlinks,
        quiet: arguments.quiet,
        verbose: arguments.verbose,
        all: arguments.outputs.all,
        statistics: arguments.outputs.statistics,
        first_run: selection.is_all() && is_first_run(workspace, revisions),
        elapsed: Some(started.elapsed()),
        fail_on: fail_on(arguments.fail_on, workspace.config.fail_on),
        blob: world.blob.clone(),
        root: workspace.way_from_repository(),
        sarif_all: arguments.sarif_all,
        waive: waive::terms(workspace, arguments.day(world), world),
    };
    let code = exit_code(&report, context.fail_on, arguments.allow_empty);
    if code == NOTHING {
        nothing_found(workspace, &report, err);
    }
    for output in &outputs {
        output.write(&report, &context, world, out)?;
    }
    close(cache, arguments.verbose, err);
    // Nobody reads it: no reason for another exit code.
    let _ = tell_changed(&report, err);
    Ok(code)
}

/// Whether the whole working tree is reported on without a config. The config names the baseline, so there is none either.
fn is_first_run(workspace: &Workspace, revisions: &Revisions) -> bool {
    let of_revisions = [&revisions.base, &revisions.head, &revisions.policies];
    !workspace.plain_alone
        && workspace.scope.is_empty()
        && of_revisions.iter().all(|named| named.is_none())
        && !workspace.root.join(CONFIG_FILE).exists()
}

/// Says how far a rule got, on the files that are judged.
fn explain_rule(
    workspace: &Workspace,
    revisions: &Revisions,
    day: Day,
    rule: (&str, &Tracer),
    err: &mut dyn Write,
) -> Result<(), Failure> {
    judge::on_files(
        workspace,
        revisions,
        &Manner::plain(day),
        &mut |setting, source, base| {
            let files = (setting, source, base);
            // Nobody reads it: no reason to give up the report.
            let _ = trace::write(workspace, files, judge::MESH_BOUNDS, rule, err);
        },
    )
}

/// Names the files that changed after they were judged and before their text was shown.
fn tell_changed(report: &Report, err: &mut dyn Write) -> io::Result<()> {
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

/// The least level that makes the exit code 1; none if no level does.
pub(super) fn fail_on(given: Option<FailOn>, config: Level) -> Option<Level> {
    match given {
        Some(fail_on) => fail_on.level(),
        None => Some(config),
    }
}

pub(super) fn exit_code(report: &Report, fail_on: Option<Level>, allow_empty: bool) -> u8 {
    match Verdict::of(report, fail_on) {
        Verdict::NotJudged => NOT_JUDGED,
        Verdict::Findings => FINDINGS,
        Verdict::Nothing if !allow_empty => NOTHING,
        Verdict::Nothing | Verdict::Clean => CLEAN,
    }
}

fn nothing_found(workspace: &Workspace, report: &Report, err: &mut dyn Write) {
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
