//! Properties of results that only an audit has: the state compared with the base, and the suppression, if any.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    Location as SarifLocation, PropertyBag, ResultBaselineState, Suppression,
};

use crate::model::finding::{Against, Finding};
use crate::model::waiver::Waiver;
use crate::report::escape::sarif_text;
use crate::report::standing::Standing;

const EXCEPTION: &str = "an `exception` of the policy exempts it";
const BASELINE: &str = "in the baseline: it was there when the mesh adopted govcheck";

/// The state of a finding of the head. If one result of a run has a state, all must: a finding without a base counts as new.
pub(super) fn baseline_state(finding: &Finding) -> ResultBaselineState {
    match finding.against {
        Some(Against::Unchanged) => ResultBaselineState::Unchanged,
        Some(Against::New) | None => ResultBaselineState::New,
    }
}

/// Why a finding does not count. Empty if it counts, which tells readers that suppressions were considered.
pub(super) fn list_suppressions(
    finding: &Finding,
    place: impl Fn(&Waiver) -> SarifLocation,
) -> Vec<Suppression> {
    match Standing::of(finding) {
        Standing::Open | Standing::Unchanged => Vec::new(),
        Standing::Waived(waiver) => vec![waived(waiver, place(waiver))],
        Standing::Baselined => vec![standing(BASELINE)],
        Standing::Excepted => vec![standing(EXCEPTION)],
    }
}

fn standing(justification: &str) -> Suppression {
    Suppression::builder()
        .kind(json!("external"))
        .status(json!("accepted"))
        .justification(justification)
        .build()
}

fn waived(waiver: &Waiver, location: SarifLocation) -> Suppression {
    let kind = match waiver.inline {
        true => "inSource",
        false => "external",
    };
    Suppression::builder()
        .kind(json!(kind))
        .status(json!("accepted"))
        .justification(sarif_text(&waiver.reason))
        .location(location)
        .properties(properties(waiver))
        .build()
}

fn properties(waiver: &Waiver) -> PropertyBag {
    let facts = [
        ("owner", waiver.owner.clone()),
        ("approvedBy", waiver.approved_by.clone()),
        ("expires", Some(waiver.expires.to_string())),
        ("created", waiver.created.map(|day| day.to_string())),
        ("ticket", waiver.ticket.clone()),
    ];
    let facts: BTreeMap<String, Value> = facts
        .into_iter()
        .filter_map(|(key, fact)| Some((key.to_owned(), json!(fact?))))
        .collect();
    PropertyBag::builder().additional_properties(facts).build()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::finding::Suppression as Exception;
    use crate::report::sample;
    use crate::report::sarif::AUDIT;

    fn suppression(report: &crate::model::report::Report, result: usize) -> Value {
        let document = sample::render_json(report, AUDIT);
        document["runs"][0]["results"][result]["suppressions"][0].clone()
    }

    #[test]
    fn a_waiver_shows_its_owner_reason_end_and_place() {
        assert_eq!(
            suppression(&sample::changed_report(), 3),
            json!({
                "justification": "two teams merge in spring",
                "kind": "external",
                "location": {"physicalLocation": {
                    "artifactLocation": {"uri": "teams.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 14},
                }},
                "properties": {
                    "approvedBy": "governance",
                    "created": "2027-03-01",
                    "expires": "2027-03-31",
                    "owner": "jane@acme.example",
                    "ticket": "GOV-12",
                },
                "status": "accepted",
            })
        );
    }

    #[test]
    fn a_comment_beside_the_text_is_in_the_source() {
        let mut report = sample::changed_report();
        let mut waiver = sample::sample_waiver(&report);
        waiver.inline = true;
        waiver.ticket = None;
        report.findings[3].suppression = Some(Exception::Waiver(Arc::new(waiver)));
        let said = suppression(&report, 3);
        assert_eq!(said["kind"], "inSource");
        assert_eq!(said["properties"].get("ticket"), None);
    }

    #[test]
    fn the_baseline_is_an_exception_outside_of_the_source() {
        assert_eq!(
            suppression(&sample::changed_report(), 4),
            json!({"justification": BASELINE, "kind": "external", "status": "accepted"})
        );
    }
}
