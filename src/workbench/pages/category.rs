//! The page of a category: its rules one after the other.

use std::fmt::Write as _;

use super::text::{line, table};
use super::{MARK, rule};
use crate::model::rule::Rule;
use crate::policy::examples::Example;

pub(super) fn page(
    category: &str,
    rules: &[&Rule],
    examples: &dyn Fn(&Rule) -> Vec<Example>,
) -> String {
    let mut page = format!("{MARK}\n\n# {}\n\n", line(category));
    let row = |rule: &&Rule| {
        vec![
            format!("[{0}](#{0})", rule.id.name()),
            line(&rule.title),
            rule.severity.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = rules.iter().map(row).collect();
    page.push_str(&table(&["rule", "what it finds", "level"], &rows));
    for rule in rules {
        let _ = write!(page, "\n{}", rule::section(rule, &examples(rule)));
    }
    page.push_str("\n[All rules](../README.md)\n");
    page
}
