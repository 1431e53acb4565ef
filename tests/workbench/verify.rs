//! `govcheck policy verify`: the same questions to several engines.

use std::os::unix::fs::PermissionsExt;

use crate::cli::Mesh;

/// A rule that both engines answer alike.
const ALIKE: &str =
    r#"deny contains {"message": "no purpose", "at": ["description"]} if not input.description"#;

/// The interpreter drops the whole set where one value in its head is undefined; OPA and the register VM skip it.
const UNLIKE: &str = r#"roles contains person.role if some person in input.owner.people

deny contains {"message": role, "at": ["owner"]} if some role in roles"#;

/// A mesh with a rule of its own, and few of the built-in ones.
fn alone(rule: &str) -> Mesh {
    let mesh = Mesh::with_rule("kpi/house", rule);
    let off = [
        "definitions",
        "discovery",
        "documentation",
        "interoperability",
        "issues",
        "lifecycle",
        "lineage",
        "ownership",
        "security",
        "trust",
    ];
    let off: String = off.map(|category| format!("  {category}: off\n")).concat();
    mesh.file(
        "govcheck.yaml",
        format!("version: 1\npacks: [pack]\nrules:\n{off}"),
    );
    mesh
}

#[test]
fn engines_that_agree_are_clean() {
    let mesh = alone(ALIKE);
    let ran = mesh.run(&["policy", "verify"]);
    ran.says(0, &["interpreter of regorus"]);
    assert!(!ran.out.contains("smallest input"), "{}", ran.out);
}

#[test]
fn a_difference_is_reported_with_the_smallest_input() {
    let mesh = alone(UNLIKE);
    let people = "  members: [{username: ann, role: owner}, {username: bob}]\n";
    let contract = crate::cli::contract("b").replace("team: {name: sales-data}\n", "");
    mesh.file(
        "b.odcs.yaml",
        format!("{contract}team:\n  name: sales-data\n{people}"),
    );
    let ran = mesh.run(&["policy", "verify"]);
    ran.says(
        1,
        &[
            "data.govcheck.kpi.house.deny: different for 1 input",
            "in: contract:b in b.odcs.yaml",
            "\"message\":\"owner\"",
        ],
    );
    let json = mesh.run(&["policy", "verify", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let path = json.pointer("/engines/0/differences/0/path").unwrap();
    assert_eq!(path, "data.govcheck.kpi.house.deny");
}

#[test]
fn a_program_other_than_opa_is_an_error() {
    let mesh = alone(ALIKE);
    let missing = mesh.run(&["policy", "verify", "--opa", "no/such/opa"]);
    missing.refuses(2, &["cannot run `no/such/opa`", "--opa"]);
    let other = mesh.run(&["policy", "verify", "--opa", "true"]);
    other.refuses(2, &["`true version` did not print a version"]);
}

/// A program that answers as `opa` does, with something of its own.
fn opa(mesh: &Mesh, answer: &str) -> String {
    program(mesh, &format!("echo '{answer}'"))
}

/// A program that has a version, and does this when it is asked.
fn program(mesh: &Mesh, does: &str) -> String {
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = version ]; then echo 'Version: 1.0.0'; exit; fi\n{does}\n"
    );
    mesh.file("opa.sh", text);
    let path = mesh.path().join("opa.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn a_different_answer_of_opa_is_reported() {
    let mesh = alone(ALIKE);
    let program = opa(
        &mesh,
        r#"{"errors": [{"message": "rego_type_error: of the test"}]}"#,
    );
    let ran = mesh.run(&["policy", "verify", "--opa", &program]);
    ran.says(1, &["opa 1.0.0", "rego_type_error: of the test"]);
}

#[test]
fn a_module_that_opa_does_not_take_is_named_and_no_rule_is_blamed() {
    let mesh = alone(ALIKE);
    let program = opa(
        &mesh,
        r#"{"errors": [{"message": "of the test", "code": "rego_parse_error", "location": {"file": "/tmp/x/modules/0.rego", "row": 7}}]}"#,
    );
    let ran = mesh.run(&["policy", "verify", "--opa", &program]);
    ran.refuses(2, &["`opa` refuses `", ".rego:7`: of the test"]);
}

/// One input on which an evaluation ends takes all of its run with it: the others are asked again without it.
#[test]
fn an_input_that_ends_a_run_is_isolated() {
    let mesh = alone(ALIKE);
    let program = program(
        &mesh,
        r#"for file in "$@"; do case "$file" in */data.json) data=$file;; esac; done
if grep -q poison "$data"; then
  echo '{"errors": [{"message": "ended", "code": "eval_conflict_error"}]}'
else
  echo '{"result": [{"expressions": [{"value": {}}]}]}'
fi"#,
    );
    for (id, said) in [("poison", "undefined"), ("p", "ended")] {
        let long = format!("{id}-which-is-a-much-longer-name");
        let poisoned = crate::cli::contract(if id == "p" { "poison" } else { &long });
        let sound = crate::cli::contract(if id == "p" { &long } else { "q" });
        mesh.file("b.odcs.yaml", poisoned);
        mesh.file("a.odcs.yaml", sound);
        let ran = mesh.run(&["policy", "verify", "--opa", &program]);
        let shown = format!("opa 1.0.0: {said}");
        ran.says(1, &["house.deny: different for 2 inputs", &shown]);
    }
}
