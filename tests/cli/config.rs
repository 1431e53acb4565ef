//! `govcheck.yaml` and format files with mistakes: refused before anything is judged, with line and nearest name.

use super::{Mesh, orphan};

#[track_caller]
fn refused(config: &str, parts: &[&str]) {
    let mesh = Mesh::sound();
    mesh.file("govcheck.yaml", config);
    mesh.run(&[]).refuses(2, parts);
}

#[test]
fn mistakes_are_reported_with_line_and_nearest_name() {
    refused(
        "version: 1\nruls: {}\n",
        &["govcheck.yaml:2:1: unknown key `ruls`", "`rules`"],
    );
    refused(
        "rules: {kpi/bad-nam: off}\n",
        &[
            "govcheck.yaml:1:9: unknown rule or category `kpi/bad-nam`",
            "did you mean `kpi/bad-name`?",
        ],
    );
    refused(
        "rules: {kpi/bad-name: fatal}\n",
        &["govcheck.yaml:1:23: unknown level `fatal`", "`warning`"],
    );
    refused("version: 2\n", &["govcheck.yaml:1:10: unknown version `2`"]);
    refused(
        "version: [1\n",
        &["govcheck.yaml:1:10: this bracket is never closed"],
    );
    refused(
        "exclude: [\"a[\"]\n",
        &["govcheck.yaml:1:11: invalid glob `a[`"],
    );
}

#[test]
fn options_of_the_wrong_type_are_refused() {
    let option = |option: &str| format!("rules: {{kpi/bad-name: {{options: {{{option}}}}}}}\n");
    refused(
        &option("pattern: 3"),
        &["option `pattern` of rule `kpi/bad-name` is a number; expected text"],
    );
    refused(
        &option("pattern: '('"),
        &[
            "govcheck.yaml:1:34: ",
            "invalid regular expression `(`",
            "unclosed group",
        ],
    );
    refused(
        &option("patern: a"),
        &["has no option `patern`", "did you mean `pattern`?"],
    );
}

#[test]
fn a_misnamed_config_is_reported() {
    let mesh = Mesh::sound();
    mesh.file("govcheck.yml", "version: 1\n");
    mesh.run(&[]).refuses(
        2,
        &[
            "govcheck.yml: govcheck reads its configuration from `govcheck.yaml` only",
            "git mv",
        ],
    );
}

#[test]
fn a_config_by_nearly_its_name_is_never_ignored() {
    for name in [
        ".govcheck.yaml",
        ".govcheck.yml",
        "govcheck.toml",
        "GovCheck.yaml",
        "govcheck.json",
    ] {
        let mesh = Mesh::git();
        mesh.file("domains/a.odcs.yaml", orphan("a"))
            .file(name, "{\"rules\": {\"ownership\": \"off\"}}\n");
        let told = format!("{name}: govcheck reads its configuration from `govcheck.yaml` only");
        mesh.run(&[]).refuses(2, &[&told]);
        mesh.run_in("domains", &[]).refuses(2, &[&told]);
        mesh.file("govcheck.yaml", "version: 1\n");
        mesh.run(&[]).refuses(2, &[&told, "delete it"]);
        std::fs::remove_file(mesh.path().join(name)).unwrap();
        mesh.run(&["-q"]).says(0, &[]);
    }
}

#[test]
fn a_report_beside_the_manifests_is_not_a_config() {
    let mesh = Mesh::sound();
    mesh.run(&["--output", "json=govcheck.json", "-q"])
        .says(0, &[]);
    mesh.run(&["-q"]).says(0, &[]);
}

