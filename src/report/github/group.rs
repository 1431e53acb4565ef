//! Open findings in the order of their annotations, those with one cause together.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::model::comparison::FileChange;
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::model::text::{RelPath, Span};

/// Findings with one cause.
pub(super) struct AnnotationGroup<'a> {
    /// The one that is annotated.
    pub(super) first: &'a Finding,
    /// The others, in the order of the report.
    pub(super) others: Vec<&'a Finding>,
}

impl<'a> AnnotationGroup<'a> {
    pub(super) fn level(&self) -> Level {
        self.first.level
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

/// What findings of a group have in common.
#[derive(PartialEq, Eq, Hash)]
enum Cause<'a> {
    /// A place in a changed file that explains findings in unchanged files.
    Change(&'a RelPath, Span),
    /// A rule that says the same at the same route of several entities.
    Defect {
        rule: &'a str,
        route: &'a str,
        message: String,
    },
}

/// The open findings: those in files of the change first, then the worst; otherwise in the order of the report.
pub(super) fn group_findings(report: &Report) -> Vec<AnnotationGroup<'_>> {
    let change = ChangedFiles::of(report);
    let mut open: Vec<&Finding> = report.open().collect();
    open.sort_by_key(|finding| (!change.has(finding), Reverse(finding.level)));
    let mut groups: Vec<AnnotationGroup<'_>> = Vec::new();
    let mut by_cause: HashMap<Cause<'_>, usize> = HashMap::new();
    for finding in open {
        let next = groups.len();
        let at = *by_cause.entry(change.cause(finding)).or_insert(next);
        match groups.get_mut(at) {
            Some(group) => group.others.push(finding),
            None => groups.push(AnnotationGroup {
                first: finding,
                others: Vec::new(),
            }),
        }
    }
    groups
}

/// The files of a change by their paths in each revision; both empty without a base.
#[derive(Default)]
struct ChangedFiles<'a> {
    /// Removed, and renamed files under their old path.
    before: BTreeSet<&'a RelPath>,
    /// Added, modified and renamed files: GitHub shows findings in them in the diff.
    now: BTreeSet<&'a RelPath>,
}

impl<'a> ChangedFiles<'a> {
    fn of(report: &'a Report) -> Self {
        let mut files = Self::default();
        let changed = report.comparison.iter().flat_map(|it| &it.changed);
        for (file, change) in changed {
            let (before, now) = match change {
                FileChange::Removed => (Some(file), None),
                FileChange::Added | FileChange::Modified => (None, Some(file)),
                FileChange::Renamed(old) => (Some(old), Some(file)),
            };
            files.before.extend(before);
            files.now.extend(now);
        }
        files
    }

    fn has(&self, finding: &Finding) -> bool {
        let at = finding.location.as_ref();
        at.is_some_and(|at| self.now.contains(&at.file))
    }

    fn cause<'f>(&self, finding: &'f Finding) -> Cause<'f> {
        let is_changed =
            |at: &&Location| self.now.contains(&at.file) || self.before.contains(&at.file);
        let mut related = finding.related.iter().map(|related| &related.location);
        match related.find(is_changed) {
            Some(at) if !self.has(finding) => Cause::Change(&at.file, at.span),
            _ => Cause::Defect {
                rule: finding.rule.as_str(),
                route: &finding.route,
                message: without_subject(finding),
            },
        }
    }
}

