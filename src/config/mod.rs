//! `govcheck.yaml`: what a mesh sets about its files, packs and rules. Its own mistakes are errors with a line.
//! What it builds on is added when the packs are at hand ([`Config::inherit`]); then old names of rules are put right
//! ([`Config::rename`]), and it is asked whether the rules exist ([`Config::unknown_rules`]).

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::discover::{CONFIG_FILE, Patterns};
use crate::judge::MAX_DAYS;
use crate::model::entity::Place;
use crate::model::location::Location;
use crate::model::rule::{Day, Level};
use crate::model::text::{RelPath, SourceText};

mod extends;
#[cfg(test)]
mod extends_tests;
mod layout;
mod marks;
mod near_names;
mod notes;
mod packs;
mod parse;
mod raw;
mod required;
mod resolve;
mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod types;
mod values;

pub use crate::model::selection::Selector;
pub use extends::{Extension, Shelf};
pub use layout::Layout;
pub use near_names::{find_near_config, misnamed};
pub use notes::RULES;
pub use packs::PackKey;
pub use resolve::{Decided, Resolved, UnknownRule};
pub use schema::{config_schema, preset_schema};

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
    renamed: Vec<notes::Renamed>,
    /// The texts of the files in the mesh that it is read from, for excerpts.
    texts: BTreeMap<RelPath, Arc<SourceText>>,
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
const DEFAULT: &str = "default";

/// A level, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelSetting {
    /// The rule has no findings.
    Off,
    /// Its findings have this level.
    At(Level),
}

impl LevelSetting {
    const NAMES: [&str; 5] = ["error", "warning", "note", "off", DEFAULT];

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
    /// Whether level and day are those of METADATA again, whatever weaker settings say.
    pub default: bool,
    /// Options by name; empty in overrides.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Before this day an error counts as a warning.
    pub enforced_from: Option<Day>,
    /// Whether a comment may except from them; never set in overrides.
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
    /// Where each glob stands, where known.
    pub files_at: Vec<Option<Location>>,
    /// `govcheck.yaml:12 overrides[0]`.
    pub source: String,
    /// Settings, sorted by selector as written.
    pub rules: Vec<(Selector, RuleSetting)>,
    matcher: Patterns,
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
        let is_absent = fs::symlink_metadata(&path)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        if let Some(near) = near_names::find(root) {
            return Err(misnamed(&near, !is_absent));
        }
        if is_absent {
            return Ok(None);
        }
        let inside =
            fs::canonicalize(&path).and_then(|real| Ok(real.starts_with(fs::canonicalize(root)?)));
        match inside {
            Ok(true) => {}
            Ok(false) => {
                return refuse(
                    CONFIG_FILE,
                    "the file is a symbolic link that leaves the root".to_owned(),
                    "replace the link with the file itself",
                );
            }
            Err(error) => {
                return refuse(
                    CONFIG_FILE,
                    format!("the file can't be read: {error}"),
                    "make the file readable for the user that runs govcheck",
                );
            }
        }
        if !fs::metadata(&path).is_ok_and(|meta| meta.is_file()) {
            return refuse(
                CONFIG_FILE,
                "the path is not a regular file".to_owned(),
                "replace it with a YAML file",
            );
        }
        let mut bytes = Vec::new();
        let read =
            fs::File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return refuse(
                CONFIG_FILE,
                format!("the file can't be read: {error}"),
                "make the file readable for the user that runs govcheck",
            );
        }
        if bytes.len() as u64 > MAX_BYTES {
            return refuse(
                CONFIG_FILE,
                format!("the file is larger than {MAX_BYTES} bytes"),
                "check whether this is the right file",
            );
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(&text, CONFIG_FILE).map(Some),
            Err(_) => refuse(
                CONFIG_FILE,
                "the file is not UTF-8".to_owned(),
                "save the file as UTF-8",
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
