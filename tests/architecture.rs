//! The layers of the design: a file imports only from layers above its own.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top. What is not in the list is not in the source.
const LAYERS: [&str; 12] = [
    "model",
    "discover",
    "parse",
    "lift",
    "policy",
    "mesh",
    "evaluate",
    "judge",
    "report",
    "config",
    "workbench",
    "cli",
];

/// Crates that one file alone may import, so that they can be exchanged.
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

fn layer(file: &str) -> Option<usize> {
    let name = file
        .strip_prefix("src/")?
        .split('/')
        .next()?
        .trim_end_matches(".rs");
    LAYERS.iter().position(|layer| *layer == name)
}

#[test]
fn a_file_imports_only_from_layers_above() {
    let mut wrong = Vec::new();
    for (file, text) in all() {
        let Some(own) = layer(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            // Documentation may name anything.
            let code = line.split("//").next().unwrap_or_default();
            for import in code.split("crate::").skip(1) {
                let name: String = import
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let is_above = LAYERS
                    .iter()
                    .position(|layer| *layer == name)
                    .is_none_or(|other| other <= own);
                // The command line calls the pipeline, which stands in lib.rs.
                if !is_above {
                    wrong.push(format!("{file}:{} imports `{name}`", number + 1));
                }
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

/// Tests that fail on a busy machine teach people to run them again: they count steps, reads or instructions instead.
#[test]
fn no_test_asks_how_long_something_took() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = Vec::new();
    sources(&root.join("tests"), &mut tests);
    let tests = tests.iter().map(|path| {
        (
            path.display().to_string(),
            fs::read_to_string(path).unwrap(),
        )
    });
    let units = all().into_iter().filter_map(|(file, text)| {
        if file.ends_with("tests.rs") || file.contains("/tests/") {
            return Some((file, text));
        }
        let at = text.find("#[cfg(test)]\nmod tests {")?;
        Some((file, text.get(at..)?.to_owned()))
    });
    // Written apart, so that this file does not name them.
    let clocks = [
        concat!("Instant::", "now"),
        concat!(".elapsed", "()"),
        concat!("SystemTime::", "now().duration_since"),
    ];
    for (file, text) in tests.chain(units) {
        for clock in clocks {
            assert!(!text.contains(clock), "{file} asks the clock: {clock}");
        }
    }
}
