//! JUnit XML: a suite for each file, a case for each test, with its time. A test to be written is skipped.

use std::io::{self, Write};
use std::time::Duration;

use super::super::{RanBy, Status, TestCase, TestDifference, TestOutcome, TestTally};
use crate::report::escape::{xml_attribute, xml_text};

pub(super) fn write(outcome: &TestOutcome, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<(String, Vec<&TestCase>)> = Vec::new();
    for case in &outcome.cases {
        let name = format!("{}/{}", case.pack, case.file);
        match suites.last_mut().filter(|(last, _)| *last == name) {
            Some((_, cases)) => cases.push(case),
            None => suites.push((name, vec![case])),
        }
    }
    let all: Vec<&TestCase> = outcome.cases.iter().collect();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let (counts, time) = numbers(&all);
    writeln!(
        out,
        "<testsuites name=\"govcheck policy test\" {counts} {time}>"
    )?;
    for (name, cases) in suites {
        let (counts, time) = numbers(&cases);
        let (name, skipped) = (xml_attribute(&name), skipped(&cases));
        writeln!(
            out,
            "  <testsuite name=\"{name}\" file=\"{name}\" {counts} skipped=\"{skipped}\" {time}>"
        )?;
        for case in cases {
            of_case(case, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn skipped(cases: &[&TestCase]) -> usize {
    let is_todo = |case: &&&TestCase| matches!(case.status, Status::Todo);
    cases.iter().filter(is_todo).count()
}

/// Counts, and the time in thousandths of a second, which is all that `junit-10.xsd` takes.
fn numbers(cases: &[&TestCase]) -> (String, String) {
    let mut tally = TestTally::default();
    let mut took = Duration::ZERO;
    for case in cases {
        took += case.took;
        match case.status {
            Status::Passed | Status::Todo => {}
            Status::Failed(_) => tally.failed += 1,
            Status::Error { .. } => tally.errors += 1,
        }
    }
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        cases.len(),
        tally.failed,
        tally.errors,
    );
    (counts, format!("time=\"{:.3}\"", took.as_secs_f64()))
}

fn of_case(case: &TestCase, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "    <testcase name=\"{}\" classname=\"{}\" time=\"{:.6}\">",
        xml_attribute(&case.name),
        xml_attribute(&case.subject),
        case.took.as_secs_f64()
    )?;
    match &case.status {
        Status::Passed => {}
        Status::Failed(differences) => {
            let lines: Vec<String> = differences.iter().flat_map(lines).collect();
            let first = lines.first().map_or("", |line| line.as_str());
            let first = format!("line {}: {first}", case.line);
            write!(
                out,
                "<failure message=\"{}\" type=\"failed\">{}</failure>",
                xml_attribute(&first),
                xml_text(&lines.join("\n"))
            )?;
        }
        Status::Error { message, help } => {
            let help = help.as_deref().unwrap_or_default();
            write!(
                out,
                "<error message=\"{}\" type=\"error\">{}</error>",
                xml_attribute(&format!("line {}: {message}", case.line)),
                xml_text(help)
            )?;
        }
        Status::Todo => write!(out, "<skipped message=\"todo\"/>")?,
    }
    if let RanBy::Interpreter(why) = &case.ran_by {
        let told = format!("ran in the interpreter instead of the main engine: {why}");
        write!(out, "<system-out>{}</system-out>", xml_text(&told))?;
    }
    writeln!(out, "</testcase>")
}

fn lines(difference: &TestDifference) -> Vec<String> {
    let shown = |expected: &crate::policy::examples::Expected| {
        let at = expected.at.as_deref().unwrap_or("no place");
        format!("{at} on `{}`: {}", expected.on, expected.message)
    };
    match difference {
        TestDifference::Missing(expected) => vec![format!("- expected {}", shown(expected))],
        TestDifference::Unexpected(found) => vec![format!("+ got {}", shown(found))],
        TestDifference::Order(found) => {
            let head = "found in this order".to_owned();
            [head].into_iter().chain(found.iter().map(shown)).collect()
        }
        TestDifference::Versions { expected, found } => vec![format!(
            "suggests {}, expected {}",
            found.join(", "),
            expected.join(", ")
        )],
        TestDifference::Field {
            entity,
            field,
            expected,
            found,
        } => {
            let field = field
                .as_deref()
                .map_or_else(String::new, |it| format!(" {it}"));
            let shown = |it: &Option<String>| it.clone().unwrap_or_else(|| "nothing".to_owned());
            vec![format!(
                "{entity}{field}: got {}, expected {}",
                shown(found),
                shown(expected)
            )]
        }
        TestDifference::Expression(expression) => {
            let head = format!("line {} is not true: {}", expression.line, expression.text);
            let values = expression.values.iter();
            let values = values.map(|(name, value)| format!("{name} is {value}"));
            [head].into_iter().chain(values).collect()
        }
        TestDifference::Missed { message, help } => vec![message.clone(), help.clone()],
    }
}
