//! The consequences of a change beyond its findings, in phrases that every format for people shares: next versions, removed
//! entities and affected consumers. The text is as the manifests have it: each format escapes it.

use std::collections::BTreeSet;

use super::count_of;
use super::escape::cut_text;
use crate::model::comparison::{Affected, RemovedEntity, RenamedEntity, VersionAdvice};
use crate::model::entity::{DOCUMENT_KIND, EntityKey};
use crate::model::report::Report;
use crate::model::waiver::{WaiverState, WaiverUse};

/// Characters of a name or version.
const NAME_LIMIT: usize = 80;
/// Characters of a reason.
const REASON_LIMIT: usize = 200;
/// Reasons that a version advice lists before it counts the rest.
const REASONS_SHOWN: usize = 3;
/// Entities that a phrase names before it counts the rest.
const ENTITIES_SHOWN: usize = 3;
/// Days before its last day from which a waiver is about to expire.
const SOON: i64 = 14;

/// A line for each entity whose version does not fit its change: ``contract `orders`: 1.2.0 → 2.0.0 (major): column `email` removed``.
pub(super) fn version_advice(report: &Report, arrow: &str) -> Vec<String> {
    let comparison = report.comparison.iter();
    comparison
        .flat_map(|comparison| &comparison.versions)
        .filter(|advice| advice.suggested != advice.to)
        .map(|advice| named(report, &advice_line(advice, arrow)))
        .collect()
}

fn advice_line(advice: &VersionAdvice, arrow: &str) -> String {
    let version = |version: &str| cut_text(version, NAME_LIMIT);
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
        let reasons = advice.reasons.iter().map(|it| cut_text(it, REASON_LIMIT));
        line.push_str(": ");
        line.push_str(&some_of(reasons, REASONS_SHOWN, "; "));
    }
    line
}

/// Entities that the change removes.
pub(super) fn removed_entities(report: &Report) -> &[RemovedEntity] {
    report.comparison.as_ref().map_or(&[], |it| &it.removed)
}

/// ``contract `returns` (owner `sales`, domain `sales`)``.
pub(super) fn removed_entity(report: &Report, removed: &RemovedEntity) -> String {
    let entity = with_owner(&removed.entity, &removed.owner, &removed.domain);
    named(report, &entity)
}

/// A line for each entity whose id the change renames: ``contract `orders` → `orders-v2` in sales/orders.yaml``.
pub(super) fn renamed_lines(report: &Report, arrow: &str) -> Vec<String> {
    let renamed = report.comparison.iter().flat_map(|it| &it.renamed);
    let line = |it: &RenamedEntity| {
        let (from, to) = (entity(&it.from), quote_name(&it.to.id));
        named(report, &format!("{from} {arrow} {to} in {}", it.file))
    };
    renamed.map(line).collect()
}

/// `3 findings gone with it`. `None` without findings.
pub(super) fn gone_with(removed: &RemovedEntity) -> Option<String> {
    match removed.findings.len() {
        0 => None,
        count => Some(format!("{} gone with it", count_of(count, "finding"))),
    }
}

/// Consumers of changed entities, direct ones first.
pub(super) fn affected_consumers(report: &Report) -> Vec<&Affected> {
    let affected = report.comparison.iter().flat_map(|it| &it.affected);
    let mut affected: Vec<&Affected> = affected.collect();
    // Stable: each of the two groups stays sorted by entity.
    affected.sort_by_key(|it| it.direct.is_empty());
    affected
}

/// `3 affected products (1 direct, 2 indirect) of 2 owners`. `None` without any.
pub(super) fn count_consumers(report: &Report) -> Option<String> {
    let affected = affected_consumers(report);
    if affected.is_empty() {
        return None;
    }
    let kind = affected.first().map(|it| &it.entity.kind);
    let kind = kind.filter(|kind| affected.iter().all(|it| it.entity.kind == **kind));
    let noun = kind.map_or("consumer", |kind| kind);
    let direct = affected.iter().filter(|it| !it.direct.is_empty()).count();
    let indirect = affected.len() - direct;
    let mut phrase = count_of(affected.len(), &format!("affected {noun}"));
    phrase.push_str(&match (direct, indirect) {
        (_, 0) => " (direct)".to_owned(),
        (0, _) => " (indirect)".to_owned(),
        (direct, indirect) => format!(" ({direct} direct, {indirect} indirect)"),
    });
    let owners: BTreeSet<&String> = affected.iter().filter_map(|it| it.owner.as_ref()).collect();
    if !owners.is_empty() {
        phrase.push_str(&format!(" of {}", count_of(owners.len(), "owner")));
    }
    Some(phrase)
}

