//! `govcheck check`: judge a mesh and report.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use super::exceptions;
use super::failure::Failure;
use super::in_force;
use super::origin::Origin;
use super::plain::PlainArguments;
use super::profile;
use super::revisions::{Named, RevisionArguments, Revisions};
use super::trace;
use super::workspace::Workspace;
use super::{CLEAN, FINDINGS, NOT_JUDGED, NOTHING, World};
use crate::Request;
use crate::discover::{FileSource, Revision, Walk, renames};
use crate::evaluate::profile::Profile;
use crate::evaluate::two::Base;
use crate::judge::Exceptions;
use crate::model::report::Report;
use crate::model::rule::{Day, Level};
use crate::model::text::RelPath;
use crate::policy::engine::Bounds;
use crate::policy::trace::Tracer;
use crate::report::escape::terminal_line;
use crate::report::{self, Context, Format, Progress, Verdict};

/// Bounds of all rules of a kind on one entity, beyond what its file's size adds: a hundred times of what the built-in
/// rules need. The instructions are hit long before the time on any machine of today, so that what is found does not
/// depend on it; and they are few enough for a loop without end in a thousand files to be told within minutes.
pub(super) const ENTITY_BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(20),
    memory: 256 * 1024 * 1024,
    instructions: 2_000_000,
};

/// Bounds of one mesh rule, beyond what the mesh's size adds.
pub(super) const MESH_BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(300),
    memory: 4 * 1024 * 1024 * 1024,
    instructions: 20_000_000,
};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Files and folders to report on; without any, the whole mesh
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) report: ReportArguments,
    #[command(flatten)]
    pub(super) revisions: RevisionArguments,
    #[command(flatten)]
    pub(super) plain: PlainArguments,
    /// Say on standard error what this rule saw of each entity, and which expressions of it held
    #[arg(long, value_name = "RULE")]
    pub(super) trace: Option<String>,
}

/// What goes where.
#[derive(Debug, Args)]
pub(super) struct OutputArguments {
    #[arg(long, short, value_name = "FORMAT", help = format!("Format on standard output: {}", report::format_names()))]
    format: Option<Format>,
    /// Write a format to a file as well, `-` for standard output; any number of times
    #[arg(long, short, value_name = "FORMAT=FILE", value_parser = parse_output)]
    output: Vec<(Format, String)>,
}

/// What to report, and how.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    #[command(flatten)]
    outputs: OutputArguments,
    /// Let `sarif` have findings of the base, too; what is waived or in the baseline is in `sarif-audit` alone
    #[arg(long)]
    sarif_all: bool,
    /// The least level that makes the exit code 1; default: the config's, else error
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// Exit with 0 when there are no manifests
    #[arg(long)]
    allow_empty: bool,
    /// The summary alone
    #[arg(long, short)]
    quiet: bool,
    /// List what is fixed, waived or touched downstream, and the files that are no manifests, too
    #[arg(long, short)]
    verbose: bool,
    /// Say on standard error where the time went, by stage and by rule
    #[arg(long)]
    profile: bool,
    /// Judge as if it were this day: what becomes an error then?
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day)]
    today: Option<Day>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Note,
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

