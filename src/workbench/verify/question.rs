//! What engines are asked, and how they answer.

use std::collections::BTreeMap;

use super::opa::OpaError;
use crate::policy::engine::Datum;

/// One input, and the register VM's answers.
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
pub struct QuestionSet {
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
    /// Something else, as JSON; or why it has no answer.
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
    fn replies(&mut self, asked: &[QuestionSet]) -> Result<Vec<BTreeMap<String, Reply>>, OpaError>;
}

/// Questions that are kept before engines are asked: few runs of another program, and bounded memory on a large mesh.
pub(super) const TOGETHER: usize = 1000;
