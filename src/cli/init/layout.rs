//! Guesses the layout of a repository: where in the paths of manifests the domain stands that they name.

use std::collections::BTreeMap;

use crate::model::text::RelPath;

/// Folders whose subfolders are domains, where manifests name none.
const USUAL: [&str; 3] = ["domains", "domain", "data-domains"];

/// How often a folder was seen to hold folders named like domains, and how often with another folder below.
#[derive(Default)]
struct Votes {
    all: usize,
    deep: usize,
}

/// The layout that most manifests have; none if there is no such thing.
pub(super) fn guess(manifests: &[(RelPath, Option<String>)]) -> Option<String> {
    let mut votes: BTreeMap<String, Votes> = BTreeMap::new();
    let (mut asked, mut usual) = (0, BTreeMap::new());
    for (file, domain) in manifests {
        let mut folders: Vec<&str> = file.as_str().split('/').collect();
        folders.pop();
        if let Some(at) = folders.iter().position(|folder| USUAL.contains(folder)) {
            vote(&mut usual, &folders, at + 1);
        }
        let Some(domain) = domain else { continue };
        asked += 1;
        if let Some(at) = folders
            .iter()
            .position(|folder| plain(folder) == plain(domain))
        {
            vote(&mut votes, &folders, at);
        }
    }
    best(votes, asked).or_else(|| best(usual, manifests.len()))
}

fn vote(votes: &mut BTreeMap<String, Votes>, folders: &[&str], at: usize) {
    let Some(prefix) = folders.get(..at).filter(|_| at < folders.len()) else {
        return;
    };
    let votes = votes.entry(prefix.join("/")).or_default();
    votes.all += 1;
    votes.deep += usize::from(folders.len() > at + 1);
}

/// The first of the prefixes with the most votes, if it has at least half of all.
fn best(votes: BTreeMap<String, Votes>, asked: usize) -> Option<String> {
    let (prefix, votes) = votes
        .into_iter()
        .rev()
        .max_by_key(|(_, votes)| votes.all)
        .filter(|(_, votes)| votes.all * 2 >= asked)?;
    // These mean something in a layout, and a backslash or control character something in YAML.
    if prefix.contains(|c: char| "{}*?\"\\".contains(c) || c.is_control()) {
        return None;
    }
    let slash = if prefix.is_empty() { "" } else { "/" };
    let product = if votes.deep * 2 >= votes.all {
        "/{product}"
    } else {
        ""
    };
    Some(format!("{prefix}{slash}{{domain}}{product}/**"))
}

/// `Customer Care` and `customer-care` are the same folder to people.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(manifests: &[(&str, &str)]) -> Option<String> {
        let manifests: Vec<(RelPath, Option<String>)> = manifests
            .iter()
            .map(|(file, domain)| {
                let domain = (!domain.is_empty()).then(|| (*domain).to_owned());
                (RelPath::new(*file), domain)
            })
            .collect();
        guess(&manifests)
    }

    #[test]
    fn the_folder_that_is_named_like_the_domain_is_the_domain() {
        let manifests = [
            ("data/sales/orders/a.yaml", "Sales"),
            ("data/customer_care/x/y/b.yaml", "customer care"),
            ("data/finance/c.yaml", "accounting"),
        ];
        assert_eq!(
            guessed(&manifests).as_deref(),
            Some("data/{domain}/{product}/**")
        );
        let manifests = [("sales/a.yaml", "sales"), ("hr/b.yaml", "hr")];
        assert_eq!(guessed(&manifests).as_deref(), Some("{domain}/**"));
    }

    #[test]
    fn without_domains_the_usual_folders_are_taken() {
        let manifests = [
            ("domains/sales/orders/a.yaml", ""),
            ("domains/hr/x/b.yaml", ""),
        ];
        assert_eq!(
            guessed(&manifests).as_deref(),
            Some("domains/{domain}/{product}/**")
        );
    }

    #[test]
    fn no_layout_is_better_than_a_wrong_one() {
        assert_eq!(guessed(&[]), None);
        assert_eq!(guessed(&[("a.yaml", "sales"), ("x/b.yaml", "hr")]), None);
        assert_eq!(guessed(&[("{a}/sales/b.yaml", "sales")]), None);
        let few = [("d/hr/a.yaml", "hr"), ("b.yaml", "x"), ("c.yaml", "y")];
        assert_eq!(guessed(&few), None);
    }
}
