//! `govcheck diff`: two revisions against each other, as they are.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::cache::CacheArguments;
use super::check;
use super::check::CheckArguments;
use super::report::ReportArguments;
use super::shard::ShardArguments;
use crate::discover::{find_root, is_bare};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::plain::PlainArguments;
use crate::workspace::revisions::RevisionArguments;
use crate::workspace::stdin::StdinArguments;

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The revision to start from
    #[arg(value_name = "BASE")]
    base: String,
    /// The revision to check
    #[arg(value_name = "HEAD")]
    head: String,
    /// Report only on these files and folders. Default: the whole mesh
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArguments,
    #[command(flatten)]
    cache: CacheArguments,
    #[command(flatten)]
    plain: PlainArguments,
    /// Take config, packs, waivers, baseline and registers from this revision. Default: the working tree, or
    /// HEAD in a bare repository
    #[arg(long, value_name = "REV", help_heading = "Revisions")]
    policies_from: Option<String>,
    /// Report only on changed files
    #[arg(long, help_heading = "Revisions")]
    changed: bool,
}

pub(super) fn run(
    arguments: DiffArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let bare =
        || is_bare(&find_root(&world.current_dir).ok()?.path).then(|| arguments.head.clone());
    let revisions = RevisionArguments {
        policies_from: arguments.policies_from.clone().or_else(bare),
        base: Some(arguments.base),
        head: Some(arguments.head),
        changed: arguments.changed,
        exact: true,
        ..RevisionArguments::default()
    };
    let arguments = CheckArguments {
        paths: arguments.paths,
        report: arguments.report,
        cache: arguments.cache,
        shard: ShardArguments::default(),
        revisions,
        plain: arguments.plain,
        stdin: StdinArguments::default(),
        trace: None,
    };
    check::run(&arguments, world, out, err)
}
