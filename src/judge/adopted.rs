//! Which entry of the baseline each finding matches. An entry is for one declaration: it follows that to another file only if
//! its old place no longer declares the entity.

use std::collections::{BTreeMap, BTreeSet};

use super::aliases::earlier_identities;
use super::baseline::{Baseline, text_of};
use super::identity::{hash_identity, identity_of};
use super::shared_keys::SharedKeys;
use crate::model::finding::Finding;
use crate::model::rule::{Rule, RuleId};
use crate::model::text::RelPath;

/// How many findings with one identity at one place are distinguished beyond the number of entries.
const TWINS: usize = 8;

/// Entries of the baseline, by the identity of the finding, or the part of one, that matches them.
pub type Adopted = BTreeMap<String, String>;

/// The entries that findings match, under the present name of their rule or an earlier one.
pub(super) fn adopted_findings(
    baseline: &Baseline,
    findings: &[Finding],
    rules: &[Rule],
    shared: &SharedKeys,
) -> Adopted {
    let mut matching = Matching {
        by_text: BTreeMap::new(),
        aliases: rules
            .iter()
            .map(|rule| (&rule.id, rule.aliases.as_slice()))
            .collect(),
        shared,
        used: BTreeSet::new(),
        adopted: Adopted::new(),
    };
    for (identity, text) in baseline.entries() {
        matching.by_text.entry(text).or_default().push(identity);
    }
    let earlier = earlier_identities(findings, rules, shared);
    let parts = || findings.iter().flat_map(parts_of);
    for part in parts().filter(|part| shared.files_of(part.finding).is_empty()) {
        let others = earlier.get(part.identity).into_iter().flatten();
        let mut names = std::iter::once(part.identity).chain(others);
        if let Some(name) = names.find(|name| baseline.contains(name)) {
            matching.take(&part, name);
        }
    }
    // Those of the same file first: what is left of the entries may have moved.
    for same_place in [true, false] {
        for part in parts() {
            matching.take_by_text(&part, same_place);
        }
    }
    matching.adopted
}

/// A finding, or one part of it.
struct FindingPart<'f> {
    finding: &'f Finding,
    route: &'f str,
    identity: &'f String,
}

fn parts_of(finding: &Finding) -> impl Iterator<Item = FindingPart<'_>> {
    let own = std::slice::from_ref(&finding.route);
    let routes = match finding.covers.as_slice() {
        [] => own,
        covers => covers,
    };
    let parts = routes.iter().zip(finding.identities());
    parts.map(move |(route, identity)| FindingPart {
        finding,
        route,
        identity,
    })
}

struct Matching<'m> {
    /// The entries by the text beside them.
    by_text: BTreeMap<&'m str, Vec<&'m str>>,
    aliases: BTreeMap<&'m RuleId, &'m [RuleId]>,
    shared: &'m SharedKeys,
    used: BTreeSet<String>,
    adopted: Adopted,
}

impl Matching<'_> {
    fn take(&mut self, part: &FindingPart<'_>, entry: &str) {
        self.used.insert(entry.to_owned());
        self.adopted.insert(part.identity.clone(), entry.to_owned());
    }

    /// Looks for an entry whose text names the same rule, entity and route: of the finding's own file, or of a file that no
    /// longer declares the entity.
    fn take_by_text(&mut self, part: &FindingPart<'_>, same_place: bool) {
        let file = part.finding.location.as_ref().map(|at| &at.file);
        let (Some(entity), Some(file)) = (&part.finding.entity, file) else {
            return;
        };
        if self.adopted.contains_key(part.identity) {
            return;
        }
        let declaring = self.shared.files(entity);
        let fits = |place: &str| match same_place {
            true => place == file.as_str(),
            false => place != file.as_str() && !declaring.iter().any(|own| own.as_str() == place),
        };
        let rule = &part.finding.rule;
        let earlier = self.aliases.get(rule).copied().unwrap_or_default();
        for rule in std::iter::once(rule).chain(earlier) {
            let start = format!("{} in ", text_of(rule.as_str(), Some(entity), part.route));
            let after = self.by_text.range(start.as_str()..);
            let same = after.map_while(|(text, ids)| Some((text.strip_prefix(&start)?, ids)));
            let found = same
                .filter(|(place, _)| fits(place))
                .find_map(|(place, ids)| {
                    let free = ids.iter().filter(|id| !self.used.contains(**id));
                    let place = RelPath::new(place);
                    let known = identities(part, rule, &place, ids.len() + TWINS);
                    free.copied().find(|id| known.contains(*id))
                });
            if let Some(entry) = found.map(str::to_owned) {
                self.take(part, &entry);
                return;
            }
        }
    }
}

/// The identities that a part had in a file, whether its key was declared elsewhere or not.
fn identities(
    part: &FindingPart<'_>,
    rule: &RuleId,
    place: &RelPath,
    count: usize,
) -> BTreeSet<String> {
    let entity = part.finding.entity.as_ref().map(ToString::to_string);
    let names = (rule.as_str(), &*entity.unwrap_or_default());
    let of = |place| identity_of(part.finding, names, part.route, place);
    let (plain, placed) = (of(None), of(Some(place)));
    let numbers = 0..count;
    numbers
        .flat_map(|number| {
            [
                hash_identity(&plain, number),
                hash_identity(&placed, number),
            ]
        })
        .collect()
}
