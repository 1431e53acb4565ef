//! The report as the parts of its page see it.

use std::cmp::Reverse;

use crate::model::finding::{Against, Finding};
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::report::ReportContext;
use crate::report::escape::terminal_line;
use crate::report::paint::Paint;
use miette::GraphicalTheme;

/// Characters of a message or help text.
pub(super) const TEXT_LIMIT: usize = 2_000;

pub(super) struct Terminal<'a> {
    pub(super) report: &'a Report,
    pub(super) context: &'a ReportContext,
    pub(super) paint: Paint,
    pub(super) width: usize,
    pub(super) theme: GraphicalTheme,
    /// Related places shown with a finding; further ones are counted.
    pub(super) related_limit: usize,
}

/// How soon a finding is shown, the least first: what makes the check incomplete, then by level, new before old.
pub(super) fn display_rank(finding: &Finding) -> (Reverse<(bool, Level)>, bool) {
    let is_old = finding.against == Some(Against::Unchanged);
    (Reverse((finding.incomplete, finding.level)), is_old)
}

/// Whether the findings are so few that none is left out.
pub(super) fn is_short(report: &Report) -> bool {
    report.open().nth(SHOW_ALL_UP_TO).is_none()
}

/// `path:line:column`, which terminals and editors make clickable.
pub(super) fn clickable_place(at: &Location) -> String {
    format!(
        "{}:{}:{}",
        terminal_line(at.file.as_str()),
        at.start.line,
        at.start.column
    )
}

/// Lines of the whole report: two screens of 50.
pub(super) const REPORT_LINES: usize = 100;

/// A run with at most so many findings shows every one, on a line of its own where it does not fit in full.
pub(super) const SHOW_ALL_UP_TO: usize = 30;
