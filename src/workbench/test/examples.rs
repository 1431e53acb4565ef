//! Runs examples as tests and reports the differences.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{
    RanBy, Reversed, Rewritten, Status, TestCase, TestDifference, TestKind, TestOutcome,
    TestSelection,
};
use crate::model::rule::Rule;
use crate::parse::{Limits, parse};
use crate::policy::examples::{self, Example, Expected};
use crate::workbench::examples::{ExampleError, ExampleResult, rewrite_expectations, run_example};
use crate::workbench::judge::Bench;

pub(super) fn test_examples(
    bench: &Bench<'_>,
    selection: &TestSelection<'_>,
    outcome: &mut TestOutcome,
) {
    let rules = bench.pack.rules.iter().map(|rule| &rule.rule);
    for rule in rules.filter(|rule| selection.tests(&rule.pack)) {
        of_rule(bench, selection, rule, outcome);
    }
}

fn of_rule(
    bench: &Bench<'_>,
    selection: &TestSelection<'_>,
    rule: &Rule,
    outcome: &mut TestOutcome,
) {
    let case = |name: &str, line: u32, status: Status| TestCase {
        kind: TestKind::Example,
        subject: rule.id.to_string(),
        name: name.to_owned(),
        pack: rule.pack.clone(),
        file: examples::examples_path(rule),
        line,
        ran_by: RanBy::Nothing,
        status,
        took: std::time::Duration::ZERO,
    };
    let id = rule.id.as_str();
    let whole_file = || selection.selects(id, "examples");
    let all = match examples::read_examples(bench.pack, rule) {
        Ok(all) => all,
        Err(mistake) => {
            let status = Status::Error {
                message: mistake.message,
                help: Some(mistake.help),
            };
            if whole_file() {
                outcome
                    .cases
                    .push(case("examples", mistake.start.line, status));
            }
            return;
        }
    };
    let Some(file) = examples::examples_file(bench.pack, rule).filter(|_| !all.is_empty()) else {
        if whole_file() {
            outcome.cases.push(case("examples", 1, none_at_all(rule)));
        }
        return;
    };
    let lines = example_lines(&file.text, all.len());
    let mut found: Vec<Option<ExampleResult>> = Vec::new();
    for (example, line) in all.iter().zip(lines) {
        if !selection.selects(id, &example.name) {
            found.push(None);
            continue;
        }
        let started = Instant::now();
        let ran = run_example(bench, rule, example);
        let took = started.elapsed();
        outcome.cases.push(TestCase {
            took,
            ran_by: RanBy::Vm,
            ..case(&example.name, line, status(example, &ran))
        });
        found.push(ran.ok());
    }
    let reversed = reversed(&all, &found);
    let text = rewrite_expectations(&file.text, &all, &found);
    if !matches!(text, Ok(None)) || !reversed.is_empty() {
        outcome.rewritten.push(Rewritten {
            pack: rule.pack.clone(),
            file: file.path.clone(),
            text,
            reversed,
        });
    }
}

fn reversed(all: &[Example], found: &[Option<ExampleResult>]) -> Vec<Reversed> {
    let ran = all.iter().zip(found);
    let ran = ran.filter_map(|(example, found)| Some((example, found.as_ref()?)));
    let reversed = ran.filter(|(example, found)| found.is_reversed(example));
    let reversed = reversed.map(|(example, found)| Reversed {
        example: example.name.clone(),
        expected: example.finds.len(),
        found: found.finds.len(),
    });
    reversed.collect()
}

fn none_at_all(rule: &Rule) -> Status {
    Status::Failed(vec![TestDifference::Missed {
        message: format!("rule `{}` has no examples", rule.id),
        help: format!(
            "write a bad and a good example in `{}`; `govcheck policy new` creates a template",
            examples::examples_path(rule)
        ),
    }])
}

/// The line of each example's text.
pub(super) fn example_lines(text: &str, count: usize) -> Vec<u32> {
    let parsed = parse(text.as_bytes(), &Limits::default());
    let line = |index: usize| {
        let document = parsed.documents.first()?;
        let list = document.get(document.root(), "examples")?;
        let span = document.span(document.item(list, index)?.node);
        Some(parsed.text.position(span.start).line)
    };
    (0..count).map(|index| line(index).unwrap_or(1)).collect()
}

fn status(example: &Example, ran: &Result<ExampleResult, ExampleError>) -> Status {
    match ran {
        Ok(found) if found.is_expected(example) => Status::Passed,
        Ok(found) if example.is_open => Status::Failed(vec![open(found)]),
        Ok(found) => Status::Failed(differences(example, found)),
        Err(error) => Status::Error {
            message: error.to_string(),
            help: match error {
                ExampleError::NotJudged(_) => Some(
                    "check for an invalid file in the example, or an endless loop in the rule"
                        .to_owned(),
                ),
                ExampleError::Config(error) => error.help.clone(),
                _ => None,
            },
        },
    }
}

fn open(found: &ExampleResult) -> TestDifference {
    let number = found.finds.len();
    let noun = if number == 1 { "finding" } else { "findings" };
    TestDifference::Missed {
        message: format!("`finds:` has no value, and the rule reports {number} {noun}"),
        help: "`govcheck policy test --update` fills it in; write `finds: []` for a good example"
            .to_owned(),
    }
}

fn differences(example: &Example, found: &ExampleResult) -> Vec<TestDifference> {
    let mut left: Vec<&Expected> = found.finds.iter().collect();
    let mut differences = Vec::new();
    for expected in &example.finds {
        match left.iter().position(|found| *found == expected) {
            Some(at) => {
                left.remove(at);
            }
            None => differences.push(TestDifference::Missing(expected.clone())),
        }
    }
    differences.extend(left.into_iter().cloned().map(TestDifference::Unexpected));
    if differences.is_empty() && example.finds != found.finds {
        differences.push(TestDifference::Order(found.finds.clone()));
    }
    let versions = example.suggests.as_ref();
    if let Some(expected) = versions.filter(|versions| **versions != found.suggests) {
        let said = |versions: &BTreeMap<String, String>| {
            let versions = versions.iter();
            versions
                .map(|(entity, version)| format!("{entity}: {version}"))
                .collect()
        };
        differences.push(TestDifference::Versions {
            expected: said(expected),
            found: said(&found.suggests),
        });
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_at_the_line_of_its_first_key() {
        let text = "examples:\n  - name: a\n    files: {}\n    finds: []\n\n  - files: {}\n    name: b\n    finds: []\n";
        assert_eq!(example_lines(text, 2), [2, 6]);
    }
}
