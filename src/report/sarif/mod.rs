//! SARIF 2.1.0 in two shapes: one run for code scanning, within the limits of GitHub, which rejects or drops what is over them; and one for
//! audits, with all there is.

use shape::{ROOT, SarifShape};
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Message, Notification, PropertyBag, Run, RunAutomationDetails,
    SCHEMA_URL, Sarif, Tool, ToolComponent, Version,
};

use super::selected::{filter_phrase, selection_options};
use super::standing::{ClosedCounts, Standing};
use super::{OutputFormat, ReportContext, count_of, summary};
use crate::model::finding::Finding;
use crate::model::report::Report;

mod results;
mod rules;
mod shape;
mod suppressions;

/// Results of a run; GitHub rejects more.
const RESULT_LIMIT: usize = 25_000;
/// Results that GitHub keeps, the worst: beyond this many, the worst come first.
const KEPT_LIMIT: usize = 5_000;

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "sarif",
    "For code scanning: SARIF 2.1.0 with the findings that count",
    write,
);

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    let shape = SarifShape::Upload {
        with_unchanged: context.sarif_all,
    };
    write_shape(report, context, shape, out)
}

pub(super) const AUDIT: OutputFormat = OutputFormat::new(
    "sarif-audit",
    "For audits: SARIF 2.1.0 with all findings, and why some do not count",
    write_audit,
);

fn write_audit(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    write_shape(report, context, SarifShape::Audit, out)
}

fn write_shape(
    report: &Report,
    context: &ReportContext,
    shape: SarifShape,
    out: &mut dyn Write,
) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &log(report, context, shape))?;
    writeln!(out)
}

/// The findings of an upload, in the order of the report.
fn uploaded(report: &Report, with_unchanged: bool) -> impl Iterator<Item = &Finding> {
    let is_uploaded = move |finding: &&Finding| match Standing::of(finding) {
        Standing::Open => true,
        Standing::Unchanged => with_unchanged,
        Standing::Waived(_) | Standing::Baselined | Standing::Excepted => false,
    };
    report.findings.iter().filter(is_uploaded)
}

/// Says what an upload in `format` leaves out. `None` if it holds all, or if the format is another.
pub fn tell_left_out(
    report: &Report,
    format: OutputFormat,
    context: &ReportContext,
) -> Option<String> {
    let all = uploaded(report, context.sarif_all).count();
    let left_out = all.saturating_sub(RESULT_LIMIT);
    (format == FORMAT && left_out > 0).then(|| {
        format!(
            "`{format}` holds the {RESULT_LIMIT} most severe of {all} findings, as many as code scanning takes; `--format json` holds all"
        )
    })
}

fn log(report: &Report, context: &ReportContext, shape: SarifShape) -> Sarif {
    let (findings, left_out) = match shape {
        SarifShape::Upload { with_unchanged } => {
            selected(uploaded(report, with_unchanged), KEPT_LIMIT, RESULT_LIMIT)
        }
        SarifShape::Audit => (report.findings.iter().collect(), 0),
    };
    let gone: Vec<&Finding> = match (shape, &report.comparison) {
        (SarifShape::Audit, Some(comparison)) => comparison.gone().collect(),
        _ => Vec::new(),
    };
    let rules = rules::list_descriptors(report, findings.iter().chain(&gone).copied(), context);
    let index = rules
        .iter()
        .zip(0..)
        .map(|(rule, at)| (rule.id.clone(), at))
        .collect();
    let results = results::build_results(&findings, &gone, report, &index, context, shape);
    let driver = ToolComponent::builder()
        .name("govcheck")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .rules(rules)
        .build();
    let root = ArtifactLocation::builder()
        .description(Message::from("The root of the repository"))
        .build();
    // A separate category, so that an audit that someone uploads does not close the alerts of the upload.
    // So has a filtered upload, which would close the alerts that it leaves out.
    let category = match shape {
        SarifShape::Upload { .. } if report.selected.is_some() => "govcheck-filtered/",
        SarifShape::Upload { .. } => "govcheck/",
        SarifShape::Audit => "govcheck-audit/",
    };
    let mut run = Run::builder()
        .tool(Tool::from(driver))
        .automation_details(RunAutomationDetails::builder().id(category).build())
        .column_kind(json!("utf16CodeUnits"))
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root)]))
        .invocations(vec![invocation(report, left_out, shape)])
        .results(results)
        .build();
    if shape == SarifShape::Audit {
        run.properties = revisions(report);
    }
    Sarif::builder()
        .schema(SCHEMA_URL)
        .version(json!(Version::V2_1_0))
        .runs(vec![run])
        .build()
}

