//! What a change means beyond its findings, in words that every format for people shares: the version that would be right, and whom it
//! touches downstream. The text is as the manifests have it: whoever writes it out escapes it.

use std::collections::BTreeSet;

use super::count_of;
use super::escape::cut;
use crate::model::comparison::{Affected, VersionAdvice};
use crate::model::entity::EntityKey;
use crate::model::report::Report;
use crate::model::waiver::{WaiverState, WaiverUse};

/// Characters of a name or version.
const NAME_LIMIT: usize = 80;
/// Characters of a reason.
const REASON_LIMIT: usize = 200;
/// Reasons for a version that are told; of the rest, the number.
const REASONS_TOLD: usize = 3;
/// Changed entities told for a consumer; of the rest, the number.
const THROUGH_TOLD: usize = 3;
/// Days before its end from which a waiver is told of.
const SOON: i64 = 14;

/// Where the present version is not the right one, which is: ``contract `orders`: 1.2.0 → 2.0.0 (major): column `email` removed``.
pub(super) fn version_advice(report: &Report, arrow: &str) -> Vec<String> {
    let comparison = report.comparison.iter();
    comparison
        .flat_map(|comparison| &comparison.versions)
        .filter(|advice| advice.suggested != advice.to)
        .map(|advice| advice_line(advice, arrow))
        .collect()
}

fn advice_line(advice: &VersionAdvice, arrow: &str) -> String {
    let version = |version: &str| cut(version, NAME_LIMIT);
    let mut line = format!(
        "{}: {} {arrow} {} ({})",
        entity(&advice.entity),
        version(&advice.from),
        version(&advice.suggested),
        advice.part.as_str()
    );
    if advice.to != advice.from {
        line.push_str(&format!(", not {}", version(&advice.to)));
    }
    if !advice.reasons.is_empty() {
        let reasons = advice.reasons.iter().map(|it| cut(it, REASON_LIMIT));
        line.push_str(": ");
        line.push_str(&some_of(reasons, advice.reasons.len(), REASONS_TOLD));
    }
    line
}

/// `3 products of 2 owners read from what changed`; none if nobody does.
pub(super) fn downstream(report: &Report) -> Option<String> {
    let affected = affected(report);
    if affected.is_empty() {
        return None;
    }
    let products = affected.iter().all(|it| &*it.entity.kind == "product");
    let noun = if products { "product" } else { "consumer" };
    let owners: BTreeSet<&String> = affected.iter().filter_map(|it| it.owner.as_ref()).collect();
    let of = match owners.len() {
        0 => String::new(),
        count => format!(" of {}", count_of(count, "owner")),
    };
    let verb = if affected.len() == 1 { "reads" } else { "read" };
    let count = count_of(affected.len(), noun);
    Some(format!("{count}{of} {verb} from what changed"))
}

pub(super) fn affected(report: &Report) -> &[Affected] {
    report.comparison.as_ref().map_or(&[], |it| &it.affected)
}

/// ``product `billing` of `finance`, domain `finance`, through contract `orders` ``.
pub(super) fn consumer(affected: &Affected) -> String {
    let mut line = entity(&affected.entity);
    if let Some(owner) = &affected.owner {
        line.push_str(&format!(" of {}", name(owner)));
    }
    if let Some(domain) = &affected.domain {
        line.push_str(&format!(", domain {}", name(domain)));
    }
    if !affected.through.is_empty() {
        let through = affected.through.iter().map(entity);
        let through = some_of(through, affected.through.len(), THROUGH_TOLD);
        line.push_str(&format!(", through {through}"));
    }
    line
}

/// Waivers that except something and end soon, the first to end first.
pub(super) fn ending_waivers(report: &Report) -> Vec<&WaiverUse> {
    let mut ending: Vec<&WaiverUse> = report
        .waivers
        .iter()
        .filter(|it| it.state == WaiverState::Active && (0..=SOON).contains(&it.days_left))
        .collect();
    // Stable: those of one day stay in the order of their places.
    ending.sort_by_key(|it| it.days_left);
    ending
}

/// ``contract `orders` ``.
pub(super) fn entity(key: &EntityKey) -> String {
    format!("{} {}", cut(&key.kind, NAME_LIMIT), name(&key.id))
}

/// A name in backticks, which no name may end.
pub(super) fn name(name: &str) -> String {
    let name = cut(name.trim(), NAME_LIMIT).replace('`', "'");
    match name.is_empty() {
        true => "?".to_owned(),
        false => format!("`{name}`"),
    }
}

fn some_of(items: impl Iterator<Item = String>, count: usize, told: usize) -> String {
    let mut text = items.take(told).collect::<Vec<_>>().join("; ");
    if count > told {
        text.push_str(&format!(" and {} more", count - told));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_version_is_advised_where_the_present_one_is_wrong() {
        let mut report = sample::changed();
        assert_eq!(
            version_advice(&report, "->"),
            ["contract `orders`: 1.2.0 -> 2.0.0 (major), not 1.3.0: column `email` removed"]
        );
        let versions = &mut report.comparison.as_mut().unwrap().versions;
        versions[0].to = versions[0].from.clone();
        versions[0].reasons = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(
            version_advice(&report, "->"),
            ["contract `orders`: 1.2.0 -> 2.0.0 (major): a; b; c and 2 more"]
        );
        let versions = &mut report.comparison.as_mut().unwrap().versions;
        versions[0].to = versions[0].suggested.clone();
        assert!(version_advice(&report, "->").is_empty());
    }

    #[test]
    fn consumers_and_owners_are_counted() {
        let mut report = sample::changed();
        assert_eq!(
            downstream(&report).unwrap(),
            "2 products of 1 owner read from what changed"
        );
        assert_eq!(
            consumer(&affected(&report)[0]),
            "product `billing` of `finance`, domain `finance`, through contract `orders`"
        );
        let affected = &mut report.comparison.as_mut().unwrap().affected;
        affected.truncate(1);
        affected[0].owner = None;
        affected[0].entity.kind = "kpi".into();
        assert_eq!(
            downstream(&report).unwrap(),
            "1 consumer reads from what changed"
        );
        assert_eq!(downstream(&sample::report()), None);
    }

    #[test]
    fn waivers_that_work_and_end_within_two_weeks_are_told() {
        let mut report = sample::changed();
        let told = |report: &Report| ending_waivers(report).len();
        for (days, state, count) in [
            (14, WaiverState::Active, 1),
            (0, WaiverState::Active, 1),
            (15, WaiverState::Active, 0),
            (-1, WaiverState::Active, 0),
            (3, WaiverState::Unused, 0),
            (3, WaiverState::Refused, 0),
        ] {
            report.waivers[0].days_left = days;
            report.waivers[0].state = state;
            assert_eq!(told(&report), count, "{days} {state:?}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_backticks() {
        assert_eq!(name("a` <b>"), "`a' <b>`");
        assert_eq!(name(" "), "?");
    }
}
