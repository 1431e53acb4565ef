//! `govcheck explain`: a rule's page, in the terminal; or the model that rules read.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;

use super::exit_code::CLEAN;
use super::explain_model;
use super::rules::{RuleListFormat, unknown_rule};
use crate::model::rule::{Rule, RuleId, Scope, State};
use crate::policy::error::PolicyError;
use crate::policy::examples::{Example, read_examples};
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::open::Workspace;

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The rule, such as `kpi/bad-name`
    #[arg(required_unless_present = "model")]
    rule: Option<String>,
    /// Explain the model instead: all kinds and the fields that govcheck adds, or the fields of one kind
    #[arg(long, value_name = "KIND", num_args = 0..=1, default_missing_value = "", conflicts_with = "rule")]
    model: Option<String>,
    /// Output format of the model
    #[arg(long, short, value_enum, default_value_t = RuleListFormat::Human, requires = "model")]
    format: RuleListFormat,
}

pub(super) fn run(
    arguments: &ExplainArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let name = arguments.rule.as_deref().unwrap_or_default();
    let workspace = match Workspace::open(&[], world) {
        Ok(workspace) => workspace,
        // Explanations matter most while the pack has mistakes, so it need not load.
        Err(failure @ Failure::Policy(_)) => return own_page(name, failure, out),
        Err(failure) => return Err(failure),
    };
    let pack = &workspace.pack;
    if let Some(kind) = &arguments.model {
        let kind = Some(kind.as_str()).filter(|kind| !kind.is_empty());
        explain_model::run(&pack.schema, &pack.formats, kind, arguments.format, out)?;
        return Ok(CLEAN);
    }
    let rules = crate::all_rules(pack.all_rules().cloned());
    let own = rules.iter().find(|rule| rule.id.as_str() == name);
    let renamed = |rule: &&Rule| rule.aliases.iter().any(|alias| alias.as_str() == name);
    let Some(rule) = own.or_else(|| rules.iter().find(renamed)) else {
        return Err(unknown_rule(name, &rules));
    };
    if own.is_none() {
        writeln!(out, "`{name}` is now `{}`.\n", rule.id)?;
    }
    let examples = read_examples(pack, rule).map_err(PolicyError::from)?;
    page(rule, &examples, out)?;
    Ok(CLEAN)
}

/// The page of a rule of govcheck's own, where the packs can't be loaded.
fn own_page(name: &str, failure: Failure, out: &mut dyn Write) -> Result<u8, Failure> {
    let rules = crate::all_rules(std::iter::empty());
    let Some(rule) = rules.iter().find(|rule| rule.id.as_str() == name) else {
        return Err(failure);
    };
    page(rule, &[], out)?;
    Ok(CLEAN)
}

fn page(rule: &Rule, examples: &[Example], out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{}: {}\n", rule.id, rule.title)?;
    paragraph(out, &rule.description)?;
    // A plain policy need not say it.
    if !rule.help.is_empty() {
        writeln!(out, "How to fix")?;
        paragraph(out, &rule.help)?;
    }
    if let Some(bad) = examples.iter().find(|example| !example.finds.is_empty()) {
        show(out, "Bad", bad)?;
    }
    if let Some(good) = examples.iter().find(|example| example.finds.is_empty()) {
        show(out, "Good", good)?;
    }
    if !rule.options.is_empty() {
        writeln!(
            out,
            "Options (in `govcheck.yaml`: `rules: {{{}: {{options: {{…}}}}}}`)",
            rule.id
        )?;
        for (name, default) in &rule.options {
            writeln!(out, "  {name}: {default}")?;
            if let Some(doc) = rule.option_docs.get(name) {
                writeln!(out, "      {doc}")?;
            }
        }
        writeln!(out)?;
    }
    for link in &rule.related_resources {
        writeln!(out, "See {}", link.address)?;
    }
    let kinds: Vec<&str> = rule.entities.iter().map(|kind| &**kind).collect();
    let judges = match rule.scope {
        _ if kinds.is_empty() => String::new(),
        Scope::Change => format!(" · checks changes to {}, with `--base`", kinds.join(", ")),
        _ => format!(" · checks {}", kinds.join(", ")),
    };
    let since = rule
        .since
        .as_deref()
        .map(|since| format!(" · since {since}"))
        .unwrap_or_default();
    let enforced = rule
        .enforced_from
        .map(|day| format!(" · an error from {day}"))
        .unwrap_or_default();
    let state = match (rule.state, &rule.successor) {
        (State::Draft, _) => " · draft, which only runs under `govcheck policy try`".to_owned(),
        (State::Deprecated, Some(new)) => format!(" · deprecated, replaced by `{new}`"),
        _ => String::new(),
    };
    let names: Vec<&str> = rule.aliases.iter().map(RuleId::as_str).collect();
    let before = match names.is_empty() {
        true => String::new(),
        false => format!(" · formerly {}", names.join(", ")),
    };
    writeln!(
        out,
        "Level {}{judges}{since}{enforced}{state}{before} · pack {}",
        rule.severity, rule.pack
    )?;
    Ok(())
}

fn paragraph(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    for line in text.trim().lines() {
        writeln!(out, "  {line}")?;
    }
    writeln!(out)?;
    Ok(())
}

fn show(out: &mut dyn Write, title: &str, example: &Example) -> Result<(), Failure> {
    writeln!(out, "{title}: {}", example.name)?;
    if let Some(base) = &example.base {
        files(out, base, ", in the base revision")?;
        writeln!(out)?;
    }
    let now = if example.base.is_some() {
        ", changed"
    } else {
        ""
    };
    files(out, &example.files, now)?;
    for find in &example.finds {
        writeln!(out, "  => {}", find.message)?;
    }
    writeln!(out)?;
    Ok(())
}

fn files(
    out: &mut dyn Write,
    files: &BTreeMap<String, String>,
    revision: &str,
) -> Result<(), Failure> {
    for (file, text) in files {
        writeln!(out, "  # {file}{revision}")?;
        for line in text.lines() {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}
