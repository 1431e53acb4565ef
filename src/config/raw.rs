//! The shape of the file: what serde takes in, and the keys it knows. What the values mean is decided in `values` and
//! `settings`. The comments on keys become descriptions in the JSON Schema.

use std::collections::BTreeMap;
use std::fmt;

#[cfg(test)]
use schemars::JsonSchema;
use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::packs::RawPacks;
#[cfg(test)]
use super::schema::generate;
use crate::model::written::{Written, read_as_mapping, read_as_written};

/// Configures govcheck for one mesh: which files it reads, which rules judge them, and how severe their findings are. Every key is optional; a key without a value counts as absent. Paths and globs are relative to the folder of this file.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, title = "govcheck.yaml", transform = generate::or_nothing))]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct RawConfig {
    /// The version of this file's layout: always `1`.
    #[cfg_attr(test, schemars(transform = generate::describe_version))]
    pub(super) version: Option<u32>,
    /// The versions of govcheck that this file is written for, as a range. Another version ends with an error before it judges anything.
    #[serde(rename = "required_version")]
    #[cfg_attr(test, schemars(with = "Option<generate::Range>", extend("examples" = [">=0.2, <0.4"])))]
    pub(super) _required_version: Option<IgnoredAny>,
    /// Presets and files whose rule settings this file builds on. Name a preset (`strict`; `PACK:NAME` where several packs have one of that name) or the path of a file (`governance/common.yaml`). Later entries override earlier ones, and this file overrides them all.
    #[cfg_attr(test, schemars(extend("examples" = ["strict", ["standard", "governance/common.yaml"]])))]
    pub(super) extends: Option<OneOrMany>,
    /// What the path of a manifest says about it: a pattern, or several of which the first that matches applies. `{name}` captures a path component or a part of one, `*` and `?` match within a component, `**` spans components. Rules read the values as `input.place.NAME`.
    #[cfg_attr(test, schemars(extend("examples" = ["domains/{domain}/{product}/**"])))]
    pub(super) layout: Option<OneOrMany>,
    /// Globs of the files to read. Without it, govcheck reads every `.yaml`, `.yml` and `.json` file that git does not ignore.
    #[cfg_attr(test, schemars(extend("examples" = [["domains/**", "platform/**"]])))]
    pub(super) include: Option<OneOrMany>,
    /// Globs of files and folders to skip.
    #[cfg_attr(test, schemars(extend("examples" = [["**/archive/**"]])))]
    pub(super) exclude: Option<OneOrMany>,
    /// Packs of rules and formats to use beside the built-in one: folders, bundles (`rules.tar.gz`), or a folder at a revision of a git repository on this machine (`git+file:///srv/rules.git#v1.4.0:policies`).
    #[cfg_attr(test, schemars(extend("examples" = ["governance/policies", [{"path": "rules.tar.gz", "key": "governance/rules.pub"}]])))]
    pub(super) packs: Option<RawPacks>,
    /// Whether the built-in rules and formats are used.
    #[cfg_attr(test, schemars(extend("default" = true)))]
    pub(super) builtin: Option<bool>,
    /// Plain Rego policies, written for conftest: `deny`, `violation` and `warn` in packages of their own. They run beside the packs.
    #[cfg_attr(test, schemars(extend("examples" = [{"policy": "governance/conftest"}])))]
    pub(super) plain: Option<RawPlain>,
    /// The file of waivers: exemptions from rules that somebody approved and that expire. Write its path, or a mapping that says more.
    #[cfg_attr(test, schemars(extend("examples" = ["governance/waivers.yaml", {"file": "governance/waivers.yaml", "max_days": 90}])))]
    pub(super) waivers: Option<RawWaivers>,
    /// Globs of the files that may add entries to registers in a pull request: teams, domains, classifications, terms, KPIs and tags. Without it, a file may add entries of the kinds that it already holds. An entry elsewhere counts once it is merged.
    #[cfg_attr(test, schemars(extend("examples" = [["governance/**"]])))]
    pub(super) registers: Option<OneOrMany>,
    /// The path of the baseline, which records the findings that existed when the mesh adopted govcheck. They do not fail a run.
    #[cfg_attr(test, schemars(length(min = 1), extend("examples" = ["governance/baseline.json"])))]
    pub(super) baseline: Option<String>,
    /// The lowest level that makes a run fail: findings of this level or a higher one end it with exit code 1.
    #[cfg_attr(test, schemars(extend("enum" = ["error", "warning", "note", null], "default" = "error")))]
    pub(super) fail_on: Option<String>,
    /// Settings by rule (`kpi/bad-name`) or category (`kpi`): a level, or a mapping that says more. A rule's own setting overrides that of its category. `govcheck rules` lists the rules, and `govcheck explain RULE` describes one.
    #[cfg_attr(test, schemars(with = "Option<generate::Rules>", extend("examples" = [{"documentation": "warning", "kpi/bad-name": {"options": {"max_length": 40}}}])))]
    pub(super) rules: Option<BTreeMap<String, RawSetting>>,
    /// Settings of rules for some of the files. Later entries override earlier ones, and all of them override `rules`.
    #[cfg_attr(test, schemars(extend("examples" = [[{"files": "domains/legacy/**", "rules": {"documentation": "note"}}]])))]
    pub(super) overrides: Option<Vec<RawOverride>>,
}

