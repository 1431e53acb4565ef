//! Waivers: approved exceptions that end.

use super::finding::Location;
use super::rule::{Day, RuleId};

/// An exception from rules, as somebody wrote it: an entry of the waivers file, or a comment beside what it excepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiver {
    /// The rule, or a whole category, as written: `security/unclassified-column` or `documentation`.
    pub rule: String,
    /// The entity that it holds for, `contract:orders`; none for all that the other fields admit.
    pub entity: Option<String>,
    /// A glob of files, relative to the root of the mesh.
    pub path: Option<String>,
    /// A route in the entity, `columns[customers.email].classification`; it covers what lies below.
    pub at: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who allowed it.
    pub approved_by: Option<String>,
    /// The last day that it holds.
    pub expires: Day,
    /// The day it was written.
    pub created: Option<Day>,
    /// Where the work is tracked.
    pub ticket: Option<String>,
    /// Whether it is a comment in a manifest.
    pub inline: bool,
    /// Where it stands.
    pub location: Location,
}

/// What a waiver does today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaiverState {
    /// It excepts findings.
    Active,
    /// It holds, but nothing is left that it excepts.
    Unused,
    /// Its last day has passed.
    Over,
    /// It can't be used as written; a finding says why.
    Refused,
}

/// A waiver, and what it did in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct WaiverUse {
    /// The waiver.
    pub waiver: Waiver,
    /// What it does today.
    pub state: WaiverState,
    /// Days until its last day; negative when that has passed.
    pub days_left: i64,
    /// Fingerprints of the findings that it excepts, or would if it were not over; sorted.
    pub findings: Vec<String>,
    /// The rules of those findings, sorted, each once.
    pub rules: Vec<RuleId>,
}
