//! The verdict on a run, which decides the exit code. Every format that states an outcome asks here.

use super::count_of;
use super::escape::terminal_line;
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Level;

/// The outcome of a run, one for each exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No finding at or above the level that fails. Exit code 0.
    Clean,
    /// Findings at or above it. Exit code 1.
    Findings,
    /// Something could not be judged. Exit code 2.
    NotJudged,
    /// There was nothing to judge. Exit code 3, unless `--allow-empty` is given.
    Nothing,
}

impl Verdict {
    /// The verdict on a report; `fail_on` is the lowest level that fails, `None` if no level does.
    pub fn of(report: &Report, fail_on: Option<Level>) -> Self {
        if report.incomplete {
            Verdict::NotJudged
        } else if report
            .findings
            .iter()
            .any(|finding| fails_run(finding, fail_on))
        {
            Verdict::Findings
        } else if report.counts.in_scope == 0 {
            Verdict::Nothing
        } else {
            Verdict::Clean
        }
    }

    /// The reason for the exit code, as a phrase; `None` for exit codes 0 and 3.
    pub(super) fn reason(self, report: &Report, fail_on: Option<Level>) -> Option<String> {
        match self {
            Verdict::Clean | Verdict::Nothing => None,
            Verdict::Findings => Some(findings(report, fail_on)),
            Verdict::NotJudged => Some(incomplete(report)),
        }
    }
}

/// Whether a finding fails the run. Only an open one can.
pub(super) fn fails_run(finding: &Finding, fail_on: Option<Level>) -> bool {
    finding.is_open() && fail_on.is_some_and(|least| finding.level >= least)
}

fn findings(report: &Report, fail_on: Option<Level>) -> String {
    let least = fail_on.unwrap_or(Level::Error);
    let counts: Vec<String> = Level::WORST_FIRST
        .into_iter()
        .filter(|level| *level >= least && report.count(*level) > 0)
        .map(|level| count_of(report.count(level), level.as_str()))
        .collect();
    format!(
        "failed: {} (`--fail-on {least}`, exit code 1)",
        counts.join(", ")
    )
}

fn incomplete(report: &Report) -> String {
    let mut incomplete = report.findings.iter().filter(|finding| finding.incomplete);
    let first = incomplete.next().map(|finding| {
        let at = finding.location.as_ref().map_or_else(String::new, |at| {
            format!(
                " at {}:{}:{}",
                terminal_line(at.file.as_str()),
                at.start.line,
                at.start.column
            )
        });
        let more = match incomplete.count() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        format!(": see `{}`{at}{more}", terminal_line(finding.rule.as_str()))
    });
    format!(
        "failed: the check is incomplete{} (exit code 2)",
        first.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_worst_reason_decides() {
        let mut report = sample::sample_report();
        assert_eq!(Verdict::of(&report, Some(Level::Error)), Verdict::Findings);
        assert_eq!(Verdict::of(&report, None), Verdict::Clean);
        report.incomplete = true;
        assert_eq!(Verdict::of(&report, None), Verdict::NotJudged);
        assert_eq!(
            Verdict::of(&sample::empty_report(&[]), Some(Level::Note)),
            Verdict::Nothing
        );
    }

    #[test]
    fn only_open_findings_fail() {
        let mut report = sample::changed_report();
        assert_eq!(
            Verdict::Findings
                .reason(&report, Some(Level::Error))
                .unwrap(),
            "failed: 1 error (`--fail-on error`, exit code 1)"
        );
        report.findings.retain(|finding| !finding.is_open());
        assert_eq!(report.findings.len(), 3);
        assert_eq!(Verdict::of(&report, Some(Level::Note)), Verdict::Clean);
    }

    #[test]
    fn the_reason_counts_what_fails_and_names_what_was_not_judged() {
        let mut report = sample::sample_report();
        let reason = |report: &Report, level| Verdict::of(report, level).reason(report, level);
        assert_eq!(
            reason(&report, Some(Level::Error)).unwrap(),
            "failed: 1 error (`--fail-on error`, exit code 1)"
        );
        assert_eq!(
            reason(&report, Some(Level::Note)).unwrap(),
            "failed: 1 error, 1 warning (`--fail-on note`, exit code 1)"
        );
        assert_eq!(reason(&report, None), None);
        report.incomplete = true;
        report.findings[1].incomplete = true;
        assert_eq!(
            reason(&report, None).unwrap(),
            "failed: the check is incomplete: see `ownership/unknown-team` at sales/orders.yaml:9:7 (exit code 2)"
        );
    }
}