fn parse_output(text: &str) -> Result<(Format, String), String> {
    let (format, file) = text.split_once('=').ok_or_else(|| {
        "write FORMAT=FILE, for example sarif=govcheck.sarif or github=-".to_owned()
    })?;
    if file.is_empty() {
        return Err("a file is missing behind `=`; `-` is standard output".to_owned());
    }
    Ok((
        format
            .parse::<Format>()
            .map_err(|error| error.to_string())?,
        file.to_owned(),
    ))
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
    let started = Instant::now();
    let (paths, revisions, plain) = (&arguments.paths, &arguments.revisions, &arguments.plain);
    let traced = arguments.trace.as_deref();
    let arguments = &arguments.report;
    let outputs = arguments.outputs.places(world)?;
    let (workspace, revisions) = Workspace::open_with(paths, revisions, plain, world)?;
    let tracer = traced.map(|id| Ok::<_, Failure>((id, trace::tracer(&workspace, id)?)));
    let tracer = tracer.transpose()?;
    let profile = arguments.profile.then(Profile::default);
    let bar = world.progress && !arguments.quiet;
    let today = arguments.today.unwrap_or(world.today);
    let report = judge(&workspace, &revisions, today, bar, profile.as_ref())?;
    if let Some(profile) = &profile {
        // Nobody reads it: no reason to give up the report.
        let _ = profile::write(profile, &workspace.pack, &report, err);
    }
    if let Some((id, tracer)) = &tracer {
        explain_rule(&workspace, &revisions, today, (id, tracer), err)?;
    }
    let context = Context {
        color: world.color,
        unicode: world.unicode,
        width: world.width,
        hyperlinks: world.hyperlinks,
        quiet: arguments.quiet,
        verbose: arguments.verbose,
        elapsed: Some(started.elapsed()),
        fail_on: fail_on(arguments.fail_on, workspace.config.fail_on),
        blob: world.blob.clone(),
        root: workspace.way_from_repository(),
        sarif_all: arguments.sarif_all,
    };
    let code = exit_code(&report, context.fail_on, arguments.allow_empty);
    if code == NOTHING {
        nothing_found(&workspace, err);
    }
    for (format, file) in &outputs {
        write_one(&report, *format, file, &context, world, out)?;
    }
    // Nobody reads it: no reason for another exit code.
    let _ = tell_changed(&report, err);
    Ok(code)
}

/// Says how far a rule got, on the files that are judged.
fn explain_rule(
    workspace: &Workspace,
    revisions: &Revisions,
    today: Day,
    rule: (&str, &Tracer),
    err: &mut dyn Write,
) -> Result<(), Failure> {
    let walk = workspace.walk()?;
    let head = files(&revisions.head, &walk)?;
    let source: &dyn FileSource = head.as_ref().map_or(&walk, |head| head);
    let place = |file: &RelPath| workspace.config.place(file);
    let setting = workspace.setting(today, &place, ENTITY_BOUNDS)?;
    // Nobody reads it: no reason to give up the report.
    let _ = trace::write(workspace, &setting, source, MESH_BOUNDS, rule, err);
    Ok(())
}

/// Judges a workspace: its working tree or a revision, against a base if there is one.
pub(super) fn judge(
    workspace: &Workspace,
    revisions: &Revisions,
    today: Day,
    bar: bool,
    profile: Option<&Profile>,
) -> Result<Report, Failure> {
    let exceptions = exceptions::read(workspace, &Origin::of(&revisions.policies))?;
    judge_with(workspace, revisions, &exceptions, today, bar, profile)
}