/// Which revisions were compared, and whose policies judged. SARIF's own place for that asks for the address of the repository, which is not
/// known here.
fn revisions(report: &Report) -> Option<PropertyBag> {
    let comparison = report.comparison.as_ref();
    let revisions: BTreeMap<String, Value> = [
        ("base", comparison.map(|it| &it.base)),
        ("head", comparison.and_then(|it| it.head.as_ref())),
        ("policies", report.policies.as_ref()),
    ]
    .into_iter()
    .filter_map(|(key, revision)| {
        let revision = revision?;
        let said = json!({"given": revision.given, "commit": revision.commit});
        Some((key.to_owned(), said))
    })
    .collect();
    let bag = PropertyBag::builder();
    (!revisions.is_empty()).then(|| bag.additional_properties(revisions).build())
}

/// The findings to write, and how many are left out. The order stays, unless there are more than `kept`: then the worst come first.
fn selected<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    kept: usize,
    limit: usize,
) -> (Vec<&'a Finding>, usize) {
    let mut selected: Vec<&Finding> = findings.into_iter().collect();
    if selected.len() > kept {
        selected.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    }
    let left_out = selected.len().saturating_sub(limit);
    selected.truncate(limit);
    (selected, left_out)
}

fn invocation(report: &Report, left_out: usize, shape: SarifShape) -> Invocation {
    let mut notifications = Vec::new();
    if let (SarifShape::Upload { with_unchanged }, Some(rest)) = (shape, held_back(report, shape)) {
        let hint = match with_unchanged {
            true => "`--format sarif-audit` writes all",
            false => "`--sarif-all` adds those of the base, `--format sarif-audit` writes all",
        };
        notifications.push(notification(
            "note",
            &format!("not in here: {rest}; {hint}"),
        ));
    }
    let quoted = |options: &str| format!("`{options}`");
    if let Some(filter) = filter_phrase(report, quoted) {
        notifications.push(notification("note", &filter));
    }
    if report.counts.nothing_changed {
        notifications.push(notification("note", summary::NOTHING_CHANGED));
    }
    if left_out > 0 {
        let text = format!(
            "{} left out, the least severe, for a run holds {RESULT_LIMIT}; `govcheck --format json` writes all",
            count_of(left_out, "finding")
        );
        notifications.push(notification("warning", &text));
    }
    if report.incomplete {
        let text = "the check is incomplete; results of the categories `parse`, `discover` and `engine` say why";
        notifications.push(notification("error", text));
    }
    let mut invocation = Invocation::builder()
        .execution_successful(!report.incomplete)
        .tool_execution_notifications(notifications)
        .build();
    invocation.properties = selection(report);
    invocation
}

/// What the results are limited to, and how many open findings that hides; `None` where it is nothing.
fn selection(report: &Report) -> Option<PropertyBag> {
    let selected = report.selected.as_ref()?;
    let said = json!({"options": selection_options(&selected.by), "hidden": selected.hidden});
    let said = BTreeMap::from([("selection".to_owned(), said)]);
    Some(PropertyBag::builder().additional_properties(said).build())
}

