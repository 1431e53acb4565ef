//! The questions: what production asks the register VM of a mesh or an example, by the same programs, with its answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{OpaError, Question, Verification};
use crate::config::Config;
use crate::discover::FileSource;
use crate::evaluate::change::{self, RevisionSide, pair_entities};
use crate::evaluate::listed::Listed;
use crate::evaluate::map::{entity_inputs, judge_file};
use crate::evaluate::mapped::{Contents, Mapped};
use crate::evaluate::reduce::facts_of;
use crate::evaluate::setting::Setting;
use crate::lift::Contexts;
use crate::mesh::Mesh;
use crate::model::rule::{Day, Scope};
use crate::model::text::RelPath;
use crate::policy::engine::{Datum, EvaluationError, RegoError, Worker};
use crate::policy::examples::Example;
use crate::policy::options::resolve_options;
use crate::policy::pack::KindProgram;
use crate::policy::{Pack, PolicyRule};
use crate::workbench::examples::TODAY;
use crate::workbench::judge::{Bench, BenchError};

/// Why there is nothing to compare with. The user's.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The config does not fit the pack.
    #[error(transparent)]
    Config(#[from] BenchError),
    /// Another engine can't be asked.
    #[error(transparent)]
    Engine(#[from] OpaError),
    /// The other engine does not take a module.
    #[error("{0}")]
    Module(String),
    /// The register VM itself has no answer.
    #[error("{place}: the main engine has no result: {why}")]
    NotJudged {
        /// The input.
        place: String,
        /// Why.
        why: String,
    },
}

impl From<RegoError> for AskError {
    fn from(error: RegoError) -> Self {
        Self::Module(error.message)
    }
}

/// The answer of a rule about one entity.
fn path(rule: &PolicyRule) -> String {
    match rule.rule.scope {
        Scope::Mesh => format!("{}.facts", rule.path),
        _ => format!("{}.deny", rule.path),
    }
}

/// All paths that are asked for an entity of a kind, sorted.
pub(super) fn question_paths(pack: &Pack, kind: &str) -> Vec<String> {
    let program = pack.kind(kind);
    let rules = program.into_iter().flat_map(|program| &program.rules);
    let mut paths: Vec<String> = rules
        .filter_map(|index| pack.rules.get(*index))
        .map(path)
        .collect();
    paths.sort();
    paths
}

/// All rules that are on, on all files of a mesh; rules of scope `change` need two and are left out.
///
/// # Errors
/// See [`AskError`].
pub fn ask_mesh(
    bench: &Bench<'_>,
    source: &dyn FileSource,
    config: &Config,
    today: Day,
    verification: &mut Verification,
) -> Result<(), AskError> {
    let asking = Asking {
        bench: *bench,
        config,
        today,
        only: None,
        place: "",
    };
    asking.state(source, verification)
}

/// One rule, by its index in the pack, on an example of it.
///
/// # Errors
/// See [`AskError`].
pub fn ask_examples(
    bench: &Bench<'_>,
    rule: usize,
    example: &Example,
    verification: &mut Verification,
) -> Result<(), AskError> {
    let name = bench.pack.rules.get(rule);
    let name = name.map(|rule| format!("{} / {}", rule.rule.id, example.name));
    let config = example.config.as_ref();
    let config = config.and_then(|config| serde_yaml::to_string(config).ok());
    let config = config.and_then(|text| Config::parse(&text, "govcheck.yaml").ok());
    let asking = Asking {
        bench: *bench,
        config: &config.unwrap_or_default(),
        today: example.today.unwrap_or(TODAY),
        only: Some(rule),
        place: &name.unwrap_or_default(),
    };
    let head = crate::workbench::examples::memory_of(&example.files);
    match &example.base {
        None => asking.state(&head, verification),
        Some(base) => {
            let base = crate::workbench::examples::memory_of(base);
            asking.change(&base, &head, rule, verification)
        }
    }
}

struct Asking<'a> {
    bench: Bench<'a>,
    config: &'a Config,
    today: Day,
    /// A single rule.
    only: Option<usize>,
    /// What the files are part of; empty for a mesh.
    place: &'a str,
}

