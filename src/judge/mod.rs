//! Levels, lifecycle dates and identity: from what rules found to what a run reports.

mod compare;
mod in_force;

pub use compare::{compare, moved, separate_removed};
pub use in_force::{NOT_IN_FORCE, RULES, not_in_force};

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::finding::{Finding, Location};
use crate::model::names::EntityNames;
use crate::model::rule::{BuiltinRule, Day, Level, Rule, RuleId};
use crate::model::text::{RelPath, SourceText, Span};

mod aliases;
pub mod baseline;
mod exceptions;
mod selection;
mod waivers;

pub use aliases::{Earlier, earlier_identities};
pub use baseline::{Baseline, BaselineError, baseline_schema};
pub use exceptions::{Exceptions, MAX_DAYS, Run, except, is_about_exceptions};
pub use selection::{KnownNames, SelectionError, filter_report, select_rules};
pub use waivers::{Waivers, waivers_schema};

/// What this stage itself says: of waivers, the baseline, and what is not in force.
pub fn builtin_rules() -> impl Iterator<Item = &'static BuiltinRule> {
    waivers::RULES.iter().chain(baseline::RULES).chain(RULES)
}

/// What config makes of a rule's findings in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ruling {
    /// The level that config gives; none if it says nothing, `Some(None)` for `off`.
    pub level: Option<Option<Level>>,
    /// The day that config gives for `enforced_from`.
    pub enforced_from: Option<Day>,
}

/// Config as this stage needs it: the ruling for a rule in a file (none for findings without a file).
pub type Rulings<'r> = dyn Fn(&RuleId, Option<&RelPath>) -> Ruling + Sync + 'r;

/// Gives every finding its level and identity, drops those that are off, and sorts the rest.
///
/// Level: METADATA severity and `enforced_from`, then config. Before its day an error counts as a warning; a level that
/// config gives without a day holds at once, whatever METADATA says of days.
/// What made the judgement incomplete stays, and stays an error, whatever config says.
pub fn judge(
    mut findings: Vec<Finding>,
    rules: &[Rule],
    today: Day,
    rulings: &Rulings<'_>,
) -> Vec<Finding> {
    let dates: BTreeMap<&RuleId, Option<Day>> = rules
        .iter()
        .map(|rule| (&rule.id, rule.enforced_from))
        .collect();
    findings.retain_mut(|finding| {
        if finding.incomplete {
            return true;
        }
        let ruling = rulings(
            &finding.rule,
            finding.location.as_ref().map(|location| &location.file),
        );
        let day = dates.get(&finding.rule).copied().flatten();
        let (level, error_from) = standing(finding.level, day, ruling, today);
        finding.error_from = error_from;
        finding.level = level.unwrap_or(finding.level);
        level.is_some()
    });
    sort(&mut findings);
    identify(&mut findings);
    findings
}

/// Puts names in the place of UUIDs in messages. Identity is not made of messages, so it stays.
pub fn name_entities(findings: &mut [Finding], names: &EntityNames) {
    let rename = |text: &mut String| {
        if let Cow::Owned(renamed) = names.rename(text) {
            *text = renamed;
        }
    };
    for finding in findings {
        rename(&mut finding.message);
        finding
            .related
            .iter_mut()
            .for_each(|related| rename(&mut related.message));
    }
}

/// Sorts findings as every output has them. They are large, and there are many: their order is worked out apart, and then
/// each is moved to its place, where sorting themselves would take their room once more.
fn sort(findings: &mut [Finding]) {
    let key = |at: &usize| findings.get(*at).map(Finding::sort_key);
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.par_sort_by(|a, b| key(a).cmp(&key(b)));
    for start in 0..order.len() {
        let mut at = start;
        // Whose place this is comes from where it lies, and leaves its own to the next.
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start {
                break;
            }
            findings.swap(at, from);
            at = from;
        }
    }
}

/// The level of findings on a day, none if they are off, and the day from which they are errors, if they become so:
/// from severity and day in METADATA, and what config makes of them.
pub fn standing(
    severity: Level,
    own: Option<Day>,
    ruling: Ruling,
    today: Day,
) -> (Option<Level>, Option<Day>) {
    let day = match ruling.level {
        Some(_) => ruling.enforced_from,
        None => ruling.enforced_from.or(own),
    };
    match (ruling.level.unwrap_or(Some(severity)), day) {
        (Some(Level::Error), Some(day)) if today < day => (Some(Level::Warning), Some(day)),
        (level, _) => (level, None),
    }
}

fn place(file: &RelPath, text: &SourceText, span: Span) -> Location {
    Location {
        file: file.clone(),
        span,
        start: text.position(span.start),
        end: text.position(span.end),
    }
}

