//! From text to [`Config`]: keys are checked by name, values by meaning, and each mistake has its line.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::Layout;
use super::marks::{Mark, Marks};
use super::packs::{PACK_KEYS, PackKey, RawPack, RawPacks};
use super::raw::{
    KEYS, LAYER_KEYS, OVERRIDE_KEYS, OneOrMany, PLAIN_KEYS, RawConfig, RawExtended, RawOverride,
    RawPlain, RawSetting, RawWaivers, SETTING_KEYS, WAIVER_KEYS,
};
use super::required;
use super::{
    Config, ConfigError, DEFAULT, Extension, LevelSetting, Override, PlainPolicies, RuleSetting,
    Selector, VERSION, nearest,
};
use crate::discover::{CONFIG_FILE, Patterns};
use crate::model::finding::Location;
use crate::model::rule::{Day, Level};
use crate::model::text::{RelPath, SourceText, Span};

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
    let reader = Reader::new(text, file, file)?;
    reader.keys(&KEYS)?;
    let raw: Option<RawConfig> =
        serde_yaml::from_str(text).map_err(|error| reader.syntax(&error))?;
    reader.config(raw.unwrap_or_default())
}

/// Reads the text of what is extended; `label` names it where a setting says what decided.
pub(super) fn parse_layer(text: &str, file: &str, label: &str) -> Result<RawLayer, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader::new(text, file, label)?;
    reader.of_a_config()?;
    reader.keys(&LAYER_KEYS)?;
    let raw: Option<RawExtended> =
        serde_yaml::from_str(text).map_err(|error| reader.syntax(&error))?;
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

struct Reader<'a> {
    file: &'a str,
    /// What a setting is said to be decided by, before its line.
    label: &'a str,
    marks: Marks,
}