/// What an upload leaves out, being not open. `None` if nothing is.
fn held_back(report: &Report, shape: SarifShape) -> Option<String> {
    let rest = ClosedCounts::of(&report.findings);
    let unchanged = match shape {
        SarifShape::Upload {
            with_unchanged: false,
        } => rest.unchanged,
        _ => 0,
    };
    ClosedCounts { unchanged, ..rest }.phrase()
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
    use crate::report::{OutputFormat, sample};

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
        let mut hostile = sample::sample_report();
        hostile.incomplete = true;
        hostile.findings[0].location = None;
        hostile.findings[0].rule = crate::model::rule::RuleId::new("engine/unlisted");
        hostile.findings[1].message = "\u{1b}[31m[x](http://y) \u{0} <b>".to_owned();
        hostile.rules[0].title = "ü".repeat(2_000);
        hostile.rules[0].related_resources[0].address = "not an address".to_owned();
        let change = sample::hostile_change("\u{1b}[31m[x](http://y) \u{0} <b>");
        for report in [
            sample::sample_report(),
            sample::empty_report(&[]),
            hostile,
            sample::changed_report(),
            change,
        ] {
            assert_valid(&sample::render_json(&report, FORMAT));
            assert_valid(&sample::render_json(&report, AUDIT));
        }
    }

    #[test]
    fn the_run_says_how_it_counts_and_what_it_is() {
        let document = sample::render_json(&sample::sample_report(), FORMAT);
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
        let mut report = sample::empty_report(&[]);
        report.incomplete = true;
        let document = sample::render_json(&report, FORMAT);
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
    fn a_run_without_a_change_says_so() {
        let mut report = sample::empty_report(&[("a.yaml", "x")]);
        report.counts.nothing_changed = true;
        let run = run(&report, FORMAT, false);
        let said = &run["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!(said["level"], "note");
        assert_eq!(said["message"]["text"], "nothing changed, 0 files judged");
    }

    #[test]
    fn a_filtered_run_says_so_and_has_a_category_of_its_own() {
        let mut report = sample::sample_report();
        report.selected = Some(sample::sample_selection(2));
        let run = run(&report, FORMAT, false);
        assert_eq!(run["automationDetails"]["id"], "govcheck-filtered/");
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["properties"]["selection"]["hidden"], 2);
        let said = &invocation["toolExecutionNotifications"][0]["message"]["text"];
        let said = said.as_str().unwrap();
        assert!(said.starts_with("filtered by `--select security"), "{said}");
    }

    #[test]
    fn few_findings_keep_their_order_and_many_come_worst_first() {
        let report = sample::sample_report();
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
        let mut report = sample::empty_report(&[("a.yaml", "x")]);
        let mut finding = sample::finding_on(
            &report,
            "discovery/duplicate-id",
            Level::Note,
            "a.yaml",
            "x",
        );
        report.findings = vec![finding.clone(); RESULT_LIMIT + 2];
        finding.level = Level::Error;
        report.findings.push(finding);
        let run = sample::render_json(&report, FORMAT)["runs"][0].take();
        let told = |format| tell_left_out(&report, format, &ReportContext::default());
        let message = told(FORMAT).unwrap();
        assert!(
            message.contains("holds the 25000 most severe of 25003 findings"),
            "{message}"
        );
        assert_eq!(told(OutputFormat::default()), None);
        assert_eq!(run["results"].as_array().unwrap().len(), RESULT_LIMIT);
        assert_eq!(run["results"][0]["level"], "error");
        let said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
            .as_str()
            .unwrap();
        assert!(said.starts_with("3 findings left out"), "{said}");
    }

    fn run(report: &Report, format: OutputFormat, sarif_all: bool) -> Value {
        let context = ReportContext {
            sarif_all,
            ..ReportContext::default()
        };
        let text = sample::render_report(report, format, &context);
        serde_json::from_str::<Value>(&text).unwrap()["runs"][0].take()
    }

    fn rules_of(run: &Value) -> Vec<&str> {
        let results = run["results"].as_array().unwrap().iter();
        results.map(|it| it["ruleId"].as_str().unwrap()).collect()
    }

    #[test]
    fn an_upload_has_open_findings_and_says_what_it_leaves_out() {
        let report = sample::changed_report();
        let upload = run(&report, FORMAT, false);
        let open = ["security/unknown-classification", "ownership/unknown-team"];
        assert_eq!(rules_of(&upload), open);
        for key in ["baselineState", "suppressions"] {
            assert!(upload["results"][0].get(key).is_none(), "{key}");
        }
        let said = &upload["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!(said["level"], "note");
        assert_eq!(
            said["message"]["text"],
            "not in here: 1 unchanged, 1 waived, 1 in the baseline; `--sarif-all` adds those of the base, \
             `--format sarif-audit` writes all"
        );
        let plain = run(&sample::sample_report(), FORMAT, false);
        assert!(
            plain["invocations"][0]
                .get("toolExecutionNotifications")
                .is_none_or(|it| it == &json!([]))
        );
    }

    #[test]
    fn an_upload_of_all_adds_unchanged_findings_but_never_exempt_ones() {
        let upload = run(&sample::changed_report(), FORMAT, true);
        let results = upload["results"].as_array().unwrap();
        assert_eq!(results.len(), 3);
        assert_eq!(results[2]["message"]["text"], "`teams` is wrong");
        let said = &upload["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(
            said.as_str()
                .unwrap()
                .starts_with("not in here: 1 waived, 1 in the baseline;")
        );
    }

    #[test]
    fn an_audit_has_every_finding_with_its_standing() {
        let audit = run(&sample::changed_report(), AUDIT, false);
        let results = audit["results"].as_array().unwrap();
        let states: Vec<&str> = results
            .iter()
            .map(|it| it["baselineState"].as_str().unwrap())
            .collect();
        assert_eq!(
            states,
            [
                "new",
                "new",
                "unchanged",
                "new",
                "unchanged",
                "absent",
                "absent"
            ]
        );
        let suppressed: Vec<usize> = results
            .iter()
            .map(|it| it["suppressions"].as_array().unwrap().len())
            .collect();
        assert_eq!(suppressed, [0, 0, 0, 1, 1, 0, 0]);
        assert_eq!(audit["automationDetails"]["id"], "govcheck-audit/");
        assert_eq!(
            audit["properties"],
            json!({
                "base": {"given": "origin/main", "commit": "4748ff912345"},
                "policies": {"given": "origin/main", "commit": "4748ff912345"},
            })
        );
    }

    #[test]
    fn an_audit_without_a_base_has_no_states_and_leaves_nothing_out() {
        let mut report = sample::changed_report();
        report.comparison = None;
        let audit = run(&report, AUDIT, false);
        assert!(audit["results"][0].get("baselineState").is_none());
        report.findings = vec![report.findings[3].clone(); RESULT_LIMIT + 1];
        let audit = run(&report, AUDIT, false);
        assert_eq!(audit["results"].as_array().unwrap().len(), RESULT_LIMIT + 1);
    }
}
