//! A finding on one line of text, for `concise` and `grouped`. Their output ends up in CI logs, which take commands, so every text is
//! escaped here.

use std::io::{self, Write};

use super::escape::{cut_text, no_command, terminal_line};
use super::paint::{Paint, Style};
use super::{ReportContext, rule_table, summary};
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::rule::Level;

/// Characters of a message.
const MESSAGE_LIMIT: usize = 2_000;
/// The heading of findings that name no file.
const NO_FILE: &str = "the mesh as a whole";

/// `error[ownership/unknown-team] team …`.
pub(super) fn finding_text(finding: &Finding, paint: Paint) -> String {
    let style = match finding.level {
        Level::Error => Style::Red,
        Level::Warning => Style::Yellow,
        Level::Note => Style::Cyan,
    };
    let rule = terminal_line(finding.rule.as_str());
    let message = terminal_line(&cut_text(finding.message.trim(), MESSAGE_LIMIT));
    let level = paint.style(style, finding.level.as_str());
    format!("{level}[{rule}] {message}")
}

/// `path:line:column: error[ownership/unknown-team] team …`.
pub(super) fn finding_line(finding: &Finding, paint: Paint) -> String {
    let at = finding.location.as_ref();
    let file = paint.style(Style::Bold, &file_text(at));
    let position = at.map(|at| format!(":{}:{}", at.start.line, at.start.column));
    let text = finding_text(finding, paint);
    format!("{file}{}: {text}", position.unwrap_or_default())
}

/// The path as text, or [`NO_FILE`].
pub(super) fn file_text(location: Option<&Location>) -> String {
    location.map_or_else(|| NO_FILE.to_owned(), |at| terminal_line(at.file.as_str()))
}

/// Writes findings and summary; `--quiet` leaves out the findings, `--statistics` replaces them with counts. The summary has no
/// duration, so that two runs give the same bytes.
pub(super) fn write_report(
    report: &Report,
    context: &ReportContext,
    out: &mut dyn Write,
    findings: impl FnOnce(Paint, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let paint = Paint {
        color: context.color,
        hyperlinks: false,
    };
    if context.statistics && !context.quiet {
        rule_table::write_statistics(report, context, paint, out)?;
    } else if !context.quiet {
        findings(paint, out)?;
    }
    let untimed = ReportContext {
        elapsed: None,
        ..context.clone()
    };
    writeln!(
        out,
        "{}",
        no_command(&summary::summary_lines(report, &untimed, paint))
    )
}