/// Settings of rules that a configuration builds on with `extends`: a preset of a pack (`presets/NAME.yaml`), or a file that several configurations share.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, title = "Preset of govcheck", transform = generate::or_nothing))]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct RawExtended {
    /// The version of this file's layout: always `1`.
    #[serde(rename = "version")]
    #[cfg_attr(test, schemars(transform = generate::describe_version))]
    pub(super) _version: Option<u32>,
    /// A name for people.
    #[serde(rename = "title")]
    pub(super) _title: Option<String>,
    /// What the settings are for, and whom they suit.
    #[serde(rename = "description")]
    pub(super) _description: Option<String>,
    /// Presets and files that these settings build on in turn. Later entries override earlier ones, and this file overrides them all.
    #[cfg_attr(test, schemars(extend("examples" = ["strict", ["standard", "governance/common.yaml"]])))]
    pub(super) extends: Option<OneOrMany>,
    /// The level of every rule of the preset's pack that `rules` does not name. Only presets of packs may set it.
    #[cfg_attr(test, schemars(transform = generate::describe_level))]
    pub(super) others: Option<String>,
    /// Settings by rule (`kpi/bad-name`) or category (`kpi`): a level, or a mapping that says more. A rule's own setting overrides that of its category.
    #[cfg_attr(test, schemars(with = "Option<generate::Rules>", extend("examples" = [{"documentation": "warning", "kpi/bad-name": {"options": {"max_length": 40}}}])))]
    pub(super) rules: Option<BTreeMap<String, RawSetting>>,
    /// Settings of rules for some of the files. Later entries override earlier ones, and all of them override `rules`.
    #[cfg_attr(test, schemars(extend("examples" = [[{"files": "domains/legacy/**", "rules": {"documentation": "note"}}]])))]
    pub(super) overrides: Option<Vec<RawOverride>>,
}

/// Plain Rego policies, written for conftest.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, rename = "plain"))]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct RawPlain {
    /// Folders or files of the policies.
    #[cfg_attr(test, schemars(required, transform = generate::one_or_more))]
    pub(super) policy: Option<OneOrMany>,
    /// The packages to evaluate, or patterns of their names.
    #[cfg_attr(test, schemars(extend("default" = ["main"], "examples" = [["main", "teams.*"]])))]
    pub(super) namespaces: Option<OneOrMany>,
    /// Whether every package is evaluated.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) all_namespaces: Option<bool>,
    /// Folders or files of YAML or JSON that the policies read as `data`.
    pub(super) data: Option<OneOrMany>,
    /// Whether the policies see all documents at once, as a list of `{path, contents}`.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) combine: Option<bool>,
    /// The version of Rego that the policies are written in.
    #[cfg_attr(test, schemars(extend("enum" = ["v0", "v1", null], "default" = "v1")))]
    pub(super) rego_version: Option<String>,
}

