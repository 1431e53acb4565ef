//! Resolves the settings of a rule over a config and all that it extends: which setting wins, and where it is written.

use serde_json::{Map, Value};

use super::{Config, LevelSetting, Override, RuleSetting, Selector, nearest_name};
use crate::judge::Ruling;
use crate::model::location::Location;
use crate::model::rule::{Day, RuleId};
use crate::model::text::RelPath;

/// What the config says of one rule in one file; absent fields leave it to the rule's METADATA.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The level.
    pub level: Option<LevelSetting>,
    /// Before this day an error counts as a warning. A level that comes with no day holds at once.
    pub enforced_from: Option<Day>,
    /// What set the level: `govcheck.yaml:12 rules.kpi`.
    pub level_by: Option<String>,
    /// What set the day.
    pub day_by: Option<String>,
}

impl Resolved {
    /// What set the level, or else the day.
    pub fn decided_by(&self) -> Option<&str> {
        self.level_by.as_deref().or(self.day_by.as_deref())
    }
}

/// A value, and what set it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided<'c> {
    /// The value.
    pub value: &'c Value,
    /// `govcheck.yaml:12 rules.kpi`.
    pub by: &'c str,
    /// Its key, where known.
    pub at: Option<&'c Location>,
}

/// A selector that names nothing known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// As written.
    pub selector: String,
    /// A known rule or category that is spelt like it.
    pub nearest: Option<String>,
    /// Where, where known.
    pub at: Option<Location>,
}

type Settings = Vec<(Selector, RuleSetting)>;

impl Config {
    /// The settings of all that it builds on, the weakest first, then its own.
    fn layers(&self) -> impl Iterator<Item = (&Settings, &Vec<Override>)> {
        let inherited = self.inherited.iter();
        let inherited = inherited.map(|layer| (&layer.rules, &layer.overrides));
        inherited.chain([(&self.rules, &self.overrides)])
    }

    /// The same, to be changed.
    pub(super) fn layers_mut(
        &mut self,
    ) -> impl Iterator<Item = (&mut Settings, &mut Vec<Override>)> {
        let inherited = self.inherited.iter_mut();
        let inherited = inherited.map(|layer| (&mut layer.rules, &mut layer.overrides));
        inherited.chain([(&mut self.rules, &mut self.overrides)])
    }

    /// All overrides, the weakest first.
    pub fn all_overrides(&self) -> impl Iterator<Item = &Override> {
        self.layers().flat_map(|(_, overrides)| overrides)
    }

    /// Level and day of a rule's findings in a file. Stronger: later layers over earlier; in a layer overrides over `rules`, later ones
    /// over earlier; in each of these the rule over its category.
    pub fn setting(&self, rule: &RuleId, path: &RelPath) -> Resolved {
        let mut resolved = Resolved::default();
        for (rules, overrides) in self.layers() {
            let matching = overrides.iter().filter(|set| set.matches(path));
            let sets = std::iter::once(rules).chain(matching.map(|set| &set.rules));
            for setting in sets.flat_map(|rules| weakest_first(rules, rule)) {
                if setting.level.is_some() || setting.default {
                    resolved = Resolved {
                        level: setting.level,
                        level_by: Some(setting.source.clone()),
                        ..Resolved::default()
                    };
                }
                if setting.enforced_from.is_some() {
                    resolved.enforced_from = setting.enforced_from;
                    resolved.day_by = Some(setting.source.clone());
                }
            }
        }
        resolved
    }

    /// What it makes of a rule's findings in a file. `None` for findings without one.
    pub fn ruling(&self, rule: &RuleId, file: Option<&RelPath>) -> Ruling {
        let nowhere = RelPath::new("");
        let resolved = self.setting(rule, file.unwrap_or(&nowhere));
        let level = resolved.level.map(|level| match level {
            LevelSetting::Off => None,
            LevelSetting::At(level) => Some(level),
        });
        Ruling {
            level,
            enforced_from: resolved.enforced_from,
        }
    }

    /// The settings of a rule for the whole mesh, the weakest first.
    fn whole<'c>(&'c self, rule: &'c RuleId) -> impl Iterator<Item = &'c RuleSetting> {
        let rules = self.layers().map(|(rules, _)| rules);
        rules.flat_map(move |rules| weakest_first(rules, rule))
    }

    /// The options that are set for a rule; its own win over its category's, later layers over earlier, name by name.
    pub fn options(&self, rule: &RuleId) -> Map<String, Value> {
        self.whole(rule)
            .flat_map(|setting| setting.options.clone())
            .collect()
    }

    /// An option that is set for a rule, and what set it.
    pub fn option<'c>(&'c self, rule: &'c RuleId, name: &str) -> Option<Decided<'c>> {
        let sets = self.whole(rule).filter_map(|setting| {
            Some(Decided {
                value: setting.options.get(name)?,
                by: &setting.source,
                at: setting.options_at.get(name),
            })
        });
        sets.last()
    }

    /// Whether comments may waive a rule. `None` if the config does not set it. A rule's own setting wins over its category's.
    pub fn inline(&self, rule: &RuleId) -> Option<bool> {
        self.whole(rule).filter_map(|setting| setting.inline).last()
    }

    /// Whether a rule is off, with no override that could turn it on again.
    pub fn off_everywhere(&self, rule: &RuleId) -> bool {
        let off = self.setting(rule, &RelPath::new("")).level == Some(LevelSetting::Off);
        let selects = |set: &Override| set.rules.iter().any(|(selector, _)| selector.selects(rule));
        off && !self.all_overrides().any(selects)
    }

    /// The selectors that name no rule or category of `known`, in the order of `rules`, then `overrides`.
    pub fn unknown_rules(&self, known: &[RuleId]) -> Vec<UnknownRule> {
        let settings = self.layers().flat_map(|(rules, overrides)| {
            rules
                .iter()
                .chain(overrides.iter().flat_map(|set| &set.rules))
        });
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
                let near = nearest_name(selector.as_str(), &names);
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
                    at: setting.at.clone(),
                }
            })
            .collect()
    }
}

impl Override {
    /// Whether it is for a file.
    pub fn matches(&self, path: &RelPath) -> bool {
        self.matcher.is_match(path.as_str())
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
