//! `--select`, `--ignore`, `--domain`, `--owner`: they limit the report and the exit code, never the mesh.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Mesh, REGISTER, Ran, contract, orphan};

const TEAM: &str = "ownership/unknown-team";
const CLASS: &str = "security/unknown-classification";

/// Two domains, each with an unknown team and an unknown classification; the classification is a warning.
fn mesh() -> Mesh {
    let mesh = Mesh::git();
    let column = "schema: [{name: t, description: One row for each order., properties: [{name: c, logicalType: string, description: The channel of the order., classification: blue}]}]\n";
    let hr = orphan("b").replace("domain: sales", "domain: hr");
    let register = REGISTER.to_owned()
        + "  - name: hr\n    owner: people\nclassifications: [{name: public, rank: 0}, {name: internal, rank: 1}]\n";
    let register = register.replace(
        "  - name: sales-data",
        "  - name: sales-data\n  - name: people",
    );
    mesh.file("governance/register.yaml", register)
        .file("domains/sales/a.odcs.yaml", orphan("a") + column)
        .file("domains/hr/b.odcs.yaml", hr + column);
    mesh
}

fn rules((_, found): &(Option<i32>, Vec<String>)) -> BTreeSet<&str> {
    let rules = found
        .iter()
        .map(|finding| finding.split_once(' ').unwrap().0);
    rules.collect()
}

fn last_line(ran: &Ran) -> &str {
    ran.out.lines().last().unwrap()
}

#[test]
fn rules_and_categories_limit_the_report_and_the_exit_code() {
    let mesh = mesh();
    let all = mesh.findings(&[]);
    assert!(
        rules(&all).contains(TEAM) && rules(&all).contains(CLASS),
        "{all:?}"
    );
    let security = mesh.findings(&["--select", "security"]);
    assert_eq!(rules(&security), BTreeSet::from([CLASS]));
    let both = mesh.findings(&["--select", "security,ownership/unknown-team"]);
    assert_eq!(rules(&both), BTreeSet::from([TEAM, CLASS]));
    assert_eq!(
        both,
        mesh.findings(&["--select", "security", "--select", TEAM])
    );
    let without = mesh.findings(&["--ignore", "ownership"]);
    assert!(!rules(&without).contains(TEAM), "{without:?}");
    assert!(rules(&without).contains(CLASS), "{without:?}");
}

#[test]
fn the_longer_name_wins() {
    let mesh = mesh();
    let (code, found) = mesh.findings(&["--select", "security", "--ignore", CLASS]);
    assert_eq!((code, found), (Some(0), vec![]));
    let one = mesh.findings(&["--select", CLASS, "--ignore", "security"]);
    assert_eq!(rules(&one), BTreeSet::from([CLASS]));
}

#[test]
fn domains_and_owners_limit_the_report() {
    let mesh = mesh();
    let files = |arguments: &[&str]| {
        let (code, found) = mesh.findings(arguments);
        let mut files: Vec<String> = found
            .iter()
            .map(|it| it.split(['/', ':']).nth(3).unwrap().to_owned())
            .collect();
        files.dedup();
        (code, files)
    };
    assert_eq!(
        files(&["--domain", "hr"]),
        (Some(1), vec!["b.odcs.yaml".to_owned()])
    );
    assert_eq!(
        files(&["--domain", "hr,sales", "--select", TEAM]).1,
        ["b.odcs.yaml", "a.odcs.yaml"]
    );
    assert_eq!(
        files(&["--owner", "nobody-here", "--domain", "sales"]).1,
        ["a.odcs.yaml"]
    );
    assert_eq!(files(&["--owner", "sales-data"]), (Some(0), vec![]));
}

#[test]
fn the_last_line_names_the_filter_and_the_counts_are_those_of_the_report() {
    let mesh = mesh();
    let ran = mesh.run(&["--select", TEAM, "--domain", "hr"]);
    ran.says(1, &["1 error in 1 of 3 files"]);
    let filter = format!("filtered by `--select {TEAM} --domain hr`: ");
    assert!(last_line(&ran).starts_with(&filter), "{}", ran.out);
    assert!(
        last_line(&ran).contains("open findings hidden"),
        "{}",
        ran.out
    );
    let whole = mesh.run(&[]);
    assert!(!whole.out.contains("filtered by"), "{}", whole.out);
}

