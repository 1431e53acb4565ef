//! A rule on its page: what and why, bad and good, how to fix, options, life, links.

use std::fmt::Write as _;

use super::example::{bad, good};
use super::options;
use super::text::{code, line, prose};
use crate::model::rule::{Level, Rule, RuleId, Scope, State};
use crate::policy::examples::Example;
use crate::report::escape::web_address;

pub(super) fn section(rule: &Rule, examples: &[Example]) -> String {
    let mut section = format!(
        "## {}\n\n**{}**\n\n{}\n\n{}\n",
        rule.id.name(),
        line(&rule.title),
        facts(rule),
        prose(&rule.description)
    );
    let (found, clean): (Vec<&Example>, Vec<&Example>) = examples
        .iter()
        .partition(|example| !example.finds.is_empty());
    if let Some(example) = found.first() {
        let _ = write!(section, "\n{}", bad(rule, example));
    }
    if let Some(example) = clean.first() {
        let _ = write!(section, "\n{}", good(example));
    }
    let _ = write!(section, "\n**How to fix:** {}\n", prose(&rule.help));
    section.push_str(&options::list(rule));
    let _ = write!(section, "\n**Life:** {}.\n", life(rule).join("; "));
    section.push_str(&links(rule));
    section
}

pub(super) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Entity => "entity",
        Scope::Mesh => "mesh",
        Scope::Change => "change",
    }
}

/// `kpi/bad-name` · error · scope entity: judges each kpi by itself.
fn facts(rule: &Rule) -> String {
    let kinds: Vec<&str> = rule.entities.iter().map(|kind| &**kind).collect();
    let kinds = match kinds.as_slice() {
        ["*"] => "entity of any kind".to_owned(),
        [] => "entity".to_owned(),
        kinds => one_of(kinds),
    };
    let judges = match rule.scope {
        Scope::Entity => format!("judges each {kinds} by itself"),
        Scope::Mesh => format!("judges each {kinds} in view of the whole mesh"),
        Scope::Change => format!("judges what a change does to a {kinds}, with `--base`"),
    };
    let needs: Vec<&str> = rule.needs.iter().map(|kind| &**kind).collect();
    let needs = match needs.as_slice() {
        [] => String::new(),
        needs => format!(", where the mesh has a {}", one_of(needs)),
    };
    format!(
        "{} · {} · scope {}: {judges}{needs}",
        code(rule.id.as_str()),
        rule.severity,
        scope(rule.scope)
    )
}

/// `contract or product`.
fn one_of(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("{} or {}", line(&rest.join(", ")), line(last))
        }
        _ => line(&names.join(", ")),
    }
}

fn life(rule: &Rule) -> Vec<String> {
    let mut life = Vec::new();
    if let Some(since) = &rule.since {
        life.push(format!("since {}", line(since)));
    }
    match (rule.state, &rule.successor) {
        (State::Draft, _) => {
            life.push("a draft, which runs under `govcheck policy try` alone".to_owned())
        }
        (State::Grace, _) => life.push("in its days of grace".to_owned()),
        (State::Enabled, _) => {}
        (State::Deprecated, None) => life.push("deprecated".to_owned()),
        (State::Deprecated, Some(next)) => {
            life.push(format!(
                "deprecated: {} takes its place",
                code(next.as_str())
            ));
        }
    }
    if let Some(day) = rule.enforced_from.filter(|_| rule.severity == Level::Error) {
        life.push(format!("a warning until {day}, an error from that day on"));
    }
    if !rule.aliases.is_empty() {
        let aliases: Vec<String> = rule.aliases.iter().map(RuleId::as_str).map(code).collect();
        life.push(format!(
            "known before as {}, which keeps working",
            aliases.join(", ")
        ));
    }
    life.push(
        match (rule.waivable, rule.inline) {
            (false, _) => "no waiver excepts from it",
            (true, false) => "a waiver can except from it, a comment in the manifest can't",
            (true, true) => "a waiver or a comment in the manifest can except from it",
        }
        .to_owned(),
    );
    life
}

fn links(rule: &Rule) -> String {
    if rule.related_resources.is_empty() {
        return String::new();
    }
    let mut links = "\n**See also**\n\n".to_owned();
    for link in &rule.related_resources {
        let text = link.description.as_deref().unwrap_or(&link.address);
        let _ = match web_address(&link.address) {
            Some(address) => writeln!(links, "- [{}]({address})", line(text)),
            None => writeln!(links, "- {}", line(text)),
        };
    }
    links
}
