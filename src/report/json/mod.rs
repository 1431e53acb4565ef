//! The report for programs: versioned, described by a JSON Schema, the same bytes for the same input.

mod change;
mod finding;
mod suppression;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde::Serialize;

use super::json::suppression::JsonWaiverUse;
use super::standing::ClosedCounts;
use super::statistics::{RuleCount, count_by_rule};
use super::{OutputFormat, ReportContext, life, rule_link};
use crate::model::finding::{Against, Finding};
use crate::model::report::Report;
use crate::model::rule::{Day, Level, Rule, RuleId, State};
use crate::model::selection::{Selected, Selector};
use change::{JsonComparison, JsonRevision};
use finding::{JsonEntity, JsonFinding};

/// Goes up when a reader of the previous version would read something wrong; new keys do not count.
const VERSION: u32 = 1;

/// The JSON Schema (2020-12) of the `json` format.
pub fn json_schema() -> serde_json::Value {
    // A test holds that the file is JSON, so the default is never seen.
    serde_json::from_str(include_str!("../report.schema.json")).unwrap_or_default()
}

pub(super) const FORMAT: OutputFormat = OutputFormat::new(
    "json",
    "For programs: everything, as `govcheck schema report` describes it",
    write,
)
.with_statistics();

fn write(report: &Report, _: &ReportContext, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &JsonReport::of(report))?;
    writeln!(out)
}

/// Every key is always there, with null if it has no value. The fields are in the order of the output.
#[derive(Serialize)]
struct JsonReport<'a> {
    version: u32,
    tool: Tool,
    incomplete: bool,
    counts: JsonCounts<'a>,
    findings: Vec<JsonFinding<'a>>,
    statistics: Vec<JsonRuleCount<'a>>,
    becoming_errors: Vec<JsonBecoming<'a>>,
    rules: Vec<JsonRule<'a>>,
    passed_over: Vec<&'a str>,
    comparison: Option<JsonComparison<'a>>,
    policies: Option<JsonRevision<'a>>,
    waivers: Vec<JsonWaiverUse<'a>>,
    selection: Option<JsonSelection<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct JsonCounts<'a> {
    errors: usize,
    warnings: usize,
    notes: usize,
    new: usize,
    unchanged: usize,
    fixed: usize,
    gone: usize,
    waived: usize,
    baselined: usize,
    excepted: usize,
    files: usize,
    judged: usize,
    passed_over: usize,
    entities: BTreeMap<&'a str, usize>,
    rules: usize,
}

#[derive(Serialize)]
struct JsonRule<'a> {
    id: &'a str,
    title: &'a str,
    severity: Level,
    state: State,
    enforced_from: Option<Day>,
    successor: Option<&'a str>,
    link: Option<Cow<'a, str>>,
    pack: &'a str,
    findings: usize,
}

#[derive(Serialize)]
struct JsonSelection<'a> {
    select: Vec<&'a str>,
    ignore: Vec<&'a str>,
    domains: &'a [String],
    owners: &'a [String],
    hidden: usize,
}

#[derive(Serialize)]
struct JsonRuleCount<'a> {
    rule: &'a str,
    level: Level,
    findings: usize,
    files: usize,
}

#[derive(Serialize)]
struct JsonBecoming<'a> {
    day: Day,
    rules: BTreeMap<&'a str, usize>,
}

