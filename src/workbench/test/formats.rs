//! Runs the examples of formats as tests.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::examples::example_lines;
use super::{
    RanBy, Rewritten, Status, TestCase, TestDifference, TestKind, TestOutcome, TestSelection,
};
use crate::policy::error::PolicyMistake;
use crate::policy::format_examples::{self, DeclaredFields, FormatExample};
use crate::policy::source::{PackFile, PackSource};
use crate::workbench::formats::{
    ReadFields, by_entity, is_expected, rewrite_declares, run_example as read_example,
};
use crate::workbench::judge::Bench;

pub(super) fn test_formats(
    bench: &Bench<'_>,
    selection: &TestSelection<'_>,
    outcome: &mut TestOutcome,
) {
    let sources = bench.pack.sources.iter();
    for source in sources.filter(|source| selection.tests(&source.name)) {
        for file in source.files.iter().filter(|file| file.is_format_example()) {
            run_file(bench, selection, (source, file), outcome);
        }
    }
}

fn run_file(
    bench: &Bench<'_>,
    selection: &TestSelection<'_>,
    (source, file): (&PackSource, &PackFile),
    outcome: &mut TestOutcome,
) {
    let format = format_examples::format_of(file).unwrap_or_default();
    let subject = format!("formats/{format}");
    let case = |name: &str, line: u32, status: Status| TestCase {
        kind: TestKind::Format,
        subject: subject.clone(),
        name: name.to_owned(),
        pack: source.name.clone(),
        file: file.path.clone(),
        line,
        ran_by: RanBy::Nothing,
        status,
        took: Duration::ZERO,
    };
    let examples = match load(bench, (source, file), format) {
        Ok(examples) => examples,
        Err(mistake) => {
            let line = mistake.start.line;
            let status = Status::Error {
                message: mistake.message,
                help: Some(mistake.help),
            };
            if selection.selects(&subject, "examples") {
                outcome.cases.push(case("examples", line, status));
            }
            return;
        }
    };
    let mut read = Vec::new();
    for (example, line) in examples
        .iter()
        .zip(example_lines(&file.text, examples.len()))
    {
        if !selection.selects(&subject, &example.name) {
            read.push(None);
            continue;
        }
        let started = Instant::now();
        let ran = read_example(bench, format, example);
        let took = started.elapsed();
        let status = match &ran {
            Ok(read) => compare(example, read),
            Err(error) => Status::Error {
                message: error.to_string(),
                help: Some("correct the example or the format; `govcheck model FILE --explain` explains recognition".to_owned()),
            },
        };
        outcome.cases.push(TestCase {
            took,
            ..case(&example.name, line, status)
        });
        read.push(ran.ok());
    }
    let text = rewrite_declares(&file.text, &examples, &read);
    if !matches!(text, Ok(None)) {
        outcome.rewritten.push(Rewritten {
            pack: source.name.clone(),
            file: file.path.clone(),
            text,
            reversed: Vec::new(),
        });
    }
}

/// The examples of a format that some pack has.
fn load(
    bench: &Bench<'_>,
    (source, file): (&PackSource, &PackFile),
    format: &str,
) -> Result<Vec<FormatExample>, PolicyMistake> {
    let examples = format_examples::of_file(&source.name, file)?;
    let mut formats = bench.pack.formats.iter().map(|format| &*format.name);
    match formats.any(|known| known == format) {
        true => Ok(examples),
        false => Err(format_examples::no_format(
            &source.name,
            file,
            bench.pack.formats.iter().map(|format| &*format.name),
        )),
    }
}

fn compare(example: &FormatExample, read: &ReadFields) -> Status {
    if is_expected(example, read) {
        return Status::Passed;
    }
    let Some(expected) = &example.declares else {
        let fields: usize = read.iter().map(|(_, fields)| fields.len()).sum();
        return Status::Failed(vec![TestDifference::Missed {
            message: format!("`declares:` has no value, and the format reads {fields} fields"),
            help: "`govcheck policy test --update` fills it in; review what it writes".to_owned(),
        }]);
    };
    Status::Failed(differences(expected, &by_entity(read)))
}

fn differences(expected: &DeclaredFields, read: &DeclaredFields) -> Vec<TestDifference> {
    let entities: BTreeSet<&String> = expected.keys().chain(read.keys()).collect();
    let mut differences = Vec::new();
    for entity in entities {
        let (expected, read) = (expected.get(entity), read.get(entity));
        if expected.is_some() != read.is_some() {
            let said = |it: bool| it.then(|| "declared".to_owned());
            differences.push(TestDifference::Field {
                entity: entity.clone(),
                field: None,
                expected: said(expected.is_some()),
                found: said(read.is_some()),
            });
        }
        let (Some(expected), Some(read)) = (expected, read) else {
            continue;
        };
        let fields: BTreeSet<&String> = expected.keys().chain(read.keys()).collect();
        let differ = fields
            .into_iter()
            .filter(|field| expected.get(*field) != read.get(*field));
        differences.extend(differ.map(|field| TestDifference::Field {
            entity: entity.clone(),
            field: Some(field.clone()),
            expected: expected.get(field).map(Value::to_string),
            found: read.get(field).map(Value::to_string),
        }));
    }
    differences
}
