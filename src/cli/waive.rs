//! `govcheck waive`: an entry in the waivers file, held to what every run holds it to before it is written.

use std::io::Write;
use std::path::Path;

use clap::{ArgGroup, Args};

use super::day;
use super::exit_code::CLEAN;
use crate::discover::{find_root, is_bare};
use crate::judge::Waivers;
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::rule::Day;
use crate::model::waiver::{Waiver, WaiverState, parse_day};
use crate::report::WaiveTerms;
use crate::report::escape::terminal_line;
use crate::workspace::exceptions::WAIVERS;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;
use crate::workspace::origin::Origin;
use crate::workspace::revisions::Revisions;
use crate::workspace::{World, exceptions, judge};

const HELP: &str = "\
The waivers file is a YAML file that `waivers:` in govcheck.yaml names; the first `govcheck waive` adds that line:

  version: 1
  waivers:
    - rule: security/unclassified-column   # or a category: `security`
      entity: contract:orders              # or `path:` with a glob for files, or both
      at: columns[email]                   # optional: only this part of the entity
      reason: \"moves to the new shop in March\"
      owner: jane@acme.example             # answers for the waiver
      approved_by: data-office             # where the config requires it
      created: 2026-11-24
      expires: 2027-03-31                  # the last day
      ticket: GOV-12

A waiver lasts 180 days at most. `waivers: {file: …, max_days: 90, approved_by: required}` in govcheck.yaml changes that, and \
makes `approved_by` mandatory.

A rule with `inline: true` in its METADATA, or under `rules: {kpi/bad-name: {inline: true}}` in govcheck.yaml, can also be \
waived by a comment in a YAML manifest:

  classification: none  # govcheck: allow security/unclassified-column until 2027-03-31 -- legacy

The comment covers its own line. On a separate line it covers the key or list item below it, and at the top of a document the \
whole document. Optional words before the `--`: `by OWNER`, `approved-by NAME`, `ticket TICKET`.

Run `govcheck waivers` to list all waivers. Expired, unused and invalid waivers are reported as findings `waivers/…`.";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(group = ArgGroup::new("target").args(["entity", "path"]).required(true).multiple(true))]
pub(super) struct WaiveArguments {
    /// The rule, such as `kpi/bad-name`, or a whole category
    rule: String,
    /// The entity, such as `contract:orders`
    #[arg(long, value_name = "KIND:ID")]
    entity: Option<String>,
    /// A glob for files, relative to the root of the mesh
    #[arg(long, value_name = "GLOB")]
    path: Option<String>,
    /// A route in the entity, as reports show it; covers everything below it
    #[arg(long, value_name = "ROUTE")]
    at: Option<String>,
    /// The last day of the waiver
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = last_day)]
    until: Day,
    /// The person or team that answers for the waiver
    #[arg(long, value_parser = some_text)]
    owner: String,
    /// The reason
    #[arg(long, value_parser = some_text)]
    reason: String,
    /// The person or team that approved the waiver
    #[arg(long, value_name = "NAME", value_parser = some_text)]
    approved_by: Option<String>,
    /// The ticket that tracks the fix
    #[arg(long, value_parser = some_text)]
    ticket: Option<String>,
    /// Print the entry without writing it
    #[arg(long)]
    dry_run: bool,
    /// Run as of this date
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day::parse_day)]
    today: Option<Day>,
}

fn last_day(text: &str) -> Result<Day, String> {
    parse_day(text).ok_or_else(|| "write a date such as 2027-03-31".to_owned())
}

