//! A summary in GitHub's Markdown: for the page of a job or, with a base, the comment of a pull request. Verdict, findings with links
//! to their lines, then a table by domain and category or the consequences of the change. Always short enough to be shown; it says
//! what is left out.

use limits::{LIMIT, RESERVE};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::{cut_text, escape_markdown};
use super::selected::filter_phrase;
use super::standing::{ClosedCounts, judged_by};
use super::{OutputFormat, ReportContext, Verdict, change, count_of, life, summary};
use crate::model::report::Report;

mod findings;
mod limits;
mod sections;
mod table;
mod text;

use text::NAME_LIMIT;

/// Lines on the life cycle of rules.
const LIFE_LINES: usize = 12;

/// The first line of a comment, by which the next run finds it; GitHub hides it. No text of a file can forge it: `<` is escaped.
const MARKER: &str = "<!-- govcheck -->";

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "markdown",
    "For a pull request or the page of a job: a summary in Markdown",
    write,
);

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    if report.comparison.is_some() {
        let _ = writeln!(text, "{MARKER}");
    }
    let _ = write!(text, "## govcheck: {}\n\n", verdict(report, context));
    let _ = writeln!(text, "{}", judged(report));
    if let Some(standing) = standing(report) {
        let _ = writeln!(text, "\n{standing}");
    }
    for line in life_of_rules(report) {
        let _ = writeln!(text, "\n{line}");
    }
    let sections = sections::list_sections(report, context);
    if report.open().next().is_some() {
        if report.comparison.is_none() {
            table::write_table(report, &mut text);
        }
        let reserve = RESERVE + sections::least_room(&sections);
        findings::write_findings(report, context, reserve, &mut text);
    }
    sections::write_sections(&sections, &mut text);
    out.write_all(text.as_bytes())
}

fn verdict(report: &Report, context: &ReportContext) -> String {
    let levels = summary::open_levels(report);
    match Verdict::of(report, context.fail_on) {
        Verdict::NotJudged => format!("⛔ the check is incomplete, {levels}"),
        Verdict::Findings => format!("❌ {levels}"),
        Verdict::Nothing => "⚪ no manifests found".to_owned(),
        Verdict::Clean if report.counts.nothing_changed => {
            format!("✅ {}", summary::NOTHING_CHANGED)
        }
        Verdict::Clean if report.open().next().is_none() => format!("✅ {levels}"),
        Verdict::Clean => format!("✅ passed, {levels}"),
    }
}

/// `12 unchanged, 3 fixed; against …, policies of …; filtered by ….`
fn standing(report: &Report) -> Option<String> {
    let rest = ClosedCounts::of_report(report).phrase();
    let judged_by = judged_by(report, |name| text::single_line(&change::quote_name(name)));
    // A name must not close the code span around it.
    let quoted = |options: &str| format!("`{}`", options.replace('`', "'"));
    let filter = filter_phrase(report, quoted).map(|filter| text::single_line(&filter));
    let parts = rest.into_iter().chain(judged_by).chain(filter);
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}

/// Warnings that become errors, a line a day, and deprecated rules with their replacements. Packs are not hostile, but many lines
/// are cut.
fn life_of_rules(report: &Report) -> Vec<String> {
    let rule = |rule: &str| text::single_line(&change::quote_name(rule));
    let becoming = life::becoming_errors(report);
    let days = becoming.iter().map(|it| format!("⏳ {}.", it.phrase(rule)));
    let old = life::deprecated_rules(report).into_iter();
    let old = old.map(|(old, new)| {
        format!(
            "{} is deprecated: {} replaces it.",
            rule(old.as_str()),
            rule(new.as_str())
        )
    });
    let mut lines: Vec<String> = days.chain(old).collect();
    let more = lines.len().saturating_sub(LIFE_LINES);
    lines.truncate(LIFE_LINES);
    if more > 0 {
        lines.push(format!("_{more} more left out for length._"));
    }
    lines
}

fn judged(report: &Report) -> String {
    let counts = &report.counts;
    let scope = match counts.judged == counts.files {
        true => count_of(counts.files, "file"),
        false => format!("{} of {}", counts.judged, count_of(counts.files, "file")),
    };
    let entities: Vec<String> = counts
        .entities
        .iter()
        .map(|(kind, count)| escape_markdown(&count_of(*count, &cut_text(kind, NAME_LIMIT))))
        .collect();
    let mut line = format!("{scope} judged by {}", count_of(counts.rules, "rule"));
    if !entities.is_empty() {
        let _ = write!(line, ": {}", entities.join(", "));
    }
    line.push('.');
    line
}

#[cfg(test)]
mod tests;
