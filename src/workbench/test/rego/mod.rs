//! `test_…` rules of `_test.rego` files. Each body is split at its `with`s: the part under one becomes an entry point of a
//! program for the register VM, evaluated on the input and data of the `with`; its bindings go into the next step. So the
//! engine that judges also tests. The interpreter runs bodies that can't be split, with a note.

mod known;
mod plan;
mod read;
mod run;
mod runner;
mod scope;
mod why;
mod write;

use std::time::{Duration, Instant};

use super::rego::runner::Runner;
use super::{RanBy, Status, TestCase, TestDifference, TestKind, TestOutcome, TestSelection};
use crate::model::rule::RuleId;
use crate::policy::engine::Datum;
use crate::policy::options::resolve_options;
use crate::workbench::examples::TODAY;
use crate::workbench::judge::Bench;
use known::TestedModules;
use read::{TestFile, TestRule};
use run::Ran;

pub(super) fn run_rego_tests(
    bench: &Bench<'_>,
    selection: &TestSelection<'_>,
    outcome: &mut TestOutcome,
) {
    let mut files = Vec::new();
    for source in &bench.pack.sources {
        let tests = source.files.iter();
        let tests = tests.filter(|file| file.path.ends_with("_test.rego"));
        for file in tests {
            match read::read_test_file(&source.name, file) {
                Ok(read) => files.push(read),
                // A broken test file of another pack is that pack's.
                Err(_) if !selection.tests(&source.name) => {}
                Err(mistake) => outcome.cases.push(TestCase {
                    line: mistake.start.line,
                    status: Status::Error {
                        message: mistake.message,
                        help: Some(mistake.help),
                    },
                    ..bare(&source.name, &file.path, &file.path)
                }),
            }
        }
    }
    if !files.iter().any(|file| selection.tests(&file.file.pack)) {
        return;
    }
    let known = TestedModules::new(&bench.pack.modules, &files);
    let data = data(bench);
    let runner = Runner::new(bench, &known, &data, selection.trace);
    for file in files.iter().filter(|file| selection.tests(&file.file.pack)) {
        of_file(&runner, selection, file, outcome);
    }
}

fn bare(pack: &str, file: &str, subject: &str) -> TestCase {
    TestCase {
        kind: TestKind::Rego,
        subject: subject.to_owned(),
        name: "tests".to_owned(),
        pack: pack.to_owned(),
        file: file.to_owned(),
        line: 1,
        ran_by: RanBy::Nothing,
        status: Status::Todo,
        took: Duration::ZERO,
    }
}

/// What rules see under `data` where no `with` says otherwise: the defaults of all options, and the day of all tests.
fn data(bench: &Bench<'_>) -> Datum {
    let defaults = resolve_options(&bench.pack.rules, &|_: &RuleId| serde_json::Map::new());
    let defaults = defaults.unwrap_or_default();
    Datum::json(&serde_json::json!({"options": defaults, "run": {"today": TODAY.to_string()}}))
}

fn of_file(
    runner: &Runner<'_>,
    selection: &TestSelection<'_>,
    file: &TestFile,
    outcome: &mut TestOutcome,
) {
    let (pack, path) = (&file.file.pack, &file.file.file);
    let subject = format!("data.{}", file.package);
    if file.tests.is_empty() && selection.selects(&subject, "tests") {
        let missed = TestDifference::Missed {
            message: format!("`{path}` has no tests"),
            help: "write `test_<name> if { … }`, or rename the file if it holds no tests"
                .to_owned(),
        };
        outcome.cases.push(TestCase {
            status: Status::Failed(vec![missed]),
            ..bare(pack, path, &subject)
        });
    }
    for test in &file.tests {
        if !selection.selects(&subject, &test.name) {
            continue;
        }
        let started = Instant::now();
        let (ran_by, status) = one(runner, file, test);
        outcome.cases.push(TestCase {
            name: test.name.clone(),
            line: test.line,
            ran_by,
            status,
            took: started.elapsed(),
            ..bare(pack, path, &subject)
        });
    }
}

fn one(runner: &Runner<'_>, file: &TestFile, test: &TestRule) -> (RanBy, Status) {
    if test.todo {
        return (RanBy::Nothing, Status::Todo);
    }
    if let Some((message, help)) = &test.wrong {
        let status = Status::Error {
            message: message.clone(),
            help: Some(help.clone()),
        };
        return (RanBy::Nothing, status);
    }
    let planned = match &file.misjudged {
        Some(why) => Err(why.clone()),
        None => plan::plan_test(runner.known, file, test),
    };
    let why = match planned.and_then(|plan| runner.run(file, &plan)) {
        Ok(Ran::Held) => return (RanBy::Vm, Status::Passed),
        Ok(Ran::Not(expression)) => {
            let difference = TestDifference::Expression(*expression);
            return (RanBy::Vm, Status::Failed(vec![difference]));
        }
        Ok(Ran::Stopped { message, help }) => {
            return (RanBy::Vm, Status::Error { message, help });
        }
        Err(why) => why,
    };
    match runner.interpret(file, test) {
        // Nobody ran it.
        Status::Error { message, help } => (RanBy::Nothing, Status::Error { message, help }),
        status => (RanBy::Interpreter(why), status),
    }
}
