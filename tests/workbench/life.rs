//! The life of a rule, from outside: draft, grace, enabled, deprecated; what becomes an error when, and for whom.

use crate::cli::{Mesh, Ran, contract, rule};

const BAD: &str = r#"deny contains {"message": "house says no", "at": ["id"]} if input.id"#;

/// A mesh with one contract and one rule `kpi/house`, which finds it; `custom` are lines of its METADATA.
fn mesh(custom: &str) -> Mesh {
    let mesh = Mesh::with_rule("kpi/house", BAD);
    mesh.file("pack/kpi/house.rego", house("kpi/house", custom));
    mesh
}

fn house(id: &str, custom: &str) -> String {
    let custom = format!("severity: error\n{custom}");
    rule(id, BAD).replace("severity: error\n", &custom)
}

fn on(mesh: &Mesh, day: &str) -> Ran {
    mesh.run(&["check", "--today", day])
}

#[test]
fn a_draft_does_not_run_and_is_listed_as_one() {
    let mesh = mesh("#   state: draft\n");
    let ran = mesh.run(&[]);
    ran.says(0, &["All good"]);
    mesh.run(&["rules"])
        .says(0, &["kpi/house", "draft    House rule"]);
    mesh.run(&["explain", "kpi/house"])
        .says(0, &["draft, which only runs under `govcheck policy try`"]);
}

#[test]
fn in_grace_an_error_is_a_warning_that_says_when_it_becomes_one() {
    let mesh = mesh("#   state: grace\n#   enforced_from: 2027-03-01\n");
    on(&mesh, "2027-02-28").says(
        0,
        &[
            "warning[kpi/house]",
            "error from: 2027-03-01",
            "1 warning becomes an error on 2027-03-01 (`kpi/house`)",
        ],
    );
    let after = on(&mesh, "2027-03-01");
    after.says(1, &["error[kpi/house]"]);
    assert!(!after.out.contains("2027-03-01"), "{}", after.out);
    let markdown = mesh.run(&["--format", "markdown", "--today", "2027-02-28"]);
    markdown.says(
        0,
        &["⏳ 1 warning becomes an error on 2027-03-01 (`kpi/house`)."],
    );
}

#[test]
fn domains_are_brought_in_one_after_the_other() {
    let mesh = mesh("");
    for domain in ["sales", "hr", "legacy"] {
        let id = format!("{domain}-orders");
        mesh.file(&format!("domains/{domain}/a.odcs.yaml"), contract(&id));
    }
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nrules:\n  kpi/house: {enforced_from: 2027-01-01}\noverrides:\n\
         - files: ['domains/hr/**']\n  rules: {kpi/house: {enforced_from: 2027-02-01}}\n\
         - files: ['domains/legacy/**']\n  rules: {kpi: {enforced_from: 2027-03-01}}\n\
         - files: ['domains/sales/**']\n  rules: {kpi/house: error}\n",
    );
    let errors = |day: &str| {
        let ran = mesh.run(&["--today", day, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let errors = findings
            .iter()
            .filter(|found| found["rule"] == "kpi/house" && found["level"] == "error");
        let files = errors.map(|found| found["file"].as_str().unwrap().to_owned());
        (files.collect::<Vec<_>>(), report["becoming_errors"].clone())
    };
    let (files, becoming) = errors("2026-12-31");
    assert_eq!(files, ["domains/sales/a.odcs.yaml"]);
    assert_eq!(
        becoming,
        serde_json::json!([
            {"day": "2027-01-01", "rules": {"kpi/house": 1}},
            {"day": "2027-02-01", "rules": {"kpi/house": 1}},
            {"day": "2027-03-01", "rules": {"kpi/house": 1}},
        ])
    );
    assert_eq!(errors("2027-01-01").0.len(), 2);
    assert_eq!(errors("2027-02-01").0.len(), 3);
    assert_eq!(errors("2027-03-01").0.len(), 4);
}

#[test]
fn a_level_with_a_day_holds_from_that_day() {
    let mesh = mesh("");
    let config = |setting: &str| {
        let text = format!("version: 1\npacks: [pack]\nrules: {{kpi/house: {setting}}}\n");
        mesh.file("govcheck.yaml", text);
    };
    config("{level: error, enforced_from: 2027-03-01}");
    on(&mesh, "2027-02-28").says(0, &["warning[kpi/house]"]);
    config("error");
    on(&mesh, "2027-02-28").says(1, &["error[kpi/house]"]);
}

#[test]
fn a_deprecated_rule_runs_and_names_its_successor_once() {
    let mesh = mesh("#   state: deprecated\n#   successor: kpi/new-house\n");
    mesh.file("pack/kpi/new-house.rego", house("kpi/new-house", ""));
    mesh.file("b.odcs.yaml", contract("b"));
    let ran = mesh.run(&[]);
    ran.says(1, &["error[kpi/house]"]);
    let note = "deprecated: `kpi/house` is replaced by `kpi/new-house`";
    assert_eq!(ran.out.matches(note).count(), 1, "{}", ran.out);
    mesh.run(&["rules"])
        .says(0, &["[deprecated, replaced by `kpi/new-house`]"]);
    mesh.run(&["--format", "markdown"]).says(
        1,
        &["`kpi/house` is deprecated: `kpi/new-house` replaces it."],
    );
}

#[test]
fn lives_that_lead_nowhere_are_refused_at_load() {
    let cases = [
        ("#   state: grace\n", "`state: grace` has no end date"),
        (
            "#   state: deprecated\n",
            "`state: deprecated` has no successor",
        ),
        (
            "#   state: deprecated\n#   successor: kpi/hause\n",
            "successor `kpi/hause` is not another rule",
        ),
        (
            "#   state: deprecated\n#   successor: kpi/house\n",
            "successor `kpi/house` is not another rule",
        ),
    ];
    for (custom, message) in cases {
        mesh(custom)
            .run(&[])
            .refuses(2, &[message, "pack/kpi/house.rego:", "help: "]);
    }
}
