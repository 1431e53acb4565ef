//! Guesses the layout of a repository: which folders of a manifest's path name its domain and its product.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{is_changing, is_folder_name, is_placeholder, plain_name};
use crate::model::text::RelPath;

/// Folders whose subfolders are domains, where manifests name none.
const USUAL: [&str; 3] = ["domains", "domain", "data-domains"];

/// A manifest whose path names a domain.
struct Sighting<'m> {
    folders: Vec<&'m str>,
    /// The folder of the domain, 0-based.
    domain: usize,
}

/// The layout that most manifests share. `None` if there is no such layout.
pub(super) fn guess_layout(manifests: &[(RelPath, Option<String>)]) -> Option<String> {
    let (mut stated, mut usual, mut naming) = (Vec::new(), Vec::new(), 0);
    for (file, domain) in manifests {
        let mut folders: Vec<&str> = file.as_str().split('/').collect();
        folders.pop();
        let below = folders.iter().position(|folder| USUAL.contains(folder));
        let below = below.map(|at| at + 1);
        let is_domain = |at: &usize| folders.get(*at).is_some_and(|name| is_folder_name(name));
        if let Some(at) = below.filter(is_domain) {
            usual.push(Sighting {
                folders: folders.clone(),
                domain: at,
            });
        }
        let Some(domain) = domain.as_deref().filter(|name| !is_placeholder(name)) else {
            continue;
        };
        naming += 1;
        let mut named = folders.iter();
        if let Some(at) = named.position(|folder| plain_name(folder) == plain_name(domain)) {
            stated.push(Sighting {
                folders,
                domain: at,
            });
        }
    }
    most_common(stated, naming).or_else(|| most_common(usual, manifests.len()))
}

/// The layout of the folder that holds most domains, if it holds those of half of all manifests.
fn most_common(sightings: Vec<Sighting<'_>>, of: usize) -> Option<String> {
    let mut groups: BTreeMap<String, Vec<Sighting<'_>>> = BTreeMap::new();
    for sighting in sightings {
        let above = sighting.folders.iter().take(sighting.domain);
        groups.entry(pattern(above)).or_default().push(sighting);
    }
    // Of equals the first.
    let (masked, group) = groups
        .into_iter()
        .rev()
        .max_by_key(|(_, group)| group.len())
        .filter(|(_, group)| group.len() * 2 >= of)?;
    let above = |sighting: &Sighting<'_>| {
        sighting
            .folders
            .iter()
            .take(sighting.domain)
            .map(|folder| format!("{folder}/"))
            .collect::<String>()
    };
    let first = group.first().map(above).unwrap_or_default();
    let is_same = group.iter().all(|sighting| above(sighting) == first);
    let above = if is_same { first } else { masked };
    // These mean something in a layout, and a backslash or control character something in YAML.
    if above.contains(|c: char| "{}?\"\\".contains(c) || c.is_control())
        || (is_same && above.contains('*'))
    {
        return None;
    }
    let product = product(&group).unwrap_or_default();
    Some(format!("{above}{{domain}}/{product}**"))
}

/// Folders as a layout writes them: `*` for a folder that has siblings.
fn pattern<'f>(folders: impl Iterator<Item = &'f &'f str>) -> String {
    let mask = |folder: &&str| {
        let is_plain = folder
            .chars()
            .all(|c| c.is_alphanumeric() || "-_. ".contains(c));
        match is_plain && !is_changing(folder) {
            true => format!("{folder}/"),
            false => "*/".to_owned(),
        }
    };
    folders.map(mask).collect()
}

/// What most manifests have between the folders of domain and product, and `{product}/`. `None` where few have products.
fn product(group: &[Sighting<'_>]) -> Option<String> {
    let shared = shared(group);
    let mut ways: BTreeMap<String, usize> = BTreeMap::new();
    for sighting in group {
        let below = sighting.folders.iter().skip(sighting.domain + 1);
        let below: Vec<&&str> = below.collect();
        let is_product = |folder: &&&str| is_folder_name(folder) && !shared.contains(**folder);
        if let Some(at) = below.iter().position(is_product) {
            let way = pattern(below.into_iter().take(at));
            *ways.entry(way).or_default() += 1;
        }
    }
    let (way, count) = ways.into_iter().rev().max_by_key(|(_, count)| *count)?;
    (count * 2 >= group.len()).then(|| format!("{way}{{product}}/"))
}

/// Folder names that occur below several domains: they show how a domain is organised, not what a product is called.
fn shared<'g>(group: &[Sighting<'g>]) -> BTreeSet<&'g str> {
    let mut domains: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for sighting in group {
        let Some(domain) = sighting.folders.get(sighting.domain) else {
            continue;
        };
        for folder in sighting.folders.iter().skip(sighting.domain + 1) {
            domains.entry(folder).or_default().insert(domain);
        }
    }
    let several = domains.into_iter().filter(|(_, domains)| domains.len() > 1);
    several.map(|(folder, _)| folder).collect()
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
        guess_layout(&manifests)
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
        let versions = [("domains/v1/a.yaml", ""), ("domains/v2/b.yaml", "")];
        assert_eq!(guessed(&versions), None);
    }

    #[test]
    fn other_folders_are_not_taken_for_products() {
        for folder in [
            "v1", "1.0.0", "2024-01", "latest", "src", "main", "prod", "schemas",
        ] {
            let one = format!("contracts/content/{folder}/c.yaml");
            assert_eq!(
                guessed(&[(&one, "content")]).as_deref(),
                Some("contracts/{domain}/**"),
                "{folder}"
            );
        }
        // Nobody knows the word, but two domains have it.
        let manifests = [("sales/ingest/a.yaml", "sales"), ("hr/ingest/b.yaml", "hr")];
        assert_eq!(guessed(&manifests).as_deref(), Some("{domain}/**"));
    }

    #[test]
    fn products_are_found_below_versions_and_folders_of_one_kind() {
        let manifests = [
            ("domains/sales/products/orders/a.yaml", "sales"),
            ("domains/hr/products/payroll/b.yaml", "hr"),
        ];
        assert_eq!(
            guessed(&manifests).as_deref(),
            Some("domains/{domain}/products/{product}/**")
        );
        let manifests = [
            ("sales/v1/orders/a.yaml", "sales"),
            ("hr/v2/payroll/b.yaml", "hr"),
        ];
        assert_eq!(
            guessed(&manifests).as_deref(),
            Some("{domain}/*/{product}/**")
        );
    }

    #[test]
    fn environments_above_the_domain_are_one_layout() {
        let manifests = [
            ("src/dev/sales/orders/a.yaml", "sales"),
            ("src/prod/sales/orders/a.yaml", "sales"),
            ("src/prod/hr/payroll/b.yaml", "hr"),
        ];
        assert_eq!(
            guessed(&manifests).as_deref(),
            Some("src/*/{domain}/{product}/**")
        );
        assert_eq!(
            guessed(&manifests[1..]).as_deref(),
            Some("src/prod/{domain}/{product}/**"),
            "one of them is written as it is"
        );
    }

    #[test]
    fn no_layout_is_better_than_a_wrong_one() {
        assert_eq!(guessed(&[]), None);
        assert_eq!(guessed(&[("a.yaml", "sales"), ("x/b.yaml", "hr")]), None);
        assert_eq!(guessed(&[("{a}/sales/b.yaml", "sales")]), None);
        assert_eq!(guessed(&[("{{ d }}/b.yaml", "{{ d }}")]), None);
        let few = [("d/hr/a.yaml", "hr"), ("b.yaml", "x"), ("c.yaml", "y")];
        assert_eq!(guessed(&few), None);
    }
}
