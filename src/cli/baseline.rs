//! `govcheck baseline`: what is found today is adopted, and may only become less.

use super::day;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use clap::{Args, Subcommand};

use super::exit_code::CLEAN;
use crate::judge::baseline::{entries_of, rule_of, write_baseline};
use crate::judge::{Baseline, is_about_exceptions};
use crate::model::finding::{Finding, Suppression};
use crate::model::report::Report;
use crate::model::rule::{Day, Rule, RuleId};
use crate::model::text::RelPath;
use crate::parse::Limits;
use crate::report::escape::terminal_line;
use crate::workspace::World;
use crate::workspace::exceptions::{self, BASELINE};
use crate::workspace::failure::Failure;
use crate::workspace::judge;
use crate::workspace::open::Workspace;
use crate::workspace::origin::Origin;
use crate::workspace::revisions::Revisions;

/// Entries that a refusal names.
const NAMED: usize = 20;

#[derive(Debug, Args)]
#[command(after_help = "\
Findings in the baseline do not fail a run. The baseline is a JSON file that `baseline:` in govcheck.yaml names; the first \
`govcheck baseline write` adds that line.

The file has one line for each finding, sorted, so that git can merge it. If git still reports a conflict in it, run \
`govcheck baseline write` to resolve it.

Examples:
  govcheck baseline write                  record today's findings
  govcheck baseline prune                  remove findings that are fixed
  govcheck baseline write --allow-growth   add findings, for example after a new rule")]
pub(super) struct BaselineArguments {
    #[command(subcommand)]
    command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
enum BaselineCommand {
    /// Record today's findings; refuse to add findings to an existing baseline
    Write(WriteArguments),
    /// Remove entries that no longer match a finding
    Prune(PruneArguments),
}

#[derive(Debug, Args)]
struct WriteArguments {
    /// Add findings that the baseline does not have
    #[arg(long)]
    allow_growth: bool,
    #[command(flatten)]
    common: PruneArguments,
}

#[derive(Debug, Args)]
struct PruneArguments {
    /// Print the result without writing it
    #[arg(long)]
    dry_run: bool,
    /// Run as of this date
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day::parse_day)]
    today: Option<Day>,
}

pub(super) fn run(
    arguments: &BaselineArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let workspace = Workspace::open(&[], world)?;
    let (common, growth) = match &arguments.command {
        BaselineCommand::Write(arguments) => (&arguments.common, Some(arguments.allow_growth)),
        BaselineCommand::Prune(arguments) => (arguments, None),
    };
    let named = workspace.config.baseline.as_deref();
    let file = exceptions::rel_path(named.unwrap_or(BASELINE));
    let text = Origin::Disk.text(&workspace.root, file.as_str())?;
    let old = match (&text, growth) {
        (Some(text), Some(_)) => Some(Baseline::parse_both_sides(&file, text)),
        (Some(text), None) => Some(Baseline::parse(&file, text)),
        (None, Some(_)) => None,
        (None, None) => {
            let message = format!("baseline `{file}` does not exist");
            return Err(Failure::usage(
                message,
                "run `govcheck baseline write` to create it",
            ));
        }
    };
    let old = old
        .transpose()
        .map_err(|error| Failure::usage(error.to_string(), error.help))?;
    let mut exceptions =
        exceptions::without_baseline(&workspace.config, &workspace, &Origin::Disk)?;
    exceptions.baseline.clone_from(&old);
    let today = common.today.unwrap_or(world.today);
    let none = Revisions::default();
    let report = judge::judge_with(&workspace, &none, &exceptions, &judge::Manner::plain(today))?;
    let plan = BaselineUpdate::new(&workspace, &report, old.as_ref());
    let entries = match (growth, old.as_ref()) {
        (Some(allowed), old) => plan.written(old, allowed)?,
        (None, old) => plan.pruned(old, &report)?,
    };
    let new = write_baseline(&entries);
    if new.len() > Limits::default().max_bytes {
        return Err(Failure::usage(
            format!(
                "the baseline would have {} bytes, over the size limit of a file",
                new.len()
            ),
            "turn some rules off, or down to notes, under `rules:` in `govcheck.yaml` first",
        ));
    }
    if !common.dry_run {
        exceptions::write_file(&workspace.root, &file, &new)?;
    }
    plan.tell(&file, &entries, old.as_ref(), common.dry_run, out)?;
    if named.is_none() && !common.dry_run {
        exceptions::name_in_config(&workspace.root, "baseline", &file, out)?;
    }
    Ok(CLEAN)
}

/// Findings about the old and the new baseline.
struct BaselineUpdate {
    /// Findings of today that may be in a baseline: identity and text.
    today: BTreeMap<String, String>,
    /// Of these, what the old one has under no name.
    more: BTreeSet<String>,
    /// Identities of the old one that nothing matches, and would.
    gone: BTreeSet<String>,
    /// Old entries that stay although nothing matches them, because this run could not check them.
    unsure: BTreeMap<String, String>,
    waived: usize,
    incomplete: usize,
}

