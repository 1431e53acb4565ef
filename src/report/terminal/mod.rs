//! The report for people. The only folder that uses miette, which draws the excerpts.

mod drawing;
mod overview;
#[cfg(test)]
mod overview_tests;
mod rest;
#[cfg(test)]
mod tests;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::{fmt, io};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};
use rayon::prelude::*;
use textwrap::{WordSeparator, WordSplitter};

use super::escape::{cut_text, no_command, terminal_line, terminal_text};
use super::excerpt::{CONTEXT_LINES, Excerpt};
use super::paint::{Paint, Style};
use super::{OutputFormat, ReportContext, count_of, rule_link, rule_table, summary};
use crate::model::finding::{Certainty, Finding, Related};
use crate::model::report::Report;
use crate::model::rule::{Level, RuleId};
use crate::model::text::RelPath;
use drawing::Drawing;
use view::{TEXT_LIMIT, Terminal, clickable_place, display_rank, is_short};

const MIN_WIDTH: usize = 20;
/// Longer lines of text are harder to read than wrapped ones.
const MAX_WIDTH: usize = 140;
/// Lines of a fix.
const FIX_LINES: usize = 12;
/// Related places shown with a finding; further ones are counted.
const RELATED_LIMIT: usize = 8;
/// Files whose findings are drawn in parallel before they are written: enough for all cores, little to hold in memory.
const FILES_AT_ONCE: usize = 128;

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "human",
    "For people: findings with excerpts, then a summary",
    write,
)
.with_statistics();

fn write(report: &Report, context: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    let terminal = Terminal::new(report, context);
    let mut end = vec![summary::summary_lines(report, context, terminal.paint)];
    if !context.quiet {
        end.extend(terminal.first_steps());
        let lines = end.iter().map(|text| text.lines().count()).sum();
        terminal.body(lines, out)?;
    }
    writeln!(out, "{}", end.join("\n"))
}

/// A finding, and whether to print the link of its rule, which appears once.
type FindingWithLink<'a> = (&'a Finding, bool);

impl<'a> Terminal<'a> {
    fn new(report: &'a Report, context: &'a ReportContext) -> Self {
        let theme = match (context.unicode, context.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        };
        Self {
            report,
            context,
            paint: Paint {
                color: context.color,
                hyperlinks: context.hyperlinks,
            },
            width: context.width.clamp(MIN_WIDTH, MAX_WIDTH),
            theme,
            related_limit: match context.all || is_short(report) {
                true => RELATED_LIMIT,
                false => overview::RELATED_LIMIT,
            },
        }
    }

    /// Writes everything above the summary and the first steps, which take `reserved` lines.
    fn body(&self, reserved: usize, out: &mut dyn Write) -> io::Result<()> {
        if self.context.statistics {
            return rule_table::write_statistics(self.report, self.context, self.paint, out);
        }
        if self.context.all {
            return self.in_full(out);
        }
        if !is_short(self.report) {
            return self.overview(reserved, out);
        }
        let mut text = Vec::new();
        self.in_full(&mut text)?;
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        if lines + reserved > view::REPORT_LINES {
            return self.overview(reserved, out);
        }
        out.write_all(&text)
    }

    /// Every finding with its excerpt, and the lines below.
    fn in_full(&self, out: &mut dyn Write) -> io::Result<()> {
        self.findings(out)?;
        self.rest(out)?;
        self.skipped(out)
    }

    /// The commands to run after a first run, one line each; empty unless this is one.
    fn first_steps(&self) -> Vec<String> {
        if !self.context.first_run || self.report.counts.in_scope == 0 {
            return Vec::new();
        }
        let mut steps =
            vec!["`govcheck init` writes a config and registers from what the manifests name"];
        if self.report.open().next().is_some() && !self.report.incomplete {
            steps.push(
                "`govcheck baseline write` records today's findings, so that only new ones count",
            );
        }
        let tag = self.tag("next:");
        steps.iter().map(|step| format!("{tag} {step}")).collect()
    }

    fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut linked: BTreeSet<&RuleId> = BTreeSet::new();
        let open: Vec<FindingWithLink<'a>> = self
            .by_file()
            .into_iter()
            .map(|finding| (finding, self.links(finding) && linked.insert(&finding.rule)))
            .collect();
        let files: Vec<&[FindingWithLink<'a>]> = open
            .chunk_by(|(a, _), (b, _)| file_of(a) == file_of(b))
            .collect();
        for files in files.chunks(FILES_AT_ONCE) {
            let drawn: Vec<Result<String, fmt::Error>> =
                files.par_iter().map(|shown| self.file(shown)).collect();
            for text in drawn {
                out.write_all(text.map_err(io::Error::other)?.as_bytes())?;
            }
        }
        Ok(())
    }

