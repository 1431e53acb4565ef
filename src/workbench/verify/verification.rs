//! Engines that are compared with the register VM, and the results.

use super::opa::OpaError;
use super::question::{Engine, Question, QuestionSet, Reply, TOGETHER};
use super::verdict::{EngineDifference, EngineVerdict};
use crate::policy::engine::Datum;

/// Engines that are compared with the register VM, and the results.
#[derive(Default)]
pub struct Verification {
    pub(super) engines: Vec<(Box<dyn Engine>, EngineVerdict)>,
    waiting: Vec<QuestionSet>,
}

impl Verification {
    /// Adds an engine.
    pub fn add(&mut self, engine: Box<dyn Engine>) {
        self.engines.push((engine, EngineVerdict::default()));
    }

    /// Asks every engine, sooner or later. A question that asks for nothing is dropped.
    ///
    /// # Errors
    /// One can't be asked at all.
    pub fn ask(&mut self, data: &Datum, mut questions: Vec<Question>) -> Result<(), OpaError> {
        questions.retain(|question| !question.answers.is_empty());
        match self.waiting.last_mut() {
            Some(last) if last.data == *data => last.questions.append(&mut questions),
            _ => self.waiting.push(QuestionSet {
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
                        record_difference(verdict, question, path, other);
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
    pub fn verdicts(mut self) -> Result<Vec<(String, EngineVerdict)>, OpaError> {
        self.ask_all()?;
        let engines = self.engines.into_iter();
        Ok(engines
            .map(|(engine, verdict)| (engine.name(), verdict))
            .collect())
    }
}

pub(super) fn record_difference(
    verdict: &mut EngineVerdict,
    question: &Question,
    path: String,
    other: String,
) {
    let said = question.answers.get(&path);
    let found = EngineDifference {
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
            *known = EngineDifference { cases, ..found };
        }
        Some(known) => known.cases += 1,
    }
}
