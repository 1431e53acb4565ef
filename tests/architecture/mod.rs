//! The rules of the design for the source: layers, circles, names, and crates that one file wraps.

use std::fs;
use std::path::{Path, PathBuf};

use imports::{Imports, Module};

mod imports;

/// From the bottom: a folder imports only from folders of lower layers, not from its neighbours in a layer.
/// `lib` is `src/lib.rs`, the pipeline.
const LAYERS: [&[&str]; 15] = [
    &["model"],
    &["discover", "parse", "formula", "edit"],
    &["lift"],
    &["policy"],
    &["mesh"],
    &["cache"],
    &["evaluate"],
    &["judge"],
    &["report", "export"],
    &["config"],
    &["pipeline"],
    &["lib"],
    &["workspace", "fix"],
    &["audit", "server", "mcp", "workbench"],
    &["cli"],
];

/// Crates that only one file may import, so that they can be exchanged.
const KEPT_BEHIND: [(&str, &str); 6] = [
    ("regorus", "src/policy/engine"),
    ("miette", "src/report/terminal"),
    ("textwrap", "src/report/terminal"),
    ("indicatif", "src/report/progress.rs"),
    ("saphyr_parser", "src/parse"),
    ("serde_sarif", "src/report/sarif"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    sources(&root.join("src"), &mut found);
    found.sort();
    let relative = |path: &Path| {
        path.strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/")
    };
    found
        .iter()
        .map(|path| (relative(path), fs::read_to_string(path).unwrap()))
        .collect()
}

fn folder(module: &Module) -> &str {
    module.first().map_or("lib", String::as_str)
}

fn layer(module: &Module) -> Option<usize> {
    let name = folder(module);
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[test]
fn every_folder_has_a_layer() {
    let imports = Imports::of_source();
    let edges = imports.edges();
    let modules = edges.keys().filter(|module| folder(module) != "main");
    let without: Vec<&str> = modules
        .filter(|module| layer(module).is_none())
        .map(|module| imports.path(module))
        .collect();
    assert!(without.is_empty(), "no layer: {without:?}");
}

#[test]
fn a_file_imports_only_from_layers_below() {
    let imports = Imports::of_source();
    let mut wrong = Vec::new();
    for (module, targets) in imports.edges() {
        let Some(own) = layer(module) else { continue };
        for target in targets {
            let is_below = layer(target).is_some_and(|other| other < own);
            if folder(module) != folder(target) && !is_below {
                wrong.push(format!(
                    "{} imports {}",
                    imports.path(module),
                    imports.path(target)
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "against the layers:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = Imports::of_source();
    let edges = imports.edges();
    let mut lines = Vec::new();
    for circle in imports.circles() {
        lines.push(format!("a circle of {} files:", circle.len()));
        for module in &circle {
            let inner = edges[*module]
                .iter()
                .filter(|target| circle.contains(*target));
            let inner: Vec<&str> = inner.map(|target| imports.path(target)).collect();
            lines.push(format!(
                "  {} imports {}",
                imports.path(module),
                inner.join(", ")
            ));
        }
    }
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn each_type_has_a_name_of_its_own() {
    let imports = Imports::of_source();
    let repeated: Vec<String> = imports
        .types()
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(name, files)| format!("`{name}` in {}", files.join(", ")))
        .collect();
    assert!(
        repeated.is_empty(),
        "types of one name, so that a reader must ask which is meant:\n{}",
        repeated.join("\n")
    );
}

/// Names of one word that free functions may have although other files call them: the module says what they are about.
const CONVENTIONAL: [&str; 9] = [
    "check", "from", "iter", "len", "main", "new", "parse", "run", "write",
];

#[test]
fn functions_that_other_files_call_have_a_name_of_two_words() {
    let imports = Imports::of_source();
    let functions = imports.shared_functions();
    assert!(functions.len() > 100, "{} functions", functions.len());
    let short: Vec<String> = functions
        .into_iter()
        .filter(|(name, _)| !name.contains('_') && !CONVENTIONAL.contains(&name.as_str()))
        .map(|(name, file)| format!("`{name}` in {file}"))
        .collect();
    assert!(
        short.is_empty(),
        "name the verb and its object:\n{}",
        short.join("\n")
    );
}

#[test]
fn heavy_crates_stay_behind_one_file() {
    for (file, text) in all() {
        for (krate, home) in KEPT_BEHIND {
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let imports = code.filter(|line| line.contains(&format!("{krate}::")));
            assert!(
                file.starts_with(home) || imports.count() == 0,
                "{file} imports `{krate}`, which is {home}'s"
            );
        }
    }
}

#[test]
fn every_source_file_opens_with_what_it_owns() {
    let without: Vec<String> = all()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert!(without.is_empty(), "no `//!`: {without:?}");
}
