//! Rules as SARIF descriptors: what code scanning shows beside a finding, and how it ranks it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor,
};

use crate::model::finding::Finding;
use crate::model::report::Report;
use crate::model::rule::{Level, Rule, RuleId};
use crate::report::escape::{cut_text, escape_markdown, terminal_text};
use crate::report::{ReportContext, rule_link};

/// Rules of a run.
const RULE_LIMIT: usize = 25_000;
const NAME_LIMIT: usize = 255;
const DESCRIPTION_LIMIT: usize = 1_024;
const TAG_LIMIT: usize = 20;
/// The one category whose findings are security alerts.
const SECURITY: &str = "security";

/// Every rule of the report, and a bare descriptor for each id that only a finding knows, sorted by id.
pub(super) fn list_descriptors<'a>(
    report: &'a Report,
    findings: impl IntoIterator<Item = &'a Finding>,
    context: &ReportContext,
) -> Vec<ReportingDescriptor> {
    let known: BTreeSet<&RuleId> = report.rules.iter().map(|rule| &rule.id).collect();
    let mut unlisted: BTreeMap<&RuleId, Level> = BTreeMap::new();
    for finding in findings
        .into_iter()
        .filter(|finding| !known.contains(&finding.rule))
    {
        let level = unlisted.entry(&finding.rule).or_insert(finding.level);
        *level = finding.level.max(*level);
    }
    let listed = report.rules.iter().map(|rule| descriptor(rule, context));
    let bare = unlisted
        .into_iter()
        .map(|(id, level)| bare_descriptor(id, level));
    let mut all: Vec<ReportingDescriptor> = listed.chain(bare).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.truncate(RULE_LIMIT);
    all
}

fn descriptor(rule: &Rule, context: &ReportContext) -> ReportingDescriptor {
    let mut tags = vec![rule.id.category().to_owned()];
    tags.extend(
        rule.entities
            .iter()
            .map(|kind| kind.to_string())
            .filter(|kind| kind != "*"),
    );
    let mut descriptor = build(
        &rule.id,
        rule.severity,
        &rule.title,
        &rule.description,
        tags,
    );
    let link = rule_link(rule, Some(context));
    descriptor.help = Some(help(rule, link.as_deref()));
    descriptor.help_uri = link.map(Cow::into_owned);
    descriptor
}

/// For a finding of a rule that the report does not list: nothing is known but its id.
fn bare_descriptor(id: &RuleId, level: Level) -> ReportingDescriptor {
    let title = format!("Finding of `{id}`");
    build(id, level, &title, &title, vec![id.category().to_owned()])
}

fn build(
    id: &RuleId,
    severity: Level,
    title: &str,
    description: &str,
    mut tags: Vec<String>,
) -> ReportingDescriptor {
    tags.truncate(TAG_LIMIT);
    // Tags are a set: a rule that judges entities named as its category would repeat it.
    let mut seen = BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    let mut properties = BTreeMap::from([
        ("precision".to_owned(), json!("high")),
        (
            "problem.severity".to_owned(),
            json!(problem_severity(severity)),
        ),
    ]);
    if id.category() == SECURITY {
        properties.insert(
            "security-severity".to_owned(),
            json!(security_severity(severity)),
        );
    }
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    ReportingDescriptor::builder()
        .id(id.as_str())
        .name(cut_text(&name(id), NAME_LIMIT))
        .short_description(text(&cut_text(&terminal_text(title), DESCRIPTION_LIMIT)))
        .full_description(text(&cut_text(
            &terminal_text(description),
            DESCRIPTION_LIMIT,
        )))
        .help(text(&terminal_text(description)))
        .default_configuration(
            ReportingConfiguration::builder()
                .level(Value::from(severity.as_str()))
                .build(),
        )
        .properties(
            PropertyBag::builder()
                .tags(tags)
                .additional_properties(properties)
                .build(),
        )
        .build()
}

/// A name as SARIF wants it, which is not the id: `SecurityUnknownClassification`.
fn name(id: &RuleId) -> String {
    let words = id.as_str().split(|c: char| !c.is_alphanumeric());
    let mut name = String::new();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(letters.as_str());
    }
    name
}

