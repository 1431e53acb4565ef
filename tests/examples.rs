//! Every rule's examples, through the whole pipeline: place, text and message.
//! `govcheck policy test policies --update` writes what was found into the example files, for review.

use std::fmt::Write as _;

use govcheck::model::rule::Scope;
use govcheck::policy::examples::read_examples;
use govcheck::workbench::examples::run_example;

use crate::mesh::{bench, builtin};

#[test]
fn every_rule_finds_in_its_examples_what_it_says() {
    let pack = builtin();
    let bench = bench(&pack);
    let mut wrong = String::new();
    for rule in pack.rules.iter().map(|rule| &rule.rule) {
        for example in read_examples(&pack, rule).unwrap() {
            let found = run_example(&bench, rule, &example);
            if !found
                .as_ref()
                .is_ok_and(|found| found.is_expected(&example))
            {
                let (expected, versions) = (&example.finds, &example.suggests);
                let _ = writeln!(
                    wrong,
                    "{} / {}\n  expected {expected:#?} {versions:?}\n  found {found:#?}",
                    rule.id, example.name
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_bad_good_and_absent_examples() {
    let pack = builtin();
    for rule in pack.rules.iter().map(|rule| &rule.rule) {
        let all = read_examples(&pack, rule).unwrap();
        let bad = all
            .iter()
            .filter(|example| !example.finds.is_empty())
            .count();
        assert!(
            bad >= 1 && all.len() - bad >= 2,
            "{}: one bad and two good examples at least",
            rule.id
        );
        let is_change = rule.scope == Scope::Change;
        assert!(
            all.iter()
                .all(|example| example.base.is_some() == is_change),
            "{}: examples have a base if they are of a change, and only then",
            rule.id
        );
    }
}
