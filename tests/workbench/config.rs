//! Configs that build on others, and their effect: presets, `extends`, `govcheck config show`, notes on ineffective settings.

use crate::cli::{Mesh, contract, orphan, rule};

fn mesh(config: &str) -> Mesh {
    let mesh = Mesh::git();
    mesh.file("domains/sales/a.odcs.yaml", contract("a"));
    mesh.file("govcheck.yaml", config);
    mesh
}

#[test]
fn a_mesh_can_begin_with_little_and_become_strict() {
    let mesh = mesh("version: 1\nextends: minimal\n");
    mesh.run(&[]).says(0, &["All good", "against 7 rules"]);
    mesh.file("govcheck.yaml", "version: 1\n");
    let standard = mesh.run(&["--format", "json"]).out;
    mesh.file("govcheck.yaml", "version: 1\nextends: standard\n");
    assert_eq!(mesh.run(&["--format", "json"]).out, standard);
    mesh.file("govcheck.yaml", "version: 1\nextends: strict\n");
    mesh.run(&[])
        .says(1, &["error[ownership/no-accountable-person]"]);
}

#[test]
fn what_holds_for_a_file_is_shown_with_what_decided_it() {
    let mesh = mesh(
        "version: 1\nextends: [strict, governance/common.yaml]\nrules:\n  kpi: note\noverrides:\n\
         - files: ['domains/sales/**']\n  rules: {lineage/cycle: {level: error, enforced_from: 2199-01-01}}\n",
    );
    mesh.file(
        "governance/common.yaml",
        "title: All domains\nrules:\n  trust: warning\n",
    );
    let ran = mesh.run(&["config", "show", "domains/sales/a.odcs.yaml"]);
    let squeezed = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Settings for domains/sales/a.odcs.yaml:",
        "extends, lowest priority first: preset strict, governance/common.yaml",
        "kpi/bad-name note govcheck.yaml:4 rules.kpi max_length: 50: preset strict, builtin/presets/strict.yaml:9 rules.kpi/bad-name",
        "trust/no-retention warning governance/common.yaml:3 rules.trust",
        "issues/untracked error preset strict, builtin/presets/strict.yaml:3 others",
        "lineage/cycle warning govcheck.yaml:7 overrides[0].rules.lineage/cycle error from 2199-01-01: govcheck.yaml:7",
        "waivers/unused warning METADATA",
    ] {
        assert!(squeezed.contains(part), "{part}\n{}", ran.out);
    }
    let whole = mesh.run(&["config", "show"]);
    whole.says(
        0,
        &[
            "Settings without overrides:",
            "govcheck.yaml:6 overrides[0]  domains/sales/**: lineage/cycle (1 of ",
        ],
    );
    let json = mesh.run(&["config", "show", "--format", "json"]).out;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rules = document["rules"].as_array().unwrap();
    let of = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap();
    let by = &of("kpi/bad-name")["options"]["pattern"]["by"];
    assert_eq!(by, "METADATA");
    assert_eq!(of("lineage/cycle")["level"]["value"], "error");
}

#[test]
fn a_folder_is_not_asked_for_what_may_differ_in_it() {
    let mesh = mesh("version: 1\n");
    mesh.run(&["config", "show", "domains"]).refuses(
        2,
        &[
            "`domains` is a folder",
            "govcheck config show domains/sales/a.odcs.yaml",
        ],
    );
    mesh.run(&["config", "show", "domains/b.yaml"])
        .refuses(2, &["`domains/b.yaml` does not exist"]);
}

#[test]
fn a_pack_may_hold_only_presets() {
    let mesh =
        mesh("version: 1\npacks: [governance/presets-of-ours]\nextends: [standard, house]\n");
    mesh.file(
        "governance/presets-of-ours/presets/house.yaml",
        "rules:\n  ownership/unknown-team: note\n",
    );
    mesh.file("domains/sales/b.odcs.yaml", orphan("b"));
    mesh.file(
        "register.yaml",
        "apiVersion: govcheck/v1\nkind: Register\nteams: [{name: sales-data}]\n",
    );
    mesh.run(&[]).says(0, &["note[ownership/unknown-team]"]);
}

