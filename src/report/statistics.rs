//! Open findings counted by rule and level, with the fix that covers most of them. Every format that counts by rule asks here; the
//! table for people is [`super::rule_table`].

use std::collections::{BTreeMap, BTreeSet};

use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::{Level, RuleId};
use crate::model::selection::ALWAYS_REPORTED;
use crate::model::text::RelPath;

/// The open findings of one rule at one level. Config can give a rule several levels, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleCount<'a> {
    pub(super) rule: &'a RuleId,
    pub(super) level: Level,
    pub(super) findings: usize,
    /// Files that the findings are in. Zero if they name no file.
    pub(super) files: usize,
    /// `None` where the rule offers neither an edit nor a help.
    pub(super) remedy: Option<Remedy<'a>>,
}

/// What to do about findings of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy<'a> {
    /// Text to write.
    Edit(&'a str),
    /// What to do, in words.
    Help(&'a str),
}

/// All open findings, by rule and level. First come the findings that keep others from being seen; then the worst level, the most
/// findings, and the id of the rule decide.
pub(super) fn count_by_rule(report: &Report) -> Vec<RuleCount<'_>> {
    let mut tallies: BTreeMap<(&RuleId, Level), RuleTally<'_>> = BTreeMap::new();
    for finding in report.open() {
        let tally = tallies.entry((&finding.rule, finding.level)).or_default();
        tally.add(finding);
    }
    let mut counts: Vec<(bool, RuleCount<'_>)> = tallies
        .into_iter()
        .map(|((rule, level), tally)| (tally.first, tally.count(rule, level)))
        .collect();
    // Stable, so that equal rows stay in the order of their rules.
    counts.sort_by_key(|(first, count)| {
        let most = std::cmp::Reverse((*first, count.level, count.findings));
        (most, count.rule)
    });
    counts.into_iter().map(|(_, count)| count).collect()
}

/// Whether a finding is about the run: what it says may hide other findings.
pub(super) fn is_about_the_run(finding: &Finding) -> bool {
    finding.incomplete || ALWAYS_REPORTED.contains(&finding.rule.category())
}

#[derive(Default)]
struct RuleTally<'a> {
    findings: usize,
    files: BTreeSet<&'a RelPath>,
    edits: BTreeMap<&'a str, usize>,
    helps: BTreeMap<&'a str, usize>,
    first: bool,
}

impl<'a> RuleTally<'a> {
    fn add(&mut self, finding: &'a Finding) {
        self.findings += 1;
        self.files
            .extend(finding.location.as_ref().map(|at| &at.file));
        if let Some(edit) = &finding.fix {
            *self.edits.entry(edit).or_default() += 1;
        }
        if let Some(help) = &finding.help {
            *self.helps.entry(help).or_default() += 1;
        }
        self.first |= is_about_the_run(finding);
    }

    fn count(self, rule: &'a RuleId, level: Level) -> RuleCount<'a> {
        RuleCount {
            rule,
            level,
            findings: self.findings,
            files: self.files.len(),
            remedy: self.remedy(),
        }
    }

    /// An edit that fixes at least half of the findings, else the most frequent help, else the most frequent edit.
    fn remedy(&self) -> Option<Remedy<'a>> {
        let edit = most_frequent(&self.edits);
        let by_edit = edit.filter(|(_, fixed)| 2 * fixed >= self.findings);
        by_edit
            .map(|(text, _)| Remedy::Edit(text))
            .or_else(|| most_frequent(&self.helps).map(|(text, _)| Remedy::Help(text)))
            .or_else(|| edit.map(|(text, _)| Remedy::Edit(text)))
    }
}

/// The text that occurs most often, the first of several.
fn most_frequent<'a>(texts: &BTreeMap<&'a str, usize>) -> Option<(&'a str, usize)> {
    let counts = texts.iter().map(|(text, count)| (*text, *count));
    counts.rev().max_by_key(|(_, count)| *count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn finding(rule: &str, level: Level, file: &str) -> Finding {
        let report = sample::empty_report(&[(file, "x")]);
        sample::finding_on(&report, rule, level, file, "x")
    }

    fn rows(findings: Vec<Finding>) -> Vec<String> {
        let mut report = sample::empty_report(&[]);
        report.findings = findings;
        let row =
            |it: RuleCount<'_>| format!("{} {} {} {}", it.findings, it.level, it.files, it.rule);
        count_by_rule(&report).into_iter().map(row).collect()
    }

    #[test]
    fn rows_are_by_rule_and_level_the_worst_and_the_most_first() {
        let rows = rows(vec![
            finding("b/two", Level::Warning, "a"),
            finding("a/one", Level::Note, "a"),
            finding("b/two", Level::Error, "a"),
            finding("a/one", Level::Error, "a"),
            finding("a/one", Level::Error, "b"),
            finding("a/one", Level::Error, "b"),
            finding("c/three", Level::Warning, "b"),
        ]);
        assert_eq!(
            rows,
            [
                "3 error 2 a/one",
                "1 error 1 b/two",
                "1 warning 1 b/two",
                "1 warning 1 c/three",
                "1 note 1 a/one",
            ]
        );
    }

    #[test]
    fn findings_about_the_run_come_before_errors() {
        let mut unjudged = finding("house/bound", Level::Error, "a");
        unjudged.incomplete = true;
        let rows = rows(vec![
            finding("a/one", Level::Error, "a"),
            finding("discover/near-miss", Level::Note, "a"),
            unjudged,
        ]);
        assert_eq!(
            rows,
            [
                "1 error 1 house/bound",
                "1 note 1 discover/near-miss",
                "1 error 1 a/one",
            ]
        );
    }

    #[test]
    fn only_open_findings_are_counted() {
        let report = sample::changed_report();
        let counts = count_by_rule(&report);
        let total: usize = counts.iter().map(|count| count.findings).sum();
        assert_eq!((total, report.findings.len()), (2, 5));
    }

    /// Edits and helps of the findings of a rule, and the remedy for most of them.
    type Case<'c> = (&'c [(Option<&'c str>, Option<&'c str>)], Option<Remedy<'c>>);

    #[test]
    fn the_remedy_covers_most_findings() {
        let cases: [Case<'_>; 5] = [
            (&[(None, None)], None),
            (
                &[(None, Some("b")), (None, Some("a")), (None, Some("b"))],
                Some(Remedy::Help("b")),
            ),
            (
                &[
                    (Some("x: 1"), Some("h")),
                    (Some("x: 2"), Some("h")),
                    (Some("x: 3"), Some("h")),
                ],
                Some(Remedy::Help("h")),
            ),
            (
                &[
                    (Some("x: 1"), Some("h")),
                    (Some("x: 1"), Some("h")),
                    (None, Some("h")),
                ],
                Some(Remedy::Edit("x: 1")),
            ),
            (
                &[(Some("x: 2"), None), (Some("x: 1"), None), (None, None)],
                Some(Remedy::Edit("x: 1")),
            ),
        ];
        for (texts, expected) in cases {
            let mut report = sample::empty_report(&[]);
            for (edit, help) in texts {
                let mut finding = finding("a/b", Level::Error, "a");
                finding.fix = edit.map(str::to_owned);
                finding.help = help.map(Into::into);
                report.findings.push(finding);
            }
            assert_eq!(count_by_rule(&report)[0].remedy, expected, "{texts:?}");
        }
    }
}
