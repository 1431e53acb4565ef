//! An attempt for a comment or page: a table by domain and owner, and examples.

use std::io::{self, Write};
use std::time::Duration;

use super::{Attempt, Levels, count_noun, describe_place, pick_examples};
use crate::report::escape::{cut_text, escape_markdown as escaped, terminal_line};

/// Characters of a text.
const TEXT_LIMIT: usize = 160;
/// Rows of the table, and of the examples: a comment takes 65,536 characters.
const ROWS: usize = 40;
/// Rules whose time is shown.
const COSTS: usize = 10;

/// Writes the attempt.
///
/// # Errors
/// The output can't be written.
pub fn write_markdown(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    let new = attempt.total(|row| &row.new);
    writeln!(
        out,
        "## Tried {}: {}\n",
        text(&format!("`{}`", attempt.what)),
        new.phrase("new")
    )?;
    let counts = [
        count_noun(attempt.rules.len(), "rule"),
        text(&attempt.judged()),
        format!("{} fixed", attempt.total(|row| &row.fixed).count()),
        format!("{} unchanged", attempt.total(|row| &row.unchanged).count()),
    ];
    writeln!(out, "{}.", counts.join(", "))?;
    for becoming in attempt.becoming() {
        writeln!(
            out,
            "\n⏳ {}.",
            becoming.phrase(|rule| text(&format!("`{rule}`")))
        )?;
    }
    for note in &attempt.notes {
        writeln!(out, "\n{}", text(note))?;
    }
    if !attempt.rows.is_empty() {
        table(attempt, out)?;
        told(attempt, out)?;
    }
    time(attempt, out)
}

fn asked(count: u64) -> String {
    count_noun(usize::try_from(count).unwrap_or(usize::MAX), "question")
}

/// What it costs, those that take most first.
fn time(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (before, after) = attempt.time.all;
    let mut rules: Vec<_> = attempt.time.rules.iter().collect();
    rules.sort_by_key(|(_, (_, after))| std::cmp::Reverse(after.time));
    let rules = rules.into_iter().take(COSTS).map(|(id, (_, after))| {
        let id = text(&format!("`{id}`"));
        format!("{id} {:.1} ms for {}", ms(after.time), asked(after.asked))
    });
    let rules: Vec<String> = rules.collect();
    let each = match rules.is_empty() {
        true => String::new(),
        false => format!("; by rule: {}", rules.join(", ")),
    };
    writeln!(
        out,
        "\n_Time of all rules, summed over all cores (varies between runs): {:.0} ms before, {:.0} ms after{each}._",
        ms(before),
        ms(after)
    )
}

fn table(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n| domain | owner | new errors | new warnings | new notes | fixed | unchanged |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for row in attempt.rows.iter().take(ROWS) {
        let new = Levels::of(&row.new);
        let name = |name: &Option<String>| name.as_deref().map_or(String::new(), cell);
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            name(&row.domain),
            name(&row.owner),
            new.errors,
            new.warnings,
            new.notes,
            row.fixed.len(),
            row.unchanged.len()
        )?;
    }
    left_out(attempt, out)
}

fn told(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    for row in attempt.rows.iter().take(ROWS) {
        writeln!(out, "\n<details><summary>{}</summary>\n", text(&row.name()))?;
        for (kind, findings) in row.kinds() {
            let told = pick_examples(findings);
            for finding in &told {
                let rule = text(finding.rule.as_str());
                let (message, at) = (text(&finding.message), text(&describe_place(finding)));
                writeln!(
                    out,
                    "- {kind}, {}: {message} · {at} · {rule}",
                    finding.level
                )?;
            }
            if findings.len() > told.len() {
                writeln!(out, "- _{} more {kind}_", findings.len() - told.len())?;
            }
        }
        writeln!(out, "\n</details>")?;
    }
    left_out(attempt, out)
}

fn left_out(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    match attempt.rows.len().saturating_sub(ROWS) {
        0 => Ok(()),
        more => writeln!(out, "\n_{more} more owners are not shown._"),
    }
}

fn text(text: &str) -> String {
    escaped(&terminal_line(&cut_text(text.trim(), TEXT_LIMIT)))
}

/// Code in a cell could hold the `|` that ends it, so there is none.
fn cell(name: &str) -> String {
    text(&name.replace('`', "'"))
}
