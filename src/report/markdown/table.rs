//! The table of a summary: a row for each domain, a column for each level and each category.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::table_cell;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::report::count_of;

const DOMAIN_ROWS: usize = 30;
const CATEGORY_COLUMNS: usize = 15;

/// Findings of one domain.
#[derive(Default)]
struct DomainRow<'a> {
    levels: BTreeMap<Level, usize>,
    categories: BTreeMap<&'a str, usize>,
}

impl<'a> DomainRow<'a> {
    fn add(&mut self, other: &DomainRow<'a>) {
        for (level, count) in &other.levels {
            *self.levels.entry(*level).or_default() += count;
        }
        for (category, count) in &other.categories {
            *self.categories.entry(category).or_default() += count;
        }
    }

    /// Errors, warnings, notes.
    fn worst_first(&self) -> [usize; 3] {
        Level::WORST_FIRST.map(|level| self.levels.get(&level).copied().unwrap_or_default())
    }
}

fn rows(report: &Report) -> BTreeMap<Option<&str>, DomainRow<'_>> {
    let mut rows: BTreeMap<Option<&str>, DomainRow<'_>> = BTreeMap::new();
    for finding in report.open() {
        let row = rows.entry(finding.domain.as_deref()).or_default();
        *row.levels.entry(finding.level).or_default() += 1;
        *row.categories.entry(finding.rule.category()).or_default() += 1;
    }
    rows
}

/// A row for each domain, worst first, a column for each level and each category.
pub(super) fn write_table(report: &Report, text: &mut String) {
    let mut all = DomainRow::default();
    let mut rows: Vec<(String, DomainRow<'_>)> = rows(report)
        .into_iter()
        .map(|(domain, row)| {
            all.add(&row);
            (
                domain.map_or_else(|| "_no domain_".to_owned(), table_cell),
                row,
            )
        })
        .collect();
    // Stable: domains with equal counts stay in the order of their names.
    rows.sort_by_key(|(_, row)| Reverse(row.worst_first()));
    let categories: Vec<&str> = all.categories.keys().copied().collect();
    let shown = categories.get(..CATEGORY_COLUMNS).unwrap_or(&categories);
    let mut heading = vec!["domain".to_owned()];
    heading.extend(Level::WORST_FIRST.map(|level| format!("{level}s")));
    heading.extend(shown.iter().map(|category| table_cell(category)));
    let _ = write!(text, "\n| {} |\n|", heading.join(" | "));
    text.push_str(" --- |");
    text.push_str(&" ---: |".repeat(heading.len() - 1));
    text.push('\n');
    let rest = rows.split_off(rows.len().min(DOMAIN_ROWS));
    for (domain, row) in &rows {
        table_row(domain, row, shown, text);
    }
    if !rest.is_empty() {
        let mut folded = DomainRow::default();
        rest.iter().for_each(|(_, row)| folded.add(row));
        table_row(
            &format!("_{}_", count_of(rest.len(), "more domain")),
            &folded,
            shown,
            text,
        );
    }
    if rows.len() > 1 {
        table_row("**all**", &all, shown, text);
    }
    if categories.len() > shown.len() {
        let more = count_of(categories.len() - shown.len(), "more category column");
        let _ = writeln!(text, "\n_{more} left out._");
    }
}

fn table_row(name: &str, row: &DomainRow<'_>, categories: &[&str], text: &mut String) {
    // A table with few numbers is easier to scan with empty cells than with zeros.
    let number = |count: usize| {
        if count == 0 {
            String::new()
        } else {
            count.to_string()
        }
    };
    let mut cells = vec![name.to_owned()];
    cells.extend(row.worst_first().map(number));
    cells.extend(
        categories
            .iter()
            .map(|category| number(row.categories.get(category).copied().unwrap_or_default())),
    );
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}
