//! What the life of rules means for a report: which warnings become errors on which day, and which rules that found something
//! give way to others. Every format that says so asks here.

use std::collections::{BTreeMap, BTreeSet};

use super::count_of;
use crate::model::report::Report;
use crate::model::rule::{Day, Rule, RuleId, State};

/// Rules that are named in a phrase.
const NAMED: usize = 5;

/// Open warnings that become errors on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Becoming<'a> {
    /// The first day on which they are errors.
    pub day: Day,
    /// How many, by rule.
    pub rules: BTreeMap<&'a RuleId, usize>,
}

/// What becomes an error when, the next day first.
pub fn becoming_errors(report: &Report) -> Vec<Becoming<'_>> {
    let mut days: BTreeMap<Day, BTreeMap<&RuleId, usize>> = BTreeMap::new();
    for finding in report.open() {
        if let Some(day) = finding.error_from {
            *days
                .entry(day)
                .or_default()
                .entry(&finding.rule)
                .or_default() += 1;
        }
    }
    let days = days.into_iter();
    days.map(|(day, rules)| Becoming { day, rules }).collect()
}

impl Becoming<'_> {
    /// ``12 warnings become errors on 2027-03-01 (`kpi/missing-grain`)``; `show` escapes a rule's id for where it goes.
    pub fn phrase(&self, show: impl Fn(&str) -> String) -> String {
        let count = self.rules.values().sum();
        let verb = match count {
            1 => "becomes an error",
            _ => "become errors",
        };
        let named = self.rules.keys().take(NAMED);
        let mut named: Vec<String> = named.map(|rule| show(rule.as_str())).collect();
        if self.rules.len() > NAMED {
            named.push(format!("{} more", self.rules.len() - NAMED));
        }
        format!(
            "{} {verb} on {} ({})",
            count_of(count, "warning"),
            self.day,
            named.join(", ")
        )
    }
}

/// Rules with open findings that give way to others, with those, sorted.
pub(super) fn deprecated_rules(report: &Report) -> Vec<(&RuleId, &RuleId)> {
    let found: BTreeSet<&RuleId> = report.open().map(|finding| &finding.rule).collect();
    let old = |rule: &&Rule| rule.state == State::Deprecated && found.contains(&rule.id);
    let old = report.rules.iter().filter(old);
    old.filter_map(|rule| Some((&rule.id, rule.successor.as_ref()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn day(text: &str) -> Day {
        Day(text.parse().unwrap())
    }

    #[test]
    fn warnings_are_counted_by_the_day_on_which_they_become_errors() {
        let mut report = sample::sample_report();
        assert_eq!(becoming_errors(&report), []);
        report.findings[1].error_from = Some(day("2027-03-01"));
        report.findings[0].error_from = Some(day("2027-02-01"));
        let said = |report: &Report| -> Vec<String> {
            let phrase = |becoming: &Becoming<'_>| becoming.phrase(|rule| format!("`{rule}`"));
            becoming_errors(report).iter().map(phrase).collect()
        };
        assert_eq!(
            said(&report),
            [
                "1 warning becomes an error on 2027-02-01 (`security/unknown-classification`)",
                "1 warning becomes an error on 2027-03-01 (`ownership/unknown-team`)"
            ]
        );
        report.findings[0].error_from = Some(day("2027-03-01"));
        assert_eq!(
            said(&report),
            [
                "2 warnings become errors on 2027-03-01 (`ownership/unknown-team`, `security/unknown-classification`)"
            ]
        );
    }

    #[test]
    fn exempt_findings_do_not_become_errors() {
        let mut report = sample::changed_report();
        report.findings.retain(|finding| !finding.is_open());
        for finding in &mut report.findings {
            finding.error_from = Some(day("2027-03-01"));
        }
        assert_eq!(becoming_errors(&report), []);
    }

    #[test]
    fn many_rules_are_named_in_part() {
        let ids: Vec<RuleId> = (0..7).map(|at| RuleId::new(format!("a/{at}"))).collect();
        let many = Becoming {
            day: day("2027-03-01"),
            rules: ids.iter().map(|id| (id, 1)).collect(),
        };
        assert_eq!(
            many.phrase(str::to_owned),
            "7 warnings become errors on 2027-03-01 (a/0, a/1, a/2, a/3, a/4, 2 more)"
        );
    }

    #[test]
    fn a_deprecated_rule_that_found_something_names_its_successor() {
        let mut report = sample::sample_report();
        let found = report.findings[1].rule.clone();
        for rule in &mut report.rules {
            rule.state = State::Deprecated;
            rule.successor = Some(RuleId::new("a/new"));
        }
        report.findings.remove(0);
        assert_eq!(deprecated_rules(&report), [(&found, &RuleId::new("a/new"))]);
    }
}
