//! `govcheck init` in repositories of all kinds: what it writes holds together, and what is there stays as it is.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use govcheck::cli::{World, run};
use govcheck::config::Config;
use govcheck::model::published::SchemaName;
use govcheck::model::rule::Day;
use govcheck::policy::Pack;
use govcheck::policy::examples::examples as policy_examples;
use govcheck::policy::source::PackSource;
use govcheck::workbench::examples;
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
        stdin: || Box::new(std::io::empty()),
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
# Teams that own data. Mail or channel make sure that a question reaches somebody.
# Filled by `govcheck init` with what manifests name. Read it once: what is wrong in them is in it, too.
apiVersion: govcheck/v1
kind: Register
teams:
  - name: crm  # a code owner
  - name: people  # in data/hr/payroll/p.yaml
    domain: hr
  - name: sales-platform  # in 2 files, first data/sales/orders/p.yaml
    domain: sales
  # - name: sales-platfrom  # in data/sales/carts/p.yaml; is `sales-platform` meant? If not, take the `#` away
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
        let unknown = out.matches("error[ownership/unknown-team]").count();
        assert_eq!(
            unknown,
            out.matches("did you mean `sales-platform`?").count(),
            "{out}"
        );
        let (code, out, _) = govcheck(folder.path(), &["explain", "house/missing-support"]);
        assert!(
            code == 0 && out.contains("Nobody knows where to ask"),
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
    let index = pack.rule_index("house/missing-support").unwrap();
    let rule = &pack.rules[index].rule;
    let all = policy_examples(&pack, rule).unwrap();
    assert_eq!(all.len(), 3);
    for example in all {
        let found = examples::run(&bench(&pack), rule, &example).unwrap();
        assert_eq!(found.finds, example.finds, "{}", example.name);
    }
}

#[test]
fn what_is_there_is_left_and_named() {
    let folder = mesh();
    let kept = [
        ("govcheck.yaml", "version: 1\n"),
        ("governance/registers/teams.yaml", "# ours\n"),
        (
            "governance/policies/house/missing-support.rego",
            include_str!("../src/cli/init/missing-support.rego"),
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
        !written.contains_key("governance/policies/house/missing-support.yaml"),
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
        out.contains("\n      - name: crm  # a code owner\n"),
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
        "\\\"",
        "é\u{1b}\u{202e}#",
        "{x}",
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
        out.contains("wrote  governance/govcheck/house/missing-support.rego"),
        "{out}"
    );
    assert_eq!(govcheck(folder.path(), &[]).0, 0);
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
