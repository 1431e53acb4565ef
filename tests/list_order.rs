//! The order of lists and keys, comments, quoting and formatting do not change content; any other edit of a manifest does,
//! whether the common model has the field or not.

use govcheck::config::Config;
use govcheck::model::comparison::VersionPart;

use crate::mesh::{TODAY, builtin, judge_change, memory};

/// The advice on the version of the entity that a file declares: the part to raise, and why. `None` if nothing changed.
fn advice(file: &str, before: &str, now: &str) -> Option<(VersionPart, Vec<String>)> {
    let (base, head) = (memory([(file, before)]), memory([(file, now)]));
    let report = judge_change(Some(&base), &head, &builtin(), &Config::default(), TODAY);
    assert!(!report.incomplete, "{:#?}", report.findings);
    let versions = report.comparison.unwrap().versions;
    let one = versions.into_iter().next()?;
    Some((one.part, one.reasons))
}

const ODCS: &str = "apiVersion: v3.1.0
kind: DataContract
id: a
name: A
version: 1.0.0
status: active
tags: [one, two]
description: {purpose: Orders., usage: Reports.}
schema:
  - name: t
    tags: [x, y]
    quality: [{name: q1, metric: nullValues, mustBe: 0}, {name: q2, metric: duplicateValues, mustBe: 0}]
    properties:
      - {name: a, logicalType: string, tags: [p, q], description: A thing}
      - {name: b, logicalType: string, logicalTypeOptions: {maxLength: 20}}
  - name: u
    properties:
      - {name: c, logicalType: string}
slaProperties:
  - {property: latency, value: 4, unit: h}
  - {property: retention, value: 3, unit: y}
servers:
  - {server: prod, type: bigquery, project: p, dataset: d}
  - {server: test, type: bigquery, project: q, dataset: d}
team:
  name: ok
  members: [{username: ada, role: owner, dateIn: 2026-01-01}, {username: bo, role: steward, dateIn: 2026-02-01}]
roles: [{role: reader, access: read}, {role: writer, access: write}]
support: [{channel: mail, url: 'mailto:a@x'}, {channel: chat, url: 'https://chat.x'}]
customProperties: [{property: k1, value: 1}, {property: k2, value: [1, 2]}]
";

/// The text with two parts in each other's place.
fn swapped(text: &str, one: &str, other: &str) -> String {
    assert!(text.contains(one) && text.contains(other), "{one} {other}");
    let marked = text.replacen(one, "\u{1}", 1).replacen(other, one, 1);
    marked.replacen('\u{1}', other, 1)
}

#[test]
fn a_reordered_list_is_not_a_change() {
    let pairs = [
        ("[one, two]", "[two, one]"),
        ("[x, y]", "[y, x]"),
        ("[p, q]", "[q, p]"),
        (
            "  - {property: latency, value: 4, unit: h}\n",
            "  - {property: retention, value: 3, unit: y}\n",
        ),
        (
            "  - {server: prod, type: bigquery, project: p, dataset: d}\n",
            "  - {server: test, type: bigquery, project: q, dataset: d}\n",
        ),
        (
            "{username: ada, role: owner, dateIn: 2026-01-01}",
            "{username: bo, role: steward, dateIn: 2026-02-01}",
        ),
        (
            "{role: reader, access: read}",
            "{role: writer, access: write}",
        ),
        (
            "{channel: mail, url: 'mailto:a@x'}",
            "{channel: chat, url: 'https://chat.x'}",
        ),
        ("{property: k1, value: 1}", "{property: k2, value: [1, 2]}"),
        (
            "{name: q1, metric: nullValues, mustBe: 0}",
            "{name: q2, metric: duplicateValues, mustBe: 0}",
        ),
        (
            "      - {name: a, logicalType: string, tags: [p, q], description: A thing}\n",
            "      - {name: b, logicalType: string, logicalTypeOptions: {maxLength: 20}}\n",
        ),
    ];
    for (one, other) in pairs {
        let now = match ODCS.contains(other) {
            true => swapped(ODCS, one, other),
            false => ODCS.replacen(one, other, 1),
        };
        assert_ne!(now, ODCS);
        assert_eq!(advice("a.odcs.yaml", ODCS, &now), None, "{one}");
    }
    let (first, second) = ODCS.split_at(ODCS.find("  - name: t\n").unwrap());
    let (t, rest) = second.split_at(second.find("  - name: u\n").unwrap());
    let (u, rest) = rest.split_at(rest.find("slaProperties").unwrap());
    let now = format!("{first}{u}{t}{rest}");
    assert_eq!(advice("a.odcs.yaml", ODCS, &now), None, "tables");
}