#[test]
fn a_misnamed_config_of_a_revision_is_reported_unless_the_change_adds_it() {
    let mesh = Mesh::sound();
    mesh.file(".govcheck.yaml", "version: 1\n");
    mesh.git_command(&["add", "-f", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    let arguments = ["--base", "HEAD", "--policies-from", "HEAD", "-q"];
    mesh.run(&arguments)
        .refuses(2, &[".govcheck.yaml of HEAD", "from `govcheck.yaml` only"]);
    mesh.git_command(&["mv", ".govcheck.yaml", "govcheck.yaml"]);
    mesh.run(&arguments).says(0, &[]);
}

#[test]
fn a_config_for_another_version_is_refused_by_every_command() {
    let mesh = Mesh::sound();
    mesh.file(
        "govcheck.yaml",
        "version: 1\nrequired_version: \">=90, <91\"\n",
    );
    let told = [
        concat!(
            "govcheck.yaml:2:19: this is govcheck ",
            env!("CARGO_PKG_VERSION")
        ),
        "the config requires `>=90, <91`",
        "cargo install govcheck --version '>=90, <91'",
        "pip install 'govcheck>=90,<91'",
    ];
    for command in [
        &["check"][..],
        &["rules"],
        &["explain", "kpi/bad-name"],
        &["waivers"],
    ] {
        mesh.run(command).refuses(2, &told);
    }
    mesh.file(
        "govcheck.yaml",
        concat!("required_version: \"", env!("CARGO_PKG_VERSION"), "\"\n"),
    );
    mesh.run(&["-q"]).says(0, &[]);
}

#[test]
fn options_of_rules_that_have_none_are_refused() {
    refused(
        "rules: {waivers/unused: {options: {days: 3}}}\n",
        &[
            "govcheck.yaml:1:36: rule `waivers/unused` has no option `days`",
            "the rule has no options",
        ],
    );
}

#[test]
fn levels_and_fail_on_decide_the_exit_code() {
    let mesh = Mesh::git();
    mesh.file("a.odcs.yaml", orphan("a"))
        .file("register.yaml", super::REGISTER);
    mesh.run(&["-q"]).says(1, &["1 error in 1 of 2 files"]);
    mesh.file(
        "govcheck.yaml",
        "rules: {ownership/unknown-team: warning}\n",
    );
    mesh.run(&["-q"]).says(0, &["1 warning"]);
    mesh.run(&["-q", "--fail-on", "warning"])
        .says(1, &["1 warning"]);
    mesh.file("govcheck.yaml", "rules: {ownership: off}\n");
    mesh.run(&["-q"]).says(0, &["All good"]);
    mesh.file(
        "govcheck.yaml",
        "rules: {ownership/unknown-team: {enforced_from: 2030-01-01}}\n",
    );
    mesh.run(&["-q", "--today", "2029-12-31"])
        .says(0, &["1 warning"]);
    mesh.run(&["-q", "--today", "2030-01-01"])
        .says(1, &["1 error"]);
    mesh.run(&["-q", "--today", "2030-01-01", "--fail-on", "never"])
        .says(0, &["1 error"]);
}

#[test]
fn mistakes_in_a_format_file_are_at_their_line() {
    const GOOD: &str = "format: house\ntitle: House\nrecognise:\n  all:\n    - {path: kind, equals: House}\nentities:\n  - kind: contract\n    key: id\n    fields:\n      id: id\n      name: name\n";
    let cases = [
        (
            GOOD.replace("title", "titel"),
            "unknown key `titel`",
            "h.yaml:2:1",
        ),
        (
            GOOD.replace("name: name", "nam: name"),
            "did you mean `name`?",
            "h.yaml:11:7",
        ),
        (
            GOOD.replace("kind: contract", "kind: contrat"),
            "did you mean `contract`?",
            "h.yaml:7:",
        ),
        (
            GOOD.replace("equals: House", "matches: '('"),
            "regular expression",
            "h.yaml:5:",
        ),
        ("format: [house\n".to_owned(), "bracket", "h.yaml:1:9"),
        (
            GOOD.replace("format: house", "format: odcs"),
            "format `odcs` is already defined",
            "h.yaml:1:",
        ),
    ];
    for (text, message, place) in cases {
        let mesh = Mesh::sound();
        mesh.file("govcheck.yaml", "packs: [pack]\n")
            .file("pack/formats/h.yaml", text);
        mesh.run(&[]).refuses(2, &[message, place, "help: "]);
    }
    let mesh = Mesh::git();
    mesh.file("govcheck.yaml", "packs: [pack]\n")
        .file("pack/formats/h.yaml", GOOD);
    mesh.file("a.yaml", "kind: House\nid: a\n");
    mesh.run(&["model", "a.yaml"])
        .says(0, &["contract:a (house)"]);
}
