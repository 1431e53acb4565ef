//! A rule on its page: what and why, bad and good, how to fix, options, life, links.

use std::fmt::Write as _;

use super::example::{bad_example, good_example};
use super::options;
use super::text::{code_span, escape_line, escape_prose};
use crate::model::rule::{Level, Rule, RuleId, Scope, State};
use crate::policy::examples::Example;
use crate::report::escape::web_address;

pub(super) fn rule_section(rule: &Rule, examples: &[Example]) -> String {
    let mut section = format!(
        "## {}\n\n**{}**\n\n{}\n\n{}\n",
        rule.id.name(),
        escape_line(&rule.title),
        facts(rule),
        escape_prose(&rule.description)
    );
    let (found, clean): (Vec<&Example>, Vec<&Example>) = examples
        .iter()
        .partition(|example| !example.finds.is_empty());
    if let Some(example) = found.first() {
        let _ = write!(section, "\n{}", bad_example(rule, example));
    }
    if let Some(example) = clean.first() {
        let _ = write!(section, "\n{}", good_example(example));
    }
    let _ = write!(section, "\n**How to fix:** {}\n", escape_prose(&rule.help));
    section.push_str(&options::list_options(rule));
    let _ = write!(section, "\n**Status:** {}.\n", status(rule).join("; "));
    section.push_str(&links(rule));
    section
}

pub(super) fn describe_scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Entity => "entity",
        Scope::Mesh => "mesh",
        Scope::Change => "change",
    }
}

/// `kpi/bad-name` · error · scope entity: judges each `kpi` by itself.
fn facts(rule: &Rule) -> String {
    let kinds: Vec<&str> = rule.entities.iter().map(|kind| &**kind).collect();
    let kinds = match kinds.as_slice() {
        ["*"] => "entity of any kind".to_owned(),
        [] => "entity".to_owned(),
        kinds => one_of(kinds),
    };
    let judges = match rule.scope {
        Scope::Entity => format!("judges each {kinds} by itself"),
        Scope::Mesh => format!("judges each {kinds} against the whole mesh"),
        Scope::Change => format!("judges each changed {kinds}, with `--base`"),
    };
    let needs: Vec<&str> = rule.needs.iter().map(|kind| &**kind).collect();
    let needs = match needs.as_slice() {
        [] => String::new(),
        needs => format!(", if the mesh has a {}", one_of(needs)),
    };
    format!(
        "{} · {} · scope {}: {judges}{needs}",
        code_span(rule.id.as_str()),
        rule.severity,
        describe_scope(rule.scope)
    )
}

/// `` `contract` or `product` ``.
fn one_of(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| code_span(name)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.join(", "),
    }
}

fn status(rule: &Rule) -> Vec<String> {
    let mut status = Vec::new();
    if let Some(since) = &rule.since {
        status.push(format!("since {}", escape_line(since)));
    }
    match (rule.state, &rule.successor) {
        (State::Draft, _) => {
            status.push("a draft, which only `govcheck policy try` runs".to_owned())
        }
        (State::Grace, _) => status.push("in its grace period".to_owned()),
        (State::Enabled, _) => {}
        (State::Deprecated, None) => status.push("deprecated".to_owned()),
        (State::Deprecated, Some(next)) => {
            status.push(format!(
                "deprecated, use {} instead",
                code_span(next.as_str())
            ));
        }
    }
    if let Some(day) = rule.enforced_from.filter(|_| rule.severity == Level::Error) {
        status.push(format!("a warning before `{day}`, an error from then on"));
    }
    if !rule.aliases.is_empty() {
        let aliases: Vec<String> = rule
            .aliases
            .iter()
            .map(RuleId::as_str)
            .map(code_span)
            .collect();
        status.push(format!(
            "formerly {}, which keeps working",
            aliases.join(", ")
        ));
    }
    status.push(
        match (rule.waivable, rule.inline) {
            (false, _) => "cannot be waived",
            (true, false) => {
                "can be waived in the waivers file, but not by a comment in the manifest"
            }
            (true, true) => "can be waived in the waivers file or by a comment in the manifest",
        }
        .to_owned(),
    );
    status
}

fn links(rule: &Rule) -> String {
    if rule.related_resources.is_empty() {
        return String::new();
    }
    let mut links = "\n**See also**\n\n".to_owned();
    for link in &rule.related_resources {
        let text = link.description.as_deref().unwrap_or(&link.address);
        let _ = match web_address(&link.address) {
            Some(address) => writeln!(links, "- [{}]({address})", escape_line(text)),
            None => writeln!(links, "- {}", escape_line(text)),
        };
    }
    links
}
