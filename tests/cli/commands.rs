//! The other subcommands: rules, explain, model, schema, completions, help.

use super::{Mesh, contract};

#[test]
fn help_teaches_with_examples_and_exit_codes() {
    let mesh = Mesh::plain();
    mesh.run(&["--help"])
        .says(0, &["Examples:", "govcheck domains/sales", "Exit codes:"]);
    mesh.run(&["--version"])
        .says(0, &[concat!("govcheck ", env!("CARGO_PKG_VERSION"))]);
}

#[test]
fn help_is_a_subcommand_for_every_subcommand() {
    let mesh = Mesh::plain();
    for command in [
        &["check"][..],
        &["policy", "new"],
        &["waive"],
        &["config", "show"],
    ] {
        let asked = mesh.run(&[&["help"], command].concat());
        asked.says(0, &["Usage: govcheck"]);
        assert_eq!(asked, mesh.run(&[command, &["--help"]].concat()));
    }
    mesh.run(&["help"])
        .says(0, &["Usage: govcheck", "Commands:"]);
    mesh.run(&["help", "chek"])
        .refuses(2, &["unrecognized subcommand 'chek'"]);
}

/// Below the options, sentences fill the width of the terminal, and a line of an example is never broken.
#[test]
fn help_is_wrapped_at_words_and_nowhere_else() {
    let mesh = Mesh::plain();
    for command in [
        "baseline",
        "model",
        "policy new",
        "policy new-format",
        "policy test",
        "policy try",
        "schema",
        "waive",
        "waivers",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let help = mesh
            .finish(mesh.command(&arguments).env("COLUMNS", "100"))
            .out;
        let (_, text) = help.rsplit_once("[default: auto]\n\n").unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2) {
            let [line, next] = [pair[0], pair[1]];
            let indent = |line: &str| line.len() - line.trim_start().len();
            let word = next.split_whitespace().next().unwrap_or_default();
            if word.is_empty() || line.is_empty() || indent(line) != indent(next) {
                continue;
            }
            let fits = line.chars().count() + 1 + word.chars().count() <= 100;
            match indent(line) {
                0 => assert!(!fits, "{command}: a break in the sentence after `{line}`"),
                _ => assert!(fits, "{command}: `{line}` goes on in the next line"),
            }
        }
    }
}

#[test]
fn the_help_of_check_is_grouped_by_topic() {
    let help = Mesh::plain().run(&["check", "--help"]);
    let headings = [
        "Selection:",
        "Output:",
        "Exit code:",
        "Revisions:",
        "Cache:",
        "Shards:",
        "Plain policies, as in conftest:",
        "Diagnosis:",
        "Examples:",
    ];
    help.says(0, &headings);
    let options = help.out.split("\nOptions:\n").nth(1).unwrap_or_default();
    let ungrouped = options
        .split("\n\n")
        .take_while(|it| !it.contains(":\n"))
        .count();
    assert!(ungrouped <= 1, "only --help is without a topic:\n{options}");
    let widest = help.out.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
}

