//! `govcheck.yaml`: what a mesh sets about its files, packs and rules. Its own mistakes are errors with a line;
//! whether the rules it names exist is asked later, when the packs are known ([`Config::unknown_rules`]).

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::discover::{CONFIG_FILE, MISNAMED_CONFIG_FILE, Patterns};
use crate::judge::MAX_DAYS;
use crate::model::entity::Place;
use crate::model::rule::{Day, Level, RuleId};
use crate::model::text::RelPath;

mod layout;
mod marks;
mod parse;
mod raw;
#[cfg(test)]
mod tests;

pub use layout::Layout;

/// The version of the file that this govcheck reads.
const VERSION: u32 = 1;

/// No config of people has more bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// A config that can't be used. The user's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}{}: {message}", at(*line), at(*column))]
pub struct ConfigError {
    /// The name of the file, relative to the root.
    pub file: String,
    /// 1-based, where known.
    pub line: Option<u32>,
    /// 1-based, in characters, where known.
    pub column: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

fn at(number: Option<u32>) -> String {
    number.map_or(String::new(), |number| format!(":{number}"))
}

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
    /// Folders or bundles, relative to the root.
    pub packs: Vec<String>,
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
    /// The baseline, relative to the root.
    pub baseline: Option<String>,
    /// Findings of this level or worse fail the run.
    pub fail_on: Level,
    /// Settings for the whole mesh, sorted by selector as written.
    pub rules: Vec<(Selector, RuleSetting)>,
    /// Settings by path, in the order of the file.
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
            builtin: true,
            plain: None,
            waivers: None,
            waiver_days: MAX_DAYS,
            waiver_approval: false,
            baseline: None,
            fail_on: Level::Error,
            rules: Vec::new(),
            overrides: Vec::new(),
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

/// Which rules a setting is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// All rules of a category: `documentation`.
    Category(String),
    /// One rule: `kpi/bad-name`.
    Rule(RuleId),
}

impl Selector {
    /// As written.
    pub fn as_str(&self) -> &str {
        match self {
            Selector::Category(category) => category,
            Selector::Rule(rule) => rule.as_str(),
        }
    }

    fn selects(&self, rule: &RuleId) -> bool {
        match self {
            Selector::Category(category) => category == rule.category(),
            Selector::Rule(selected) => selected == rule,
        }
    }
}

/// A level, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelSetting {
    /// The rule has no findings.
    Off,
    /// Its findings have this level.
    At(Level),
}

impl LevelSetting {
    const NAMES: [&str; 4] = ["error", "warning", "note", "off"];

    fn parse(text: &str) -> Option<Self> {
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
    /// Options by name; empty in overrides.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Before this day an error counts as a warning.
    pub enforced_from: Option<Day>,
    /// Whether a comment may except from them; never set in overrides.
    pub inline: Option<bool>,
    /// Of its key, 1-based, where known.
    pub line: Option<u32>,
    /// `govcheck.yaml:12 rules.kpi`.
    pub source: String,
}

/// Settings for some files.
#[derive(Debug, Clone)]
pub struct Override {
    /// Globs relative to the root.
    pub files: Vec<String>,
    /// Settings, sorted by selector as written.
    pub rules: Vec<(Selector, RuleSetting)>,
    matcher: Patterns,
}

/// What the config says of one rule in one file; absent fields leave it to the rule's METADATA.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The level.
    pub level: Option<LevelSetting>,
    /// Before this day an error counts as a warning.
    pub enforced_from: Option<Day>,
    /// The line that set the level, or else the day: `govcheck.yaml:12 rules.kpi`.
    pub decided_by: Option<String>,
}

/// A selector that names nothing known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// As written.
    pub selector: String,
    /// A known rule or category that is spelt like it.
    pub nearest: Option<String>,
    /// 1-based, where known.
    pub line: Option<u32>,
}

