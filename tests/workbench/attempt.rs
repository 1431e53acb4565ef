//! `govcheck policy try`, from outside: what a pack, a file or a draft would do to the mesh.

use crate::cli::{Mesh, contract, rule};

const SAYS: &str = r#"deny contains {"message": "house says no", "at": ["id"]} if input.id"#;

/// Three contracts of two domains, and a pack folder `draft` that is in no config.
fn mesh() -> Mesh {
    let mesh = Mesh::git();
    for (domain, id) in [("sales", "a"), ("sales", "b"), ("hr", "c")] {
        let text = contract(id).replace("domain: sales", &format!("domain: {domain}"));
        mesh.file(&format!("domains/{domain}/{id}.odcs.yaml"), text);
    }
    mesh.file("draft/kpi/house.rego", rule("kpi/house", SAYS));
    mesh
}

fn json(mesh: &Mesh, arguments: &[&str]) -> serde_json::Value {
    let all = [&["policy", "try"], arguments, &["--format", "json"]].concat();
    let ran = mesh.run(&all);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// `domain new fixed unchanged`, of errors.
fn rows(document: &serde_json::Value) -> Vec<String> {
    let rows = document["owners"].as_array().unwrap().iter();
    let row = |row: &serde_json::Value| {
        let count = |kind: &str| row[kind]["counts"]["errors"].to_string();
        let domain = row["domain"].as_str().unwrap();
        [
            domain.to_owned(),
            count("new"),
            count("fixed"),
            count("unchanged"),
        ]
        .join(" ")
    };
    rows.map(row).collect()
}

#[test]
fn a_pack_that_is_not_on_is_tried_domain_by_domain() {
    let mesh = mesh();
    let before = mesh.run(&[]);
    let ran = mesh.run(&["policy", "try", "draft"]);
    ran.says(
        0,
        &[
            "tried `draft` on 3 files: 1 rule: kpi/house (enabled, error)",
            "sales, sales-data: 2 new (2 errors), 0 fixed, 0 unchanged",
            "  new        domains/sales/a.odcs.yaml:3:5 error[kpi/house]: house says no",
            "total: 3 new (3 errors), 0 fixed, 0 unchanged",
            "time of all rules: ",
        ],
    );
    assert_eq!(rows(&json(&mesh, &["draft"])), ["sales 2 0 0", "hr 1 0 0"]);
    let after = mesh.run(&[]);
    assert_eq!(before, after, "nothing is written");
    let markdown = mesh.run(&["policy", "try", "draft", "--format", "markdown"]);
    markdown.says(
        0,
        &[
            "## Tried `draft`: 3 new (3 errors)",
            "| sales | sales-data | 2 | 0 | 0 | 0 | 0 |",
        ],
    );
}

#[test]
fn a_draft_of_the_packs_is_tried_by_its_id() {
    let mesh = mesh();
    let draft = rule("kpi/house", SAYS).replace(
        "severity: error\n",
        "severity: error\n#   state: draft\n#   enforced_from: 2199-01-01\n",
    );
    mesh.file("draft/kpi/house.rego", draft);
    mesh.file("govcheck.yaml", "version: 1\npacks: [draft]\n");
    let ran = mesh.run(&["policy", "try", "kpi/house"]);
    ran.says(
        0,
        &[
            "kpi/house (draft, error)",
            "total: 3 new (3 warnings)",
            "of the new findings, 3 warnings become errors on 2199-01-01 (`kpi/house`)",
        ],
    );
    let document = json(&mesh, &["draft"]);
    assert_eq!(document["becoming_errors"][0]["rules"]["kpi/house"], 3);
    mesh.run(&["policy", "try", "kpi/hous"])
        .refuses(2, &["`kpi/hous` is neither", "did you mean `kpi/house`?"]);
}

#[test]
fn a_rule_takes_the_place_of_the_one_of_the_same_name() {
    let mesh = mesh();
    mesh.file("pack/kpi/house.rego", rule("kpi/house", SAYS));
    mesh.file("govcheck.yaml", "version: 1\npacks: [pack]\n");
    let changed = SAYS.replace("if input.id", r#"if input.id == "c""#);
    mesh.file("draft/kpi/house.rego", rule("kpi/house", &changed));
    mesh.file("draft/kpi/other.rego", rule("kpi/other", SAYS));
    let document = json(&mesh, &["draft/kpi/house.rego"]);
    assert_eq!(rows(&document), ["hr 0 0 1", "sales 0 2 0"]);
    let note = document["notes"][0].as_str().unwrap();
    assert!(note.contains("replaces the existing rule"), "{note}");
    assert_eq!(rows(&json(&mesh, &["draft"])), ["sales 2 2 0", "hr 1 0 1"]);
}

#[test]
fn a_changed_rule_is_compared_with_a_revision() {
    let mesh = mesh();
    mesh.file("govcheck.yaml", "version: 1\npacks: [draft]\n");
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "first"]);
    let changed = SAYS.replace("if input.id", r#"if input.id == "c""#);
    mesh.file("draft/kpi/house.rego", rule("kpi/house", &changed));
    let ran = mesh.run(&["policy", "try", "kpi/house"]);
    ran.says(0, &["total: 0 new, 0 fixed, 1 unchanged", "--against HEAD"]);
    let document = json(&mesh, &["kpi/house", "--against", "HEAD"]);
    assert_eq!(rows(&document), ["hr 0 0 1", "sales 0 2 0"]);
}

/// A rule on changes, and a mesh with one since its first commit.
fn with_a_change() -> Mesh {
    let mesh = mesh();
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "first"]);
    let changes = rule(
        "kpi/moved",
        r#"deny contains {"message": "another name", "at": ["name"]} if input.base.name != input.head.name"#,
    );
    mesh.file(
        "moved/kpi/moved.rego",
        changes.replace("#   entities", "#   scope: change\n#   entities"),
    );
    let contract = std::fs::read_to_string(mesh.path().join("domains/sales/a.odcs.yaml")).unwrap();
    mesh.file(
        "domains/sales/a.odcs.yaml",
        contract.replace("name: a\n", "name: aa\n"),
    );
    mesh
}