#[test]
fn mistakes_in_extended_files_end_the_run_with_file_and_line() {
    for (config, says) in [
        (
            "extends: strickt\n",
            "govcheck.yaml:1:10: there is no preset `strickt`",
        ),
        (
            "extends: gone.yaml\n",
            "govcheck.yaml:1:10: there is no file `gone.yaml`",
        ),
        (
            "extends: ring.yaml\n",
            "ring.yaml:1:10: `ring.yaml` extends itself",
        ),
        (
            "extends: names.yaml\n",
            "names.yaml:2:3: unknown rule or category `kpy`",
        ),
    ] {
        let mesh = mesh(config);
        mesh.file("ring.yaml", "extends: ring.yaml\n");
        mesh.file("names.yaml", "rules:\n  kpy: off\n");
        mesh.run(&[]).refuses(2, &[says, "help: "]);
    }
}

#[test]
fn extended_files_come_from_the_revision_that_judges() {
    let mesh = mesh("version: 1\nextends: common.yaml\n");
    mesh.file("domains/sales/b.odcs.yaml", orphan("b"));
    mesh.file(
        "register.yaml",
        "apiVersion: govcheck/v1\nkind: Register\nteams: [{name: sales-data}]\n",
    );
    mesh.file("common.yaml", "rules: {ownership/unknown-team: error}\n");
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "first"]);
    mesh.file("common.yaml", "rules: {ownership/unknown-team: off}\n");
    mesh.run(&[]).says(0, &[]);
    let judged = mesh.run(&["--policies-from", "HEAD"]);
    judged.says(
        1,
        &[
            "error[ownership/unknown-team]",
            "note[policies/not-in-force]",
            "this change to `common.yaml` is not in force",
        ],
    );
}

#[test]
fn options_that_a_rule_can_not_take_have_a_line() {
    let mesh = mesh(
        "version: 1\nrules:\n  kpi/bad-name:\n    options:\n      max_lenght: 3\n      pattern: 4\n",
    );
    mesh.run(&[]).refuses(
        2,
        &[
            "govcheck.yaml:5:7: rule `kpi/bad-name` has no option `max_lenght`",
            "did you mean `max_length`?",
            "govcheck.yaml:6:7: option `pattern` of rule `kpi/bad-name` is a number",
        ],
    );
}

#[test]
fn what_a_config_says_in_vain_is_a_note_at_its_line() {
    let mesh = mesh(
        "version: 1\npacks: [pack]\nrules:\n  kpi/older: warning\noverrides:\n- files: ['domains/slaes/**']\n  rules: {kpi: off}\n",
    );
    let body = r#"deny contains {"message": "seen", "at": ["id"]} if input.id"#;
    let aliased = rule("kpi/newer", body).replace(
        "severity: error\n",
        "severity: error\n#   aliases: [kpi/older]\n",
    );
    mesh.file("pack/kpi/newer.rego", aliased);
    let ran = mesh.run(&[]);
    ran.says(
        0,
        &[
            "warning[kpi/newer]",
            "note[config/renamed-rule]: `kpi/older` is now called `kpi/newer`",
            "note[config/unmatched-override]:",
        ],
    );
    let (_, found) = mesh.findings(&[]);
    for place in [
        "config/renamed-rule govcheck.yaml:4:3",
        "config/unmatched-override govcheck.yaml:6:11",
    ] {
        assert!(found.iter().any(|it| it == place), "{place}: {found:?}");
    }
    mesh.run(&["explain", "kpi/older"]).says(
        0,
        &["`kpi/older` is now `kpi/newer`.", "kpi/newer: House rule"],
    );
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "first"]);
    mesh.file("domains/sales/a.odcs.yaml", contract("a") + "\n");
    let against = mesh.run(&["--base", "HEAD"]);
    let out = &against.out;
    assert!(!out.contains("config/"), "not of this change: {out}");
}
