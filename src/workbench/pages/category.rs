//! The page of a category: its rules one after the other.

use std::fmt::Write as _;

use super::text::{escape_line, markdown_table};
use super::{Explained, MARK, rule};

pub(super) fn category_page(category: &str, rules: &[Explained<'_>]) -> String {
    let mut page = format!("{MARK}\n\n# {}\n\n", escape_line(category));
    let row = |Explained { rule, .. }: &Explained<'_>| {
        vec![
            format!("[{0}](#{0})", rule.id.name()),
            escape_line(&rule.title),
            rule.severity.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = rules.iter().map(row).collect();
    page.push_str(&markdown_table(&["rule", "what it finds", "level"], &rows));
    for Explained { rule, examples } in rules {
        let _ = write!(page, "\n{}", rule::rule_section(rule, examples));
    }
    page.push_str("\n[All rules](../README.md)\n");
    page
}
