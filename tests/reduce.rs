//! The reduce step: what a base takes over from the head is what it would have found by itself, and no mesh rule of the pack
//! costs more than its facts grow.

use std::collections::BTreeMap;
use std::path::Path;

use govcheck::config::Config;
use govcheck::discover::{FileSource, Memory, Walk, WalkOptions};
use govcheck::evaluate::map::judge_file;
use govcheck::evaluate::reduce::facts_of;
use govcheck::evaluate::setting::Setting;
use govcheck::lift::Contexts;
use govcheck::mesh::Mesh;
use govcheck::model::comparison::Comparison;
use govcheck::model::entity::LayoutPlace;
use govcheck::model::finding::{Against, Finding};
use govcheck::model::report::Report;
use govcheck::model::rule::Day;
use govcheck::model::text::RelPath;
use govcheck::policy::Pack;
use govcheck::policy::engine::{Bounds, Datum, Judge};
use govcheck::policy::options::resolve_options;

use crate::mesh::{BOUNDS, TODAY, builtin, judge, judge_change};

type Files = BTreeMap<RelPath, Vec<u8>>;

fn retail() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/retail");
    let walk = Walk::new(&folder, &WalkOptions::default()).unwrap();
    let files = walk.list().files.into_iter();
    files
        .map(|file| (file.clone(), walk.read(&file).unwrap()))
        .collect()
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Words that rules of all kinds look at, and what takes their place.
const WORDS: [(&str, &str); 7] = [
    ("team: ", "team: x"),
    ("status: active", "status: deprecated"),
    ("classification: ", "classification: x"),
    ("contractId: ", "contractId: x"),
    ("id: ", "id: x"),
    ("version: 1", "version: 2"),
    ("domain: ", "domain: x"),
];

fn edit(files: &mut Files, numbers: &mut Numbers) {
    let at = numbers.below(files.len());
    let (file, bytes) = files.iter().nth(at).unwrap();
    let (file, text) = (file.clone(), String::from_utf8(bytes.clone()).unwrap());
    match numbers.below(8) {
        0 => drop(files.remove(&file)),
        1 => {
            let copy = RelPath::new(format!("copies/{}/{file}", numbers.below(1000)));
            files.insert(copy, text.into_bytes());
        }
        _ => {
            let (word, other) = WORDS[numbers.below(WORDS.len())];
            files.insert(file, text.replacen(word, other, 1).into_bytes());
        }
    }
}

/// A finding without fingerprint and file: beside a head, the identity of a moved or doubled declaration depends on its
/// place there.
fn shown(finding: &Finding) -> String {
    format!("{} {} {}", finding.rule, finding.route, finding.message)
}

/// Rule, place and message of what a mesh has, sorted.
fn found(report: &Report) -> Vec<String> {
    let findings = report.findings.iter();
    let mut found: Vec<String> = findings.map(shown).collect();
    found.sort();
    found
}

/// What the base of a comparison had: what is there still, what is fixed, and what is gone with its entity.
fn had(report: &Report, comparison: &Comparison) -> Vec<String> {
    let still = report.findings.iter();
    let still = still.filter(|finding| finding.against == Some(Against::Unchanged));
    let mut had: Vec<String> = still
        .chain(&comparison.fixed)
        .chain(comparison.removed.iter().flat_map(|it| &it.findings))
        .map(shown)
        .collect();
    had.sort();
    had
}

#[test]
fn a_base_has_the_same_findings_with_and_without_a_head() {
    let (pack, config, mut numbers) = (builtin(), Config::default(), Numbers(7));
    let mut files = retail();
    for round in 0..6 {
        let before = files.clone();
        for _ in 0..=numbers.below(3) {
            edit(&mut files, &mut numbers);
        }
        let (base, head) = (Memory::new(before), Memory::new(files.clone()));
        let alone = judge(&base, &pack, &config, TODAY);
        let beside = judge_change(Some(&base), &head, &pack, &config, TODAY);
        let comparison = beside.comparison.as_ref().unwrap();
        assert_eq!(had(&beside, comparison), found(&alone), "round {round}");
        for fixed in &comparison.fixed {
            let same = alone.findings.iter().find(|one| shown(one) == shown(fixed));
            let same = same.unwrap();
            assert_eq!(
                (&fixed.message, &fixed.location, &fixed.related),
                (&same.message, &same.location, &same.related),
                "round {round}"
            );
        }
    }
}

/// The mesh so many times over, each with ids of its own, with one set of registers.
fn times(count: usize) -> Files {
    let mut files = Files::new();
    for (file, bytes) in retail() {
        let text = String::from_utf8(bytes).unwrap();
        if !file.as_str().starts_with("domains/") || !file.as_str().ends_with("yaml") {
            files.insert(file, text.into_bytes());
            continue;
        }
        for copy in 0..count {
            let own = |text: &str, key: &str| text.replace(key, &format!("{key}k{copy}-"));
            let text = own(&own(&text, "\nid: "), "contractId: ");
            files.insert(RelPath::new(format!("k{copy}/{file}")), text.into_bytes());
        }
    }
    files
}

