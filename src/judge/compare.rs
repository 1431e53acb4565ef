//! Base against head: which findings a change brought, which it left, which it mended.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::entity::EntityKey;
use crate::model::finding::{Against, Finding};
use crate::model::rule::Level;
use crate::model::text::RelPath;

/// Says of each finding of the head how it stands to the base, and gives the findings of the base that are gone.
///
/// A finding is new if the base does not know it (all of what it covers), if it was of a lower level there, or if
/// something excepted it there that does not here: a moved file may come to lie where rules are stricter.
pub fn compare(head: &mut [Finding], base: Vec<Finding>) -> Vec<Finding> {
    let mut before: BTreeMap<&str, (Level, bool)> = BTreeMap::new();
    for finding in &base {
        let excepted = finding.suppression.is_some();
        for identity in finding.identities().iter().chain([&finding.fingerprint]) {
            before.insert(identity, (finding.level, excepted));
        }
    }
    for finding in head.iter_mut() {
        let known = finding.identities().iter().all(|identity| {
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
    let after: BTreeSet<&str> = head
        .iter()
        .flat_map(|finding| finding.identities().iter().chain([&finding.fingerprint]))
        .map(String::as_str)
        .collect();
    base.into_iter()
        .filter(|finding| {
            let mut own = finding.identities().iter().chain([&finding.fingerprint]);
            !own.any(|identity| after.contains(identity.as_str()))
        })
        .collect()
}

/// Gives what is known by its file's path the path that the file has in the head, so that a rename does not change who it is.
pub fn moved(findings: &mut [Finding], renames: &BTreeMap<RelPath, RelPath>) {
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
            && let Some(id) = moved_id(&key.id, old, new)
        {
            *key = EntityKey {
                kind: key.kind.clone(),
                id: id.into(),
            };
        }
    }
}

/// Ids made of a path are the path, or the path, `#` and a number; that of a document may have a kind before it.
fn moved_id(id: &str, old: &RelPath, new: &RelPath) -> Option<String> {
    if id == old.as_str() {
        return Some(new.to_string());
    }
    let at = id.find(&format!("{old}#"))?;
    let (kind, rest) = id.split_at_checked(at)?;
    let rest = rest.strip_prefix(old.as_str())?;
    (kind.is_empty() || kind.ends_with(':')).then(|| format!("{kind}{new}{rest}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::judge::{Ruling, judge};
    use crate::model::finding::{Location, Suppression};
    use crate::model::rule::{Day, RuleId};
    use crate::model::text::{SourceText, Span};

    fn finding(route: &str) -> Finding {
        let rule = RuleId::new("kpi/bad-name");
        let mut finding = Finding::bare(rule, Level::Error, "m".to_owned());
        finding.route = route.to_owned();
        finding
    }

    fn judged(findings: Vec<Finding>) -> Vec<Finding> {
        let today = Day("2026-06-01".parse().unwrap());
        judge(findings, &[], today, &|_, _| Ruling::default())
    }

    fn against(head: &[Finding]) -> Vec<Option<Against>> {
        head.iter().map(|finding| finding.against).collect()
    }

    const NEW: Option<Against> = Some(Against::New);
    const UNCHANGED: Option<Against> = Some(Against::Unchanged);

    #[test]
    fn what_the_base_has_is_unchanged_and_what_is_gone_is_fixed() {
        let mut head = judged(vec![finding("a"), finding("b")]);
        let fixed = compare(&mut head, judged(vec![finding("b"), finding("c")]));
        assert_eq!(against(&head), [NEW, UNCHANGED]);
        assert_eq!(fixed.len(), 1);
        assert_eq!(fixed[0].route, "c");
    }

    #[test]
    fn told_together_before_and_one_by_one_now_is_the_same() {
        let mut together = finding("columns");
        together.covers = vec!["columns[a]".to_owned(), "columns[b]".to_owned()];
        let alone = || vec![finding("columns[b]")];
        let mut head = judged(alone());
        assert!(compare(&mut head, judged(vec![together.clone()])).is_empty());
        assert_eq!(against(&head), [UNCHANGED]);
        let mut head = judged(vec![together]);
        assert!(compare(&mut head, judged(alone())).is_empty());
        assert_eq!(against(&head), [NEW], "`columns[a]` is new");
    }

    #[test]
    fn what_was_milder_or_excepted_before_is_new() {
        let mut milder = judged(vec![finding("a")]);
        milder[0].level = Level::Warning;
        let mut head = judged(vec![finding("a")]);
        compare(&mut head, milder);
        assert_eq!(against(&head), [NEW]);
        let mut excepted = judged(vec![finding("a")]);
        excepted[0].suppression = Some(Suppression::Baseline);
        compare(&mut head, excepted.clone());
        assert_eq!(against(&head), [NEW]);
        let mut head = excepted.clone();
        compare(&mut head, excepted);
        assert_eq!(against(&head), [UNCHANGED]);
    }

    #[test]
    fn a_renamed_file_keeps_the_findings_known_by_its_path() {
        let (old, new) = (RelPath::new("a/x.yaml"), RelPath::new("b/y.yaml"));
        let at = |file: &RelPath, id: &str| {
            let mut finding = finding(file.as_str());
            let start = SourceText::default().position(0);
            finding.location = Some(Location {
                file: file.clone(),
                span: Span::default(),
                start,
                end: start,
            });
            finding.entity = Some(EntityKey {
                kind: Arc::from("document"),
                id: Arc::from(id),
            });
            finding
        };
        for (before, after) in [
            ("a/x.yaml", "b/y.yaml"),
            ("a/x.yaml#2", "b/y.yaml#2"),
            ("contract:a/x.yaml#0.1", "contract:b/y.yaml#0.1"),
            ("contract:orders", "contract:orders"),
        ] {
            let mut base = vec![at(&old, before)];
            moved(&mut base, &BTreeMap::from([(old.clone(), new.clone())]));
            let mut head = judged(vec![at(&new, after)]);
            assert!(compare(&mut head, judged(base)).is_empty(), "{before}");
            assert_eq!(against(&head), [UNCHANGED], "{before}");
        }
    }
}