#[test]
fn a_rule_on_changes_is_tried_on_those_since_a_base() {
    let mesh = with_a_change();
    mesh.run(&["policy", "try", "moved"])
        .says(0, &["total: 0 new", "pass `--base REV` to try it"]);
    let ran = mesh.run(&["policy", "try", "moved", "--base", "HEAD"]);
    ran.says(
        0,
        &[
            "tried `moved` on 1 changed file since HEAD",
            "domains/sales/a.odcs.yaml:4:7 error[kpi/moved]: another name",
            "total: 1 new (1 error)",
            "µs each of      1  kpi/moved\n",
        ],
    );
    let document = json(&mesh, &["moved", "--base", "HEAD"]);
    assert_eq!(rows(&document), ["sales 1 0 0"]);
    assert_eq!(document["base"]["changed_files"], 1);
    mesh.run(&["policy", "try", "moved", "--base", "nowhere"])
        .refuses(2, &["nowhere"]);
}

#[test]
fn with_a_base_only_what_the_change_brings_counts() {
    let mesh = with_a_change();
    // The rule finds something in each contract, which the base has, too: nobody's pull request fails by it.
    let document = json(&mesh, &["draft", "--base", "HEAD"]);
    assert_eq!(rows(&document), Vec::<String>::new());
    mesh.file("domains/hr/d.odcs.yaml", contract("d"));
    let document = json(&mesh, &["draft", "--base", "HEAD"]);
    assert_eq!(rows(&document), ["sales 1 0 0"]);
}

#[test]
fn the_time_of_each_tried_rule_is_shown() {
    let mesh = mesh();
    let document = json(&mesh, &["draft"]);
    let times = &document["time_differs_from_run_to_run"]["rules"];
    assert_eq!(times.as_array().unwrap().len(), 1);
    assert_eq!(
        (&times[0]["id"], &times[0]["asked"]),
        (&"kpi/house".into(), &3.into())
    );
    assert!(times[0]["after_ms"].as_f64() > Some(0.0));
    mesh.run(&["policy", "try", "draft"])
        .says(0, &["µs each of      3  kpi/house\n"]);
    mesh.run(&["policy", "try", "draft", "--format", "markdown"])
        .says(0, &["by rule: `kpi/house`", "ms for 3 questions._"]);
}

#[test]
fn a_rule_that_is_off_is_tried_as_if_it_were_on() {
    let mesh = mesh();
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [draft]\nrules:\n  kpi: off\n",
    );
    let ran = mesh.run(&["policy", "try", "draft"]);
    ran.says(
        0,
        &[
            "total: 3 new",
            "note: govcheck.yaml:4 rules.kpi turns `kpi/house` off",
        ],
    );
}

#[test]
fn the_exit_code_says_whether_it_could_judge_and_more_if_asked() {
    let mesh = mesh();
    let fail = |level: &str| {
        mesh.run(&["policy", "try", "draft", "--fail-on", level])
            .code
    };
    assert_eq!(fail("error"), Some(1));
    assert_eq!(fail("never"), Some(0));
    mesh.file(
        "domains/sales/broken.odcs.yaml",
        "kind: DataContract\nid: [\n",
    );
    let ran = mesh.run(&["policy", "try", "draft"]);
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    let why = "the check is incomplete: domains/sales/broken.odcs.yaml:2:";
    assert!(ran.err.contains(why), "{}", ran.err);
    let empty = Mesh::git();
    empty.file("draft/kpi/house.rego", rule("kpi/house", SAYS));
    assert_eq!(empty.run(&["policy", "try", "draft"]).code, Some(3));
}

#[test]
fn neither_pack_nor_rule_is_refused() {
    let mesh = mesh();
    for (what, says) in [
        ("domains/sales/a.odcs.yaml", "is not the file of a rule"),
        ("domains", "the pack has neither rules nor formats"),
        ("nowhere", "is neither a folder, a file nor a rule"),
    ] {
        mesh.run(&["policy", "try", what])
            .refuses(2, &[says, "help: "]);
    }
    mesh.file("draft/kpi/house.rego", "package govcheck.kpi.house\n");
    mesh.run(&["policy", "try", "draft"])
        .refuses(2, &["the rule has no METADATA", "draft/kpi/house.rego:1:1"]);
}

#[test]
fn all_but_the_time_is_the_same_in_every_run() {
    let mesh = mesh();
    let run = || {
        let mut document = json(&mesh, &["draft"]);
        let time = document["time_differs_from_run_to_run"].take();
        assert!(time["rules_after_ms"].is_number());
        document
    };
    assert_eq!(run(), run());
}