/// The least bound on instructions that a question gets by with: what it costs, on any machine.
fn instructions(judge: &Judge, entry: &str, data: &Datum, input: &Datum) -> usize {
    let answers = |instructions| {
        let bounds = Bounds {
            instructions,
            ..BOUNDS
        };
        judge.worker(data, bounds).evaluate(entry, input).is_ok()
    };
    let (mut less, mut enough) = (0, 1024);
    while !answers(enough) {
        (less, enough) = (enough, enough * 2);
    }
    // A hundredth is as near as it need be.
    while enough - less > enough / 100 + 1 {
        let middle = less.midpoint(enough);
        if answers(middle) {
            enough = middle;
        } else {
            less = middle;
        }
    }
    enough
}

fn mesh_of(setting: &Setting<'_>, files: &Files) -> Mesh {
    let outcomes = files.iter();
    let outcomes =
        outcomes.map(|(file, bytes)| judge_file(setting, &Contexts::default(), file, bytes));
    Mesh::new(outcomes.flat_map(|outcome| outcome.cards).collect())
}

/// What each mesh rule of the pack costs.
fn costs(pack: &Pack, files: &Files) -> BTreeMap<String, (usize, usize)> {
    let given = resolve_options(&pack.rules, &|_| serde_json::Map::new()).unwrap();
    let today = Day(TODAY.parse().unwrap());
    let setting = Setting::new(pack, &given, today, &|_| LayoutPlace::default(), BOUNDS).unwrap();
    let mesh = mesh_of(&setting, files);
    let data = Datum::json(&serde_json::json!({"options": given, "run": {"today": TODAY}}));
    let data = data.with([("mesh".into(), mesh.document(&pack.schema))]);
    let rules = pack.mesh_rules().map(|(rule, judge)| {
        let entry = format!("{}.deny", pack.rules[rule].path);
        let cost = instructions(&judge, &entry, &data, &facts_of(&setting, rule, &mesh));
        let facts = mesh.facts_of(rule).len();
        (pack.rules[rule].rule.id.to_string(), (facts, cost))
    });
    rules.collect()
}

/// Elements of what a rule says, sorted.
fn elements(said: &Datum) -> Vec<String> {
    let items = said.items().unwrap().into_iter();
    let mut all: Vec<String> = items.map(|item| item.to_json().to_string()).collect();
    all.sort();
    all
}

#[test]
fn a_rule_says_of_facts_that_belong_together_what_it_says_of_all() {
    let (pack, mut numbers) = (builtin(), Numbers(11));
    let given = resolve_options(&pack.rules, &|_| serde_json::Map::new()).unwrap();
    let today = Day(TODAY.parse().unwrap());
    let setting = Setting::new(&pack, &given, today, &|_| LayoutPlace::default(), BOUNDS).unwrap();
    let mut said_by: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 0..4 {
        let mut files = times(2);
        for _ in 0..20 {
            edit(&mut files, &mut numbers);
        }
        let mesh = mesh_of(&setting, &files);
        let data = Datum::json(&serde_json::json!({"options": given, "run": {"today": TODAY}}));
        let data = data.with([("mesh".into(), mesh.document(&pack.schema))]);
        for (rule, judge) in pack.mesh_rules() {
            let says = &pack.rules[rule];
            let Some(together) = &says.rule.together else {
                continue;
            };
            let (entry, facts) = (format!("{}.deny", says.path), mesh.facts_of(rule));
            let ask = |numbers: Vec<u32>| {
                let numbers = numbers.into_iter().map(|number| number as usize);
                let input = facts.input(numbers);
                elements(
                    &judge
                        .worker(&data, BOUNDS)
                        .evaluate(&entry, &input)
                        .unwrap(),
                )
            };
            let whole = ask((0..u32::try_from(facts.len()).unwrap()).collect());
            let groups = facts.together(together);
            let mut apart: Vec<String> = groups.into_iter().flat_map(ask).collect();
            apart.sort();
            assert_eq!(apart, whole, "{} in round {round}", says.rule.id);
            *said_by.entry(says.rule.id.as_str()).or_default() += whole.len();
        }
    }
    let silent: Vec<_> = said_by.iter().filter(|(_, count)| **count == 0).collect();
    let expected = ["security/classification-drops-downstream"];
    assert!(
        silent.iter().all(|(id, _)| expected.contains(id)),
        "{silent:?}"
    );
    assert_eq!(said_by.len(), 5);
}

#[test]
fn no_mesh_rule_costs_more_than_its_facts_grow() {
    let pack = builtin();
    let (few, many) = (costs(&pack, &times(3)), costs(&pack, &times(12)));
    let mut wrong = Vec::new();
    for (rule, (facts, cost)) in &few {
        let (more_facts, more) = many[rule];
        // What does not grow with the facts is a few thousand instructions at most.
        if more * 10 > cost * 46 + 20_000 {
            wrong.push(format!(
                "{rule}: {cost} for {facts} facts, {more} for {more_facts}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}\n{few:?}\n{many:?}", wrong.join("\n"));
}