impl<'a> Reader<'a> {
    fn new(text: &str, file: &'a str, label: &'a str) -> Result<Self, ConfigError> {
        let mut reader = Reader {
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
        Ok(reader)
    }

    /// A place for people and excerpts.
    fn at(&self, mark: Option<Mark>) -> Option<Location> {
        let span = mark?.span;
        Some(Location {
            file: RelPath::new(self.file),
            span,
            start: self.marks.text.position(span.start),
            end: self.marks.text.position(span.end),
        })
    }

    /// Keys of a config that something extended can't have.
    fn of_a_config(&self) -> Result<(), ConfigError> {
        let keys = self.marks.keys_of(&[]).into_iter();
        let mut alien = keys.filter(|(key, _)| KEYS.contains(key) && !LAYER_KEYS.contains(key));
        let Some((key, mark)) = alien.next() else {
            return Ok(());
        };
        let help = format!(
            "what is extended sets `extends`, `rules` and `overrides`: set `{key}` in `{CONFIG_FILE}`"
        );
        Err(self.error(Some(mark), format!("`{key}` is not inherited"), help))
    }

    fn error(
        &self,
        mark: Option<Mark>,
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

    fn syntax(&self, error: &serde_yaml::Error) -> ConfigError {
        let place = error.location();
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let text = error.to_string();
        // The place is a field of its own.
        let message = match place {
            Some(_) => text
                .rsplit_once(" at line ")
                .map_or(text.as_str(), |(before, _)| before),
            None => &text,
        };
        let mark = place.map(|place| Mark {
            line: number(place.line()),
            column: number(place.column()),
            span: Span::default(),
        });
        self.error(mark, message.to_owned(), None)
    }

    fn required_version(&self) -> Result<(), ConfigError> {
        let path = [required::KEY];
        let keys = self.marks.keys_of(&[]);
        if !keys.iter().any(|(key, _)| *key == required::KEY) {
            return Ok(());
        }
        let refusal = match self.marks.scalar(&path) {
            Some(text) => required::refusal(text.trim(), env!("CARGO_PKG_VERSION")),
            None => {
                let message = format!("`{}` is not one text", required::KEY);
                Some((message, required::spelling()))
            }
        };
        match refusal {
            Some((message, help)) => Err(self.error(self.marks.value(&path), message, help)),
            None => Ok(()),
        }
    }

    fn version(&self) -> Result<(), ConfigError> {
        match self.marks.scalar(&["version"]) {
            None => Ok(()),
            Some(text) if text == VERSION.to_string() => Ok(()),
            Some(text) => Err(self.error(
                self.marks.value(&["version"]),
                format!("unknown version `{text}`: this govcheck reads version {VERSION}"),
                format!(
                    "write `version: {VERSION}`, or use the govcheck that this file was written for"
                ),
            )),
        }
    }

    /// Holds every key against the known ones.
    fn keys(&self, known: &[&str]) -> Result<(), ConfigError> {
        if let Some((path, mark)) = self.marks.duplicates.first() {
            let key = path.last().map_or("", String::as_str);
            return Err(self.error(
                Some(*mark),
                format!("`{key}` is given twice"),
                "keep one of them".to_owned(),
            ));
        }
        self.known(&[], known)?;
        self.known(&["waivers"], &WAIVER_KEYS)?;
        for at in 0.. {
            let index = at.to_string();
            let path = ["packs", &index];
            if self.marks.keys_of(&path).is_empty() && self.marks.scalar(&path).is_none() {
                break;
            }
            self.known(&path, &PACK_KEYS)?;
        }
        self.known(&["plain"], &PLAIN_KEYS)?;
        self.settings(&["rules"])?;
        for at in 0.. {
            let index = at.to_string();
            let path = ["overrides", &index];
            if self.marks.keys_of(&path).is_empty() {
                break;
            }
            self.known(&path, &OVERRIDE_KEYS)?;
            self.settings(&["overrides", &index, "rules"])?;
        }
        Ok(())
    }

    fn settings(&self, rules: &[&str]) -> Result<(), ConfigError> {
        for (selector, _) in self.marks.keys_of(rules) {
            self.known(&[rules, &[selector]].concat(), &SETTING_KEYS)?;
        }
        Ok(())
    }

    fn known(&self, path: &[&str], known: &[&str]) -> Result<(), ConfigError> {
        for (key, mark) in self.marks.keys_of(path) {
            if !known.contains(&key) {
                let all = format!("the keys here are `{}`", known.join("`, `"));
                let (message, help) = match nearest(key, known) {
                    Some(near) => (
                        format!("unknown key `{key}`; did you mean `{near}`?"),
                        format!("write `{near}`; {all}"),
                    ),
                    None => (format!("unknown key `{key}`"), all),
                };
                return Err(self.error(Some(mark), message, help));
            }
        }
        Ok(())
    }

    fn config(&self, raw: RawConfig) -> Result<Config, ConfigError> {
        let default = Config::default();
        let waivers = raw.waivers.unwrap_or_default();
        let (packs, keys) = self.packs(raw.packs.map(RawPacks::all).unwrap_or_default())?;
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
            baseline: self.path("baseline", raw.baseline)?,
            fail_on: self.fail_on(raw.fail_on.as_deref())?,
            rules: self.rules(&["rules"], "rules", raw.rules.unwrap_or_default())?,
            overrides: self.overrides(raw.overrides.unwrap_or_default())?,
            extends: self.extends(raw.extends.unwrap_or_default())?,
            texts: BTreeMap::from([(RelPath::new(self.file), Arc::clone(&self.marks.text))]),
            ..default
        })
    }

    fn extends(&self, OneOrMany(names): OneOrMany) -> Result<Vec<Extension>, ConfigError> {
        let read = |(at, name): (usize, String)| {
            // The list's entry, or the value itself where there is no list.
            let mark = self.marks.value(&["extends", &at.to_string()]);
            if name.is_empty() {
                let help = "name a preset, as `standard`, or a file, as `governance/common.yaml`";
                let message = "`extends` has an empty name".to_owned();
                return Err(self.error(mark, message, help.to_owned()));
            }
            let at = self.at(mark);
            Ok(Extension { name, at })
        };
        names.into_iter().enumerate().map(read).collect()
    }

    fn layouts(&self, OneOrMany(texts): OneOrMany) -> Result<Vec<Layout>, ConfigError> {
        let compile = |(at, text): (usize, &String)| {
            Layout::new(text).map_err(|error| {
                let mark = self.marks.value(&["layout", &at.to_string()]);
                self.error(
                    mark,
                    format!("layout `{text}` can't be used: {}", error.message),
                    error.help,
                )
            })
        };
        texts.iter().enumerate().map(compile).collect()
    }

    fn globs(
        &self,
        path: &[&str],
        OneOrMany(globs): OneOrMany,
    ) -> Result<Vec<String>, ConfigError> {
        for (at, glob) in globs.iter().enumerate() {
            if let Err(error) = Patterns::new(std::slice::from_ref(glob)) {
                let mark = self.marks.value(&[path, &[&at.to_string()]].concat());
                return Err(self.error(mark, error.to_string(), error.help));
            }
        }
        Ok(globs)
    }

