//! What counts as new, fixed and unchanged, and how it is reported.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::judge::{Ruling, judge_findings as judged};
use crate::model::finding::Finding;
use crate::model::names::EntityNames;
use crate::model::report::{Counts, Report};
use crate::model::rule::{Day, Level, RuleId};

fn finding(rule: &str, route: &str, domain: &str) -> Finding {
    let mut finding = Finding::bare(RuleId::new(rule), Level::Error, format!("about {route}"));
    finding.route = route.to_owned();
    finding.domain = Some(domain.to_owned());
    finding
}

fn report(findings: Vec<Finding>) -> Report {
    let today = Day("2026-06-01".parse().unwrap());
    Report {
        findings: judged(findings, &[], today, &|_, _| Ruling::default()),
        rules: Vec::new(),
        sources: crate::model::sources::Sources::default(),
        counts: Counts::default(),
        passed_over: Vec::new(),
        incomplete: false,
        comparison: None,
        policies: None,
        waivers: Vec::new(),
        adopted: BTreeMap::new(),
        selected: None,
        names: EntityNames::default(),
    }
}

fn attempt(before: Vec<Finding>, after: Vec<Finding>) -> Attempt {
    let tried = BTreeSet::from([RuleId::new("kpi/tried")]);
    Attempt::new("pack", &tried, report(before), report(after))
}

fn counts(attempt: &Attempt) -> Vec<(String, [usize; 3])> {
    let row = |row: &OwnerEffect| (row.name(), row.kinds().map(|(_, findings)| findings.len()));
    attempt.rows.iter().map(row).collect()
}

#[test]
fn findings_are_counted_by_domain_and_owner_the_most_new_first() {
    let tried = |route: &str, domain: &str| finding("kpi/tried", route, domain);
    let other = |route: &str| finding("kpi/other", route, "hr");
    let attempt = attempt(
        vec![tried("a", "hr"), other("b"), other("c")],
        vec![
            tried("a", "hr"),
            other("c"),
            tried("d", "sales"),
            tried("e", "sales"),
            other("f"),
        ],
    );
    assert_eq!(
        counts(&attempt),
        [
            ("sales, no owner".to_owned(), [2, 0, 0]),
            ("hr, no owner".to_owned(), [1, 1, 1]),
        ],
        "unchanged are those of what is tried alone"
    );
    assert_eq!(attempt.new_at_least(Level::Error), 3);
}

#[test]
fn exempt_findings_do_not_count() {
    let mut before = report(vec![finding("kpi/tried", "a", "hr")]);
    before.findings[0].suppression = Some(crate::model::finding::Suppression::Baseline);
    let mut after = report(vec![finding("kpi/tried", "b", "hr")]);
    after.findings[0].suppression = Some(crate::model::finding::Suppression::Baseline);
    let attempt = Attempt::new("pack", &BTreeSet::new(), before, after);
    assert_eq!(counts(&attempt), []);
}

#[test]
fn five_examples_are_shown_of_as_many_rules_as_possible() {
    let mut many: Vec<Finding> = (0..8)
        .map(|at| finding("kpi/tried", &format!("r{at}"), "hr"))
        .collect();
    many.push(finding("kpi/zz", "z", "hr"));
    let attempt = attempt(Vec::new(), many);
    let told = pick_examples(&attempt.rows[0].new);
    assert_eq!(told.len(), 5);
    assert!(told.iter().any(|finding| finding.rule.as_str() == "kpi/zz"));
    let mut out = Vec::new();
    write_human(&attempt, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("4 more new"), "{out}");
}

#[test]
fn hostile_text_stays_text() {
    let mut hostile = finding("kpi/tried", "a", "<b>|\u{1b}[2J\n");
    hostile.message = "@all <script> \u{1b}[2J\nx".to_owned();
    let attempt = attempt(Vec::new(), vec![hostile]);
    let (mut plain, mut rich) = (Vec::new(), Vec::new());
    write_human(&attempt, &mut plain).unwrap();
    write_markdown(&attempt, &mut rich).unwrap();
    let (plain, rich) = (
        String::from_utf8(plain).unwrap(),
        String::from_utf8(rich).unwrap(),
    );
    assert!(!plain.contains('\u{1b}') && !rich.contains('\u{1b}'));
    assert!(
        !rich.contains("<script>") && !rich.contains("<b>"),
        "{rich}"
    );
    let row = rich
        .lines()
        .find(|line| line.contains("b&gt;") || line.contains("\\<b"));
    assert!(row.is_some(), "{rich}");
}
