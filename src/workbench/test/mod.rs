//! Tests of packs: the examples of rules and formats, through the whole pipeline, and `test_…` rules of `_test.rego` files.
//! One outcome for all. Reads no file and writes none: a pack is in memory already.

mod coverage;
mod examples;
mod formats;
mod outcome;
mod rego;
pub mod report;

pub use coverage::{Coverage, FileCoverage};
pub use outcome::{
    Expression, RanBy, Reversed, Rewritten, Status, TestCase, TestDifference, TestKind,
    TestOutcome, TestSelection, TestTally,
};

use super::judge::Bench;

/// Runs all tests.
pub fn run_tests(bench: &Bench<'_>, selection: &TestSelection<'_>) -> TestOutcome {
    let mut outcome = TestOutcome::default();
    examples::test_examples(bench, selection, &mut outcome);
    formats::test_formats(bench, selection, &mut outcome);
    rego::run_rego_tests(bench, selection, &mut outcome);
    let place = |case: &TestCase| (case.pack.clone(), case.file.clone(), case.line);
    outcome.cases.sort_by_key(place);
    outcome
}
