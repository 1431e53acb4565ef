//! Our descriptions of Bitol's standards against the schemas that Bitol publishes: the same verdict on the manifests
//! of public repositories, and on what becomes of them when keys are dropped, renamed, retyped and added.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use govcheck::lift::Format;
use govcheck::lift::shape::violations;
use govcheck::parse::{Limits, parse};
use govcheck::policy::engine::document_datum;
use serde_json::{Map, Value, json};

use crate::mesh::builtin;

/// Mutations for each version of a standard.
const MUTATIONS: usize = 1_000;
const SEED: u64 = 0x5eed_2026;
/// A larger document is held against its schema as it is, and not mutated: the checks are slow in a debug build.
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
            let found = govcheck::lift::recognise(&pack.formats, document, &parsed.text);
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
                    value: document_datum(document, document.root().node, &parsed.text).to_json(),
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
    let found = violations(format.shapes.as_deref().unwrap(), document, &parsed.text);
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
        let found = govcheck::lift::recognise(
            &standards
                .iter()
                .map(|s| s.format.clone())
                .collect::<Vec<_>>(),
            document,
            &parsed.text,
        )
        .first()
        .map(|format| violations(format.shapes.as_deref().unwrap(), document, &parsed.text));
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

/// Numbers that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides.max(1) as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// Words to mutate with: keys and enumerated values of the schema, and the values that samples have under a key.
struct Words {
    keys: Vec<String>,
    values: Vec<String>,
    under: BTreeMap<String, Vec<Value>>,
}

impl Words {
    fn of(schema: &Value, samples: &[Sample]) -> Self {
        let (mut keys, mut values, mut under) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        words_of_schema(schema, &mut keys, &mut values);
        for sample in samples {
            values_by_key(&sample.value, &mut under);
        }
        Self {
            keys: keys.into_iter().collect(),
            values: values.into_iter().collect(),
            under,
        }
    }
}

fn words_of_schema(schema: &Value, keys: &mut BTreeSet<String>, values: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("properties", Value::Object(named)) => keys.extend(named.keys().cloned()),
                    ("enum", Value::Array(items)) => {
                        values.extend(items.iter().filter_map(Value::as_str).map(str::to_owned))
                    }
                    _ => {}
                }
                words_of_schema(value, keys, values);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| words_of_schema(item, keys, values)),
        _ => {}
    }
}

fn values_by_key(value: &Value, under: &mut BTreeMap<String, Vec<Value>>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let known = under.entry(key.clone()).or_default();
                if known.len() < 40 && value.to_string().len() < 2_000 && !known.contains(value) {
                    known.push(value.clone());
                }
                values_by_key(value, under);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| values_by_key(item, under)),
        _ => {}
    }
}

fn junk(dice: &mut Dice) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(5),
        json!(-1),
        json!(2.0),
        json!(1.5),
        json!(""),
        json!("text"),
        json!("a.b"),
        json!("a b"),
        json!([]),
        json!({}),
        json!(["a"]),
        json!(["a", "a"]),
        json!([1, 2]),
        json!([1, 1]),
        json!([{}]),
        json!({"a": 1}),
        json!([null]),
    ];
    dice.pick(&all).clone()
}

fn pick_or_junk(dice: &mut Dice, known: Option<&Vec<Value>>) -> Value {
    match known {
        Some(known) => dice.pick(known).clone(),
        None => junk(dice),
    }
}

fn addresses(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            addresses(value, &at, found);
            found.push(at);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
            let at = format!("{at}/{index}");
            addresses(value, &at, found);
            found.push(at);
        }),
        _ => {}
    }
}

/// Changes one thing, and says what.
fn mutate(value: &mut Value, dice: &mut Dice, words: &Words) -> String {
    let mut found = Vec::new();
    addresses(value, "", &mut found);
    // The version decides which schema holds; it is not mutated.
    found.retain(|at| at != "/apiVersion");
    let at = dice.pick(&found).clone();
    let (parent, last) = at.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/").replace("~0", "~");
    let parent = value.pointer_mut(parent).unwrap();
    match (dice.roll(6), parent) {
        (0, Value::Object(object)) => {
            object.shift_remove(&last);
            format!("drop {at}")
        }
        (0, Value::Array(items)) => {
            items.remove(last.parse().unwrap());
            format!("drop {at}")
        }
        (1, Value::Object(object)) => {
            let name = match dice.roll(3) {
                0 => format!("{last}s"),
                1 => last.to_uppercase(),
                _ => dice.pick(&words.keys).clone(),
            };
            *object = std::mem::take(object)
                .into_iter()
                .filter(|(key, _)| *key != name || *key == last)
                .map(|(key, value)| {
                    if key == last {
                        (name.clone(), value)
                    } else {
                        (key, value)
                    }
                })
                .collect::<Map<_, _>>();
            format!("rename {at} to {name}")
        }
        (2 | 3, Value::Object(object)) => {
            let name = dice.pick(&words.keys).clone();
            if name == "apiVersion" {
                return "nothing".to_owned();
            }
            let known = words.under.get(&name).filter(|_| dice.roll(4) > 0);
            let added = pick_or_junk(dice, known);
            let said = format!("add {name}: {added} beside {at}");
            object.insert(name, added);
            said
        }
        (4, parent) => {
            let slot = slot(parent, &last);
            if slot.is_string() {
                *slot = json!(dice.pick(&words.values));
            } else {
                let known = words.under.get(&last);
                *slot = pick_or_junk(dice, known);
            }
            format!("set {at} to {slot}")
        }
        (_, parent) => {
            let slot = slot(parent, &last);
            *slot = junk(dice);
            format!("retype {at} to {slot}")
        }
    }
}

fn slot<'v>(parent: &'v mut Value, last: &str) -> &'v mut Value {
    match parent {
        Value::Object(object) => object.get_mut(last).unwrap(),
        Value::Array(items) => &mut items[last.parse::<usize>().unwrap()],
        _ => unreachable!("only objects and arrays have something inside"),
    }
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
        let words = Words::of(&standard.schema, &samples);
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
