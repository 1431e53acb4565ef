//! The index: all rules of a pack, category by category.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::{escape_line, escape_prose, markdown_table};
use super::{Explained, MARK};
use crate::policy::about::About;
use crate::policy::source::page_of;

/// Levels and scopes, which apply to all rules.
const LEVELS: &str = "An error fails a run; warnings and notes fail it only if `fail_on` in `govcheck.yaml` says so. The same file sets the level \
                      of a rule or category: `rules: {kpi/bad-name: warning, documentation: off}`.\n\n\
                      Rules of scope entity judge each entity by itself, rules of scope mesh judge all entities together, and rules of scope \
                      change judge the differences from the base (`govcheck --base REV`).\n";

pub(super) fn index_page(categories: &BTreeMap<&str, Vec<Explained<'_>>>, about: &About) -> String {
    let title = about.title.as_deref().unwrap_or("Rules");
    let mut page = format!("{MARK}\n\n# {}\n\n", escape_line(title));
    if let Some(description) = &about.description {
        let _ = write!(page, "{}\n\n", escape_prose(description));
    }
    let rules: usize = categories.values().map(Vec::len).sum();
    let _ = write!(
        page,
        "{} in {}. {LEVELS}",
        count(rules, "rule", "rules"),
        count(categories.len(), "category", "categories")
    );
    for (category, rules) in categories {
        let target = page_of(category);
        let row = |Explained { rule, .. }: &Explained<'_>| {
            vec![
                format!(
                    "[{}]({target}#{})",
                    escape_line(rule.id.as_str()),
                    rule.id.name()
                ),
                escape_line(&rule.title),
                rule.severity.to_string(),
                super::rule::describe_scope(rule.scope).to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = rules.iter().map(row).collect();
        let head = ["rule", "what it finds", "level", "scope"];
        let _ = write!(
            page,
            "\n## [{}]({target})\n\n{}",
            escape_line(category),
            markdown_table(&head, &rows)
        );
    }
    page
}

fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
