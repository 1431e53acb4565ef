//! Why a finding does not count, as JSON.

use serde::Serialize;

use crate::model::finding::Suppression;
use crate::model::rule::Day;
use crate::model::text::Position;
use crate::model::waiver::{Waiver, WaiverState, WaiverUse};

/// Why a finding does not count.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum JsonSuppression<'a> {
    Waiver(JsonWaiver<'a>),
    Baseline {},
    Exception {},
}

impl<'a> JsonSuppression<'a> {
    pub(super) fn of(suppression: &'a Suppression) -> Self {
        match suppression {
            Suppression::Waiver(waiver) => Self::Waiver(JsonWaiver::of(waiver)),
            Suppression::Baseline => Self::Baseline {},
            Suppression::Exception => Self::Exception {},
        }
    }
}

/// A waiver, and what it did in the run.
#[derive(Serialize)]
pub(super) struct JsonWaiverUse<'a> {
    #[serde(flatten)]
    pub(super) waiver: JsonWaiver<'a>,
    pub(super) state: &'static str,
    pub(super) days_left: i64,
    pub(super) findings: &'a [String],
    pub(super) rules: Vec<&'a str>,
}

impl<'a> JsonWaiverUse<'a> {
    pub(super) fn of(used: &'a WaiverUse) -> Self {
        let state = match used.state {
            WaiverState::Active => "active",
            WaiverState::Unused => "unused",
            WaiverState::Over => "over",
            WaiverState::Refused => "refused",
        };
        Self {
            waiver: JsonWaiver::of(&used.waiver),
            state,
            days_left: used.days_left,
            findings: &used.findings,
            rules: used.rules.iter().map(|rule| rule.as_str()).collect(),
        }
    }
}

/// A waiver as it is written.
#[derive(Serialize)]
pub(super) struct JsonWaiver<'a> {
    pub(super) rule: &'a str,
    pub(super) entity: Option<&'a str>,
    pub(super) path: Option<&'a str>,
    pub(super) at: Option<&'a str>,
    pub(super) reason: &'a str,
    pub(super) owner: Option<&'a str>,
    pub(super) approved_by: Option<&'a str>,
    pub(super) expires: Day,
    pub(super) created: Option<Day>,
    pub(super) ticket: Option<&'a str>,
    pub(super) inline: bool,
    pub(super) file: &'a str,
    pub(super) start: Position,
    pub(super) end: Position,
}

impl<'a> JsonWaiver<'a> {
    pub(super) fn of(waiver: &'a Waiver) -> Self {
        Self {
            rule: &waiver.rule,
            entity: waiver.entity.as_deref(),
            path: waiver.path.as_deref(),
            at: waiver.at.as_deref(),
            reason: &waiver.reason,
            owner: waiver.owner.as_deref(),
            approved_by: waiver.approved_by.as_deref(),
            expires: waiver.expires,
            created: waiver.created,
            ticket: waiver.ticket.as_deref(),
            inline: waiver.inline,
            file: waiver.location.file.as_str(),
            start: waiver.location.start,
            end: waiver.location.end,
        }
    }
}
