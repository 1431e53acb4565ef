//! The engine that judges, held against another: the register VM and the interpreter give every rule of the built-in
//! pack the same answer on all examples, on all fixtures, and on the corpus of real manifests where it is at hand.

use std::collections::BTreeMap;
use std::path::Path;

use govcheck::config::Config;
use govcheck::discover::{FileSource, Walk, WalkOptions};
use govcheck::evaluate::change::{self, Side, pairs};
use govcheck::evaluate::listed::Listed;
use govcheck::evaluate::map::{Setting, inputs, judge_file};
use govcheck::evaluate::reduce::facts_of;
use govcheck::evaluate::whole::{Contents, Mapped};
use govcheck::lift::Contexts;
use govcheck::mesh::Mesh;
use govcheck::model::rule::{Day, Scope};
use govcheck::model::text::RelPath;
use govcheck::policy::engine::{Datum, Interpreter, Module, Worker};
use govcheck::policy::examples::examples;
use govcheck::policy::options::options;
use govcheck::policy::pack::KindProgram;
use govcheck::policy::{Pack, PolicyRule};

use crate::mesh::{BOUNDS, TODAY, builtin, memory};

/// Where the two differ on the built-in pack and are meant to: rule, and why. The interpreter is wrong in each.
const KNOWN_DIFFERENCES: [(&str, &str); 0] = [];

/// What a rule says of one entity: `data.….deny`, or the facts of a mesh rule.
fn collects(rule: &PolicyRule) -> String {
    match rule.rule.scope {
        Scope::Mesh => format!("{}.facts", rule.path),
        _ => format!("{}.deny", rule.path),
    }
}

/// A module that asks all rules of a kind at once.
fn all_at_once(pack: &Pack, kind: &str, program: &KindProgram) -> Module {
    let rules = program.rules.iter().map(|index| &pack.rules[*index]);
    let fields: Vec<String> = rules
        .map(|rule| format!("\"{}\": {}", rule.rule.id, collects(rule)))
        .collect();
    Module {
        name: format!("asked/{kind}.rego"),
        text: format!("package asked.{kind}\nall := {{{}}}\n", fields.join(",\n")),
    }
}

/// Compares, and keeps the smallest input of each rule that the engines differ on.
struct Comparison<'p> {
    pack: &'p Pack,
    interpreter: Interpreter,
    differences: BTreeMap<String, (usize, String)>,
    compared: usize,
}

impl<'p> Comparison<'p> {
    fn new(pack: &'p Pack) -> Self {
        let kinds = pack.schema.kinds.keys();
        let asked = kinds.filter_map(|kind| Some(all_at_once(pack, kind, pack.kind(kind)?)));
        let modules: Vec<Module> = pack.modules.iter().cloned().chain(asked).collect();
        Self {
            interpreter: Interpreter::new(&modules).unwrap(),
            pack,
            differences: BTreeMap::new(),
            compared: 0,
        }
    }

    /// All rules, or one by its index in the pack, on all files of a mesh.
    fn mesh(&mut self, name: &str, source: &dyn FileSource, only: Option<usize>) {
        let pack = self.pack;
        let config = Config::default();
        let given = options(&pack.rules, &|rule| config.options(rule)).unwrap();
        let data = Datum::json(&serde_json::json!({"options": given, "run": {"today": TODAY}}));
        let place = |file: &RelPath| config.place(file);
        let today = Day(TODAY.parse().unwrap());
        let setting = Setting::new(pack, &given, today, &place, BOUNDS).unwrap();
        self.interpreter.set_data(&data).unwrap();
        let mut workers: BTreeMap<_, Worker> = BTreeMap::new();
        let mut cards = Vec::new();
        for file in source.list().files {
            let Ok(bytes) = source.read(&file) else {
                continue;
            };
            for (key, input) in inputs(&setting, &file, &bytes) {
                let program = pack.kind(&key.kind).unwrap();
                let worker = workers
                    .entry(key.kind.clone())
                    .or_insert_with(|| program.judge.worker(&data, BOUNDS));
                let mut answers = BTreeMap::new();
                for entry_point in &program.entry_points {
                    let answer = worker.evaluate(&entry_point.name, &input).unwrap();
                    for part in ["deny", "facts"] {
                        answers.extend(answer.get(part).unwrap().entries());
                    }
                }
                // One question for all rules is much cheaper; where the answers differ, one for each says which.
                let all = format!("data.asked.{}.all", key.kind);
                let said = Datum::fields(answers.clone());
                if only.is_none()
                    && self
                        .interpreter
                        .evaluate(&all, &input)
                        .is_ok_and(|other| other == said)
                {
                    self.compared += program.rules.len();
                    continue;
                }
                let asked = program.rules.iter();
                for index in asked.filter(|index| only.is_none_or(|only| only == **index)) {
                    let rule = &pack.rules[*index];
                    let said = &answers[rule.rule.id.as_str()];
                    self.compare(&format!("{name}/{file}"), &collects(rule), said, &input);
                }
            }
            if only.is_some_and(|only| pack.rules[only].rule.scope != Scope::Mesh) {
                continue;
            }
            let outcome = judge_file(&setting, &Contexts::default(), &file, &bytes);
            cards.extend(outcome.cards);
        }
        let mesh = Mesh::new(cards);
        let data = data.with([("mesh".into(), mesh.document(&pack.schema))]);
        self.interpreter.set_data(&data).unwrap();
        let asked = pack.mesh_rules();
        for (index, judge) in asked.filter(|(index, _)| only.is_none_or(|only| only == *index)) {
            let entry = format!("{}.deny", pack.rules[index].path);
            let input = facts_of(index, &mesh);
            let said = judge
                .worker(&data, BOUNDS)
                .evaluate(&entry, &input)
                .unwrap();
            self.compare(name, &entry, &said, &input);
        }
    }

