//! Compares engines: the register VM and the interpreter answer every rule of the built-in pack alike on all examples,
//! on all fixtures, and on the corpus of real manifests where it is at hand. If `GOVCHECK_OPA` names a real `opa`, it is
//! compared, too.

use std::path::Path;

use govcheck::config::Config;
use govcheck::discover::{FileSource, Walk, WalkOptions};
use govcheck::evaluate::map::judge_file;
use govcheck::evaluate::outcome::Outcome;
use govcheck::evaluate::setting::Setting;
use govcheck::lift::Contexts;
use govcheck::model::entity::LayoutPlace;
use govcheck::model::text::RelPath;
use govcheck::policy::Pack;
use govcheck::policy::examples::read_examples;
use govcheck::policy::options::resolve_options;
use govcheck::policy::pack::Given;
use govcheck::workbench::examples::TODAY;
use govcheck::workbench::verify::{self, Interpreter, Opa, Verification, write_human};

use crate::cli::{Mesh, contract};
use crate::mesh::{BOUNDS, bench, builtin};

/// The interpreter, and the `opa` that `GOVCHECK_OPA` names, if it does.
fn verification(pack: &Pack) -> Verification {
    let mut verification = Verification::default();
    verification.add(Box::new(Interpreter::new(pack).unwrap()));
    if let Some(program) = std::env::var_os("GOVCHECK_OPA") {
        verification.add(Box::new(Opa::new(Path::new(&program), pack).unwrap()));
    }
    verification
}

fn folder(pack: &Pack, folder: &Path, verification: &mut Verification) {
    let walk = Walk::new(folder, &WalkOptions::default()).unwrap();
    verify::ask_mesh(&bench(pack), &walk, &Config::default(), TODAY, verification).unwrap();
}

/// Fails with every difference, and if next to nothing was compared.
fn all_the_same(verification: Verification) {
    let verdicts = verification.verdicts().unwrap();
    let mut told = Vec::new();
    write_human(&verdicts, &mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    for (_, verdict) in verdicts {
        assert!(verdict.differences.is_empty(), "\n{told}");
        assert!(verdict.compared > 100, "\n{told}");
    }
    print!("{told}");
}

#[test]
fn both_engines_say_the_same_of_all_examples() {
    let pack = builtin();
    let mut verification = verification(&pack);
    for (index, rule) in pack.rules.iter().enumerate() {
        for example in read_examples(&pack, &rule.rule).unwrap() {
            verify::ask_examples(&bench(&pack), index, &example, &mut verification).unwrap();
        }
    }
    all_the_same(verification);
}

#[test]
fn both_engines_say_the_same_of_all_fixtures() {
    let pack = builtin();
    let mut verification = verification(&pack);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for name in ["retail", "retail-clean", "cases"] {
        folder(&pack, &fixtures.join(name), &mut verification);
    }
    all_the_same(verification);
}

#[test]
fn both_engines_say_the_same_of_the_corpus() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus"));
    if !corpus.is_dir() {
        println!("skipped: no corpus of manifests beside the repository");
        return;
    }
    let pack = builtin();
    let mut verification = verification(&pack);
    folder(&pack, corpus, &mut verification);
    all_the_same(verification);
}

/// All that an outcome says, its findings made of what they are kept as.
fn all_of(mut outcome: Outcome, file: &RelPath) -> String {
    let findings = std::mem::take(&mut outcome.findings);
    format!("{:?} {outcome:?}", findings.read(file))
}

/// The findings of each file of a folder, and the facts that mesh rules collect from it, with whole or lean entities.
fn told(pack: &Pack, folder: &Path, given: Given) -> Vec<String> {
    let options = resolve_options(&pack.rules, &|_| serde_json::Map::new()).unwrap();
    let place = &|_: &_| LayoutPlace::default();
    let mut setting = Setting::new(pack, &options, TODAY, place, BOUNDS).unwrap();
    setting.given = given;
    let walk = Walk::new(folder, &WalkOptions::default()).unwrap();
    let files = walk.list().files.into_iter();
    let told = files.filter_map(|file| {
        let bytes = walk.read(&file).ok()?;
        let outcome = judge_file(&setting, &Contexts::default(), &file, &bytes);
        Some(format!("{file}: {}", all_of(outcome, &file)))
    });
    told.collect()
}

#[test]
fn rules_say_the_same_of_what_they_read_as_of_whole_entities() {
    let pack = builtin();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["fixtures", "../shared/corpus"].map(|folder| root.join(folder));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let (part, whole) = (
            told(&pack, folder, Given::Read),
            told(&pack, folder, Given::Whole),
        );
        assert!(part.len() > 10);
        for (part, whole) in part.iter().zip(&whole) {
            assert_eq!(part, whole);
        }
    }
}

#[test]
fn rules_say_the_same_of_what_they_read_in_all_examples() {
    let pack = builtin();
    let given = resolve_options(&pack.rules, &|_| serde_json::Map::new()).unwrap();
    let place = &|_: &_| LayoutPlace::default();
    let mut setting = Setting::new(&pack, &given, TODAY, place, BOUNDS).unwrap();
    let mut compared = 0;
    for rule in &pack.rules {
        for example in read_examples(&pack, &rule.rule).unwrap() {
            for (file, text) in &example.files {
                let mut told = [Given::Whole, Given::Read].map(|given| {
                    setting.given = given;
                    let file = RelPath::new(file.as_str());
                    let outcome =
                        judge_file(&setting, &Contexts::default(), &file, text.as_bytes());
                    all_of(outcome, &file)
                });
                let [whole, part] = &mut told;
                assert_eq!(whole, part, "{} of {}", file, rule.rule.id);
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn a_place_in_a_field_that_no_rule_reads_is_found_however_many_entities_there_are() {
    let body = "deny contains {\"message\": \"x\", \"at\": [\"columns\", i, \"primary_key\"]} if {\n\tsome i, column in input.columns\n\tcolumn.name == \"bad\"\n}\n";
    let mesh = Mesh::with_rule("house/x", body);
    mesh.file(
        "govcheck.yaml",
        "version: 1\nbuiltin: false\npacks: [pack]\n",
    );
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/formats");
    for format in ["odcs.yaml", "register.yaml"] {
        let text = std::fs::read(formats.join(format)).unwrap();
        mesh.file(&format!("pack/formats/{format}"), text);
    }
    // What rules read is worked out after some of them.
    let text = contract("N");
    let line = text.lines().count() + 5;
    for number in 0..250 {
        let text = text.replace(": N\n", &format!(": n{number}\n"));
        mesh.file(
            &format!("{number}.odcs.yaml"),
            format!("{text}schema:\n  - name: t\n    properties:\n      - name: bad\n        isPrimaryKey: true\n"),
        );
    }
    let (code, findings) = mesh.findings(&["--no-cache"]);
    assert_eq!((code, findings.len()), (Some(1), 250));
    for finding in &findings {
        assert!(finding.ends_with(&format!(":{line}:23")), "{finding}");
    }
}
