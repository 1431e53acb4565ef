//! Aliases of rules: each names one rule, and no other has its id.

use std::collections::BTreeMap;

use super::metadata::MetadataDocument;
use crate::model::rule::RuleId;
use crate::policy::error::PolicyMistake;
use crate::policy::inspect::Inspection;
use crate::policy::workbench_rules as rules;

pub(super) fn check_aliases(inspection: &Inspection, told: &mut Vec<PolicyMistake>) {
    let mut ids: BTreeMap<RuleId, String> = crate::all_rules(std::iter::empty())
        .into_iter()
        .map(|rule| (rule.id, "govcheck itself".to_owned()))
        .collect();
    for rule in &inspection.rules {
        let place = format!("`{}/{}`", rule.rule.pack, rule.rule.file);
        ids.insert(rule.rule.id.clone(), place);
    }
    let mut aliases: BTreeMap<&RuleId, &RuleId> = BTreeMap::new();
    for module in &inspection.modules {
        let Some(rule) = &module.rule else { continue };
        for alias in &rule.aliases {
            let message = match (ids.get(alias), aliases.get(alias)) {
                (Some(_), _) if *alias == rule.id => {
                    format!("alias `{alias}` is the rule's own id")
                }
                (Some(place), _) => {
                    format!("alias `{alias}` is the id of another rule, in {place}")
                }
                (None, Some(other)) => format!("rule `{other}` has the same alias `{alias}`"),
                (None, None) => {
                    aliases.insert(alias, &rule.id);
                    continue;
                }
            };
            let place = MetadataDocument::of(&module.file)
                .and_then(|metadata| metadata.item(&["custom", "aliases"], alias.as_str()))
                .unwrap_or_else(|| module.file.find_behind("aliases:", alias.as_str()));
            let help = "remove the alias; it would make config, waivers and baselines ambiguous";
            let mistake = module.file.mistake(place, message, help);
            told.push(mistake.of(rules::ALIAS));
        }
    }
}
