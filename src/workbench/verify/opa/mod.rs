//! A real `opa`, which the user names on the command line: many inputs in one run of `opa eval`, since each run compiles
//! the pack. Nothing is searched for, and nothing of the repository under test is run.

mod cases;
mod error;

pub use error::OpaError;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Map, Value};
use tempfile::TempDir;

use self::cases::{ENTRY, OpaCase, OpaFiles};
use super::{Engine, Question, QuestionSet, Reply};
use crate::policy::Pack;

/// Bytes of JSON that one run is given, where it is asked more than one question: `opa` takes forty times that in memory.
const TOGETHER: usize = 4 << 20;

/// An `opa`, with all modules of a pack in a folder for it.
pub struct Opa {
    program: PathBuf,
    version: String,
    folder: TempDir,
    /// Names of the modules; the files have their numbers.
    modules: Vec<String>,
}

/// What a run says: values by group and number of the case, or why there are none.
type OpaAnswers = Result<BTreeMap<String, Map<String, Value>>, String>;

impl Opa {
    /// Asks the program for its version, and writes the pack's modules for it.
    ///
    /// # Errors
    /// The program can't be run or is not `opa`, or the files can't be written.
    pub fn new(program: &Path, pack: &Pack) -> Result<Self, OpaError> {
        let output = run(program, Command::new(program).arg("version"))?;
        let version = output
            .lines()
            .find_map(|line| line.strip_prefix("Version: "));
        let version = version.map(ToOwned::to_owned).ok_or_else(|| {
            OpaError::Answer(format!(
                "`{} version` did not print a version",
                program.display()
            ))
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
            modules: pack.modules.iter().map(|m| m.name.clone()).collect(),
        })
    }

    fn said(&self, cases: &[OpaCase<'_>]) -> Result<OpaAnswers, OpaError> {
        let files = OpaFiles::of(cases);
        let folder = self.folder.path();
        let mut command = Command::new(&self.program);
        command.args(["eval", "--format", "json", "--timeout", "300s"]);
        command.arg("--data").arg(folder.join("modules"));
        for (name, text) in [("data.json", files.data), ("entry.rego", files.entry)] {
            let file = folder.join(name);
            fs::write(&file, text).map_err(OpaError::Files)?;
            command.arg("--data").arg(file);
        }
        let output = run(&self.program, command.arg(ENTRY))?;
        let answer: Value = serde_json::from_str(&output)
            .map_err(|error| OpaError::Answer(format!("`opa eval` did not print JSON: {error}")))?;
        if let Some(error) = answer.pointer("/errors/0") {
            return self.error(error).map(Err);
        }
        let value = answer.pointer("/result/0/expressions/0/value");
        let groups = value.and_then(Value::as_object).into_iter().flatten();
        let groups = groups.filter_map(|(group, said)| {
            let said = said.as_object()?.clone();
            Some((group.clone(), said))
        });
        Ok(Ok(groups.collect()))
    }

    /// Why an evaluation ended; what `opa` does not even compile no question is to blame for.
    fn error(&self, error: &Value) -> Result<String, OpaError> {
        let text = |at: &str| {
            let text = error.pointer(at).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let (code, message, file) = (text("/code"), text("/message"), text("/location/file"));
        if !code.starts_with("rego_") {
            return Ok(message);
        }
        let number = Path::new(&file).file_stem().and_then(|name| name.to_str());
        let number = number.and_then(|name| name.parse::<usize>().ok());
        let name = number.and_then(|number| self.modules.get(number));
        let line = error.pointer("/location/row").and_then(Value::as_u64);
        let file = name.map_or("the generated query".to_owned(), |name| {
            format!("`{name}:{}`", line.unwrap_or_default())
        });
        Err(OpaError::Module { file, message })
    }

    /// Replies in the order of the cases. One error ends a whole run, so a run that fails is halved until only the
    /// case to blame is left, which is then asked path by path.
    fn ask(&self, cases: &[OpaCase<'_>]) -> Result<Vec<BTreeMap<String, Reply>>, OpaError> {
        let said = match self.said(cases)? {
            Ok(groups) => groups.into_values().flatten().collect::<Map<_, _>>(),
            Err(_) if cases.len() > 1 => {
                let (first, second) = cases.split_at(cases.len() / 2);
                let mut replies = self.ask(first)?;
                replies.extend(self.ask(second)?);
                return Ok(replies);
            }
            Err(message) => {
                let one = cases.first().map(|case| self.one_by_one(case, &message));
                return one.into_iter().collect();
            }
        };
        let numbered = cases.iter().enumerate();
        let replies = numbered.map(|(number, case)| match said.get(&number.to_string()) {
            Some(Value::Object(said)) => Ok(compare(case.question, said)),
            _ => self.one_by_one(case, "undefined"),
        });
        replies.collect()
    }

    /// Which path of a question is to blame for an error.
    fn one_by_one(
        &self,
        case: &OpaCase<'_>,
        message: &str,
    ) -> Result<BTreeMap<String, Reply>, OpaError> {
        let mut replies = BTreeMap::new();
        for (path, said) in &case.question.answers {
            if case.question.answers.len() == 1 {
                replies.insert(path.clone(), Reply::Other(message.to_owned()));
                continue;
            }
            let question = Question {
                answers: BTreeMap::from([(path.clone(), said.clone())]),
                ..case.question.clone()
            };
            let one = OpaCase {
                question: &question,
                ..*case
            };
            replies.extend(self.ask(&[one])?.into_iter().flatten());
        }
        Ok(replies)
    }
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

    fn replies(&mut self, asked: &[QuestionSet]) -> Result<Vec<BTreeMap<String, Reply>>, OpaError> {
        let mut replies = Vec::new();
        let (mut cases, mut bytes) = (Vec::new(), 0);
        for (number, asked) in asked.iter().enumerate() {
            let mut state = Some(size(&asked.data));
            for question in &asked.questions {
                let own = size(&question.input) + state.unwrap_or_default();
                if bytes + own > TOGETHER && !cases.is_empty() {
                    replies.extend(self.ask(&cases)?);
                    (cases, bytes) = (Vec::new(), 0);
                }
                state = None;
                bytes += own;
                cases.push(OpaCase {
                    question,
                    data: &asked.data,
                    number,
                });
            }
        }
        if !cases.is_empty() {
            replies.extend(self.ask(&cases)?);
        }
        Ok(replies)
    }
}

/// Bytes as JSON.
fn size(datum: &crate::policy::engine::Datum) -> usize {
    datum.to_json().to_string().len()
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
