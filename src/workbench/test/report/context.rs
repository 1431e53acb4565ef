//! What every report of a test run is written from.

use crate::workbench::test::Coverage;

/// The formats of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestReportFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For the test tabs of CI systems.
    Junit,
}

/// How to report.
#[derive(Debug, Clone, Copy)]
pub struct TestReportContext<'c> {
    /// Whether to colour.
    pub color: bool,
    /// Whether to list the tests that passed too.
    pub verbose: bool,
    /// Whether to show how long each test took.
    pub times: bool,
    /// The lines that were evaluated, where the report has a place for them.
    pub coverage: Option<&'c Coverage>,
    /// The least part of all lines, in percent, that is enough.
    pub threshold: Option<f64>,
}
