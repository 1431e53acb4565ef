//! For people: what failed and why, then a line with all numbers.

use std::io::{self, Write};

use super::super::{RanBy, Status, TestCase, TestDifference, TestKind, TestOutcome};
use super::{TestReportContext, coverage};
use crate::policy::examples::Expected;
use crate::report::escape::{terminal_line, terminal_text};

pub(super) fn write(
    outcome: &TestOutcome,
    context: &TestReportContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for case in &outcome.cases {
        of_case(case, context, out)?;
    }
    let interpreted: Vec<_> = outcome.interpreted().collect();
    for (case, why) in &interpreted {
        writeln!(
            out,
            "note: {} ran in the interpreter instead of the main engine: {}\n      {}",
            terminal_line(&title(case)),
            terminal_line(why),
            terminal_line(&case.place())
        )?;
    }
    if let Some(coverage) = context.coverage {
        coverage::write_human(coverage, context, out)?;
    }
    summary(outcome, interpreted.len(), context, out)
}

fn title(case: &TestCase) -> String {
    match case.subject.starts_with("data.") {
        true => format!("{}.{}", case.subject, case.name),
        false => format!("{} · {}", case.subject, case.name),
    }
}

fn painted(word: &str, color: &str, context: &TestReportContext<'_>) -> String {
    if context.color {
        format!("\u{1b}[{color}m{word}\u{1b}[0m")
    } else {
        word.to_owned()
    }
}

fn of_case(
    case: &TestCase,
    context: &TestReportContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let word = match &case.status {
        Status::Passed if !context.verbose => return Ok(()),
        Status::Passed => painted("pass ", "32", context),
        Status::Failed(_) => painted("FAIL ", "31", context),
        Status::Error { .. } => painted("ERROR", "31", context),
        Status::Todo => painted("todo ", "33", context),
    };
    let took = match context.times && case.ran_by != RanBy::Nothing {
        true => format!(" ({:.1} ms)", case.took.as_secs_f64() * 1e3),
        false => String::new(),
    };
    writeln!(out, "{word} {}{took}", terminal_line(&title(case)))?;
    if matches!(case.status, Status::Passed) {
        return Ok(());
    }
    writeln!(out, "      {}", terminal_line(&case.place()))?;
    match &case.status {
        Status::Failed(differences) => {
            for difference in differences {
                of_difference(difference, out)?;
            }
        }
        Status::Error { message, help } => {
            writeln!(out, "      {}", terminal_line(message))?;
            if let Some(help) = help {
                writeln!(out, "      help: {}", terminal_line(help))?;
            }
        }
        Status::Passed | Status::Todo => {}
    }
    writeln!(out)
}

fn found(expected: &Expected) -> String {
    let at = expected.at.as_deref().unwrap_or("no place");
    let (on, message) = (
        terminal_line(&expected.on),
        terminal_line(&expected.message),
    );
    format!("{} on `{on}`: {message}", terminal_line(at))
}

fn of_difference(difference: &TestDifference, out: &mut dyn Write) -> io::Result<()> {
    match difference {
        TestDifference::Missing(expected) => writeln!(out, "      - expected {}", found(expected)),
        TestDifference::Unexpected(expected) => {
            writeln!(out, "      + got      {}", found(expected))
        }
        TestDifference::Order(all) => {
            writeln!(out, "      all findings match, but in this order:")?;
            all.iter()
                .try_for_each(|expected| writeln!(out, "        {}", found(expected)))
        }
        TestDifference::Versions { expected, found } => {
            let list = |all: &[String]| match all {
                [] => "none".to_owned(),
                all => terminal_line(&all.join(", ")),
            };
            writeln!(out, "      - expected to suggest {}", list(expected))?;
            writeln!(out, "      + suggests            {}", list(found))
        }
        TestDifference::Field {
            entity,
            field,
            expected,
            found,
        } => {
            let shown = |it: &Option<String>| it.clone().unwrap_or_else(|| "nothing".to_owned());
            let field = field
                .as_deref()
                .map_or_else(String::new, |it| format!(" {it}"));
            let (expected, found) = (shown(expected), shown(found));
            let line = format!("{entity}{field}: expected {expected}, got {found}");
            writeln!(out, "      {}", terminal_line(&line))
        }
        TestDifference::Expression(expression) => {
            let text = terminal_text(&expression.text);
            let mut lines = text.lines();
            let first = lines.next().unwrap_or_default();
            writeln!(out, "      line {} is not true: {first}", expression.line)?;
            for line in lines {
                writeln!(out, "        {}", line.trim_end())?;
            }
            for (name, value) in &expression.values {
                writeln!(
                    out,
                    "        {} is {}",
                    terminal_line(name),
                    terminal_line(value)
                )?;
            }
            if expression.bindings > 1 {
                writeln!(
                    out,
                    "        nor with {} other bindings of its variables",
                    expression.bindings - 1
                )?;
            }
            Ok(())
        }
        TestDifference::Missed { message, help } => {
            writeln!(out, "      {}", terminal_line(message))?;
            writeln!(out, "      help: {}", terminal_line(help))
        }
    }
}

fn summary(
    outcome: &TestOutcome,
    interpreted: usize,
    context: &TestReportContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = outcome.tally(None);
    let count = |number: usize, noun: &str| match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    };
    let mut parts = vec![format!("{} passed", all.passed)];
    let others = [
        (all.failed, "failed"),
        (all.errors, "could not run"),
        (all.todo, "todo"),
    ];
    parts.extend(
        others
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}")),
    );
    let of = |kind: TestKind, noun: &str| count(outcome.tally(Some(kind)).tests, noun);
    let (examples, rego) = (
        of(TestKind::Example, "example"),
        of(TestKind::Rego, "Rego test"),
    );
    let kinds = match outcome.tally(Some(TestKind::Format)).tests {
        0 => format!("{examples} and {rego}"),
        _ => format!(
            "{examples}, {} and {rego}",
            of(TestKind::Format, "format example")
        ),
    };
    let engine = match interpreted {
        0 => "all in the main engine".to_owned(),
        some => format!("{some} of them in the interpreter"),
    };
    let color = if all.failed + all.errors > 0 {
        "31"
    } else {
        "32"
    };
    writeln!(
        out,
        "{} · {}, {engine}",
        painted(&parts.join(", "), color, context),
        kinds
    )
}
