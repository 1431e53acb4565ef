//! Base against head: which findings a change brought, which it left, which it fixed, and which are gone with an entity that it removes.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{hash_identity, identity_of};
use crate::mesh::Moves;
use crate::model::comparison::{Comparison, FileChange, RemovedEntity};
use crate::model::entity::{DOCUMENT_KIND, EntityKey};
use crate::model::finding::{Against, Finding};
use crate::model::rule::Level;
use crate::model::text::RelPath;

/// Which entities of the base are which of the head.
#[derive(Debug, Default)]
pub struct Correspondence {
    /// Where declarations of the base are now.
    pub moves: Moves,
    /// Entities whose id the head has changed, by their key in the base.
    pub renamed: BTreeMap<EntityKey, EntityKey>,
    /// Renamed files, by their path in the base.
    pub files: BTreeMap<RelPath, RelPath>,
}

/// The identities of a finding, such that the same finding of the other revision has the same.
struct Comparable {
    /// Of each of its parts.
    parts: Vec<String>,
    /// Of the finding as a whole.
    whole: String,
}

impl Comparable {
    fn all(&self) -> impl Iterator<Item = &str> {
        let parts = self.parts.iter().chain([&self.whole]);
        parts.map(String::as_str)
    }
}

impl Correspondence {
    /// The key and the file in the head that distinguish a finding of the base. `None` if its identity is enough.
    fn in_base(&self, finding: &Finding) -> Option<(EntityKey, RelPath)> {
        let key = finding.entity.as_ref()?;
        let file = &finding.location.as_ref()?.file;
        let moved = || self.files.get(file).unwrap_or(file).clone();
        match self.renamed.get(key) {
            Some(renamed) => Some((renamed.clone(), moved())),
            None if self.moves.is_shared(key) => {
                let place = self.moves.place(key, file);
                Some((key.clone(), place.cloned().unwrap_or_else(moved)))
            }
            None => None,
        }
    }

    /// The same of a finding of the head.
    fn in_head(
        &self,
        finding: &Finding,
        successors: &BTreeSet<&EntityKey>,
    ) -> Option<(EntityKey, RelPath)> {
        let key = finding.entity.as_ref()?;
        let file = &finding.location.as_ref()?.file;
        let is_special = self.moves.is_shared(key) || successors.contains(key);
        is_special.then(|| (key.clone(), file.clone()))
    }
}

fn comparable<'f>(
    findings: impl Iterator<Item = &'f Finding>,
    apart: &dyn Fn(&Finding) -> Option<(EntityKey, RelPath)>,
) -> Vec<Comparable> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let comparable = findings.map(|finding| {
        let Some((key, file)) = apart(finding) else {
            return Comparable {
                parts: finding.identities().to_vec(),
                whole: finding.fingerprint.clone(),
            };
        };
        let names = (finding.rule.as_str(), &*key.to_string());
        let identity = |route: &str| identity_of(finding, names, route, Some(&file));
        let own = identity(&finding.route);
        let number = seen.entry(own.clone()).or_default();
        let whole = hash_identity(&own, std::mem::replace(number, *number + 1));
        let covered: Vec<String> = finding
            .covers
            .iter()
            .map(|route| hash_identity(&identity(route), 0))
            .collect();
        Comparable {
            parts: match covered.is_empty() {
                true => vec![whole.clone()],
                false => covered,
            },
            whole,
        }
    });
    comparable.collect()
}

/// Marks each finding of the head as new or known, and gives the findings of the base that are gone.
///
/// A finding is new if the base does not have all of it, had it at a lower level, or exempted it where the head does not:
/// a moved file may come under stricter rules.
pub fn compare_findings(
    head: &mut [Finding],
    base: Vec<Finding>,
    correspondence: &Correspondence,
) -> Vec<Finding> {
    let successors: BTreeSet<&EntityKey> = correspondence.renamed.values().collect();
    let old = comparable(base.iter(), &|finding| correspondence.in_base(finding));
    let new = comparable(head.iter(), &|finding| {
        correspondence.in_head(finding, &successors)
    });
    let mut before: BTreeMap<&str, (Level, bool)> = BTreeMap::new();
    for (finding, identities) in base.iter().zip(&old) {
        let excepted = finding.suppression.is_some();
        for identity in identities.all() {
            before.insert(identity, (finding.level, excepted));
        }
    }
    for (finding, identities) in head.iter_mut().zip(&new) {
        let known = identities.parts.iter().all(|identity| {
            before
                .get(identity.as_str())
                .is_some_and(|(level, excepted)| {
                    *level >= finding.level && (!excepted || finding.suppression.is_some())
                })
        });
        finding.against = Some(if known {
            Against::Unchanged
        } else {
            Against::New
        });
    }
    let after: BTreeSet<&str> = new.iter().flat_map(Comparable::all).collect();
    let gone: Vec<bool> = old
        .iter()
        .map(|identities| !identities.all().any(|identity| after.contains(identity)))
        .collect();
    let base = base.into_iter().zip(gone);
    base.filter_map(|(finding, gone)| gone.then_some(finding))
        .collect()
}