impl BaselineUpdate {
    fn new(workspace: &Workspace, report: &Report, old: Option<&Baseline>) -> Self {
        let counts =
            |finding: &&Finding| !finding.incomplete && !is_about_exceptions(&finding.rule);
        let waived = |finding: &Finding| {
            matches!(
                finding.suppression,
                Some(Suppression::Waiver(_) | Suppression::Exception)
            )
        };
        let all = || report.findings.iter().filter(counts);
        let today: BTreeMap<String, String> = all()
            .filter(|finding| !waived(finding))
            .flat_map(entries_of)
            .collect();
        let has = |identity: &String| report.adopted.contains_key(identity);
        let more = today
            .keys()
            .filter(|identity| !has(identity))
            .cloned()
            .collect();
        let (mut gone, mut unsure) = (BTreeSet::new(), BTreeMap::new());
        if let Some(old) = old {
            let matched = report.adopted.values().cloned().collect();
            let off = |rule: &str| {
                let is_old = |known: &&Rule| known.aliases.iter().any(|id| id.as_str() == rule);
                let now = report.rules.iter().find(is_old).map(|now| now.id.clone());
                let id = now.unwrap_or_else(|| RuleId::new(rule));
                workspace.ruling(&id, None).level == Some(None)
            };
            gone = old.gone(&matched, &off).map(str::to_owned).collect();
            let left = old.entries().filter(|(identity, text)| {
                !matched.contains(*identity) && (report.incomplete || off(rule_of(text)))
            });
            unsure = left
                .map(|(identity, text)| (identity.to_owned(), text.to_owned()))
                .collect();
        }
        Self {
            today,
            more,
            gone,
            unsure,
            waived: all().filter(|finding| waived(finding)).count(),
            incomplete: report
                .findings
                .iter()
                .filter(|finding| finding.incomplete)
                .count(),
        }
    }

    fn written(
        &self,
        old: Option<&Baseline>,
        allowed: bool,
    ) -> Result<BTreeMap<String, String>, Failure> {
        if old.is_some() && !allowed && !self.more.is_empty() {
            let named = self
                .more
                .iter()
                .filter_map(|identity| self.today.get(identity));
            let mut named: Vec<&str> = named.map(String::as_str).collect();
            named.sort_unstable();
            let rest = named.len().saturating_sub(NAMED);
            named.truncate(NAMED);
            let rest = if rest > 0 {
                format!("; and {rest} more")
            } else {
                String::new()
            };
            return Err(Failure::usage(
                format!(
                    "the baseline would grow by {}: {}{rest}",
                    self.more.len(),
                    named.join("; ")
                ),
                "fix these findings, add them with `--allow-growth`, or exempt one until a date with `govcheck waive`",
            ));
        }
        let unsure = self.unsure.clone().into_iter();
        Ok(unsure.chain(self.today.clone()).collect())
    }

    fn pruned(
        &self,
        old: Option<&Baseline>,
        report: &Report,
    ) -> Result<BTreeMap<String, String>, Failure> {
        if report.incomplete {
            let first = report.findings.iter().find(|finding| finding.incomplete);
            let why = first
                .map(|finding| finding.message.clone())
                .unwrap_or_default();
            return Err(Failure::usage(
                format!("the check is incomplete, so fixed findings are unknown: {why}"),
                "run `govcheck` and fix the files or rules that it could not check first",
            ));
        }
        let entries = old.into_iter().flat_map(Baseline::entries);
        let kept = entries.filter(|(identity, _)| !self.gone.contains(*identity));
        Ok(kept
            .map(|(identity, text)| (identity.to_owned(), text.to_owned()))
            .collect())
    }

    fn tell(
        &self,
        file: &RelPath,
        entries: &BTreeMap<String, String>,
        old: Option<&Baseline>,
        dry_run: bool,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        let before = old.map(|old| {
            old.entries()
                .map(|(identity, _)| identity)
                .collect::<BTreeSet<_>>()
        });
        let verb = if dry_run { "would write" } else { "wrote " };
        let noun = if entries.len() == 1 {
            "entry"
        } else {
            "entries"
        };
        let change = before.map_or_else(String::new, |before| {
            let more = entries
                .keys()
                .filter(|identity| !before.contains(identity.as_str()))
                .count();
            let fewer = before
                .iter()
                .filter(|identity| !entries.contains_key(**identity))
                .count();
            format!(", {fewer} removed, {more} added")
        });
        writeln!(
            out,
            "{verb} {}: {} {noun}{change}",
            terminal_line(file.as_str()),
            entries.len()
        )?;
        if self.waived > 0 {
            writeln!(out, "left   {}: exempt by waivers", self.waived)?;
        }
        if self.incomplete > 0 {
            writeln!(
                out,
                "left   {}: could not be checked; `govcheck` still exits with code 2",
                self.incomplete
            )?;
        }
        Ok(())
    }
}