/// Judges a workspace with exceptions that need not be those on disk.
pub(super) fn judge_with(
    workspace: &Workspace,
    revisions: &Revisions,
    exceptions: &Exceptions,
    today: Day,
    bar: bool,
    profile: Option<&Profile>,
) -> Result<Report, Failure> {
    let walk = workspace.walk()?;
    let progress = Progress::new(bar);
    let place = |file: &RelPath| workspace.config.place(file);
    let mut setting = workspace.setting(today, &place, ENTITY_BOUNDS)?;
    setting.profile = profile;
    let base = files(&revisions.base, &walk)?;
    let head = files(&revisions.head, &walk)?;
    let policies = files(&revisions.policies, &walk)?;
    let source: &dyn FileSource = head.as_ref().map_or(&walk, |head| head);
    let name = |named: &Option<Named>| named.as_ref().map(|named| named.name.clone());
    let before = exceptions::of_base(workspace, revisions, exceptions);
    let renames = |removed: &[&RelPath], added: &[&RelPath]| {
        let head = revisions.head.as_ref().map(|head| &head.tree);
        let base = revisions.base.as_ref().map(|base| &base.tree);
        // Without git's word a renamed file is an old and a new one: nothing is lost by that.
        base.and_then(|base| renames(&workspace.root, base, head, removed, added).ok())
            .unwrap_or_default()
    };
    let report = crate::check(&Request {
        source,
        setting,
        mesh_bounds: MESH_BOUNDS,
        rulings: &|rule, file| workspace.ruling(rule, file),
        exceptions,
        base_exceptions: &before,
        today,
        scope: &workspace.scope,
        progress: &|files| match files {
            Some(files) => progress.set_length(files as u64),
            None => progress.inc(1),
        },
        base: base
            .as_ref()
            .zip(name(&revisions.base))
            .map(|(source, name)| Base {
                source,
                name,
                renames: &renames,
                changed_only: revisions.changed_only,
            }),
        head: name(&revisions.head),
        policies: name(&revisions.policies)
            .zip(policies.as_ref().map(|source| source as &dyn FileSource)),
        notes: &in_force::notes(&workspace.root, &workspace.config, revisions)?,
        config: revisions.policies.is_none().then_some(&workspace.config),
    });
    progress.finish();
    Ok(report)
}

fn files<'n>(named: &'n Option<Named>, walk: &Walk) -> Result<Option<Revision<'n>>, Failure> {
    let revision = named.as_ref().map(|named| Revision::of(&named.tree, walk));
    Ok(revision.transpose()?)
}

/// Files whose text a format asked for, and that are no longer what was judged.
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
            "note: `{first}`{more} changed while govcheck ran: what was found is of the text before, which is not shown; run it again"
        )?;
    }
    Ok(())
}

impl OutputArguments {
    /// Every format and its file, `-` for standard output, which has one format at most. A folder that is not there is told
    /// before the work, not after it.
    pub(super) fn places(&self, world: &World) -> Result<Vec<(Format, String)>, Failure> {
        let mut outputs = self.output.clone();
        let to_stdout = |outputs: &[(Format, String)]| {
            let files = outputs.iter().filter(|(_, file)| file == "-");
            files.count()
        };
        match self.format {
            Some(format) => outputs.insert(0, (format, "-".to_owned())),
            None if to_stdout(&outputs) == 0 => outputs.insert(0, (Format::Human, "-".to_owned())),
            None => {}
        }
        if to_stdout(&outputs) > 1 {
            let help = "give all but one of them a file: `--output FORMAT=FILE`";
            return Err(Failure::usage(
                "two formats would go to standard output",
                help,
            ));
        }
        for (_, file) in outputs.iter().filter(|(_, file)| file != "-") {
            let folder = world.current_dir.join(file);
            if !folder.parent().is_some_and(std::path::Path::is_dir) {
                return Err(Failure::Output {
                    to: format!("`{file}`"),
                    error: io::ErrorKind::NotFound.into(),
                });
            }
        }
        Ok(outputs)
    }
}

/// Writes one format to its place.
pub(super) fn write_one(
    report: &Report,
    format: Format,
    file: &str,
    context: &Context,
    world: &World,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if file == "-" {
        return match report::write(report, format, context, out) {
            // Whoever reads has seen enough; the exit code still says what was found.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            outcome => Ok(outcome?),
        };
    }
    let plain = Context {
        color: false,
        hyperlinks: false,
        ..context.clone()
    };
    let write = || {
        let mut to = File::create(world.current_dir.join(file))?;
        report::write(report, format, &plain, &mut to)
    };
    write().map_err(|error| Failure::Output {
        to: format!("`{file}`"),
        error,
    })
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

fn nothing_found(workspace: &Workspace, err: &mut dyn Write) {
    let formats: Vec<&str> = workspace
        .pack
        .formats
        .iter()
        .map(|format| format.title.as_str())
        .collect();
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
                or see with `--verbose` which files were passed over; `--allow-empty` makes this exit code 0";
    let _ = Failure::usage(message, help).write(err);
}
