//! Levels, lifecycle dates and identity: from what rules found to what a run reports.

mod adopted;
mod aliases;
pub mod baseline;
mod compare;
mod exceptions;
mod identity;
mod in_force;
mod levels;
mod order;
mod ruling;
mod selection;
mod shared_keys;
mod waivers;

pub use adopted::Adopted;
pub use baseline::{Baseline, BaselineError, baseline_schema};
pub use compare::{Correspondence, compare_findings, follow_renames, separate_removed};
pub use exceptions::{
    Excepted, Exceptions, JudgedRun, MAX_DAYS, apply_exceptions, is_about_exceptions,
};
pub use identity::tell_apart;
pub use in_force::{NOT_IN_FORCE, RULES, not_in_force};
pub use levels::{judge_findings, name_entities};
pub use ruling::{Ruling, Rulings, effective_level};
pub use selection::{KnownNames, SelectionError, filter_report, select_rules};
pub use shared_keys::SharedKeys;
pub use waivers::{GoverningComments, Waivers, waivers_schema};

use crate::model::rule::BuiltinRule;
use order::sort_findings;

/// What this stage itself says: of waivers, the baseline, and what is not in force.
pub fn builtin_rules() -> impl Iterator<Item = &'static BuiltinRule> {
    waivers::RULES.iter().chain(baseline::RULES).chain(RULES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::entity::EntityKey;
    use crate::model::finding::Finding;
    use crate::model::names::EntityNames;
    use crate::model::rule::Day;
    use crate::model::rule::Level;
    use crate::model::rule::Rule;
    use crate::model::rule::RuleId;

    fn finding(route: &str, message: &str) -> Finding {
        let rule = RuleId::new("kpi/bad-name");
        let mut finding = Finding::bare(rule, Level::Error, message.to_owned());
        finding.route = route.to_owned();
        finding
    }

    fn rule(enforced_from: Option<&str>) -> Rule {
        let id = RuleId::new("kpi/bad-name");
        Rule {
            enforced_from: enforced_from.map(day),
            ..Rule::new(id, String::new(), String::new(), Level::Error)
        }
    }

    fn day(text: &str) -> Day {
        Day(text.parse().unwrap())
    }

    fn level(rule: Rule, ruling: Ruling) -> Option<Level> {
        let judged = judge_findings(
            vec![finding("a", "m")],
            &[rule],
            day("2026-06-01"),
            &move |_, _| ruling,
        );
        judged.first().map(|finding| finding.level)
    }

    #[test]
    fn an_error_is_a_warning_until_it_is_enforced() {
        assert_eq!(
            level(rule(Some("2026-06-02")), Ruling::default()),
            Some(Level::Warning)
        );
        assert_eq!(
            level(rule(Some("2026-06-01")), Ruling::default()),
            Some(Level::Error)
        );
        let later = Ruling {
            enforced_from: Some(day("2027-01-01")),
            ..Ruling::default()
        };
        assert_eq!(level(rule(None), later), Some(Level::Warning));
        let raised = Ruling {
            level: Some(Some(Level::Error)),
            ..later
        };
        assert_eq!(level(rule(None), raised), Some(Level::Warning));
    }

    #[test]
    fn a_warning_that_becomes_an_error_says_when() {
        let judged = |today, day| {
            let found = vec![finding("a", "m")];
            judge_findings(found, &[rule(day)], today, &|_, _| Ruling::default())
        };
        let waits = judged(day("2026-06-01"), Some("2026-06-02"));
        assert_eq!(waits[0].error_from, Some(day("2026-06-02")));
        let holds = judged(day("2026-06-02"), Some("2026-06-02"));
        assert_eq!(holds[0].error_from, None);
        let mut mild = finding("a", "m");
        mild.level = Level::Note;
        let rules = [rule(Some("2026-06-02"))];
        let mild = judge_findings(vec![mild], &rules, day("2026-06-01"), &|_, _| {
            Ruling::default()
        });
        assert_eq!((mild[0].level, mild[0].error_from), (Level::Note, None));
    }

    #[test]
    fn config_has_the_last_word() {
        let note = Ruling {
            level: Some(Some(Level::Note)),
            ..Ruling::default()
        };
        assert_eq!(level(rule(Some("2027-01-01")), note), Some(Level::Note));
        let error = Ruling {
            level: Some(Some(Level::Error)),
            ..Ruling::default()
        };
        assert_eq!(
            level(rule(Some("2027-01-01")), error),
            Some(Level::Error),
            "at once: config gives no day"
        );
        let off = Ruling {
            level: Some(None),
            ..Ruling::default()
        };
        assert_eq!(level(rule(None), off), None);
    }

    #[test]
    fn what_could_not_be_judged_stays_whatever_config_says() {
        let mut broken = finding("a", "m");
        broken.incomplete = true;
        let off = Ruling {
            level: Some(None),
            ..Ruling::default()
        };
        assert_eq!(
            judge_findings(vec![broken], &[], day("2026-06-01"), &move |_, _| off).len(),
            1
        );
    }

    #[test]
    fn findings_are_sorted_and_equal_ones_stay_in_their_order() {
        let mut state = 3_usize;
        for count in 0..60 {
            let mut findings: Vec<Finding> = (0..count)
                .map(|number| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let message = format!("m{}", (state >> 33) % 7);
                    finding(&number.to_string(), &message)
                })
                .collect();
            let mut expected = findings.clone();
            expected.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
            sort_findings(&mut findings);
            assert_eq!(findings, expected);
        }
    }

    #[test]
    fn identity_is_not_made_of_the_message_and_tells_twins_apart() {
        let judged = |findings| {
            judge_findings(findings, &[], day("2026-06-01"), &|_, _| Ruling::default())
                .into_iter()
                .map(|finding| finding.fingerprint)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            judged(vec![finding("a", "one")]),
            judged(vec![finding("a", "two")])
        );
        assert_ne!(
            judged(vec![finding("a", "one")]),
            judged(vec![finding("b", "one")])
        );
        let twins = judged(vec![finding("a", "one"), finding("a", "one")]);
        assert_ne!(twins[0], twins[1]);
    }

    #[test]
    fn messages_name_entities_and_identity_stays() {
        let key = EntityKey {
            kind: "contract".into(),
            id: "53581432-6c55-4ba2-a65f-72344a91553a".into(),
        };
        let mut names = EntityNames::default();
        names.add(&key, "Orders");
        let message = format!("contract `{}` names no team", key.id);
        let mut found = finding("a", &message);
        found.entity = Some(key);
        let judged =
            |findings| judge_findings(findings, &[], day("2026-06-01"), &|_, _| Ruling::default());
        let before = judged(vec![found.clone()]);
        let mut renamed = [found];
        name_entities(&mut renamed, &names);
        let after = judged(renamed.into());
        assert_eq!(after[0].message, "contract `Orders` names no team");
        assert_eq!(after[0].fingerprint, before[0].fingerprint);
        assert_eq!(after[0].entity, before[0].entity);
    }

    #[test]
    fn a_combined_finding_has_the_identities_of_its_parts() {
        let judged =
            |findings| judge_findings(findings, &[], day("2026-06-01"), &|_, _| Ruling::default());
        let mut together = finding("columns", "all");
        together.covers = vec!["columns[a]".to_owned(), "columns[b]".to_owned()];
        let alone = judged(vec![finding("columns[b]", "b"), finding("columns[a]", "a")]);
        let together = judged(vec![together]);
        let alone: Vec<&String> = alone.iter().flat_map(Finding::identities).collect();
        assert_eq!(together[0].identities().iter().collect::<Vec<_>>(), alone);
    }
}
