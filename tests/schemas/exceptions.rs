//! Waivers and the baseline.

use govcheck::judge::{Baseline, Waivers};
use govcheck::model::published::SchemaName;
use govcheck::model::text::RelPath;
use serde_json::{Value, json};

use super::agreement::{Beyond, agree};
use super::yaml;

const WAIVERS: &str = r#"
version: 1
waivers:
  - rule: security/unclassified-column
    entity: contract:orders
    path: domains/sales/**
    at: columns[email]
    reason: moves to the new shop in March
    owner: jane@acme.example
    approved_by: data-office
    created: 2026-11-24
    expires: 2027-03-31
    ticket: 4711
  - {rule: documentation, path: "domains/legacy/**", reason: the old shop ends in June, owner: 007, expires: 2027-06-30, ticket: }
"#;

#[test]
fn the_schema_of_waivers_agrees_with_their_reader() {
    let read = |text: &str| {
        let waivers = Waivers::parse(&RelPath::new("waivers.yaml"), text);
        let mistakes = waivers.drafts.iter().flat_map(|draft| &draft.mistakes);
        let findings = waivers
            .findings
            .iter()
            .map(|finding| finding.message.clone());
        let mut all = mistakes
            .map(|mistake| mistake.message.clone())
            .chain(findings);
        all.next().map_or(Ok(()), Err)
    };
    let beyond = [
        Beyond {
            class: "globs that are none, or leave the mesh",
            says: &["glob", "patterns are relative", "above the root"],
            example: ("/waivers/0/path", "a["),
        },
        Beyond {
            class: "dates that do not exist",
            says: &["invalid date"],
            example: ("/waivers/0/expires", "2027-02-30"),
        },
    ];
    let valid = [
        yaml(WAIVERS),
        json!({"version": 1, "waivers": null}),
        Value::Null,
    ];
    agree(SchemaName::Waivers, &valid, &read, &beyond);
}

#[test]
fn the_schema_of_baselines_agrees_with_their_reader() {
    let read = |text: &str| {
        let baseline = Baseline::parse(&RelPath::new("baseline.json"), text);
        baseline.map(drop).map_err(|error| error.message)
    };
    let entries: serde_json::Map<String, Value> = (0..6)
        .map(|number| {
            (
                format!("{number:032x}"),
                json!("kpi/bad-name kpi:a in a.yaml"),
            )
        })
        .collect();
    let mut closed = entries.clone();
    closed.insert("end".to_owned(), json!("each line above ends with a comma"));
    let valid = [
        json!({"version": 1, "findings": closed}),
        json!({"version": 1, "findings": entries}),
        json!({"version": 1, "findings": {}}),
    ];
    agree(SchemaName::Baseline, &valid, &read, &[]);
}
