//! Every rule's examples, through the whole pipeline: place, text and message.
//! `UPDATE=1 cargo test examples` writes what was found into the example files, for review.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use govcheck::config::Config;
use govcheck::discover::FileSource;
use govcheck::model::report::Report;
use govcheck::model::rule::{Rule, Scope};
use govcheck::parse::{Limits, parse};
use govcheck::policy::Pack;
use govcheck::policy::examples::{self, Example, Expected};

use crate::mesh::{TODAY, builtin, covered, judge_change, memory, place};

/// What the rule finds, and the versions that are suggested.
fn run(pack: &Pack, rule: &Rule, example: &Example) -> (Vec<Expected>, BTreeMap<String, String>) {
    let config = example
        .config
        .as_ref()
        .map_or_else(Config::default, |config| {
            Config::parse(&serde_yaml::to_string(config).unwrap(), "govcheck.yaml")
                .unwrap_or_else(|e| panic!("{}: {e}", rule.id))
        });
    let files = |of: &BTreeMap<String, String>| {
        memory(of.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    };
    let today = example
        .today
        .map_or_else(|| TODAY.to_owned(), |day| day.to_string());
    let base = example.base.as_ref().map(files);
    let base = base.as_ref().map(|base| base as &dyn FileSource);
    let report = judge_change(base, &files(&example.files), pack, &config, &today);
    assert!(
        !report.incomplete,
        "{} / {}: not judged: {:?}",
        rule.id,
        example.name,
        messages(&report)
    );
    let own = report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule.id);
    let found = own.map(|finding| Expected {
        at: finding.location.as_ref().map(place),
        on: covered(&report, finding),
        message: finding.message.clone(),
    });
    let versions = report.comparison.iter().flat_map(|two| &two.versions);
    let versions = versions.map(|advice| (advice.entity.to_string(), advice.suggested.clone()));
    (found.collect(), versions.collect())
}

fn messages(report: &Report) -> Vec<&str> {
    report
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect()
}

#[test]
fn every_rule_finds_in_its_examples_what_it_says() {
    let pack = builtin();
    let update = std::env::var("UPDATE").is_ok();
    let mut wrong = String::new();
    for rule in pack.rules.iter().map(|rule| &rule.rule) {
        let all = examples::examples(&pack, rule);
        let (found, suggested): (Vec<Vec<Expected>>, Vec<_>) =
            all.iter().map(|example| run(&pack, rule, example)).unzip();
        if update {
            rewrite(rule, &all, &found);
            continue;
        }
        for (example, suggested) in all.iter().zip(suggested) {
            let expected = example.suggests.as_ref();
            if expected.is_some_and(|expected| *expected != suggested) {
                let (rule, name) = (&rule.id, &example.name);
                let _ = writeln!(
                    wrong,
                    "{rule} / {name}\n  expected {expected:?}\n  suggested {suggested:?}"
                );
            }
        }
        for (example, found) in all.iter().zip(found) {
            if example.finds != found {
                let _ = writeln!(
                    wrong,
                    "{} / {}\n  expected {:#?}\n  found {:#?}",
                    rule.id, example.name, example.finds, found
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
        let source = pack
            .sources
            .iter()
            .find(|source| source.name == rule.pack)
            .unwrap();
        let file = source
            .files
            .iter()
            .find(|file| file.path == examples::path(rule));
        let text = &file
            .unwrap_or_else(|| panic!("{} has no examples", rule.id))
            .text;
        let all = examples::parse(text).unwrap_or_else(|error| panic!("{}: {error}", rule.id));
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

/// Replaces each `finds:` in the file by what was found; everything else stays as it is.
fn rewrite(rule: &Rule, all: &[Example], found: &[Vec<Expected>]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("policies")
        .join(examples::path(rule));
    let Ok(mut text) = fs::read_to_string(&path) else {
        return;
    };
    let parsed = parse(text.as_bytes(), &Limits::default());
    let document = &parsed.documents[0];
    let list = document.get(document.root(), "examples").unwrap();
    for index in (0..all.len())
        .rev()
        .filter(|index| all[*index].finds != found[*index])
    {
        let example = document.item(list, index).unwrap();
        let finds = document.get(example, "finds").unwrap();
        let span = document.span(finds.node);
        let mut written = String::new();
        for expected in &found[index] {
            let quote = |text: &str| serde_json::to_string(text).unwrap();
            let at = expected
                .at
                .as_deref()
                .map_or_else(String::new, |at| format!("at: {}, ", quote(at)));
            let _ = write!(
                written,
                "\n      - {{{at}on: {}, message: {}}}",
                quote(&expected.on),
                quote(&expected.message)
            );
        }
        let key = parsed.text.slice(document.span(finds.key.unwrap())).len();
        let start = document.span(finds.key.unwrap()).start as usize + key;
        let replacement = if written.is_empty() {
            ": []".to_owned()
        } else {
            format!(":{written}")
        };
        text.replace_range(start..span.end as usize, &replacement);
    }
    fs::write(path, text).unwrap();
}
