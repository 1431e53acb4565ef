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
    Case, Difference, Expression, Kind, Outcome, RanBy, Reversed, Rewritten, Status, Tally,
    TestSelection,
};

use super::judge::Bench;

/// Runs all tests.
pub fn run(bench: &Bench<'_>, selection: &TestSelection<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    examples::run(bench, selection, &mut outcome);
    formats::run(bench, selection, &mut outcome);
    rego::run(bench, selection, &mut outcome);
    let place = |case: &Case| (case.pack.clone(), case.file.clone(), case.line);
    outcome.cases.sort_by_key(place);
    outcome
}