/// Gives findings of renamed files the path in the head, so that a rename does not change their identity.
pub fn follow_renames(findings: &mut [Finding], renames: &BTreeMap<RelPath, RelPath>) {
    if renames.is_empty() {
        return;
    }
    for finding in findings {
        let Some(location) = &finding.location else {
            continue;
        };
        let old = &location.file;
        let Some(new) = renames.get(old) else {
            continue;
        };
        if finding.route == old.as_str() {
            finding.route = new.to_string();
        }
        if let Some(key) = &mut finding.entity
            && let Some(moved) = key.moved(old, new)
        {
            *key = moved;
        }
    }
}

/// Takes the findings that are gone with a removed entity out of `fixed`, and gives each to its entity.
pub fn separate_removed(comparison: &mut Comparison) {
    let mut removed: BTreeMap<EntityKey, RemovedEntity> = std::mem::take(&mut comparison.removed)
        .into_iter()
        .map(|removed| (removed.entity.clone(), removed))
        .collect();
    for finding in std::mem::take(&mut comparison.fixed) {
        let own = finding
            .entity
            .as_ref()
            .filter(|key| removed.contains_key(*key));
        let key = own.cloned().or_else(|| {
            let file = removed_file(&finding, &comparison.changed)?;
            let in_file = removed.values().find(|removed| removed.file == *file);
            Some(in_file.map_or_else(|| document(file), |removed| removed.entity.clone()))
        });
        match key {
            None => comparison.fixed.push(finding),
            Some(key) => {
                let entry = removed.entry(key.clone());
                let entry = entry.or_insert_with(|| removed_document(key, &finding));
                entry.findings.push(finding);
            }
        }
    }
    comparison.removed = removed.into_values().collect();
}

/// The removed file that a finding is about as a whole; `None` for any other finding.
fn removed_file<'f>(
    finding: &'f Finding,
    changed: &BTreeMap<RelPath, FileChange>,
) -> Option<&'f RelPath> {
    let file = &finding.location.as_ref()?.file;
    let entity = finding.entity.as_ref();
    let of_file = entity.is_none_or(|key| &*key.kind == DOCUMENT_KIND);
    (of_file && changed.get(file) == Some(&FileChange::Removed)).then_some(file)
}

fn document(file: &RelPath) -> EntityKey {
    EntityKey {
        kind: DOCUMENT_KIND.into(),
        id: file.as_str().into(),
    }
}

