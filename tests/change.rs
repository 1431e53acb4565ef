//! Rules of scope `change`: identity, places, moves, what can't be judged, and what is refused at load.

use std::fmt::Write as _;

use govcheck::config::Config;
use govcheck::model::finding::{Against, Finding};
use govcheck::model::report::Report;
use govcheck::policy::Pack;
use govcheck::policy::source::{PackFile, PackSource};

use crate::mesh::{TODAY, builtin, judge_change, memory, write_place};

fn change(pack: &Pack, base: &[(&str, &str)], head: &[(&str, &str)]) -> Report {
    let files = |files: &[(&str, &str)]| memory(files.iter().copied());
    let config = Config::default();
    judge_change(Some(&files(base)), &files(head), pack, &config, TODAY)
}

fn of<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.rule.as_str() == rule)
        .collect()
}

fn contract(id: &str, version: &str, columns: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: {id}\nversion: {version}\nstatus: active\nschema:\n  - name: t\n    properties:\n"
    );
    for column in columns {
        let _ = writeln!(text, "      - {{name: {column}, logicalType: string}}");
    }
    text
}

const BREAKING: &str = "interoperability/breaking-change";

#[test]
fn removed_parts_are_distinguished_by_their_route_in_the_base() {
    let before = contract("orders", "1.0.0", &["a", "b", "c"]);
    let now = contract("orders", "1.1.0", &["c"]);
    let report = change(
        &builtin(),
        &[("f.odcs.yaml", &before)],
        &[("f.odcs.yaml", &now)],
    );
    let found = of(&report, BREAKING);
    let routes: Vec<&str> = found.iter().map(|finding| &*finding.route).collect();
    assert_eq!(routes, ["columns[t.a]", "columns[t.b]"]);
    assert_ne!(found[0].fingerprint, found[1].fingerprint);
    assert!(found.iter().all(|f| f.against == Some(Against::New)));
    // The place is that of the table, in the head.
    let at = found[0].location.as_ref().map(write_place).unwrap();
    assert_eq!(at, "f.odcs.yaml:7:11-12");
    // The same change somewhere else in the file, in another order: the same identity.
    let moved = format!(
        "# one line more\n{}",
        contract("orders", "1.0.1", &["c", "d"])
    );
    let other = contract("orders", "1.0.0", &["b", "c", "a"]);
    let report = change(
        &builtin(),
        &[("g.odcs.yaml", &other)],
        &[("f.odcs.yaml", &moved)],
    );
    let again = of(&report, BREAKING);
    assert_eq!(again[0].fingerprint, found[0].fingerprint);
}

#[test]
fn without_a_base_no_rule_of_scope_change_is_asked() {
    let now = contract("orders", "1.1.0", &["c"]);
    let files = memory([("f.odcs.yaml", &*now)]);
    let report = judge_change(None, &files, &builtin(), &Config::default(), TODAY);
    assert!(of(&report, BREAKING).is_empty() && report.comparison.is_none());
}

#[test]
fn a_file_that_is_broken_now_has_not_removed_its_entities() {
    let before = contract("orders", "1.0.0", &["a"]);
    let reader = "apiVersion: v1.0.0\nkind: DataProduct\nid: r\nversion: 1.0.0\nstatus: active\ninputPorts: [{name: o, contractId: orders}]\n";
    let broken = format!("{before}  - [\n");
    let base = [("f.odcs.yaml", &*before), ("r.odps.yaml", reader)];
    let pack = builtin();
    let report = change(
        &pack,
        &base,
        &[("f.odcs.yaml", &broken), ("r.odps.yaml", reader)],
    );
    assert!(report.incomplete);
    assert!(of(&report, "lifecycle/removed-while-consumed").is_empty());
    let report = change(&pack, &base, &[("r.odps.yaml", reader)]);
    assert_eq!(of(&report, "lifecycle/removed-while-consumed").len(), 1);
}

#[test]
fn versions_are_suggested_at_the_place_of_the_version() {
    let before = contract("orders", "1.0.0", &["a", "b"]);
    let now = contract("orders", "1.0.1", &["a", "c", "d"]);
    let report = change(
        &builtin(),
        &[("f.odcs.yaml", &before)],
        &[("f.odcs.yaml", &now)],
    );
    let versions = &report.comparison.unwrap().versions;
    assert_eq!(versions.len(), 1);
    let advice = &versions[0];
    assert_eq!(write_place(&advice.location), "f.odcs.yaml:4:10-15");
    let said = [
        &advice.from,
        &advice.to,
        &advice.suggested,
        advice.part.as_str(),
    ];
    assert_eq!(said, ["1.0.0", "1.0.1", "2.0.0", "major"]);
    // The weightiest first.
    assert!(
        advice.reasons[0].ends_with("was removed"),
        "{:?}",
        advice.reasons
    );
    assert_eq!(advice.reasons.len(), 3);
}

/// A pack with one rule of scope `change`.
fn pack(custom: &str, rego: &str) -> Result<Pack, String> {
    let text = format!(
        "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   scope: change\n#   entities: [contract]\n#   help: H\n{custom}package govcheck.house.changed\n\n{rego}"
    );
    let mut builtin = PackSource::builtin();
    builtin
        .files
        .retain(|file| file.path.starts_with("formats/"));
    builtin.files.push(PackFile {
        path: "house/changed.rego".to_owned(),
        text,
    });
    Pack::load(vec![builtin], &|_| true).map_err(|error| error.to_string())
}