/// The message without the name of its own entity: ``contract `orders` has no owner`` is ``contract  has no owner``.
fn without_subject(finding: &Finding) -> String {
    let message = finding.message.as_str();
    let named = || {
        let kind = &finding.entity.as_ref()?.kind;
        let (before, after) = message.split_once(&format!("{kind} `"))?;
        let (_, after) = after.split_once('`')?;
        Some(format!("{before}{kind} {after}"))
    };
    named().unwrap_or_else(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::sample;

    /// An error on `x` of a file with this entity and message.
    fn finding(report: &Report, file: &str, id: &str, message: &str) -> Finding {
        let mut finding = sample::finding_on(report, "a/b", Level::Error, file, "x");
        finding.entity = Some(sample::entity_key("contract", id));
        finding.message = message.to_owned();
        finding
    }

    /// `a.yaml+2`: the file of each annotation, and how many more findings it represents.
    fn shown(report: &Report) -> Vec<String> {
        let shown = group_findings(report).into_iter().map(|group| {
            let file = &group.first.location.as_ref().unwrap().file;
            format!("{file}+{}", group.others.len())
        });
        shown.collect()
    }

    fn files() -> Report {
        let files = [
            "a.yaml",
            "b.yaml",
            "c.yaml",
            "d.yaml",
            "gone.yaml",
            "old.yaml",
        ]
        .map(|file| (file, "x: y"));
        let mut report = sample::empty_report(&files);
        let mut comparison = sample::changed_report().comparison.unwrap();
        comparison.changed = BTreeMap::from([
            (RelPath::new("c.yaml"), FileChange::Modified),
            (RelPath::new("gone.yaml"), FileChange::Removed),
            (
                RelPath::new("d.yaml"),
                FileChange::Renamed(RelPath::new("old.yaml")),
            ),
        ]);
        report.comparison = Some(comparison);
        report
    }

    #[test]
    fn files_of_the_change_come_first_then_the_worst() {
        let mut report = files();
        for (file, level) in [
            ("a.yaml", Level::Warning),
            ("b.yaml", Level::Error),
            ("c.yaml", Level::Note),
            ("d.yaml", Level::Note),
            ("gone.yaml", Level::Error),
        ] {
            let mut finding = finding(&report, file, file, file);
            finding.level = level;
            report.findings.push(finding);
        }
        assert_eq!(
            shown(&report),
            [
                "c.yaml+0",
                "d.yaml+0",
                "b.yaml+0",
                "gone.yaml+0",
                "a.yaml+0"
            ]
        );
        report.comparison = None;
        assert_eq!(
            shown(&report),
            [
                "b.yaml+0",
                "gone.yaml+0",
                "a.yaml+0",
                "c.yaml+0",
                "d.yaml+0"
            ]
        );
    }

    #[test]
    fn one_defect_of_several_entities_is_one_annotation() {
        let mut report = files();
        report.findings = vec![
            finding(&report, "a.yaml", "a", "contract `a` has no owner"),
            finding(&report, "b.yaml", "b", "contract `B 2` has no owner"),
            finding(&report, "c.yaml", "c", "contract `c` has no owner"),
        ];
        assert_eq!(shown(&report), ["c.yaml+2"], "in the file of the change");
        report.findings[1].route = "other".to_owned();
        assert_eq!(shown(&report), ["c.yaml+1", "b.yaml+0"]);
        report.findings[1].route.clear();
        report.findings[1].rule = crate::model::rule::RuleId::new("a/c");
        assert_eq!(shown(&report), ["c.yaml+1", "b.yaml+0"]);
    }

    #[test]
    fn different_defects_of_one_rule_stay_apart() {
        let mut report = files();
        report.findings = vec![
            finding(&report, "a.yaml", "a", "team `salez` is not registered"),
            finding(&report, "b.yaml", "b", "team `markting` is not registered"),
            finding(&report, "c.yaml", "c", "team `salez` is not registered"),
        ];
        assert_eq!(shown(&report), ["c.yaml+1", "b.yaml+0"]);
    }

    #[test]
    fn all_that_one_change_breaks_elsewhere_is_one_annotation() {
        let mut report = files();
        for (file, rule, cause) in [
            ("a.yaml", "a/b", "gone.yaml"),
            ("b.yaml", "lineage/unresolved-port", "gone.yaml"),
            ("a.yaml", "a/b", "old.yaml"),
            ("b.yaml", "lineage/unresolved-port", "old.yaml"),
            ("a.yaml", "a/b", "b.yaml"),
            ("b.yaml", "lineage/unresolved-port", "b.yaml"),
        ] {
            let mut finding = finding(&report, file, file, file);
            finding.rule = crate::model::rule::RuleId::new(rule);
            finding.related = vec![sample::related_place(
                &report,
                "is removed here",
                cause,
                "x",
            )];
            report.findings.push(finding);
        }
        let expected = ["a.yaml+1", "a.yaml+1", "a.yaml+0", "b.yaml+0"];
        assert_eq!(
            shown(&report),
            expected,
            "an unchanged file explains nothing"
        );
    }
}
