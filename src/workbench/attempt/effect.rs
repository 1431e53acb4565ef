//! What a pack on trial changes about the findings of a mesh: rule by rule, level by level. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::evaluate::profile::Spent;
use crate::judge::{self, Correspondence};
use crate::model::finding::{Against, Finding};
use crate::model::report::Report;
use crate::model::rule::{Level, Rule, RuleId, Scope};
use crate::report::escape::terminal_line;
use crate::report::life;

/// The most findings that are listed, of each kind, for each domain and owner.
pub(super) const EXAMPLES: usize = 5;

/// The effect of what is tried.
pub struct Attempt {
    /// What is tried, as the user named it.
    pub what: String,
    /// The rules that are tried, sorted by id.
    pub rules: Vec<Rule>,
    /// By domain and owner, those with the most new findings first.
    pub rows: Vec<OwnerEffect>,
    /// What else is to be known, as sentences.
    pub notes: Vec<String>,
    /// The mesh as it would be; findings that were there are unchanged.
    pub after: Report,
    /// Time of the rules, over all cores. Differs from run to run.
    pub time: Times,
}

/// What rules take, over all cores: as it is, and as it would be.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// All rules together.
    pub all: (Duration, Duration),
    /// The rules that are tried, each asked by itself, sorted by id.
    pub rules: BTreeMap<RuleId, (Spent, Spent)>,
}

/// What it does to one owner in one domain.
#[derive(Default)]
pub struct OwnerEffect {
    /// The domain, where known.
    pub domain: Option<String>,
    /// The owner, where known.
    pub owner: Option<String>,
    /// Findings that there would be, in order of their places.
    pub new: Vec<Finding>,
    /// Findings that there would no longer be.
    pub fixed: Vec<Finding>,
    /// Findings of the tried rules that are there already.
    pub unchanged: Vec<Finding>,
}

/// How many findings have each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Levels {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl Attempt {
    /// Holds the mesh as it would be against the mesh as it is; of two that have a base, what is new since then.
    pub fn new(
        what: &str,
        tried: &BTreeSet<RuleId>,
        mut before: Report,
        mut after: Report,
    ) -> Self {
        before.findings.retain(is_of_the_change);
        after.findings.retain(is_of_the_change);
        let counts = |finding: &Finding| finding.suppression.is_none();
        let fixed = judge::compare_findings(
            &mut after.findings,
            before.findings,
            &Correspondence::default(),
        );
        let mut rows: BTreeMap<(Option<String>, Option<String>), OwnerEffect> = BTreeMap::new();
        let mut add = |finding: &Finding, list: fn(&mut OwnerEffect) -> &mut Vec<Finding>| {
            let key = (finding.domain.clone(), finding.owner.clone());
            list(rows.entry(key).or_default()).push(finding.clone());
        };
        for finding in after.findings.iter().filter(|finding| counts(finding)) {
            if finding.against == Some(Against::New) {
                add(finding, |row| &mut row.new);
            } else if tried.contains(&finding.rule) {
                add(finding, |row| &mut row.unchanged);
            }
        }
        for finding in fixed.iter().filter(|finding| counts(finding)) {
            add(finding, |row| &mut row.fixed);
        }
        let rows = rows.into_iter().map(|((domain, owner), row)| OwnerEffect {
            domain,
            owner,
            ..row
        });
        let mut rows: Vec<OwnerEffect> = rows.collect();
        // Stable: those with as many stay sorted by name.
        rows.sort_by_key(|row| std::cmp::Reverse(row.new.len()));
        let rules = after.rules.iter().filter(|rule| tried.contains(&rule.id));
        let rules: Vec<Rule> = rules.cloned().collect();
        let is_left_out = |rule: &&Rule| rule.scope == Scope::Change && after.comparison.is_none();
        let notes = rules.iter().filter(is_left_out).map(|rule| {
            format!(
                "`{}` checks changes and was skipped; pass `--base REV` to try it on the changes since REV",
                rule.id
            )
        });
        Self {
            what: what.to_owned(),
            notes: notes.collect(),
            rules,
            rows,
            after,
            time: Times::default(),
        }
    }

    /// `403 files`; with a base, `12 changed files since main`.
    pub(super) fn judged(&self) -> String {
        match &self.after.comparison {
            None => count_noun(self.after.counts.files, "file"),
            Some(two) => {
                let since = terminal_line(&two.base.to_string());
                format!(
                    "{} since {since}",
                    count_noun(two.changed.len(), "changed file")
                )
            }
        }
    }

    /// New findings of this level or worse.
    pub fn new_at_least(&self, level: Level) -> usize {
        let new = self.rows.iter().flat_map(|row| &row.new);
        new.filter(|finding| finding.level >= level).count()
    }

    pub(super) fn total(&self, list: impl Fn(&OwnerEffect) -> &Vec<Finding>) -> Levels {
        Levels::of(self.rows.iter().flat_map(list))
    }

    /// New warnings that become errors, by day.
    pub(super) fn becoming(&self) -> Vec<life::Becoming<'_>> {
        life::becoming_errors(&self.after)
    }
}

/// What a base has, too, no change has brought.
pub(super) fn is_of_the_change(finding: &Finding) -> bool {
    finding.against != Some(Against::Unchanged)
}

impl Levels {
    pub(super) fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut levels = Self::default();
        for finding in findings {
            *match finding.level {
                Level::Error => &mut levels.errors,
                Level::Warning => &mut levels.warnings,
                Level::Note => &mut levels.notes,
            } += 1;
        }
        levels
    }

    pub(super) fn count(self) -> usize {
        self.errors + self.warnings + self.notes
    }

    /// `12 new (10 errors, 2 warnings)`; `0 new` without brackets.
    pub(super) fn phrase(self, adjective: &str) -> String {
        let parts = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.notes, "note"),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, noun)| count_noun(count, noun)).collect();
        match parts.is_empty() {
            true => format!("0 {adjective}"),
            false => format!("{} {adjective} ({})", self.count(), parts.join(", ")),
        }
    }
}

/// `1 rule`, `3 rules`.
pub(super) fn count_noun(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

impl OwnerEffect {
    /// `sales · sales-data`, with a placeholder for unknown parts.
    pub(super) fn name(&self) -> String {
        let domain = self.domain.as_deref().unwrap_or("no domain");
        let owner = self.owner.as_deref().unwrap_or("no owner");
        format!("{domain}, {owner}")
    }

    /// The kinds of findings with what they are called, in the order of a report.
    pub(super) fn kinds(&self) -> [(&'static str, &Vec<Finding>); 3] {
        [
            ("new", &self.new),
            ("fixed", &self.fixed),
            ("unchanged", &self.unchanged),
        ]
    }
}

/// The first findings of a list, of as many rules and files as can be: one of each pair of these first.
pub(super) fn pick_examples(findings: &[Finding]) -> Vec<&Finding> {
    let mut seen = BTreeSet::new();
    let (mut told, mut again) = (Vec::new(), Vec::new());
    for finding in findings {
        let file = finding.location.as_ref().map(|at| &at.file);
        match seen.insert((&finding.rule, file)) {
            true => told.push(finding),
            false => again.push(finding),
        }
    }
    told.extend(again);
    told.truncate(EXAMPLES);
    told.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    told
}

/// `domains/sales/a.odcs.yaml:3:5`; nothing where no file can be named.
pub(super) fn describe_place(finding: &Finding) -> String {
    let at = finding.location.as_ref();
    at.map_or(String::new(), |at| {
        format!("{}:{}:{}", at.file, at.start.line, at.start.column)
    })
}
