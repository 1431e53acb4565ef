//! `govcheck merge`: the parts of a run put together. They must be all the parts of one run, of the files that are here; then
//! the report is that of a run on everything.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::report::ReportArguments;
use super::{report, shard};
use crate::cache::{Cache, Part, PartMeta, Shard};
use crate::evaluate::listed::Listed;
use crate::evaluate::recall::missing_files;
use crate::model::text::RelPath;
use crate::workspace::failure::Failure;
use crate::workspace::judge::Manner;
use crate::workspace::open::{Ahead, Workspace};
use crate::workspace::plain::PlainArguments;
use crate::workspace::revisions::{RevisionArguments, Revisions};
use crate::workspace::{World, judge};

/// So many files or shards are named where some are missing.
const NAMED: usize = 5;

#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// The outcomes of all shards, written by `govcheck check --shard K/N --outcome FILE`
    #[arg(required = true, value_name = "PARTS")]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArguments,
    #[command(flatten)]
    revisions: RevisionArguments,
}

pub(super) fn run(
    arguments: &MergeArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let plain = PlainArguments::default();
    let asked = arguments.revisions.with_hook(&world.hook)?;
    let (workspace, revisions) = Workspace::open_with(&[], &asked, &plain, world, Ahead::Files)?;
    shard::refuse_plain(&workspace)?;
    let parts = arguments.parts.iter();
    let parts = parts.map(|path| {
        let part = Part::open(&world.current_dir.join(path));
        part.map(|part| (path, part)).map_err(|error| {
            let help = "create the part with `govcheck check --shard K/N --outcome FILE`";
            Failure::usage(format!("`{}`: {error}", path.display()), help)
        })
    });
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let manner = Manner::plain(arguments.report.day(world));
    let cache = together(parts, &workspace, &revisions, &manner)?;
    report::report_workspace(
        &workspace,
        &revisions,
        &arguments.report,
        Some(cache),
        world,
        out,
        err,
    )
}

/// The parts as what is known, if they are those of one run on the files that are here.
fn together(
    parts: Vec<(&PathBuf, Part)>,
    workspace: &Workspace,
    revisions: &Revisions,
    manner: &Manner<'_>,
) -> Result<Cache, Failure> {
    let walk = workspace.walk()?;
    let head = judge::revision_files(&revisions.head, &walk, manner)?;
    let place = |file: &RelPath| workspace.config.place(file);
    let nothing = Cache::of_parts(Vec::new());
    let manner = Manner {
        cache: Some(&nothing),
        ..manner.clone()
    };
    let setting = judge::make_setting(workspace, &manner, &place)?;
    let listed = Listed::of(&setting, head.as_ref().map_or(&walk, |head| head));
    for (path, part) in &parts {
        belongs(
            path,
            &part.meta,
            &shard::describe_part(workspace, &manner, part.meta.shard, &listed),
        )?;
    }
    complete(&parts)?;
    let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect();
    let missing = missing_files(&parts, &setting, &listed);
    if !missing.is_empty() {
        let message = format!(
            "no part covers {}, which changed after the shards were checked",
            named(&missing)
        );
        let help = "check the shards again on this commit";
        return Err(Failure::usage(message, help));
    }
    Ok(Cache::of_parts(parts))
}

/// Refuses a part of another run: of another build, pack, config, day, or set of files.
fn belongs(path: &Path, part: &PartMeta, here: &PartMeta) -> Result<(), Failure> {
    let path = path.display();
    let differs = part.setting.iter().zip(&here.setting);
    let differs = differs
        .filter(|(there, here)| there != here)
        .map(|((name, _), _)| name);
    let names: Vec<&str> = differs.map(String::as_str).collect();
    if !names.is_empty() || part.setting.len() != here.setting.len() {
        let what = names.join(", ");
        return Err(Failure::usage(
            format!("`{path}` is part of another run, with a different {what}"),
            "use the same govcheck, packs and config for all shards and for `merge`; if they run on different days, pass `--today YYYY-MM-DD` to all of them",
        ));
    }
    if part.files != here.files {
        return Err(Failure::usage(
            format!("`{path}` is part of a run on a different set of files"),
            "run `merge` in a checkout of the same commit, with the same `--head`",
        ));
    }
    Ok(())
}

/// Refuses parts that are not all shards of one number, each once.
fn complete(parts: &[(&PathBuf, Part)]) -> Result<(), Failure> {
    let mut seen: BTreeMap<Shard, &PathBuf> = BTreeMap::new();
    let of = parts.first().map_or(0, |(_, part)| part.meta.shard.of);
    for (path, part) in parts {
        let shard = part.meta.shard;
        if shard.of != of {
            return Err(Failure::usage(
                format!(
                    "`{}` is one of {} shards, but other parts are one of {of}",
                    path.display(),
                    shard.of
                ),
                "merge only the parts of one run",
            ));
        }
        if let Some(other) = seen.insert(shard, path) {
            return Err(Failure::usage(
                format!(
                    "shard {}/{of} is given twice: `{}` and `{}`",
                    shard.number,
                    other.display(),
                    path.display()
                ),
                "pass each part once",
            ));
        }
    }
    let all = (1..=of).map(|number| Shard { number, of });
    let missing: Vec<String> = all
        .filter(|shard| !seen.contains_key(shard))
        .map(|shard| format!("{}/{of}", shard.number))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(
        format!("missing shards: {}", named(&missing)),
        "create them with `govcheck check --shard K/N --outcome FILE`, and pass all parts",
    ))
}

/// The first few of some names.
fn named(names: &[impl ToString]) -> String {
    let first = names.iter().take(NAMED);
    let first: Vec<String> = first
        .map(|name| format!("`{}`", name.to_string()))
        .collect();
    match names.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", first.join(", ")),
        _ => first.join(", "),
    }
}