    /// One rule of scope `change`, on a base and what became of it.
    fn change(&mut self, name: &str, base: &dyn FileSource, head: &dyn FileSource, rule: usize) {
        let pack = self.pack;
        let config = Config::default();
        let given = options(&pack.rules, &|rule| config.options(rule)).unwrap();
        let place = |file: &RelPath| config.place(file);
        let today = Day(TODAY.parse().unwrap());
        let setting = Setting::new(pack, &given, today, &place, BOUNDS).unwrap();
        let [mut before, mut now] = [base, head].map(|source| {
            let listed = Listed::of(&setting, source);
            Mapped::of(&setting, listed, Contents::Unknown, &|_| {})
        });
        let meshes = [before.take_mesh(), now.take_mesh()];
        let [base, head] = [(&before, &meshes[0]), (&now, &meshes[1])].map(|(mapped, mesh)| Side {
            source: mapped.source,
            contexts: &mapped.contexts,
            mesh,
        });
        let files = |mapped: &Mapped<'_>| mapped.outcomes.keys().cloned().collect();
        let pairs = pairs(base.mesh, head.mesh, &files(&before), &files(&now));
        let data = change::data(&setting, base.mesh, head.mesh);
        self.interpreter.set_data(&data).unwrap();
        let sets = ["deny", "advice"].into_iter();
        let asked = sets.take(1 + usize::from(pack.rules[rule].advises));
        let mut asked: Vec<(Worker, String)> = asked
            .map(|set| pack.single(rule, set).unwrap())
            .map(|(judge, entry)| (judge.worker(&data, BOUNDS), entry))
            .collect();
        for (_, input) in change::inputs(&setting, &base, &head, &pairs) {
            for (worker, entry) in &mut asked {
                let said = worker.evaluate(entry, &input).unwrap();
                self.compare(name, entry, &said, &input);
            }
        }
    }

    fn compare(&mut self, place: &str, entry: &str, said: &Datum, input: &Datum) {
        self.compared += 1;
        let other = self.interpreter.evaluate(entry, input);
        if other.as_ref().is_ok_and(|other| other == said) {
            return;
        }
        let input = input.to_json().to_string();
        let shown = match other {
            Ok(other) => other.to_json().to_string(),
            Err(error) => error.message,
        };
        let text = format!(
            "{entry} in {place}\n  VM          {}\n  interpreter {shown}\n  input       {input}",
            said.to_json()
        );
        let smallest = self
            .differences
            .entry(entry.to_owned())
            .or_insert((usize::MAX, String::new()));
        if input.len() < smallest.0 {
            *smallest = (input.len(), text);
        }
    }

    fn end(self) {
        let unknown: Vec<&str> = self
            .differences
            .iter()
            .filter(|(entry, _)| KNOWN_DIFFERENCES.iter().all(|(known, _)| known != entry))
            .map(|(_, (_, text))| text.as_str())
            .collect();
        assert!(unknown.is_empty(), "\n{}", unknown.join("\n"));
        assert!(
            self.compared > 100,
            "only {} answers compared",
            self.compared
        );
    }
}

#[test]
fn both_engines_say_the_same_of_all_examples() {
    let pack = builtin();
    let mut comparison = Comparison::new(&pack);
    for (index, rule) in pack.rules.iter().map(|rule| &rule.rule).enumerate() {
        for example in examples(&pack, rule).unwrap() {
            let files = |of: &BTreeMap<String, String>| {
                memory(of.iter().map(|(path, text)| (path.as_str(), text.as_str())))
            };
            let name = format!("{} / {}", rule.id, example.name);
            let head = files(&example.files);
            match &example.base {
                Some(base) => comparison.change(&name, &files(base), &head, index),
                None => comparison.mesh(&name, &head, Some(index)),
            }
        }
    }
    comparison.end();
}

fn folder(comparison: &mut Comparison<'_>, folder: &Path) {
    let name = folder.file_name().unwrap().to_string_lossy();
    let walk = Walk::new(folder, &WalkOptions::default()).unwrap();
    comparison.mesh(&name, &walk, None);
}

#[test]
fn both_engines_say_the_same_of_all_fixtures() {
    let pack = builtin();
    let mut comparison = Comparison::new(&pack);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for name in ["retail", "retail-clean", "cases"] {
        folder(&mut comparison, &fixtures.join(name));
    }
    comparison.end();
}

#[test]
fn both_engines_say_the_same_of_the_corpus() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus"));
    if !corpus.is_dir() {
        println!("skipped: no corpus of manifests beside the repository");
        return;
    }
    let pack = builtin();
    let mut comparison = Comparison::new(&pack);
    folder(&mut comparison, corpus);
    comparison.end();
}
