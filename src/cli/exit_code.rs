//! What the exit code of a run says.

use crate::model::report::Report;
use crate::model::rule::Level;
use crate::report::Verdict;
use clap::ValueEnum;
/// No finding at or above the level that fails.
pub const CLEAN: u8 = 0;
/// Findings at or above that level.
pub const FINDINGS: u8 = 1;
/// Something could not be judged.
pub const NOT_JUDGED: u8 = 2;
/// There is nothing to judge.
pub const NOTHING: u8 = 3;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Any finding
    Note,
    /// No finding: 1 is never the exit code
    Never,
}

impl FailOn {
    /// The least level that fails, if one does.
    pub(super) fn level(self) -> Option<Level> {
        match self {
            FailOn::Never => None,
            FailOn::Error => Some(Level::Error),
            FailOn::Warning => Some(Level::Warning),
            FailOn::Note => Some(Level::Note),
        }
    }
}

/// The least level that makes the exit code 1. `None` if no level does.
pub(super) fn fail_on(given: Option<FailOn>, config: Level) -> Option<Level> {
    match given {
        Some(fail_on) => fail_on.level(),
        None => Some(config),
    }
}

pub(super) fn exit_code(report: &Report, fail_on: Option<Level>, allow_empty: bool) -> u8 {
    match Verdict::of(report, fail_on) {
        Verdict::NotJudged => NOT_JUDGED,
        Verdict::Findings => FINDINGS,
        Verdict::Nothing if !allow_empty => NOTHING,
        Verdict::Nothing | Verdict::Clean => CLEAN,
    }
}
