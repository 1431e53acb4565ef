//! The lines after the open findings: deprecated rules, waived and fixed findings, removed entities, next versions, and consumers.

use std::io::{self, Write};

use super::{Terminal, clickable_place};
use crate::model::comparison::RemovedEntity;
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::waiver::Waiver;
use crate::report::escape::{cut_text, terminal_line};
use crate::report::paint::Style;
use crate::report::standing::Standing;
use crate::report::waive::{Shell, is_blocking, waive_command};
use crate::report::{change, life};

/// Fixed findings that are listed without `--verbose`: good news, as long as it is short.
const FIXED_SHOWN: usize = 5;
/// Lines of one kind without `--verbose`.
const LINES_SHOWN: usize = 10;
/// Characters of a text on such a line.
const TEXT_LIMIT: usize = 300;

impl Terminal<'_> {
    pub(super) fn rest(&self, out: &mut dyn Write) -> io::Result<()> {
        self.deprecated(out)?;
        self.waived(out)?;
        self.fixed(out)?;
        self.removed(out)?;
        self.renamed(out)?;
        self.versions(out)?;
        self.consumers(out)?;
        self.policies(out)
    }

    fn deprecated(&self, out: &mut dyn Write) -> io::Result<()> {
        for (old, new) in life::deprecated_rules(self.report) {
            let (old, new) = (terminal_line(old.as_str()), terminal_line(new.as_str()));
            let line = format!("`{old}` is replaced by `{new}`: `govcheck explain {new}`");
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
        if fixed.len() > FIXED_SHOWN && !self.context.verbose {
            // The summary has their number.
            return Ok(());
        }
        for finding in fixed {
            let line = format!("{}: {}", what(finding), text(&finding.message));
            self.tagged(Style::Green, "fixed:", &line, out)?;
        }
        Ok(())
    }

    fn removed(&self, out: &mut dyn Write) -> io::Result<()> {
        let removed = change::removed_entities(self.report).iter();
        let lines: Vec<String> = removed.map(|it| self.removed_line(it)).collect();
        self.list("removed:", &lines, out)
    }

    fn renamed(&self, out: &mut dyn Write) -> io::Result<()> {
        let arrow = if self.context.unicode { "→" } else { "->" };
        let renamed = change::renamed_lines(self.report, arrow);
        let lines: Vec<String> = renamed.iter().map(|line| terminal_line(line)).collect();
        self.list("renamed:", &lines, out)
    }

    /// ``contract `returns` (owner `sales`) in sales/returns.yaml; read directly by product `billing`; 1 finding gone with it``.
    fn removed_line(&self, removed: &RemovedEntity) -> String {
        let mut line = change::removed_entity(self.report, removed);
        if !removed.is_document() {
            line.push_str(&format!(" in {}", removed.file));
        }
        let readers = change::read_by(self.report, &removed.entity);
        let readers = readers.map(|readers| format!("read {readers}"));
        for fact in readers.into_iter().chain(change::gone_with(removed)) {
            line.push_str(&format!("; {fact}"));
        }
        terminal_line(&line)
    }

    fn versions(&self, out: &mut dyn Write) -> io::Result<()> {
        let arrow = if self.context.unicode { "→" } else { "->" };
        let advice = change::version_advice(self.report, arrow);
        let lines: Vec<String> = advice.iter().map(|line| terminal_line(line)).collect();
        self.list("version:", &lines, out)
    }

    /// Lines with one tag; without `--verbose` the first ones, and the number of the others.
    fn list(&self, tag: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
        let shown = match self.context.verbose {
            true => lines.len(),
            false => LINES_SHOWN.min(lines.len()),
        };
        for line in lines.iter().take(shown) {
            self.tagged(Style::Cyan, tag, line, out)?;
        }
        match lines.len() - shown {
            0 => Ok(()),
            more => {
                let line = format!("{more} more: `--verbose` lists them");
                self.tagged(Style::Cyan, tag, &line, out)
            }
        }
    }

    fn consumers(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(line) = change::count_consumers(self.report) {
            self.tagged(Style::Cyan, "consumers:", &line, out)?;
        }
        if self.context.verbose {
            for affected in change::affected_consumers(self.report) {
                let line = terminal_line(&change::describe_consumer(self.report, affected));
                let file = terminal_line(affected.file.as_str());
                self.tagged(Style::Cyan, "consumer:", &format!("{line} ({file})"), out)?;
            }
        }
        Ok(())
    }

    /// A new waiver does nothing before the revision that judges has it.
    fn policies(&self, out: &mut dyn Write) -> io::Result<()> {
        let (report, context) = (self.report, self.context);
        let mut waivable = report
            .open()
            .filter(|finding| waive_command(finding, report, context, Shell::Here).is_some());
        if let (Some(policies), Some(_)) = (&report.policies, waivable.next()) {
            let name = terminal_line(&change::quote_name(&policies.given));
            let line =
                format!("they come from {name}: a new one takes effect once it is merged there");
            self.tagged(Style::Cyan, "waivers:", &line, out)?;
        }
        Ok(())
    }

    /// Under a blocking finding: the consumers of its entity, and the command that waives it.
    pub(super) fn next_step(&self, finding: &Finding, text: &mut String) {
        let (report, context) = (self.report, self.context);
        let key = finding
            .entity
            .as_ref()
            .filter(|_| is_blocking(finding, context));
        if let Some(readers) = key.and_then(|key| change::read_by(report, key)) {
            let tag = self.paint.style(Style::Cyan, "read:");
            text.push_str(&format!("  {tag} {}\n", terminal_line(&readers)));
        }
        if let Some((_, command)) = waive_command(finding, report, context, Shell::Here) {
            let tag = self.paint.style(Style::Cyan, "waive:");
            text.push_str(&format!("  {tag} {command}\n"));
        }
    }

    fn tagged(&self, style: Style, tag: &str, line: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} {line}", self.paint.style(style, tag))
    }
}

/// `discovery/duplicate-id at teams.yaml:2:5`.
fn what(finding: &Finding) -> String {
    let rule = terminal_line(finding.rule.as_str());
    match &finding.location {
        Some(at) => format!("{rule} at {}", clickable_place(at)),
        None => rule,
    }
}

/// `until 2027-03-31 (jane@acme.example, GOV-12, teams.yaml:2:5): two teams merge in spring`.
fn exception(waiver: &Waiver) -> String {
    let facts = [&waiver.owner, &waiver.ticket];
    let mut facts: Vec<String> = facts.into_iter().flatten().map(|it| text(it)).collect();
    let at: &Location = &waiver.location;
    facts.push(clickable_place(at));
    format!(
        "until {} ({}): {}",
        waiver.expires,
        facts.join(", "),
        text(&waiver.reason)
    )
}

fn text(text: &str) -> String {
    terminal_line(&cut_text(text.trim(), TEXT_LIMIT))
}
