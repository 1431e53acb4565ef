//! `govcheck policy new`: its files pass at once, and existing files stay.

use crate::cli::Mesh;

#[test]
fn a_new_rule_of_every_scope_and_kind_passes_its_examples_at_once() {
    let mesh = Mesh::git();
    mesh.file("govcheck.yaml", "version: 1\npacks: [rules]\n");
    mesh.file("rules/lib/x.rego", "package govcheck.lib.x\n");
    mesh.file(
        "rules/a/b.rego",
        crate::cli::rule(
            "a/b",
            "deny contains {\"message\": \"m\", \"at\": [\"id\"]} if input.id == \"x\"",
        ),
    );
    let all = "product,contract,kpi,term,team,domain,classification,tag";
    for scope in ["entity", "mesh", "change"] {
        let id = format!("house/of-{scope}");
        mesh.run(&["policy", "new", &id, "--scope", scope, "--entities", all])
            .says(
                0,
                &[
                    &format!("wrote  rules/{id}.rego\nwrote  rules/{id}.yaml\n"),
                    "next   `govcheck policy test rules --run house/of-",
                    &format!("next   `govcheck policy try rules/{id}.rego`"),
                ],
            );
    }
    mesh.run(&["policy", "test", "--run", "house/"])
        .says(0, &["51 passed · 51 examples"]);
    let text = std::fs::read_to_string(mesh.path().join("rules/house/of-change.yaml")).unwrap();
    assert_eq!(text.matches("message: ").count(), 8, "{text}");
}

#[test]
fn a_new_rule_is_a_draft_and_documents_its_life() {
    let mesh = Mesh::git();
    mesh.file("govcheck.yaml", "version: 1\npacks: [rules]\n");
    mesh.file("rules/lib/x.rego", "package govcheck.lib.x\n");
    mesh.file(
        "rules/a/b.rego",
        crate::cli::rule(
            "a/b",
            "deny contains {\"message\": \"m\", \"at\": [\"id\"]} if input.id == \"x\"",
        ),
    );
    mesh.file("todo.odcs.yaml", crate::cli::contract("todo"));
    mesh.run(&["policy", "new", "house/named", "--entities", "contract"])
        .says(0, &["delete `state: draft` to turn the rule on"]);
    let path = mesh.path().join("rules/house/named.rego");
    let text = std::fs::read_to_string(&path).unwrap();
    for step in ["draft", "grace", "deprecated"] {
        assert!(text.contains(&format!("# - `state: {step}`")), "{text}");
    }
    for key in ["enforced_from", "successor", "aliases"] {
        assert!(text.contains(&format!("`{key}")), "{text}");
    }
    let own = |mesh: &Mesh| -> Vec<String> {
        let (_, findings) = mesh.findings(&[]);
        findings
            .into_iter()
            .filter(|it| it.contains("house/named"))
            .collect()
    };
    assert_eq!(own(&mesh), [""; 0], "a draft judges nothing");
    std::fs::write(path, text.replace("#   state: draft\n", "")).unwrap();
    assert_eq!(own(&mesh), ["house/named todo.odcs.yaml:4:7"]);
}

#[test]
fn without_a_pack_one_is_made_and_the_config_line_is_shown() {
    let mesh = Mesh::git();
    mesh.run(&["policy", "new", "kpi/missing-grain", "--entities", "kpi"])
        .says(
            0,
            &[
                "wrote  governance/policies/kpi/missing-grain.rego",
                "next   add `packs: [\"governance/policies\"]` to `govcheck.yaml`",
            ],
        );
    mesh.run(&["policy", "test", "governance/policies"])
        .says(0, &["3 passed"]);
    mesh.run(&["policy", "new", "kpi/other", "--pack", "drafts"])
        .says(0, &["wrote  drafts/kpi/other.rego"]);
}

#[test]
fn malformed_taken_and_existing_names_are_refused_with_the_next_step() {
    let mesh = Mesh::git();
    for id in [
        "grain",
        "Kpi/grain",
        "kpi/a/b",
        "kpi/",
        "../x",
        "kpi/-a",
        "kpi/a_b",
    ] {
        mesh.run(&["policy", "new", id])
            .refuses(2, &["invalid rule id", "write `<category>/<name>`"]);
    }
    mesh.run(&["policy", "new", "lib/x"])
        .refuses(2, &["`lib` holds libraries"]);
    mesh.run(&["policy", "new", "kpi/bad-name"]).refuses(
        2,
        &[
            "rule `kpi/bad-name` already exists in pack `builtin`",
            "govcheck explain kpi/bad-name",
        ],
    );
    mesh.run(&["policy", "new", "kpi/x", "--entities", "kpis"])
        .refuses(2, &["did you mean `kpi`?"]);
    mesh.run(&["policy", "new", "kpi/x", "--pack", "../out"])
        .refuses(2, &["is not a folder below the root of the mesh"]);
    mesh.file("governance/policies/kpi/x.yaml", "# mine\n");
    mesh.run(&["policy", "new", "kpi/x"]).refuses(
        2,
        &[
            "`governance/policies/kpi/x.yaml` already exists",
            "nothing was written",
        ],
    );
    assert!(!mesh.path().join("governance/policies/kpi/x.rego").exists());
}
