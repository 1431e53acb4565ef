//! The findings of a summary, as many as there is room for, each blocking one with the command that waives it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::LIMIT;
use super::text::{link_place, shell_block, single_line, table_cell};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::report::escape::{escape_markdown, terminal_line};
use crate::report::standing::level_adjective;
use crate::report::waive::{Shell, is_blocking, waive_command};
use crate::report::{ReportContext, change, count_of, rule_link, summary};

/// Findings before the fold.
pub(super) const OPEN: usize = 20;

/// Characters kept free for the owner's heading that the fold repeats.
const FOLD_RESERVE: usize = 900;

/// Writes the open findings, the worst first, as many as there is room for beside `reserve`: one list or, with a base, a list per owner.
pub(super) fn write_findings(
    report: &Report,
    context: &ReportContext,
    reserve: usize,
    text: &mut String,
) {
    let mut worst: Vec<&Finding> = report.open().collect();
    // Stable: findings of one level stay in the order of the report. What could not be judged comes first.
    worst.sort_by_key(|finding| Reverse((finding.incomplete, finding.level)));
    let by_owner = report.comparison.is_some();
    let heading = match (by_owner, level_adjective(report)) {
        (false, _) => "Worst findings",
        (true, "") => "Open findings",
        (true, _) => "New findings",
    };
    let reserve = reserve + if by_owner { FOLD_RESERVE } else { 0 };
    let mut room = LIMIT.saturating_sub(reserve + text.chars().count());
    let _ = write!(text, "\n### {heading}\n\n");
    let groups = match by_owner {
        true => Groups::by_owner(&worst),
        false => Groups::default(),
    };
    let mut linked = BTreeSet::new();
    let mut headed = BTreeSet::new();
    let mut shown: Vec<(&Finding, String)> = Vec::new();
    for finding in &worst {
        // A blocking finding always links its rule, any other one the first time.
        let link = linked.insert(&finding.rule) || is_blocking(finding, context);
        let item = item(finding, report, context, link);
        let heading = match headed.insert(&finding.owner) {
            true => groups.heading(finding).chars().count(),
            false => 0,
        };
        let length = item.chars().count() + heading;
        if length > room {
            break;
        }
        room -= length;
        shown.push((finding, item));
    }
    // Findings come before commands: these take the room that is left.
    for (finding, item) in &mut shown {
        if let Some(command) = waiver(finding, report, context)
            && let Some(rest) = room.checked_sub(command.chars().count())
        {
            room = rest;
            item.push_str(&command);
        }
    }
    // Stable, too: in the list of an owner the worst stay first.
    shown.sort_by_key(|(finding, _)| groups.rank(finding));
    list(&shown, worst.len(), &groups, text);
    if let Some(left_out) = worst.get(shown.len()..).filter(|rest| !rest.is_empty()) {
        let _ = writeln!(
            text,
            "\n_{} left out for length ({}): `govcheck --all` shows every finding._",
            count_of(left_out.len(), "more finding"),
            summary::count_levels(left_out.iter().copied())
        );
    }
}

/// Writes items, folded from the number [`OPEN`] on.
fn list(shown: &[(&Finding, String)], all: usize, groups: &Groups<'_>, text: &mut String) {
    let mut owner = None;
    for (number, (finding, item)) in shown.iter().enumerate() {
        if number == OPEN {
            let rest = count_of(all - OPEN, "more finding");
            let _ = write!(text, "\n<details><summary>{rest}</summary>\n\n");
            owner = None;
        }
        if owner != Some(&finding.owner) {
            owner = Some(&finding.owner);
            // After a heading or the fold there is an empty line already.
            let heading = groups.heading(finding);
            let at_start = text.ends_with("\n\n");
            text.push_str(match at_start {
                true => heading.trim_start_matches('\n'),
                false => &heading,
            });
        }
        text.push_str(item);
    }
    if shown.len() > OPEN {
        text.push_str("\n</details>\n");
    }
}