    fn packs(
        &self,
        raw: Vec<RawPack>,
    ) -> Result<(Vec<String>, BTreeMap<String, PackKey>), ConfigError> {
        let (mut packs, mut keys) = (Vec::new(), BTreeMap::new());
        for (at, raw) in raw.into_iter().enumerate() {
            let at = at.to_string();
            let (pack, key) = raw.read().map_err(|(key, message, help)| {
                self.error(self.marks.value(&["packs", &at, key]), message, help)
            })?;
            if pack.is_empty() {
                return Err(self.no_path("packs", self.marks.value(&["packs", &at])));
            }
            if let Some(key) = key.filter(|key| key.key.is_some()) {
                keys.insert(pack.clone(), key);
            }
            packs.push(pack);
        }
        Ok((packs, keys))
    }

    fn plain(&self, raw: RawPlain) -> Result<PlainPolicies, ConfigError> {
        let list = |key: &str, given: Option<OneOrMany>| {
            let OneOrMany(all) = given.unwrap_or_default();
            match all.iter().position(String::is_empty) {
                Some(at) => {
                    let mark = self.marks.value(&["plain", key, &at.to_string()]);
                    Err(self.no_path(key, mark))
                }
                None => Ok(all),
            }
        };
        let policy = list("policy", raw.policy)?;
        if policy.is_empty() {
            let help = "name the folder of the policies: `plain: {policy: governance/conftest}`";
            let message = "`plain` names no policies".to_owned();
            return Err(self.error(self.marks.key(&["plain"]), message, help.to_owned()));
        }
        let rego_v0 = match raw.rego_version.as_deref() {
            None | Some("v1") => false,
            Some("v0") => true,
            Some(other) => {
                return Err(self.error(
                    self.marks.value(&["plain", "rego_version"]),
                    format!("`{other}` is no version of Rego that is known here"),
                    "write `v0` or `v1`".to_owned(),
                ));
            }
        };
        Ok(PlainPolicies {
            policy,
            namespaces: list("namespaces", raw.namespaces)?,
            all_namespaces: raw.all_namespaces.unwrap_or_default(),
            data: list("data", raw.data)?,
            combine: raw.combine.unwrap_or_default(),
            rego_v0,
        })
    }

    fn path(&self, key: &str, path: Option<String>) -> Result<Option<String>, ConfigError> {
        match path {
            Some(path) if path.is_empty() => Err(self.no_path(key, self.marks.value(&[key]))),
            path => Ok(path),
        }
    }

    fn approval(&self, waivers: &RawWaivers) -> Result<bool, ConfigError> {
        match waivers.approved_by.as_deref() {
            None | Some("optional") => Ok(false),
            Some("required") => Ok(true),
            Some(other) => Err(self.error(
                self.marks.value(&["waivers", "approved_by"]),
                format!("`{other}` is not understood here"),
                "write `required` or `optional`".to_owned(),
            )),
        }
    }

    fn no_path(&self, key: &str, mark: Option<Mark>) -> ConfigError {
        let help = format!("write a path relative to the root, or leave `{key}` out");
        self.error(mark, format!("`{key}` has an empty path"), help)
    }

    fn fail_on(&self, text: Option<&str>) -> Result<Level, ConfigError> {
        match text.map(|text| (text, LevelSetting::parse(text))) {
            None => Ok(Level::Error),
            Some((_, Some(LevelSetting::At(level)))) => Ok(level),
            Some((text, _)) => Err(self.error(
                self.marks.value(&["fail_on"]),
                format!("`{text}` is no level to fail on"),
                "write `error`, `warning` or `note`".to_owned(),
            )),
        }
    }

