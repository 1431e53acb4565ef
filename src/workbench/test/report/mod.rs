//! Reports the results of tests, for people and programs. Times are shown only on request, so that the same tests give the
//! same bytes; JUnit always has them.

mod context;
mod coverage;
mod human;
mod json;
mod junit;

pub use context::{TestReportContext, TestReportFormat};
pub use coverage::{
    write_human as coverage_human, write_json as coverage_json, write_lcov as coverage_lcov,
};
pub use json::report_schema as json_schema;

use std::io;
use std::io::Write;

use super::TestOutcome;

/// Writes a report.
///
/// # Errors
/// `out` can't be written to.
pub fn write(
    outcome: &TestOutcome,
    format: TestReportFormat,
    context: &TestReportContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        TestReportFormat::Human => human::write(outcome, context, out),
        TestReportFormat::Json => json::write(outcome, context, out),
        TestReportFormat::Junit => junit::write(outcome, out),
    }
}
