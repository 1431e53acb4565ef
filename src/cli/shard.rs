//! `govcheck check --shard K/N --outcome FILE`: the map step for one part of the files. What comes of it is for `govcheck
//! merge`; nothing is judged on its own.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::exit_code::{CLEAN, NOT_JUDGED};
use super::select::SelectionArguments;
use crate::cache::{PartMeta, Shard};
use crate::evaluate::listed::Listed;
use crate::evaluate::mapped::Mapped;
use crate::evaluate::recall::write_part;
use crate::evaluate::setting::Setting;
use crate::model::text::RelPath;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::judge::{self, Manner};
use crate::workspace::open::Workspace;
use crate::workspace::revisions::Revisions;

/// More shards than this are a slip.
const MAX_SHARDS: u32 = 10_000;

/// A part of a run.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ShardArguments {
    /// Check only this part of the files, such as `3/16`, and write it to `--outcome` for `govcheck merge`
    #[arg(
        long, value_name = "K/N", value_parser = parse_shard, requires = "outcome", help_heading = "Shards",
        conflicts_with_all = ["paths", "format", "output", "fail_on", "allow_empty", "sarif_all"]
    )]
    pub(super) shard: Option<Shard>,
    /// Write the outcome of the shard to this file
    #[arg(long, value_name = "FILE", requires = "shard", help_heading = "Shards")]
    outcome: Option<PathBuf>,
}

fn parse_shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((number, of)) if (1..=of).contains(&number) && of <= MAX_SHARDS => {
            Ok(Shard { number, of })
        }
        _ => Err(format!(
            "write the number of the shard and the count, such as `3/16`; at most {MAX_SHARDS} shards"
        )),
    }
}

pub(super) fn run(
    shard: Shard,
    arguments: &ShardArguments,
    workspace: &Workspace,
    revisions: &Revisions,
    manner: &Manner<'_>,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    if revisions.base.is_some() || revisions.changed_only {
        return Err(Failure::usage(
            "a shard cannot be compared with a base",
            "pass `--base` or `--changed` to `govcheck merge`",
        ));
    }
    refuse_plain(workspace)?;
    let file = arguments.outcome.clone().unwrap_or_default();
    let to = world.current_dir.join(&file);
    let (files, of, complete) = {
        let walk = workspace.walk()?;
        let head = judge::revision_files(&revisions.head, &walk, manner)?;
        let place = |file: &RelPath| workspace.config.place(file);
        let setting = judge::make_setting(workspace, manner, &place)?;
        let listed = Listed::of(&setting, head.as_ref().map_or(&walk, |head| head));
        let of = listed.files().len();
        let meta = describe_part(workspace, manner, shard, &listed);
        let mapped = map(&setting, listed, shard);
        let written = write_part(&to, &meta, &setting, &mapped);
        written.map_err(|error| Failure::Output {
            to: format!("`{}`", file.display()),
            error,
        })?;
        let complete = !mapped.findings().any(|finding| finding.incomplete);
        (mapped.outcomes.len(), of, complete)
    };
    let Shard { number, of: shards } = shard;
    let shown = file.display();
    writeln!(
        out,
        "shard {number}/{shards}: {files} of {of} files, in `{shown}`"
    )?;
    if complete {
        return Ok(CLEAN);
    }
    writeln!(
        out,
        "the check is incomplete; `govcheck merge` reports what could not be checked"
    )?;
    Ok(NOT_JUDGED)
}

/// Refuses a selection: a shard reports nothing.
pub(super) fn refuse_selection(selection: &SelectionArguments) -> Result<(), Failure> {
    match selection.first() {
        None => Ok(()),
        Some(option) => Err(Failure::usage(
            format!("a shard reports nothing, so `{option}` has nothing to select from"),
            format!("give `{option}` to `govcheck merge`, which reports on all shards"),
        )),
    }
}

/// Refuses plain policies, by arguments or config.
pub(super) fn refuse_plain(workspace: &Workspace) -> Result<(), Failure> {
    if workspace.pack.plain.is_some() {
        return Err(Failure::usage(
            "plain policies cannot run in shards, because they may need all documents",
            "run the plain policies separately, and remove `plain` and `--policy` from the shards",
        ));
    }
    Ok(())
}

fn map<'s>(setting: &Setting<'_>, listed: Listed<'s>, shard: Shard) -> Mapped<'s> {
    Mapped::part(setting, listed, &|file| shard.has(file), &|_| {})
}

/// The part's description of itself.
pub(super) fn describe_part(
    workspace: &Workspace,
    manner: &Manner<'_>,
    shard: Shard,
    listed: &Listed<'_>,
) -> PartMeta {
    PartMeta {
        shard,
        setting: judge::setting_digests(workspace, manner),
        files: listed.names(),
    }
}
