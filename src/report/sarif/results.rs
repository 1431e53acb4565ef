//! Findings as SARIF results: message with links, places in UTF-16 columns, and the identities that code scanning tracks.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Location as SarifLocation, LogicalLocation, Message, PhysicalLocation,
    PropertyBag, Region, Result as SarifResult, ResultBaselineState, ResultLevel,
};

use super::{ROOT, SarifShape, suppressions};
use crate::model::finding::{Certainty, Finding};
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::rule::Level;
use crate::model::sources::Sources;
use crate::model::text::RelPath;
use crate::model::waiver::Waiver;
use crate::report::ReportContext;
use crate::report::escape::{sarif_text, uri_path};
use crate::report::line_hash::LineHashes;

/// Where a finding goes that names no file: code scanning drops a result without a place, and what concerns the mesh as a whole is
/// looked for in its configuration.
const NO_FILE: &str = "govcheck.yaml";

/// Turns findings into results, those of the base that are gone after those that are there; `rules` has the index of each rule id among
/// the descriptors.
pub(super) fn build_results(
    findings: &[&Finding],
    gone: &[&Finding],
    report: &Report,
    rules: &BTreeMap<String, i64>,
    context: &ReportContext,
    shape: SarifShape,
) -> Vec<SarifResult> {
    let writer = |sources| ResultWriter {
        sources,
        rules,
        context,
        hashes: None,
    };
    let mut head = writer(Some(&report.sources));
    let comparison = report.comparison.as_ref();
    // What is gone points at texts of the base, which may have another text at the same path.
    let mut base = writer(comparison.map(|it| &it.base_sources));
    let mut results = Vec::with_capacity(findings.len() + gone.len());
    for finding in findings {
        let mut result = head.result(finding);
        if shape == SarifShape::Audit {
            let place = |waiver: &Waiver| head.place(Some(&waiver.location));
            result.suppressions = Some(suppressions::list_suppressions(finding, place));
            result.baseline_state =
                comparison.map(|_| json!(suppressions::baseline_state(finding)));
        }
        results.push(result);
    }
    for finding in gone {
        let mut result = base.result(finding);
        result.suppressions = Some(Vec::new());
        result.baseline_state = Some(json!(ResultBaselineState::Absent));
        results.push(result);
    }
    results
}

struct ResultWriter<'a> {
    sources: Option<&'a Sources>,
    rules: &'a BTreeMap<String, i64>,
    context: &'a ReportContext,
    /// Reads each file once, however many findings it has: they come file by file.
    hashes: Option<(&'a RelPath, Option<LineHashes>)>,
}

impl<'a> ResultWriter<'a> {
    fn result(&mut self, finding: &'a Finding) -> SarifResult {
        let related: Vec<SarifLocation> = finding
            .related
            .iter()
            .zip(1i64..)
            .map(|(related, id)| {
                let mut location = self.place(Some(&related.location));
                location.id = Some(id);
                location.message = Some(Message::from(sarif_text(&related.message).as_str()));
                location
            })
            .collect();
        let mut location = self.place(finding.location.as_ref());
        location.logical_locations = logical_location(finding).map(|logical| vec![logical]);
        let mut result = SarifResult::builder()
            .rule_id(finding.rule.as_str())
            .level(level(finding.level))
            .message(Message::from(message(finding).as_str()))
            .locations(vec![location])
            .related_locations(related)
            .partial_fingerprints(self.fingerprints(finding))
            .properties(properties(finding))
            .build();
        result.rule_index = self.rules.get(finding.rule.as_str()).copied();
        result
    }

    fn place(&self, location: Option<&Location>) -> SarifLocation {
        let file = location.map_or(NO_FILE, |at| at.file.as_str());
        let artifact = ArtifactLocation::builder()
            .uri(uri_path(&self.context.repository_path(file)))
            .uri_base_id(ROOT)
            .build();
        let physical = PhysicalLocation::builder()
            .artifact_location(artifact)
            .region(region(location))
            .build();
        SarifLocation::builder().physical_location(physical).build()
    }

