//! Reports for the tests of the output formats: a small mesh, its places given as text to find.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{OutputFormat, ReportContext, WaiveTerms, write};
use crate::model::comparison::{
    Affected, Comparison, FileChange, RemovedEntity, RenamedEntity, RevisionName, VersionAdvice,
    VersionPart,
};
use crate::model::entity::EntityKey;
use crate::model::finding::{Against, Finding, Related, Suppression};
use crate::model::location::Location;
use crate::model::names::EntityNames;
use crate::model::report::{Counts, Report};
use crate::model::rule::{Day, Level, Link, Rule, RuleId};
use crate::model::selection::{Selected, Selection, Selector};
use crate::model::sources::Sources;
use crate::model::text::{RelPath, SourceText, Span, text_offset};
use crate::model::waiver::{Waiver, WaiverState, WaiverUse};

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
pub(crate) fn empty_report(files: &[(&str, &str)]) -> Report {
    let mut sources = Sources::default();
    for (path, text) in files {
        let text = SourceText::new((*text).to_owned());
        sources.hold(RelPath::new(*path), Arc::new(text));
    }
    Report {
        findings: Vec::new(),
        rules: vec![
            sample_rule("discovery/duplicate-id", Level::Error),
            sample_rule("ownership/unknown-team", Level::Error),
            sample_rule("security/unknown-classification", Level::Warning),
        ],
        sources,
        counts: Counts {
            files: files.len(),
            in_scope: files.len(),
            judged: files.len(),
            nothing_changed: false,
            passed_over: 1,
            entities: BTreeMap::from([(Arc::from("contract"), 1), (Arc::from("team"), 2)]),
            rules: 3,
            of_policies: false,
        },
        passed_over: vec![RelPath::new("ci/values.yaml")],
        incomplete: false,
        comparison: None,
        policies: None,
        waivers: Vec::new(),
        adopted: BTreeMap::new(),
        selected: None,
        names: EntityNames::default(),
    }
}

/// A report with a warning and an error in one file, the error with a related place in another.
pub(crate) fn sample_report() -> Report {
    let mut report = empty_report(&[("sales/orders.yaml", ORDERS), ("teams.yaml", TEAMS)]);
    let mut warning = finding_on(
        &report,
        "security/unknown-classification",
        Level::Warning,
        "sales/orders.yaml",
        "secret",
    );
    warning.message =
        "column `größe😀` has the classification `secret`, which is not registered".to_owned();
    warning.route = "columns[customers.größe😀].classification".to_owned();
    warning.help = Some("Name a registered classification".into());
    warning.fix = Some("classification: restricted".to_owned());
    warning.related = vec![related_place(
        &report,
        "the column is declared here",
        "sales/orders.yaml",
        "größe😀",
    )];
    let mut error = finding_on(
        &report,
        "ownership/unknown-team",
        Level::Error,
        "sales/orders.yaml",
        "salez",
    );
    error.message = "team `salez` is not registered, did you mean `sales`?".to_owned();
    error.route = "owner.team".to_owned();
    error.related = vec![related_place(
        &report,
        "`sales` is registered here",
        "teams.yaml",
        "sales",
    )];
    report.findings = vec![warning, error];
    report
}

/// A selection by all options that hides so many findings.
pub(crate) fn sample_selection(hidden: usize) -> Selected {
    let category = |name: &str| Selector::Category(name.to_owned());
    let rule = Selector::Rule(RuleId::new("security/x"));
    Selected {
        by: Selection {
            select: vec![category("security")],
            ignore: vec![rule, category("kpi")],
            domains: vec!["sales".to_owned()],
            owners: vec!["core".to_owned()],
        },
        hidden,
        unknown: Vec::new(),
    }
}

/// What `sales/orders.yaml` was in the base of [`changed_report`].
pub(crate) const ORDERS_BEFORE: &str = "\
kind: DataContract
status: gone
id: orders
";

/// A file of the base that the head of [`changed_report`] does not have.
const RETURNS_BEFORE: &str = "\
kind: DataContract
status: lost
id: returns
";

