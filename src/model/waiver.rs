//! Waivers: approved exceptions that end.

use super::entity::EntityKey;
use super::location::Location;
use super::rule::{Day, RuleId};
use super::text::Span;

/// A waiver as far as it could be read: whether it holds is judged later.
#[derive(Debug, Clone, PartialEq)]
pub struct WaiverDraft {
    /// As in [`Waiver`].
    pub rule: Option<String>,
    /// As in [`Waiver`].
    pub entity: Option<String>,
    /// As in [`Waiver`].
    pub path: Option<String>,
    /// As in [`Waiver`].
    pub at: Option<String>,
    /// As in [`Waiver`].
    pub reason: Option<String>,
    /// As in [`Waiver`].
    pub owner: Option<String>,
    /// As in [`Waiver`].
    pub approved_by: Option<String>,
    /// As in [`Waiver`].
    pub expires: Option<Day>,
    /// As in [`Waiver`].
    pub created: Option<Day>,
    /// As in [`Waiver`].
    pub ticket: Option<String>,
    /// Its place.
    pub location: Location,
    /// The place of its rule, if it names one.
    pub rule_location: Option<Location>,
    /// The place of its last day, if it names one.
    pub expires_location: Option<Location>,
    /// For a comment: the part of its file that it covers, bytes. `None` for an entry of the waiver file.
    pub covers: Option<Span>,
    /// For a comment: the parts of entities that it covers, in order of places.
    pub parts: Vec<CoveredPart>,
    /// What can't be used as written, in order of places.
    pub mistakes: Vec<WaiverMistake>,
}

/// A part of an entity that a comment covers: the comment exempts it wherever the part moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredPart {
    /// The entity that the part belongs to; the document for parts outside all entities.
    pub entity: EntityKey,
    /// Where in the declaration of the entity, a NUL before each step; empty for the whole declaration.
    pub route: String,
    /// Whether the comment covers everything below the route, too.
    pub whole: bool,
    /// Where the part lies in the file, bytes, half-open.
    pub span: Span,
}

impl CoveredPart {
    /// Whether a waiver of this part waives the other as well.
    pub fn includes(&self, other: &Self) -> bool {
        let rest = other.route.strip_prefix(&self.route);
        self.entity == other.entity
            && rest.is_some_and(|rest| match self.whole {
                true => rest.is_empty() || rest.starts_with('\0'),
                false => rest.is_empty() && !other.whole,
            })
    }
}

/// A part of a waiver that can't be used as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverMistake {
    /// Where.
    pub location: Location,
    /// What is wrong: a phrase without a full stop.
    pub message: String,
    /// What to write.
    pub help: String,
}

impl WaiverDraft {
    /// Nothing but a place, to be filled in.
    pub fn at(location: Location) -> Self {
        Self {
            rule: None,
            entity: None,
            path: None,
            at: None,
            reason: None,
            owner: None,
            approved_by: None,
            expires: None,
            created: None,
            ticket: None,
            location,
            rule_location: None,
            expires_location: None,
            covers: None,
            parts: Vec::new(),
            mistakes: Vec::new(),
        }
    }

    /// The waiver, if it says what every waiver must.
    pub fn complete(&self) -> Option<Waiver> {
        Some(Waiver {
            rule: self.rule.clone()?,
            entity: self.entity.clone(),
            path: self.path.clone(),
            at: self.at.clone(),
            reason: self.reason.clone().unwrap_or_default(),
            owner: self.owner.clone(),
            approved_by: self.approved_by.clone(),
            expires: self.expires?,
            created: self.created,
            ticket: self.ticket.clone(),
            inline: self.covers.is_some(),
            location: self.location.clone(),
        })
    }
}

/// A day as people write it here, `2027-03-31`; other ways are valid for parsers, and confusing for readers.
pub fn parse_day(text: &str) -> Option<Day> {
    let date: jiff::civil::Date = text.parse().ok()?;
    (date.to_string() == text).then_some(Day(date))
}

/// A waiver as written: an entry of the waivers file, or a comment beside the part that it exempts.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiver {
    /// The rule, or a whole category, as written: `security/unclassified-column` or `documentation`.
    pub rule: String,
    /// The entity that it holds for, `contract:orders`. `None` for all that the other fields admit.
    pub entity: Option<String>,
    /// A glob of files, relative to the root of the mesh.
    pub path: Option<String>,
    /// A route in the entity, `columns[customers.email].classification`; it covers what lies below.
    pub at: Option<String>,
    /// Why.
    pub reason: String,
    /// The person or team responsible for it.
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
    /// Its place.
    pub location: Location,
}

/// What a waiver does today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaiverState {
    /// It exempts findings.
    Active,
    /// It is in force, but no finding is left that it exempts.
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
    /// Fingerprints of the findings that it exempts, or would if it had not ended; sorted.
    pub findings: Vec<String>,
    /// The rules of those findings, sorted, each once.
    pub rules: Vec<RuleId>,
}
