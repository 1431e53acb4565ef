//! The findings of a summary, as many as there is room for.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::text::{line, place};
use super::{LIMIT, RESERVE};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::report::escape::{markdown, terminal_line};
use crate::report::{Context, count_of, rule_link, summary};

/// Findings before the fold; the rest is folded.
pub(super) const OPEN: usize = 20;

/// The worst findings, as many as there is room for.
pub(super) fn findings(report: &Report, context: &Context, text: &mut String) {
    let mut worst: Vec<&Finding> = report.findings.iter().collect();
    // Stable: findings of one level stay in the order of the report. What was not judged comes before all.
    worst.sort_by_key(|finding| Reverse((finding.incomplete, finding.level)));
    let (mut room, mut told) = (LIMIT.saturating_sub(RESERVE + text.chars().count()), 0);
    text.push_str("\n### Worst findings\n\n");
    let mut linked = BTreeSet::new();
    for finding in &worst {
        let item = item(finding, report, context, linked.insert(&finding.rule));
        let length = item.chars().count();
        if length > room {
            break;
        }
        room -= length;
        if told == OPEN {
            let rest = count_of(worst.len() - OPEN, "more finding");
            let _ = write!(text, "\n<details><summary>{rest}</summary>\n\n");
        }
        text.push_str(&item);
        told += 1;
    }
    if told > OPEN {
        text.push_str("\n</details>\n");
    }
    if let Some(left_out) = worst.get(told..).filter(|rest| !rest.is_empty()) {
        let left_out: Vec<Finding> = left_out.iter().map(|finding| (*finding).clone()).collect();
        let _ = writeln!(
            text,
            "\n_{} left out for length ({}): `govcheck` prints all._",
            count_of(left_out.len(), "more finding"),
            summary::levels(&left_out)
        );
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
    let rule = match report.rule(&finding.rule).and_then(rule_link) {
        Some(address) if first_of_rule => format!("[{rule}]({})", address),
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
