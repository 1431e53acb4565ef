//! Writes a [`Report`] in one of the output formats, each in its own file. Judges nothing and keeps the order of the report.

mod change;
mod concise;
mod context;
mod count;
mod csv;
pub mod escape;
mod excerpt;
mod format;
mod formats;
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
mod waive_terms;

pub use context::ReportContext;
pub use format::OutputFormat;
pub use json::json_schema;
pub use log::LogWriter;
pub use progress::Progress;
pub use sarif::tell_left_out;
pub use verdict::Verdict;
pub use waive_terms::WaiveTerms;

use std::io;
use std::io::Write;

use crate::model::report::Report;
use count::count_of;
use link::rule_link;

/// Writes the whole report.
///
/// # Errors
/// Those of `out`. The caller decides whether a closed pipe is an error.
pub fn write(
    report: &Report,
    format: OutputFormat,
    context: &ReportContext,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(64 * 1024, out);
    format.write(report, context, &mut out)?;
    out.flush()
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
        let report = sample::sample_report();
        for format in OutputFormat::all().iter().copied() {
            for room in [0, 10] {
                let error = write(
                    &report,
                    format,
                    &ReportContext::default(),
                    &mut ClosedPipe(room),
                )
                .unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format}");
            }
        }
    }

    #[test]
    fn the_same_report_is_the_same_bytes() {
        let report = sample::sample_report();
        for format in OutputFormat::all().iter().copied() {
            let render = || sample::render_report(&report, format, &ReportContext::default());
            assert_eq!(render(), render(), "{format}");
        }
    }

    #[test]
    fn paths_start_at_the_root_of_the_repository() {
        let mut context = ReportContext::default();
        assert_eq!(context.repository_path("a/b.yaml"), "a/b.yaml");
        context.root = "mesh/".to_owned();
        assert_eq!(context.repository_path("a/b.yaml"), "mesh/a/b.yaml");
    }
}
