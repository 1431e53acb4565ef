//! What is told after the open findings, a line each: which rules give way to others, what was fixed, what is waived, which versions would be right, and who reads from
//! what changed.

use std::io::{self, Write};

use super::{Terminal, place};
use crate::model::finding::{Finding, Location};
use crate::model::waiver::Waiver;
use crate::report::escape::{cut, terminal_line};
use crate::report::paint::Style;
use crate::report::standing::Standing;
use crate::report::{change, life};

/// Fixed findings that are told one by one without `--verbose`: good news, as long as it is short.
const FIXED_TOLD: usize = 5;
/// Versions told without `--verbose`.
const VERSIONS_TOLD: usize = 20;
/// Characters of a text on such a line.
const TEXT_LIMIT: usize = 300;

impl Terminal<'_> {
    pub(super) fn rest(&self, out: &mut dyn Write) -> io::Result<()> {
        self.deprecated(out)?;
        self.waived(out)?;
        self.fixed(out)?;
        self.versions(out)?;
        self.downstream(out)
    }

    fn deprecated(&self, out: &mut dyn Write) -> io::Result<()> {
        for (old, new) in life::deprecated(self.report) {
            let (old, new) = (terminal_line(old.as_str()), terminal_line(new.as_str()));
            let line = format!("`{old}` gives way to `{new}`: `govcheck explain {new}`");
            self.tagged(Style::Cyan, "deprecated:", &line, out)?;
        }
        Ok(())
    }

    fn waived(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.context.verbose {
            return Ok(());
        }
        for finding in &self.report.findings {
            if let Standing::Waived(waiver) = Standing::of(finding) {
                let line = format!("{} {}", what(finding), exception(waiver));
                self.tagged(Style::Dim, "waived:", &line, out)?;
            }
        }
        Ok(())
    }

    fn fixed(&self, out: &mut dyn Write) -> io::Result<()> {
        let comparison = self.report.comparison.iter();
        let fixed: Vec<&Finding> = comparison.flat_map(|it| &it.fixed).collect();
        if fixed.len() > FIXED_TOLD && !self.context.verbose {
            // The line that counts what is not open has their number.
            return Ok(());
        }
        for finding in fixed {
            let line = format!("{}: {}", what(finding), text(&finding.message));
            self.tagged(Style::Green, "fixed:", &line, out)?;
        }
        Ok(())
    }

    fn versions(&self, out: &mut dyn Write) -> io::Result<()> {
        let arrow = if self.context.unicode { "→" } else { "->" };
        let advice = change::version_advice(self.report, arrow);
        let told = match self.context.verbose {
            true => advice.len(),
            false => VERSIONS_TOLD,
        };
        for line in advice.iter().take(told) {
            self.tagged(Style::Cyan, "version:", &terminal_line(line), out)?;
        }
        if advice.len() > told {
            let line = format!("{} more, which `--verbose` lists", advice.len() - told);
            self.tagged(Style::Cyan, "version:", &line, out)?;
        }
        Ok(())
    }

    fn downstream(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(line) = change::downstream(self.report) {
            self.tagged(Style::Cyan, "downstream:", &line, out)?;
        }
        if self.context.verbose {
            for affected in change::affected(self.report) {
                let line = terminal_line(&change::consumer(affected));
                let file = terminal_line(affected.file.as_str());
                self.tagged(Style::Cyan, "downstream:", &format!("{line} ({file})"), out)?;
            }
        }
        Ok(())
    }

    fn tagged(&self, style: Style, tag: &str, line: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} {line}", self.paint.style(style, tag))
    }
}

/// `discovery/duplicate-id at teams.yaml:2:5`.
fn what(finding: &Finding) -> String {
    let rule = terminal_line(finding.rule.as_str());
    match &finding.location {
        Some(at) => format!("{rule} at {}", place(at)),
        None => rule,
    }
}

/// `until 2027-03-31 (jane@acme.example, GOV-12, teams.yaml:2:5): two teams merge in spring`.
fn exception(waiver: &Waiver) -> String {
    let facts = [&waiver.owner, &waiver.ticket];
    let mut facts: Vec<String> = facts.into_iter().flatten().map(|it| text(it)).collect();
    let at: &Location = &waiver.location;
    facts.push(place(at));
    format!(
        "until {} ({}): {}",
        waiver.expires,
        facts.join(", "),
        text(&waiver.reason)
    )
}

fn text(text: &str) -> String {
    terminal_line(&cut(text.trim(), TEXT_LIMIT))
}
