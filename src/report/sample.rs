//! Reports for the tests of the output formats: a small mesh, its places given as text to find.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Context, Format, write};
use crate::model::entity::EntityKey;
use crate::model::finding::{Finding, Location, Related};
use crate::model::report::{Counts, Report};
use crate::model::rule::{Level, Link, Rule, RuleId, Scope};
use crate::model::text::{RelPath, SourceText, Span, offset};

pub(crate) const ORDERS: &str = "\
kind: DataContract
id: orders
schema:
  - name: customers
    properties:
      - name: größe😀
        classification: secret
      - name: email
team: salez
";

pub(crate) const TEAMS: &str = "\
teams:
  - id: sales
  - id: logistics
";

/// A report with no finding over files by path.
pub(crate) fn empty(files: &[(&str, &str)]) -> Report {
    let sources = files
        .iter()
        .map(|(path, text)| {
            (
                RelPath::new(*path),
                Arc::new(SourceText::new((*text).to_owned())),
            )
        })
        .collect();
    Report {
        findings: Vec::new(),
        rules: vec![
            rule("discovery/duplicate-id", Level::Error),
            rule("ownership/unknown-team", Level::Error),
            rule("security/unknown-classification", Level::Warning),
        ],
        sources,
        counts: Counts {
            files: files.len(),
            in_scope: files.len(),
            passed_over: 1,
            entities: BTreeMap::from([(Arc::from("contract"), 1), (Arc::from("team"), 2)]),
            rules: 3,
        },
        passed_over: vec![RelPath::new("ci/values.yaml")],
        incomplete: false,
        comparison: None,
        policies: None,
        waivers: Vec::new(),
    }
}

/// A report with a warning and an error in one file, the error with a related place in another.
pub(crate) fn report() -> Report {
    let mut report = empty(&[("sales/orders.yaml", ORDERS), ("teams.yaml", TEAMS)]);
    let mut warning = finding(
        &report,
        "security/unknown-classification",
        Level::Warning,
        "sales/orders.yaml",
        "secret",
    );
    warning.message =
        "column `größe😀` has the classification `secret`, which is not registered".to_owned();
    warning.route = "columns[customers.größe😀].classification".to_owned();
    warning.help = Some("Name a registered classification".to_owned());
    warning.fix = Some("classification: restricted".to_owned());
    warning.related = vec![related(
        &report,
        "the column is declared here",
        "sales/orders.yaml",
        "größe😀",
    )];
    let mut error = finding(
        &report,
        "ownership/unknown-team",
        Level::Error,
        "sales/orders.yaml",
        "salez",
    );
    error.message = "team `salez` is not registered, did you mean `sales`?".to_owned();
    error.route = "owner.team".to_owned();
    error.related = vec![related(
        &report,
        "`sales` is registered here",
        "teams.yaml",
        "sales",
    )];
    report.findings = vec![warning, error];
    report
}

/// A finding on the first `text` in a file of the report.
pub(crate) fn finding(
    report: &Report,
    rule: &str,
    level: Level,
    file: &str,
    text: &str,
) -> Finding {
    let mut finding = Finding::bare(RuleId::new(rule), level, format!("`{text}` is wrong"));
    finding.location = Some(location(report, file, text));
    finding.entity = Some(EntityKey {
        kind: Arc::from("contract"),
        id: Arc::from("orders"),
    });
    finding.owner = Some("sales".to_owned());
    finding.domain = Some("sales".to_owned());
    finding.fingerprint = format!("{:0>32}", "abc123");
    finding
}

pub(crate) fn related(report: &Report, message: &str, file: &str, text: &str) -> Related {
    Related {
        message: message.to_owned(),
        location: location(report, file, text),
    }
}

pub(crate) fn location(report: &Report, file: &str, text: &str) -> Location {
    let path = RelPath::new(file);
    let source = &report.sources[&path];
    let start = offset(source.as_str().find(text).unwrap());
    spanned(source, path, Span::new(start, start + offset(text.len())))
}

pub(crate) fn spanned(source: &SourceText, file: RelPath, span: Span) -> Location {
    Location {
        file,
        span,
        start: source.position(span.start),
        end: source.position(span.end),
    }
}

pub(crate) fn rule(id: &str, severity: Level) -> Rule {
    Rule {
        id: RuleId::new(id),
        title: format!("Title of {id}"),
        description: format!("What `{id}` checks, and why <b>it</b> matters."),
        help: "Write something else.".to_owned(),
        severity,
        scope: Scope::Entity,
        entities: vec![Arc::from("contract"), Arc::from("product")],
        needs: Vec::new(),
        text_matches: None,
        since: None,
        enforced_from: None,
        options: serde_json::Map::new(),
        option_docs: BTreeMap::new(),
        waivable: true,
        inline: false,
        aliases: Vec::new(),
        related_resources: vec![Link {
            address: format!("https://docs.example.org/{id}"),
            description: None,
        }],
        pack: "builtin".to_owned(),
        file: format!("{id}.rego"),
    }
}

pub(crate) fn render(report: &Report, format: Format, context: &Context) -> String {
    let mut out = Vec::new();
    write(report, format, context, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn render_json(report: &Report, format: Format) -> serde_json::Value {
    serde_json::from_str(&render(report, format, &Context::default())).unwrap()
}

/// All messages of a schema's validator, empty if the document is valid.
pub(crate) fn schema_errors(
    schema: &serde_json::Value,
    document: &serde_json::Value,
) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}