#[test]
fn colours_are_asked_for_by_option_and_environment() {
    let mesh = Mesh::git();
    mesh.file("a.odcs.yaml", contract("a"));
    let is_colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = mesh.command(arguments);
        let ran = mesh.finish(command.envs(variables.iter().copied()));
        ran.out.contains("\u{1b}[")
    };
    assert!(!is_colored(&[], &[]));
    assert!(is_colored(&[], &[("FORCE_COLOR", "1")]));
    assert!(is_colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_colored(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(is_colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(!is_colored(
        &["check", "--color", "never"],
        &[("FORCE_COLOR", "1")]
    ));
    assert!(!is_colored(&["--color=always", "--format", "json"], &[]));
    mesh.run(&["--color", "never", "check"]).refuses(
        2,
        &["a subcommand comes before all options: `govcheck check …`"],
    );
    mesh.run(&["--color", "sometimes"])
        .refuses(2, &["auto, always, never"]);
}

#[test]
fn rules_lists_checked_rules_and_those_without_input() {
    let mesh = Mesh::sound();
    mesh.run(&["rules"]).says(
        0,
        &[
            "ownership\n  ownership/domain-mismatch",
            "not applicable: no kpi in this mesh",
            "not applicable: needs a base; run `govcheck --base REV`",
            "engine/panic",
        ],
    );
    let ran = mesh.run(&["rules", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let rules = list["rules"].as_array().unwrap();
    let rule = rules
        .iter()
        .find(|rule| rule["id"] == "ownership/missing-owner")
        .unwrap();
    assert_eq!(
        (rule["level"].as_str(), rule["judged"].as_u64()),
        (Some("error"), Some(1))
    );
}

#[test]
fn rules_shows_the_levels_of_the_config() {
    let mesh = Mesh::sound();
    mesh.file("govcheck.yaml", "rules: {ownership/missing-owner: off}\n");
    let ran = mesh.run(&["rules"]);
    let line = ran
        .out
        .lines()
        .find(|line| line.contains("ownership/missing-owner"))
        .unwrap();
    assert!(line.contains(" off "), "{line}");
}

#[test]
fn explain_shows_both_revisions_of_a_change() {
    let mesh = Mesh::sound();
    mesh.run(&["explain", "interoperability/breaking-change"])
        .says(
            0,
            &[
                "# orders.odcs.yaml, in the base revision\n",
                "# orders.odcs.yaml, changed\n",
                "checks changes to contract, product, with `--base`",
            ],
        );
}

#[test]
fn explain_shows_reason_remedy_examples_and_options() {
    let mesh = Mesh::sound();
    mesh.run(&["explain", "kpi/bad-name"]).says(
        0,
        &[
            "kpi/bad-name: ",
            "How to fix",
            "Bad: ",
            "Good: ",
            "Options",
            "pattern",
        ],
    );
    mesh.run(&["explain", "parse/too-deep"])
        .says(0, &["128 levels", "How to fix"]);
    mesh.run(&["explain", "kpi/bad-nam"]).refuses(
        2,
        &["unknown rule `kpi/bad-nam`", "did you mean `kpi/bad-name`?"],
    );
    mesh.run(&["explain", "kpi"]).refuses(
        2,
        &[
            "`kpi` is a category, not a rule",
            "name one of its rules, such as `kpi/",
        ],
    );
    mesh.run(&["explain", "zzz"])
        .refuses(2, &["run `govcheck rules` to list all rules"]);
}

#[test]
fn model_shows_every_value_with_its_place() {
    let mesh = Mesh::sound();
    mesh.run(&["model", "a.odcs.yaml"]).says(
        0,
        &[
            "contract:a (odcs)",
            "10:14-24  owner.team",
            "\"sales-data\"",
        ],
    );
    let ran = mesh.run(&["model", "a.odcs.yaml", "--format", "json"]);
    let shown: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        shown.pointer("/entities/0/input/owner/team"),
        Some(&"sales-data".into())
    );
    assert_eq!(
        shown.pointer("/entities/0/places/owner.team"),
        Some(&"10:14-24".into())
    );
}

#[test]
fn model_of_a_manifest_that_declares_nothing_says_what_it_is() {
    let mesh = Mesh::git();
    mesh.file(
        "catalog-info.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\nspec: {type: service, lifecycle: production, owner: shop}\n",
    );
    mesh.run(&["model", "catalog-info.yaml"]).says(
        0,
        &[
            "catalog-info.yaml: recognised as Backstage catalog, declares nothing\n",
            "next   `govcheck model catalog-info.yaml --explain` shows why",
        ],
    );
    let ran = mesh.run(&["model", "catalog-info.yaml", "--format", "json"]);
    let shown: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(shown["formats"], serde_json::json!(["backstage"]));
    assert_eq!(shown["entities"], serde_json::json!([]));
    mesh.run(&["model", "catalog-info.yaml", "--explain"]).says(
        0,
        &[
            "catalog-info.yaml: recognised as Backstage catalog\n",
            "  Backstage catalog (`backstage`): recognised\n",
            "declares no contract: `kind` equals `API` is not met, it finds `Component` at 2:7",
            "is not met, it finds `service` at 4:14",
        ],
    );
}

#[test]
fn explain_shows_the_conditions_of_all_formats_the_nearest_first() {
    let mesh = Mesh::git();
    mesh.file("a.yaml", "apiversion: v3.1.0\nkind: DataContract\nid: a\n");
    let ran = mesh.run(&["model", "a.yaml", "--explain"]);
    ran.says(
        0,
        &[
            "a.yaml: no format recognises it\n\n  Open Data Contract Standard (`odcs`): 1 of 2 conditions met; the file looks like one\n",
            "    met    all  `kind` equals `DataContract`: finds `DataContract` at 2:7\n",
            "    unmet  all  `apiVersion` matches `^v?([3-9]|[1-9]\\d)\\.`: finds nothing; did you mean the key `apiversion` at 1:1?\n",
            "    unmet  any  `models[].name` exists, ",
            ": each finds nothing\n",
            "    unmet  not  `kind` exists: finds `DataContract` at 2:7\n",
        ],
    );
    let json = mesh.run(&["model", "a.yaml", "--explain", "--format", "json"]);
    let shown: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let document = &shown["documents"][0];
    assert_eq!(document["recognised_by"], serde_json::json!([]));
    let formats = document["formats"].as_array().unwrap();
    let odcs = formats.iter().find(|it| it["format"] == "odcs").unwrap();
    assert_eq!(formats[0]["met"], 1);
    assert_eq!(odcs["met"], 1);
    let condition = &odcs["conditions"][1];
    assert_eq!(condition["met"], false);
    assert_eq!(condition["near_key"]["text"], "apiversion");
    assert_eq!(condition["near_key"]["line"], 1);
    // The text looks like one of both versions, which the nearer one need not.
    assert_eq!(document["formats"][0]["looks_like_one"], true);
    // Every format is explained, whatever it has in common with the file.
    let all: Vec<&str> = document["formats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["format"].as_str().unwrap())
        .collect();
    for format in [
        "odcs",
        "odcs2",
        "odps",
        "odps-lf",
        "dcs",
        "dpds",
        "dbt",
        "entropy",
        "backstage",
        "register",
    ] {
        assert!(all.contains(&format), "{all:?}");
        assert!(ran.out.contains(&format!("(`{format}`)")), "{}", ran.out);
    }
}

#[test]
fn explain_takes_files_with_many_documents_none_or_a_broken_one() {
    let mesh = Mesh::sound();
    mesh.file("two.yaml", contract("b") + "---\na: 1\n")
        .file("empty.yaml", "# nothing\n")
        .file("broken.yaml", contract("c") + "x: [\n");
    mesh.run(&["model", "two.yaml", "--explain"]).says(
        0,
        &[
            "two.yaml, document 1 at line 1: recognised as Open Data Contract Standard\n",
            "    declares contract: 1 of 1\n",
            "declares no kpi: nothing in the document to read it from",
            "two.yaml, document 2 at line 12: no format recognises it\n",
        ],
    );
    mesh.run(&["model", "empty.yaml", "--explain"])
        .says(0, &["empty.yaml: "]);
    mesh.run(&["model", "broken.yaml", "--explain"])
        .says(0, &["note: broken.yaml:11:"]);
    mesh.run(&["model", "notes.yaml", "--explain"])
        .refuses(2, &["notes.yaml"]);
}

#[test]
fn model_reports_that_a_file_is_not_a_manifest() {
    let mesh = Mesh::sound();
    mesh.file("notes.yaml", "a: 1\n")
        .file("b.odcs.yaml", contract("b") + "x: [\n")
        .file("d/e.txt", "");
    mesh.run(&["model", "notes.yaml"]).refuses(
        3,
        &[
            "no format recognises `notes.yaml`",
            "`govcheck model notes.yaml --explain` shows which conditions are not met",
            "Open Data Contract Standard",
        ],
    );
    mesh.run(&["model", "b.odcs.yaml"])
        .refuses(2, &["b.odcs.yaml:11:", "help: "]);
    mesh.run(&["model", "d"])
        .refuses(2, &["`d` is a folder", "pass the path of one manifest"]);
    mesh.run(&["model", "."]).refuses(2, &["`.` is a folder"]);
    mesh.run(&["model", "a.odsc.yaml"]).refuses(
        2,
        &[
            "`a.odsc.yaml` does not exist",
            "did you mean `a.odcs.yaml`?",
        ],
    );
    mesh.run(&["model"]).refuses(2, &["<FILE>"]);
}

#[test]
fn completions_come_for_every_shell() {
    let mesh = Mesh::plain();
    for shell in ["bash", "zsh", "fish"] {
        let script = mesh.run(&["completions", shell]);
        script.says(
            0,
            &["govcheck", "ownership/unknown-team", "parse/alias-bomb"],
        );
        // bash shows no descriptions.
        let described = script.out.contains("All rules of the category");
        assert_eq!(described, shell != "bash", "{shell}");
    }
}
