//! `govcheck waivers`: lists exemptions with owner and end.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::day;
use super::exit_code::{CLEAN, NOT_JUDGED};
use super::rules::RuleListFormat;
use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::Day;
use crate::model::waiver::{WaiverState, WaiverUse};
use crate::report::escape::terminal_line;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;
use crate::workspace::revisions::Revisions;
use crate::workspace::{World, exceptions, judge};

/// A waiver that ends within this many days is marked as ending.
const SOON: i64 = 14;

#[derive(Debug, Args)]
#[command(
    after_help = "States: active, expiring (within 14 days), expired, unused (matches no finding), invalid (a finding says why).\n\n\
                  Run `govcheck waive` to add a waiver."
)]
pub(super) struct WaiversArguments {
    /// Output format
    #[arg(long, short, value_enum, default_value_t = RuleListFormat::Human)]
    format: RuleListFormat,
    /// Run as of this date
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day::parse_day)]
    today: Option<Day>,
}

pub(super) fn run(
    arguments: &WaiversArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let workspace = Workspace::open(&[], world)?;
    let today = arguments.today.unwrap_or(world.today);
    let exceptions = exceptions::read_or_start(&workspace)?;
    let mut report = judge::judge_with(
        &workspace,
        &Revisions::default(),
        &exceptions,
        &judge::Manner::plain(today),
    )?;
    report.waivers.sort_by(|a, b| {
        (a.waiver.expires, &a.waiver.location).cmp(&(b.waiver.expires, &b.waiver.location))
    });
    let unreadable = report
        .findings
        .iter()
        .find(|finding| finding.rule.as_str() == "waivers/unreadable");
    if let Some(finding) = unreadable {
        let message = format!("{}: {}", place(finding), finding.message);
        return Err(Failure::usage(
            message,
            finding.help.as_deref().unwrap_or_default(),
        ));
    }
    match arguments.format {
        RuleListFormat::Human => {
            human(&report, out)?;
            if let Some(file) = exceptions::missing_baseline(&workspace)? {
                let note = format!(
                    "note: the baseline `{file}` does not exist yet; `govcheck baseline write` creates it"
                );
                writeln!(out, "{}", terminal_line(&note))?;
            }
        }
        RuleListFormat::Json => {
            let list: Vec<_> = report.waivers.iter().map(json_of).collect();
            let malformed = malformed(&report)
                .map(|finding| json!({"place": place(finding), "message": finding.message}));
            let malformed: Vec<_> = malformed.collect();
            writeln!(
                out,
                "{:#}",
                json!({"version": 1, "today": today, "waivers": list, "malformed": malformed})
            )?;
        }
    }
    Ok(if report.incomplete { NOT_JUDGED } else { CLEAN })
}

/// Invalid waivers, which no list contains.
fn malformed(report: &Report) -> impl Iterator<Item = &Finding> {
    report
        .findings
        .iter()
        .filter(|finding| finding.rule.as_str() == "waivers/malformed")
}

fn place(finding: &Finding) -> String {
    finding.location.as_ref().map_or_else(String::new, |at| {
        format!("{}:{}:{}", at.file, at.start.line, at.start.column)
    })
}

fn state(used: &WaiverUse) -> &'static str {
    match used.state {
        WaiverState::Active if used.days_left <= SOON => "soon over",
        WaiverState::Active => "active",
        WaiverState::Unused => "unused",
        WaiverState::Over => "over",
        WaiverState::Refused => "refused",
    }
}

/// A state in the report for people; JSON keeps the older words.
fn label(state: &'static str) -> &'static str {
    match state {
        "soon over" => "expiring",
        "over" => "expired",
        "refused" => "invalid",
        state => state,
    }
}

fn target(used: &WaiverUse) -> String {
    let waiver = &used.waiver;
    let parts = [&waiver.entity, &waiver.path, &waiver.at];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" ")
}

fn human(report: &Report, out: &mut dyn Write) -> Result<(), Failure> {
    for used in &report.waivers {
        let waiver = &used.waiver;
        let count = match used.findings.len() {
            1 => "1 finding".to_owned(),
            many => format!("{many} findings"),
        };
        let line = format!(
            "{}  {:9}  {} for {}: {count}",
            waiver.expires,
            label(state(used)),
            waiver.rule,
            target(used)
        );
        let at = &waiver.location;
        let mut more = vec![waiver.reason.clone()];
        more.extend(waiver.owner.as_ref().map(|owner| format!("owner {owner}")));
        more.extend(
            waiver
                .approved_by
                .as_ref()
                .map(|name| format!("approved by {name}")),
        );
        more.extend(waiver.ticket.clone());
        more.push(format!("{}:{}", at.file, at.start.line));
        writeln!(out, "{}", terminal_line(&line))?;
        writeln!(out, "            {}", terminal_line(&more.join(" · ")))?;
    }
    for finding in malformed(report) {
        let line = format!("invalid: {}: {}", place(finding), finding.message);
        writeln!(out, "{}", terminal_line(&line))?;
    }
    let count = |name: &str| {
        report
            .waivers
            .iter()
            .filter(|used| state(used) == name)
            .count()
    };
    if report.waivers.is_empty() {
        writeln!(
            out,
            "no waivers; run `govcheck waive --help` to learn how to add one"
        )?;
    } else {
        let states = ["active", "soon over", "over", "unused", "refused"];
        let said = states.iter().filter(|name| count(name) > 0);
        let said: Vec<String> = said
            .map(|name| format!("{} {}", count(name), label(name)))
            .collect();
        writeln!(out, "\n{}", said.join(" · "))?;
    }
    Ok(())
}

fn json_of(used: &WaiverUse) -> serde_json::Value {
    let waiver = &used.waiver;
    let at = &waiver.location;
    json!({
        "state": state(used).replace(' ', "-"), "expires": waiver.expires, "days_left": used.days_left,
        "rule": waiver.rule, "entity": waiver.entity, "path": waiver.path, "at": waiver.at,
        "reason": waiver.reason, "owner": waiver.owner, "approved_by": waiver.approved_by,
        "created": waiver.created, "ticket": waiver.ticket, "inline": waiver.inline,
        "file": at.file, "line": at.start.line, "findings": used.findings, "rules": used.rules,
    })
}
