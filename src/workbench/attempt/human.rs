//! An attempt for people, at a terminal.

use std::io::{self, Write};
use std::time::Duration;

use super::{Attempt, OwnerEffect, count_noun, describe_place, pick_examples};
use crate::model::finding::Finding;
use crate::report::escape::{cut_text, terminal_line};

/// Characters of a message.
const TEXT_LIMIT: usize = 160;
/// Rules that are named one by one.
const RULES: usize = 10;

/// Writes what would be new, fixed and unchanged by domain and owner, and the sum.
///
/// # Errors
/// The output can't be written.
pub fn write_human(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", headline(attempt))?;
    for row in &attempt.rows {
        one(row, out)?;
    }
    let new = attempt.total(|row| &row.new).phrase("new");
    let fixed = attempt.total(|row| &row.fixed).count();
    let unchanged = attempt.total(|row| &row.unchanged).count();
    writeln!(out, "total: {new}, {fixed} fixed, {unchanged} unchanged")?;
    for becoming in attempt.becoming() {
        let phrase = becoming.phrase(|rule| format!("`{}`", terminal_line(rule)));
        writeln!(out, "  of the new findings, {phrase}")?;
    }
    for note in &attempt.notes {
        writeln!(out, "note: {}", terminal_line(note))?;
    }
    time(attempt, out)
}

/// What it costs; each rule is asked by itself once more for that.
fn time(attempt: &Attempt, out: &mut dyn Write) -> io::Result<()> {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (before, after) = attempt.time.all;
    writeln!(
        out,
        "time of all rules: {:.0} ms before, {:.0} ms after (sum over all cores, varies between runs)",
        ms(before),
        ms(after)
    )?;
    let mut costs: Vec<_> = attempt.time.rules.iter().collect();
    costs.sort_by_key(|(_, (_, after))| std::cmp::Reverse(after.time));
    for (id, (before, after)) in costs.into_iter().take(RULES) {
        let id = terminal_line(id.as_str());
        let was = match before.asked {
            0 => String::new(),
            _ => format!(", {:.1} ms before", ms(before.time)),
        };
        let each = ms(after.time) * 1e3 / after.asked.max(1) as f64;
        writeln!(
            out,
            "  {:>8.1} ms  {each:>7.1} µs each of {:>6}  {id}{was}",
            ms(after.time),
            after.asked
        )?;
    }
    Ok(())
}

fn headline(attempt: &Attempt) -> String {
    let rule = |rule: &crate::model::rule::Rule| {
        let state = rule.state.as_str();
        format!(
            "{} ({state}, {})",
            terminal_line(rule.id.as_str()),
            rule.severity
        )
    };
    let mut named: Vec<String> = attempt.rules.iter().take(RULES).map(rule).collect();
    if attempt.rules.len() > RULES {
        named.push(format!("{} more", attempt.rules.len() - RULES));
    }
    let rules = match named.is_empty() {
        true => "no rules of its own".to_owned(),
        false => named.join(", "),
    };
    let count = count_noun(attempt.rules.len(), "rule");
    let judged = attempt.judged();
    let what = terminal_line(&attempt.what);
    format!("tried `{what}` on {judged}: {count}: {rules}")
}

fn one(row: &OwnerEffect, out: &mut dyn Write) -> io::Result<()> {
    let counts = [
        super::Levels::of(&row.new).phrase("new"),
        format!("{} fixed", row.fixed.len()),
        format!("{} unchanged", row.unchanged.len()),
    ];
    writeln!(out, "{}: {}", terminal_line(&row.name()), counts.join(", "))?;
    for (kind, findings) in row.kinds() {
        let told = pick_examples(findings);
        for finding in &told {
            writeln!(out, "  {kind:9}  {}", line(finding))?;
        }
        if findings.len() > told.len() {
            writeln!(
                out,
                "  {:9}  {} more {kind}",
                "",
                findings.len() - told.len()
            )?;
        }
    }
    writeln!(out)
}

/// `domains/sales/a.odcs.yaml:3:5 error[kpi/house]: message`.
fn line(finding: &Finding) -> String {
    let message = cut_text(finding.message.trim(), TEXT_LIMIT);
    let from = finding.error_from;
    let from = from.map_or(String::new(), |day| format!(" (an error from {day})"));
    let told = format!(
        "{} {}[{}]: {message}{from}",
        describe_place(finding),
        finding.level,
        finding.rule
    );
    terminal_line(told.trim_start())
}
