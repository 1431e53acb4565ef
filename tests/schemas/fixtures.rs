//! Every file of these kinds in the repository fits its schema, so that an editor has nothing against a file that govcheck takes.

use std::fs;
use std::path::{Path, PathBuf};

use govcheck::model::published::SchemaName;
use serde::Deserialize;
use serde_json::Value;

use super::{refusals, validator};

/// YAML files below the given folders of the repository, sorted.
fn files(folders: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_yaml = path
                .extension()
                .is_some_and(|extension| extension == "yaml");
            if path.is_dir() {
                waiting.push(path);
            } else if is_yaml {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The documents of a text. `None` if it is not YAML.
fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let read = documents.map(|document| {
        let mut document = serde_yaml::Value::deserialize(document)?;
        document.apply_merge()?;
        serde_yaml::from_value(document)
    });
    let read: Result<Vec<Value>, _> = read.collect();
    read.unwrap_or_default()
}

/// Holds files against a schema; there must be at least so many.
#[track_caller]
fn fit(name: SchemaName, all: &[(PathBuf, Value)], at_least: usize) {
    let validator = validator(name);
    for (path, document) in all {
        let refused = refusals(&validator, document);
        assert!(
            refused.is_empty(),
            "{}:\n{}",
            path.display(),
            refused.join("\n")
        );
    }
    assert!(
        all.len() >= at_least,
        "{} files of `{}`",
        all.len(),
        name.as_str()
    );
}

fn read(path: &Path) -> Vec<(PathBuf, Value)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let documents = documents(&text).into_iter();
    documents
        .map(|document| (path.to_owned(), document))
        .collect()
}

fn parent(path: &Path) -> &str {
    let parent = path.parent().and_then(Path::file_name);
    parent.and_then(|name| name.to_str()).unwrap_or_default()
}

#[test]
fn configs_fit_their_schema() {
    let files = files(&["fixtures"]).into_iter();
    let configs = files.filter(|path| path.ends_with("govcheck.yaml"));
    let configs: Vec<_> = configs.flat_map(|path| read(&path)).collect();
    fit(SchemaName::Config, &configs, 20);
}

#[test]
fn presets_fit_their_schema() {
    let presets = files(&["policies/presets"]);
    let presets: Vec<_> = presets.iter().flat_map(|path| read(path)).collect();
    fit(SchemaName::Preset, &presets, 3);
}

#[test]
fn formats_and_shapes_fit_their_schemas() {
    let files = files(&["policies", "fixtures"]);
    let of = |folder: &str| -> Vec<_> {
        let files = files.iter().filter(|path| parent(path) == folder);
        files.flat_map(|path| read(path)).collect()
    };
    fit(SchemaName::Format, &of("formats"), 13);
    fit(SchemaName::Shapes, &of("shapes"), 3);
}

/// The files beside rules.
fn examples() -> Vec<(PathBuf, Value)> {
    let files = files(&["policies", "fixtures", "src/cli/init"]).into_iter();
    let beside = files.filter(|path| path.with_extension("rego").exists());
    beside.flat_map(|path| read(&path)).collect()
}

#[test]
fn examples_fit_their_schema() {
    fit(SchemaName::Examples, &examples(), 54);
}

fn is_register(document: &Value) -> bool {
    document["apiVersion"] == "govcheck/v1" && document["kind"] == "Register"
}

#[test]
fn registers_fit_their_schema() {
    let written = files(&["fixtures"])
        .into_iter()
        .flat_map(|path| read(&path));
    let mut registers: Vec<(PathBuf, Value)> = written.collect();
    for (path, examples) in examples() {
        for example in examples["examples"].as_array().unwrap() {
            let files = [&example["files"], &example["base"]].into_iter();
            let texts = files
                .filter_map(Value::as_object)
                .flat_map(|files| files.values());
            let texts = texts.filter_map(Value::as_str);
            let all = texts
                .flat_map(documents)
                .map(|document| (path.clone(), document));
            registers.extend(all);
        }
    }
    registers.retain(|(_, document)| is_register(document));
    let is_wrong = |(path, _): &(PathBuf, Value)| parent(path) == "register-keys";
    let (wrong, registers): (Vec<_>, Vec<_>) = registers.into_iter().partition(is_wrong);
    let refused = refusals(&validator(SchemaName::Register), &wrong[0].1);
    assert_eq!(refused.len(), 8, "{refused:?}");
    fit(SchemaName::Register, &registers, 60);
}

/// The kind of file that a block of a page shows; `None` for a part of one, and for files of others.
fn shown_in(block: &Value) -> Option<SchemaName> {
    let has = |key: &str| block.get(key).is_some();
    match block {
        _ if has("format") && has("shapes") => Some(SchemaName::Shapes),
        _ if has("format") && has("recognise") => Some(SchemaName::Format),
        _ if has("waivers") && has("version") => Some(SchemaName::Waivers),
        _ if has("rules") => Some(SchemaName::Config),
        _ => None,
    }
}

#[test]
fn blocks_of_the_documentation_fit_their_schemas() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for page in [
        "README.md",
        "docs/adopting.md",
        "policies/formats/README.md",
    ] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let blocks = text.split("```yaml\n").skip(1);
        for block in blocks.filter_map(|rest| rest.split("```").next()) {
            let files = documents(block).into_iter();
            found.extend(files.filter_map(|file| Some((shown_in(&file)?, page, file))));
        }
    }
    let kinds: Vec<SchemaName> = found.iter().map(|(name, _, _)| *name).collect();
    use SchemaName::{Config, Format, Shapes};
    assert_eq!(kinds, [Config, Config, Format, Shapes]);
    for (name, page, block) in found {
        fit(name, &[(root.join(page), block)], 1);
    }
}