/// ``product `billing` (owner `finance`, domain `finance`) reads contract `orders` ``, of an indirect consumer also through
/// which product.
pub(super) fn describe_consumer(report: &Report, affected: &Affected) -> String {
    let who = with_owner(&affected.entity, &affected.owner, &affected.domain);
    let is_direct = !affected.direct.is_empty();
    let read = if is_direct {
        &affected.direct
    } else {
        &affected.through
    };
    let mut line = format!("{who} reads {}", entities(read));
    if !is_direct && !affected.via.is_empty() {
        line.push_str(&format!(" through {}", entities(&affected.via)));
    }
    named(report, &line)
}

/// Who reads one changed entity: ``directly by product `billing`, indirectly by product `forecast` ``. `None` without
/// consumers.
pub(super) fn read_by(report: &Report, key: &EntityKey) -> Option<String> {
    let affected = report.comparison.iter().flat_map(|it| &it.affected);
    let affected = affected.filter(|it| it.through.contains(key));
    let (direct, indirect): (Vec<&Affected>, Vec<&Affected>) =
        affected.partition(|it| it.direct.contains(key));
    let parts: Vec<String> = [("directly", direct), ("indirectly", indirect)]
        .into_iter()
        .filter(|(_, consumers)| !consumers.is_empty())
        .map(|(how, consumers)| {
            let consumers = consumers.iter().map(|it| entity(&it.entity));
            format!("{how} by {}", some_of(consumers, ENTITIES_SHOWN, ", "))
        })
        .collect();
    (!parts.is_empty()).then(|| named(report, &parts.join(", ")))
}

/// Waivers that suppress something and are about to expire, the first to expire first.
pub(super) fn expiring_waivers(report: &Report) -> Vec<&WaiverUse> {
    let mut expiring: Vec<&WaiverUse> = report
        .waivers
        .iter()
        .filter(|it| it.state == WaiverState::Active && (0..=SOON).contains(&it.days_left))
        .collect();
    // Stable: those of one day stay in the order of their places.
    expiring.sort_by_key(|it| it.days_left);
    expiring
}

/// A phrase with names in place of UUIDs.
fn named(report: &Report, phrase: &str) -> String {
    report.names.rename(phrase).into_owned()
}

/// ``contract `orders` ``; a whole document is a file.
fn entity(key: &EntityKey) -> String {
    let kind = match &*key.kind {
        DOCUMENT_KIND => "file",
        kind => kind,
    };
    format!("{} {}", cut_text(kind, NAME_LIMIT), quote_name(&key.id))
}

fn entities(keys: &[EntityKey]) -> String {
    some_of(keys.iter().map(entity), ENTITIES_SHOWN, ", ")
}

fn with_owner(key: &EntityKey, owner: &Option<String>, domain: &Option<String>) -> String {
    let owner = owner
        .iter()
        .map(|owner| format!("owner {}", quote_name(owner)));
    let domain = domain
        .iter()
        .map(|domain| format!("domain {}", quote_name(domain)));
    let facts: Vec<String> = owner.chain(domain).collect();
    match facts.is_empty() {
        true => entity(key),
        false => format!("{} ({})", entity(key), facts.join(", ")),
    }
}

/// A name in backticks; backticks of its own become quotes.
pub(super) fn quote_name(name: &str) -> String {
    let name = cut_text(name.trim(), NAME_LIMIT).replace('`', "'");
    match name.is_empty() {
        true => "?".to_owned(),
        false => format!("`{name}`"),
    }
}

