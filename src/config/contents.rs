//! What a config says, with the defaults of all keys. Reads nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::extension::Extension;
use super::layout::Layout;
use super::packs::PackKey;
use super::renamed;
use crate::discover::Patterns;
use crate::judge::MAX_DAYS;
use crate::model::entity::LayoutPlace;
use crate::model::location::Location;
use crate::model::rule::{Day, Level};
use crate::model::selection::Selector;
use crate::model::text::{RelPath, SourceText};

/// The version of the file that this govcheck reads.
pub(super) const VERSION: u32 = 1;

/// The config of a mesh. The default is what holds without a file.
#[derive(Debug, Clone)]
pub struct Config {
    /// 1.
    pub version: u32,
    /// What paths say; the first that matches wins.
    pub layout: Vec<Layout>,
    /// Globs relative to the root; none for all.
    pub include: Vec<String>,
    /// Globs relative to the root.
    pub exclude: Vec<String>,
    /// Folders or bundles, relative to the root, or folders at revisions of repositories: `git+file:///srv/rules.git#v1:policies`.
    pub packs: Vec<String>,
    /// How the signatures of bundles are verified, by pack.
    pub keys: BTreeMap<String, PackKey>,
    /// Whether the built-in pack judges too.
    pub builtin: bool,
    /// Plain policies, which judge beside the packs.
    pub plain: Option<PlainPolicies>,
    /// The file of waivers, relative to the root.
    pub waivers: Option<String>,
    /// Days that a waiver may last.
    pub waiver_days: u32,
    /// Whether every waiver must say who approved it.
    pub waiver_approval: bool,
    /// Globs of the files that may add register entries, relative to the root. `None`: those that hold some already.
    pub registers: Option<Patterns>,
    /// The baseline, relative to the root.
    pub baseline: Option<String>,
    /// Findings of this level or worse fail the run.
    pub fail_on: Level,
    /// Settings for the whole mesh, sorted by selector as written.
    pub rules: Vec<(Selector, RuleSetting)>,
    /// Settings by path, in the order of the file.
    pub overrides: Vec<Override>,
    /// What it builds on, as written.
    pub extends: Vec<Extension>,
    /// Settings of what it builds on, the weakest first; none before [`Config::inherit`]. Its own are stronger.
    pub inherited: Vec<Layer>,
    /// Names that rules had before and that settings use, with the present ones; none before [`Config::rename`].
    pub(super) renamed: Vec<renamed::Renamed>,
    /// The texts of the files in the mesh that it is read from, for excerpts.
    pub(super) texts: BTreeMap<RelPath, Arc<SourceText>>,
}

/// The settings of one thing that a config builds on: a preset, or a file.
#[derive(Debug, Clone)]
pub struct Layer {
    /// `preset strict`, or the file's path.
    pub name: String,
    /// For the whole mesh, sorted by selector as written.
    pub rules: Vec<(Selector, RuleSetting)>,
    /// By path, in the order of the file.
    pub overrides: Vec<Override>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: VERSION,
            layout: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            packs: Vec::new(),
            keys: BTreeMap::new(),
            builtin: true,
            plain: None,
            waivers: None,
            waiver_days: MAX_DAYS,
            waiver_approval: false,
            registers: None,
            baseline: None,
            fail_on: Level::Error,
            rules: Vec::new(),
            overrides: Vec::new(),
            extends: Vec::new(),
            inherited: Vec::new(),
            renamed: Vec::new(),
            texts: BTreeMap::new(),
        }
    }
}

/// Policies in conftest's contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainPolicies {
    /// Folders or files, relative to the root.
    pub policy: Vec<String>,
    /// Namespaces to ask, or patterns of them; none for `main`.
    pub namespaces: Vec<String>,
    /// Whether to ask all of them.
    pub all_namespaces: bool,
    /// Folders or files of data, relative to the root.
    pub data: Vec<String>,
    /// Whether all documents are one input.
    pub combine: bool,
    /// Whether they are Rego v0.
    pub rego_v0: bool,
}

/// What is written for the level and day of METADATA.
pub(super) const DEFAULT: &str = "default";

/// A level, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelSetting {
    /// The rule has no findings.
    Off,
    /// Its findings have this level.
    At(Level),
}

impl LevelSetting {
    pub(super) const NAMES: [&str; 5] = ["error", "warning", "note", "off", DEFAULT];

    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "off" {
            return Some(LevelSetting::Off);
        }
        Level::WORST_FIRST
            .into_iter()
            .find(|level| level.as_str() == text)
            .map(LevelSetting::At)
    }
}

/// What is set for the rules of a [`Selector`].
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSetting {
    /// Their level.
    pub level: Option<LevelSetting>,
    /// Whether level and day are those of METADATA again, whatever weaker settings say.
    pub default: bool,
    /// Options by name; empty in overrides.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Before this day an error counts as a warning.
    pub enforced_from: Option<Day>,
    /// Whether comments may waive them; never set in overrides.
    pub inline: Option<bool>,
    /// Its key, where known.
    pub at: Option<Location>,
    /// The keys of its options, by name.
    pub options_at: BTreeMap<String, Location>,
    /// `govcheck.yaml:12 rules.kpi`.
    pub source: String,
}

/// Settings for some files.
#[derive(Debug, Clone)]
pub struct Override {
    /// Globs relative to the root.
    pub files: Vec<String>,
    /// The place of each glob, where known.
    pub files_at: Vec<Option<Location>>,
    /// `govcheck.yaml:12 overrides[0]`.
    pub source: String,
    /// Settings, sorted by selector as written.
    pub rules: Vec<(Selector, RuleSetting)>,
    pub(super) matcher: Patterns,
}

impl Config {
    /// The values that a file's path gives its entities, by the first layout that matches.
    pub fn place(&self, path: &RelPath) -> LayoutPlace {
        self.layout
            .iter()
            .find_map(|layout| layout.place(path))
            .unwrap_or_default()
    }
}
