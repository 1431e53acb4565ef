//! Coverage for people, programs, and tools that read LCOV.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::super::{Coverage, FileCoverage};
use super::TestReportContext;
use crate::report::escape::terminal_line;

/// Writes the coverage of each file, and the lines that no test evaluates.
///
/// # Errors
/// `out` can't be written to.
pub fn write_human(
    coverage: &Coverage,
    context: &TestReportContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = coverage
        .files
        .iter()
        .map(|file| file.file.chars().count())
        .max()
        .unwrap_or(0);
    for file in &coverage.files {
        if file.uncovered.is_empty() && !context.verbose {
            continue;
        }
        writeln!(
            out,
            "{:<width$}  {:>5.1} %  {} of {} lines",
            terminal_line(&file.file),
            rounded(file.percent()),
            file.covered(),
            file.lines.len()
        )?;
        for (line, text) in &file.uncovered {
            writeln!(
                out,
                "  {line:>4} | {}",
                terminal_line(&text.replace('\t', "    "))
            )?;
        }
    }
    let (covered, lines) = coverage.count();
    let enough = match context.threshold {
        Some(threshold) if coverage.percent() < threshold => {
            format!(", below the `--threshold` of {threshold} %")
        }
        _ => String::new(),
    };
    writeln!(
        out,
        "coverage {:.1} %: tests evaluate {covered} of {lines} lines in {} files{enough}",
        rounded(coverage.percent()),
        coverage.files.len()
    )?;
    if coverage.lost > 0 {
        writeln!(
            out,
            "note: {} evaluations could not be traced; lines that only they evaluate count as not covered",
            coverage.lost
        )?;
    }
    Ok(())
}

/// Never rounded up to a threshold that is not reached: 99.96 is not 100.
fn rounded(percent: f64) -> f64 {
    (percent * 10.0).floor() / 10.0
}

pub(super) fn coverage_value(coverage: &Coverage, threshold: Option<f64>) -> Value {
    let (covered, lines) = coverage.count();
    let files = coverage.files.iter().map(|file| {
        let not: Vec<&u32> = file.uncovered.keys().collect();
        let are = file.lines.iter().filter(|(_, covered)| **covered);
        json!({
            "file": file.file,
            "percent": rounded(file.percent()),
            "covered": are.map(|(line, _)| line).collect::<Vec<_>>(),
            "not_covered": not,
        })
    });
    json!({
        "percent": rounded(coverage.percent()),
        "covered_lines": covered,
        "lines": lines,
        "threshold": threshold,
        "not_followed": coverage.lost,
        "files": files.collect::<Vec<_>>(),
    })
}

/// As JSON.
///
/// # Errors
/// `out` can't be written to.
pub fn write_json(
    coverage: &Coverage,
    threshold: Option<f64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut report = coverage_value(coverage, threshold);
    if let Some(fields) = report.as_object_mut() {
        fields.insert("version".to_owned(), 1.into());
    }
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// As LCOV: a record a file. A line that was evaluated has the count 1, however often it was.
///
/// # Errors
/// `out` can't be written to.
pub fn write_lcov(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    for file in &coverage.files {
        record(file, out)?;
    }
    Ok(())
}

fn record(file: &FileCoverage, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TN:")?;
    writeln!(out, "SF:{}", file.file.replace(['\n', '\r'], " "))?;
    for (line, covered) in &file.lines {
        writeln!(out, "DA:{line},{}", u8::from(*covered))?;
    }
    writeln!(out, "LF:{}", file.lines.len())?;
    writeln!(out, "LH:{}", file.covered())?;
    writeln!(out, "end_of_record")
}