/// The first items in a row, and the number of the others.
fn some_of(items: impl ExactSizeIterator<Item = String>, shown: usize, separator: &str) -> String {
    let more = items.len().saturating_sub(shown);
    let mut text = items.take(shown).collect::<Vec<_>>().join(separator);
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_version_is_advised_where_the_present_one_is_wrong() {
        let mut report = sample::changed_report();
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
    fn a_renamed_entity_is_shown_with_both_ids() {
        assert_eq!(
            renamed_lines(&sample::changed_report(), "->"),
            ["contract `refunds` -> `paybacks` in sales/paybacks.yaml"]
        );
        assert!(renamed_lines(&sample::sample_report(), "->").is_empty());
    }

    #[test]
    fn consumers_and_owners_are_counted() {
        let mut report = sample::changed_report();
        assert_eq!(
            count_consumers(&report).unwrap(),
            "2 affected products (1 direct, 1 indirect) of 1 owner"
        );
        let affected = &mut report.comparison.as_mut().unwrap().affected;
        affected[0].entity.kind = "kpi".into();
        assert_eq!(
            count_consumers(&report).unwrap(),
            "2 affected consumers (1 direct, 1 indirect) of 1 owner",
            "of several kinds"
        );
        let affected = &mut report.comparison.as_mut().unwrap().affected;
        affected.truncate(1);
        affected[0].owner = None;
        assert_eq!(count_consumers(&report).unwrap(), "1 affected kpi (direct)");
        assert_eq!(count_consumers(&sample::sample_report()), None);
    }

    #[test]
    fn direct_consumers_come_before_indirect_ones() {
        let mut report = sample::changed_report();
        report.comparison.as_mut().unwrap().affected.reverse();
        let lines = affected_consumers(&report)
            .into_iter()
            .map(|it| describe_consumer(&report, it));
        let lines: Vec<String> = lines.collect();
        assert_eq!(
            lines,
            [
                "product `billing` (owner `finance`, domain `finance`) reads contract `orders`",
                "product `forecast` (owner `finance`, domain `finance`) reads contract `orders` through product `billing`"
            ]
        );
    }

    #[test]
    fn readers_of_an_entity_are_its_own() {
        let mut report = sample::changed_report();
        let orders = sample::entity_key("contract", "orders");
        assert_eq!(
            read_by(&report, &orders).unwrap(),
            "directly by product `billing`, indirectly by product `forecast`"
        );
        assert_eq!(
            read_by(&report, &sample::entity_key("contract", "returns")),
            None
        );
        let affected = &mut report.comparison.as_mut().unwrap().affected;
        affected[0].direct.clear();
        affected.extend(vec![affected[0].clone(); 3]);
        assert_eq!(
            read_by(&report, &orders).unwrap(),
            "indirectly by product `billing`, product `forecast`, product `billing` and 2 more"
        );
    }

    #[test]
    fn a_removed_entity_counts_the_findings_that_are_gone_with_it() {
        let mut report = sample::changed_report();
        let first = &removed_entities(&report)[0];
        assert_eq!(
            removed_entity(&report, first),
            "contract `returns` (owner `sales`, domain `sales`)"
        );
        assert_eq!(gone_with(first).unwrap(), "1 finding gone with it");
        let first = &mut report.comparison.as_mut().unwrap().removed[0];
        first.findings.clear();
        (first.owner, first.domain) = (None, None);
        first.entity = sample::entity_key("document", "sales/returns.yaml");
        assert_eq!(gone_with(first), None);
        let first = first.clone();
        assert_eq!(removed_entity(&report, &first), "file `sales/returns.yaml`");
    }

    #[test]
    fn an_entity_is_shown_by_its_name_if_its_id_is_a_uuid() {
        let mut report = sample::changed_report();
        let key = sample::entity_key("contract", "53581432-6c55-4ba2-a65f-72344a91553a");
        report.names.add(&key, "Returns of all shops");
        let comparison = report.comparison.as_mut().unwrap();
        comparison.removed[0].entity = key.clone();
        comparison.versions[0].entity = key.clone();
        comparison.affected[0].direct = vec![key];
        let said = [
            removed_entity(&report, &removed_entities(&report)[0]),
            version_advice(&report, "->").remove(0),
            describe_consumer(&report, affected_consumers(&report)[0]),
        ];
        for said in said {
            assert!(said.contains("contract `Returns of all shops`"), "{said}");
        }
    }

    #[test]
    fn active_waivers_expire_soon_within_two_weeks() {
        let mut report = sample::changed_report();
        let expiring = |report: &Report| expiring_waivers(report).len();
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
            assert_eq!(expiring(&report), count, "{days} {state:?}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_backticks() {
        assert_eq!(quote_name("a` <b>"), "`a' <b>`");
        assert_eq!(quote_name(" "), "?");
    }
}
