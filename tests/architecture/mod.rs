//! The rules of the design for the source: layers, circles, names, and crates that one file wraps.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

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

/// The names in the source, read once for all tests that need no more: parsing takes most of their time.
struct SourceNames {
    /// Types, with the files that define one of that name.
    types: BTreeMap<String, Vec<String>>,
    /// Free functions that other files can call, with their files.
    functions: Vec<(String, String)>,
    /// Files with string literals that are a single word.
    words: BTreeSet<(String, String)>,
}

static NAMES: LazyLock<SourceNames> = LazyLock::new(|| {
    let imports = Imports::of_source();
    let types = imports.types().into_iter();
    let files = |files: Vec<&str>| files.into_iter().map(ToOwned::to_owned).collect();
    let functions = imports.shared_functions().into_iter();
    let words = imports.words().into_iter();
    SourceNames {
        types: types.map(|(name, of)| (name, files(of))).collect(),
        functions: functions
            .map(|(name, file)| (name, file.to_owned()))
            .collect(),
        words: words.map(|(file, word)| (file.to_owned(), word)).collect(),
    }
});

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
    let repeated: Vec<String> = NAMES
        .types
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
    let functions = &NAMES.functions;
    assert!(functions.len() > 100, "{} functions", functions.len());
    let short: Vec<String> = functions
        .iter()
        .filter(|(name, _)| !name.contains('_') && !CONVENTIONAL.contains(&name.as_str()))
        .map(|(name, file)| format!("`{name}` in {file}"))
        .collect();
    assert!(
        short.is_empty(),
        "name the verb and its object:\n{}",
        short.join("\n")
    );
}

/// Lines of a file without the test modules in it.
const MOST_LINES: usize = 500;

#[test]
fn no_file_is_longer_than_500_lines_without_its_tests() {
    let length = |text: &str| {
        let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        text.get(..tests).unwrap_or_default().lines().count()
    };
    let is_test = |file: &str| file.ends_with("tests.rs") || file.contains("/tests/");
    let mut lengths: Vec<(usize, String)> = all()
        .into_iter()
        .filter(|(file, _)| !is_test(file))
        .map(|(file, text)| (length(&text), file))
        .collect();
    lengths.sort();
    let long: Vec<&(usize, String)> = lengths
        .iter()
        .filter(|(lines, _)| *lines > MOST_LINES)
        .collect();
    assert!(long.is_empty(), "split these: {long:?}");
    let (median, _) = lengths[lengths.len() / 2];
    assert!(median <= 160, "half of the files have over {median} lines");
}

/// Words that are also the name of a kind, by the file in which they mean something else: a field of entities, facts or paths,
/// a column of a report, a key of a syntax tree or file, a word of a name.
const NO_KINDS: [(&str, &[&str]); 31] = [
    ("src/cli/init/layout.rs", &["domain"]),
    (
        "src/cli/init/names.rs",
        &["contract", "domain", "product", "team"],
    ),
    ("src/evaluate/change/diff.rs", &["domain"]),
    ("src/evaluate/input.rs", &["document"]),
    ("src/evaluate/lean_declarations.rs", &["domain"]),
    ("src/evaluate/locate.rs", &["domain", "team"]),
    ("src/evaluate/plain/ground.rs", &["domain"]),
    ("src/judge/waivers/read.rs", &["team"]),
    ("src/lift/locate.rs", &["document"]),
    ("src/lift/shape/compile.rs", &["document"]),
    ("src/mesh/card.rs", &["team"]),
    ("src/mesh/downstream.rs", &["contract", "domain"]),
    ("src/mesh/links.rs", &["contract"]),
    ("src/mesh/names.rs", &["domain"]),
    ("src/model/finding.rs", &["document"]),
    ("src/model/path.rs", &["document"]),
    ("src/parse/syntax.rs", &["tag"]),
    ("src/pipeline/selection.rs", &["domain"]),
    ("src/policy/check.rs", &["document"]),
    (
        "src/policy/engine/codec/words.rs",
        &[
            "classification",
            "contract",
            "domain",
            "kpi",
            "product",
            "team",
            "term",
        ],
    ),
    ("src/policy/plain/references.rs", &["domain"]),
    ("src/report/csv.rs", &["domain"]),
    ("src/report/markdown/table.rs", &["domain"]),
    ("src/report/sarif/results.rs", &["domain"]),
    ("src/workbench/attempt/json.rs", &["domain"]),
    ("src/workbench/check/paths.rs", &["document"]),
    ("src/workbench/check/resolve/bodies.rs", &["domain"]),
    ("src/workbench/check/resolve/expressions.rs", &["term"]),
    ("src/workbench/test/rego/plan/mod.rs", &["domain"]),
    ("src/workbench/test/rego/scope.rs", &["domain"]),
    ("src/workbench/test/rego/why.rs", &["domain"]),
];

#[test]
fn only_the_list_of_kinds_names_a_kind() {
    let model =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/model.yaml"));
    let schema = govcheck::lift::schema::Schema::parse(&model.unwrap()).unwrap();
    let kinds: BTreeSet<&str> = schema.kinds.keys().map(|kind| &**kind).collect();
    let listed: BTreeSet<&str> = govcheck::model::kinds::ALL.into_iter().collect();
    assert_eq!(
        kinds, listed,
        "`src/model/kinds.rs` is not the model's list"
    );
    let other: BTreeSet<(&str, String)> = NO_KINDS
        .iter()
        .flat_map(|(file, words)| words.iter().map(|word| (*file, (*word).to_owned())))
        .collect();
    let named: BTreeSet<(&str, String)> = NAMES
        .words
        .iter()
        .filter(|(file, word)| kinds.contains(word.as_str()) && file != "src/model/kinds.rs")
        .map(|(file, word)| (file.as_str(), word.clone()))
        .collect();
    let new: Vec<_> = named.difference(&other).collect();
    assert!(
        new.is_empty(),
        "use `model::kinds`, or treat kinds as data: {new:?}"
    );
    let gone: Vec<_> = other.difference(&named).collect();
    assert!(gone.is_empty(), "remove these from `NO_KINDS`: {gone:?}");
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