#[test]
fn the_lists_of_other_formats_have_no_order_either() {
    let odps = "apiVersion: v1.0.0\nkind: DataProduct\nid: p\nversion: 1.0.0\nstatus: active\ntags: [a, b]\noutputPorts: [{name: o1, version: 1.0.0, contractId: c1}, {name: o2, version: 1.0.0, contractId: c2}]\nsupport: [{channel: a, url: 'https://a'}, {channel: b, url: 'https://b'}]\n";
    for (one, other) in [
        ("[a, b]", "[b, a]"),
        (
            "{name: o1, version: 1.0.0, contractId: c1}",
            "{name: o2, version: 1.0.0, contractId: c2}",
        ),
        (
            "{channel: a, url: 'https://a'}",
            "{channel: b, url: 'https://b'}",
        ),
    ] {
        let now = match odps.contains(other) {
            true => swapped(odps, one, other),
            false => odps.replacen(one, other, 1),
        };
        assert_eq!(advice("p.odps.yaml", odps, &now), None, "{one}");
    }
    let dbt = "models:\n  - name: m\n    latest_version: 1\n    tags: [a, b]\n    columns:\n      - {name: x, data_type: string, data_tests: [unique, not_null]}\n      - {name: y, data_type: string}\n";
    for now in [
        dbt.replace("[a, b]", "[b, a]"),
        dbt.replace("[unique, not_null]", "[not_null, unique]"),
        swapped(
            dbt,
            "      - {name: x, data_type: string, data_tests: [unique, not_null]}\n",
            "      - {name: y, data_type: string}\n",
        ),
    ] {
        assert_eq!(advice("m/s.yml", dbt, &now), None, "{now}");
    }
}

#[test]
fn formatting_is_not_content() {
    let now = ODCS
        .replace("name: A\n", "name: 'A' # a comment\n")
        .replace(
            "description: {purpose: Orders., usage: Reports.}",
            "description:\n  usage: \"Reports.\"\n  purpose: Orders.",
        );
    assert_eq!(advice("a.odcs.yaml", ODCS, &now), None);
}

#[test]
fn what_the_model_does_not_have_needs_a_version_too() {
    let edits = [
        (
            "maxLength: 20",
            "maxLength: 10",
            "schema[t].properties[b].logicalTypeOptions.maxLength",
        ),
        ("project: p,", "project: z,", "servers[prod].project"),
        (
            "dateIn: 2026-01-01",
            "dateIn: 2026-01-02",
            "team.members[ada].dateIn",
        ),
        (
            "mustBe: 0}, {name: q2",
            "mustBe: 5}, {name: q2",
            "schema[t].quality[q1].mustBe",
        ),
    ];
    for (from, to, route) in edits {
        let (part, reasons) = advice("a.odcs.yaml", ODCS, &ODCS.replacen(from, to, 1)).unwrap();
        assert_eq!(part, VersionPart::Minor, "{route}");
        assert_eq!(reasons, [format!("`{route}` changed")]);
    }
    let (part, reasons) = advice("a.odcs.yaml", ODCS, &ODCS.replace("Orders.", "Orders!")).unwrap();
    assert_eq!((part, reasons.len()), (VersionPart::Patch, 1));
}

#[test]
fn where_items_have_no_name_their_order_counts() {
    let before = ODCS.replace("value: [1, 2]", "value: [{x: 1}, {x: 2}]");
    let now = before.replace("[{x: 1}, {x: 2}]", "[{x: 2}, {x: 1}]");
    assert!(advice("a.odcs.yaml", &before, &now).is_some());
}
