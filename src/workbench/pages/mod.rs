//! Pages of rules, in Markdown: one for each category, and an index. Everything on them comes from METADATA, examples and `pack.yaml`;
//! the same pack is the same bytes.

use std::collections::BTreeMap;

use crate::model::rule::Rule;
use crate::policy::Pack;
use crate::policy::about::About;
use crate::policy::error::PolicyMistake;
use crate::policy::examples::{Example, examples};
use crate::policy::source::{PAGE, page_of};

mod category;
mod example;
mod folder;
mod index;
mod options;
mod rule;
mod text;

pub use folder::{Folder, NotGenerated, State};

/// The first line of a page.
const MARK: &str = "<!-- Written by `govcheck policy docs` from METADATA and examples. Edit those, not this file. -->";

/// The start of a page that govcheck wrote, now or in an earlier version, and may overwrite.
const MARK_START: &str = "<!-- Written by `govcheck policy docs`";

/// A rule and its examples.
struct Explained<'r> {
    rule: &'r Rule,
    examples: Vec<Example>,
}

/// The pages of the rules of one pack, by their paths in it.
///
/// # Errors
/// The author's: a file of examples that is none.
pub fn pages(
    pack: &Pack,
    name: &str,
    about: &About,
) -> Result<BTreeMap<String, String>, PolicyMistake> {
    let mut categories: BTreeMap<&str, Vec<Explained<'_>>> = BTreeMap::new();
    for rule in pack.rules.iter().map(|rule| &rule.rule) {
        if rule.pack == name {
            let examples = examples(pack, rule)?;
            let explained = Explained { rule, examples };
            categories
                .entry(rule.id.category())
                .or_default()
                .push(explained);
        }
    }
    let index = (PAGE.to_owned(), index::page(&categories, about));
    let page = |(category, rules): (&&str, &Vec<Explained<'_>>)| {
        (page_of(category), category::page(category, rules))
    };
    Ok(categories.iter().map(page).chain([index]).collect())
}
