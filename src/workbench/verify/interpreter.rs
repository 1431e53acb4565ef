//! regorus's tree-walking interpreter, asked what the register VM was asked. It loses findings now and then (a value in a
//! rule's head that is undefined drops the whole set), so a difference is a question, not a verdict.

use std::collections::BTreeMap;

use super::{Engine, OpaError, Question, QuestionSet, Reply};
use crate::policy::Pack;
use crate::policy::engine::{Datum, Interpreter, Module, RegoError};

/// The interpreter with all rules of a pack.
pub struct Other {
    interpreter: Interpreter,
    /// Paths that one question asks together, by the rule that gathers them.
    together: BTreeMap<String, Vec<String>>,
}

impl Other {
    /// The interpreter of a pack.
    ///
    /// # Errors
    /// It does not take a module.
    pub fn new(pack: &Pack) -> Result<Self, RegoError> {
        let mut together = BTreeMap::new();
        let mut modules = pack.modules.clone();
        for kind in pack.schema.kinds.keys() {
            let paths = super::ask::question_paths(pack, kind);
            if paths.is_empty() {
                continue;
            }
            let fields = paths.iter().map(|path| format!("\"{path}\": {path}"));
            let fields: Vec<String> = fields.collect();
            modules.push(Module {
                name: format!("govcheck_verify/{kind}.rego"),
                text: format!(
                    "package govcheck_verify.{kind}\nall := {{{}}}\n",
                    fields.join(",\n")
                ),
            });
            together.insert(format!("data.govcheck_verify.{kind}.all"), paths);
        }
        Ok(Self {
            interpreter: Interpreter::new(&modules)?,
            together,
        })
    }

    /// One question for all rules is much cheaper than one for each; where the answers differ, that says which.
    fn all_same(&mut self, question: &Question) -> bool {
        let asked = |paths: &Vec<String>| paths.iter().eq(question.answers.keys());
        let gathered = self.together.iter().find(|(_, paths)| asked(paths));
        let Some(rule) = gathered.map(|(rule, _)| rule.clone()) else {
            return false;
        };
        let said = question.answers.iter();
        let said = Datum::fields(said.map(|(path, said)| (path.as_str().into(), said.clone())));
        let other = self.interpreter.evaluate(&rule, &question.input);
        other.is_ok_and(|other| other == said)
    }

    fn reply(&mut self, question: &Question, path: &str, said: &Datum) -> Reply {
        match self.interpreter.evaluate(path, &question.input) {
            Ok(other) if other == *said => Reply::Same,
            Ok(other) if other.is_undefined() => Reply::Other("undefined".to_owned()),
            Ok(other) => Reply::Other(other.to_json().to_string()),
            Err(error) => Reply::Other(error.message),
        }
    }
}

impl Engine for Other {
    fn name(&self) -> String {
        "interpreter of regorus".to_owned()
    }

    fn replies(&mut self, asked: &[QuestionSet]) -> Result<Vec<BTreeMap<String, Reply>>, OpaError> {
        let mut replies = Vec::new();
        for asked in asked {
            let set = self.interpreter.set_data(&asked.data);
            set.map_err(|error| OpaError::Answer(error.message))?;
            for question in &asked.questions {
                if self.all_same(question) {
                    replies.push(BTreeMap::new());
                    continue;
                }
                let answers = question.answers.iter();
                let each =
                    answers.map(|(path, said)| (path.clone(), self.reply(question, path, said)));
                replies.push(each.collect());
            }
        }
        Ok(replies)
    }
}
