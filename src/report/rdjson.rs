//! The report for reviewdog: its Diagnostic Format as one JSON document
//! (<https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>). Columns count bytes of UTF-8, as that format requires.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::{cut_text, sarif_text};
use super::{OutputFormat, ReportContext, rule_link};
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::rule::Level;

/// Characters of a message: a comment on a pull request has room for it.
const MESSAGE_LIMIT: usize = 4_000;

pub(super) const FORMAT: OutputFormat =
    OutputFormat::new("rdjson", "For reviewdog: its Diagnostic Format", write);

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    let places = RdjsonLocations { report, context };
    let diagnostics = report.open().map(|it| Diagnostic::new(it, &places));
    let result = DiagnosticResult {
        source: RdjsonSource { name: "govcheck" },
        diagnostics: diagnostics.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &result)?;
    writeln!(out)
}

#[derive(Serialize)]
struct DiagnosticResult<'a> {
    source: RdjsonSource,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct RdjsonSource {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<RdLocation>,
    severity: &'static str,
    code: RdjsonCode<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<RelatedLocation>,
}

#[derive(Serialize)]
struct RdjsonCode<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct RelatedLocation {
    message: String,
    location: RdLocation,
}

#[derive(Serialize)]
struct RdLocation {
    path: String,
    range: RdRange,
}

/// The end is exclusive; without columns, the range is whole lines.
#[derive(Serialize)]
struct RdRange {
    start: RdPosition,
    end: RdPosition,
}

#[derive(Serialize)]
struct RdPosition {
    /// 1-based.
    line: u32,
    /// 1-based, in bytes of UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

impl<'a> Diagnostic<'a> {
    fn new(finding: &'a Finding, places: &RdjsonLocations<'a>) -> Self {
        let related = finding.related.iter().map(|related| RelatedLocation {
            message: sarif_text(&related.message),
            location: places.location(&related.location),
        });
        let rule = places.report.rule(&finding.rule);
        Self {
            message: message(finding),
            location: finding.location.as_ref().map(|at| places.location(at)),
            severity: match finding.level {
                Level::Error => "ERROR",
                Level::Warning => "WARNING",
                Level::Note => "INFO",
            },
            code: RdjsonCode {
                value: finding.rule.as_str(),
                url: rule.and_then(|rule| rule_link(rule, Some(places.context))),
            },
            related_locations: related.collect(),
        }
    }
}

/// The message, and the help below it.
fn message(finding: &Finding) -> String {
    let mut text = finding.message.trim().to_owned();
    if let Some(help) = &finding.help {
        text.push_str("\n\n");
        text.push_str(help.trim());
    }
    sarif_text(&cut_text(&text, MESSAGE_LIMIT))
}

/// Converts locations of the mesh to those of reviewdog.
struct RdjsonLocations<'a> {
    report: &'a Report,
    context: &'a ReportContext,
}

impl RdjsonLocations<'_> {
    fn location(&self, at: &Location) -> RdLocation {
        let start = self.column(at, at.start.line, at.span.start);
        let end = self.column(at, at.end.line, at.span.end);
        // A range with only one column means something else.
        let (start, end) = start.zip(end).unzip();
        RdLocation {
            path: self.context.repository_path(at.file.as_str()),
            range: RdRange {
                start: RdPosition {
                    line: at.start.line,
                    column: start,
                },
                end: RdPosition {
                    line: at.end.line,
                    column: end,
                },
            },
        }
    }

    /// The column of a byte in its line; `None` if the text is no longer available.
    fn column(&self, at: &Location, line: u32, byte: u32) -> Option<u32> {
        let source = self.report.sources.get(&at.file)?;
        let line = source.line_span(line)?;
        Some(byte.checked_sub(line.start)? + 1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::sources::Sources;
    use crate::report::sample;

    /// The messages of `reviewdog.proto` that we write, in our words. Stricter than the original: no other keys.
    fn published_shape() -> Value {
        let object = |required: &[&str], properties: Value| {
            json!({
                "type": "object", "additionalProperties": false,
                "required": required, "properties": properties,
            })
        };
        let position = object(
            &["line"],
            json!({"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}}),
        );
        let range = object(&["start"], json!({"start": position, "end": position}));
        let location = object(
            &["path"],
            json!({"path": {"type": "string"}, "range": range}),
        );
        let text = json!({"type": "string"});
        let diagnostic = object(
            &["message"],
            json!({
                "message": text,
                "location": location,
                "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
                "code": object(&["value"], json!({"value": text, "url": text})),
                "related_locations": {
                    "type": "array",
                    "items": object(&["location"], json!({"message": text, "location": location})),
                },
            }),
        );
        object(
            &["diagnostics"],
            json!({
                "source": object(&["name"], json!({"name": text, "url": text})),
                "diagnostics": {"type": "array", "items": diagnostic},
            }),
        )
    }

    fn render(report: &Report) -> Value {
        let context = ReportContext {
            root: "mesh".to_owned(),
            ..ReportContext::default()
        };
        let document =
            serde_json::from_str(&sample::render_report(report, FORMAT, &context)).unwrap();
        let errors = sample::schema_errors(&published_shape(), &document);
        assert_eq!(errors, Vec::<String>::new());
        document
    }

    #[test]
    fn a_finding_has_its_range_in_bytes_its_rule_and_related_places() {
        let document = render(&sample::sample_report());
        assert_eq!(document["source"], json!({"name": "govcheck"}));
        let expected = json!({
            "message": "column `größe😀` has the classification `secret`, which is not registered\n\nName a registered classification",
            "location": {
                "path": "mesh/sales/orders.yaml",
                "range": {"start": {"line": 7, "column": 25}, "end": {"line": 7, "column": 31}},
            },
            "severity": "WARNING",
            "code": {
                "value": "security/unknown-classification",
                "url": "https://docs.example.org/security/unknown-classification",
            },
            // `größe😀` is six characters, and eleven bytes.
            "related_locations": [{
                "message": "the column is declared here",
                "location": {
                    "path": "mesh/sales/orders.yaml",
                    "range": {"start": {"line": 6, "column": 15}, "end": {"line": 6, "column": 26}},
                },
            }],
        });
        assert_eq!(document["diagnostics"][0], expected);
        assert_eq!(document["diagnostics"][1]["severity"], "ERROR");
    }

    #[test]
    fn without_the_text_a_range_is_lines_and_without_a_place_there_is_none() {
        let mut report = sample::sample_report();
        report.sources = Sources::default();
        report.findings[1].location = None;
        let diagnostics = &render(&report)["diagnostics"];
        assert_eq!(
            diagnostics[0]["location"]["range"],
            json!({"start": {"line": 7}, "end": {"line": 7}})
        );
        assert_eq!(diagnostics[1].get("location"), None);
    }

    #[test]
    fn only_open_findings_are_diagnostics() {
        let document = render(&sample::changed_report());
        assert_eq!(document["diagnostics"].as_array().unwrap().len(), 2);
        assert_eq!(render(&sample::empty_report(&[]))["diagnostics"], json!([]));
    }

    #[test]
    fn a_message_has_no_link_and_no_control_character_but_line_breaks() {
        let mut report = sample::sample_report();
        report.findings[0].message = "[x](javascript:y)\u{1b}[2J\u{202e}".to_owned();
        let document = render(&report);
        let message = document["diagnostics"][0]["message"].as_str().unwrap();
        assert!(
            message.starts_with("[x] (javascript:y)\\x1b[2J\\u{202e}\n"),
            "{message}"
        );
    }
}
