//! The example meshes: `fixtures/retail` has a finding of every rule, `fixtures/retail-clean` has none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::mesh::{builtin, judge_folder};

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
    let missing: Vec<&str> = pack
        .rules
        .iter()
        .map(|rule| rule.rule.id.as_str())
        .filter(|id| !found.contains(id))
        .collect();
    assert!(missing.is_empty(), "no finding of {missing:?}");
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
