//! `govcheck init` in repositories of all kinds: its files work at once, and existing files stay as they are.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use govcheck::cli::{list_subcommands, run};
use govcheck::config::Config;
use govcheck::model::published::SchemaName;
use govcheck::model::rule::Day;
use govcheck::policy::Pack;
use govcheck::policy::examples::read_examples as policy_examples;
use govcheck::policy::source::PackSource;
use govcheck::workbench::examples;
use govcheck::workspace::{Hook, World};
use tempfile::TempDir;

use crate::mesh::{TODAY, bench};

/// A repository of texts, with nothing of govcheck's.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    git2::Repository::init(folder.path()).unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Exit code, standard output and standard error of a command line.
fn govcheck(folder: &Path, arguments: &[&str]) -> (u8, String, String) {
    let world = World {
        current_dir: folder.to_owned(),
        today: Day(TODAY.parse().unwrap()),
        color: false,
        hyperlinks: false,
        unicode: true,
        width: 100,
        progress: false,
        cache_dir: None,
        blob: None,
        hook: Hook::default(),
        stdin: || Box::new(std::io::empty()),
        commands: list_subcommands,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = std::iter::once("govcheck").chain(arguments.iter().copied());
    let code = run(all.map(OsString::from), &world, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (code, text(out), text(err))
}

/// Every file below a folder, `.git` left out.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".git") {
                continue;
            } else if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap();
                let text = fs::read_to_string(&path).unwrap();
                found.insert(name.to_string_lossy().into_owned(), text);
            }
        }
    }
    found
}

fn product(domain: &str, team: &str, tier: &str) -> String {
    format!(
        "apiVersion: v1.0.0\nkind: DataProduct\nid: {domain}-{team}\nname: x\nversion: 1.0.0\nstatus: active\n\
         domain: {domain}\nteam: {{name: {team}}}\ntags: [gold]\n\
         customProperties: [{{property: classification, value: {tier}}}]\n"
    )
}

fn mesh() -> TempDir {
    repository(&[
        (
            "data/sales/orders/p.yaml",
            &product("sales", "sales-platform", "internal"),
        ),
        (
            "data/sales/returns/p.yaml",
            &product("sales", "sales-platform", "internal"),
        ),
        (
            "data/sales/carts/p.yaml",
            &product("sales", "sales-platfrom", "top-tier"),
        ),
        (
            "data/hr/payroll/p.yaml",
            &product("hr", "people", "restricted"),
        ),
        (".github/CODEOWNERS", "/data/crm/ @acme/crm @anna\n"),
    ])
}

