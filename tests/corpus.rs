//! Public manifests, in `../shared/corpus` beside the project: every file judged or named as unreadable, recognised as
//! what the index says, and every finding at the text that it speaks of. Skips itself, saying so, where they are absent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use govcheck::config::Config;
use govcheck::discover::Memory;
use govcheck::model::finding::Finding;
use govcheck::model::report::Report;
use govcheck::model::text::RelPath;
use govcheck::policy::Pack;

use crate::mesh::{TODAY, builtin, covered, judge, write_place};

/// A line of `index.csv`.
struct Manifest {
    standard: String,
    /// Folder of its repository: `owner__repo`.
    repository: String,
    path: String,
    bytes: Vec<u8>,
}

fn corpus() -> Option<Vec<Manifest>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(index) = fs::read_to_string(folder.join("index.csv")) else {
        println!("skipped: no corpus at {}", folder.display());
        return None;
    };
    let manifests = index.lines().skip(1).map(|line| {
        let mut cells = line.split(',').map(ToOwned::to_owned);
        let mut cell = || cells.next().unwrap();
        let (standard, repository, path) = (cell(), cell().replace('/', "__"), cell());
        let file: PathBuf = folder.join(&standard).join(&repository).join(&path);
        Manifest {
            bytes: fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())),
            standard,
            repository,
            path,
        }
    });
    Some(manifests.collect())
}

/// The format that reads a standard of the index. `None` if there is no such format.
fn format_of(standard: &str) -> Option<&'static str> {
    match standard {
        "odcs-v3" => Some("odcs"),
        "odps-bitol" => Some("odps"),
        "odps-lf" => Some("odps-lf"),
        "datacontract-spec" => Some("dcs"),
        "dbt-properties" => Some("dbt"),
        "backstage" => Some("backstage"),
        "dpds" => Some("dpds"),
        "entropy-dps" => Some("entropy"),
        _ => None,
    }
}

/// Files that are not what the index says, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    // A house format with `entity:` and `fields:`; its `metrics` have an `agg` and a `field`, and no `type` of dbt's.
    ("packages/engine/contracts/bdm/position.yaml", HOUSE),
    ("packages/engine/contracts/bdm/trade.yaml", HOUSE),
    // What that project generates from it.
    ("packages/engine/generated/catalog/position.json", HOUSE),
    ("packages/engine/generated/catalog/trade.json", HOUSE),
];

const HOUSE: &str = "brettontaylor__data-mesh-reference";

/// Files of a format that declare nothing to judge: macros, saved queries, catalog entities that are not data.
const NOTHING_DECLARED: &[&str] = &[
    "examples/ai-resources.yaml",
    "dbt_project/macros/_macros.yml",
    "dbt_project/macros/_tests.yml",
    "models/sample_model/countries.yml",
    "models/sample_model/customers.yml",
    "models/sample_model/saved_queries.yml",
];

fn mesh(files: &[&Manifest]) -> Memory {
    Memory::new(
        files
            .iter()
            .map(|m| (RelPath::new(m.path.as_str()), m.bytes.clone())),
    )
}

fn judged(pack: &Pack, files: &[&Manifest]) -> Report {
    judge(&mesh(files), pack, &Config::default(), TODAY)
}

/// Formats that a file's entities, the document itself included, were lifted by.
fn formats(pack: &Pack, manifest: &Manifest) -> BTreeSet<String> {
    let parsed = govcheck::parse::parse(&manifest.bytes, &govcheck::parse::Limits::default());
    parsed
        .documents
        .iter()
        .flat_map(|document| {
            govcheck::lift::recognise_document(&pack.formats, document, &parsed.text)
        })
        .map(|format| format.name.to_string())
        .collect()
}