fn some_text(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("the text is empty".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn run(
    arguments: &WaiveArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let workspace = Workspace::open(&[], world)?;
    let today = arguments.today.unwrap_or(world.today);
    let named = workspace.config.waivers.as_deref();
    let file = exceptions::rel_path(named.unwrap_or(WAIVERS));
    let old = Origin::Disk.text(&workspace.root, file.as_str())?;
    let waiver = Waiver {
        rule: arguments.rule.clone(),
        entity: arguments.entity.clone(),
        path: arguments.path.clone(),
        at: arguments.at.clone(),
        reason: arguments.reason.clone(),
        owner: Some(arguments.owner.clone()),
        approved_by: arguments.approved_by.clone(),
        expires: arguments.until,
        created: Some(today),
        ticket: arguments.ticket.clone(),
        inline: false,
        location: Location::start_of(&file),
    };
    let (text, entry) = Waivers::append(&file, old.as_deref(), &waiver).map_err(|why| {
        let help =
            "fix the file first, or write the entry by hand; `govcheck waive --help` shows an example";
        Failure::usage(format!("cannot add the waiver to `{file}`: {why}"), help)
    })?;
    // The baseline is ignored here: a finding in it can be waived too.
    let mut exceptions =
        exceptions::without_baseline(&workspace.config, &workspace, &Origin::Disk)?;
    exceptions.waivers = Waivers::parse(&file, &text);
    let place = exceptions
        .waivers
        .drafts
        .last()
        .map(|draft| draft.location.clone());
    let none = Revisions::default();
    let report = judge::judge_with(&workspace, &none, &exceptions, &judge::Manner::plain(today))?;
    let place = place.ok_or_else(|| {
        Failure::usage(
            "the new waiver was not found in its file",
            "report this as a bug in govcheck",
        )
    })?;
    let excepted = excepted(&report, &place)?;
    if arguments.dry_run {
        write!(
            out,
            "would add to {}\n\n{}\n",
            terminal_line(file.as_str()),
            shown(&entry)
        )?;
    } else {
        exceptions::write_file(&workspace.root, &file, &text)?;
        writeln!(
            out,
            "wrote  {}:{}",
            terminal_line(file.as_str()),
            place.start.line
        )?;
    }
    let days = report_days(today, arguments.until);
    match excepted {
        0 => writeln!(
            out,
            "note   the waiver matches no finding now; until it does, govcheck reports `waivers/unused`"
        )?,
        count => {
            let noun = if count == 1 { "finding" } else { "findings" };
            let until = arguments.until;
            writeln!(out, "exempts {count} {noun} until {until}, for {days}")?;
        }
    }
    if named.is_none() && !arguments.dry_run {
        exceptions::name_in_config(&workspace.root, "waivers", &file, out)?;
    }
    Ok(CLEAN)
}

/// What a suggested `govcheck waive` says in a workspace. `None` where it could not write: a bare repository, or policies
/// that the command line alone names.
pub(super) fn waive_terms(workspace: &Workspace, today: Day, world: &World) -> Option<WaiveTerms> {
    // Asking libgit2 takes a moment; a work tree answers at once.
    let bare = !workspace.root.join(".git").exists() && is_bare(&workspace.root);
    if workspace.plain_alone || bare {
        return None;
    }
    let here = find_root(&world.current_dir).is_ok_and(|found| found.path == workspace.root);
    Some(WaiveTerms {
        today,
        max_days: workspace.config.waiver_days,
        approval: workspace.config.waiver_approval,
        folder: (!here).then(|| from_here(&workspace.root, world)),
    })
}

/// A folder as seen from the one that govcheck was called in: relative below it, else absolute.
fn from_here(folder: &Path, world: &World) -> String {
    let here = world.current_dir.canonicalize().unwrap_or_default();
    let relative = folder.strip_prefix(&here).unwrap_or(folder);
    relative.display().to_string()
}

/// How many findings the entry at a place exempts. `None` if the entry is invalid.
fn excepted(report: &Report, place: &Location) -> Result<usize, Failure> {
    let about = |finding: &&Finding| {
        finding.rule.category() == "waivers"
            && finding.rule.as_str() != "waivers/unused"
            && finding
                .location
                .as_ref()
                .is_some_and(|at| at.file == place.file && at.span.start >= place.span.start)
    };
    if let Some(finding) = report.findings.iter().find(about) {
        let help = finding.help.as_deref().unwrap_or_default();
        return Err(Failure::usage(finding.message.clone(), help));
    }
    let used = report
        .waivers
        .iter()
        .find(|used| used.waiver.location == *place);
    match used {
        Some(used) if matches!(used.state, WaiverState::Active | WaiverState::Unused) => {
            Ok(used.findings.len())
        }
        _ => Err(Failure::usage(
            "the waiver would have no effect",
            "check the entry; `govcheck waive --help` lists the required keys",
        )),
    }
}

fn report_days(today: Day, until: Day) -> String {
    let days = today.0.until(until.0).map_or(0, |span| span.get_days());
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}

fn shown(entry: &str) -> String {
    entry
        .lines()
        .map(|line| format!("{}\n", terminal_line(line)))
        .collect()
}