#[test]
fn a_filter_that_leaves_nothing_ends_with_zero_and_says_so() {
    let mesh = mesh();
    let ran = mesh.run(&["--select", "kpi"]);
    ran.says(
        0,
        &[
            "No open finding matches the filter",
            "filtered by `--select kpi`",
        ],
    );
    assert!(!ran.out.contains("All good"), "{}", ran.out);
    mesh.run(&["--select", "kpi", "--quiet"])
        .says(0, &["No open finding matches the filter"]);
    mesh.run(&["--select", "kpi", "--format", "markdown"]).says(
        0,
        &[
            "no open findings that match the filter",
            "filtered by `--select kpi`",
        ],
    );
}

#[test]
fn the_mesh_is_judged_whole() {
    let mesh = mesh();
    mesh.file("domains/hr/a.odcs.yaml", contract("a"));
    let found = mesh.findings(&["--select", "discovery/duplicate-id"]);
    assert_eq!(
        found.1.len(),
        1,
        "the other file is in another domain: {found:?}"
    );
    let out = mesh.run(&["--select", "kpi", "--format", "json"]).out;
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["counts"]["files"], 4);
    assert_eq!(report["counts"]["entities"]["contract"], 3);
}

#[test]
fn what_could_not_be_judged_is_never_hidden() {
    let mesh = mesh();
    mesh.file("broken.odcs.yaml", "kind: DataContract\ntags: [\n");
    let (code, found) = mesh.findings(&["--select", "kpi", "--domain", "hr"]);
    assert_eq!(code, Some(2));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("parse/syntax-error broken.odcs.yaml"));
    mesh.run(&["--ignore", "parse/syntax-error"])
        .refuses(2, &["`parse/syntax-error` cannot be ignored", "`exclude`"]);
}

#[test]
fn an_unknown_rule_names_the_nearest() {
    let mesh = mesh();
    let cases = [
        (
            "ownership/unknown-taem",
            "did you mean `ownership/unknown-team`?",
        ),
        (
            "security/unknown-team",
            "did you mean `ownership/unknown-team`?",
        ),
        ("unknown-team", "did you mean `ownership/unknown-team`?"),
        ("securty", "did you mean `security`?"),
        (
            "zzzzzzzz",
            "run `govcheck rules` to list all rules and categories",
        ),
        (
            "a b",
            "run `govcheck rules` to list all rules and categories",
        ),
    ];
    for (name, help) in cases {
        for option in ["--select", "--ignore"] {
            let message = format!("unknown rule or category `{name}`");
            mesh.run(&[option, name]).refuses(2, &[&message, help]);
        }
    }
}

#[test]
fn an_unknown_domain_or_owner_names_the_nearest() {
    let mesh = mesh();
    mesh.run(&["--domain", "sale"]).refuses(
        2,
        &["the mesh has no domain `sale`", "did you mean `sales`?"],
    );
    mesh.run(&["--owner", "sales-dat"]).refuses(
        2,
        &[
            "the mesh has no team `sales-dat`",
            "did you mean `sales-data`?",
        ],
    );
    mesh.run(&["--owner", "zzzzzzzzzz"]).refuses(
        2,
        &[
            "the mesh has no team `zzzzzzzzzz`",
            "as the register or the manifests write it",
        ],
    );
    // Registered, owning nothing: an answer, not a slip.
    assert_eq!(mesh.findings(&["--owner", "people"]).0, Some(0));
}

