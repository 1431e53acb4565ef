//! The options of a rule: what each means, its default, and what to write in `govcheck.yaml`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::text::{code_block, code_span, escape_line, markdown_table};
use crate::model::rule::Rule;

/// The most characters of a default in the table; longer ones are only below it.
const SHORT: usize = 60;
/// Characters of a list or mapping on one line.
const LINE: usize = 110;

pub(super) fn list_options(rule: &Rule) -> String {
    if rule.options.is_empty() {
        return String::new();
    }
    let row = |(name, default): (&String, &Value)| {
        let default = default.to_string();
        vec![
            code_span(name),
            rule.option_docs
                .get(name)
                .map_or_else(String::new, |doc| escape_line(doc)),
            match default.chars().count() {
                0..=SHORT => code_span(&default),
                _ => "see below".to_owned(),
            },
        ]
    };
    let rows: Vec<Vec<String>> = rule.options.iter().map(row).collect();
    let table = markdown_table(&["option", "meaning", "default"], &rows);
    let config = code_block("yaml", &in_config(rule));
    format!(
        "\n**Options**\n\n{table}\nIn `govcheck.yaml`, with the defaults (write only the options that you change):\n\n{config}"
    )
}

/// A config that sets every option to its default.
fn in_config(rule: &Rule) -> String {
    let mut text = format!("rules:\n  {}:\n    options:\n", rule.id);
    for (name, default) in &rule.options {
        if let Some(flow) = flow(default) {
            let _ = writeln!(text, "      {name}: {flow}");
            continue;
        }
        let one: Map<String, Value> = [(name.clone(), default.clone())].into_iter().collect();
        // Whatever JSON holds is YAML; what could not be written would be seen in the test that reads it back.
        let yaml = serde_yaml::to_string(&one).unwrap_or_default();
        for line in yaml.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
    text
}

/// A short list or mapping on one line, as JSON, which YAML is too.
fn flow(default: &Value) -> Option<String> {
    let items: Vec<String> = match default {
        Value::Array(items) => items.iter().map(Value::to_string).collect(),
        Value::Object(items) => {
            let item = |(name, value): (&String, &Value)| format!("{}: {value}", json!(name));
            items.iter().map(item).collect()
        }
        _ => return None,
    };
    let items = items.join(", ");
    (items.chars().count() <= LINE).then(|| match default {
        Value::Array(_) => format!("[{items}]"),
        _ => format!("{{{items}}}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::policy::Pack;
    use crate::policy::source::PackSource;

    #[test]
    fn what_a_page_says_to_write_is_a_config_with_the_defaults() {
        let pack = Pack::load(vec![PackSource::builtin()], &|_| false).unwrap();
        let mut options = 0;
        for rule in pack.rules.iter().map(|rule| &rule.rule) {
            if !rule.options.is_empty() {
                let config = Config::parse(&in_config(rule), "govcheck.yaml").unwrap();
                assert_eq!(config.options(&rule.id), rule.options, "{}", rule.id);
                options += rule.options.len();
            }
        }
        assert!(options > 20, "{options}");
    }
}
