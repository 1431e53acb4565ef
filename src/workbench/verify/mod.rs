//! One answer: what the register VM says of a pack's rules, held against other engines on examples and on meshes. It judges
//! nothing; the VM's answers are those of production, by the same programs.

mod ask;
mod interpreter;
mod opa;
mod report;

pub use ask::{AskError, examples, mesh};
pub use interpreter::Other as Interpreter;
pub use opa::{Opa, OpaError};
pub use report::{human, json};

use std::collections::BTreeMap;

use crate::policy::engine::Datum;

/// One input, and what the register VM says of it.
#[derive(Debug, Clone)]
pub struct Question {
    /// Where the input comes from: a rule and its example, or a file.
    pub place: String,
    /// What the rules see under `input`.
    pub input: Datum,
    /// Answers by the path of what was asked: `data.govcheck.kpi.bad_name.deny`.
    pub answers: BTreeMap<String, Datum>,
}

/// Questions on one `data`.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What the rules see under `data`.
    pub data: Datum,
    /// The questions.
    pub questions: Vec<Question>,
}

/// What another engine says to one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// What the register VM says.
    Same,
    /// Something else, as JSON; or why it says nothing.
    Other(String),
}

/// An engine that is asked the same.
pub trait Engine {
    /// Its name, with its version where it has one.
    fn name(&self) -> String;

    /// What it says to each question, by path, in their order.
    ///
    /// # Errors
    /// It can't be asked at all.
    fn replies(&mut self, asked: &[Asked]) -> Result<Vec<BTreeMap<String, Reply>>, OpaError>;
}

/// A path to which engines say different things, with the smallest input that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// How many inputs show it.
    pub cases: usize,
    /// Where the smallest one comes from.
    pub place: String,
    /// It, as JSON.
    pub input: String,
    /// What the register VM says, as JSON.
    pub vm: String,
    /// What the other says.
    pub other: String,
}

/// What one engine came to.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Answers that were compared.
    pub compared: usize,
    /// Differences by path.
    pub differences: BTreeMap<String, Difference>,
}

impl Verdict {
    /// How many answers were the same.
    pub fn same(&self) -> usize {
        let cases = self.differences.values().map(|difference| difference.cases);
        self.compared.saturating_sub(cases.sum())
    }
}

/// What each engine came to, by its name, in the order they were added.
pub type Verdicts = [(String, Verdict)];

/// Questions that are kept before engines are asked: few runs of another program, and bounded memory on a large mesh.
const TOGETHER: usize = 1000;

/// Engines that are held against the register VM, and what they came to.
#[derive(Default)]
pub struct Verification {
    engines: Vec<(Box<dyn Engine>, Verdict)>,
    waiting: Vec<Asked>,
}

impl Verification {
    /// Adds an engine.
    pub fn add(&mut self, engine: Box<dyn Engine>) {
        self.engines.push((engine, Verdict::default()));
    }

    /// Asks every engine, sooner or later. A question that asks for nothing is dropped.
    ///
    /// # Errors
    /// One can't be asked at all.
    pub fn ask(&mut self, data: &Datum, mut questions: Vec<Question>) -> Result<(), OpaError> {
        questions.retain(|question| !question.answers.is_empty());
        match self.waiting.last_mut() {
            Some(last) if last.data == *data => last.questions.append(&mut questions),
            _ => self.waiting.push(Asked {
                data: data.clone(),
                questions,
            }),
        }
        let waiting = self.waiting.iter().map(|asked| asked.questions.len());
        match waiting.sum::<usize>() {
            TOGETHER.. => self.ask_all(),
            _ => Ok(()),
        }
    }

    fn ask_all(&mut self) -> Result<(), OpaError> {
        let asked = std::mem::take(&mut self.waiting);
        for (engine, verdict) in &mut self.engines {
            let replies = engine.replies(&asked)?;
            let questions = asked.iter().flat_map(|asked| &asked.questions);
            for (question, replies) in questions.zip(replies) {
                verdict.compared += question.answers.len();
                for (path, reply) in replies {
                    if let Reply::Other(other) = reply {
                        differ(verdict, question, path, other);
                    }
                }
            }
        }
        Ok(())
    }

    /// What each engine came to, once all is asked.
    ///
    /// # Errors
    /// One can't be asked at all.
    pub fn verdicts(mut self) -> Result<Vec<(String, Verdict)>, OpaError> {
        self.ask_all()?;
        let engines = self.engines.into_iter();
        Ok(engines
            .map(|(engine, verdict)| (engine.name(), verdict))
            .collect())
    }
}

fn differ(verdict: &mut Verdict, question: &Question, path: String, other: String) {
    let said = question.answers.get(&path);
    let found = Difference {
        cases: 1,
        place: question.place.clone(),
        input: question.input.to_json().to_string(),
        vm: said
            .map(|said| said.to_json().to_string())
            .unwrap_or_default(),
        other,
    };
    match verdict.differences.get_mut(&path) {
        None => drop(verdict.differences.insert(path, found)),
        Some(known) if found.input.len() < known.input.len() => {
            let cases = known.cases + 1;
            *known = Difference { cases, ..found };
        }
        Some(known) => known.cases += 1,
    }
}
