//! A finding, and the entity that it is about, as JSON.

use serde::Serialize;

use super::suppression::JsonSuppression;
use crate::model::entity::EntityKey;
use crate::model::finding::{Against, Certainty, Finding, Related};
use crate::model::location::Location;
use crate::model::rule::{Day, Level};
use crate::model::text::Position;

#[derive(Serialize)]
pub(super) struct JsonFinding<'a> {
    pub(super) rule: &'a str,
    pub(super) level: Level,
    pub(super) error_from: Option<Day>,
    pub(super) message: &'a str,
    pub(super) help: Option<&'a str>,
    pub(super) fix: Option<&'a str>,
    pub(super) file: Option<&'a str>,
    pub(super) start: Option<Position>,
    pub(super) end: Option<Position>,
    pub(super) related: Vec<JsonRelated<'a>>,
    pub(super) entity: Option<JsonEntity<'a>>,
    pub(super) route: &'a str,
    pub(super) owner: Option<&'a str>,
    pub(super) domain: Option<&'a str>,
    pub(super) fingerprint: &'a str,
    pub(super) covers: &'a [String],
    pub(super) against: Option<&'static str>,
    pub(super) suppression: Option<JsonSuppression<'a>>,
    pub(super) certainty: Option<&'static str>,
    pub(super) metadata: &'a serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
pub(super) struct JsonRelated<'a> {
    pub(super) message: &'a str,
    pub(super) file: &'a str,
    pub(super) start: Position,
    pub(super) end: Position,
}

#[derive(Serialize)]
pub(super) struct JsonEntity<'a> {
    pub(super) kind: &'a str,
    pub(super) id: &'a str,
}

impl<'a> JsonFinding<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        let location = finding.location.as_ref();
        Self {
            rule: finding.rule.as_str(),
            level: finding.level,
            error_from: finding.error_from,
            message: &finding.message,
            help: finding.help.as_deref(),
            fix: finding.fix.as_deref(),
            file: location.map(|at| at.file.as_str()),
            start: location.map(|at| at.start),
            end: location.map(|at| at.end),
            related: finding.related.iter().map(JsonRelated::of).collect(),
            entity: finding.entity.as_ref().map(JsonEntity::of),
            route: &finding.route,
            owner: finding.owner.as_deref(),
            domain: finding.domain.as_deref(),
            fingerprint: &finding.fingerprint,
            covers: &finding.covers,
            against: finding.against.map(Against::as_str),
            suppression: finding.suppression.as_ref().map(JsonSuppression::of),
            certainty: finding.certainty.map(Certainty::as_str),
            metadata: &finding.metadata,
        }
    }
}

impl<'a> JsonEntity<'a> {
    pub(super) fn of(key: &'a EntityKey) -> Self {
        Self {
            kind: &key.kind,
            id: &key.id,
        }
    }
}

impl<'a> JsonRelated<'a> {
    pub(super) fn of(related: &'a Related) -> Self {
        let Related { message, location } = related;
        let Location {
            file, start, end, ..
        } = location;
        Self {
            message,
            file: file.as_str(),
            start: *start,
            end: *end,
        }
    }
}