fn help(rule: &Rule, link: Option<&str>) -> MultiformatMessageString {
    let mut text = format!("{}\n\n{}", rule.description.trim(), rule.help.trim());
    let mut formatted = format!(
        "{}\n\n**{}**",
        escape_markdown(rule.description.trim()),
        escape_markdown(rule.help.trim())
    );
    if let Some(link) = link {
        text.push_str(&format!("\n\n{link}"));
        formatted.push_str(&format!("\n\n[Read more]({link})"));
    }
    let explain = format!("govcheck explain {}", rule.id);
    text.push_str(&format!("\n\nExamples: {explain}"));
    formatted.push_str(&format!("\n\nExamples: `{explain}`"));
    MultiformatMessageString::builder()
        .text(terminal_text(&text))
        .markdown(formatted)
        .build()
}

/// GitHub's words for a level.
fn problem_severity(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "recommendation",
    }
}

/// On GitHub's scale: over 7 is high, over 4 medium, the rest low.
fn security_severity(level: Level) -> &'static str {
    match level {
        Level::Error => "8.0",
        Level::Warning => "5.5",
        Level::Note => "3.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::report::sarif::FORMAT;

    fn rules(report: &Report) -> Value {
        sample::render_json(report, FORMAT)["runs"][0]["tool"]["driver"]["rules"].take()
    }

    #[test]
    fn a_rule_has_all_that_code_scanning_reads() {
        let rules = rules(&sample::sample_report());
        assert_eq!(
            rules[2],
            json!({
                "id": "security/unknown-classification",
                "name": "SecurityUnknownClassification",
                "shortDescription": {"text": "Title of security/unknown-classification"},
                "fullDescription": {"text": "What `security/unknown-classification` checks, and why <b>it</b> matters."},
                "help": {
                    "text": "What `security/unknown-classification` checks, and why <b>it</b> matters.\n\nWrite something else.\n\n\
                             https://docs.example.org/security/unknown-classification\n\n\
                             Examples: govcheck explain security/unknown-classification",
                    "markdown": "What `security/unknown-classification` checks, and why &lt;b&gt;it&lt;/b&gt; matters.\n\n\
                                 **Write something else.**\n\n\
                                 [Read more](https://docs.example.org/security/unknown-classification)\n\n\
                                 Examples: `govcheck explain security/unknown-classification`",
                },
                "helpUri": "https://docs.example.org/security/unknown-classification",
                "defaultConfiguration": {"level": "warning"},
                "properties": {
                    "tags": ["security", "contract", "product"],
                    "precision": "high",
                    "problem.severity": "warning",
                    "security-severity": "5.5",
                },
            })
        );
    }

    #[test]
    fn only_the_security_category_makes_security_alerts() {
        let rules = rules(&sample::sample_report());
        let ranked: Vec<&Value> = rules
            .as_array()
            .unwrap()
            .iter()
            .filter(|rule| rule["properties"].get("security-severity").is_some())
            .map(|rule| &rule["id"])
            .collect();
        assert_eq!(ranked, ["security/unknown-classification"]);
    }

    #[test]
    fn texts_and_tags_are_cut_to_the_limits() {
        let mut report = sample::empty_report(&[]);
        let mut rule = sample::sample_rule(&format!("a/{}", "ü".repeat(300)), Level::Note);
        rule.title = "ü".repeat(1_100);
        rule.description = "ü".repeat(1_100);
        rule.entities = (0..30).map(|n| format!("kind{n}").into()).collect();
        report.rules = vec![rule];
        let rule = rules(&report)[0].take();
        let length = |text: &Value| text.as_str().unwrap().chars().count();
        assert_eq!(length(&rule["name"]), 255);
        assert_eq!(length(&rule["shortDescription"]["text"]), 1_024);
        assert_eq!(length(&rule["fullDescription"]["text"]), 1_024);
        assert_eq!(rule["properties"]["tags"].as_array().unwrap().len(), 20);
        assert_eq!(rule["properties"]["problem.severity"], "recommendation");
    }

    #[test]
    fn a_rule_that_only_a_finding_knows_is_described() {
        let mut report = sample::sample_report();
        report.findings[0].rule = RuleId::new("engine/timeout");
        let document = sample::render_json(&report, FORMAT);
        let run = &document["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "engine/timeout");
        assert_eq!(run["results"][0]["ruleIndex"], 1);
        assert!(run["tool"]["driver"]["rules"][1]["help"]["text"].is_string());
    }

    #[test]
    fn only_plain_web_addresses_are_links() {
        let mut report = sample::sample_report();
        report.rules[0].related_resources[0].address = "javascript:alert(1)".to_owned();
        let rule = rules(&report)[0].take();
        assert_eq!(rule.get("helpUri"), None);
        assert!(
            !rule["help"]["markdown"]
                .as_str()
                .unwrap()
                .contains("javascript")
        );
    }
}