    /// All open findings, those of a file together: the file of the most urgent one first, files of equal rank by path.
    fn by_file(&self) -> Vec<&'a Finding> {
        let mut most_urgent = BTreeMap::new();
        for finding in self.report.open() {
            let display_rank = display_rank(finding);
            let of_file = most_urgent.entry(file_of(finding)).or_insert(display_rank);
            *of_file = display_rank.min(*of_file);
        }
        let mut findings: Vec<&'a Finding> = self.report.open().collect();
        findings.sort_by_key(|finding| {
            let file = file_of(finding);
            (most_urgent.get(&file).copied(), file, display_rank(finding))
        });
        findings
    }

    /// The findings of one file.
    fn file(&self, findings: &[FindingWithLink<'a>]) -> Result<String, fmt::Error> {
        let name = findings.first().and_then(|(finding, _)| file_of(finding));
        let mut all = no_command(&self.file_header(name, findings));
        all.push_str("\n\n");
        for (finding, link) in findings {
            all.push_str(&self.trimmed(finding, *link)?);
        }
        Ok(all)
    }

    /// A finding and a blank line, without trailing spaces.
    fn trimmed(&self, finding: &'a Finding, link: bool) -> Result<String, fmt::Error> {
        let mut trimmed = String::new();
        // miette ends empty lines of excerpts and messages with a space.
        for line in no_command(&self.finding(finding, link)?).lines() {
            trimmed.push_str(line.trim_end());
            trimmed.push('\n');
        }
        trimmed.push('\n');
        Ok(trimmed)
    }

    /// Whether a finding's rule has a page. `govcheck explain` does not know plain policies, so those need a link.
    fn links(&self, finding: &Finding) -> bool {
        let Some(rule) = self.report.rule(&finding.rule) else {
            return false;
        };
        finding.certainty.is_none() || rule_link(rule, Some(self.context)).is_some()
    }

    fn file_header(&self, file: Option<&RelPath>, findings: &[FindingWithLink<'_>]) -> String {
        let name = file.map_or_else(
            || "the mesh as a whole".to_owned(),
            |file| terminal_line(file.as_str()),
        );
        let counts = terminal_line(&summary::count_levels(
            findings.iter().map(|(finding, _)| *finding),
        ));
        format!(
            "{}  {}",
            self.paint.style(Style::Bold, &name),
            self.paint.style(Style::Dim, &counts)
        )
    }

    fn finding(&self, finding: &'a Finding, link: bool) -> Result<String, fmt::Error> {
        let drawing = Drawing::new(finding, self);
        let mut text = String::new();
        self.handler(&self.heading(finding), finding.level, &drawing.labels)
            .render_report(&mut text, &drawing)?;
        if drawing.excerpt.is_none()
            && let Some(at) = &finding.location
        {
            text.push_str(&format!("  {} {}\n", self.tag("at:"), clickable_place(at)));
        }
        if let Some(remark) = finding.certainty.and_then(unsure) {
            text.push_str(&format!("  {}\n", self.paint.style(Style::Dim, remark)));
        }
        for related in &drawing.elsewhere {
            self.elsewhere(&mut text, related)?;
        }
        if finding.related.len() > self.related_limit {
            let more = count_of(finding.related.len() - self.related_limit, "more place");
            text.push_str(&format!("  {} {more}\n", self.tag("also:")));
        }
        if let Some(help) = &finding.help {
            self.paragraph(&mut text, "help:", help)?;
        }
        if let Some(fix) = &finding.fix {
            self.fix(&mut text, fix);
        }
        if let Some(day) = finding.error_from {
            text.push_str(&format!("  {} {day}\n", self.tag("error from:")));
        }
        self.next_step(finding, &mut text);
        if link {
            self.link(&mut text, &finding.rule);
        }
        Ok(text)
    }

    /// `error[ownership/unknown-team]:`, linked to the rule's page where the terminal supports links.
    fn heading(&self, finding: &Finding) -> String {
        let heading = format!(
            "{}[{}]:",
            finding.level,
            terminal_line(finding.rule.as_str())
        );
        let rule = self.report.rule(&finding.rule);
        match rule.and_then(|rule| rule_link(rule, Some(self.context))) {
            Some(address) => self.paint.link(&address, &heading),
            None => heading,
        }
    }

    /// miette writes a severity icon before a message; ours is a word.
    fn handler(&self, icon: &str, level: Level, labels: &[LabeledSpan]) -> GraphicalReportHandler {
        let mut theme = self.theme.clone();
        for slot in [
            &mut theme.characters.error,
            &mut theme.characters.warning,
            &mut theme.characters.advice,
        ] {
            icon.clone_into(slot);
        }
        let (main, other) = match level {
            Level::Error => (theme.styles.error, theme.styles.advice),
            Level::Warning => (theme.styles.warning, theme.styles.advice),
            Level::Note => (theme.styles.advice, theme.styles.warning),
        };
        // miette assigns styles in the order of the labels' positions.
        let mut places: Vec<(usize, bool)> = labels
            .iter()
            .map(|label| (label.offset(), label.primary()))
            .collect();
        places.sort_unstable();
        theme.styles.highlights = places
            .iter()
            .map(|(_, primary)| if *primary { main } else { other })
            .collect();
        if theme.styles.highlights.is_empty() {
            theme.styles.highlights.push(main);
        }
        self.drawn(theme)
            .with_context_lines(CONTEXT_LINES as usize)
            .with_urls(false)
            .without_syntax_highlighting()
    }

    /// Breaks lines only at spaces, so that a name like `strictly-confidential` can be copied.
    fn drawn(&self, theme: GraphicalTheme) -> GraphicalReportHandler {
        GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_word_separator(WordSeparator::AsciiSpace)
            .with_word_splitter(WordSplitter::NoHyphenation)
            .without_cause_chain()
    }

    fn tag(&self, tag: &str) -> String {
        self.paint.style(Style::Cyan, tag)
    }

    /// A wrapped text after a tag, drawn like a message.
    fn paragraph(&self, text: &mut String, tag: &str, words: &str) -> fmt::Result {
        let mut handler = self.theme.clone();
        handler.characters.vbar = ' ';
        handler.characters.advice = tag.to_owned();
        let paragraph = Drawing {
            message: terminal_text(&cut_text(words.trim(), TEXT_LIMIT)),
            ..Drawing::default()
        };
        self.drawn(handler).render_report(text, &paragraph)
    }

    /// A place in another file, or outside the excerpt: position, description and line.
    fn elsewhere(&self, text: &mut String, related: &Related) -> fmt::Result {
        let at = &related.location;
        let what = terminal_line(&related.message);
        self.paragraph(text, "also:", &format!("{}: {what}", clickable_place(at)))?;
        let Some(source) = self.report.sources.get(&at.file) else {
            return Ok(());
        };
        let excerpt = Excerpt::new(
            &source,
            &[at],
            self.excerpt_width(at.start.line),
            self.ellipsis(),
        );
        if let Some(line) = excerpt.line_text(at.start.line) {
            let bar = self.theme.characters.vbar;
            let gutter = self
                .paint
                .style(Style::Dim, &format!("{} {bar}", at.start.line));
            text.push_str(&format!("        {gutter} {line}\n"));
        }
        Ok(())
    }

    /// The text to write, line by line.
    fn fix(&self, text: &mut String, fix: &str) {
        let fix = terminal_text(fix.trim_end());
        for (at, line) in fix.lines().take(FIX_LINES).enumerate() {
            let tag = if at == 0 {
                self.tag("write:")
            } else {
                "      ".to_owned()
            };
            let line = cut_text(line, TEXT_LIMIT);
            text.push_str(format!("  {tag} {line}").trim_end());
            text.push('\n');
        }
        if fix.lines().count() > FIX_LINES {
            text.push_str(&format!("         {}\n", self.ellipsis()));
        }
    }

    /// The page of a rule, or the command that explains it.
    fn link(&self, text: &mut String, id: &RuleId) {
        let Some(rule) = self.report.rule(id) else {
            return;
        };
        let explain = format!("govcheck explain {}", terminal_line(id.as_str()));
        let page = rule.page.as_ref().and_then(|page| page.file.as_deref());
        let target = match (rule_link(rule, Some(self.context)), page) {
            (Some(address), _) => self.paint.link(&address, &address),
            (None, Some(page)) => format!("{}, or {explain}", terminal_line(page)),
            (None, None) => explain,
        };
        text.push_str(&format!("  {} {target}\n", self.tag("see:")));
    }

    fn ellipsis(&self) -> &'static str {
        self.context.ellipsis()
    }

    /// Columns for the text of an excerpt, to the right of line numbers as wide as this one.
    fn excerpt_width(&self, line: u32) -> usize {
        self.width.saturating_sub(line.to_string().len() + 8)
    }

    fn skipped(&self, out: &mut dyn Write) -> io::Result<()> {
        let files = &self.report.passed_over;
        if self.context.verbose {
            for file in files {
                writeln!(
                    out,
                    "{} {} (not a manifest)",
                    self.paint.style(Style::Dim, "skipped:"),
                    terminal_line(file.as_str())
                )?;
            }
        } else if self.report.counts.passed_over > 0 {
            let hint = match self.report.counts.passed_over {
                1 => "1 file skipped (not a manifest): `--verbose` lists it".to_owned(),
                count => format!("{count} files skipped (not manifests): `--verbose` lists them"),
            };
            writeln!(out, "{}", self.paint.style(Style::Dim, &hint))?;
        }
        Ok(())
    }
}

/// A remark on an uncertain place; `None` for an exact one.
fn unsure(certainty: Certainty) -> Option<&'static str> {
    match certainty {
        Certainty::Exact => None,
        Certainty::Likely => Some("likely place: the rule does not name one"),
        Certainty::Document => {
            Some("start of the document: neither the rule nor its message names a place")
        }
    }
}

fn file_of(finding: &Finding) -> Option<&RelPath> {
    finding.location.as_ref().map(|at| &at.file)
}
