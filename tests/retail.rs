//! The example meshes: `fixtures/retail` has a finding of every rule, `fixtures/retail-clean` has none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use govcheck::discover::{FileSource, Walk, WalkOptions};
use govcheck::model::rule::Scope;

use crate::mesh::{builtin, judge_folder, viewed};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

#[test]
fn retail_has_a_finding_of_every_rule() {
    let report = judge_folder(&fixture("retail"));
    assert!(!report.incomplete);
    let found: BTreeSet<&str> = report
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect();
    let pack = builtin();
    // Without a base there is no change.
    let of_meshes = pack
        .rules
        .iter()
        .filter(|rule| rule.rule.scope != Scope::Change);
    let missing: Vec<&str> = of_meshes
        .map(|rule| rule.rule.id.as_str())
        .filter(|id| !found.contains(id))
        .collect();
    assert!(missing.is_empty(), "no finding of {missing:?}");
}

#[test]
fn retail_has_a_document_of_every_format() {
    let pack = builtin();
    let walk = Walk::new(&fixture("retail"), &WalkOptions::default()).unwrap();
    let mut missing: BTreeSet<String> = pack
        .formats
        .iter()
        .map(|format| format.name.to_string())
        .collect();
    for file in walk.list().files {
        for entity in viewed(&pack, &file, &walk.read(&file).unwrap()).entities {
            missing.remove(&entity.format);
        }
    }
    assert!(missing.is_empty(), "no document of {missing:?}");
}

#[test]
fn retail_clean_has_none() {
    let report = judge_folder(&fixture("retail-clean"));
    let found: Vec<String> = report
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(report.counts.files > 20);
}

#[test]
fn the_same_input_gives_the_same_report() {
    let shown = |report: govcheck::model::report::Report| format!("{:?}", report.findings);
    assert_eq!(
        shown(judge_folder(&fixture("retail"))),
        shown(judge_folder(&fixture("retail")))
    );
}

/// The rows of the README's table: file, rule and number of findings.
fn promised() -> BTreeMap<(String, String), usize> {
    let readme = fs::read_to_string(fixture("retail").join("README.md")).unwrap();
    let mut rows = BTreeMap::new();
    for row in readme.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let file = cells[0].trim().trim_matches('`');
        for rule in cells[1].split(", ") {
            let (rule, times) = rule.split_once(" ×").unwrap_or((rule, "1"));
            let key = (file.to_owned(), rule.trim_matches('`').to_owned());
            *rows.entry(key).or_default() += times.trim().parse::<usize>().unwrap();
        }
    }
    rows
}

#[test]
fn the_readme_names_exactly_the_findings() {
    let mut found: BTreeMap<(String, String), usize> = BTreeMap::new();
    for finding in judge_folder(&fixture("retail")).findings {
        let file = finding
            .location
            .map(|location| location.file.as_str().to_owned());
        let key = (file.unwrap_or_default(), finding.rule.to_string());
        *found.entry(key).or_default() += 1;
    }
    let promised = promised();
    let mut differences = String::new();
    for key in found.keys().chain(promised.keys()).collect::<BTreeSet<_>>() {
        let (says, finds) = (promised.get(key), found.get(key));
        if says != finds {
            let _ = writeln!(
                differences,
                "{key:?}: the README says {says:?}, found {finds:?}"
            );
        }
    }
    assert!(differences.is_empty(), "{differences}");
}
