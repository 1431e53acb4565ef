//! The steps of the way of one contract of 10 KB, each by itself: parse, lift, input, evaluate, locate, report.
//! For comparing your own changes on the same machine; what users wait for is measured with the binary.
//!
//! ```text
//! cargo bench --bench micro
//! cargo bench --bench micro -- evaluate
//! ```
#![allow(
    clippy::unwrap_used,
    reason = "a bench on what is built in fails loudly or not at all"
)]

#[path = "generate/manifests.rs"]
#[allow(dead_code, reason = "the generator writes products too")]
mod manifests;
#[path = "generate/words.rs"]
#[allow(dead_code, reason = "the generator writes products too")]
mod words;

use std::sync::LazyLock;
use std::time::Duration;

use divan::{Bencher, black_box};
use govcheck::config::Config;
use govcheck::discover::Memory;
use govcheck::evaluate::map::{entity_inputs, judge_file};
use govcheck::evaluate::setting::Setting;
use govcheck::lift::{Contexts, lift_document, locate_path, recognise_document};
use govcheck::model::path::{ModelPath, Step};
use govcheck::model::report::Report;
use govcheck::model::rule::{Day, Scope};
use govcheck::model::text::RelPath;
use govcheck::parse::{Limits, parse};
use govcheck::policy::Pack;
use govcheck::policy::engine::{Bounds, Datum};
use govcheck::policy::options::resolve_options;
use govcheck::policy::source::PackSource;
use govcheck::report::{self, OutputFormat, ReportContext};
use govcheck::workbench::judge::Bench;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(10),
    memory: 1 << 30,
    instructions: 100_000_000,
};

static PACK: LazyLock<Pack> =
    LazyLock::new(|| Pack::load(vec![PackSource::builtin()], &|_| true).unwrap());

static CONTRACT: LazyLock<String> = LazyLock::new(|| contracts(1).remove(0));

fn main() {
    divan::main();
}

/// Contracts as the generator writes them, every one with a mistake.
fn contracts(count: usize) -> Vec<String> {
    let mut manifests = manifests::Manifests {
        random: words::Random(1),
        columns: 24,
        bad_per_million: 1_000_000,
        column_mistakes_per_million: 0,
        column_random: words::Random(2),
    };
    (0..count)
        .map(|number| manifests.contract(number).unwrap())
        .collect()
}

fn file() -> RelPath {
    RelPath::new("domains/sales/orders/contract.odcs.yaml")
}

fn today() -> Day {
    Day("2026-11-24".parse().unwrap())
}

fn setting() -> Setting<'static> {
    let config = Config::default();
    let given = resolve_options(&PACK.rules, &|rule| config.options(rule)).unwrap();
    Setting::new(
        &PACK,
        &given,
        today(),
        &|_| govcheck::model::entity::LayoutPlace { parts: Vec::new() },
        BOUNDS,
    )
    .unwrap()
}

#[divan::bench]
fn load_pack() -> Pack {
    Pack::load(vec![PackSource::builtin()], &|_| true).unwrap()
}

#[divan::bench]
fn parse_contract(bencher: Bencher<'_, '_>) {
    let bytes = CONTRACT.as_bytes();
    bencher.bench(|| parse(black_box(bytes), &Limits::default()));
}

#[divan::bench]
fn lift_contract(bencher: Bencher<'_, '_>) {
    let parsed = parse(CONTRACT.as_bytes(), &Limits::default());
    let document = &parsed.documents[0];
    let (file, contexts) = (file(), Contexts::default());
    bencher.bench(|| {
        let format = recognise_document(&PACK.formats, document, &parsed.text)[0];
        lift_document(format, &file, 0, document, &parsed.text, &contexts)
    });
}

/// Parse and lift are in it.
#[divan::bench]
fn input_contract(bencher: Bencher<'_, '_>) {
    let (setting, file) = (setting(), file());
    bencher.bench(|| entity_inputs(&setting, &file, black_box(CONTRACT.as_bytes())));
}

/// The rules that entities are asked, each by itself on one contract: `instructions` with the register VM.
#[divan::bench(args = rules())]
fn evaluate_rule(bencher: Bencher<'_, '_>, rule: &str) {
    let (setting, file) = (setting(), file());
    let input = entity_inputs(&setting, &file, CONTRACT.as_bytes());
    let (_, input) = input
        .iter()
        .find(|(key, _)| &*key.kind == "contract")
        .unwrap();
    let index = PACK.rule_index(rule).unwrap();
    let mesh = PACK.rules[index].rule.scope == Scope::Mesh;
    let (judge, entry) = PACK
        .single(index, if mesh { "facts" } else { "deny" })
        .unwrap();
    let given = resolve_options(&PACK.rules, &|_| serde_json::Map::new()).unwrap();
    let data = Datum::json(&serde_json::json!({"options": given, "run": {"today": "2026-11-24"}}));
    let mut worker = judge.settled(&data, BOUNDS);
    bencher.bench_local(|| worker.evaluate(&entry, black_box(input)).is_ok());
}

fn rules() -> Vec<&'static str> {
    let contract = PACK.kind("contract").unwrap();
    let rules = contract.rules.iter();
    rules
        .map(|rule| PACK.rules[*rule].rule.id.as_str())
        .collect()
}

/// All of the map step: parse, lift, input and places are in it.
#[divan::bench]
fn evaluate_contract(bencher: Bencher<'_, '_>) {
    let (setting, file, contexts) = (setting(), file(), Contexts::default());
    bencher.bench(|| judge_file(&setting, &contexts, &file, black_box(CONTRACT.as_bytes())));
}

#[divan::bench]
fn locate_columns(bencher: Bencher<'_, '_>) {
    let parsed = parse(CONTRACT.as_bytes(), &Limits::default());
    let document = &parsed.documents[0];
    let format = recognise_document(&PACK.formats, document, &parsed.text)[0];
    let entities = lift_document(
        format,
        &file(),
        0,
        document,
        &parsed.text,
        &Contexts::default(),
    );
    let path = |column| {
        let key = |name: &str| Step::Key(name.into());
        ModelPath(vec![
            key("columns"),
            Step::Index(column),
            key("description"),
        ])
    };
    let paths: Vec<ModelPath> = (0..24).map(path).collect();
    bencher.bench(|| {
        let places = paths
            .iter()
            .map(|path| locate_path(format, &entities[0], document, path));
        places.map(|place| place.span.start).sum::<u32>()
    });
}

#[divan::bench(args = ["human", "json", "sarif"])]
fn report_findings(bencher: Bencher<'_, '_>, format: &str) {
    let files = contracts(200)
        .into_iter()
        .enumerate()
        .map(|(number, text)| {
            let path = format!("domains/sales/p{number}/contract.odcs.yaml");
            (RelPath::new(path), text.into_bytes())
        });
    let bench = Bench {
        pack: &PACK,
        bounds: BOUNDS,
        mesh_bounds: BOUNDS,
    };
    let source = Memory::new(files);
    let report: Report = bench
        .judge(None, &source, &Config::default(), today())
        .unwrap();
    let format = *OutputFormat::all()
        .iter()
        .find(|it| it.name() == format)
        .unwrap();
    bencher.bench_local(|| {
        let mut out = Vec::new();
        report::write(&report, format, &ReportContext::default(), &mut out).unwrap();
        out
    });
}
