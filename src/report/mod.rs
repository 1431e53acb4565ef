//! Renders a [`Report`] in one of the output formats, one file each. Judges nothing, and keeps the order that the report has.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::time::Duration;

use crate::model::report::Report;
use crate::model::rule::Level;

mod change;
mod csv;
pub mod escape;
mod excerpt;
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
mod standing;
mod summary;
mod terminal;
mod verdict;

use link::rule_link;

pub use json::json_schema;
pub use progress::Progress;
pub use verdict::Verdict;

/// How to write a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people, at a terminal.
    Human,
    /// For programs; [`json_schema`] describes it.
    Json,
    /// For code scanning: SARIF 2.1.0 with the findings that count, for what is uploaded becomes an alert.
    Sarif,
    /// For audits: SARIF 2.1.0 with all findings, how each stands to the base, and why some do not count.
    SarifAudit,
    /// For the log of a GitHub workflow, which makes annotations of it.
    Github,
    /// For the test tab of a CI system: JUnit XML.
    Junit,
    /// For people, on the page of a job or in a comment: a summary in GitHub's Markdown.
    Markdown,
    /// For spreadsheets: RFC 4180.
    Csv,
}

impl Format {
    /// All formats, in the order of the help text.
    pub const ALL: [Format; 8] = [
        Format::Human,
        Format::Json,
        Format::Sarif,
        Format::SarifAudit,
        Format::Github,
        Format::Junit,
        Format::Markdown,
        Format::Csv,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::SarifAudit => "sarif-audit",
            Format::Github => "github",
            Format::Junit => "junit",
            Format::Markdown => "markdown",
            Format::Csv => "csv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The user named a format that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{}`, known are {}{}", escape::terminal_line(.name), known_formats(), did_you_mean(.name))]
pub struct UnknownFormat {
    /// What the user wrote.
    pub name: String,
}

fn did_you_mean(name: &str) -> String {
    let name = name.to_lowercase();
    Format::ALL
        .iter()
        .map(|format| (strsim::damerau_levenshtein(&name, format.as_str()), format))
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, format)| format!("; did you mean `{format}`?"))
        .unwrap_or_default()
}

fn known_formats() -> String {
    Format::ALL.map(|format| format!("`{format}`")).join(", ")
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| UnknownFormat {
                name: name.to_owned(),
            })
    }
}

/// The names of all formats, for the help text.
pub fn format_names() -> String {
    Format::ALL.map(Format::as_str).join(", ")
}

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
    match format {
        Format::Human => terminal::write(report, context, &mut out)?,
        Format::Json => json::write(report, &mut out)?,
        Format::Sarif => sarif::write(report, context, &mut out)?,
        Format::SarifAudit => sarif::write_audit(report, context, &mut out)?,
        Format::Github => github::write(report, context, &mut out)?,
        Format::Junit => junit::write(report, context, &mut out)?,
        Format::Markdown => markdown::write(report, context, &mut out)?,
        Format::Csv => csv::write(report, context, &mut out)?,
    }
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

    #[test]
    fn formats_are_found_by_name() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
    }

    #[test]
    fn an_unknown_format_names_the_nearest_and_the_known() {
        let error = "jsno".parse::<Format>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown format `jsno`, known are `human`, `json`, `sarif`, `sarif-audit`, `github`, `junit`, `markdown`, `csv`; did you mean `json`?"
        );
        let error = "checkstyle\u{1b}"
            .parse::<Format>()
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("unknown format `checkstyle\\x1b`, known are"),
            "{error}"
        );
    }

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
        for format in Format::ALL {
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
        for format in Format::ALL {
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
