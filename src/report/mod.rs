//! Writes a [`Report`] in one of the output formats, each in its own file. Judges nothing and keeps the order of the report.

use std::io::{self, Write};
use std::time::Duration;

use crate::model::report::Report;
use crate::model::rule::Level;

mod change;
mod concise;
mod csv;
pub mod escape;
mod excerpt;
mod format;
mod github;
mod gitlab;
mod grouped;
mod json;
mod junit;
pub mod life;
mod line_hash;
mod link;
mod log;
mod markdown;
mod one_line;
mod paint;
mod progress;
mod rdjson;
mod rule_table;
#[cfg(test)]
mod sample;
mod sarif;
mod selected;
mod standing;
mod statistics;
mod summary;
mod terminal;
mod verdict;
mod waive;

use link::rule_link;

pub use format::Format;
pub use json::json_schema;
pub use log::LogWriter;
pub use progress::Progress;
pub use sarif::tell_left_out;
pub use verdict::Verdict;
pub use waive::WaiveTerms;

/// Every output format, in the order of the help text; the first is the default. A new format is a file and a line here.
static FORMATS: [Format; 12] = [
    terminal::FORMAT,
    concise::FORMAT,
    grouped::FORMAT,
    json::FORMAT,
    sarif::FORMAT,
    sarif::AUDIT,
    github::FORMAT,
    gitlab::FORMAT,
    rdjson::FORMAT,
    junit::FORMAT,
    markdown::FORMAT,
    csv::FORMAT,
];

/// Settings of a report beside its content. The caller asks the terminal and the clock.
#[derive(Debug, Clone)]
pub struct Context {
    /// Formats for people: whether to colour.
    pub color: bool,
    /// Human: whether the terminal can show more than ASCII drawing characters.
    pub unicode: bool,
    /// Human: columns of the terminal; fewer than 20 count as 20.
    pub width: usize,
    /// Human: whether the terminal can make text clickable (OSC 8).
    pub hyperlinks: bool,
    /// Formats for people: write the summary alone.
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

impl Default for Context {
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

impl Context {
    /// The mark of text that is cut.
    fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// The path of a file from the root of the repository.
    fn repository_path(&self, file: &str) -> String {
        match self.root.trim_matches('/') {
            "" => file.to_owned(),
            root => format!("{root}/{file}"),
        }
    }
}

/// Writes the whole report.
///
/// # Errors
/// Those of `out`. The caller decides whether a closed pipe is an error.
pub fn write(
    report: &Report,
    format: Format,
    context: &Context,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(64 * 1024, out);
    format.write(report, context, &mut out)?;
    out.flush()
}

/// `1 error`, `2 errors`.
fn count_of(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that goes away after some bytes, like `head`.
    struct ClosedPipe(usize);

    impl Write for ClosedPipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let taken = self.0.min(bytes.len());
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_comes_back_as_such() {
        let report = sample::report();
        for format in Format::all().iter().copied() {
            for room in [0, 10] {
                let error =
                    write(&report, format, &Context::default(), &mut ClosedPipe(room)).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format}");
            }
        }
    }

    #[test]
    fn the_same_report_is_the_same_bytes() {
        let report = sample::report();
        for format in Format::all().iter().copied() {
            let render = || sample::render(&report, format, &Context::default());
            assert_eq!(render(), render(), "{format}");
        }
    }

    #[test]
    fn paths_start_at_the_root_of_the_repository() {
        let mut context = Context::default();
        assert_eq!(context.repository_path("a/b.yaml"), "a/b.yaml");
        context.root = "mesh/".to_owned();
        assert_eq!(context.repository_path("a/b.yaml"), "mesh/a/b.yaml");
    }
}
