//! From text to [`Config`]: keys are checked by name, values by type, then by meaning, and each mistake has its line. What single
//! values mean is decided in `values`, settings of rules in `settings`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::marks::{Marks, TextMark};
use super::raw::{OneOrMany, RawConfig, RawExtended, RawSetting};
use super::types::{TypeMistake, read_typed};
use super::{Config, ConfigError, Extension, Override, RuleSetting, Selector, VERSION, required};
use crate::discover::{CONFIG_FILE, Patterns};
use crate::model::location::Location;
use crate::model::text::{RelPath, SourceText};

/// What something that is extended says.
pub(super) struct RawLayer {
    pub(super) extends: Vec<Extension>,
    /// What is set for the rules of its pack that it does not name.
    pub(super) others: Option<RuleSetting>,
    pub(super) rules: Vec<(Selector, RuleSetting)>,
    pub(super) overrides: Vec<Override>,
    pub(super) text: Arc<SourceText>,
}

/// Reads the text of a config.
pub(super) fn parse(text: &str, file: &str) -> Result<Config, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = ConfigReader::new(text, file, file)?;
    let raw: Option<RawConfig> = reader.typed()?;
    reader.config(raw.unwrap_or_default())
}

/// Reads the text of what is extended; `label` names it where a setting says what decided.
pub(super) fn parse_layer(text: &str, file: &str, label: &str) -> Result<RawLayer, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = ConfigReader::new(text, file, label)?;
    let raw: Option<RawExtended> = reader.typed()?;
    let raw = raw.unwrap_or_default();
    let others = raw.others.map(|level| {
        let raw = RawSetting {
            level: Some(level),
            ..RawSetting::default()
        };
        reader.setting(&["others"], "others", raw)
    });
    Ok(RawLayer {
        extends: reader.extends(raw.extends.unwrap_or_default())?,
        others: others.transpose()?,
        rules: reader.rules(&["rules"], "rules", raw.rules.unwrap_or_default())?,
        overrides: reader.overrides(raw.overrides.unwrap_or_default())?,
        text: reader.marks.text,
    })
}

/// Reads one file, and says where its mistakes are.
pub(super) struct ConfigReader<'a> {
    file: &'a str,
    /// The name of the file that decides a setting, as messages show it before the line.
    label: &'a str,
    pub(super) marks: Marks,
}

impl<'a> ConfigReader<'a> {
    fn new(text: &str, file: &'a str, label: &'a str) -> Result<Self, ConfigError> {
        let mut reader = ConfigReader {
            file,
            label,
            marks: Marks::default(),
        };
        reader.marks = Marks::of(text).map_err(|(mark, why)| {
            let line = mark.line.saturating_sub(1).try_into().ok();
            let line = line.and_then(|line| text.lines().nth(line));
            reader.error(Some(mark), why, line.and_then(required::missing_quotes))
        })?;
        // First, since the keys of another version are another version's.
        reader.required_version()?;
        reader.version()?;
        match reader.marks.duplicates.first() {
            None => Ok(reader),
            Some((path, mark)) => {
                let key = path.last().map_or("", String::as_str);
                let message = format!("duplicate key `{key}`");
                Err(reader.error(Some(*mark), message, "remove one of the two".to_owned()))
            }
        }
    }

    /// A place for people and excerpts.
    pub(super) fn at(&self, mark: Option<TextMark>) -> Option<Location> {
        let span = mark?.span;
        Some(Location {
            file: RelPath::new(self.file),
            span,
            start: self.marks.text.position(span.start),
            end: self.marks.text.position(span.end),
        })
    }

    /// `govcheck.yaml:12 rules.kpi`.
    pub(super) fn source(&self, mark: Option<TextMark>, route: &str) -> String {
        match mark {
            Some(TextMark { line, .. }) => format!("{}:{line} {route}", self.label),
            None => format!("{} {route}", self.label),
        }
    }

    pub(super) fn error(
        &self,
        mark: Option<TextMark>,
        message: String,
        help: impl Into<Option<String>>,
    ) -> ConfigError {
        ConfigError {
            file: self.file.to_owned(),
            line: mark.map(|mark| mark.line),
            column: mark.map(|mark| mark.column),
            message,
            help: help.into(),
        }
    }

