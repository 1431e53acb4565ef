//! Our descriptions of Bitol's standards against the schemas that Bitol publishes: the same verdict on the manifests
//! of public repositories, and on what becomes of them when keys are dropped, renamed, retyped and added.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use govcheck::lift::Format;
use govcheck::lift::shape::find_violations;
use govcheck::model::wanted::Projection;
use govcheck::parse::{Limits, parse};
use govcheck::policy::engine::Maker;
use serde_json::{Value, json};

use crate::mesh::builtin;
use crate::mutation::{Dice, Words, addresses, mutate, remove, replace};

/// Mutations for each version of a standard.
const MUTATIONS: usize = 1_000;
const SEED: u64 = 0x5eed_2026;
/// A larger document is only checked against its schema, and not mutated: the checks are slow in a debug build.
const LARGEST: usize = 16_000;

/// Standard, version as documents state it, its schema.
const PUBLISHED: [(&str, &str, &str); 8] = [
    ("odcs", "v3.0.0", "odcs/odcs-json-schema-v3.0.0.json"),
    ("odcs", "v3.0.1", "odcs/odcs-json-schema-v3.0.1.json"),
    ("odcs", "v3.0.2", "odcs/odcs-json-schema-v3.0.2.json"),
    ("odcs", "v3.1.0", "odcs/odcs-json-schema-v3.1.0.json"),
    (
        "odcs",
        "v3.2.0",
        "odcs/odcs-json-schema-v3.2.0.from-datacontract-cli-1.2.8.json",
    ),
    ("odps", "v0.9.0", "odps-bitol/odps-json-schema-v0.9.0.json"),
    ("odps", "v1.0.0", "odps-bitol/odps-json-schema-v1.0.0.json"),
    (
        "odps",
        "v1.1.0",
        "odps-bitol/odps-json-schema-v1.1.0.from-dataproduct-cli-0.3.2.json",
    ),
];

struct Standard {
    format: Format,
    version: &'static str,
    schema: Value,
    validator: jsonschema::Validator,
}

struct Sample {
    name: String,
    standard: &'static str,
    value: Value,
}

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if folder.join("schemas").is_dir() && folder.join("corpus").is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: ../shared has neither schemas nor corpus");
    None
}

fn standards(shared: &Path) -> Vec<Standard> {
    let pack = builtin();
    let load = |(name, version, file): (&str, &'static str, &str)| {
        let text = fs::read_to_string(shared.join("schemas").join(file)).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        let format = pack.formats.iter().find(|format| &*format.name == name);
        Standard {
            format: format.unwrap().clone(),
            version,
            validator: jsonschema::validator_for(&schema).unwrap(),
            schema,
        }
    };
    PUBLISHED.into_iter().map(load).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

/// The contracts and products of the corpus and of our own fixtures, as they are.
fn samples(shared: &Path) -> Vec<Sample> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths = Vec::new();
    for folder in [
        shared.join("corpus/odcs-v3"),
        shared.join("corpus/odps-bitol"),
        own.join("retail"),
        own.join("retail-clean"),
        own.join("validity"),
    ] {
        files(&folder, &mut paths);
    }
    let pack = builtin();
    let mut samples = Vec::new();
    for path in paths {
        let parsed = parse(&fs::read(&path).unwrap(), &Limits::default());
        for document in &parsed.documents {
            let found = govcheck::lift::recognise_document(&pack.formats, document, &parsed.text);
            let is_ours =
                |(name, ..): &&(&str, &str, &str)| found.first().is_some_and(|f| *f.name == **name);
            if let Some((standard, ..)) = PUBLISHED.iter().find(is_ours) {
                samples.push(Sample {
                    name: path
                        .strip_prefix(shared.parent().unwrap())
                        .unwrap_or(&path)
                        .display()
                        .to_string(),
                    standard,
                    value: Maker::default()
                        .document(
                            (document, &parsed.text),
                            document.root().node,
                            &Projection::all(),
                        )
                        .to_json(),
                });
            }
        }
    }
    samples
}