impl Config {
    /// Reads `govcheck.yaml` in `root`, if there is one.
    pub fn load(root: &Path) -> Result<Option<Self>, ConfigError> {
        let refuse = |file: &str, message: String, help: &str| {
            Err(ConfigError {
                file: file.to_owned(),
                line: None,
                column: None,
                message,
                help: Some(help.to_owned()),
            })
        };
        let path = root.join(CONFIG_FILE);
        if fs::symlink_metadata(&path)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        {
            if fs::symlink_metadata(root.join(MISNAMED_CONFIG_FILE)).is_ok() {
                let help = "rename it: `git mv govcheck.yml govcheck.yaml`";
                return refuse(
                    MISNAMED_CONFIG_FILE,
                    format!("the config is read from `{CONFIG_FILE}` alone"),
                    help,
                );
            }
            return Ok(None);
        }
        let inside =
            fs::canonicalize(&path).and_then(|real| Ok(real.starts_with(fs::canonicalize(root)?)));
        match inside {
            Ok(true) => {}
            Ok(false) => {
                return refuse(
                    CONFIG_FILE,
                    "it is a link out of the root".to_owned(),
                    "put the file itself there",
                );
            }
            Err(error) => {
                return refuse(
                    CONFIG_FILE,
                    format!("it can't be read: {error}"),
                    "see that it is there and readable",
                );
            }
        }
        if !fs::metadata(&path).is_ok_and(|meta| meta.is_file()) {
            return refuse(
                CONFIG_FILE,
                "it is not a regular file".to_owned(),
                "put a YAML file there",
            );
        }
        let mut bytes = Vec::new();
        let read =
            fs::File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return refuse(
                CONFIG_FILE,
                format!("it can't be read: {error}"),
                "let the user that runs govcheck read it",
            );
        }
        if bytes.len() as u64 > MAX_BYTES {
            return refuse(
                CONFIG_FILE,
                format!("it has more than {MAX_BYTES} bytes"),
                "see whether it is the right file",
            );
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(&text, CONFIG_FILE).map(Some),
            Err(_) => refuse(
                CONFIG_FILE,
                "it is not UTF-8".to_owned(),
                "save it as UTF-8",
            ),
        }
    }

    /// Reads the text of a config; `file_name` is for messages.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigError> {
        parse::parse(text, file_name)
    }

    /// What the path of a file says of its entities, by the first layout that matches.
    pub fn place(&self, path: &RelPath) -> Place {
        self.layout
            .iter()
            .find_map(|layout| layout.place(path))
            .unwrap_or_default()
    }

    /// Level and day of a rule's findings in a file. Stronger: the rule over its category, overrides over `rules`, later ones over earlier.
    pub fn setting(&self, rule: &RuleId, path: &RelPath) -> Resolved {
        let overrides = self
            .overrides
            .iter()
            .filter(|candidate| candidate.matcher.is_match(path.as_str()));
        let layers = std::iter::once(&self.rules).chain(overrides.map(|matching| &matching.rules));
        let (mut resolved, mut by_level, mut by_day) = (Resolved::default(), None, None);
        for setting in layers.flat_map(|rules| weakest_first(rules, rule)) {
            if setting.level.is_some() {
                (resolved.level, by_level) = (setting.level, Some(&setting.source));
            }
            if setting.enforced_from.is_some() {
                (resolved.enforced_from, by_day) = (setting.enforced_from, Some(&setting.source));
            }
        }
        resolved.decided_by = by_level.or(by_day).cloned();
        resolved
    }

    /// The options that are set for a rule; its own win over its category's, name by name.
    pub fn options(&self, rule: &RuleId) -> serde_json::Map<String, serde_json::Value> {
        let settings = weakest_first(&self.rules, rule);
        settings
            .flat_map(|setting| setting.options.clone())
            .collect()
    }

    /// Whether a comment may except from a rule, where the config says so; its own setting wins over its category's.
    pub fn inline(&self, rule: &RuleId) -> Option<bool> {
        let settings = weakest_first(&self.rules, rule);
        settings.filter_map(|setting| setting.inline).last()
    }

    /// The selectors that name no rule or category of `known`, in the order of `rules`, then `overrides`.
    pub fn unknown_rules(&self, known: &[RuleId]) -> Vec<UnknownRule> {
        let settings = self
            .rules
            .iter()
            .chain(self.overrides.iter().flat_map(|set| &set.rules));
        let unknown =
            settings.filter(|(selector, _)| !known.iter().any(|rule| selector.selects(rule)));
        unknown
            .map(|(selector, setting)| {
                let names: Vec<&str> = match selector {
                    Selector::Category(_) => known
                        .iter()
                        .flat_map(|rule| [rule.category(), rule.as_str(), rule.name()])
                        .collect(),
                    Selector::Rule(_) => known.iter().map(RuleId::as_str).collect(),
                };
                let near = nearest(selector.as_str(), &names);
                // A rule's name without its category is the rule.
                let near = near.map(|near| {
                    known
                        .iter()
                        .find(|rule| rule.name() == near)
                        .map_or(near, RuleId::as_str)
                });
                UnknownRule {
                    selector: selector.as_str().to_owned(),
                    nearest: near.map(str::to_owned),
                    line: setting.line,
                }
            })
            .collect()
    }
}

/// The settings for a rule: its category's, then its own.
fn weakest_first<'a>(
    rules: &'a [(Selector, RuleSetting)],
    rule: &'a RuleId,
) -> impl Iterator<Item = &'a RuleSetting> {
    let of = move |own: bool| {
        let fits = move |selector: &Selector| {
            matches!(selector, Selector::Rule(_)) == own && selector.selects(rule)
        };
        rules
            .iter()
            .filter(move |(selector, _)| fits(selector))
            .map(|(_, setting)| setting)
    };
    of(false).chain(of(true))
}

/// The name that `text` is most likely meant to be: few letters differ, or one begins with the other.
fn nearest<'a>(text: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = (text.chars().count() / 3).max(1);
    let scored = names.iter().map(|name| {
        let begins = text.len() >= 3 && (name.starts_with(text) || text.starts_with(name));
        (strsim::damerau_levenshtein(text, name), begins, *name)
    });
    let close = scored
        .filter(|(distance, begins, name)| !name.is_empty() && (*begins || *distance <= limit));
    close
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, name)| name)
}
