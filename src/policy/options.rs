//! Options of rules: defaults from METADATA, overridden by config, checked against the defaults' shape.

use serde_json::{Map, Value};
use thiserror::Error;

use super::policy_rule::PolicyRule;
use crate::model::rule::RuleId;
use crate::model::text::nearest_name;

/// An option in config that its rule can't take. The user's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct OptionMistake {
    /// The rule.
    pub rule: RuleId,
    /// The option.
    pub option: String,
    /// What is wrong, as a phrase.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// `data.options`: every rule's options by its id.
///
/// # Errors
/// All options that config gives and a rule can't take.
pub fn resolve_options(
    rules: &[PolicyRule],
    given: &dyn Fn(&RuleId) -> Map<String, Value>,
) -> Result<Value, Vec<OptionMistake>> {
    let mut all = Map::new();
    let mut mistakes = Vec::new();
    for rule in rules {
        let rule = &rule.rule;
        let mut options = rule.options.clone();
        for (name, value) in given(&rule.id) {
            match check(&rule.id, &rule.options, &name, &value) {
                Ok(()) => {
                    options.insert(name, value);
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        all.insert(rule.id.to_string(), Value::Object(options));
    }
    if mistakes.is_empty() {
        Ok(Value::Object(all))
    } else {
        Err(mistakes)
    }
}

/// What is wrong with options that are given to a rule which has none.
pub fn needless_options(rule: &RuleId, given: &Map<String, Value>) -> Vec<OptionMistake> {
    let none = Map::new();
    let checked = given
        .iter()
        .map(|(name, value)| check(rule, &none, name, value));
    checked.filter_map(Result::err).collect()
}

fn check(
    rule: &RuleId,
    defaults: &Map<String, Value>,
    name: &str,
    value: &Value,
) -> Result<(), OptionMistake> {
    let mistake = |message: String, help: String| OptionMistake {
        rule: rule.clone(),
        option: name.to_owned(),
        message,
        help,
    };
    let Some(default) = defaults.get(name) else {
        let known: Vec<&str> = defaults.keys().map(String::as_str).collect();
        let help = match nearest_name(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "remove the option; the rule has no options".to_owned(),
            None => format!("use one of: {}", known.join(", ")),
        };
        return Err(mistake(
            format!("rule `{rule}` has no option `{name}`"),
            help,
        ));
    };
    if !default.is_null() && shape(default) != shape(value) {
        let message = format!(
            "option `{name}` of rule `{rule}` is {}; expected {}",
            shape(value),
            shape(default)
        );
        return Err(mistake(
            message,
            format!("write a value like the default, `{default}`"),
        ));
    }
    // An expression that does not compile is undefined in Rego: the rule would be silent for ever.
    if name == "pattern"
        || name == "patterns"
        || name.ends_with("_pattern")
        || name.ends_with("_patterns")
    {
        let patterns = match value {
            Value::Array(patterns) => patterns.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect::<Vec<_>>(),
        };
        for pattern in patterns {
            if let Err(error) = regex::Regex::new(pattern) {
                let why = error.to_string();
                let why = why
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned();
                return Err(mistake(
                    format!(
                        "invalid regular expression `{pattern}` in option `{name}` of rule `{rule}`"
                    ),
                    why,
                ));
            }
        }
    }
    Ok(())
}

fn shape(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refuse(value: Value) -> OptionMistake {
        let defaults = json!({"pattern": "^a$", "max": 3});
        let (Value::Object(defaults), Value::Object(given)) = (defaults, value) else {
            panic!("objects")
        };
        let (name, value) = given.into_iter().next().unwrap();
        check(&RuleId::new("kpi/bad-name"), &defaults, &name, &value).unwrap_err()
    }

    #[test]
    fn refuses_what_a_rule_can_not_take() {
        assert_eq!(
            refuse(json!({"patern": "x"})).help,
            "did you mean `pattern`?"
        );
        assert!(
            refuse(json!({"max": "3"}))
                .message
                .contains("is text; expected a number")
        );
        assert!(
            refuse(json!({"pattern": "("}))
                .message
                .contains("invalid regular expression")
        );
    }
}
