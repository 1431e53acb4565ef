//! `govcheck policy new-format`, and the examples of formats that `govcheck policy test` runs.

use crate::cli::Mesh;

const FORMAT: &str = "governance/policies/formats/card.yaml";
const EXAMPLES: &str = "governance/policies/formats/examples/card.yaml";

fn read(mesh: &Mesh, path: &str) -> String {
    std::fs::read_to_string(mesh.path().join(path)).unwrap()
}

fn scaffolded() -> Mesh {
    let mesh = Mesh::git();
    mesh.run(&["policy", "new-format", "card"]).says(
        0,
        &[
            &format!("wrote  {FORMAT}\nwrote  {EXAMPLES}\n"),
            "next   add `packs: [\"governance/policies\"]` to `govcheck.yaml`",
            "--run formats/card --update",
            "govcheck model FILE --explain",
        ],
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [governance/policies]\n",
    );
    mesh
}

fn changed(mesh: &Mesh, path: &str, from: &str, to: &str) {
    let text = read(mesh, path);
    assert!(text.contains(from), "{text}");
    mesh.file(path, text.replace(from, to));
}

#[test]
fn a_new_format_of_each_kind_passes_its_tests_and_checks_at_once() {
    let mesh = Mesh::git();
    for (name, kind) in [("card", "contract"), ("data-app", "product")] {
        mesh.run(&["policy", "new-format", name, "--kind", kind, "--shapes"])
            .says(
                0,
                &[&format!(
                    "wrote  governance/policies/formats/shapes/{name}.yaml"
                )],
            );
    }
    mesh.run(&["policy", "test", "governance/policies"]).says(
        0,
        &["2 passed · 0 examples, 2 format examples and 0 Rego tests"],
    );
    mesh.run(&["policy", "check", "governance/policies"])
        .says(0, &["All good"]);
    for (path, key) in [
        (EXAMPLES, "contract:orders:"),
        (
            "governance/policies/formats/examples/data-app.yaml",
            "product:orders:",
        ),
    ] {
        assert!(read(&mesh, path).contains(key));
    }
}

#[test]
fn documents_of_a_new_format_are_judged() {
    let mesh = scaffolded();
    mesh.file(
        "x.card.yaml",
        "card_version: 1\ndataset: {id: x, owner: crm}\nfields: [{name: mail}]\n",
    );
    mesh.run(&["model", "x.card.yaml"])
        .says(0, &["contract:x (card)", "columns[mail].name"]);
    let (code, findings) = mesh.findings(&[]);
    assert_eq!(code, Some(1));
    assert!(
        findings.contains(&"documentation/missing-purpose x.card.yaml:2:1".to_owned()),
        "{findings:?}"
    );
}