/// The report of a change: the two findings of [`sample_report`] are new, one is unchanged, one waived, one in the baseline, one
/// fixed, and one is gone with a removed contract. `billing` reads the changed contract, `forecast` reads it through `billing`.
pub(crate) fn changed_report() -> Report {
    let mut report = sample_report();
    let location = location_on(&report, "sales/orders.yaml", "orders");
    for finding in &mut report.findings {
        finding.against = Some(Against::New);
    }
    let base = RevisionName {
        given: "origin/main".to_owned(),
        commit: "4748ff912345".to_owned(),
    };
    let more = |text: &str, against, suppression| {
        let rule = "discovery/duplicate-id";
        let mut finding = finding_on(&report, rule, Level::Error, "teams.yaml", text);
        finding.against = Some(against);
        finding.suppression = suppression;
        finding.fingerprint = format!("{text:0>32}");
        finding
    };
    let waiver = sample_waiver(&report);
    let excepted = Suppression::Waiver(Arc::new(waiver.clone()));
    let rest = [
        more("teams", Against::Unchanged, None),
        more("sales", Against::New, Some(excepted)),
        more("logistics", Against::Unchanged, Some(Suppression::Baseline)),
    ];
    let before = empty_report(&[
        ("sales/orders.yaml", ORDERS_BEFORE),
        ("sales/returns.yaml", RETURNS_BEFORE),
    ]);
    let rule = "lifecycle/unknown-status";
    let mut fixed = finding_on(&before, rule, Level::Warning, "sales/orders.yaml", "gone");
    fixed.fingerprint = format!("{:0>32}", "f1fed");
    let removed = removed(&before);
    report.waivers = vec![WaiverUse {
        waiver,
        state: WaiverState::Active,
        days_left: 3,
        findings: vec![format!("{:0>32}", "sales")],
        rules: vec![RuleId::new("discovery/duplicate-id")],
    }];
    report.findings.extend(rest);
    report.policies = Some(base.clone());
    report.comparison = Some(Comparison {
        base,
        head: None,
        changed: BTreeMap::from([
            (
                RelPath::new("sales/orders.yaml"),
                FileChange::Renamed(RelPath::new("sales/old.yaml")),
            ),
            (RelPath::new("sales/returns.yaml"), FileChange::Removed),
        ]),
        fixed: vec![fixed],
        removed: vec![removed],
        renamed: vec![RenamedEntity {
            from: entity_key("contract", "refunds"),
            to: entity_key("contract", "paybacks"),
            file: RelPath::new("sales/paybacks.yaml"),
        }],
        base_sources: before.sources,
        affected: vec![
            affected("billing", None),
            affected("forecast", Some("billing")),
        ],
        versions: vec![VersionAdvice {
            entity: entity_key("contract", "orders"),
            location,
            from: "1.2.0".to_owned(),
            to: "1.3.0".to_owned(),
            part: VersionPart::Major,
            suggested: "2.0.0".to_owned(),
            reasons: vec!["column `email` removed".to_owned()],
        }],
    });
    report
}

/// [`changed_report`] with `evil` wherever a manifest, a waiver or a branch puts the text.
pub(crate) fn hostile_change(evil: &str) -> Report {
    let mut report = changed_report();
    let text = || evil.to_owned();
    let entity = || entity_key(evil, evil);
    let waiver = &mut report.waivers[0].waiver;
    (waiver.rule, waiver.reason) = (text(), text());
    for field in [
        &mut waiver.entity,
        &mut waiver.path,
        &mut waiver.at,
        &mut waiver.owner,
        &mut waiver.approved_by,
        &mut waiver.ticket,
    ] {
        *field = Some(text());
    }
    waiver.location.file = RelPath::new(evil);
    let excepted = Suppression::Waiver(Arc::new(waiver.clone()));
    report.waivers[0].rules = vec![RuleId::new(evil)];
    for finding in &mut report.findings {
        (finding.message, finding.owner) = (text(), Some(text()));
        (finding.domain, finding.help) = (Some(text()), Some(text().into()));
        if matches!(finding.suppression, Some(Suppression::Waiver(_))) {
            finding.suppression = Some(excepted.clone());
        }
    }
    let comparison = report.comparison.as_mut().unwrap();
    (comparison.base.given, comparison.base.commit) = (text(), text());
    let fixed = &mut comparison.fixed[0];
    (fixed.message, fixed.rule) = (text(), RuleId::new(evil));
    fixed.location.as_mut().unwrap().file = RelPath::new(evil);
    let removed = &mut comparison.removed[0];
    (removed.entity, removed.file) = (entity(), RelPath::new(evil));
    (removed.owner, removed.domain) = (Some(text()), Some(text()));
    let gone = &mut removed.findings[0];
    (gone.message, gone.rule) = (text(), RuleId::new(evil));
    gone.location.as_mut().unwrap().file = RelPath::new(evil);
    let affected = &mut comparison.affected[0];
    (affected.entity, affected.through) = (entity(), vec![entity()]);
    (affected.direct, affected.via) = (vec![entity()], vec![entity()]);
    (affected.owner, affected.domain) = (Some(text()), Some(text()));
    affected.file = RelPath::new(evil);
    let advice = &mut comparison.versions[0];
    (advice.entity, advice.reasons) = (entity(), vec![text()]);
    report.selected = Some(Selected {
        by: Selection {
            owners: vec![text()],
            ..Selection::ALL
        },
        ..Selected::default()
    });
    (advice.from, advice.to, advice.suggested) = (text(), text(), format!("{evil}2"));
    report.policies = Some(comparison.base.clone());
    report
}