/// The document of a removed file that declared no entity.
fn removed_document(key: EntityKey, finding: &Finding) -> RemovedEntity {
    let file = finding.location.as_ref().map(|at| at.file.clone());
    RemovedEntity {
        file: file.unwrap_or_else(|| RelPath::new(&*key.id)),
        entity: key,
        owner: finding.owner.clone(),
        domain: finding.domain.clone(),
        findings: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Ruling, judge_findings};
    use crate::model::comparison::RevisionName;
    use crate::model::finding::Suppression;
    use crate::model::location::Location;
    use crate::model::rule::{Day, RuleId};
    use crate::model::sources::Sources;

    fn finding(route: &str) -> Finding {
        let rule = RuleId::new("kpi/bad-name");
        let mut finding = Finding::bare(rule, Level::Error, "m".to_owned());
        finding.route = route.to_owned();
        finding
    }

    fn judged(findings: Vec<Finding>) -> Vec<Finding> {
        let today = Day("2026-06-01".parse().unwrap());
        judge_findings(findings, &[], today, &|_, _| Ruling::default())
    }

    fn compare_all(head: &mut [Finding], base: Vec<Finding>) -> Vec<Finding> {
        compare_findings(head, base, &Correspondence::default())
    }

    fn against(head: &[Finding]) -> Vec<Option<Against>> {
        head.iter().map(|finding| finding.against).collect()
    }

    const NEW: Option<Against> = Some(Against::New);
    const UNCHANGED: Option<Against> = Some(Against::Unchanged);

    #[test]
    fn findings_of_the_base_are_unchanged_or_fixed() {
        let mut head = judged(vec![finding("a"), finding("b")]);
        let fixed = compare_all(&mut head, judged(vec![finding("b"), finding("c")]));
        assert_eq!(against(&head), [NEW, UNCHANGED]);
        assert_eq!(fixed.len(), 1);
        assert_eq!(fixed[0].route, "c");
    }

    #[test]
    fn defects_combined_before_and_single_now_are_the_same() {
        let mut together = finding("columns");
        together.covers = vec!["columns[a]".to_owned(), "columns[b]".to_owned()];
        let alone = || vec![finding("columns[b]")];
        let mut head = judged(alone());
        assert!(compare_all(&mut head, judged(vec![together.clone()])).is_empty());
        assert_eq!(against(&head), [UNCHANGED]);
        let mut head = judged(vec![together]);
        assert!(compare_all(&mut head, judged(alone())).is_empty());
        assert_eq!(against(&head), [NEW], "`columns[a]` is new");
    }

    #[test]
    fn what_was_milder_or_excepted_before_is_new() {
        let mut milder = judged(vec![finding("a")]);
        milder[0].level = Level::Warning;
        let mut head = judged(vec![finding("a")]);
        compare_all(&mut head, milder);
        assert_eq!(against(&head), [NEW]);
        let mut excepted = judged(vec![finding("a")]);
        excepted[0].suppression = Some(Suppression::Baseline);
        compare_all(&mut head, excepted.clone());
        assert_eq!(against(&head), [NEW]);
        let mut head = excepted.clone();
        compare_all(&mut head, excepted);
        assert_eq!(against(&head), [UNCHANGED]);
    }

    fn comparison(fixed: Vec<Finding>, removed: &[(&str, &str)]) -> Comparison {
        let removed = removed.iter().map(|(id, file)| RemovedEntity {
            entity: key("contract", id),
            owner: None,
            domain: None,
            file: RelPath::new(*file),
            findings: Vec::new(),
        });
        Comparison {
            base: RevisionName {
                given: "main".to_owned(),
                commit: String::new(),
            },
            head: None,
            changed: BTreeMap::from([
                (RelPath::new("gone.yaml"), FileChange::Removed),
                (RelPath::new("broken.yaml"), FileChange::Removed),
                (RelPath::new("kept.yaml"), FileChange::Modified),
            ]),
            fixed,
            removed: removed.collect(),
            renamed: Vec::new(),
            base_sources: Sources::default(),
            affected: Vec::new(),
            versions: Vec::new(),
        }
    }

    fn key(kind: &str, id: &str) -> EntityKey {
        EntityKey {
            kind: kind.into(),
            id: id.into(),
        }
    }

    fn gone_from(file: &str, entity: Option<EntityKey>) -> Finding {
        let mut finding = at(&RelPath::new(file), "");
        finding.entity = entity;
        finding
    }

    #[test]
    fn findings_that_go_with_their_entity_are_not_fixed() {
        let fixed = vec![
            gone_from("gone.yaml", Some(key("contract", "a"))),
            gone_from("gone.yaml", Some(key("contract", "moved-elsewhere"))),
            gone_from("kept.yaml", Some(key("contract", "b"))),
            gone_from("kept.yaml", None),
            gone_from("gone.yaml", Some(key(DOCUMENT_KIND, "gone.yaml"))),
            gone_from("broken.yaml", None),
        ];
        let mut comparison = comparison(fixed, &[("a", "gone.yaml"), ("b", "kept.yaml")]);
        separate_removed(&mut comparison);
        let removed: Vec<(String, usize)> = comparison
            .removed
            .iter()
            .map(|removed| (removed.entity.to_string(), removed.findings.len()))
            .collect();
        let expected = [
            ("contract:a".to_owned(), 2),
            ("contract:b".to_owned(), 1),
            ("document:broken.yaml".to_owned(), 1),
        ];
        assert_eq!(removed, expected);
        let fixed = comparison.fixed.iter().map(|finding| &finding.entity);
        let expected = [Some(key("contract", "moved-elsewhere")), None];
        assert_eq!(fixed.cloned().collect::<Vec<_>>(), expected);
        assert_eq!(comparison.gone().count(), 6);
    }

    fn at(file: &RelPath, id: &str) -> Finding {
        let mut finding = finding(file.as_str());
        finding.location = Some(Location::start_of(file));
        finding.entity = Some(key(DOCUMENT_KIND, id));
        finding
    }

    #[test]
    fn a_renamed_file_keeps_the_findings_known_by_its_path() {
        let (old, new) = (RelPath::new("a/x.yaml"), RelPath::new("b/y.yaml"));
        for (before, after) in [
            ("a/x.yaml", "b/y.yaml"),
            ("a/x.yaml#2", "b/y.yaml#2"),
            ("contract:a/x.yaml#0.1", "contract:b/y.yaml#0.1"),
            ("contract:orders", "contract:orders"),
        ] {
            let mut base = vec![at(&old, before)];
            follow_renames(&mut base, &BTreeMap::from([(old.clone(), new.clone())]));
            let mut head = judged(vec![at(&new, after)]);
            assert!(compare_all(&mut head, judged(base)).is_empty(), "{before}");
            assert_eq!(against(&head), [UNCHANGED], "{before}");
        }
    }
}
