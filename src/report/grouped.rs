//! The report by file: the name of each file with its findings below, then the summary.

use std::io::{self, Write};

use super::escape::no_command;
use super::one_line::{file_text, finding_text, write_report};
use super::paint::{Paint, Style};
use super::{OutputFormat, ReportContext, summary};
use crate::model::finding::Finding;
use crate::model::report::Report;

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "grouped",
    "For people: one line for each finding, below the name of its file",
    write,
)
.with_statistics();

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    write_report(report, context, out, |paint, out| {
        let open: Vec<&Finding> = report.open().collect();
        let file = |finding: &Finding| finding.location.as_ref().map(|at| at.file.clone());
        for findings in open.chunk_by(|a, b| file(a) == file(b)) {
            write_file(findings, paint, out)?;
        }
        Ok(())
    })
}

/// The findings of one file, and a blank line.
fn write_file(findings: &[&Finding], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let location = findings.first().and_then(|first| first.location.as_ref());
    let name = paint.style(Style::Bold, &file_text(location));
    let counts = summary::count_levels(findings.iter().copied());
    let counts = paint.style(Style::Dim, &counts);
    writeln!(out, "{}", no_command(&format!("{name}  {counts}")))?;
    let places: Vec<String> = findings.iter().map(|finding| place(finding)).collect();
    let width = places.iter().map(String::len).max().unwrap_or(0);
    for (finding, place) in findings.iter().zip(&places) {
        let line = format!("  {place:width$}  {}", finding_text(finding, paint));
        writeln!(out, "{}", no_command(&line))?;
    }
    writeln!(out)
}

/// `7:25`; empty for a finding without a place.
fn place(finding: &Finding) -> String {
    let at = finding.location.as_ref();
    at.map(|at| format!("{}:{}", at.start.line, at.start.column))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Level;
    use crate::report::{escape, sample};

    fn render(report: &Report) -> String {
        sample::render_report(report, FORMAT, &ReportContext::default())
    }

    #[test]
    fn findings_follow_their_file_with_places_in_a_column() {
        let mut report = sample::sample_report();
        report.findings.insert(0, {
            let mut finding = report.findings[0].clone();
            finding.location = None;
            finding.message = "no register of teams".to_owned();
            finding
        });
        let expected = "\
the mesh as a whole  1 warning
    warning[security/unknown-classification] no register of teams

sales/orders.yaml  1 error, 1 warning
  7:25  warning[security/unknown-classification] column `größe😀` has the classification `secret`, which is not registered
  9:7   error[ownership/unknown-team] team `salez` is not registered, did you mean `sales`?

1 error, 2 warnings in 1 of 2 files · 3 entities · 3 rules
failed: 1 error (`--fail-on error`, exit code 1)
";
        assert_eq!(render(&report), expected);
    }

    #[test]
    fn no_text_starts_another_line_a_command_or_a_colour() {
        let evil = "::error::x\n::error::y\u{1b}[2J\u{202e}##[error]z";
        let mut report = sample::empty_report(&[(evil, "x")]);
        let mut finding = sample::finding_on(&report, evil, Level::Error, evil, "x");
        finding.message = evil.to_owned();
        report.findings.push(finding);
        let text = render(&report);
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(
            text.chars().all(|c| c == '\n' || !escape::is_unsafe(c)),
            "{text}"
        );
        assert!(
            text.lines()
                .all(|line| !line.trim_start().starts_with("::")),
            "{text}"
        );
        assert!(!text.contains("##["), "{text}");
    }
}
