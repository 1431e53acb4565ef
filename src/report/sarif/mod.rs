//! SARIF 2.1.0 for code scanning and audits: one run, within the limits of GitHub, which rejects or drops what is over them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Message, Notification, Run, RunAutomationDetails, SCHEMA_URL,
    Sarif, Tool, ToolComponent, Version,
};

use super::{Context, count_of};
use crate::model::finding::Finding;
use crate::model::report::Report;

mod results;
mod rules;

/// Results of a run; GitHub rejects more.
const RESULT_LIMIT: usize = 25_000;
/// Results that GitHub keeps, the worst: beyond this many, the worst come first.
const KEPT_LIMIT: usize = 5_000;
/// The root of the repository, to which all URIs are relative. Where it lies is left to the reader, so that reports do not differ by machine.
const ROOT: &str = "%SRCROOT%";

pub(super) fn write(report: &Report, context: &Context, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &log(report, context))?;
    writeln!(out)
}

fn log(report: &Report, context: &Context) -> Sarif {
    let (findings, left_out) = selected(&report.findings, KEPT_LIMIT, RESULT_LIMIT);
    let rules = rules::descriptors(report);
    let index = rules
        .iter()
        .zip(0..)
        .map(|(rule, at)| (rule.id.clone(), at))
        .collect();
    let results = results::of(&findings, report, &index, context);
    let driver = ToolComponent::builder()
        .name("govcheck")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules)
        .build();
    let root = ArtifactLocation::builder()
        .description(Message::from("The root of the repository"))
        .build();
    let run = Run::builder()
        .tool(Tool::from(driver))
        .automation_details(RunAutomationDetails::builder().id("govcheck/").build())
        .column_kind(json!("utf16CodeUnits"))
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root)]))
        .invocations(vec![invocation(report, left_out)])
        .results(results)
        .build();
    Sarif::builder()
        .schema(SCHEMA_URL)
        .version(json!(Version::V2_1_0))
        .runs(vec![run])
        .build()
}

/// The findings to write, and how many are left out. The order stays, unless there are more than `kept`: then the worst come first.
fn selected(findings: &[Finding], kept: usize, limit: usize) -> (Vec<&Finding>, usize) {
    let mut selected: Vec<&Finding> = findings.iter().collect();
    if selected.len() > kept {
        selected.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    }
    let left_out = selected.len().saturating_sub(limit);
    selected.truncate(limit);
    (selected, left_out)
}

fn invocation(report: &Report, left_out: usize) -> Invocation {
    let mut notifications = Vec::new();
    if left_out > 0 {
        let text = format!(
            "{} left out, the least severe, for a run holds {RESULT_LIMIT}; `govcheck --format json` writes all",
            count_of(left_out, "finding")
        );
        notifications.push(notification("warning", &text));
    }
    if report.incomplete {
        let text = "not everything could be judged; results of the categories `parse`, `discover` and `engine` say what";
        notifications.push(notification("error", text));
    }
    Invocation::builder()
        .execution_successful(!report.incomplete)
        .tool_execution_notifications(notifications)
        .build()
}

fn notification(level: &str, text: &str) -> Notification {
    Notification::builder()
        .level(Value::from(level))
        .message(Message::from(text))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Level;
    use crate::report::{Format, sample};

    fn assert_valid(document: &Value) {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared/schemas/sarif/sarif-schema-2.1.0.json"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("skipped: no SARIF schema at {path}");
            return;
        };
        let schema = serde_json::from_str(&text).unwrap();
        assert_eq!(
            sample::schema_errors(&schema, document),
            Vec::<String>::new()
        );
    }

    #[test]
    fn reports_are_valid_under_the_published_schema() {
        let mut hostile = sample::report();
        hostile.incomplete = true;
        hostile.findings[0].location = None;
        hostile.findings[0].rule = crate::model::rule::RuleId::new("engine/unlisted");
        hostile.findings[1].message = "\u{1b}[31m[x](http://y) \u{0} <b>".to_owned();
        hostile.rules[0].title = "ü".repeat(2_000);
        hostile.rules[0].related_resources[0].address = "not an address".to_owned();
        for report in [sample::report(), sample::empty(&[]), hostile] {
            assert_valid(&sample::render_json(&report, Format::Sarif));
        }
    }

    #[test]
    fn the_run_says_how_it_counts_and_what_it_is() {
        let document = sample::render_json(&sample::report(), Format::Sarif);
        assert_eq!(document["version"], "2.1.0");
        assert_eq!(document["$schema"], SCHEMA_URL);
        let run = &document["runs"][0];
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        assert_eq!(run["automationDetails"]["id"], "govcheck/");
        assert_eq!(
            run["tool"]["driver"]["semanticVersion"],
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
        assert!(run["originalUriBaseIds"]["%SRCROOT%"].is_object());
        assert_eq!(run["results"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn an_incomplete_run_did_not_succeed() {
        let mut report = sample::empty(&[]);
        report.incomplete = true;
        let document = sample::render_json(&report, Format::Sarif);
        let invocation = &document["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(
            invocation["toolExecutionNotifications"][0]["level"],
            "error"
        );
        assert_eq!(
            document["runs"][0]["results"],
            json!([]),
            "no results is not the same as none looked for"
        );
    }

    #[test]
    fn few_findings_keep_their_order_and_many_come_worst_first() {
        let report = sample::report();
        let rules = |kept, limit| -> (Vec<Level>, usize) {
            let (findings, left_out) = selected(&report.findings, kept, limit);
            (
                findings.iter().map(|finding| finding.level).collect(),
                left_out,
            )
        };
        assert_eq!(rules(2, 3), (vec![Level::Warning, Level::Error], 0));
        assert_eq!(rules(1, 3), (vec![Level::Error, Level::Warning], 0));
        assert_eq!(rules(1, 1), (vec![Level::Error], 1));
    }

    #[test]
    fn more_results_than_a_run_holds_are_left_out_and_counted() {
        let mut report = sample::empty(&[("a.yaml", "x")]);
        let mut finding = sample::finding(
            &report,
            "discovery/duplicate-id",
            Level::Note,
            "a.yaml",
            "x",
        );
        report.findings = vec![finding.clone(); RESULT_LIMIT + 2];
        finding.level = Level::Error;
        report.findings.push(finding);
        let run = sample::render_json(&report, Format::Sarif)["runs"][0].take();
        assert_eq!(run["results"].as_array().unwrap().len(), RESULT_LIMIT);
        assert_eq!(run["results"][0]["level"], "error");
        let said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
            .as_str()
            .unwrap();
        assert!(said.starts_with("3 findings left out"), "{said}");
    }
}
