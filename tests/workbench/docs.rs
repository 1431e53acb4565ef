//! `govcheck policy docs`: pages of rules, and the links to them.

use std::fs;
use std::path::Path;

use crate::cli::{Mesh, command, ran, rule};

const QUIET: &str = r#"deny contains {"message": "never", "at": ["id"]} if input.id == "nowhere""#;
const LOUD: &str = r#"deny contains {"message": "found", "at": ["id"]} if input.id"#;

fn page(mesh: &Mesh, path: &str) -> String {
    fs::read_to_string(mesh.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_pages_of_the_builtin_rules_are_as_the_rules_have_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = command(root, &["policy", "docs", "policies", "--check"]).output();
    ran(&output.unwrap(), root).says(0, &["all up to date"]);
}

#[test]
fn a_page_has_all_that_a_rule_says() {
    let mesh = Mesh::with_rule("kpi/house", QUIET);
    let metadata = "# METADATA\n# title: House_rule | *of* Acme\n# description: |-\n#   Checks <b>it</b>.\n#   # no heading\n\
                    # related_resources: [{ref: \"https://acme.example/a\", description: The book}, {ref: \"javascript:x\"}]\n\
                    # custom:\n#   severity: error\n#   scope: entity\n#   entities: [contract, product]\n#   help: Mend it.\n\
                    #   since: 1.2.0\n#   state: grace\n#   enforced_from: 2027-03-01\n#   aliases: [kpi/home]\n#   inline: true\n\
                    #   options: {names: [a, b], limit: 3}\n#   option_docs: {limit: How many.}\n";
    mesh.file(
        "pack/kpi/house.rego",
        format!("{metadata}package govcheck.kpi.house\n\n{QUIET}\n"),
    );
    mesh.file(
        "pack/kpi/house.yaml",
        "examples:\n  - name: one\n    files:\n      a.yaml: |\n        id: x\n        note: ```\n    config: {version: 1}\n    \
         finds:\n      - {at: \"a.yaml:1:5-6\", on: x, message: \"never\"}\n  - name: none\n    files: {b.yaml: \"id: y\"}\n    finds: []\n",
    );
    mesh.run(&["policy", "docs", "pack"]).says(
        0,
        &[
            "pack/README.md: written",
            "pack/kpi/README.md: written",
            "2 pages, 2 updated",
        ],
    );
    let text = page(&mesh, "pack/kpi/README.md");
    for part in [
        "\n## house\n\n**House_rule \\| \\*of\\* Acme**\n",
        "`kpi/house` · error · scope entity: judges each `contract` or `product` by itself",
        "Checks &lt;b&gt;it&lt;/b&gt;.\n\\# no heading\n",
        "**Bad:** one\n\n`a.yaml`\n\n````yaml\nid: x\nnote: ```\n````\n",
        "`govcheck.yaml`\n\n```yaml\nversion: 1\n```",
        "a.yaml:1:5: error[kpi/house]: never\n1 | id: x\n  |     ^\n",
        "**Good:** none\n\n`b.yaml`",
        "**How to fix:** Mend it.",
        "| `limit` | How many. | `3` |",
        "rules:\n  kpi/house:\n    options:\n      names: [\"a\", \"b\"]\n      limit: 3\n",
        "**Status:** since 1.2.0; in its grace period; a warning before `2027-03-01`, an error from then on; formerly `kpi/home`, which keeps working; \
         can be waived in the waivers file or by a comment in the manifest.",
        "- [The book](https://acme.example/a)\n- javascript:x\n",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    let index = page(&mesh, "pack/README.md");
    let row =
        "| [kpi/house](kpi/README.md#house) | House_rule \\| \\*of\\* Acme | error | entity |";
    assert!(index.contains(row), "{index}");
}

#[test]
fn a_check_names_stale_pages_and_what_writes_them() {
    let mesh = Mesh::with_rule("kpi/house", QUIET);
    let check = ["policy", "docs", "--check"];
    let missing = [
        "pack/README.md: missing",
        "pack/kpi/README.md: missing",
        "2 of 2 pages are out of date; run `govcheck policy docs` to update them",
    ];
    mesh.run(&check).says(1, &missing);
    mesh.run(&["policy", "docs"])
        .says(0, &["2 pages, 2 updated"]);
    mesh.run(&check).says(0, &["2 pages, all up to date"]);
    let changed = rule("kpi/house", QUIET).replace("Mend it", "Change it");
    mesh.file("pack/kpi/house.rego", changed);
    let stale = "pack/kpi/README.md: out of date";
    mesh.run(&["policy", "docs", "pack", "--check"]).says(
        1,
        &[
            stale,
            "1 of 2 pages are out of date; run `govcheck policy docs pack` to update them",
        ],
    );
    mesh.run(&["policy", "docs"])
        .says(0, &["kpi/README.md: updated"]);
    assert!(page(&mesh, "pack/kpi/README.md").contains("Change it."));
}

#[test]
fn line_breaks_of_a_platform_are_not_stale() {
    let mesh = Mesh::with_rule("kpi/house", QUIET);
    mesh.run(&["policy", "docs"]).says(0, &[]);
    let text = page(&mesh, "pack/README.md").replace('\n', "\r\n");
    mesh.file("pack/README.md", text);
    mesh.run(&["policy", "docs", "--check"]).says(0, &[]);
}

#[test]
fn a_page_without_rules_goes() {
    let mesh = Mesh::with_rule("kpi/house", QUIET);
    mesh.run(&["policy", "docs"]).says(0, &[]);
    mesh.file("pack/house/other.rego", rule("house/other", QUIET));
    fs::remove_file(mesh.path().join("pack/kpi/house.rego")).unwrap();
    mesh.run(&["policy", "docs", "--check"]).says(
        1,
        &["pack/kpi/README.md: obsolete, the category has no rules"],
    );
    mesh.run(&["policy", "docs"])
        .says(0, &["pack/kpi/README.md: removed"]);
    assert!(!mesh.path().join("pack/kpi/README.md").exists());
}

#[test]
fn what_people_wrote_is_not_written_over() {
    let mesh = Mesh::with_rule("kpi/house", QUIET);
    mesh.file("pack/kpi/README.md", "# By hand\n");
    let refused = [
        "`pack/kpi/README.md` was not written by `govcheck policy docs`",
        "--out DIR",
    ];
    mesh.run(&["policy", "docs"]).refuses(2, &refused);
    assert_eq!(page(&mesh, "pack/kpi/README.md"), "# By hand\n");
    assert!(!mesh.path().join("pack/README.md").exists());
    mesh.run(&["policy", "docs", "--out", "site"])
        .says(0, &["site/kpi/README.md: written"]);
}

#[test]
fn the_pages_of_the_builtin_pack_can_be_had_elsewhere() {
    let mesh = Mesh::sound();
    mesh.run(&["policy", "docs", "builtin"])
        .refuses(2, &["is part of the binary", "--out DIR"]);
    mesh.run(&["policy", "docs"])
        .refuses(2, &["lists no pack that is a folder"]);
    mesh.run(&["policy", "docs", "builtin", "--out", "site"])
        .says(0, &["site/kpi/README.md: written"]);
    let own =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/kpi/README.md"));
    assert_eq!(page(&mesh, "site/kpi/README.md"), own.unwrap());
}

fn help_uri(mesh: &Mesh, workflow: bool) -> Option<String> {
    let mut command = mesh.command(&["--format", "sarif"]);
    if workflow {
        command
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_REPOSITORY", "acme/mesh")
            .env("GITHUB_SHA", "4748ff9");
    }
    let ran = mesh.finish(&mut command);
    let log: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .clone();
    let own = rules.iter().find(|rule| rule["id"] == "kpi/house").unwrap();
    own.get("helpUri")
        .map(|uri| uri.as_str().unwrap().to_owned())
}

#[test]
fn findings_link_to_the_page_where_it_can_be_read() {
    let mesh = Mesh::with_rule("kpi/house", LOUD);
    mesh.run(&[])
        .says(1, &["see: govcheck explain kpi/house\n"]);
    assert_eq!(help_uri(&mesh, true), None, "there is no page yet");

    mesh.run(&["policy", "docs"]).says(0, &[]);
    mesh.run(&[]).says(
        1,
        &["see: pack/kpi/README.md, or govcheck explain kpi/house\n"],
    );
    assert_eq!(help_uri(&mesh, false), None, "no address is made up");
    let at_commit = "https://github.com/acme/mesh/blob/4748ff9/pack/kpi/README.md#house";
    assert_eq!(help_uri(&mesh, true).as_deref(), Some(at_commit));

    mesh.file(
        "pack/pack.yaml",
        "docs: 'https://acme.example/rules/{category}/{name}'\n",
    );
    let published = "https://acme.example/rules/kpi/house";
    mesh.run(&[]).says(1, &[&format!("see: {published}\n")]);
    assert_eq!(help_uri(&mesh, true).as_deref(), Some(published));
}

#[test]
fn what_a_pack_says_of_itself_is_checked() {
    let mesh = Mesh::with_rule("kpi/house", QUIET);
    mesh.file("pack/pack.yaml", "titel: Rules of Acme\n");
    for arguments in [&[][..], &["policy", "docs"], &["policy", "docs", "pack"]] {
        mesh.run(arguments)
            .refuses(2, &["pack/pack.yaml:1:1", "did you mean `title`?"]);
    }
    mesh.file(
        "pack/pack.yaml",
        "title: Rules of Acme\ndescription: All of them.\n",
    );
    mesh.run(&["policy", "docs"]).says(0, &[]);
    assert!(page(&mesh, "pack/README.md").contains("\n# Rules of Acme\n\nAll of them.\n"));
}
