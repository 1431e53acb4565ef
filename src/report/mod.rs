//! Renders a [`Report`] in one of the output formats, one file each. Judges nothing, and keeps the order that the report has.

use std::io::{self, Write};
use std::time::Duration;

use crate::model::report::Report;
use crate::model::rule::Level;

mod change;
mod csv;
pub mod escape;
mod excerpt;
mod format;
mod github;
mod json;
mod junit;
pub mod life;
mod line_hash;
mod link;
mod markdown;
mod paint;
mod progress;
#[cfg(test)]
mod sample;
mod sarif;
mod selected;
mod standing;
mod summary;
mod terminal;
mod verdict;

use link::rule_link;

pub use format::Format;
pub use json::json_schema;
pub use progress::Progress;
pub use verdict::Verdict;

/// Every output format, in the order of the help text; the first is the default. A new one is its file, and its line here.
static FORMATS: [Format; 8] = [
    terminal::FORMAT,
    json::FORMAT,
    sarif::FORMAT,
    sarif::AUDIT,
    github::FORMAT,
    junit::FORMAT,
    markdown::FORMAT,
    csv::FORMAT,
];

/// What a report is written for, beside its content. The terminal and the clock are asked by the caller.
#[derive(Debug, Clone)]
pub struct Context {
    /// Human: whether to colour.
    pub color: bool,
    /// Human: whether the terminal can show more than ASCII drawing characters.
    pub unicode: bool,
    /// Human: columns of the terminal; below 40 counts as 40.
    pub width: usize,
    /// Human: whether the terminal can make text clickable (OSC 8).
    pub hyperlinks: bool,
    /// Human: the last line alone.
    pub quiet: bool,
    /// Human: list the files that were passed over, and what was fixed, waived or is touched downstream, too.
    pub verbose: bool,
    /// Human: how long the run took. No other format has it: they are the same bytes for the same input.
    pub elapsed: Option<Duration>,
    /// Human, JUnit and Markdown: the least level that makes the run fail; none if no level does.
    pub fail_on: Option<Level>,
    /// Markdown: the web address below which the files of the repository lie at the judged commit, without a slash at its end, as
    /// `https://github.com/acme/mesh/blob/4748ff9`. Without it places are plain text.
    pub blob: Option<String>,
    /// All but human and JSON: the way from the root of the repository to the root of the mesh, `/`-separated, empty if they are the same.
    /// Platforms read paths from the root of the repository.
    pub root: String,
    /// SARIF for code scanning: findings that the base has, too; not what is waived or in the baseline.
    pub sarif_all: bool,
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
            elapsed: None,
            fail_on: Some(Level::Error),
            blob: None,
            root: String::new(),
            sarif_all: false,
        }
    }
}

impl Context {
    /// A file's path from the root of the repository.
    fn repository_path(&self, file: &str) -> String {
        match self.root.trim_matches('/') {
            "" => file.to_owned(),
            root => format!("{root}/{file}"),
        }
    }
}

/// Writes the whole report. An error is that of `out`, a closed pipe included: whether that is one is the caller's to say.
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
