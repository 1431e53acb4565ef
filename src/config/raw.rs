//! The shape of the file: what serde takes in, and the keys it knows. What the values mean is decided in `parse.rs`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::packs::RawPacks;

pub(super) const KEYS: [&str; 14] = [
    "version",
    super::required::KEY,
    "extends",
    "layout",
    "include",
    "exclude",
    "packs",
    "builtin",
    "plain",
    "waivers",
    "baseline",
    "fail_on",
    "rules",
    "overrides",
];
pub(super) const PLAIN_KEYS: [&str; 6] = [
    "policy",
    "namespaces",
    "all_namespaces",
    "data",
    "combine",
    "rego_version",
];
pub(super) const LAYER_KEYS: [&str; 7] = [
    "version",
    "title",
    "description",
    "extends",
    "others",
    "rules",
    "overrides",
];
pub(super) const OVERRIDE_KEYS: [&str; 2] = ["files", "rules"];
pub(super) const SETTING_KEYS: [&str; 4] = ["level", "options", "enforced_from", "inline"];
pub(super) const WAIVER_KEYS: [&str; 3] = ["file", "max_days", "approved_by"];

/// Keys that are given without a value count as absent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) version: Option<u32>,
    /// Read before the others, from the text.
    #[serde(rename = "required_version")]
    pub(super) _required_version: Option<IgnoredAny>,
    pub(super) extends: Option<OneOrMany>,
    pub(super) layout: Option<OneOrMany>,
    pub(super) include: Option<OneOrMany>,
    pub(super) exclude: Option<OneOrMany>,
    pub(super) packs: Option<RawPacks>,
    pub(super) builtin: Option<bool>,
    pub(super) plain: Option<RawPlain>,
    pub(super) waivers: Option<RawWaivers>,
    pub(super) baseline: Option<String>,
    pub(super) fail_on: Option<String>,
    pub(super) rules: Option<BTreeMap<String, RawSetting>>,
    pub(super) overrides: Option<Vec<RawOverride>>,
}

/// What is extended. Title and description are for people.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExtended {
    #[serde(rename = "version")]
    pub(super) _version: Option<u32>,
    #[serde(rename = "title")]
    pub(super) _title: Option<String>,
    #[serde(rename = "description")]
    pub(super) _description: Option<String>,
    pub(super) extends: Option<OneOrMany>,
    pub(super) others: Option<String>,
    pub(super) rules: Option<BTreeMap<String, RawSetting>>,
    pub(super) overrides: Option<Vec<RawOverride>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlain {
    pub(super) policy: Option<OneOrMany>,
    pub(super) namespaces: Option<OneOrMany>,
    pub(super) all_namespaces: Option<bool>,
    pub(super) data: Option<OneOrMany>,
    pub(super) combine: Option<bool>,
    pub(super) rego_version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOverride {
    pub(super) files: OneOrMany,
    pub(super) rules: BTreeMap<String, RawSetting>,
}

/// `warning`, or a mapping.
#[derive(Debug, Default)]
pub(super) struct RawSetting {
    pub(super) level: Option<String>,
    pub(super) options: Option<serde_json::Map<String, serde_json::Value>>,
    pub(super) enforced_from: Option<String>,
    pub(super) inline: Option<bool>,
}

/// A path, or a mapping.
#[derive(Debug, Default)]
pub(super) struct RawWaivers {
    pub(super) file: Option<String>,
    pub(super) max_days: Option<u32>,
    pub(super) approved_by: Option<String>,
}

/// A string, or a list of strings.
#[derive(Debug, Default)]
pub(super) struct OneOrMany(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strings;
        impl<'de> Visitor<'de> for Strings {
            type Value = OneOrMany;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![text.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany, A::Error> {
                let mut all = Vec::new();
                while let Some(text) = list.next_element()? {
                    all.push(text);
                }
                Ok(OneOrMany(all))
            }
        }
        deserializer.deserialize_any(Strings)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingMapping {
    level: Option<String>,
    options: Option<serde_json::Map<String, serde_json::Value>>,
    enforced_from: Option<String>,
    inline: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiversMapping {
    file: Option<String>,
    max_days: Option<u32>,
    approved_by: Option<String>,
}

impl<'de> Deserialize<'de> for RawWaivers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Waivers;
        impl<'de> Visitor<'de> for Waivers {
            type Value = RawWaivers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of the waivers file, or a mapping with `file`, `max_days` or `approved_by`")
            }
            fn visit_str<E: Error>(self, file: &str) -> Result<RawWaivers, E> {
                Ok(RawWaivers {
                    file: Some(file.to_owned()),
                    ..RawWaivers::default()
                })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawWaivers, A::Error> {
                let WaiversMapping {
                    file,
                    max_days,
                    approved_by,
                } = WaiversMapping::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawWaivers {
                    file,
                    max_days,
                    approved_by,
                })
            }
        }
        deserializer.deserialize_any(Waivers)
    }
}

impl<'de> Deserialize<'de> for RawSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Setting;
        impl<'de> Visitor<'de> for Setting {
            type Value = RawSetting;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`error`, `warning`, `note`, `off`, `default`, or a mapping with `level`, `options`, `enforced_from` or `inline`")
            }
            fn visit_str<E: Error>(self, level: &str) -> Result<RawSetting, E> {
                Ok(RawSetting {
                    level: Some(level.to_owned()),
                    ..RawSetting::default()
                })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawSetting, A::Error> {
                let SettingMapping {
                    level,
                    options,
                    enforced_from,
                    inline,
                } = SettingMapping::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawSetting {
                    level,
                    options,
                    enforced_from,
                    inline,
                })
            }
        }
        deserializer.deserialize_any(Setting)
    }
}