    fn overrides(&self, raw: Vec<RawOverride>) -> Result<Vec<Override>, ConfigError> {
        let compile = |(at, raw): (usize, RawOverride)| {
            let index = at.to_string();
            let path = ["overrides", &index, "rules"];
            let files = self.globs(&["overrides", &index, "files"], raw.files)?;
            if files.is_empty() {
                let mark = self.marks.value(&["overrides", &index, "files"]);
                return Err(self.error(
                    mark,
                    "an override without files changes nothing".to_owned(),
                    "name files by globs, `**` for all".to_owned(),
                ));
            }
            let rules = self.rules(&path, &format!("overrides[{at}].rules"), raw.rules)?;
            for (selector, setting) in &rules {
                let whole = [
                    ("options", !setting.options.is_empty()),
                    ("inline", setting.inline.is_some()),
                ];
                if let Some((key, _)) = whole.into_iter().find(|(_, is_set)| *is_set) {
                    let mark = self
                        .marks
                        .key(&[&path[..], &[selector.as_str(), key]].concat());
                    let help = format!(
                        "`{key}` holds for the whole mesh: set it under `rules:`, at `{}`",
                        selector.as_str()
                    );
                    let message = format!("an override can't set `{key}`");
                    return Err(self.error(mark, message, help));
                }
            }
            // Compiled one by one above, they compile together but for the size of the whole.
            let matcher = Patterns::new(&files).map_err(|error| {
                self.error(
                    self.marks.value(&["overrides", &index, "files"]),
                    error.to_string(),
                    error.help,
                )
            })?;
            let glob_at = |glob: usize| {
                let path = ["overrides", &index, "files", &glob.to_string()];
                self.at(self.marks.value(&path))
            };
            let mark = self.marks.key(&["overrides", &index, "files"]);
            Ok(Override {
                files_at: (0..files.len()).map(glob_at).collect(),
                source: self.source(mark, &format!("overrides[{at}]")),
                files,
                rules,
                matcher,
            })
        };
        raw.into_iter().enumerate().map(compile).collect()
    }

    fn rules(
        &self,
        path: &[&str],
        route: &str,
        raw: BTreeMap<String, RawSetting>,
    ) -> Result<Vec<(Selector, RuleSetting)>, ConfigError> {
        raw.into_iter()
            .map(|(key, raw)| {
                let path = [path, &[&key]].concat();
                let Some(selector) = Selector::parse(&key) else {
                    let help = "write a category, as `documentation`, or a rule, as `kpi/bad-name`"
                        .to_owned();
                    return Err(self.error(
                        self.marks.key(&path),
                        format!("`{key}` names no rule"),
                        help,
                    ));
                };
                Ok((
                    selector,
                    self.setting(&path, &format!("{route}.{key}"), raw)?,
                ))
            })
            .collect()
    }

    fn setting(
        &self,
        path: &[&str],
        route: &str,
        raw: RawSetting,
    ) -> Result<RuleSetting, ConfigError> {
        let mark = self.marks.key(path);
        let default = raw.level.as_deref() == Some(DEFAULT);
        let level = raw.level.filter(|_| !default);
        let options = raw.options.iter().flatten();
        let options_at = options.filter_map(|(name, _)| {
            let mark = self.marks.key(&[path, &["options", name]].concat());
            Some((name.clone(), self.at(mark)?))
        });
        Ok(RuleSetting {
            options_at: options_at.collect(),
            level: level.map(|text| self.level(path, &text)).transpose()?,
            default,
            options: raw.options.unwrap_or_default(),
            enforced_from: raw
                .enforced_from
                .map(|text| self.day(path, &text))
                .transpose()?,
            inline: raw.inline,
            at: self.at(mark),
            source: self.source(mark, route),
        })
    }

    /// `govcheck.yaml:12 rules.kpi`.
    fn source(&self, mark: Option<Mark>, route: &str) -> String {
        match mark {
            Some(Mark { line, .. }) => format!("{}:{line} {route}", self.label),
            None => format!("{} {route}", self.label),
        }
    }

    fn level(&self, path: &[&str], text: &str) -> Result<LevelSetting, ConfigError> {
        LevelSetting::parse(text).ok_or_else(|| {
            let near = nearest(text, &LevelSetting::NAMES)
                .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let mark = self.marks.value(&[path, &["level"]].concat());
            self.error(
                mark,
                format!("unknown level `{text}`{near}"),
                format!("write one of `{}`", LevelSetting::NAMES.join("`, `")),
            )
        })
    }

    fn day(&self, path: &[&str], text: &str) -> Result<Day, ConfigError> {
        let date = text.parse::<jiff::civil::Date>().ok();
        // Other ways to write a day are valid for the parser, and confusing for readers.
        date.filter(|date| date.to_string() == text)
            .map(Day)
            .ok_or_else(|| {
                let mark = self.marks.value(&[path, &["enforced_from"]].concat());
                self.error(
                    mark,
                    format!("`{text}` is no day"),
                    "write it as `2027-03-01`: year, month, day".to_owned(),
                )
            })
    }
}