/// Settings of rules for some of the files.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, rename = "override"))]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct RawOverride {
    /// Globs of the files.
    #[cfg_attr(test, schemars(transform = generate::one_or_more, extend("examples" = ["domains/legacy/**"])))]
    pub(super) files: OneOrMany,
    /// Settings by rule or category: a level, or a mapping with `level` or `enforced_from`. Options hold for the whole mesh and can't be set here.
    #[cfg_attr(test, schemars(with = "generate::FileRules"))]
    pub(super) rules: BTreeMap<String, RawSetting>,
}

/// How a rule, or every rule of a category, is applied.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, rename = "setting", transform = generate::or_level))]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct RawSetting {
    /// The level of the findings. `off` disables the rule; `default` restores the level and date that the rule itself states, whatever a preset says.
    #[cfg_attr(test, schemars(transform = generate::describe_level))]
    pub(super) level: Option<String>,
    /// Options of the rule by name. `govcheck explain RULE` lists them.
    pub(super) options: Option<serde_json::Map<String, serde_json::Value>>,
    /// The date from which errors of the rule count as errors. Until then they count as warnings.
    #[cfg_attr(test, schemars(transform = generate::describe_date))]
    pub(super) enforced_from: Option<String>,
    /// Whether a comment in a manifest may waive the rule: `# govcheck: allow RULE until DATE -- reason`.
    pub(super) inline: Option<bool>,
}

/// The file of waivers, and what every waiver must keep to.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(!remote, rename = "waivers", transform = generate::or_path))]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct RawWaivers {
    /// The path of the file.
    #[cfg_attr(test, schemars(length(min = 1), extend("examples" = ["governance/waivers.yaml"])))]
    pub(super) file: Option<String>,
    /// The longest time a waiver may last, in days. It counts from `created`, or from the day of the run.
    #[cfg_attr(test, schemars(extend("default" = 180)))]
    pub(super) max_days: Option<u32>,
    /// Whether every waiver must state who approved it.
    #[cfg_attr(test, schemars(extend("enum" = ["required", "optional", null], "default" = "optional")))]
    pub(super) approved_by: Option<String>,
}

/// One text, or a list of texts.
#[derive(Debug, Default)]
pub(super) struct OneOrMany(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMany;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a list of texts")
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
        deserializer.deserialize_any(Texts)
    }
}

impl<'de> Written<'de> for RawWaivers {
    const EXPECTED: &'static str =
        "the path of the waivers file, or a mapping with `file`, `max_days` or `approved_by`";

    fn of_text(file: &str) -> Option<Self> {
        Some(Self {
            file: Some(file.to_owned()),
            ..Self::default()
        })
    }

    fn of_mapping<D: Deserializer<'de>>(mapping: D) -> Result<Self, D::Error> {
        Self::deserialize(mapping)
    }
}

impl<'de> Written<'de> for RawSetting {
    const EXPECTED: &'static str = "`error`, `warning`, `note`, `off`, `default`, or a mapping with `level`, `options`, `enforced_from` or `inline`";

    fn of_text(level: &str) -> Option<Self> {
        Some(Self {
            level: Some(level.to_owned()),
            ..Self::default()
        })
    }

    fn of_mapping<D: Deserializer<'de>>(mapping: D) -> Result<Self, D::Error> {
        Self::deserialize(mapping)
    }
}

read_as_written!(RawWaivers, RawSetting);
read_as_mapping!(RawConfig, RawExtended, RawPlain, RawOverride);
