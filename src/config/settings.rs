//! Settings of rules: levels, options and dates, for the whole mesh and by path.

use std::collections::BTreeMap;

use super::parse::ConfigReader;
use super::raw::{RawOverride, RawSetting};
use super::{ConfigError, DEFAULT, LevelSetting, Override, RuleSetting, Selector, nearest_name};
use crate::discover::Patterns;
use crate::model::rule::Day;

impl ConfigReader<'_> {
    pub(super) fn overrides(&self, raw: Vec<RawOverride>) -> Result<Vec<Override>, ConfigError> {
        let compile = |(at, raw): (usize, RawOverride)| {
            let index = at.to_string();
            let path = ["overrides", &index, "rules"];
            let files = self.globs(&["overrides", &index, "files"], raw.files)?;
            if files.is_empty() {
                let mark = self.marks.value(&["overrides", &index, "files"]);
                return Err(self.error(
                    mark,
                    "the override names no files".to_owned(),
                    "name files by globs; `**` is every file".to_owned(),
                ));
            }
            let rules = self.rules(&path, &format!("overrides[{at}].rules"), raw.rules)?;
            for (selector, _) in &rules {
                self.not_for_some_files(&[&path[..], &[selector.as_str()]].concat())?;
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

    /// Refuses what holds for the whole mesh in a setting for some files.
    fn not_for_some_files(&self, path: &[&str]) -> Result<(), ConfigError> {
        let mut keys = self.marks.keys_of(path).into_iter();
        match keys.find(|(key, _)| matches!(*key, "options" | "inline")) {
            None => Ok(()),
            Some((key, mark)) => {
                let message = format!("an override can't set `{key}`");
                let help = format!("set `{key}` under `rules:`; it holds for the whole mesh");
                Err(self.error(Some(mark), message, help))
            }
        }
    }

    pub(super) fn rules(
        &self,
        path: &[&str],
        route: &str,
        raw: BTreeMap<String, RawSetting>,
    ) -> Result<Vec<(Selector, RuleSetting)>, ConfigError> {
        raw.into_iter()
            .map(|(key, raw)| {
                let path = [path, &[&key]].concat();
                let Some(selector) = Selector::parse(&key) else {
                    let help =
                        "write a category (`documentation`) or a rule (`kpi/bad-name`)".to_owned();
                    return Err(self.error(
                        self.marks.key(&path),
                        format!("`{key}` is not the name of a rule or category"),
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

    pub(super) fn setting(
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

    fn level(&self, path: &[&str], text: &str) -> Result<LevelSetting, ConfigError> {
        LevelSetting::parse(text).ok_or_else(|| {
            let near = nearest_name(text, &LevelSetting::NAMES)
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
                    format!("`{text}` is not a date"),
                    "write year, month and day, as in `2027-03-01`".to_owned(),
                )
            })
    }
}
