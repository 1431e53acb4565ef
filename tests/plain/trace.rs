//! `--trace RULE`: what a rule saw and how far it got.

use super::judged;
use crate::cli::Mesh;

const POLICY: &str = "package main\n\nlimit := 2\n\ndeny contains msg if {\n\tinput.kind == \"Deployment\" # what it is for\n\tsome c in input.containers\n\tnot c.limits\n\tmsg := sprintf(\"%s\", [c.name])\n}\n";

#[test]
fn says_what_held_with_which_values_and_where_it_ended() {
    let mesh = judged(
        POLICY,
        "kind: Deployment\ncontainers: [{name: a, limits: 1}, {name: b}]\n---\nkind: Service\n",
    );
    let ran = mesh.run(&[
        "--policy",
        "policy",
        "--trace",
        "main/deny",
        "--format",
        "json",
    ]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.starts_with('{'), "standard output is the report's");
    let lines: Vec<&str> = ran.err.lines().map(str::trim_end).collect();
    let expected = r#"trace main/deny

document:doc.yaml  doc.yaml
  deny at policy/main.rego:6
    reads input.containers = [{"limits":1,"name":"a"},{"name":"b"}]
    reads input.containers[…]
    reads input.kind = "Deployment"
     held     6 | input.kind == "Deployment"
     held     7 | some c in input.containers
                 c = {"limits":1,"name":"a"}
                 c = {"name":"b"}
     held     8 | not c.limits
                 c = {"name":"b"}
     held     9 | msg := sprintf("%s", [c.name])
                 c = {"name":"b"}, msg = "b"

document:doc.yaml#1  doc.yaml
  deny at policy/main.rego:6
    reads input.containers is absent
    reads input.containers[…]
    reads input.kind = "Service"
    ended     6 | input.kind == "Deployment"  <- true for nothing here
        -     7 | some c in input.containers
        -     8 | not c.limits
        -     9 | msg := sprintf("%s", [c.name])"#;
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn traces_rules_of_packs_on_their_entities_and_the_mesh() {
    let mesh = Mesh::with_rule(
        "house/no-team",
        "deny contains {\"message\": \"x\", \"at\": []} if {\n\tinput.owner.team == \"nobody\"\n}",
    );
    let ran = mesh.run(&["--trace", "house/no-team"]);
    assert!(ran.err.contains("contract:a  a.odcs.yaml"), "{}", ran.err);
    assert!(
        ran.err.contains("reads input.owner.team = \"sales-data\""),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("ended"), "{}", ran.err);
    let ran = mesh.run(&["--trace", "ownership/unknown-team"]);
    assert!(
        ran.err
            .contains("facts at builtin/ownership/unknown-team.rego"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("\nmesh\n"), "{}", ran.err);
}

#[test]
fn a_rule_that_is_not_there_or_not_to_be_traced_is_an_error() {
    let mesh = Mesh::sound();
    let refuses = |rule: &str, parts: &[&str]| {
        mesh.run(&["--trace", rule]).refuses(2, parts);
    };
    refuses(
        "kpi/bad-nam",
        &["unknown rule `kpi/bad-nam`", "did you mean `kpi/bad-name`?"],
    );
    refuses("parse/syntax-error", &["not written in Rego"]);
    refuses(
        "kpi/formula-changed",
        &[
            "checks changes, but there is no base",
            "govcheck --base main --trace kpi/formula-changed",
        ],
    );
}

#[test]
fn a_rule_on_changes_is_traced_on_what_differs_from_the_base() {
    let body = "deny contains {\"message\": \"moved\", \"at\": [\"name\"]} if {\n\tinput.base.name != input.head.name\n\tsome offer in data.mesh.offers\n}";
    let mesh = Mesh::with_rule("house/moved", body);
    let rule = mesh.path().join("pack/house/moved.rego");
    let text = std::fs::read_to_string(&rule).unwrap();
    let text = text.replace("#   entities", "#   scope: change\n#   entities");
    std::fs::write(&rule, text).unwrap();
    mesh.file("same.odcs.yaml", crate::cli::contract("same"));
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "x"]);
    let trace = ["--base", "HEAD", "--trace", "house/moved"];
    let ran = mesh.run(&trace);
    assert!(
        ran.err
            .contains("nothing to trace: the rule checks changes to contract"),
        "{}",
        ran.err
    );
    let contract = crate::cli::contract("a").replace("name: a\n", "name: other\n");
    mesh.git_command(&["mv", "a.odcs.yaml", "moved.odcs.yaml"]);
    mesh.file("moved.odcs.yaml", contract);
    let ran = mesh.run(&trace);
    for part in [
        "contract:a  moved.odcs.yaml\n",
        "reads input.base.name = \"a\"",
        "reads input.head.name = \"other\"",
        "held    12 | input.base.name != input.head.name",
        "ended    13 | some offer in data.mesh.offers  <- true for nothing here",
    ] {
        assert!(ran.err.contains(part), "no {part} in {}", ran.err);
    }
    assert!(!ran.err.contains("contract:same"), "{}", ran.err);
    let elsewhere = mesh.run(&["same.odcs.yaml", "--base", "HEAD", "--trace", "house/moved"]);
    assert!(
        elsewhere.err.contains("nothing to trace"),
        "{}",
        elsewhere.err
    );
}

#[test]
fn a_rule_that_has_nothing_to_look_at_says_so() {
    let ran = Mesh::sound().run(&["--trace", "kpi/incomplete"]);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.err.contains("nothing to trace: the rule checks kpi"),
        "{}",
        ran.err
    );
}
