//! What a report is written with, beside its content. The caller asks the terminal and the clock.

use std::time::Duration;

use super::waive_terms::WaiveTerms;
use crate::model::rule::Level;

/// Settings of a report beside its content. The caller asks the terminal and the clock.
#[derive(Debug, Clone)]
pub struct ReportContext {
    /// Formats for people: whether to colour.
    pub color: bool,
    /// Human: whether the terminal can show more than ASCII drawing characters.
    pub unicode: bool,
    /// Human: columns of the terminal; fewer than 20 count as 20.
    pub width: usize,
    /// Human: whether the terminal can make text clickable (OSC 8).
    pub hyperlinks: bool,
    /// Formats for people: write only the summary.
    pub quiet: bool,
    /// Human: also list skipped files, fixed and waived findings, and consumers of changed entities.
    pub verbose: bool,
    /// Human: show every finding in full, however many there are.
    pub all: bool,
    /// Formats for people: count findings by rule instead of showing them.
    pub statistics: bool,
    /// Human: end with the commands for a first run, because the mesh has neither config nor baseline.
    pub first_run: bool,
    /// Human: how long the run took. Other formats leave it out, so that equal input gives equal bytes.
    pub elapsed: Option<Duration>,
    /// Human, JUnit and Markdown: the lowest level that fails the run; `None` if no level does.
    pub fail_on: Option<Level>,
    /// Markdown: URL of the repository's files at the judged commit, without a trailing slash, such as
    /// `https://github.com/acme/mesh/blob/4748ff9`. Without it, places are plain text.
    pub blob: Option<String>,
    /// Formats for platforms, which resolve paths from the root of the repository: path from there to the root of the mesh,
    /// `/`-separated; empty if both are the same.
    pub root: String,
    /// SARIF for code scanning: include unchanged findings; waived and baselined ones stay out.
    pub sarif_all: bool,
    /// Human and Markdown: what a suggested waiver says. `None` where no waivers file can be written.
    pub waive: Option<WaiveTerms>,
}

impl Default for ReportContext {
    /// For a pipe: no colour, 100 columns.
    fn default() -> Self {
        Self {
            color: false,
            unicode: true,
            width: 100,
            hyperlinks: false,
            quiet: false,
            verbose: false,
            all: false,
            statistics: false,
            first_run: false,
            elapsed: None,
            fail_on: Some(Level::Error),
            blob: None,
            root: String::new(),
            sarif_all: false,
            waive: None,
        }
    }
}

impl ReportContext {
    /// The mark of text that is cut.
    pub(super) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// The path of a file from the root of the repository.
    pub(super) fn repository_path(&self, file: &str) -> String {
        match self.root.trim_matches('/') {
            "" => file.to_owned(),
            root => format!("{root}/{file}"),
        }
    }
}
