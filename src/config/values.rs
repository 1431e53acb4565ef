//! What single values of a config mean: paths, globs, packs and levels. Settings of rules are read in `settings`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::layout::Layout;
use super::marks::TextMark;
use super::packs::{PackKey, PackMistake, RawPacks};
use super::parse::ConfigReader;
use super::raw::{OneOrMany, RawPlain, RawWaivers};
use super::{ConfigError, Extension, LevelSetting, PlainPolicies};
use crate::discover::Patterns;
use crate::model::rule::Level;

impl ConfigReader<'_> {
    pub(super) fn extends(
        &self,
        OneOrMany(names): OneOrMany,
    ) -> Result<Vec<Extension>, ConfigError> {
        let read = |(at, name): (usize, String)| {
            // The list's entry, or the value itself where there is no list.
            let mark = self.marks.value(&["extends", &at.to_string()]);
            if name.is_empty() {
                let help = "write the name of a preset (`standard`) or the path of a file (`governance/common.yaml`)";
                let message = "`extends` has an empty name".to_owned();
                return Err(self.error(mark, message, help.to_owned()));
            }
            let at = self.at(mark);
            Ok(Extension { name, at })
        };
        names.into_iter().enumerate().map(read).collect()
    }

    pub(super) fn layouts(&self, OneOrMany(texts): OneOrMany) -> Result<Vec<Layout>, ConfigError> {
        let compile = |(at, text): (usize, &String)| {
            Layout::new(text).map_err(|error| {
                let mark = self.marks.value(&["layout", &at.to_string()]);
                self.error(
                    mark,
                    format!("invalid layout `{text}`: {}", error.message),
                    error.help,
                )
            })
        };
        texts.iter().enumerate().map(compile).collect()
    }

    pub(super) fn globs(
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

    pub(super) fn packs(
        &self,
        RawPacks(raw): RawPacks,
    ) -> Result<(Vec<String>, BTreeMap<String, PackKey>), ConfigError> {
        let (mut packs, mut keys) = (Vec::new(), BTreeMap::new());
        let is_list = self.marks.tree.get("packs").is_some_and(Value::is_array);
        for (index, raw) in raw.into_iter().enumerate() {
            let index = index.to_string();
            let path: &[&str] = match is_list {
                true => &["packs", &index],
                false => &["packs"],
            };
            let (pack, key) = raw.read().map_err(|PackMistake { key, message, help }| {
                let mark = self.marks.value(&[path, &[key]].concat());
                self.error(mark, message, help)
            })?;
            if pack.is_empty() {
                let mark = self.marks.value(&[path, &["path"]].concat());
                return Err(self.no_path("packs", mark));
            }
            if let Some(key) = key {
                keys.insert(pack.clone(), key);
            }
            packs.push(pack);
        }
        Ok((packs, keys))
    }

    pub(super) fn plain(&self, raw: RawPlain) -> Result<PlainPolicies, ConfigError> {
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
                    format!("unknown version of Rego `{other}`"),
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

    pub(super) fn path(
        &self,
        key: &str,
        path: Option<String>,
    ) -> Result<Option<String>, ConfigError> {
        match path {
            Some(path) if path.is_empty() => {
                Err(self.no_path(key, self.marks.value(&[key, "file"])))
            }
            path => Ok(path),
        }
    }

    pub(super) fn approval(&self, waivers: &RawWaivers) -> Result<bool, ConfigError> {
        match waivers.approved_by.as_deref() {
            None | Some("optional") => Ok(false),
            Some("required") => Ok(true),
            Some(other) => Err(self.error(
                self.marks.value(&["waivers", "approved_by"]),
                format!("`approved_by` must be `required` or `optional`, not `{other}`"),
                "write `required` or `optional`".to_owned(),
            )),
        }
    }

    fn no_path(&self, key: &str, mark: Option<TextMark>) -> ConfigError {
        let help = format!("write a path relative to the root of the mesh, or remove `{key}`");
        self.error(mark, format!("`{key}` has an empty path"), help)
    }

    pub(super) fn fail_on(&self, text: Option<&str>) -> Result<Level, ConfigError> {
        match text.map(|text| (text, LevelSetting::parse(text))) {
            None => Ok(Level::Error),
            Some((_, Some(LevelSetting::At(level)))) => Ok(level),
            Some((text, _)) => Err(self.error(
                self.marks.value(&["fail_on"]),
                format!("`fail_on` must be `error`, `warning` or `note`, not `{text}`"),
                "write the lowest level that fails a run".to_owned(),
            )),
        }
    }
}