impl<'a> JsonReport<'a> {
    fn of(report: &'a Report) -> Self {
        let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in report.open() {
            *by_rule.entry(finding.rule.as_str()).or_default() += 1;
        }
        let rule = |rule: &'a Rule| JsonRule {
            id: rule.id.as_str(),
            title: &rule.title,
            severity: rule.severity,
            state: rule.state,
            enforced_from: rule.enforced_from,
            successor: rule.successor.as_ref().map(RuleId::as_str),
            link: rule_link(rule, None),
            pack: &rule.pack,
            findings: by_rule.get(rule.id.as_str()).copied().unwrap_or(0),
        };
        let counts = &report.counts;
        let rest = ClosedCounts::of_report(report);
        let is_new = |finding: &&Finding| finding.against == Some(Against::New);
        Self {
            version: VERSION,
            tool: Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            incomplete: report.incomplete,
            counts: JsonCounts {
                errors: report.count(Level::Error),
                warnings: report.count(Level::Warning),
                notes: report.count(Level::Note),
                new: report.open().filter(is_new).count(),
                unchanged: rest.unchanged,
                fixed: rest.fixed,
                gone: rest.gone,
                waived: rest.waived,
                baselined: rest.baselined,
                excepted: rest.excepted,
                files: counts.files,
                judged: counts.judged,
                passed_over: counts.passed_over,
                entities: counts
                    .entities
                    .iter()
                    .map(|(kind, count)| (&**kind, *count))
                    .collect(),
                rules: counts.rules,
            },
            findings: report.findings.iter().map(JsonFinding::of).collect(),
            statistics: count_by_rule(report)
                .into_iter()
                .map(JsonRuleCount::of)
                .collect(),
            becoming_errors: life::becoming_errors(report)
                .into_iter()
                .map(JsonBecoming::of)
                .collect(),
            rules: report.rules.iter().map(rule).collect(),
            passed_over: report
                .passed_over
                .iter()
                .map(|file| file.as_str())
                .collect(),
            comparison: report.comparison.as_ref().map(JsonComparison::of),
            policies: report.policies.as_ref().map(JsonRevision::of),
            waivers: report.waivers.iter().map(JsonWaiverUse::of).collect(),
            selection: report.selected.as_ref().map(JsonSelection::of),
        }
    }
}

impl<'a> JsonSelection<'a> {
    fn of(selected: &'a Selected) -> Self {
        let Selected { by, hidden, .. } = selected;
        Self {
            select: by.select.iter().map(Selector::as_str).collect(),
            ignore: by.ignore.iter().map(Selector::as_str).collect(),
            domains: &by.domains,
            owners: &by.owners,
            hidden: *hidden,
        }
    }
}

impl<'a> JsonRuleCount<'a> {
    fn of(count: RuleCount<'a>) -> Self {
        Self {
            rule: count.rule.as_str(),
            level: count.level,
            findings: count.findings,
            files: count.files,
        }
    }
}

