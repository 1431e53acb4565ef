//! For programs. Keys are only ever added.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::super::{RanBy, Status, TestCase, TestDifference, TestKind, TestOutcome};
use super::{TestReportContext, coverage};

/// The JSON Schema (2020-12) of the report.
pub fn report_schema() -> Value {
    // A test holds that the file is JSON, so the default is never seen.
    serde_json::from_str(include_str!("tests.schema.json")).unwrap_or_default()
}

pub(super) fn write(
    outcome: &TestOutcome,
    context: &TestReportContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tally = outcome.tally(None);
    let mut report = json!({
        "version": 1,
        "summary": {
            "tests": tally.tests,
            "passed": tally.passed,
            "failed": tally.failed,
            "errors": tally.errors,
            "todo": tally.todo,
        },
        "tests": outcome.cases.iter().map(|case| of_case(case, context)).collect::<Vec<_>>(),
    });
    if let (Some(coverage), Some(fields)) = (context.coverage, report.as_object_mut()) {
        fields.insert(
            "coverage".to_owned(),
            coverage::coverage_value(coverage, context.threshold),
        );
    }
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn of_case(case: &TestCase, context: &TestReportContext<'_>) -> Value {
    let kind = match case.kind {
        TestKind::Example => "example",
        TestKind::Format => "format",
        TestKind::Rego => "rego",
    };
    let (engine, why) = match &case.ran_by {
        RanBy::Vm => (json!("vm"), None),
        RanBy::Interpreter(why) => (json!("interpreter"), Some(why)),
        RanBy::Nothing => (Value::Null, None),
    };
    let mut value = json!({
        "kind": kind,
        "subject": case.subject,
        "name": case.name,
        "pack": case.pack,
        "file": case.file,
        "line": case.line,
        "engine": engine,
        "status": word(&case.status),
    });
    let Some(fields) = value.as_object_mut() else {
        return value;
    };
    let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    if let Some(why) = why {
        add("interpreted_because", json!(why));
    }
    match &case.status {
        Status::Failed(differences) => {
            add(
                "differences",
                differences.iter().map(of_difference).collect(),
            );
        }
        Status::Error { message, help } => {
            add("message", json!(message));
            add("help", json!(help));
        }
        Status::Passed | Status::Todo => {}
    }
    if context.times {
        add("seconds", json!(case.took.as_secs_f64()));
    }
    value
}

fn word(status: &Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed(_) => "failed",
        Status::Error { .. } => "error",
        Status::Todo => "todo",
    }
}

fn of_difference(difference: &TestDifference) -> Value {
    match difference {
        TestDifference::Missing(expected) => json!({"expected": expected}),
        TestDifference::Unexpected(found) => json!({"got": found}),
        TestDifference::Order(found) => json!({"order": found}),
        TestDifference::Versions { expected, found } => {
            json!({"versions": {"expected": expected, "got": found}})
        }
        TestDifference::Field {
            entity,
            field,
            expected,
            found,
        } => {
            json!({"field": {"entity": entity, "field": field, "expected": expected, "got": found}})
        }
        TestDifference::Expression(expression) => {
            let values = expression.values.iter();
            let values: Vec<Value> = values
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            json!({"expression": {
                "line": expression.line,
                "text": expression.text,
                "values": values,
                "bindings": expression.bindings,
            }})
        }
        TestDifference::Missed { message, help } => json!({"message": message, "help": help}),
    }
}
