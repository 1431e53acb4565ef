//! The engine that judges, held against another: the register VM and the interpreter give every rule of the built-in
//! pack the same answer on all examples, on all fixtures, and on the corpus of real manifests where it is at hand. Where
//! `GOVCHECK_OPA` names a real `opa`, that one is asked, too.

use std::path::Path;

use govcheck::config::Config;
use govcheck::discover::{Walk, WalkOptions};
use govcheck::policy::Pack;
use govcheck::policy::examples::examples;
use govcheck::workbench::examples::TODAY;
use govcheck::workbench::verify::{self, Interpreter, Opa, Verification, human};

use crate::mesh::{bench, builtin};

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
    verify::mesh(&bench(pack), &walk, &Config::default(), TODAY, verification).unwrap();
}

/// Fails with every difference, and if next to nothing was compared.
fn all_the_same(verification: Verification) {
    let verdicts = verification.verdicts().unwrap();
    let mut told = Vec::new();
    human(&verdicts, &mut told).unwrap();
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
        for example in examples(&pack, &rule.rule).unwrap() {
            verify::examples(&bench(&pack), index, &example, &mut verification).unwrap();
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
