//! Identities that findings had before their rule was renamed: a renamed rule keeps its old name for ever.

use std::collections::BTreeMap;

use super::identity::identify_findings;
use super::shared_keys::SharedKeys;
use crate::model::finding::Finding;
use crate::model::rule::Rule;

/// Identities that were, by those that are.
pub(super) type Earlier = BTreeMap<String, Vec<String>>;

/// The earlier identities, by the present one. `findings` are sorted, and have theirs.
pub(super) fn earlier_identities(
    findings: &[Finding],
    rules: &[Rule],
    shared: &SharedKeys,
) -> Earlier {
    let mut earlier = Earlier::new();
    for rule in rules.iter().filter(|rule| !rule.aliases.is_empty()) {
        let now: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.rule == rule.id)
            .collect();
        for alias in &rule.aliases {
            let mut before: Vec<Finding> = now.iter().map(|finding| (*finding).clone()).collect();
            for finding in &mut before {
                finding.rule = alias.clone();
            }
            identify_findings(before.iter_mut().collect(), shared);
            for (now, before) in now.iter().zip(&before) {
                for (now, before) in now.identities().iter().zip(before.identities()) {
                    earlier.entry(now.clone()).or_default().push(before.clone());
                }
            }
        }
    }
    earlier
}
