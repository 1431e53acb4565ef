//! All that one run has to say; every output format renders this and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::comparison::{Comparison, RevisionName};
use super::finding::Finding;
use super::names::EntityNames;
use super::rule::{Level, Rule};
use super::selection::Selected;
use super::sources::Sources;
use super::text::RelPath;
use super::waiver::WaiverUse;

/// Counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that were read as manifests.
    pub files: usize,
    /// Of these, files below the paths that the run reports on.
    pub in_scope: usize,
    /// How many of these were reported on: only changed ones, if the run is limited to them.
    pub judged: usize,
    /// Whether the run is only about a change, and no file changed.
    pub nothing_changed: bool,
    /// Files that turned out to be no manifest.
    pub passed_over: usize,
    /// Entities declared, by kind.
    pub entities: BTreeMap<Arc<str>, usize>,
    /// Rules that ran.
    pub rules: usize,
    /// Whether rules were judged instead of a mesh: files and entities are theirs.
    pub of_policies: bool,
}

/// The outcome of `govcheck check`.
#[derive(Debug, Clone)]
pub struct Report {
    /// Sorted by [`Finding::sort_key`].
    pub findings: Vec<Finding>,
    /// Every rule of the packs, whether it found something or not, sorted by id; govcheck's own rules included.
    pub rules: Vec<Rule>,
    /// The text of every file that a finding points at, for excerpts.
    pub sources: Sources,
    /// What was looked at.
    pub counts: Counts,
    /// Files that turned out to be no manifest, sorted.
    pub passed_over: Vec<RelPath>,
    /// Whether something could not be judged: exit code 2.
    pub incomplete: bool,
    /// The base against this mesh, where one was judged too.
    pub comparison: Option<Comparison>,
    /// The revision that config, packs, waivers and baseline were taken from. `None` for the working tree.
    pub policies: Option<RevisionName>,
    /// All waivers, in order of their places.
    pub waivers: Vec<WaiverUse>,
    /// Entries of the baseline, by the identity of the finding, or the part of one, that matches them.
    pub adopted: BTreeMap<String, String>,
    /// What the report is limited to; `None` where it has every finding.
    pub selected: Option<Selected>,
    /// Names of entities whose ids are UUIDs.
    pub names: EntityNames,
}

impl Report {
    /// The findings that count: neither exempt nor in the base.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_open())
    }

    /// How many findings that count have this level.
    pub fn count(&self, level: Level) -> usize {
        self.open().filter(|finding| finding.level == level).count()
    }

    /// A rule by id.
    pub fn rule(&self, id: &super::rule::RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }
}
