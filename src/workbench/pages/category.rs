//! The page of a category: its rules one after the other.

use std::fmt::Write as _;

use super::text::{line, table};
use super::{Explained, MARK, rule};

pub(super) fn page(category: &str, rules: &[Explained<'_>]) -> String {
    let mut page = format!("{MARK}\n\n# {}\n\n", line(category));
    let row = |Explained { rule, .. }: &Explained<'_>| {
        vec![
            format!("[{0}](#{0})", rule.id.name()),
            line(&rule.title),
            rule.severity.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = rules.iter().map(row).collect();
    page.push_str(&table(&["rule", "what it finds", "level"], &rows));
    for Explained { rule, examples } in rules {
        let _ = write!(page, "\n{}", rule::section(rule, examples));
    }
    page.push_str("\n[All rules](../README.md)\n");
    page
}
