//! `govcheck rules`: what is checked, at which level, and whether it has anything to judge here.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::exit_code::CLEAN;
use crate::judge;
use crate::model::entity::DOCUMENT_KIND;
use crate::model::report::Report;
use crate::model::rule::{Day, Rule, RuleId, Scope, State};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;
use crate::workspace::revisions::Revisions;

#[derive(Debug, Args)]
pub(super) struct RulesArguments {
    /// A folder of the mesh. Default: the current folder
    path: Option<PathBuf>,
    /// Output format
    #[arg(long, short, value_enum, default_value_t = RuleListFormat::Human)]
    format: RuleListFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RuleListFormat {
    Human,
    Json,
}

pub(super) fn run(
    arguments: &RulesArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let paths: Vec<PathBuf> = arguments.path.iter().cloned().collect();
    let mut workspace = Workspace::open(&paths, world)?;
    workspace.scope.clear();
    let report = crate::workspace::judge::judge_with(
        &workspace,
        &Revisions::default(),
        &crate::workspace::exceptions::read_or_start(&workspace)?,
        &crate::workspace::judge::Manner::plain(world.today),
    )?;
    let rows: Vec<RuleRow<'_>> = report
        .rules
        .iter()
        .map(|rule| row(rule, &workspace, &report, world.today))
        .collect();
    match arguments.format {
        RuleListFormat::Human => human(&rows, out)?,
        RuleListFormat::Json => {
            let list: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({"id": row.rule.id, "level": row.level, "scope": row.rule.scope, "entities": row.rule.entities,
                           "state": row.rule.state, "enforced_from": row.day, "successor": row.rule.successor,
                           "title": row.rule.title, "pack": row.rule.pack, "judged": row.judged, "idle": row.idle})
                })
                .collect();
            writeln!(out, "{:#}", json!({"version": 1, "rules": list}))?;
        }
    }
    Ok(CLEAN)
}

struct RuleRow<'r> {
    rule: &'r Rule,
    level: &'static str,
    /// The day on which it becomes an error.
    day: Option<Day>,
    /// Entities of its kinds here. `None` for rules of govcheck's own.
    judged: Option<usize>,
    /// Why it has nothing to say here.
    idle: Option<String>,
}

fn row<'r>(rule: &'r Rule, workspace: &Workspace, report: &Report, today: Day) -> RuleRow<'r> {
    let ruling = workspace.ruling(&rule.id, None);
    let (level, day) = judge::effective_level(rule.severity, rule.enforced_from, ruling, today);
    let mut row = RuleRow {
        rule,
        level: match level {
            _ if rule.state == State::Draft => State::Draft.as_str(),
            Some(level) => level.as_str(),
            None => "off",
        },
        day,
        judged: None,
        idle: None,
    };
    if rule.entities.is_empty() || rule.state == State::Draft {
        return row;
    }
    let entities = &report.counts.entities;
    let judged: usize = entities
        .iter()
        .filter(|(kind, _)| applies(rule, kind))
        .map(|(_, count)| count)
        .sum();
    let judged = if rule.entities.iter().any(|kind| &**kind == DOCUMENT_KIND) {
        report.counts.files
    } else {
        judged
    };
    row.judged = Some(if rule.scope == Scope::Change {
        0
    } else {
        judged
    });
    row.idle = idle(rule, entities, judged);
    row
}

fn applies(rule: &Rule, kind: &Arc<str>) -> bool {
    rule.entities
        .iter()
        .any(|entity| entity == kind || &**entity == "*")
}

fn idle(rule: &Rule, entities: &BTreeMap<Arc<str>, usize>, judged: usize) -> Option<String> {
    if rule.scope == Scope::Change {
        return Some("needs a base; run `govcheck --base REV`".to_owned());
    }
    if judged == 0 {
        let kinds: Vec<&str> = rule.entities.iter().map(|kind| &**kind).collect();
        return Some(format!("no {} in this mesh", kinds.join(" or ")));
    }
    let missing = rule
        .needs
        .iter()
        .find(|kind| entities.get(*kind).copied().unwrap_or_default() == 0)?;
    Some(format!("no {missing} in this mesh"))
}

fn human(rows: &[RuleRow<'_>], out: &mut dyn Write) -> Result<(), Failure> {
    let width = rows
        .iter()
        .map(|row| row.rule.id.as_str().len())
        .max()
        .unwrap_or_default();
    let mut category = "";
    let mut first = true;
    for row in rows {
        if row.rule.id.category() != category {
            category = row.rule.id.category();
            writeln!(out, "{}{category}", if first { "" } else { "\n" })?;
            first = false;
        }
        let facts = [
            row.day.map(|day| format!("an error from {day}")),
            row.rule
                .successor
                .as_ref()
                .map(|new| format!("deprecated, replaced by `{new}`")),
            row.idle
                .as_ref()
                .map(|why| format!("not applicable: {why}")),
        ];
        let facts = facts.into_iter().flatten();
        let state: String = facts.map(|fact| format!("  [{fact}]")).collect();
        writeln!(
            out,
            "  {:width$}  {:7}  {}{state}",
            row.rule.id.as_str(),
            row.level,
            row.rule.title
        )?;
    }
    writeln!(
        out,
        "\nRun `govcheck explain <rule>` for the reason, the fix and the options of a rule."
    )?;
    Ok(())
}

/// An error for an unknown rule name, with the nearest rule or a rule of the category.
pub(super) fn unknown_rule(name: &str, rules: &[Rule]) -> Failure {
    if let Some(rule) = rules.iter().find(|rule| rule.id.category() == name) {
        return Failure::usage(
            format!("`{name}` is a category, not a rule"),
            format!(
                "name one of its rules, such as `{}`; `govcheck rules` lists them all",
                rule.id
            ),
        );
    }
    let known = rules.iter().map(|rule| rule.id.as_str());
    let help = match crate::model::text::nearest_name(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `govcheck rules` to list all rules".to_owned(),
    };
    Failure::usage(format!("unknown rule `{}`", RuleId::new(name)), help)
}
