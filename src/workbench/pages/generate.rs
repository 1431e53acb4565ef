//! All pages of a pack: one for each category, and the index.

use std::collections::BTreeMap;

use super::{Explained, category, index};
use crate::policy::Pack;
use crate::policy::about::About;
use crate::policy::error::PolicyMistake;
use crate::policy::examples::read_examples;
use crate::policy::source::{PAGE, page_of};

/// The pages of the rules of one pack, by their paths in it.
///
/// # Errors
/// The author's mistake: an invalid file of examples.
pub fn generate_pages(
    pack: &Pack,
    name: &str,
    about: &About,
) -> Result<BTreeMap<String, String>, PolicyMistake> {
    let mut categories: BTreeMap<&str, Vec<Explained<'_>>> = BTreeMap::new();
    for rule in pack.rules.iter().map(|rule| &rule.rule) {
        if rule.pack == name {
            let examples = read_examples(pack, rule)?;
            let explained = Explained { rule, examples };
            categories
                .entry(rule.id.category())
                .or_default()
                .push(explained);
        }
    }
    let index = (PAGE.to_owned(), index::index_page(&categories, about));
    let page = |(category, rules): (&&str, &Vec<Explained<'_>>)| {
        (page_of(category), category::category_page(category, rules))
    };
    Ok(categories.iter().map(page).chain([index]).collect())
}
