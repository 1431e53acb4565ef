//! The report for logs, `grep` and editors: `path:line:column: level[rule] message`, one line for each finding, then the summary. Paths
//! start at the root of the mesh, as in `human`.

use std::io::{self, Write};

use super::escape::no_command;
use super::one_line::{finding_line, write_report};
use super::{OutputFormat, ReportContext};
use crate::model::report::Report;

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "concise",
    "For logs and editors: one line for each finding, then a summary",
    write,
)
.with_statistics();

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    write_report(report, context, out, |paint, out| {
        for finding in report.open() {
            writeln!(out, "{}", no_command(&finding_line(finding, paint)))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Level;
    use crate::report::{escape, sample};

    fn render(report: &Report, context: &ReportContext) -> String {
        sample::render_report(report, FORMAT, context)
    }

    #[test]
    fn a_finding_is_a_line_and_the_summary_follows() {
        let context = ReportContext {
            elapsed: Some(std::time::Duration::from_secs(3)),
            ..ReportContext::default()
        };
        let expected = "\
sales/orders.yaml:7:25: warning[security/unknown-classification] column `größe😀` has the classification `secret`, which is not registered
sales/orders.yaml:9:7: error[ownership/unknown-team] team `salez` is not registered, did you mean `sales`?
1 error, 1 warning in 1 of 2 files · 3 entities · 3 rules
failed: 1 error (`--fail-on error`, exit code 1)
";
        assert_eq!(render(&sample::sample_report(), &context), expected);
    }

    #[test]
    fn a_finding_without_a_place_is_a_line_too() {
        let mut report = sample::sample_report();
        report.findings[0].location = None;
        let text = render(&report, &ReportContext::default());
        assert!(
            text.starts_with(
                "the mesh as a whole: warning[security/unknown-classification] column"
            ),
            "{text}"
        );
    }

    #[test]
    fn quiet_is_the_summary_and_statistics_count_by_rule() {
        let mut context = ReportContext {
            statistics: true,
            ..ReportContext::default()
        };
        let text = render(&sample::sample_report(), &context);
        assert!(text.starts_with("  count  level    files  rule"), "{text}");
        assert!(
            text.contains("      1  error        1  ownership/unknown-team\n"),
            "{text}"
        );
        assert!(!text.contains("orders.yaml"), "{text}");
        context.quiet = true;
        let text = render(&sample::sample_report(), &context);
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn only_open_findings_are_lines() {
        let text = render(&sample::changed_report(), &ReportContext::default());
        assert_eq!(text.matches("orders.yaml:").count(), 2, "{text}");
        assert!(!text.contains("duplicate-id"), "{text}");
    }

    #[test]
    fn no_text_starts_another_line_a_command_or_a_colour() {
        let evil = "::error::x\n::error::y\u{1b}[2J\u{202e}##[error]z";
        let mut report = sample::empty_report(&[(evil, "x")]);
        let mut finding = sample::finding_on(&report, evil, Level::Error, evil, "x");
        finding.message = evil.to_owned();
        report.findings.push(finding);
        let text = render(&report, &ReportContext::default());
        assert_eq!(text.lines().count(), 3, "{text}");
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