#[test]
fn a_domain_that_only_paths_name_is_known() {
    let mesh = mesh();
    mesh.file("govcheck.yaml", "layout: domains/{domain}/**\n");
    let silent = orphan("c").replace("domain: sales\n", "");
    mesh.file("domains/legal/c.odcs.yaml", silent);
    let (code, found) = mesh.findings(&["--domain", "legal", "--select", TEAM]);
    assert_eq!(code, Some(1));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn an_earlier_name_of_a_rule_selects_it() {
    let mesh = Mesh::with_rule(
        "house/new-name",
        "deny contains {\"message\": \"seen\", \"at\": []} if input.id",
    );
    let rule = std::fs::read_to_string(mesh.path().join("pack/house/new-name.rego")).unwrap();
    let renamed = rule.replace("# custom:\n", "# custom:\n#   aliases: [house/old-name]\n");
    mesh.file("pack/house/new-name.rego", renamed);
    let (code, found) = mesh.findings(&["--select", "house/old-name"]);
    assert_eq!((code, found.len()), (Some(1), 1));
    assert_eq!(
        mesh.findings(&["--ignore", "house/old-name", "--select", "house"])
            .0,
        Some(0)
    );
}

#[test]
fn other_formats_say_what_they_are_limited_to() {
    let mesh = mesh();
    let arguments = ["--select", TEAM, "--owner", "nobody-here", "--format"];
    let run = |format: &str| mesh.run(&[&arguments[..], &[format]].concat()).out;
    let report: Value = serde_json::from_str(&run("json")).unwrap();
    let selection = &report["selection"];
    assert_eq!(selection["select"], json!([TEAM]));
    assert_eq!(selection["owners"], json!(["nobody-here"]));
    assert!(selection["hidden"].as_u64().unwrap() > 0, "{selection}");
    let whole: Value = serde_json::from_str(&mesh.run(&["--format", "json"]).out).unwrap();
    assert_eq!(whole["selection"], Value::Null);
    let junit = run("junit");
    assert!(
        !junit.contains("kpi/bad-name"),
        "a rule that is left out has not passed"
    );
    assert!(
        run("github").contains("filtered by `--select ownership/unknown-team --owner nobody-here`")
    );
    for format in ["concise", "grouped"] {
        let text = run(format);
        let last = text.lines().last().unwrap();
        let said = "filtered by `--select ownership/unknown-team --owner nobody-here`: ";
        assert!(last.starts_with(said), "{format}: {text}");
    }
}

/// GitLab and reviewdog read findings and nothing else: there is no place for a filter.
#[test]
fn formats_of_other_programs_hold_only_the_selected_findings() {
    let mesh = mesh();
    let report = |format: &str, more: &[&str]| -> Value {
        let arguments = [&["--format", format], more].concat();
        serde_json::from_str(&mesh.run(&arguments).out).unwrap()
    };
    for (format, findings, rule) in [
        ("gitlab", "", "/check_name"),
        ("rdjson", "/diagnostics", "/code/value"),
    ] {
        let rules = |more: &[&str]| -> Vec<String> {
            let report = report(format, more);
            let findings = report.pointer(findings).unwrap().as_array().unwrap();
            let rule =
                |finding: &Value| finding.pointer(rule).unwrap().as_str().unwrap().to_owned();
            findings.iter().map(rule).collect()
        };
        let all = rules(&[]);
        assert!(all.iter().any(|rule| rule != TEAM), "{format}: {all:?}");
        assert_eq!(rules(&["--select", TEAM]), [TEAM, TEAM], "{format}");
    }
}

#[test]
fn a_change_is_filtered_with_what_it_fixed() {
    let mesh = mesh();
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    mesh.file("domains/sales/a.odcs.yaml", contract("a"))
        .file("domains/sales/n.odcs.yaml", orphan("n"));
    let run = |arguments: &[&str]| {
        let out = mesh
            .run(&[&["--base", "HEAD", "--format", "json"], arguments].concat())
            .out;
        let report: Value = serde_json::from_str(&out).unwrap();
        let counts = &report["counts"];
        (
            counts["new"].as_u64().unwrap(),
            counts["fixed"].as_u64().unwrap(),
        )
    };
    let (new, fixed) = run(&[]);
    assert_eq!(run(&["--select", TEAM]), (1, 1));
    let (rest, rest_fixed) = run(&["--ignore", TEAM]);
    assert_eq!((rest + 1, rest_fixed + 1), (new, fixed));
    mesh.run(&["--base", "HEAD", "--select", "kpi"])
        .says(0, &["No new finding matches the filter"]);
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "head"]);
    mesh.run(&["diff", "HEAD~1", "HEAD", "--select", TEAM])
        .says(1, &["1 new error", "filtered by"]);
}

#[test]
fn a_shard_takes_no_filter_and_merge_does() {
    let mesh = mesh();
    mesh.run(&[
        "check",
        "--shard",
        "1/1",
        "--outcome",
        "part.bin",
        "--select",
        TEAM,
    ])
    .refuses(
        2,
        &[
            "a shard reports nothing",
            "give `--select` to `govcheck merge`",
        ],
    );
    mesh.run(&["check", "--shard", "1/1", "--outcome", "part.bin"])
        .says(0, &["shard 1/1"]);
    let merged = mesh.run(&["merge", "part.bin", "--select", TEAM, "--format", "json"]);
    assert_eq!(merged, mesh.run(&["--select", TEAM, "--format", "json"]));
}

#[test]
fn a_filtered_run_leaves_a_whole_cache() {
    let mesh = mesh();
    mesh.run(&["--select", "kpi"]).says(0, &[]);
    let whole = mesh.run(&["--format", "json"]);
    assert_eq!(whole, mesh.run(&["--format", "json", "--no-cache"]));
}

#[test]
fn an_owner_without_findings_is_known_with_and_without_a_cache() {
    let mesh = Mesh::sound();
    for _ in 0..3 {
        mesh.run(&["--owner", "sales-data", "-q"])
            .says(0, &["No open finding matches the filter"]);
    }
}