#[test]
fn what_a_rule_of_scope_change_may_not_do_is_refused_at_load() {
    let deny = "deny contains {\"message\": \"m\", \"at\": []} if input.head";
    let cases = [
        (
            "",
            "deny contains {\"message\": \"m\", \"at\": []} if input.columns",
            "has no `input.columns`",
        ),
        ("#   text_matches: x\n", deny, "`text_matches` needs scope"),
        ("", &format!("{deny}\nadvice := 1"), "`advice` is not a set"),
    ];
    for (custom, rego, expected) in cases {
        let error = pack(custom, rego).err().unwrap();
        assert!(error.contains(expected), "{error}");
    }
    assert!(pack("", deny).is_ok());
}

#[test]
fn what_a_rule_can_not_judge_is_a_finding() {
    let before = contract("orders", "1.0.0", &["a"]);
    let now = contract("orders", "1.0.0", &["b"]);
    let base = [("f.odcs.yaml", &*before)];
    let cases = [
        (
            "deny contains {\"message\": \"m\", \"at\": []} if input.base",
            &[][..],
            "`at` points at an entity that the head does not have",
        ),
        (
            "deny contains {\"message\": \"m\", \"base_at\": []} if not input.base",
            &[(
                "g.odcs.yaml",
                "apiVersion: v3.1.0\nkind: DataContract\nid: new\n",
            )][..],
            "the base does not have",
        ),
        (
            "deny contains {\"message\": \"m\", \"entity\": \"contract:x\"} if input.base",
            &[("f.odcs.yaml", &*now)][..],
            "entity `contract:x` does not exist",
        ),
        (
            "deny contains {\"message\": \"m\", \"fact\": {\"ref\": 0}} if input.base",
            &[("f.odcs.yaml", &*now)][..],
            "cannot use `fact`",
        ),
        (
            "deny contains {\"message\": 1, \"at\": []} if input.base",
            &[("f.odcs.yaml", &*now)][..],
            "`message` is not text",
        ),
        (
            "deny contains {\"message\": \"m\", \"at\": []} if count(indexof_n(\"\", \"\")) < 0\nadvice contains {\"part\": \"x\"} if input.base",
            &[("f.odcs.yaml", &*now)][..],
            "invalid `part` `x`",
        ),
    ];
    for (rego, head, expected) in cases {
        let report = change(&pack("", rego).unwrap(), &base, head);
        let told = of(&report, "engine/malformed-result");
        assert!(report.incomplete, "{rego}");
        assert!(
            told.iter()
                .any(|finding| finding.message.contains(expected)),
            "{told:#?}"
        );
    }
}

#[test]
fn a_removed_entity_can_be_pointed_at_in_the_base() {
    let pack = pack(
        "",
        "deny contains {\"message\": \"m\", \"base_at\": [\"version\"]} if not input.head",
    )
    .unwrap();
    let before = contract("orders", "1.0.0", &["a"]);
    let other = contract("other", "1.0.0", &["a"]);
    // The file is gone: the place is that in the base, and its text is there to be shown.
    let report = change(
        &pack,
        &[("f.odcs.yaml", &before)],
        &[("g.odcs.yaml", &other)],
    );
    let found = of(&report, "house/changed")[0];
    let at = found.location.as_ref().unwrap();
    assert_eq!(write_place(at), "f.odcs.yaml:4:10-15");
    let text = report.sources.get(&at.file).unwrap();
    assert_eq!(text.slice(at.span), "1.0.0");
    // The file holds something else now: its text is not that of the base.
    let report = change(
        &pack,
        &[("f.odcs.yaml", &before)],
        &[("f.odcs.yaml", &other)],
    );
    let found = of(&report, "house/changed")[0];
    assert_eq!(
        write_place(found.location.as_ref().unwrap()),
        "f.odcs.yaml:1:1-1"
    );
    assert_eq!(found.route, "version");
}

#[test]
fn an_endless_rule_is_one_finding_and_the_others_judge_on() {
    let mut files = PackSource::builtin();
    files.files.push(PackFile {
        path: "house/changed.rego".to_owned(),
        text: "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   scope: change\n#   entities: [contract]\n#   help: H\npackage govcheck.house.changed\n\ndeny contains {\"message\": \"m\", \"at\": []} if {\n\tsome a in numbers.range(1, 10000)\n\tsome b in numbers.range(1, 10000)\n\ta + b < 0\n}\n".to_owned(),
    });
    let pack = Pack::load(vec![files], &|_| true).unwrap_or_else(|error| panic!("{error}"));
    let before = contract("orders", "1.0.0", &["a", "b"]);
    let now = contract("orders", "1.0.0", &["a"]);
    let report = change(&pack, &[("f.odcs.yaml", &before)], &[("f.odcs.yaml", &now)]);
    assert_eq!(of(&report, BREAKING).len(), 1);
    let late = of(&report, "engine/time-bound");
    assert_eq!(late.len(), 1);
    assert!(
        late[0]
            .message
            .contains("`house/changed` could not check the change to `contract:orders`")
    );
}