#[test]
fn the_registers_hold_what_manifests_and_code_owners_name() {
    let folder = mesh();
    let (code, out, err) = govcheck(folder.path(), &["init"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let written = files(folder.path());
    let line = SchemaName::Register.editor_line();
    assert_eq!(
        written["governance/registers/teams.yaml"].strip_prefix(&line).unwrap(),
        "\
# Teams that own data. Add an email or a channel, so that questions reach the team.
# `govcheck init` filled this register with the names in your manifests. Delete the wrong ones.
apiVersion: govcheck/v1
kind: Register
teams:
  - name: crm  # in CODEOWNERS
  - name: people  # in data/hr/payroll/p.yaml
    domain: hr
  - name: sales-platform  # in 2 files, first data/sales/orders/p.yaml
    domain: sales
  # - name: sales-platfrom  # in data/sales/carts/p.yaml; did you mean `sales-platform`? If not, remove the `#`
  #   domain: sales
"
    );
    let domains = &written["governance/registers/domains.yaml"];
    assert!(
        domains.ends_with("- name: sales  # in 3 files, first data/sales/carts/p.yaml\n"),
        "{domains}"
    );
    assert!(
        domains.contains("- name: hr  # in data/hr/payroll/p.yaml\n    owner: people\n"),
        "{domains}"
    );
    let tiers = &written["governance/registers/classifications.yaml"];
    let (_, tiers) = tiers.split_once("classifications:\n").unwrap();
    assert_eq!(
        tiers,
        "  - name: internal  # in 2 files, first data/sales/orders/p.yaml
    rank: 1
  - name: restricted  # in data/hr/payroll/p.yaml
    rank: 3
  - name: top-tier  # in data/sales/carts/p.yaml
    rank: 3  # a guess
"
    );
    assert!(written["governance/registers/tags.yaml"].contains("- name: gold  # in 4 files"));
    let config = Config::parse(&written["govcheck.yaml"], "govcheck.yaml").unwrap();
    assert_eq!(config.layout.len(), 1);
    assert!(written["govcheck.yaml"].contains("\nlayout: \"data/{domain}/{product}/**\"\n"));
}

#[test]
fn after_init_everything_can_be_judged() {
    for folder in [mesh(), repository(&[])] {
        assert_eq!(govcheck(folder.path(), &["init"]).0, 0);
        let (code, out, err) = govcheck(folder.path(), &[]);
        assert!(code <= 1, "{code}\n{out}\n{err}");
        assert!(!out.contains("unknown-classification"), "{out}");
        // Only what seems misspelt is not registered.
        let unknown = out.matches("warning[ownership/unknown-team]").count();
        assert_eq!(
            unknown,
            out.matches("did you mean `sales-platform`?").count(),
            "{out}"
        );
        let (code, out, _) = govcheck(folder.path(), &["explain", "house/undescribed-table"]);
        assert!(
            code == 0 && out.contains("Table without a description"),
            "{out}"
        );
    }
}

#[test]
fn the_first_rule_finds_in_its_examples_what_they_say() {
    let folder = repository(&[]);
    assert_eq!(govcheck(folder.path(), &["init"]).0, 0);
    let own = PackSource::folder("own", &folder.path().join("governance/policies")).unwrap();
    let pack = Pack::load(vec![PackSource::builtin(), own], &|_| true).unwrap();
    let index = pack.rule_index("house/undescribed-table").unwrap();
    let rule = &pack.rules[index].rule;
    let all = policy_examples(&pack, rule).unwrap();
    assert_eq!(all.len(), 4);
    for example in all {
        let found = examples::run_example(&bench(&pack), rule, &example).unwrap();
        assert_eq!(found.finds, example.finds, "{}", example.name);
    }
}

#[test]
fn existing_files_stay_and_are_named() {
    let folder = mesh();
    let kept = [
        ("govcheck.yaml", "version: 1\n"),
        ("governance/registers/teams.yaml", "# ours\n"),
        (
            "governance/policies/house/undescribed-table.rego",
            include_str!("../src/cli/init/undescribed-table.rego"),
        ),
    ];
    for (path, text) in kept {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (code, out, err) = govcheck(folder.path(), &["init"]);
    assert_eq!(code, 0, "{err}");
    let written = files(folder.path());
    for (path, text) in kept {
        assert_eq!(written[path], text);
        assert!(out.contains(&format!("left   {path}: ")), "{out}");
    }
    assert!(
        !written.contains_key("governance/policies/house/undescribed-table.yaml"),
        "{out}"
    );
    assert!(
        out.contains("next   add `packs: [\"governance/policies\"]`"),
        "{out}"
    );
    // A second run changes nothing.
    let (code, out, _) = govcheck(folder.path(), &["init"]);
    assert!(code == 0 && !out.contains("wrote"), "{out}");
    assert_eq!(files(folder.path()), written);
}

#[test]
fn where_packs_have_rules_no_starter_rule_is_written() {
    let folder = repository(&[
        (
            "govcheck.yaml",
            "version: 1\npacks: [governance/policies]\n",
        ),
        (
            "governance/policies/house/own.rego",
            "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: note\n#   entities: [kpi]\n#   help: H\npackage govcheck.house.own\n\ndeny contains {\"message\": \"m\"} if input.name == \"x\"\n",
        ),
    ]);
    let (code, out, err) = govcheck(folder.path(), &["init"]);
    assert_eq!(code, 0, "{err}");
    let left =
        "left   governance/policies/house/undescribed-table.rego: your packs have rules already";
    assert!(out.contains(left), "{out}");
    assert!(
        !folder
            .path()
            .join("governance/policies/house/undescribed-table.yaml")
            .exists()
    );
}

#[test]
fn what_a_register_declares_is_not_registered_again() {
    let folder = mesh();
    let register =
        "apiVersion: govcheck/v1\nkind: Register\nteams: [sales-platform, crm]\ntags: [gold]\n";
    fs::write(folder.path().join("central.yaml"), register).unwrap();
    assert_eq!(govcheck(folder.path(), &["init"]).0, 0);
    let written = files(folder.path());
    let teams = &written["governance/registers/teams.yaml"];
    assert!(
        !teams.contains("name: sales-platform ") && !teams.contains("name: crm"),
        "{teams}"
    );
    assert!(teams.contains("name: people"), "{teams}");
    assert!(!written.contains_key("governance/registers/tags.yaml"));
}

#[test]
fn a_dry_run_shows_the_files_and_writes_none() {
    let folder = mesh();
    let before = files(folder.path());
    let (code, out, _) = govcheck(folder.path(), &["init", "--dry-run"]);
    assert_eq!(code, 0);
    assert_eq!(files(folder.path()), before);
    assert!(out.contains("would write govcheck.yaml\n"), "{out}");
    assert!(
        out.contains("\n      - name: crm  # in CODEOWNERS\n"),
        "{out}"
    );
    assert_eq!(govcheck(folder.path(), &["init", "--dry-run"]).1, out);
}

#[test]
fn hostile_names_are_text_in_the_registers() {
    let names = [
        "yes",
        "a: b",
        "- x",
        "\\\"x",
        "é\u{1b}\u{202e}#",
        "line\nbreak: 1",
        "1.0",
    ];
    let manifests: Vec<(String, String)> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let quoted = serde_json::to_string(name).unwrap();
            (
                format!("p{at}\n.yaml"),
                product(&quoted, &quoted, &quoted).replacen(
                    &format!("id: {quoted}-{quoted}"),
                    &format!("id: p{at}"),
                    1,
                ),
            )
        })
        .collect();
    let manifests: Vec<(&str, &str)> = manifests
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let folder = repository(&manifests);
    let (code, _, err) = govcheck(folder.path(), &["init"]);
    assert_eq!(code, 0, "{err}");
    for (register, key) in [
        ("teams", "teams"),
        ("domains", "domains"),
        ("classifications", "classifications"),
    ] {
        let text = fs::read_to_string(
            folder
                .path()
                .join(format!("governance/registers/{register}.yaml")),
        )
        .unwrap();
        let read: serde_yaml::Value =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut found: Vec<&str> = read[key]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|entry| entry["name"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        let mut expected = names.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn plain_policies_beside_the_usual_folder_do_not_break_the_run() {
    let folder = repository(&[("governance/policies/conftest.rego", "package main\n")]);
    let (code, out, err) = govcheck(folder.path(), &["init"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("wrote  governance/govcheck/house/undescribed-table.rego"),
        "{out}"
    );
    assert_eq!(govcheck(folder.path(), &[]).0, 0);
}

/// Errors by rule and file.
fn errors(folder: &Path) -> Vec<String> {
    let (code, out, err) = govcheck(folder, &["--format", "json"]);
    if code == 3 {
        return Vec::new();
    }
    let report: serde_json::Value =
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let findings = report["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|finding| finding["level"] == "error");
    let shown = |it: &serde_json::Value| format!("{} {} {}", it["rule"], it["file"], it["message"]);
    errors.map(shown).collect()
}

#[test]
fn the_starter_rule_asks_only_formats_that_have_the_field() {
    let described = "description: Orders of all shops for revenue reports.";
    let folder = repository(&[
        (
            "a.odcs.yaml",
            &format!(
                "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n{described}\nschema: [{{name: t}}]\n"
            ),
        ),
        (
            "catalog-info.yaml",
            &format!(
                "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: b, {described}}}\nspec: {{type: openapi, lifecycle: production, owner: x, definition: x}}\n"
            ),
        ),
        (
            "models/m.yml",
            &format!("version: 2\nmodels:\n  - {{name: m, {described}}}\n  - name: undescribed\n"),
        ),
    ]);
    assert_eq!(govcheck(folder.path(), &["init"]).0, 0);
    let (_, out, _) = govcheck(folder.path(), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let own = findings.filter(|finding| finding["rule"] == "house/undescribed-table");
    let files: Vec<&str> = own.filter_map(|finding| finding["file"].as_str()).collect();
    assert_eq!(files, ["a.odcs.yaml"], "{out}");
}

#[test]
fn placeholders_and_people_are_registered_nowhere() {
    let folder = repository(&[
        (
            "a.yaml",
            &product(
                "\"${{ values.domain }}\"",
                "\"{{ cookiecutter.team }}\"",
                "internal",
            )
            .replace("id: \"", "id: a # "),
        ),
        (
            "b.yaml",
            &product("sales", "user:jane", "\"<tier>\"").replace("sales-user:jane", "b"),
        ),
        (
            "c.yaml",
            &product("TODO", "sales-platform", "internal").replace("TODO-sales-platform", "c"),
        ),
        (
            "catalog-info.yaml",
            "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: \"${{ values.name }}\"}\nspec: {owner: \"${{ values.owner }}\"}\n",
        ),
    ]);
    let before = errors(folder.path());
    let (code, out, err) = govcheck(folder.path(), &["init"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let written = files(folder.path());
    let names = |register: &str| -> Vec<String> {
        let text = &written[&format!("governance/registers/{register}.yaml")];
        let lines = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- name: "));
        lines
            .map(|line| line.split("  #").next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("teams"), ["sales-platform"], "{out}");
    assert_eq!(names("domains"), ["sales"], "{out}");
    assert_eq!(names("classifications"), ["internal"], "{out}");
    for said in [
        "skip   team `${{ values.owner }}` in catalog-info.yaml: a placeholder",
        "skip   team `user:jane` in b.yaml: a person or a mailbox, not a team",
        "skip   domain `TODO` in c.yaml: a placeholder",
        "found  domains: 1 to register, 0 registered",
    ] {
        assert!(out.contains(said), "{said}\n{out}");
    }
    // The registers bring the rest to light, and break no build with it.
    assert!(out.contains("note   ownership/unknown-team: "), "{out}");
    assert!(written["govcheck.yaml"].contains("  ownership/unknown-team: warning  # "));
    let after = errors(folder.path());
    assert!(
        after.iter().all(|error| before.contains(error)),
        "{after:#?}"
    );
}

#[test]
fn where_the_config_is_left_new_errors_are_named() {
    let folder = mesh();
    fs::write(folder.path().join("govcheck.yaml"), "version: 1\n").unwrap();
    let (code, out, _) = govcheck(folder.path(), &["init"]);
    assert_eq!(code, 0);
    let line = "next   correct 1 error of ownership/unknown-team that the new files bring to light, or set `ownership/unknown-team: warning` in `govcheck.yaml`";
    assert!(out.contains(line), "{out}");
}

/// A folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, copied).unwrap();
        }
    }
}

#[test]
fn in_public_repositories_init_brings_no_new_error() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(standards) = fs::read_dir(&corpus) else {
        println!("skipped: no corpus at {}", corpus.display());
        return;
    };
    let standards = standards
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let mut repositories = 0;
    for path in standards.flat_map(|path| fs::read_dir(path).unwrap()) {
        let path = path.unwrap().path();
        let folder = repository(&[]);
        copy(&path, folder.path());
        let before = errors(folder.path());
        let (code, out, err) = govcheck(folder.path(), &["init"]);
        assert_eq!(code, 0, "{}: {out}{err}", path.display());
        let new: Vec<String> = errors(folder.path())
            .into_iter()
            .filter(|error| !before.contains(error))
            .collect();
        assert!(new.is_empty(), "{}: {new:#?}", path.display());
        repositories += 1;
    }
    assert!(repositories > 0);
}

#[test]
fn a_repository_without_manifests_is_not_told_to_correct_their_names() {
    let folder = repository(&[]);
    let (code, out, _) = govcheck(folder.path(), &["init"]);
    assert_eq!(code, 0);
    assert!(out.contains("found  no manifests yet"), "{out}");
    assert!(
        out.contains(
            "next   add your manifests, and register teams and domains in `governance/registers`"
        ),
        "{out}"
    );
    assert!(!out.contains("delete what is wrong"), "{out}");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_out_of_the_root() {
    let folder = repository(&[]);
    let elsewhere = TempDir::new().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("governance")).unwrap();
    let (code, _, err) = govcheck(folder.path(), &["init"]);
    assert_eq!(code, 2);
    assert!(err.contains("link out of the root"), "{err}");
    assert!(files(elsewhere.path()).is_empty());
}