impl Asking<'_> {
    fn options(&self) -> Result<serde_json::Value, BenchError> {
        let given = resolve_options(&self.bench.pack.rules, &|rule| self.config.options(rule));
        given.map_err(BenchError::Options)
    }

    fn state(
        &self,
        source: &dyn FileSource,
        verification: &mut Verification,
    ) -> Result<(), AskError> {
        let (pack, bounds) = (self.bench.pack, self.bench.bounds);
        let place = |file: &RelPath| self.config.place(file);
        let setting = Setting::new(pack, &self.options()?, self.today, &place, bounds)
            .map_err(BenchError::Expression)?;
        let mut workers: BTreeMap<Arc<str>, Worker> = BTreeMap::new();
        let mut cards = Vec::new();
        for file in source.list().files {
            // Files that can't be read are not input of a rule.
            let Ok(bytes) = source.read(&file) else {
                continue;
            };
            let mut questions = Vec::new();
            for (key, input) in entity_inputs(&setting, &file, &bytes) {
                let Some(program) = pack.kind(&key.kind) else {
                    continue;
                };
                let worker = workers
                    .entry(Arc::clone(&key.kind))
                    .or_insert_with(|| program.judge().settled(&setting.data, bounds));
                let place = self.named(&format!("{key} in {file}"));
                let answers = self
                    .entity(program, worker, &input)
                    .map_err(|error| not_judged(&place, &error))?;
                questions.push(Question {
                    place,
                    input,
                    answers,
                });
            }
            verification.ask(&setting.data, questions)?;
            let outcome = judge_file(&setting, &Contexts::default(), &file, &bytes);
            cards.extend(outcome.cards);
        }
        self.reduce(&setting, &Mesh::new(cards), verification)
    }

    /// The answers of the rules of a kind about one entity, by path.
    fn entity(
        &self,
        program: &KindProgram,
        worker: &mut Worker,
        input: &Datum,
    ) -> Result<BTreeMap<String, Datum>, EvaluationError> {
        let pack = self.bench.pack;
        let mut answers = BTreeMap::new();
        for entry in &program.entry_points {
            let wanted = |index: &&usize| self.only.is_none_or(|only| only == **index);
            if !entry.rules.iter().any(|index| wanted(&index)) {
                continue;
            }
            let said = worker.evaluate(&entry.name, input)?;
            let parts = ["deny", "facts"].map(|part| said.get(part).unwrap_or(Datum::object()));
            for rule in entry.rules.iter().filter(wanted) {
                let Some(rule) = pack.rules.get(*rule) else {
                    continue;
                };
                let said = parts
                    .iter()
                    .find_map(|part| part.get(rule.rule.id.as_str()));
                answers.extend(said.map(|said| (path(rule), said)));
            }
        }
        Ok(answers)
    }

    fn reduce(
        &self,
        setting: &Setting<'_>,
        mesh: &Mesh,
        verification: &mut Verification,
    ) -> Result<(), AskError> {
        let pack = self.bench.pack;
        let document = mesh.document(&pack.schema);
        let data = setting.data.with([("mesh".into(), document)]);
        let mut questions = Vec::new();
        let asked = pack.mesh_rules();
        for (index, judge) in asked.filter(|(index, _)| self.only.is_none_or(|only| only == *index))
        {
            let Some(rule) = pack.rules.get(index) else {
                continue;
            };
            let (place, entry) = (self.named("the mesh"), format!("{}.deny", rule.path));
            let input = facts_of(setting, index, mesh);
            let mut worker = judge.worker(&data, self.bench.mesh_bounds);
            let said = worker.evaluate(&entry, &input);
            let said = said.map_err(|error| not_judged(&place, &error))?;
            let answers = BTreeMap::from([(entry, said)]);
            questions.push(Question {
                place,
                input,
                answers,
            });
        }
        Ok(verification.ask(&data, questions)?)
    }

    fn change(
        &self,
        base: &dyn FileSource,
        head: &dyn FileSource,
        rule: usize,
        verification: &mut Verification,
    ) -> Result<(), AskError> {
        let (pack, bounds) = (self.bench.pack, self.bench.bounds);
        let place = |file: &RelPath| self.config.place(file);
        let setting = Setting::new(pack, &self.options()?, self.today, &place, bounds)
            .map_err(BenchError::Expression)?;
        let [mut before, mut now] = [base, head].map(|source| {
            let listed = Listed::of(&setting, source);
            Mapped::of(&setting, listed, Contents::Unknown, &|_| {})
        });
        let meshes = [before.take_mesh(), now.take_mesh()];
        let [before_mesh, now_mesh] = &meshes;
        let [base, head] =
            [(&before, before_mesh), (&now, now_mesh)].map(|(mapped, mesh)| RevisionSide {
                source: mapped.source,
                contexts: &mapped.contexts,
                mesh,
            });
        let files = |mapped: &Mapped<'_>| mapped.outcomes.keys().cloned().collect();
        let pairs = pair_entities(base.mesh, head.mesh, &files(&before), &files(&now));
        let data = change::change_data(&setting, base.mesh, head.mesh);
        let advises = pack.rules.get(rule).is_some_and(|rule| rule.advises);
        let sets = ["deny", "advice"]
            .into_iter()
            .take(1 + usize::from(advises));
        let mut asked: Vec<(Worker, String)> = sets
            .filter_map(|set| pack.single(rule, set))
            .map(|(judge, entry)| (judge.worker(&data, bounds), entry))
            .collect();
        let mut questions = Vec::new();
        for seen in change::pair_inputs(&setting, &base, &head, &pairs) {
            let (place, input) = (self.named(&seen.key.to_string()), seen.input);
            let mut answers = BTreeMap::new();
            for (worker, entry) in &mut asked {
                let said = worker.evaluate(entry, &input);
                let said = said.map_err(|error| not_judged(&place, &error))?;
                answers.insert(entry.clone(), said);
            }
            questions.push(Question {
                place,
                input,
                answers,
            });
        }
        Ok(verification.ask(&data, questions)?)
    }

    fn named(&self, what: &str) -> String {
        match self.place {
            "" => what.to_owned(),
            place => format!("{place}: {what}"),
        }
    }
}

fn not_judged(place: &str, error: &EvaluationError) -> AskError {
    AskError::NotJudged {
        place: place.to_owned(),
        why: crate::evaluate::explain_error(error).1,
    }
}
