//! Rules as the host knows them: METADATA, not Rego.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For information.
    Note,
    /// Should be fixed.
    Warning,
    /// Must be fixed.
    Error,
}

impl Level {
    /// All levels, worst first.
    pub const WORST_FIRST: [Level; 3] = [Level::Error, Level::Warning, Level::Note];

    /// `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `<category>/<name>`; it names the defect: "allow `ownership/unknown-team`" reads well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// Wraps an id of the form `<category>/<name>`.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the slash.
    pub fn category(&self) -> &str {
        self.0
            .split_once('/')
            .map_or(&*self.0, |(category, _)| category)
    }

    /// The part after the slash.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a rule is in its life: `state` in its METADATA.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It runs only under `govcheck policy try` and in its tests.
    Draft,
    /// Its errors count as warnings until its day, `enforced_from`.
    Grace,
    /// It holds.
    #[default]
    Enabled,
    /// It still runs, but another rule takes its place.
    Deprecated,
}

impl State {
    /// `draft`, `grace`, `enabled` or `deprecated`.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Grace => "grace",
            State::Enabled => "enabled",
            State::Deprecated => "deprecated",
        }
    }
}

/// What one evaluation of a rule sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One entity.
    Entity,
    /// The facts of all entities.
    Mesh,
    /// The same entity in two revisions.
    Change,
}

/// A day of the proleptic Gregorian calendar, as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub jiff::civil::Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A built-in rule, not written in Rego: it reports what govcheck can't read or judge.
#[derive(Debug, Clone, Copy)]
pub struct BuiltinRule {
    /// `parse/…`, `discover/…`, `engine/…`.
    pub id: &'static str,
    /// What is wrong, as a phrase.
    pub title: &'static str,
    /// What it means, and why it matters.
    pub description: &'static str,
    /// What to do.
    pub help: &'static str,
    /// The level of its findings.
    pub level: Level,
}

impl BuiltinRule {
    /// A rule whose findings are errors.
    pub const fn new(
        id: &'static str,
        title: &'static str,
        description: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            id,
            title,
            description,
            help,
            level: Level::Error,
        }
    }

    /// The same with findings of another level.
    pub const fn with_level(self, level: Level) -> Self {
        Self { level, ..self }
    }
}

/// A link of a rule to something that explains it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The address.
    #[serde(rename = "ref")]
    pub address: String,
    /// What it is.
    pub description: Option<String>,
}

/// The page of a rule, which `govcheck policy docs` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePage {
    /// Its web address, where its pack says one.
    pub address: Option<String>,
    /// Its file from the root of the mesh, `/`-separated, where it lies there.
    pub file: Option<String>,
    /// The name of its heading there.
    pub heading: String,
}

/// Which facts a mesh rule must see together: those that share a value. Its answer about them does not depend on other
/// facts, so that it can be asked about a few at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactGrouping {
    /// The fields of facts that hold the values: each one value, or a list or set of them.
    pub by: Vec<String>,
    /// The rule never reports fewer facts than this.
    #[serde(default = "one")]
    pub at_least: usize,
    /// A field: the rule never reports facts none of which has it.
    pub with: Option<String>,
}

fn one() -> usize {
    1
}

/// What a mesh rule sees counted: in how many places each value is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactCounts {
    /// The field of facts that holds the values: one, or a list of them.
    pub of: String,
    /// The field of which different values are counted.
    pub per: String,
    /// A field that lists indexes in `of` which do not count.
    pub except: Option<String>,
    /// Values that are in fewer are left out: a number, or the name of an option.
    pub at_least: AtLeast,
    /// How many places are named of each value, the first ones.
    pub places: usize,
}

/// A graph of which a mesh rule sees the cycles: facts say what its nodes read, and what they offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactCycles {
    /// The field that names a node: facts with one value are about one node.
    pub of: String,
    /// The field that holds what a node reads: one value, or a list or set of them.
    pub reads: String,
    /// The field that holds what a node offers to readers; its name, if `None`.
    pub offers: Option<String>,
}

/// A number that METADATA gives, or leaves to an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AtLeast {
    /// The number.
    Number(usize),
    /// The option's name.
    Option(String),
}

/// A rule's METADATA. The rule itself is Rego, which only the policy layer knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// `<category>/<name>`.
    pub id: RuleId,
    /// The defect as a noun phrase: "Unregistered owner team".
    pub title: String,
    /// What is checked, and why it matters.
    pub description: String,
    /// What to write instead; its findings share it.
    pub help: Arc<str>,
    /// The level of its findings before config.
    pub severity: Level,
    /// What one evaluation sees.
    pub scope: Scope,
    /// The kinds of entity it judges, sorted; `*` for all.
    pub entities: Vec<Arc<str>>,
    /// Kinds of which the mesh must have at least one for the rule to say anything.
    pub needs: Vec<Arc<str>>,
    /// A regular expression; where a document's text does not match, the rule has nothing to say and is not asked.
    /// `{name}` stands for the option of that name.
    pub text_matches: Option<String>,
    /// Which facts a rule of scope `mesh` must see together. `None` for all of them.
    pub together: Option<FactGrouping>,
    /// What a rule of scope `mesh` sees counted, in place of its facts.
    pub counts: Option<FactCounts>,
    /// The graph of which a rule of scope `mesh` sees the cycles, in place of its facts.
    pub cycles: Option<FactCycles>,
    /// The version of its pack that brought it.
    pub since: Option<String>,
    /// Where it is in its life.
    pub state: State,
    /// Before this day an error counts as a warning.
    pub enforced_from: Option<Day>,
    /// The rule that takes its place; there where it is deprecated.
    pub successor: Option<RuleId>,
    /// Defaults of its options.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// What each option means, by name.
    pub option_docs: std::collections::BTreeMap<String, String>,
    /// Whether a waiver may except something from it.
    pub waivable: bool,
    /// Whether a comment beside the text may.
    pub inline: bool,
    /// Ids that it had before; they keep working.
    pub aliases: Vec<RuleId>,
    /// Links.
    pub related_resources: Vec<Link>,
    /// Where its page is, if it has one.
    pub page: Option<RulePage>,
    /// The pack it is from, as the user named it; `builtin` for the built-in pack.
    pub pack: String,
    /// Its file, relative to its pack.
    pub file: String,
}

impl Rule {
    /// A rule of scope `entity` that is on, can be waived and has no options; the fields beyond these are for struct update.
    pub fn new(id: RuleId, title: String, description: String, severity: Level) -> Self {
        Self {
            id,
            title,
            description,
            help: Arc::from(""),
            severity,
            scope: Scope::Entity,
            entities: Vec::new(),
            needs: Vec::new(),
            text_matches: None,
            together: None,
            counts: None,
            cycles: None,
            since: None,
            state: State::Enabled,
            enforced_from: None,
            successor: None,
            options: serde_json::Map::new(),
            option_docs: std::collections::BTreeMap::new(),
            waivable: true,
            inline: false,
            aliases: Vec::new(),
            related_resources: Vec::new(),
            page: None,
            pack: String::new(),
            file: String::new(),
        }
    }
}
