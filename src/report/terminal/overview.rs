//! A report on two screens: the worst and newest findings in full, then the others on a line each where they are few, or a table by
//! rule, and how to see the rest. Selects what to show; never changes what counts.

use std::collections::BTreeMap;
use std::io::Write;
use std::{fmt, io};

use super::view::REPORT_LINES;
use super::view::display_rank;
use super::{Terminal, clickable_place, is_short};
use crate::model::finding::Finding;
use crate::model::rule::RuleId;
use crate::report::escape::{no_command, terminal_line};
use crate::report::one_line::finding_line;
use crate::report::paint::Style;
use crate::report::rule_table::table_lines;
use crate::report::statistics::count_by_rule;

/// Findings in full, and how many of them one rule may have.
const IN_FULL: usize = 10;
const OF_ONE_RULE: usize = 3;
/// Lines for findings in full, however many lines the rest takes.
const LEAST_ROOM: usize = 20;
/// Lines of the table by rule.
const TABLE_LINES: usize = 24;
/// Lines between the table and the summary: fixed findings, next versions, skipped files.
const REMARK_LINES: usize = 20;
/// Findings that make the check incomplete and are named where they are not shown in full.
const INCOMPLETE_NAMED: usize = 5;
/// Related places of a finding in full.
pub(super) const RELATED_LIMIT: usize = 2;

impl<'a> Terminal<'a> {
    /// Writes everything above the summary and the first steps, which take `reserved` lines.
    pub(super) fn overview(&self, reserved: usize, out: &mut dyn Write) -> io::Result<()> {
        let remarks = self.remarks()?;
        let ranked = self.ranked();
        let counts = count_by_rule(self.report);
        let table = match is_short(self.report) {
            true => Vec::new(),
            false => table_lines(&counts, TABLE_LINES, self.context, self.paint),
        };
        let below = if table.is_empty() {
            ranked.len()
        } else {
            table.len()
        };
        // Also below the findings: the line of incomplete findings, a blank line, and how to see the rest.
        let taken = reserved + remarks.len() + below + 3;
        let room = REPORT_LINES.saturating_sub(taken).max(LEAST_ROOM);
        let shown = self.worst(&ranked, room).map_err(io::Error::other)?;
        for (_, text) in &shown {
            out.write_all(text.as_bytes())?;
        }
        let unseen = ranked.iter().enumerate();
        let unseen = unseen.filter(|(at, _)| shown.iter().all(|(shown, _)| shown != at));
        let unseen: Vec<&Finding> = unseen.map(|(_, finding)| *finding).collect();
        if is_short(self.report) {
            for finding in &unseen {
                writeln!(out, "{}", no_command(&finding_line(finding, self.paint)))?;
            }
        } else if let Some(line) = incomplete_places(&unseen) {
            writeln!(
                out,
                "{} {line}",
                self.paint.style(Style::Red, "incomplete:")
            )?;
        }
        for line in &table {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "\n{}", self.how_to_see_all(shown.len(), ranked.len()))?;
        for line in &remarks {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// All open findings: first those that make the check incomplete, then by level, new before old, in the order of the report.
    fn ranked(&self) -> Vec<&'a Finding> {
        let mut findings: Vec<&'a Finding> = self.report.open().collect();
        findings.sort_by_key(|finding| display_rank(finding));
        findings
    }

    /// The first findings, drawn, with their index: as many as fit into `room` lines. The first is cut if even it does not fit.
    fn worst(
        &self,
        ranked: &[&'a Finding],
        room: usize,
    ) -> Result<Vec<(usize, String)>, fmt::Error> {
        let mut of_rule: BTreeMap<&'a RuleId, usize> = BTreeMap::new();
        let candidates = ranked.iter().enumerate().filter(|(_, finding)| {
            let count = of_rule.entry(&finding.rule).or_default();
            *count += 1;
            *count <= OF_ONE_RULE
        });
        let mut shown: Vec<(usize, String)> = Vec::new();
        let mut used = 0;
        for (at, finding) in candidates.take(IN_FULL) {
            let is_first_of_rule = of_first(&shown, ranked, finding);
            let link = is_first_of_rule && self.links(finding);
            let mut text = self.trimmed(finding, link)?;
            if shown.is_empty() {
                text = self.cut_lines(text, room);
            }
            let lines = text.lines().count();
            if used + lines <= room {
                used += lines;
                shown.push((at, text));
            }
        }
        Ok(shown)
    }

    /// At most `limit` lines, the last of which says what is missing, and a blank one.
    fn cut_lines(&self, text: String, limit: usize) -> String {
        let count = text.lines().count();
        if count <= limit {
            return text;
        }
        let kept = limit.saturating_sub(2);
        let mut short: String = text.split_inclusive('\n').take(kept).collect();
        let ellipsis = self.ellipsis();
        // Ends a colour that goes on behind the cut.
        let reset = if self.paint.color { "\u{1b}[0m" } else { "" };
        let missing = count - kept - 1;
        short.push_str(&format!(
            "{reset}  {ellipsis} {missing} more lines: `--all` shows them\n\n"
        ));
        short
    }

    fn how_to_see_all(&self, shown: usize, all: usize) -> String {
        if is_short(self.report) {
            let line =
                format!("{shown} of {all} findings in full: `--all` shows the others in full, too");
            return line;
        }
        let mut line = format!("{shown} of {all} findings in full: `--all` shows every finding");
        if !self.report.counts.of_policies {
            line.push_str(", `--select RULE` those of one rule");
        }
        line
    }

    /// The remarks beside findings, one line each; cut to fit unless `--verbose` is given.
    fn remarks(&self) -> io::Result<Vec<String>> {
        let mut text = Vec::new();
        self.rest(&mut text)?;
        self.skipped(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        let mut lines: Vec<String> = text.lines().map(no_command).collect();
        if lines.len() > REMARK_LINES && !self.context.verbose {
            let missing = lines.len() - (REMARK_LINES - 1);
            lines.truncate(REMARK_LINES - 1);
            lines.push(format!(
                "{} {missing} more lines: `--verbose` shows them",
                self.ellipsis()
            ));
        }
        Ok(lines)
    }
}

/// Whether no finding of this rule is shown yet.
fn of_first(shown: &[(usize, String)], ranked: &[&Finding], finding: &Finding) -> bool {
    let rules = shown.iter().filter_map(|(at, _)| ranked.get(*at));
    rules.map(|it| &it.rule).all(|rule| *rule != finding.rule)
}

/// The places of findings that make the check incomplete: `a.yaml:3:1 (parse/syntax-error) and 14 more`; `None` without any.
fn incomplete_places(findings: &[&Finding]) -> Option<String> {
    let findings: Vec<&&Finding> = findings.iter().filter(|it| it.incomplete).collect();
    let named = findings.iter().take(INCOMPLETE_NAMED).map(|finding| {
        let rule = terminal_line(finding.rule.as_str());
        match &finding.location {
            Some(at) => format!("{} ({rule})", clickable_place(at)),
            None => rule,
        }
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let more = findings.len().saturating_sub(INCOMPLETE_NAMED);
    match (findings.len(), more) {
        (0, _) => None,
        (_, 0) => Some(named),
        (_, more) => Some(format!("{named} and {more} more")),
    }
}
