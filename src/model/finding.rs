//! Findings: rule + entity + place + message.

use std::sync::Arc;

use super::entity::EntityKey;
use super::location::Location;
use super::rule::{Day, Level, RuleId};
use super::waiver::Waiver;

/// A second place that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// What is there, as a phrase.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// A finding against the base of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Against {
    /// The base does not have it.
    New,
    /// The base has it too.
    Unchanged,
}

impl Against {
    /// `new` or `unchanged`.
    pub fn as_str(self) -> &'static str {
        match self {
            Against::New => "new",
            Against::Unchanged => "unchanged",
        }
    }
}

/// How sure the place of a finding is that its rule does not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The rule looks at this and nothing else, or says the line itself.
    Exact,
    /// The rule looks at this among others, or its message names it.
    Likely,
    /// The document as a whole: nothing says more.
    Document,
}

impl Certainty {
    /// `exact`, `likely` or `document`.
    pub fn as_str(self) -> &'static str {
        match self {
            Certainty::Exact => "exact",
            Certainty::Likely => "likely",
            Certainty::Document => "document",
        }
    }
}

/// Why a finding does not count, though it is there.
#[derive(Debug, Clone, PartialEq)]
pub enum Suppression {
    /// A waiver exempts it.
    Waiver(Arc<Waiver>),
    /// It was there when the mesh adopted govcheck.
    Baseline,
    /// An `exception` of the plain policy itself.
    Exception,
}

/// What a rule, or govcheck itself (`parse/…`, `discover/…`, `engine/…`), has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// Its level after judging.
    pub level: Level,
    /// The day from which it is an error, where it is a warning until then.
    pub error_from: Option<Day>,
    /// One sentence, names in backticks, no full stop.
    pub message: String,
    /// What to write instead; that of its rule as a rule, so that findings share it.
    pub help: Option<Arc<str>>,
    /// The text to write, where the rule knows it.
    pub fix: Option<String>,
    /// Where. `None` when no file can be named.
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
    /// Routes of the single defects that this finding combines, sorted; empty for one defect. A defect keeps its identity
    /// even if only one revision combines it with others.
    pub covers: Vec<String>,
    /// How sure the place is, where the rule did not give it. `None` where it did.
    pub certainty: Option<Certainty>,
    /// Whether an `exception` of the plain policy itself exempts it: judging turns that into a suppression.
    pub excepted: bool,
    /// What a plain rule says beside its message.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Whether something could not be judged because of it: exit code 2.
    pub incomplete: bool,
    /// Identity across revisions: hexadecimal, 32 characters. Never made of lines, indexes or message text.
    pub fingerprint: String,
    /// The identities of what it covers, in the order of `covers`.
    pub covered: Vec<String>,
    /// Against the base, where there is one.
    pub against: Option<Against>,
    /// Why it does not count. `None` if it counts.
    pub suppression: Option<Suppression>,
}

impl Finding {
    /// A finding without place, entity or owner, to be filled in.
    pub fn bare(rule: RuleId, level: Level, message: String) -> Self {
        Self {
            rule,
            level,
            error_from: None,
            message,
            help: None,
            fix: None,
            location: None,
            related: Vec::new(),
            entity: None,
            route: String::new(),
            owner: None,
            domain: None,
            discriminator: None,
            covers: Vec::new(),
            certainty: None,
            excepted: false,
            metadata: serde_json::Map::new(),
            incomplete: false,
            fingerprint: String::new(),
            covered: Vec::new(),
            against: None,
            suppression: None,
        }
    }

    /// Whether it counts: it is not exempt, and the base does not have it. Findings about what could not be judged always
    /// count.
    pub fn is_open(&self) -> bool {
        self.incomplete || (self.suppression.is_none() && self.against != Some(Against::Unchanged))
    }

    /// The identities that a baseline or another revision knows it by: those of what it covers, else its own.
    pub fn identities(&self) -> &[String] {
        if self.covered.is_empty() {
            std::slice::from_ref(&self.fingerprint)
        } else {
            &self.covered
        }
    }

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
