//! The findings of a summary, as many as there is room for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::LIMIT;
use super::text::{cell, line, place};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::report::escape::{markdown, terminal_line};
use crate::report::standing::adjective;
use crate::report::{Context, count_of, rule_link, summary};

/// Findings before the fold; the rest is folded.
pub(super) const OPEN: usize = 20;

/// Kept free for the heading of an owner that the fold repeats.
const FOLD_RESERVE: usize = 900;

/// The open findings, as many as there is room for beside `reserve`: the worst, in one list or a list for each owner.
pub(super) fn findings(report: &Report, context: &Context, reserve: usize, text: &mut String) {
    let mut worst: Vec<&Finding> = report.open().collect();
    // Stable: findings of one level stay in the order of the report. What was not judged comes before all.
    worst.sort_by_key(|finding| Reverse((finding.incomplete, finding.level)));
    let by_owner = report.comparison.is_some();
    let heading = match (by_owner, adjective(report)) {
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
    let mut told: Vec<(&Finding, String)> = Vec::new();
    for finding in &worst {
        let item = item(finding, report, context, linked.insert(&finding.rule));
        let heading = match headed.insert(&finding.owner) {
            true => groups.heading(finding).chars().count(),
            false => 0,
        };
        let length = item.chars().count() + heading;
        if length > room {
            break;
        }
        room -= length;
        told.push((finding, item));
    }
    // Stable, too: in a list of an owner the worst stay first.
    told.sort_by_key(|(finding, _)| groups.rank(finding));
    list(&told, worst.len(), &groups, text);
    if let Some(left_out) = worst.get(told.len()..).filter(|rest| !rest.is_empty()) {
        let _ = writeln!(
            text,
            "\n_{} left out for length ({}): `govcheck` prints all._",
            count_of(left_out.len(), "more finding"),
            summary::levels(left_out.iter().copied())
        );
    }
}

/// Writes what is told, folded from the number [`OPEN`] on.
fn list(told: &[(&Finding, String)], all: usize, groups: &Groups<'_>, text: &mut String) {
    let mut owner = None;
    for (number, (finding, item)) in told.iter().enumerate() {
        if number == OPEN {
            let rest = count_of(all - OPEN, "more finding");
            let _ = write!(text, "\n<details><summary>{rest}</summary>\n\n");
            owner = None;
        }
        if owner != Some(&finding.owner) {
            owner = Some(&finding.owner);
            // The heading above, or the fold, has left its empty line already.
            let heading = groups.heading(finding);
            let at_start = text.ends_with("\n\n");
            text.push_str(match at_start {
                true => heading.trim_start_matches('\n'),
                false => &heading,
            });
        }
        text.push_str(item);
    }
    if told.len() > OPEN {
        text.push_str("\n</details>\n");
    }
}

/// Owners with what they have to mend, the worst first; without any, all is one list.
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
        // Stable: owners that have as much to mend stay in the order of their names; nobody is the last of these.
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

    /// `**sales**: 1 error, 2 notes`, with empty lines around it; nothing where all is one list.
    fn heading(&self, finding: &Finding) -> String {
        let Some((counts, _)) = self.owners.get(&finding.owner.as_deref()) else {
            return String::new();
        };
        let owner = match &finding.owner {
            Some(owner) => format!("**{}**", cell(owner)),
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

fn item(finding: &Finding, report: &Report, context: &Context, first_of_rule: bool) -> String {
    let icon = match finding.level {
        _ if finding.incomplete => "⛔",
        Level::Error => "❌",
        Level::Warning => "⚠️",
        Level::Note => "ℹ️",
    };
    let rule = markdown(&terminal_line(finding.rule.as_str()));
    let rule = match report
        .rule(&finding.rule)
        .and_then(|rule| rule_link(rule, Some(context)))
    {
        Some(address) if first_of_rule => format!("[{rule}]({address})"),
        _ => rule,
    };
    let at = finding
        .location
        .as_ref()
        .map_or_else(|| "the mesh as a whole".to_owned(), |at| place(at, context));
    let message = line(&finding.message);
    let mut item = format!("- {icon} {message}  \n  {at} · {rule}");
    if let Some(help) = &finding.help {
        let _ = write!(item, " · {}", line(help));
    }
    item.push('\n');
    item
}
