//! Pages of rules, in Markdown: one for each category, and an index. Everything on them comes from METADATA, examples and `pack.yaml`;
//! the same pack is the same bytes.

use std::collections::BTreeMap;

use crate::model::rule::Rule;
use crate::policy::Pack;
use crate::policy::about::About;
use crate::policy::examples::examples;
use crate::policy::source::{PAGE, page_of};

mod category;
mod example;
mod folder;
mod index;
mod options;
mod rule;
mod text;

pub use folder::{Folder, NotGenerated, State};

/// The first line of a page: what has it is ours to write over.
const MARK: &str = "<!-- Written by `govcheck policy docs` from METADATA and examples: change those, not this file. -->";

/// The pages of the rules of one pack, by their paths in it.
pub fn pages(pack: &Pack, name: &str, about: &About) -> BTreeMap<String, String> {
    let mut categories: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in pack.rules.iter().map(|rule| &rule.rule) {
        if rule.pack == name {
            categories.entry(rule.id.category()).or_default().push(rule);
        }
    }
    let index = (PAGE.to_owned(), index::page(&categories, about));
    let page = |(category, rules): (&&str, &Vec<&Rule>)| {
        let text = category::page(category, rules, &|rule| examples(pack, rule));
        (page_of(category), text)
    };
    categories.iter().map(page).chain([index]).collect()
}
