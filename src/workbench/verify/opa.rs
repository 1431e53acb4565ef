//! A real `opa`, which the user names on the command line: many inputs in one run of `opa eval`, since each run compiles
//! the pack. Nothing is searched for, and nothing of the repository under test is run.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{Engine, Question, Reply};
use crate::policy::Pack;
use crate::policy::engine::Datum;

/// Inputs of one run.
const TOGETHER: usize = 500;

/// An engine that can't be asked. The user's: what is named is not there, or no `opa`.
#[derive(Debug, thiserror::Error)]
pub enum OpaError {
    /// The program can't be run.
    #[error("`{program}` can't be run: {error}")]
    Program {
        /// As the user named it.
        program: String,
        /// Why.
        error: io::Error,
    },
    /// Files for it can't be written.
    #[error("files for `opa` can't be written: {0}")]
    Files(io::Error),
    /// It answers something else than `opa` does.
    #[error("{0}")]
    Answer(String),
}

/// An `opa`, with all modules of a pack in a folder for it.
pub struct Opa {
    program: PathBuf,
    version: String,
    folder: TempDir,
}

impl Opa {
    /// Asks the program for its version, and writes the pack's modules for it.
    ///
    /// # Errors
    /// The program can't be run or is no `opa`, or the files can't be written.
    pub fn new(program: &Path, pack: &Pack) -> Result<Self, OpaError> {
        let output = run(program, Command::new(program).arg("version"))?;
        let version = output
            .lines()
            .find_map(|line| line.strip_prefix("Version: "));
        let version = version.map(ToOwned::to_owned).ok_or_else(|| {
            OpaError::Answer(format!("`{} version` names no version", program.display()))
        })?;
        let folder = TempDir::new().map_err(OpaError::Files)?;
        let modules = folder.path().join("modules");
        fs::create_dir(&modules).map_err(OpaError::Files)?;
        for (number, module) in pack.modules.iter().enumerate() {
            let file = modules.join(format!("{number}.rego"));
            fs::write(file, &module.text).map_err(OpaError::Files)?;
        }
        Ok(Self {
            program: program.to_path_buf(),
            version,
            folder,
        })
    }

    /// The values of all paths for each question, `null` where a question has none; or why there is no answer at all.
    fn values(&self, questions: &[Question]) -> Result<Result<Value, String>, OpaError> {
        let inputs = questions.iter().map(|question| question.input.to_json());
        let cases = json!({"govcheck_cases": inputs.collect::<Vec<Value>>()});
        self.write("cases.json", &cases)?;
        let paths = questions.first().map(|question| &question.answers);
        let paths = paths.into_iter().flat_map(BTreeMap::keys);
        let fields: Vec<String> = paths.map(|path| format!("\"{path}\": {path}")).collect();
        let query = format!(
            "{{number: said | one := data.govcheck_cases[number]; said := {{{}}} with input as one}}",
            fields.join(", ")
        );
        let folder = self.folder.path();
        let mut command = Command::new(&self.program);
        command.args(["eval", "--format", "json", "--timeout", "300s"]);
        for data in ["modules", "data.json", "cases.json"] {
            command.arg("--data").arg(folder.join(data));
        }
        let output = run(&self.program, command.arg(query))?;
        let answer: Value = serde_json::from_str(&output)
            .map_err(|error| OpaError::Answer(format!("`opa eval` answers no JSON: {error}")))?;
        if let Some(message) = answer.pointer("/errors/0/message") {
            return Ok(Err(message.as_str().unwrap_or_default().to_owned()));
        }
        let value = answer.pointer("/result/0/expressions/0/value");
        Ok(value.cloned().ok_or_else(|| "undefined".to_owned()))
    }

    fn write(&self, name: &str, value: &Value) -> Result<(), OpaError> {
        let file = self.folder.path().join(name);
        fs::write(file, value.to_string()).map_err(OpaError::Files)
    }

    /// Replies to questions that ask for the same paths. One error ends a whole run, so a run that fails is halved until
    /// the question to blame is alone, and then asked path by path.
    fn ask(&self, questions: &[Question]) -> Result<Vec<BTreeMap<String, Reply>>, OpaError> {
        let values = match self.values(questions)? {
            Ok(values) => values,
            Err(_) if questions.len() > 1 => {
                let (first, second) = questions.split_at(questions.len() / 2);
                let mut replies = self.ask(first)?;
                replies.extend(self.ask(second)?);
                return Ok(replies);
            }
            Err(message) => {
                let Some(question) = questions.first() else {
                    return Ok(Vec::new());
                };
                return Ok(vec![match question.answers.len() {
                    0 | 1 => all(question, &message),
                    _ => self.one_by_one(question)?,
                }]);
            }
        };
        let numbered = questions.iter().enumerate();
        let replies = numbered.map(|(number, question)| match values.get(number.to_string()) {
            Some(Value::Object(said)) => Ok(compare(question, said)),
            _ if question.answers.len() > 1 => self.one_by_one(question),
            _ => Ok(all(question, "undefined")),
        });
        replies.collect()
    }

    fn one_by_one(&self, question: &Question) -> Result<BTreeMap<String, Reply>, OpaError> {
        let mut replies = BTreeMap::new();
        for (path, said) in &question.answers {
            let one = Question {
                answers: BTreeMap::from([(path.clone(), said.clone())]),
                ..question.clone()
            };
            replies.extend(self.ask(&[one])?.into_iter().flatten());
        }
        Ok(replies)
    }
}

fn all(question: &Question, message: &str) -> BTreeMap<String, Reply> {
    let paths = question.answers.keys().cloned();
    paths
        .map(|path| (path, Reply::Other(message.to_owned())))
        .collect()
}

fn compare(question: &Question, said: &Map<String, Value>) -> BTreeMap<String, Reply> {
    let answers = question.answers.iter();
    let replies = answers.map(|(path, own)| {
        let other = said.get(path).unwrap_or(&Value::Null);
        let reply = match own.is_json(other) {
            true => Reply::Same,
            false => Reply::Other(other.to_string()),
        };
        (path.clone(), reply)
    });
    replies.collect()
}

impl Engine for Opa {
    fn name(&self) -> String {
        format!("opa {}", self.version)
    }

    fn replies(
        &mut self,
        data: &Datum,
        questions: &[Question],
    ) -> Result<Vec<BTreeMap<String, Reply>>, OpaError> {
        self.write("data.json", &data.to_json())?;
        let mut replies = Vec::with_capacity(questions.len());
        let alike = |one: &Question, next: &Question| one.answers.keys().eq(next.answers.keys());
        for alike in questions.chunk_by(alike) {
            for some in alike.chunks(TOGETHER) {
                replies.extend(self.ask(some)?);
            }
        }
        Ok(replies)
    }
}

/// What a program prints, whatever its exit code.
fn run(program: &Path, command: &mut Command) -> Result<String, OpaError> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| OpaError::Program {
        program: program.display().to_string(),
        error,
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
