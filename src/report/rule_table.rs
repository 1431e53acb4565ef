//! The table by rule for people: count, level, files, rule, and the fix that covers most findings. One row for each rule and level, in
//! as many lines as the caller allows. Escapes all text.

use std::io::{self, Write};

use super::ReportContext;
use super::escape::{cut_with, no_command, terminal_line};
use super::paint::{Paint, Style};
use super::statistics::{Remedy, RuleCount, count_by_rule};
use crate::model::report::Report;

/// With less room than this, a remedy gets its own line.
const REMEDY_ROOM: usize = 48;
/// Spaces before each cell.
const GAP: usize = 2;
const HEADER: Cells = Cells {
    findings: "count",
    level: "level",
    files: "files",
    rule: "rule",
    remedy: "most common fix",
};

struct Cells<Text = &'static str> {
    findings: Text,
    level: Text,
    files: Text,
    rule: Text,
    remedy: Text,
}

/// Writes the whole table and a blank line; nothing without open findings.
pub(super) fn write_statistics(
    report: &Report,
    context: &ReportContext,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let lines = table_lines(&count_by_rule(report), usize::MAX, context, paint);
    for line in &lines {
        writeln!(out, "{line}")?;
    }
    match lines.is_empty() {
        true => Ok(()),
        false => writeln!(out),
    }
}

/// The table in at most `limit` lines; the last line counts the rules that do not fit. Empty without open findings.
pub(super) fn table_lines(
    counts: &[RuleCount<'_>],
    limit: usize,
    context: &ReportContext,
    paint: Paint,
) -> Vec<String> {
    if counts.is_empty() {
        return Vec::new();
    }
    let table = ColumnWidths::new(counts, context);
    let mut lines = table.row(&HEADER);
    for line in &mut lines {
        *line = paint.style(Style::Dim, line);
    }
    for (at, count) in counts.iter().enumerate() {
        let row = table.row(&cells(count));
        let is_last = at + 1 == counts.len();
        if lines.len() + row.len() + usize::from(!is_last) > limit {
            lines.push(more_rules(counts.get(at..).unwrap_or_default(), context));
            break;
        }
        lines.extend(row);
    }
    lines.iter().map(|line| no_command(line)).collect()
}

/// `… and 12 more rules`: a rule with two levels counts once.
fn more_rules(rest: &[RuleCount<'_>], context: &ReportContext) -> String {
    let mut rules: Vec<_> = rest.iter().map(|count| count.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let ellipsis = context.ellipsis();
    let noun = if rules.len() == 1 { "rule" } else { "rules" };
    format!(
        "  {ellipsis} and {} more {noun}: `--statistics` lists every rule",
        rules.len()
    )
}

/// Widths of the columns, in characters.
struct ColumnWidths {
    findings: usize,
    level: usize,
    files: usize,
    rule: usize,
    /// Room for the remedy after the rule; `None` if it gets its own line.
    remedy: Option<usize>,
    width: usize,
    ellipsis: &'static str,
}

impl ColumnWidths {
    fn new(counts: &[RuleCount<'_>], context: &ReportContext) -> Self {
        let rows: Vec<Cells<String>> = counts.iter().map(cells).collect();
        let widest = |cell: fn(&Cells<String>) -> &str, header: &str| {
            let widths = rows.iter().map(|row| cell(row).chars().count());
            widths.max().unwrap_or(0).max(header.len())
        };
        let mut table = Self {
            findings: widest(|row| &row.findings, HEADER.findings),
            level: widest(|row| &row.level, HEADER.level),
            files: widest(|row| &row.files, HEADER.files),
            rule: widest(|row| &row.rule, HEADER.rule),
            remedy: None,
            width: context.width,
            ellipsis: context.ellipsis(),
        };
        let taken = table.findings + table.level + table.files + table.rule + 5 * GAP;
        let room = context.width.saturating_sub(taken);
        table.remedy = (room >= REMEDY_ROOM).then_some(room);
        table
    }

    fn cut(&self, text: &str, room: usize) -> String {
        cut_with(text, room, self.ellipsis)
    }

    /// One line, or two where the remedy has its own.
    fn row<Text: AsRef<str>>(&self, cells: &Cells<Text>) -> Vec<String> {
        let gap = " ".repeat(GAP);
        let first = format!(
            "{gap}{:>findings$}{gap}{:level$}{gap}{:>files$}{gap}{:rule$}",
            cells.findings.as_ref(),
            cells.level.as_ref(),
            cells.files.as_ref(),
            cells.rule.as_ref(),
            findings = self.findings,
            level = self.level,
            files = self.files,
            rule = self.rule,
        );
        let remedy = cells.remedy.as_ref();
        let lines = match self.remedy {
            Some(room) => vec![format!("{first}{gap}{}", self.cut(remedy, room))],
            None if remedy.is_empty() => vec![first],
            None => {
                let indent = GAP + self.findings + GAP;
                let room = self.width.saturating_sub(indent).max(16);
                vec![
                    first,
                    format!("{}{}", " ".repeat(indent), self.cut(remedy, room)),
                ]
            }
        };
        let trimmed = lines.iter().map(|line| line.trim_end().to_owned());
        trimmed.collect()
    }
}

fn cells(count: &RuleCount<'_>) -> Cells<String> {
    let remedy = match count.remedy {
        None => String::new(),
        Some(Remedy::Help(help)) => terminal_line(help.trim()),
        Some(Remedy::Edit(edit)) => format!("write `{}`", terminal_line(edit.trim())),
    };
    Cells {
        findings: count.findings.to_string(),
        level: count.level.to_string(),
        files: match count.files {
            0 => String::new(),
            files => files.to_string(),
        },
        rule: terminal_line(count.rule.as_str()),
        remedy,
    }
}