#[test]
fn a_broken_path_fails_the_example_field_by_field_and_update_takes_it_over() {
    let mesh = scaffolded();
    changed(
        &mesh,
        FORMAT,
        "domain: dataset.domain",
        "domain: dataset.area",
    );
    changed(&mesh, EXAMPLES, "status: \"active\"", "status: \"gone\"");
    let ran = mesh.run(&["policy", "test"]);
    ran.says(
        1,
        &[
            "FAIL  formats/card · a document with every field\n      governance/policies/formats/examples/card.yaml:4\n",
            "      contract:orders domain: expected \"sales\", got nothing\n",
            "      contract:orders status: expected \"gone\", got \"active\"\n",
        ],
    );
    assert!(!ran.out.contains("contract:orders name"), "{}", ran.out);
    let json = mesh.run(&["policy", "test", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let schema: serde_json::Value =
        serde_json::from_str(&mesh.run(&["schema", "policy-test"]).out).unwrap();
    assert!(jsonschema::is_valid(&schema, &report), "{}", json.out);
    assert_eq!(report["tests"][0]["kind"], "format");
    assert_eq!(
        report["tests"][0]["differences"][0]["field"]["expected"],
        "\"sales\""
    );
    mesh.run(&["policy", "test", "--format", "junit"])
        .says(1, &["contract:orders domain: got nothing, expected"]);
    let before = read(&mesh, EXAMPLES);
    mesh.run(&["policy", "test", "--update"])
        .says(0, &["1 passed"]);
    let expected = before
        .replace("        domain: \"sales\"\n", "")
        .replace("\"gone\"", "\"active\"");
    assert_eq!(read(&mesh, EXAMPLES), expected);
}

#[test]
fn an_undeclared_entity_is_reported() {
    let mesh = scaffolded();
    changed(&mesh, EXAMPLES, "contract:orders:", "contract:returns:");
    mesh.run(&["policy", "test"]).says(
        1,
        &[
            "contract:orders: expected nothing, got declared",
            "contract:returns: expected declared, got nothing",
        ],
    );
    changed(
        &mesh,
        EXAMPLES,
        read(&mesh, EXAMPLES)
            .split_at(read(&mesh, EXAMPLES).find("    declares:").unwrap())
            .1,
        "    declares:\n",
    );
    mesh.run(&["policy", "test"])
        .says(1, &["`declares:` has no value, and the format reads"]);
}

#[test]
fn an_example_that_its_format_does_not_read_is_an_error_with_the_reason() {
    for (from, to, reason) in [
        (
            "        card_version: 1\n",
            "        card_vresion: 1\n",
            "document looks like Card, but `card_version` is written `card_vresion`",
        ),
        (
            "      orders.card.yaml: |\n        card_version: 1\n",
            "      orders.yaml: |\n        a: 1\n",
            "`orders.yaml` is not recognised as `card`, but as no format",
        ),
        (
            "        dataset:\n          id: orders\n",
            "        dataset: [\n          id: orders\n",
            "`orders.card.yaml`: ",
        ),
    ] {
        let mesh = scaffolded();
        changed(&mesh, EXAMPLES, from, to);
        mesh.run(&["policy", "test"])
            .says(2, &["ERROR formats/card", reason]);
    }
    let mesh = Mesh::git();
    mesh.run(&["policy", "new-format", "card", "--shapes"])
        .says(0, &[]);
    changed(&mesh, EXAMPLES, "state: live", "state: lvie");
    mesh.run(&["policy", "test", "governance/policies"]).says(
        2,
        &["`orders.card.yaml` does not fit the shapes of its format: at `dataset.state`"],
    );
}

#[test]
fn invalid_files_of_examples_are_named_by_test_and_check() {
    let mesh = scaffolded();
    std::fs::rename(
        mesh.path().join(EXAMPLES),
        mesh.path().join(EXAMPLES.replace("card", "crad")),
    )
    .unwrap();
    for command in ["test", "check"] {
        let ran = mesh.run(&["policy", command]);
        ran.says(
            if command == "test" { 2 } else { 1 },
            &[
                "unknown format `crad`",
                "did you mean `formats/examples/card.yaml`?",
            ],
        );
    }
    mesh.file(EXAMPLES.replace("card", "crad").as_str(), "examples: []\n");
    mesh.file(EXAMPLES, "examples:\n  - {name: a, files: {}}\n");
    mesh.run(&["policy", "check"]).says(
        1,
        &[
            "this file does not hold examples of a format",
            "missing field `declares`",
        ],
    );
}

#[test]
fn a_name_that_is_malformed_or_taken_is_refused_and_nothing_is_written() {
    let mesh = Mesh::git();
    for name in ["Card", "card_x", "a/b", "card-", "../x", ""] {
        mesh.run(&["policy", "new-format", name])
            .refuses(2, &["invalid format name", "`dataset-card`"]);
    }
    mesh.run(&["policy", "new-format", "odcs"]).refuses(
        2,
        &["format `odcs` already exists in `builtin/formats/odcs.yaml`"],
    );
    mesh.file(EXAMPLES, "# mine\n");
    mesh.run(&["policy", "new-format", "card"]).refuses(
        2,
        &[
            "`governance/policies/formats/examples/card.yaml` already exists",
            "nothing was written",
        ],
    );
    assert!(!mesh.path().join(FORMAT).exists());
    mesh.run(&["policy", "new-format", "other", "--pack", "../out"])
        .refuses(2, &["is not a folder below the root of the mesh"]);
}

#[test]
fn a_format_outside_its_folder_is_an_error_that_says_where_it_belongs() {
    let mesh = scaffolded();
    let format = read(&mesh, FORMAT);
    std::fs::remove_file(mesh.path().join(FORMAT)).unwrap();
    for (path, meant) in [
        ("card.yaml", "move it to `formats/card.yaml`"),
        ("format/card.yml", "move it to `formats/card.yml`"),
        ("formats/shapes/card.yaml", "move it to `formats/card.yaml`"),
    ] {
        let full = format!("governance/policies/{path}");
        mesh.file(&full, format!("# {path}\n\n{format}"));
        mesh.run(&[]).refuses(
            2,
            &[
                &format!("`{path}` is a format outside `formats/`, so no run loads it"),
                &format!("{full}:"),
                meant,
            ],
        );
        mesh.run(&["policy", "check"])
            .says(1, &["policy/invalid-format", meant]);
        std::fs::remove_file(mesh.path().join(full)).unwrap();
    }
    mesh.file(
        "governance/policies/shapes/card.yaml",
        "format: card\ndocument: d\nshapes: {}\n",
    );
    mesh.run(&[]).refuses(
        2,
        &[
            "the shapes of a format outside `formats/shapes/`",
            "governance/policies/shapes/card.yaml:1:1",
        ],
    );
}
