//! All rules of a run: those of the packs and those of govcheck itself, and their options.

use crate::config::{self, Config};
use crate::model::rule::{BuiltinRule, Rule, RuleId};
use crate::policy::options::{self, OptionMistake};
use crate::policy::policy_rule::PolicyRule;
use crate::{discover, evaluate, judge, parse, policy};

fn builtin_rules() -> impl Iterator<Item = &'static BuiltinRule> {
    discover::RULES
        .iter()
        .chain(policy::RULES)
        .chain(policy::WORKBENCH_RULES)
        .chain(parse::RULES)
        .chain(evaluate::rules::RULES)
        .chain(judge::builtin_rules())
        .chain(config::RULES)
}

/// `data.options`: every rule's options by its id, as the config sets them.
///
/// # Errors
/// All options that the config sets and a rule can't take. The rules of govcheck itself have none.
pub fn rule_options(
    rules: &[PolicyRule],
    config: &Config,
) -> Result<serde_json::Value, Vec<OptionMistake>> {
    let given = |rule: &RuleId| config.options(rule);
    let own = builtin_rules().map(|rule| RuleId::new(rule.id));
    let needless = own.flat_map(|rule| options::needless_options(&rule, &given(&rule)));
    let needless: Vec<OptionMistake> = needless.collect();
    match options::resolve_options(rules, &given) {
        Ok(options) if needless.is_empty() => Ok(options),
        Ok(_) => Err(needless),
        Err(mut mistakes) => {
            mistakes.extend(needless);
            Err(mistakes)
        }
    }
}

/// The rules of the packs and govcheck's own, sorted by id.
pub fn all_rules(pack: impl Iterator<Item = Rule>) -> Vec<Rule> {
    let own = builtin_rules().map(|rule| Rule {
        help: rule.help.into(),
        since: Some("0.1.0".to_owned()),
        // What could not be judged can't be waived.
        waivable: rule.id.starts_with("interoperability/"),
        pack: "govcheck".to_owned(),
        ..Rule::new(
            RuleId::new(rule.id),
            rule.title.to_owned(),
            rule.description.to_owned(),
            rule.level,
        )
    });
    let mut rules: Vec<Rule> = pack.chain(own).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}
