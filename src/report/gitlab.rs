//! The report for GitLab Code Quality: the open findings, in the subset of the Code Climate format that GitLab reads
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use std::io::{self, Write};

use serde::Serialize;

use super::escape::{cut_text, terminal_line};
use super::{OutputFormat, ReportContext};
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Level;

/// Characters of a description. GitLab shows it on one line.
const DESCRIPTION_LIMIT: usize = 1_000;
/// The path of a finding that names no file; GitLab requires one.
const NO_PATH: &str = ".";

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "gitlab",
    "For GitLab merge requests: a Code Quality report",
    write,
);

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<Issue<'_>> = report
        .open()
        .map(|finding| Issue::new(finding, context))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: IssueLocation,
}

#[derive(Serialize)]
struct IssueLocation {
    path: String,
    lines: IssueLines,
}

#[derive(Serialize)]
struct IssueLines {
    begin: u32,
    end: u32,
}

impl<'a> Issue<'a> {
    fn new(finding: &'a Finding, context: &ReportContext) -> Self {
        let at = finding.location.as_ref();
        Self {
            description: terminal_line(&cut_text(finding.message.trim(), DESCRIPTION_LIMIT)),
            check_name: finding.rule.as_str(),
            fingerprint: &finding.fingerprint,
            severity: severity(finding),
            location: IssueLocation {
                path: at.map_or_else(
                    || NO_PATH.to_owned(),
                    |at| context.repository_path(at.file.as_str()),
                ),
                lines: IssueLines {
                    begin: at.map_or(1, |at| at.start.line),
                    end: at.map_or(1, |at| at.end.line),
                },
            },
        }
    }
}

/// One of GitLab's severities: `info`, `minor`, `major`, `critical` and `blocker`.
fn severity(finding: &Finding) -> &'static str {
    match finding.level {
        _ if finding.incomplete => "critical",
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Note => "info",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::sample;

    /// The shape that GitLab's documentation requires, in our words.
    fn documented_shape() -> Value {
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "required": ["description", "check_name", "fingerprint", "severity", "location"],
                "properties": {
                    "description": {"type": "string", "minLength": 1},
                    "check_name": {"type": "string", "minLength": 1},
                    "fingerprint": {"type": "string", "minLength": 1},
                    "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                    "location": {
                        "type": "object",
                        "required": ["path", "lines"],
                        "properties": {
                            // Relative to the repository, without `./`.
                            "path": {"type": "string", "pattern": "^(\\.|[^./].*|\\.[^/].*)$"},
                            "lines": {
                                "type": "object",
                                "required": ["begin"],
                                "properties": {"begin": {"type": "integer", "minimum": 1}},
                            },
                        },
                    },
                },
            },
        })
    }

    fn render(report: &Report, context: &ReportContext) -> Value {
        let document =
            serde_json::from_str(&sample::render_report(report, FORMAT, context)).unwrap();
        let errors = sample::schema_errors(&documented_shape(), &document);
        assert_eq!(errors, Vec::<String>::new());
        document
    }

    #[test]
    fn a_finding_has_the_fields_that_gitlab_shows() {
        let context = ReportContext {
            root: "mesh".to_owned(),
            ..ReportContext::default()
        };
        let document = render(&sample::sample_report(), &context);
        assert_eq!(
            document[1],
            json!({
                "description": "team `salez` is not registered, did you mean `sales`?",
                "check_name": "ownership/unknown-team",
                "fingerprint": "00000000000000000000000000abc123",
                "severity": "major",
                "location": {"path": "mesh/sales/orders.yaml", "lines": {"begin": 9, "end": 9}},
            })
        );
        assert_eq!(document[0]["severity"], "minor");
    }

    #[test]
    fn a_finding_without_a_place_and_an_empty_report_keep_the_shape() {
        let mut report = sample::sample_report();
        report.findings[0].location = None;
        report.findings[0].incomplete = true;
        let document = render(&report, &ReportContext::default());
        assert_eq!(
            document[0]["location"],
            json!({"path": ".", "lines": {"begin": 1, "end": 1}})
        );
        assert_eq!(document[0]["severity"], "critical");
        assert_eq!(
            render(&sample::empty_report(&[]), &ReportContext::default()),
            json!([])
        );
    }

    #[test]
    fn only_open_findings_are_issues() {
        let document = render(&sample::changed_report(), &ReportContext::default());
        assert_eq!(document.as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_description_is_one_line_without_control_characters() {
        let mut report = sample::sample_report();
        report.findings[0].message = format!("a\nb\u{1b}[2J{}", "ü".repeat(2_000));
        let document = render(&report, &ReportContext::default());
        let description = document[0]["description"].as_str().unwrap();
        assert!(description.starts_with("a\\nb\\x1b[2J"), "{description}");
        assert!(description.ends_with('…') && !description.contains(char::is_control));
    }

    #[test]
    fn the_shape_refuses_fields_that_gitlab_would_drop() {
        let good = render(&sample::sample_report(), &ReportContext::default());
        for (pointer, bad) in [
            ("/0/severity", json!("error")),
            ("/0/location/path", json!("./a.yaml")),
            ("/0/location/lines/begin", json!(0)),
            ("/0/fingerprint", json!(null)),
        ] {
            let mut broken = good.clone();
            *broken.pointer_mut(pointer).unwrap() = bad;
            assert_ne!(
                sample::schema_errors(&documented_shape(), &broken),
                Vec::<String>::new(),
                "{pointer}"
            );
        }
    }
}
