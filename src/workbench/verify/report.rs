//! What a verification came to, for people and as JSON. The same bytes for the same input.

use std::io::{self, Write};

use serde_json::json;

use super::{EngineDifference, Verdicts};
use crate::report::escape;

/// A line for each engine, then every difference with the smallest input that shows it.
///
/// # Errors
/// `out` takes no more.
pub fn write_human(verdicts: &Verdicts, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<28} {:>9} {:>9} {:>9}",
        "main engine against", "answers", "equal", "different"
    )?;
    for (name, verdict) in verdicts {
        let (all, same) = (verdict.compared, verdict.same());
        let name = escape::terminal_line(name);
        writeln!(out, "{name:<28} {all:>9} {same:>9} {:>9}", all - same)?;
    }
    for (name, verdict) in verdicts {
        for (path, difference) in &verdict.differences {
            writeln!(out)?;
            one(name, path, difference, out)?;
        }
    }
    Ok(())
}

fn one(
    name: &str,
    path: &str,
    difference: &EngineDifference,
    out: &mut dyn Write,
) -> io::Result<()> {
    let cases = match difference.cases {
        1 => "1 input".to_owned(),
        cases => format!("{cases} inputs"),
    };
    let rows = [
        ("in", &difference.place),
        ("main engine", &difference.vm),
        (name, &difference.other),
        ("input", &difference.input),
    ];
    writeln!(out, "{path}: different for {cases}; smallest input:")?;
    for (what, text) in rows {
        let (what, text) = (escape::terminal_line(what), escape::terminal_line(text));
        writeln!(out, "  {what}: {text}")?;
    }
    Ok(())
}

/// `{"version": 1, "engines": […]}`.
pub fn verdicts_json(verdicts: &Verdicts) -> serde_json::Value {
    let engines = verdicts.iter().map(|(name, verdict)| {
        let differences = verdict.differences.iter().map(|(path, difference)| {
            json!({"path": path, "cases": difference.cases, "place": difference.place, "input": difference.input,
                   "vm": difference.vm, "other": difference.other})
        });
        json!({"name": name, "answers": verdict.compared, "equal": verdict.same(),
               "differences": differences.collect::<Vec<_>>()})
    });
    json!({"version": 1, "engines": engines.collect::<Vec<_>>()})
}