    fn fingerprints(&mut self, finding: &'a Finding) -> BTreeMap<String, String> {
        let hash = self.line_hash(finding).unwrap_or_else(|| {
            // Code scanning needs one for every result. Without a text there is no line hash: our
            // fingerprint replaces it, because it survives moves, too.
            let short: String = finding.fingerprint.chars().take(16).collect();
            format!("{short}:1")
        });
        BTreeMap::from([
            ("primaryLocationLineHash".to_owned(), hash),
            ("govcheck/v1".to_owned(), finding.fingerprint.clone()),
        ])
    }

    fn line_hash(&mut self, finding: &'a Finding) -> Option<String> {
        let at = finding.location.as_ref()?;
        if self
            .hashes
            .as_ref()
            .is_none_or(|(file, _)| **file != at.file)
        {
            let source = self.sources?.get(&at.file);
            self.hashes = Some((&at.file, source.map(|source| LineHashes::new(&source))));
        }
        let (_, hashes) = self.hashes.as_ref()?;
        hashes.as_ref()?.line(at.start.line).map(str::to_owned)
    }
}

fn region(location: Option<&Location>) -> Region {
    let (start, end) = location.map_or(((1, 1), (1, 1)), |at| {
        (
            (at.start.line, at.start.column_utf16),
            (at.end.line, at.end.column_utf16),
        )
    });
    Region::builder()
        .start_line(start.0)
        .start_column(start.1)
        .end_line(end.0)
        .end_column(end.1)
        .build()
}

fn level(level: Level) -> ResultLevel {
    match level {
        Level::Error => ResultLevel::Error,
        Level::Warning => ResultLevel::Warning,
        Level::Note => ResultLevel::Note,
    }
}

/// The message, what to write instead, and a link to each related place by its id.
fn message(finding: &Finding) -> String {
    let mut text = sarif_text(&finding.message);
    if let Some(help) = &finding.help {
        text.push('\n');
        text.push_str(&sarif_text(help));
    }
    for (related, id) in finding.related.iter().zip(1..) {
        // Brackets would end the text of the link.
        let label = sarif_text(&related.message)
            .replace('[', "(")
            .replace(']', ")")
            .replace('\n', " ");
        text.push_str(&format!("\nSee [{label}]({id})"));
    }
    text
}

fn logical_location(finding: &Finding) -> Option<LogicalLocation> {
    let entity = finding.entity.as_ref()?;
    let mut location = LogicalLocation::builder().kind("member").build();
    location.fully_qualified_name = Some(match finding.route.as_str() {
        "" => entity.to_string(),
        route => format!("{entity}/{route}"),
    });
    Some(location)
}

