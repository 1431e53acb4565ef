//! `govcheck check`: judge a mesh and report.

use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::Args;

use super::cache::CacheArguments;
use super::report::{ReportArguments, close_cache, report_workspace};
use super::shard::ShardArguments;
use super::{shard, trace};
use crate::cache::Cache;
use crate::model::rule::Day;
use crate::policy::trace::Tracer;
use crate::workspace::failure::Failure;
use crate::workspace::judge::Manner;
use crate::workspace::open::{Ahead, Workspace};
use crate::workspace::plain::PlainArguments;
use crate::workspace::revisions::{RevisionArguments, Revisions};
use crate::workspace::stdin::StdinArguments;
use crate::workspace::{World, judge};

/// What `govcheck check --help` ends with.
pub(super) const EXAMPLES: &str = "\
Examples:
  govcheck check domains/sales                  report on one folder of the mesh
  govcheck check --select security,kpi --ignore kpi/bad-name
                                                report two categories without one of their rules
  govcheck check --domain sales --fail-on warning
                                                fail on warnings too, in one domain
  govcheck check --base origin/main             report what this branch breaks and fixes
  govcheck check --staged                       report what the next commit breaks
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

pub(super) fn run(
    arguments: &CheckArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let (paths, plain) = (&arguments.paths, &arguments.plain);
    // Threads that run side by side disturb each other's times.
    let ahead = match arguments.report.profile {
        true => Ahead::Nothing,
        false => Ahead::Files,
    };
    let asked = &arguments.revisions.with_hook(&world.hook)?;
    let (workspace, revisions) = match arguments.stdin.read(paths, asked, world)? {
        Some(stdin) => Workspace::open_stdin(stdin, asked, plain, world, ahead)?,
        None => Workspace::open_with(paths, asked, plain, world, ahead)?,
    };
    // The process ends with this command: its memory is given back as a whole, not piece by piece.
    let kept = ManuallyDrop::new(workspace);
    let workspace: &Workspace = &kept;
    // A cached answer has no time per rule.
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
        let code = shard::run(
            shard,
            &arguments.shard,
            workspace,
            &revisions,
            &manner,
            world,
            out,
        )?;
        close_cache(cache, arguments.report.verbose, err);
        return Ok(code);
    }
    let traced = arguments.trace.as_deref();
    let tracer =
        traced.map(|id| Ok::<_, Failure>((id, trace::find_tracer(workspace, &revisions, id)?)));
    let tracer = tracer.transpose()?;
    let code = report_workspace(
        workspace,
        &revisions,
        &arguments.report,
        cache,
        world,
        out,
        err,
    )?;
    if let Some((id, tracer)) = &tracer {
        let day = arguments.report.day(world);
        explain_rule(workspace, &revisions, day, id, tracer, err)?;
    }
    Ok(code)
}

/// Says how far a rule got, on the files that are judged.
fn explain_rule(
    workspace: &Workspace,
    revisions: &Revisions,
    day: Day,
    id: &str,
    tracer: &Tracer,
    err: &mut dyn Write,
) -> Result<(), Failure> {
    judge::on_files(
        workspace,
        revisions,
        &Manner::plain(day),
        &mut |setting, source, base| {
            // Nobody reads it: no reason to give up the report.
            let _ = trace::write_traces(workspace, setting, source, base, id, tracer, err);
        },
    )
}
