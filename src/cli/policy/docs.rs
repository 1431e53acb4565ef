//! `govcheck policy docs`: a page for each category of rules, and an index; or whether they are up to date.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::exit_code::{CLEAN, FINDINGS};
use crate::policy::Pack;
use crate::policy::about::About;
use crate::policy::error::PolicyError;
use crate::policy::source::{BUILTIN_PACK, PackSource};
use crate::workbench::pages::{NotGenerated, PageFolder, PageState, generate_pages};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;

#[derive(Debug, Args)]
pub(super) struct DocsArguments {
    /// The folder of a pack, or `builtin`. Default: the packs in `govcheck.yaml`
    pack: Option<String>,
    /// Write nothing, and fail if a page is out of date
    #[arg(long)]
    check: bool,
    /// Write the pages to this folder. Default: the folder of the pack
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A pack, and where its pages belong.
struct Task {
    source: PackSource,
    folder: PathBuf,
    /// As people type it.
    shown: String,
}

pub(super) fn run(
    arguments: &DocsArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let mut stale = false;
    for task in tasks(arguments, world)? {
        stale |= pack(arguments, task, out)?;
    }
    Ok(if stale { FINDINGS } else { CLEAN })
}

fn tasks(arguments: &DocsArguments, world: &World) -> Result<Vec<Task>, Failure> {
    let Some(pack) = &arguments.pack else {
        return of_config(arguments, world);
    };
    let here = world.current_dir.join(pack);
    let builtin = pack == BUILTIN_PACK && !here.is_dir();
    if builtin && arguments.out.is_none() {
        return Err(Failure::usage(
            "the built-in pack is part of the binary and has no folder for pages",
            "pass a folder: `govcheck policy docs builtin --out DIR`",
        ));
    }
    let source = match builtin {
        true => PackSource::builtin(),
        false => PackSource::folder(pack, &here)?,
    };
    let (folder, shown) = place(arguments, world).unwrap_or((here, pack.clone()));
    Ok(vec![Task {
        source,
        folder,
        shown,
    }])
}

/// Where `--out` says that pages belong.
fn place(arguments: &DocsArguments, world: &World) -> Option<(PathBuf, String)> {
    let out = arguments.out.as_ref()?;
    Some((world.current_dir.join(out), out.display().to_string()))
}

/// The packs of the config that are folders.
fn of_config(arguments: &DocsArguments, world: &World) -> Result<Vec<Task>, Failure> {
    let workspace = Workspace::open(&[], world)?;
    let packs: Vec<PackSource> = workspace
        .pack
        .sources
        .iter()
        .filter(|source| source.home.is_some())
        .cloned()
        .collect();
    if packs.is_empty() {
        return Err(Failure::usage(
            "`govcheck.yaml` lists no pack that is a folder",
            "pass the folder of a pack: `govcheck policy docs governance/policies`",
        ));
    }
    if packs.len() > 1 && arguments.out.is_some() {
        let names: Vec<&str> = packs.iter().map(|pack| pack.name.as_str()).collect();
        return Err(Failure::usage(
            format!(
                "`--out` needs a single pack, but there are `{}`",
                names.join("`, `")
            ),
            "pass one pack: `govcheck policy docs PACK --out DIR`",
        ));
    }
    let task = |source: PackSource| {
        let home = source.home.clone().unwrap_or_default();
        let (folder, shown) =
            place(arguments, world).unwrap_or_else(|| (workspace.root.join(&home), home));
        Task {
            source,
            folder,
            shown,
        }
    };
    Ok(packs.into_iter().map(task).collect())
}

/// Writes the pages of one pack, or says which are stale. True if any is.
fn pack(arguments: &DocsArguments, task: Task, out: &mut dyn Write) -> Result<bool, Failure> {
    let Task {
        mut source,
        folder,
        shown,
    } = task;
    let name = source.name.clone();
    let about = About::of(&source).map_err(PolicyError::from)?;
    // Formats may build on those of other packs, and are on no page.
    source
        .files
        .retain(|file| !file.is_format() && !file.is_shape());
    let pack = Pack::load(vec![source], &|_| false)?;
    if pack.rules.is_empty() {
        return Err(Failure::usage(
            format!("pack `{name}` has no rules"),
            "add rules at `<category>/<rule>.rego`",
        ));
    }
    let pages = generate_pages(&pack, &name, &about);
    let pages = pages.map_err(PolicyError::from)?;
    let pages = PageFolder::new(folder, pages);
    let states = pages.states().map_err(|NotGenerated { path }| {
        Failure::usage(
            format!("`{shown}/{path}` was not written by `govcheck policy docs`"),
            "move the file, or choose another folder with `--out DIR`",
        )
    })?;
    let stale: Vec<(&String, PageState)> = states
        .iter()
        .filter(|(_, state)| **state != PageState::Current)
        .map(|(path, state)| (path, *state))
        .collect();
    for (path, state) in &stale {
        if !arguments.check {
            pages.write(path).map_err(|error| Failure::Output {
                to: format!("`{shown}/{path}`"),
                error,
            })?;
        }
        writeln!(out, "{shown}/{path}: {}", said(*state, arguments.check))?;
    }
    let all = states.len();
    match (stale.len(), arguments.check) {
        (0, _) => writeln!(out, "{shown}: {all} pages, all up to date")?,
        (count, false) => writeln!(out, "{shown}: {all} pages, {count} updated")?,
        (count, true) => {
            let command = command(arguments, &name);
            writeln!(
                out,
                "{shown}: {count} of {all} pages are out of date; run `{command}` to update them"
            )?;
        }
    }
    Ok(arguments.check && !stale.is_empty())
}

fn said(state: PageState, check: bool) -> &'static str {
    match (state, check) {
        (PageState::Missing, true) => "missing",
        (PageState::Left, true) => "obsolete, the category has no rules",
        (_, true) => "out of date",
        (PageState::Missing, false) => "written",
        (PageState::Left, false) => "removed, the category has no rules",
        (_, false) => "updated",
    }
}

/// What writes what a check misses.
fn command(arguments: &DocsArguments, pack: &str) -> String {
    let named = arguments.pack.as_ref().map(|_| format!(" {pack}"));
    let out = arguments
        .out
        .as_ref()
        .map(|out| format!(" --out {}", out.display()));
    format!(
        "govcheck policy docs{}{}",
        named.unwrap_or_default(),
        out.unwrap_or_default()
    )
}
