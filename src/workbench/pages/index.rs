//! The index: all rules of a pack, category by category.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::{line, prose, table};
use super::{Explained, MARK};
use crate::policy::about::About;
use crate::policy::source::page_of;

/// What holds for every rule, and is said once.
const LEVELS: &str = "An error fails a run, a warning or a note does not, unless `fail_on` in `govcheck.yaml` says so. A rule's level, or that of a \
                      category, is set there: `rules: {kpi/bad-name: warning, documentation: off}`.\n\n\
                      A rule of scope entity judges each entity by itself, one of scope mesh all of them together, one of scope change what differs \
                      from the base (`govcheck --base REV`).\n";

pub(super) fn page(categories: &BTreeMap<&str, Vec<Explained<'_>>>, about: &About) -> String {
    let title = about.title.as_deref().unwrap_or("Rules");
    let mut page = format!("{MARK}\n\n# {}\n\n", line(title));
    if let Some(description) = &about.description {
        let _ = write!(page, "{}\n\n", prose(description));
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
                format!("[{}]({target}#{})", line(rule.id.as_str()), rule.id.name()),
                line(&rule.title),
                rule.severity.to_string(),
                super::rule::scope(rule.scope).to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = rules.iter().map(row).collect();
        let head = ["rule", "what it finds", "level", "scope"];
        let _ = write!(
            page,
            "\n## [{}]({target})\n\n{}",
            line(category),
            table(&head, &rows)
        );
    }
    page
}

fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