/// What we have against a document.
fn ours(format: &Format, value: &Value) -> Vec<String> {
    let parsed = parse(value.to_string().as_bytes(), &Limits::default());
    let document = parsed
        .documents
        .first()
        .unwrap_or_else(|| panic!("{:?}", parsed.problems));
    let found = find_violations(format.shapes().unwrap(), document, &parsed.text);
    found
        .iter()
        .map(|v| format!("{}: {}", v.at, v.message))
        .collect()
}

/// What the published schema has against it.
fn theirs(standard: &Standard, value: &Value) -> Vec<String> {
    let errors = standard.validator.iter_errors(value);
    errors
        .map(|error| {
            format!(
                "{}: {}",
                error.instance_path(),
                error.to_string().chars().take(200).collect::<String>()
            )
        })
        .collect()
}

#[test]
fn manifests_as_they_are_get_the_verdict_of_the_published_schema() {
    let Some(shared) = shared() else { return };
    let standards = standards(&shared);
    let mut wrong = String::new();
    let mut verdicts: BTreeMap<(&str, &str), [usize; 2]> = BTreeMap::new();
    for sample in samples(&shared) {
        let stated = sample
            .value
            .get("apiVersion")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(standard) = standards
            .iter()
            .find(|s| *s.format.name == *sample.standard && s.version == stated)
        else {
            println!("no published schema for `{stated}`: {}", sample.name);
            continue;
        };
        let (we, they) = (
            ours(&standard.format, &sample.value),
            theirs(standard, &sample.value),
        );
        verdicts
            .entry((sample.standard, standard.version))
            .or_default()[usize::from(!they.is_empty())] += 1;
        if we.is_empty() != they.is_empty() {
            let _ = writeln!(wrong, "{}\n  we: {we:#?}\n  they: {they:#?}", sample.name);
        }
    }
    for ((name, version), [valid, invalid]) in verdicts {
        println!("{name} {version}: {valid} valid, {invalid} invalid, as published");
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn index_of_the_corpus_agrees() {
    let Some(shared) = shared() else { return };
    let standards = standards(&shared);
    let index = fs::read_to_string(shared.join("corpus/index.csv")).unwrap();
    let mut held = 0;
    for line in index.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let [standard, repository, path, _, _, _, valid, ..] = columns.as_slice() else {
            continue;
        };
        if !["odcs-v3", "odps-bitol"].contains(standard) || valid.is_empty() {
            continue;
        }
        let file = shared
            .join("corpus")
            .join(standard)
            .join(repository.replace('/', "__"))
            .join(path);
        let parsed = parse(&fs::read(&file).unwrap(), &Limits::default());
        let Some(document) = parsed.documents.first() else {
            continue;
        };
        let found = govcheck::lift::recognise_document(
            &standards
                .iter()
                .map(|s| s.format.clone())
                .collect::<Vec<_>>(),
            document,
            &parsed.text,
        )
        .first()
        .map(|format| find_violations(format.shapes().unwrap(), document, &parsed.text));
        let Some(found) = found else {
            println!("not recognised: {path} ({valid})");
            continue;
        };
        held += 1;
        if found.is_empty() != (*valid == "True") {
            println!("index says {valid}: {path}\n  we: {found:?}");
        }
        assert!(
            *valid != "True" || found.is_empty(),
            "{path} is valid, and refused: {found:?}"
        );
    }
    assert!(held > 25, "{held}");
}

#[test]
fn mutated_manifests_get_the_verdict_of_the_published_schema() {
    let Some(shared) = shared() else { return };
    let samples = samples(&shared);
    let mutations = std::env::var("MUTATIONS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(MUTATIONS);
    let mut table = String::new();
    let mut enough = true;
    for standard in standards(&shared) {
        let words = Words::of(&standard.schema, samples.iter().map(|sample| &sample.value));
        // A document of another version serves as well, where it fits when declared as this one.
        let declared = |sample: &Sample| {
            let mut value = sample.value.clone();
            value["apiVersion"] = json!(standard.version);
            value
        };
        let small = samples
            .iter()
            .filter(|s| *s.standard == *standard.format.name)
            .map(declared)
            .filter(|value| value.to_string().len() <= LARGEST);
        let valid: Vec<Value> = small
            .filter(|value| standard.validator.is_valid(value))
            .collect();
        assert!(
            valid.len() >= 3,
            "{} {}: {}",
            standard.format.name,
            standard.version,
            valid.len()
        );
        let mut dice = Dice(SEED);
        let (mut agreed, mut refused) = (0, 0);
        let mut cases = String::new();
        for _ in 0..mutations {
            let mut value = dice.pick(&valid).clone();
            let mut said = mutate(&mut value, &mut dice, &words);
            for _ in 0..dice.roll(2) {
                let _ = write!(said, ", {}", mutate(&mut value, &mut dice, &words));
            }
            let (we, they) = (
                ours(&standard.format, &value),
                standard.validator.is_valid(&value),
            );
            refused += usize::from(!they);
            if we.is_empty() == they {
                agreed += 1;
            } else {
                let _ = writeln!(
                    cases,
                    "  {said}\n    we: {we:?}\n    they: {:?}",
                    theirs(&standard, &value)
                );
            }
        }
        let share = agreed as f64 / mutations as f64;
        enough &= share >= 0.99;
        let _ = writeln!(
            table,
            "{} {}: {} documents, {mutations} mutations, {refused} refused by the schema, {:.2} % agreed\n{cases}",
            standard.format.name,
            standard.version,
            valid.len(),
            100.0 * share
        );
    }
    println!("{table}");
    assert!(enough, "\n{table}");
}

/// A document in parts that are documents of their own, and what is in each: a small one is judged faster.
fn parts(value: &Value) -> Vec<(Value, String)> {
    const HEAD: [&str; 5] = ["apiVersion", "kind", "id", "version", "status"];
    let mut head = value.clone();
    head.as_object_mut()
        .unwrap()
        .retain(|key, _| HEAD.contains(&key.as_str()));
    let mut parts = Vec::new();
    for (key, value) in value.as_object().unwrap() {
        let values = match value {
            Value::Array(items) => items.iter().map(|item| json!([item])).collect(),
            value => vec![value.clone()],
        };
        for value in values {
            let mut part = head.clone();
            part[key] = value;
            let mut inside = Vec::new();
            addresses(&part[key], &format!("/{key}"), &mut inside);
            inside.push(format!("/{key}"));
            let all = inside.into_iter().filter(|at| at != "/apiVersion");
            parts.extend(all.map(|at| (part.clone(), at)));
        }
    }
    parts
}

/// Chance may pass a key by; here each is dropped, and given values of other kinds.
#[test]
fn every_key_of_the_samples_of_our_own_is_held_as_published() {
    let Some(shared) = shared() else { return };
    let standards = standards(&shared);
    let mut wrong = String::new();
    let mut changes = 0;
    for sample in samples(&shared)
        .iter()
        .filter(|s| s.name.contains("fixtures/validity"))
    {
        let standard = standards
            .iter()
            .find(|s| *s.format.name == *sample.standard && sample.value["apiVersion"] == s.version)
            .unwrap();
        for (part, at) in parts(&sample.value) {
            let at = at.as_str();
            let change = |change: &dyn Fn(&mut Value)| {
                let mut value = part.clone();
                change(&mut value);
                value
            };
            let changed = [
                change(&|value| remove(value, at)),
                change(&|value| replace(value, at, json!(5))),
                change(&|value| replace(value, at, json!({"unknown": 1}))),
            ];
            for value in changed {
                changes += 1;
                let we = ours(&standard.format, &value);
                if we.is_empty() != standard.validator.is_valid(&value) {
                    let they = theirs(standard, &value);
                    let _ = writeln!(
                        wrong,
                        "{} {at}\n  we: {we:?}\n  they: {they:?}",
                        sample.name
                    );
                }
            }
        }
    }
    println!("{changes} changes");
    assert!(
        changes > 3_000 && wrong.is_empty(),
        "{changes} changes\n{wrong}"
    );
}