    fn required_version(&self) -> Result<(), ConfigError> {
        let path = [required::KEY];
        let text = match self.marks.tree.get(required::KEY) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::String(text)) => Some(text.as_str()),
            // As it is written: `0.10` is not `0.1`.
            Some(Value::Number(_)) => self.marks.written(&path),
            Some(_) => None,
        };
        let refusal = match text {
            Some(text) => required::refuse_version(text.trim(), env!("CARGO_PKG_VERSION")),
            None => {
                let message = format!("`{}` must be one text", required::KEY);
                Some((message, required::requirement_examples()))
            }
        };
        match refusal {
            Some((message, help)) => Err(self.error(self.marks.value(&path), message, help)),
            None => Ok(()),
        }
    }

    fn version(&self) -> Result<(), ConfigError> {
        match self.marks.tree.get("version") {
            None | Some(Value::Null) => Ok(()),
            Some(version) if *version == json!(VERSION) => Ok(()),
            Some(_) => {
                let written = self.marks.written(&["version"]).unwrap_or_default();
                Err(self.error(
                    self.marks.value(&["version"]),
                    format!("unknown version `{written}`: this govcheck reads version {VERSION}"),
                    format!(
                        "write `version: {VERSION}`, or use the govcheck that this file was written for"
                    ),
                ))
            }
        }
    }

    /// The file as a type of `raw`; `None` if it is empty.
    fn typed<T: DeserializeOwned>(&self) -> Result<Option<T>, ConfigError> {
        read_typed(&self.marks.tree).map_err(|mistake| {
            let path: Vec<&str> = mistake.path.iter().map(String::as_str).collect();
            let TypeMistake {
                unknown,
                message,
                help,
                ..
            } = mistake;
            match unknown {
                Some(key) if path.len() == 1 && is_config_key(&key) => {
                    let help = format!(
                        "files that are extended set `extends`, `rules` and `overrides`: set `{key}` in `{CONFIG_FILE}`"
                    );
                    let message = format!("`{key}` can't be inherited");
                    self.error(self.marks.key(&path), message, help)
                }
                Some(_) => self.error(self.marks.key(&path), message, help),
                None => self.error(self.marks.value(&path), message, help),
            }
        })
    }

    /// The globs of registers, compiled: `globs` has seen that they are valid.
    fn registers(&self, raw: Option<OneOrMany>) -> Result<Option<Patterns>, ConfigError> {
        let globs = raw.map(|raw| self.globs(&["registers"], raw)).transpose()?;
        Ok(globs.and_then(|globs| Patterns::new(&globs).ok()))
    }

    fn config(&self, raw: RawConfig) -> Result<Config, ConfigError> {
        let default = Config::default();
        let waivers = raw.waivers.unwrap_or_default();
        let (packs, keys) = self.packs(raw.packs.unwrap_or_default())?;
        Ok(Config {
            waiver_days: waivers.max_days.unwrap_or(default.waiver_days),
            waiver_approval: self.approval(&waivers)?,
            version: raw.version.unwrap_or(VERSION),
            layout: self.layouts(raw.layout.unwrap_or_default())?,
            include: self.globs(&["include"], raw.include.unwrap_or_default())?,
            exclude: self.globs(&["exclude"], raw.exclude.unwrap_or_default())?,
            packs,
            keys,
            builtin: raw.builtin.unwrap_or(default.builtin),
            plain: raw.plain.map(|raw| self.plain(raw)).transpose()?,
            waivers: self.path("waivers", waivers.file)?,
            registers: self.registers(raw.registers)?,
            baseline: self.path("baseline", raw.baseline)?,
            fail_on: self.fail_on(raw.fail_on.as_deref())?,
            rules: self.rules(&["rules"], "rules", raw.rules.unwrap_or_default())?,
            overrides: self.overrides(raw.overrides.unwrap_or_default())?,
            extends: self.extends(raw.extends.unwrap_or_default())?,
            texts: BTreeMap::from([(RelPath::new(self.file), Arc::clone(&self.marks.text))]),
            ..default
        })
    }
}

/// Whether a key is one of `govcheck.yaml`.
pub(super) fn is_config_key(key: &str) -> bool {
    read_typed::<RawConfig>(&json!({key: null})).is_ok()
}