#[test]
fn files_are_recognised_as_what_they_are() {
    let Some(manifests) = corpus() else { return };
    let pack = builtin();
    let mut wrong = Vec::new();
    let mut right = 0;
    for manifest in &manifests {
        let got = formats(&pack, manifest);
        let wanted: BTreeSet<String> = format_of(&manifest.standard)
            .into_iter()
            .map(ToOwned::to_owned)
            .collect();
        if got == wanted {
            right += 1;
        } else if !EXCEPTIONS
            .iter()
            .any(|(path, repository)| manifest.path == *path && manifest.repository == *repository)
        {
            wrong.push(format!(
                "{} {}/{}: {got:?}",
                manifest.standard, manifest.repository, manifest.path
            ));
        }
    }
    println!("{right} of {} recognised as indexed", manifests.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Findings and entities of many meshes.
#[derive(Default)]
struct Table {
    files: usize,
    passed_over: usize,
    entities: BTreeMap<String, usize>,
    /// By rule, then by format.
    findings: BTreeMap<String, BTreeMap<String, usize>>,
    wrong: Vec<String>,
}

impl Table {
    fn add(&mut self, name: &str, formats: &BTreeMap<String, String>, report: &Report) {
        self.files += report.counts.files;
        self.passed_over += report.counts.passed_over;
        for (kind, count) in &report.counts.entities {
            *self.entities.entry(kind.to_string()).or_default() += count;
        }
        for finding in &report.findings {
            let file = finding.location.as_ref().map(|at| at.file.to_string());
            let format = file.and_then(|file| formats.get(&file)).cloned();
            *self
                .findings
                .entry(finding.rule.to_string())
                .or_default()
                .entry(format.unwrap_or_default())
                .or_default() += 1;
            if let Some(why) = misplaced(report, finding) {
                let at = finding
                    .location
                    .as_ref()
                    .map_or_else(String::new, write_place);
                let text = covered(report, finding);
                self.wrong.push(format!(
                    "{name}: {at}: {} \"{}\" {why}: {text:?}",
                    finding.rule, finding.message
                ));
            }
        }
    }

    fn print(&self, title: &str) {
        let formats: BTreeSet<&String> = self.findings.values().flat_map(BTreeMap::keys).collect();
        println!(
            "\n{title}: {} files judged, {} passed over; {:?}",
            self.files, self.passed_over, self.entities
        );
        print!("{:44}", "");
        formats.iter().for_each(|format| print!("{format:>10}"));
        println!("{:>10}", "all");
        for (rule, counts) in &self.findings {
            print!("{rule:44}");
            for format in &formats {
                print!("{:>10}", counts.get(*format).copied().unwrap_or_default());
            }
            println!("{:>10}", counts.values().sum::<usize>());
        }
    }
}

/// Why a finding is not at the text that it speaks of. Its text or line names one of the things that the message
/// names; or, where something is missing or is a text as a whole, it is a key of the manifest, or the value of the key that the route ends with.
fn misplaced(report: &Report, finding: &Finding) -> Option<&'static str> {
    let Some(location) = &finding.location else {
        return Some("has no place");
    };
    let Some(source) = report.sources.get(&location.file) else {
        return Some("has no text");
    };
    let text = source.slice(location.span);
    if text.trim().is_empty() {
        return Some("covers nothing");
    }
    let lines: String = (location.start.line..=location.end.line)
        .filter_map(|line| source.line_span(line))
        .map(|span| source.slice(span))
        .collect();
    if !lines.contains(text) {
        return Some("is not on its lines");
    }
    let bare = text.trim_matches(['"', '\'']);
    let names: Vec<&str> = finding.message.split('`').skip(1).step_by(2).collect();
    // Messages show the name of an entity in place of its UUID.
    let entity = finding.entity.as_ref().filter(|key| *key.id == *bare);
    let is_its_name = |name: &str| entity.is_some_and(|key| report.names.name(key) == name);
    let spoken_of = |name: &&str| {
        let last = name.rsplit(['.', '/', ':']).next().unwrap_or(name);
        lines.contains(*name) || lines.contains(last) || name.contains(bare) || is_its_name(name)
    };
    if names.is_empty() || names.iter().any(spoken_of) {
        return None;
    }
    let (before, after) = lines.split_once(text).unwrap_or_default();
    let is_key = after.starts_with(':') && before.trim_matches(['-', ' ', '\t']).is_empty();
    let field = finding.route.rsplit(['.', ']']).next().unwrap_or_default();
    let is_value = before.contains(field) || before.contains("purpose");
    (!is_key && !is_value).then_some("is not at what it speaks of")
}

fn formats_by_file(pack: &Pack, files: &[&Manifest]) -> BTreeMap<String, String> {
    let named = |m: &&Manifest| {
        (
            m.path.clone(),
            formats(pack, m).into_iter().collect::<Vec<_>>().join("+"),
        )
    };
    files.iter().map(named).collect()
}

#[test]
fn every_file_is_judged_or_named_and_findings_are_at_their_places() {
    let Some(manifests) = corpus() else { return };
    let pack = builtin();
    let mut alone = Table::default();
    for manifest in &manifests {
        let report = judged(&pack, &[manifest]);
        let unreadable = report.findings.iter().any(|finding| finding.incomplete);
        let judged = report.counts.files == 1 && report.counts.entities.values().sum::<usize>() > 0;
        let name = format!("{}/{}", manifest.repository, manifest.path);
        let known = format_of(&manifest.standard).is_none()
            || EXCEPTIONS.iter().any(|(path, _)| *path == manifest.path)
            || NOTHING_DECLARED.iter().any(|path| *path == manifest.path);
        if !(judged || unreadable || known) {
            alone
                .wrong
                .push(format!("{name} is neither judged nor named"));
        }
        alone.add(&name, &formats_by_file(&pack, &[manifest]), &report);
    }
    let mut together = Table::default();
    let mut repositories: BTreeMap<&str, Vec<&Manifest>> = BTreeMap::new();
    for manifest in &manifests {
        repositories
            .entry(&manifest.repository)
            .or_default()
            .push(manifest);
    }
    for (name, files) in repositories {
        let report = judged(&pack, &files);
        together.add(name, &formats_by_file(&pack, &files), &report);
    }
    alone.print("Each file alone");
    together.print("Each repository");
    let wrong: Vec<String> = alone.wrong.into_iter().chain(together.wrong).collect();
    assert!(
        wrong.is_empty(),
        "\n{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
