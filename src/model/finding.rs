//! Findings: rule + entity + place + message.

use super::entity::EntityKey;
use super::rule::{Level, RuleId};
use super::text::{Position, RelPath, Span};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub file: RelPath,
    /// Bytes of the decoded text.
    pub span: Span,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// A second place that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// What is there, as a phrase.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// What a rule, or govcheck itself (`parse/…`, `discover/…`, `engine/…`), has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// Its level after judging.
    pub level: Level,
    /// One sentence, names in backticks, no full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The text to write, where the rule knows it.
    pub fix: Option<String>,
    /// Where; none when no file can be named.
    pub location: Option<Location>,
    /// Other places, in the rule's order.
    pub related: Vec<Related>,
    /// The entity, where there is one.
    pub entity: Option<EntityKey>,
    /// The model path with element names instead of indexes: `columns[customers.email].classification`.
    pub route: String,
    /// Team that owns the entity, where the manifest says so.
    pub owner: Option<String>,
    /// Domain of the entity: what the manifest says, else what the path says.
    pub domain: Option<String>,
    /// Tells findings of one rule, entity and route apart, where the rule says how.
    pub discriminator: Option<String>,
    /// Whether something could not be judged because of it: exit code 2.
    pub incomplete: bool,
    /// Identity across revisions: hexadecimal, 32 characters. Never made of lines, indexes or message text.
    pub fingerprint: String,
}

impl Finding {
    /// The order of every output: file, place, rule, message.
    pub fn sort_key(&self) -> impl Ord + '_ {
        (
            self.location.as_ref().map(|l| (&l.file, l.span)),
            &self.rule,
            &self.message,
            &self.fingerprint,
        )
    }
}