impl<'a> JsonBecoming<'a> {
    fn of(becoming: life::Becoming<'a>) -> Self {
        let rules = becoming.rules.into_iter();
        Self {
            day: becoming.day,
            rules: rules.map(|(rule, count)| (rule.as_str(), count)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::{ReportContext, sample};

    #[test]
    fn the_schema_is_valid_json_schema() {
        let schema = json_schema();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert!(jsonschema::meta::is_valid(&schema));
    }

    #[test]
    fn reports_are_valid_under_the_schema() {
        let mut without_place = sample::sample_report();
        without_place.incomplete = true;
        without_place.findings[0].location = None;
        without_place.findings[0].entity = None;
        without_place.findings[0].owner = None;
        without_place.findings[0].domain = None;
        let change = sample::hostile_change("\u{1b}\"<b>\n");
        for report in [
            sample::sample_report(),
            sample::empty_report(&[]),
            without_place,
            sample::changed_report(),
            change,
        ] {
            let document = sample::render_json(&report, FORMAT);
            assert_eq!(
                sample::schema_errors(&json_schema(), &document),
                Vec::<String>::new()
            );
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_a_report() {
        let good = sample::render_json(&sample::sample_report(), FORMAT);
        let mut without_level = good.clone();
        without_level["findings"][0]
            .as_object_mut()
            .unwrap()
            .shift_remove("level");
        let mut unknown_key = good.clone();
        unknown_key["findings"][0]["elapsed"] = json!(1);
        let mut line_zero = good;
        line_zero["findings"][0]["start"]["line"] = json!(0);
        for bad in [without_level, unknown_key, line_zero] {
            assert_ne!(
                sample::schema_errors(&json_schema(), &bad),
                Vec::<String>::new()
            );
        }
    }

    #[test]
    fn a_finding_says_all_it_knows_in_a_stable_order() {
        let document = sample::render_json(&sample::sample_report(), FORMAT);
        let expected = json!({
            "rule": "security/unknown-classification",
            "level": "warning",
            "error_from": null,
            "message": "column `größe😀` has the classification `secret`, which is not registered",
            "help": "Name a registered classification",
            "fix": "classification: restricted",
            "file": "sales/orders.yaml",
            "start": {"line": 7, "column": 25},
            "end": {"line": 7, "column": 31},
            "related": [{
                "message": "the column is declared here",
                "file": "sales/orders.yaml",
                "start": {"line": 6, "column": 15},
                "end": {"line": 6, "column": 21},
            }],
            "entity": {"kind": "contract", "id": "orders"},
            "route": "columns[customers.größe😀].classification",
            "owner": "sales",
            "domain": "sales",
            "fingerprint": "00000000000000000000000000abc123",
            "covers": [],
            "against": null,
            "suppression": null,
            "certainty": null,
            "metadata": {},
        });
        // As text, so that the order of keys counts.
        assert_eq!(document["findings"][0].to_string(), expected.to_string());
    }

    #[test]
    fn the_life_of_rules_is_reported() {
        let mut report = sample::sample_report();
        let day = Day("2027-03-01".parse().unwrap());
        report.findings[0].error_from = Some(day);
        report.rules[0].state = State::Deprecated;
        report.rules[0].successor = Some(RuleId::new("a/new"));
        report.rules[1].enforced_from = Some(day);
        let document = sample::render_json(&report, FORMAT);
        assert_eq!(
            sample::schema_errors(&json_schema(), &document),
            Vec::<String>::new()
        );
        assert_eq!(document["findings"][0]["error_from"], "2027-03-01");
        assert_eq!(
            document["becoming_errors"],
            json!([{"day": "2027-03-01", "rules": {"security/unknown-classification": 1}}])
        );
        assert_eq!(document["rules"][0]["state"], "deprecated");
        assert_eq!(document["rules"][0]["successor"], "a/new");
        assert_eq!(document["rules"][1]["enforced_from"], "2027-03-01");
        assert_eq!(document["rules"][1]["state"], "enabled");
    }

    #[test]
    fn open_findings_are_counted_by_rule_and_level() {
        let document = sample::render_json(&sample::changed_report(), FORMAT);
        assert_eq!(
            document["statistics"],
            json!([
                {"rule": "ownership/unknown-team", "level": "error", "findings": 1, "files": 1},
                {"rule": "security/unknown-classification", "level": "warning", "findings": 1, "files": 1},
            ])
        );
    }

    #[test]
    fn counts_tell_the_run() {
        let document = sample::render_json(&sample::sample_report(), FORMAT);
        assert_eq!(
            document["counts"],
            json!({"errors": 1, "warnings": 1, "notes": 0, "new": 0, "unchanged": 0, "fixed": 0, "gone": 0, "waived": 0, "baselined": 0, "excepted": 0, "files": 2, "judged": 2, "passed_over": 1, "entities": {"contract": 1, "team": 2}, "rules": 3})
        );
        assert_eq!(document["rules"][0]["findings"], 0);
        assert_eq!(document["rules"][1]["findings"], 1);
        assert_eq!(document["passed_over"], json!(["ci/values.yaml"]));
    }

    #[test]
    fn the_time_a_run_took_is_not_in_it() {
        let context = ReportContext {
            elapsed: Some(std::time::Duration::from_secs(3)),
            ..ReportContext::default()
        };
        let report = sample::sample_report();
        let timed = sample::render_report(&report, FORMAT, &context);
        assert_eq!(
            timed,
            sample::render_report(&report, FORMAT, &ReportContext::default())
        );
    }

    #[test]
    fn counts_of_levels_and_rules_are_those_of_open_findings() {
        let report = sample::changed_report();
        let document = sample::render_json(&report, FORMAT);
        let counts = &document["counts"];
        for (key, count) in [
            ("errors", 1),
            ("warnings", 1),
            ("new", 2),
            ("unchanged", 1),
            ("fixed", 1),
            ("gone", 1),
            ("waived", 1),
            ("baselined", 1),
        ] {
            assert_eq!(counts[key], count, "{key}");
        }
        // Three of its findings are there, none of them open.
        assert_eq!(document["rules"][0]["id"], "discovery/duplicate-id");
        assert_eq!(document["rules"][0]["findings"], 0);
        assert_eq!(document["findings"].as_array().unwrap().len(), 5);
    }

    #[test]
    fn a_change_is_reported_with_its_revisions_files_and_consequences() {
        let mut report = sample::changed_report();
        let document = sample::render_json(&report, FORMAT);
        let revision = json!({"given": "origin/main", "commit": "4748ff912345"});
        assert_eq!(document["policies"], revision);
        let comparison = &document["comparison"];
        assert_eq!(comparison["base"], revision);
        assert_eq!(comparison["head"], json!(null));
        assert_eq!(
            comparison["changed"],
            json!([
                {"file": "sales/orders.yaml", "change": "renamed", "from": "sales/old.yaml"},
                {"file": "sales/returns.yaml", "change": "removed", "from": null},
            ])
        );
        assert_eq!(
            comparison["fixed"][0]["start"],
            json!({"line": 2, "column": 9})
        );
        assert_eq!(
            comparison["affected"][0],
            json!({
                "entity": {"kind": "product", "id": "billing"}, "owner": "finance", "domain": "finance",
                "file": "finance/billing.yaml", "through": [{"kind": "contract", "id": "orders"}],
                "direct": [{"kind": "contract", "id": "orders"}], "via": [],
            })
        );
        assert_eq!(
            (
                &comparison["affected"][1]["direct"],
                &comparison["affected"][1]["via"]
            ),
            (&json!([]), &json!([{"kind": "product", "id": "billing"}]))
        );
        let removed = &comparison["removed"][0];
        assert_eq!(
            removed["entity"],
            json!({"kind": "contract", "id": "returns"})
        );
        assert_eq!(removed["file"], "sales/returns.yaml");
        assert_eq!(removed["findings"][0]["rule"], "lifecycle/unknown-status");
        assert_eq!(
            comparison["versions"][0],
            json!({
                "entity": {"kind": "contract", "id": "orders"}, "file": "sales/orders.yaml",
                "start": {"line": 2, "column": 5}, "end": {"line": 2, "column": 11},
                "from": "1.2.0", "to": "1.3.0", "part": "major", "suggested": "2.0.0",
                "reasons": ["column `email` removed"],
            })
        );
        (report.comparison, report.policies) = (None, None);
        let document = sample::render_json(&report, FORMAT);
        assert_eq!(document["comparison"], json!(null));
        assert_eq!(document["policies"], json!(null));
    }

    #[test]
    fn exempt_findings_name_their_waiver_or_baseline() {
        let document = sample::render_json(&sample::changed_report(), FORMAT);
        let findings = &document["findings"];
        let against: Vec<&serde_json::Value> = (0..5).map(|at| &findings[at]["against"]).collect();
        assert_eq!(against, ["new", "new", "unchanged", "new", "unchanged"]);
        assert_eq!(findings[2]["suppression"], json!(null));
        assert_eq!(findings[4]["suppression"], json!({"kind": "baseline"}));
        let mut waiver = json!({
            "rule": "discovery/duplicate-id", "entity": "team:sales", "path": null, "at": null,
            "reason": "two teams merge in spring", "owner": "jane@acme.example", "approved_by": "governance",
            "expires": "2027-03-31", "created": "2027-03-01", "ticket": "GOV-12", "inline": false,
            "file": "teams.yaml", "start": {"line": 2, "column": 3}, "end": {"line": 2, "column": 14},
        });
        let mut used = waiver.clone();
        waiver["kind"] = json!("waiver");
        assert_eq!(findings[3]["suppression"], waiver);
        used["state"] = json!("active");
        used["days_left"] = json!(3);
        used["findings"] = json!([format!("{:0>32}", "sales")]);
        used["rules"] = json!(["discovery/duplicate-id"]);
        assert_eq!(document["waivers"], json!([used]));
    }
}
