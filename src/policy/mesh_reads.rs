//! Which rules look at `data.mesh`: the others have the same answer to the same facts, whatever else the mesh holds.
//! Told from the text, and rather once too often: a rule that is taken to look is asked again, and nothing is lost.

use std::collections::BTreeSet;

use super::engine::Module;

/// The packages of modules that may look at `data.mesh`, themselves or through libraries that they name.
pub(crate) fn mesh_readers(modules: &[Module]) -> BTreeSet<String> {
    let mut readers: BTreeSet<String> = modules
        .iter()
        .filter(|module| looks(&module.text))
        .filter_map(package)
        .collect();
    loop {
        let more: Vec<String> = modules
            .iter()
            .filter(|module| readers.iter().any(|reader| module.text.contains(reader)))
            .filter_map(package)
            .filter(|package| !readers.contains(package))
            .collect();
        if more.is_empty() {
            return readers;
        }
        readers.extend(more);
    }
}

/// Whether a text names the mesh, or names data or libraries in a way that hides what it names.
fn looks(text: &str) -> bool {
    let hidden = |name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let rest = text.get(at + name.len()..).unwrap_or_default();
            !rest.starts_with('.') && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    text.contains("data.mesh")
        || hidden("data")
        || hidden("data.govcheck")
        || hidden("data.govcheck.lib")
}

/// `govcheck.lib.tiers`.
fn package(module: &Module) -> Option<String> {
    let line = module
        .text
        .lines()
        .find_map(|line| line.strip_prefix("package "))?;
    let name = line.split([' ', '#', '\t']).next()?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(texts: &[&str]) -> Vec<String> {
        let modules: Vec<Module> = texts
            .iter()
            .map(|text| Module {
                name: String::new(),
                text: (*text).to_owned(),
            })
            .collect();
        mesh_readers(&modules).into_iter().collect()
    }

    #[test]
    fn the_mesh_is_read_directly_over_libraries_or_where_nobody_can_tell() {
        let tiers = "package govcheck.lib.tiers\nrank(t) := data.mesh.classifications[t].rank\n";
        let over = "package govcheck.lib.over\nimport data.govcheck.lib.tiers\n";
        let found = readers(&[
            tiers,
            over,
            "package govcheck.a.over_two\nimport data.govcheck.lib.over\n",
            "package govcheck.a.hidden\nx := data[\"mesh\"]\n",
            "package govcheck.a.parent\nimport data.govcheck.lib\nx := lib.tiers.y\n",
            "package govcheck.a.none\nimport data.govcheck.lib.facts as of\nx := data.options[\"a/none\"]\n",
        ]);
        assert_eq!(
            found,
            [
                "govcheck.a.hidden",
                "govcheck.a.over_two",
                "govcheck.a.parent",
                "govcheck.lib.over",
                "govcheck.lib.tiers"
            ]
        );
    }
}
