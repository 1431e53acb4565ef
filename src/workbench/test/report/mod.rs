//! What tests came to, as people and programs read it. Times are told where somebody asks for them, so that the same
//! tests give the same bytes; JUnit always has them.

mod coverage;
mod human;
mod json;
mod junit;

use std::io::{self, Write};

pub use coverage::{human as coverage_human, json as coverage_json, lcov as coverage_lcov};

pub use json::schema as json_schema;

use super::{Coverage, Outcome};

/// The formats of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For the test tabs of CI systems.
    Junit,
}

/// How to report.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// Whether to colour.
    pub color: bool,
    /// Whether to list the tests that passed too.
    pub verbose: bool,
    /// Whether to tell how long each test took.
    pub times: bool,
    /// The lines that were evaluated, where the report has a place for them.
    pub coverage: Option<&'c Coverage>,
    /// The least part of all lines, in percent, that is enough.
    pub threshold: Option<f64>,
}

/// Writes a report.
///
/// # Errors
/// `out` can't be written to.
pub fn write(
    outcome: &Outcome,
    format: Format,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(outcome, context, out),
        Format::Json => json::write(outcome, context, out),
        Format::Junit => junit::write(outcome, out),
    }
}