fn properties(finding: &Finding) -> PropertyBag {
    let mut properties: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            properties.insert(key.to_owned(), json!(value));
        }
    };
    let entity = finding.entity.as_ref().map(ToString::to_string);
    add("entity", entity.as_deref());
    add(
        "route",
        Some(finding.route.as_str()).filter(|route| !route.is_empty()),
    );
    add("owner", finding.owner.as_deref());
    add("domain", finding.domain.as_deref());
    add("fix", finding.fix.as_deref());
    add("certainty", finding.certainty.map(Certainty::as_str));
    if !finding.metadata.is_empty() {
        properties.insert("metadata".to_owned(), json!(finding.metadata));
    }
    PropertyBag::builder()
        .additional_properties(properties)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::report::sarif::{AUDIT, FORMAT};

    fn results(report: &Report, root: &str) -> Value {
        let context = ReportContext {
            root: root.to_owned(),
            ..ReportContext::default()
        };
        let text = sample::render_report(report, FORMAT, &context);
        serde_json::from_str::<Value>(&text).unwrap()["runs"][0]["results"].take()
    }

    #[test]
    fn a_result_has_its_place_in_utf16_columns() {
        let result = results(&sample::sample_report(), "")[0].take();
        assert_eq!(result["ruleId"], "security/unknown-classification");
        assert_eq!(result["ruleIndex"], 2);
        assert_eq!(result["level"], "warning");
        assert_eq!(
            result["relatedLocations"][0]["physicalLocation"],
            json!({
                "artifactLocation": {"uri": "sales/orders.yaml", "uriBaseId": "%SRCROOT%"},
                // Six characters of which the last is two code units.
                "region": {"startLine": 6, "startColumn": 15, "endLine": 6, "endColumn": 22},
            })
        );
        assert_eq!(
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
            7
        );
        assert_eq!(
            result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            "contract:orders/columns[customers.größe😀].classification"
        );
    }

    #[test]
    fn columns_count_in_utf16_units() {
        let mut report = sample::empty_report(&[("a.yaml", "😀: x")]);
        report.findings = vec![sample::finding_on(
            &report,
            "a/b",
            Level::Error,
            "a.yaml",
            "x",
        )];
        let result = results(&report, "")[0].take();
        assert_eq!(
            result["locations"][0]["physicalLocation"]["region"],
            json!({"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 6})
        );
    }

    #[test]
    fn the_message_links_related_places_by_id() {
        let results = results(&sample::sample_report(), "");
        assert_eq!(
            results[1]["message"]["text"],
            "team `salez` is not registered, did you mean `sales`?\nSee [`sales` is registered here](1)"
        );
        assert_eq!(results[1]["relatedLocations"][0]["id"], 1);
    }

    #[test]
    fn a_message_cannot_link_elsewhere() {
        let mut report = sample::sample_report();
        report.findings[1].message = "see [docs](https://evil.example) \u{1b}[0m".to_owned();
        report.findings[1].related[0].message = "a](https://evil.example) [b".to_owned();
        let text = results(&report, "")[1]["message"]["text"].take();
        assert_eq!(
            text,
            "see [docs] (https://evil.example) \\x1b[0m\nSee [a) (https://evil.example) (b](1)"
        );
    }

    #[test]
    fn both_identities_are_there() {
        let report = sample::sample_report();
        let source = sample::text_of(&report, "sales/orders.yaml");
        let prints = results(&report, "")[0]["partialFingerprints"].take();
        assert_eq!(
            prints["primaryLocationLineHash"],
            LineHashes::new(&source).line(7).unwrap()
        );
        assert_eq!(prints["govcheck/v1"], "00000000000000000000000000abc123");
    }

    #[test]
    fn a_finding_without_a_file_is_put_on_the_configuration() {
        let mut report = sample::sample_report();
        report.findings[0].location = None;
        let result = results(&report, "mesh")[0].take();
        assert_eq!(
            result["locations"][0]["physicalLocation"],
            json!({
                "artifactLocation": {"uri": "mesh/govcheck.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
            })
        );
        assert_eq!(
            result["partialFingerprints"]["primaryLocationLineHash"],
            "0000000000000000:1"
        );
    }

    #[test]
    fn uris_are_relative_to_the_repository_and_encoded() {
        let mut report = sample::empty_report(&[("a b/ü.yaml", "x")]);
        report.findings = vec![sample::finding_on(
            &report,
            "a/b",
            Level::Error,
            "a b/ü.yaml",
            "x",
        )];
        let result = results(&report, "my mesh")[0].take();
        let artifact = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(artifact["uri"], "my%20mesh/a%20b/%C3%BC.yaml");
    }

    #[test]
    fn what_was_fixed_points_into_the_base() {
        let report = sample::changed_report();
        let document = sample::render_json(&report, AUDIT);
        let fixed = &document["runs"][0]["results"][5];
        assert_eq!(fixed["ruleId"], "lifecycle/unknown-status");
        assert_eq!(
            fixed["locations"][0]["physicalLocation"]["region"],
            json!({"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 13})
        );
        // Not the line that has this number in the head.
        let file = RelPath::new("sales/orders.yaml");
        let before = report
            .comparison
            .as_ref()
            .unwrap()
            .base_sources
            .get(&file)
            .unwrap();
        let hash = &fixed["partialFingerprints"]["primaryLocationLineHash"];
        assert_eq!(hash, LineHashes::new(&before).line(2).unwrap());
        assert_ne!(
            hash,
            LineHashes::new(&report.sources.get(&file).unwrap())
                .line(2)
                .unwrap()
        );
        let rule = fixed["ruleIndex"].as_u64().unwrap();
        let rules = &document["runs"][0]["tool"]["driver"]["rules"];
        assert_eq!(
            rules[usize::try_from(rule).unwrap()]["id"],
            "lifecycle/unknown-status"
        );
    }
}