/// Waivers of up to 180 days, on 29 November 2026.
pub(crate) fn sample_terms() -> WaiveTerms {
    WaiveTerms {
        today: Day(jiff::civil::date(2026, 11, 29)),
        max_days: 180,
        approval: false,
        folder: None,
    }
}

pub(crate) fn sample_waiver(report: &Report) -> Waiver {
    let day = |day| Day(jiff::civil::date(2027, 3, day));
    Waiver {
        rule: "discovery/duplicate-id".to_owned(),
        entity: Some("team:sales".to_owned()),
        path: None,
        at: None,
        reason: "two teams merge in spring".to_owned(),
        owner: Some("jane@acme.example".to_owned()),
        approved_by: Some("governance".to_owned()),
        expires: day(31),
        created: Some(day(1)),
        ticket: Some("GOV-12".to_owned()),
        inline: false,
        location: location_on(report, "teams.yaml", "- id: sales"),
    }
}

/// The contract that the change removes, with the finding that is gone with it.
fn removed(before: &Report) -> RemovedEntity {
    let (rule, file) = ("lifecycle/unknown-status", "sales/returns.yaml");
    let mut gone = finding_on(before, rule, Level::Warning, file, "lost");
    gone.entity = Some(entity_key("contract", "returns"));
    gone.fingerprint = format!("{:0>32}", "90ae");
    RemovedEntity {
        entity: entity_key("contract", "returns"),
        owner: Some("sales".to_owned()),
        domain: Some("sales".to_owned()),
        file: RelPath::new(file),
        findings: vec![gone],
    }
}

/// A consumer of `orders`: directly, or through another product.
fn affected(product: &str, via: Option<&str>) -> Affected {
    let orders = entity_key("contract", "orders");
    Affected {
        entity: entity_key("product", product),
        owner: Some("finance".to_owned()),
        domain: Some("finance".to_owned()),
        file: RelPath::new(format!("finance/{product}.yaml")),
        through: vec![orders.clone()],
        direct: via.is_none().then_some(orders).into_iter().collect(),
        via: via
            .map(|via| entity_key("product", via))
            .into_iter()
            .collect(),
    }
}

pub(crate) fn entity_key(kind: &str, id: &str) -> EntityKey {
    EntityKey {
        kind: Arc::from(kind),
        id: Arc::from(id),
    }
}

/// A finding on the first `text` in a file of the report.
pub(crate) fn finding_on(
    report: &Report,
    rule: &str,
    level: Level,
    file: &str,
    text: &str,
) -> Finding {
    let mut finding = Finding::bare(RuleId::new(rule), level, format!("`{text}` is wrong"));
    finding.location = Some(location_on(report, file, text));
    finding.entity = Some(entity_key("contract", "orders"));
    finding.owner = Some("sales".to_owned());
    finding.domain = Some("sales".to_owned());
    finding.fingerprint = format!("{:0>32}", "abc123");
    finding
}

pub(crate) fn related_place(report: &Report, message: &str, file: &str, text: &str) -> Related {
    Related {
        message: message.to_owned(),
        location: location_on(report, file, text),
    }
}

pub(crate) fn location_on(report: &Report, file: &str, text: &str) -> Location {
    let path = RelPath::new(file);
    let source = report.sources.get(&path).unwrap();
    let start = text_offset(source.as_str().find(text).unwrap());
    location_at(
        &source,
        path,
        Span::new(start, start + text_offset(text.len())),
    )
}

/// The text of a file of the report.
pub(crate) fn text_of(report: &Report, file: &str) -> Arc<SourceText> {
    report.sources.get(&RelPath::new(file)).unwrap()
}

pub(crate) fn location_at(source: &SourceText, file: RelPath, span: Span) -> Location {
    Location::of(&file, source, span)
}

pub(crate) fn sample_rule(id: &str, severity: Level) -> Rule {
    Rule {
        help: "Write something else.".into(),
        entities: vec![Arc::from("contract"), Arc::from("product")],
        related_resources: vec![Link {
            address: format!("https://docs.example.org/{id}"),
            description: None,
        }],
        pack: "builtin".to_owned(),
        file: format!("{id}.rego"),
        ..Rule::new(
            RuleId::new(id),
            format!("Title of {id}"),
            format!("What `{id}` checks, and why <b>it</b> matters."),
            severity,
        )
    }
}

pub(crate) fn render_report(
    report: &Report,
    format: OutputFormat,
    context: &ReportContext,
) -> String {
    let mut out = Vec::new();
    write(report, format, context, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn render_json(report: &Report, format: OutputFormat) -> serde_json::Value {
    serde_json::from_str(&render_report(report, format, &ReportContext::default())).unwrap()
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
