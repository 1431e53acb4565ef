//! Findings with the level that holds for them, sorted and identified.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::identity::identify_findings;
use super::order::sort_findings;
use super::ruling::{Rulings, effective_level};
use super::shared_keys::SharedKeys;
use crate::model::finding::Finding;
use crate::model::names::EntityNames;
use crate::model::rule::{Day, Rule, RuleId};

/// Gives every finding its level and identity, drops those that are off, and sorts the rest.
///
/// Level: METADATA severity and `enforced_from`, then config. Before its day an error counts as a warning; a level that
/// config gives without a day holds at once, whatever day METADATA names.
/// A finding that makes the judgement incomplete stays an error, whatever config says.
pub fn judge_findings(
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
        let (level, error_from) = effective_level(finding.level, day, ruling, today);
        finding.error_from = error_from;
        finding.level = level.unwrap_or(finding.level);
        level.is_some()
    });
    sort_findings(&mut findings);
    identify_findings(findings.iter_mut().collect(), &SharedKeys::default());
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