/// Identity: rule, entity, route, discriminator, and a number where all of these agree. No line, index or message.
fn identify(findings: &mut [Finding]) {
    let own: Vec<String> = findings
        .par_iter()
        .map(|finding| identity(finding, &finding.route))
        .collect();
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(own.len());
    let numbers: Vec<usize> = own
        .iter()
        .map(|own| {
            let next = seen.entry(own).or_default();
            std::mem::replace(next, *next + 1)
        })
        .collect();
    let identified = findings.par_iter_mut().zip(&own).zip(&numbers);
    identified.for_each(|((finding, own), number)| {
        finding.fingerprint = hash(own, *number);
        // As if each had been told by itself.
        let covered = finding.covers.iter();
        finding.covered = covered
            .map(|route| hash(&identity(finding, route), 0))
            .collect();
    });
}

fn identity(finding: &Finding, route: &str) -> String {
    let entity = finding.entity.as_ref().map(ToString::to_string);
    let discriminator = finding.discriminator.as_deref().unwrap_or_default();
    [
        finding.rule.as_str(),
        &entity.unwrap_or_default(),
        route,
        discriminator,
    ]
    .join("\0")
}

fn hash(identity: &str, number: usize) -> String {
    let mut told = identity.to_owned();
    // Writing to text can't fail.
    let _ = write!(told, "\0{number}");
    let mut shown = String::with_capacity(32);
    for byte in Sha256::digest(told.as_bytes()).iter().take(16) {
        let _ = write!(shown, "{byte:02x}");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::entity::EntityKey;

    fn finding(route: &str, message: &str) -> Finding {
        let rule = RuleId::new("kpi/bad-name");
        let mut finding = Finding::bare(rule, Level::Error, message.to_owned());
        finding.route = route.to_owned();
        finding
    }

    fn rule(enforced_from: Option<&str>) -> Rule {
        Rule {
            id: RuleId::new("kpi/bad-name"),
            title: String::new(),
            description: String::new(),
            help: "".into(),
            severity: Level::Error,
            scope: crate::model::rule::Scope::Entity,
            entities: Vec::new(),
            needs: Vec::new(),
            text_matches: None,
            together: None,
            counts: None,
            since: None,
            state: crate::model::rule::State::Enabled,
            enforced_from: enforced_from.map(day),
            successor: None,
            options: serde_json::Map::new(),
            option_docs: BTreeMap::new(),
            waivable: true,
            inline: false,
            aliases: Vec::new(),
            related_resources: Vec::new(),
            page: None,
            pack: String::new(),
            file: String::new(),
        }
    }

    fn day(text: &str) -> Day {
        Day(text.parse().unwrap())
    }

    fn level(rule: Rule, ruling: Ruling) -> Option<Level> {
        let judged = judge(
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
            judge(found, &[rule(day)], today, &|_, _| Ruling::default())
        };
        let waits = judged(day("2026-06-01"), Some("2026-06-02"));
        assert_eq!(waits[0].error_from, Some(day("2026-06-02")));
        let holds = judged(day("2026-06-02"), Some("2026-06-02"));
        assert_eq!(holds[0].error_from, None);
        let mut mild = finding("a", "m");
        mild.level = Level::Note;
        let rules = [rule(Some("2026-06-02"))];
        let mild = judge(vec![mild], &rules, day("2026-06-01"), &|_, _| {
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
            judge(vec![broken], &[], day("2026-06-01"), &move |_, _| off).len(),
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
            sort(&mut findings);
            assert_eq!(findings, expected);
        }
    }

    #[test]
    fn identity_is_not_made_of_the_message_and_tells_twins_apart() {
        let judged = |findings| {
            judge(findings, &[], day("2026-06-01"), &|_, _| Ruling::default())
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
        let judged = |findings| judge(findings, &[], day("2026-06-01"), &|_, _| Ruling::default());
        let before = judged(vec![found.clone()]);
        let mut renamed = [found];
        name_entities(&mut renamed, &names);
        let after = judged(renamed.into());
        assert_eq!(after[0].message, "contract `Orders` names no team");
        assert_eq!(after[0].fingerprint, before[0].fingerprint);
        assert_eq!(after[0].entity, before[0].entity);
    }

    #[test]
    fn what_is_told_together_has_the_identities_of_its_parts() {
        let judged = |findings| judge(findings, &[], day("2026-06-01"), &|_, _| Ruling::default());
        let mut together = finding("columns", "all");
        together.covers = vec!["columns[a]".to_owned(), "columns[b]".to_owned()];
        let alone = judged(vec![finding("columns[b]", "b"), finding("columns[a]", "a")]);
        let together = judged(vec![together]);
        let alone: Vec<&String> = alone.iter().flat_map(Finding::identities).collect();
        assert_eq!(together[0].identities().iter().collect::<Vec<_>>(), alone);
    }
}