/// Owners with their counts, the worst first; empty where all findings are one list.
#[derive(Default)]
struct Groups<'a> {
    /// Errors, warnings and notes by owner, with its rank.
    owners: BTreeMap<Option<&'a str>, ([usize; 3], usize)>,
}

impl<'a> Groups<'a> {
    fn by_owner(findings: &[&'a Finding]) -> Self {
        let mut counts: BTreeMap<Option<&str>, [usize; 3]> = BTreeMap::new();
        for finding in findings {
            let of_owner = counts.entry(finding.owner.as_deref()).or_default();
            for (count, level) in of_owner.iter_mut().zip(Level::WORST_FIRST) {
                *count += usize::from(finding.level == level);
            }
        }
        let mut ranked: Vec<(Option<&str>, [usize; 3])> = counts.into_iter().collect();
        // Stable: owners with equal counts stay in the order of their names, and findings without an owner come after them.
        ranked.sort_by_key(|(owner, counts)| (Reverse(*counts), owner.is_none()));
        let owners = ranked.into_iter().zip(0..);
        Self {
            owners: owners
                .map(|((owner, counts), rank)| (owner, (counts, rank)))
                .collect(),
        }
    }

    fn rank(&self, finding: &Finding) -> usize {
        let of_owner = self.owners.get(&finding.owner.as_deref());
        of_owner.map_or(0, |(_, rank)| *rank)
    }

    /// `**sales**: 1 error, 2 notes`, with empty lines around it; empty where all findings are one list.
    fn heading(&self, finding: &Finding) -> String {
        let Some((counts, _)) = self.owners.get(&finding.owner.as_deref()) else {
            return String::new();
        };
        let owner = match &finding.owner {
            Some(owner) => format!("**{}**", table_cell(owner)),
            None => "_no owner_".to_owned(),
        };
        let counts: Vec<String> = counts
            .iter()
            .zip(Level::WORST_FIRST)
            .filter(|(count, _)| **count > 0)
            .map(|(count, level)| count_of(*count, level.as_str()))
            .collect();
        format!("\n{owner}: {}\n\n", counts.join(", "))
    }
}

fn item(finding: &Finding, report: &Report, context: &ReportContext, link: bool) -> String {
    let icon = match finding.level {
        _ if finding.incomplete => "⛔",
        Level::Error => "❌",
        Level::Warning => "⚠️",
        Level::Note => "ℹ️",
    };
    let rule = escape_markdown(&terminal_line(finding.rule.as_str()));
    let rule = match report
        .rule(&finding.rule)
        .and_then(|rule| rule_link(rule, Some(context)))
    {
        Some(address) if link => format!("[{rule}]({address})"),
        _ => rule,
    };
    let at = finding.location.as_ref().map_or_else(
        || "the mesh as a whole".to_owned(),
        |at| link_place(at, context),
    );
    let message = single_line(&finding.message);
    let mut item = format!("- {icon} {message}  \n  {at} · {rule}");
    if let Some(help) = &finding.help {
        let _ = write!(item, " · {}", single_line(help));
    }
    let key = finding
        .entity
        .as_ref()
        .filter(|_| is_blocking(finding, context));
    if let Some(readers) = key.and_then(|key| change::read_by(report, key)) {
        let _ = write!(item, " · read {}", single_line(&readers));
    }
    item.push('\n');
    item
}

/// The command that waives a blocking finding, folded under its item. `None` where no command does.
fn waiver(finding: &Finding, report: &Report, context: &ReportContext) -> Option<String> {
    let (until, command) = waive_command(finding, report, context, Shell::Clone)?;
    let mut text = format!("  <details><summary>Waive it until {until}</summary>\n\n");
    text.push_str(&shell_block(&command, "  "));
    if let Some(policies) = &report.policies {
        let policies = single_line(&change::quote_name(&policies.given));
        let _ = write!(
            text,
            "\n  Waivers come from {policies}: this one takes effect once it is merged there.\n"
        );
    }
    text.push_str("\n  </details>\n");
    Some(text)
}
