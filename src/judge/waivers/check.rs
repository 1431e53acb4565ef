//! Which waivers hold: each draft against the rules, the day and the settings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::governing::{Governing, Granted};
use super::{
    MALFORMED, NOT_IN_FORCE, NOT_INLINE, NOT_WAIVABLE, NOT_YET_WRITTEN, OVER, OVERLONG, RENAMED,
    UNKNOWN_RULE, waiver_finding,
};
use crate::model::entity::DOCUMENT_KIND;
use crate::model::finding::Finding;
use crate::model::rule::{Day, Rule, RuleId};
use crate::model::text::nearest_name;
use crate::model::waiver::WaiverDraft;

/// The rules that a waiver is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::judge) enum WaiverSelector {
    Rule(RuleId),
    Category(String),
}

/// Whether a waiver holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::judge) enum WaiverStanding {
    Holds,
    Over,
    /// Why not, as a phrase.
    Refused(String),
}

/// A waiver that has been checked against the rules.
pub(in crate::judge) struct CheckedWaiver<'d> {
    pub(in crate::judge) draft: &'d WaiverDraft,
    /// The same on the terms that hold: those of the revision that provides the policies, where it is another.
    pub(in crate::judge) terms: Cow<'d, WaiverDraft>,
    /// For a comment: whether it is in force for each part that it covers. `None` if it is for all.
    pub(in crate::judge) in_force: Option<Vec<bool>>,
    /// None if it names no rule.
    pub(in crate::judge) selector: Option<WaiverSelector>,
    pub(in crate::judge) standing: WaiverStanding,
}

/// What waivers are checked against.
pub(in crate::judge) struct Terms<'t> {
    pub(in crate::judge) rules: &'t BTreeMap<&'t str, &'t Rule>,
    /// Config's word on comments, by rule.
    pub(in crate::judge) inline: &'t BTreeMap<RuleId, bool>,
    pub(in crate::judge) max_days: u32,
    pub(in crate::judge) approval: bool,
    /// The comments of the revision that provides the policies, where it is another.
    pub(in crate::judge) governing: Option<Governing<'t>>,
    pub(in crate::judge) today: Day,
}

/// Days from one to the other; negative if the other is earlier.
pub(in crate::judge) fn days_between(from: Day, to: Day) -> i64 {
    let span = from.0.until(to.0).map(|span| i64::from(span.get_days()));
    span.unwrap_or(if to < from { i64::MIN } else { i64::MAX })
}

impl Terms<'_> {
    /// The rules by all of their names.
    pub(in crate::judge) fn names(rules: &[Rule]) -> BTreeMap<&str, &Rule> {
        let old = rules
            .iter()
            .flat_map(|rule| rule.aliases.iter().map(move |id| (id.as_str(), rule)));
        let own = rules.iter().map(|rule| (rule.id.as_str(), rule));
        old.chain(own).collect()
    }

    /// Checks a waiver against the rules, and reports its mistakes.
    pub(in crate::judge) fn check<'d>(
        &self,
        draft: &'d WaiverDraft,
        told: &mut Vec<Finding>,
    ) -> CheckedWaiver<'d> {
        let mut refused = None;
        let mut refuse = |finding: Finding| {
            refused.get_or_insert(finding.message.clone());
            told.push(finding);
        };
        for mistake in &draft.mistakes {
            let message = mistake.message.clone();
            let mut finding = waiver_finding(MALFORMED, draft, &mistake.location, message);
            if !mistake.help.is_empty() {
                finding.help = Some(mistake.help.as_str().into());
            }
            refuse(finding);
        }
        let selector = match self.selector(draft) {
            Ok(selector) => selector,
            Err(finding) => {
                refuse(*finding);
                None
            }
        };
        if self.approval && draft.approved_by.is_none() && draft.mistakes.is_empty() {
            let message = "the waiver has no approver".to_owned();
            let mut finding = waiver_finding(MALFORMED, draft, &draft.location, message);
            let key = if draft.covers.is_some() {
                "approved-by NAME` before the `--"
            } else {
                "approved_by: NAME"
            };
            finding.help = Some(format!(
                "add `{key}`; `waivers: {{approved_by: required}}` in `govcheck.yaml` requires it"
            ).into());
            refuse(finding);
        }
        if let Some(finding) = self.not_yet_written(draft).or_else(|| self.overlong(draft)) {
            refuse(finding);
        }
        let (mut terms, mut in_force) = (Cow::Borrowed(draft), None);
        match self.grant(draft, selector.as_ref()) {
            Grant::Own => {}
            Grant::Refused => refuse(not_in_force(draft)),
            Grant::Granted(granted) => {
                if let Some(finding) = self.overlong(&granted.terms).filter(|_| {
                    // Mistakes in the comment itself are reported already.
                    granted.terms.expires != draft.expires
                }) {
                    refuse(finding);
                }
                told.extend(partly_in_force(draft, &granted));
                (terms, in_force) = (granted.terms, Some(granted.parts));
            }
        }
        told.extend(self.renamed(draft));
        let over = terms.expires.filter(|day| *day < self.today);
        let standing = match (refused, over) {
            (Some(why), _) => WaiverStanding::Refused(why),
            (None, Some(day)) => {
                let place = draft.expires_location.as_ref().unwrap_or(&draft.location);
                let message = format!("the waiver of {} expired on {day}", rule_name(draft));
                told.push(waiver_finding(OVER, draft, place, message));
                WaiverStanding::Over
            }
            (None, None) => WaiverStanding::Holds,
        };
        CheckedWaiver {
            draft,
            terms,
            in_force,
            selector,
            standing,
        }
    }

    /// What the revision that provides the policies grants to a comment.
    fn grant<'d>(&self, draft: &'d WaiverDraft, selector: Option<&WaiverSelector>) -> Grant<'d> {
        match (&self.governing, selector) {
            (Some(governing), Some(WaiverSelector::Rule(rule))) if draft.covers.is_some() => {
                let granted = governing.grant(rule, draft);
                granted.map_or(Grant::Refused, |granted| Grant::Granted(Box::new(granted)))
            }
            (Some(_), _) if draft.covers.is_some() => Grant::Refused,
            _ => Grant::Own,
        }
    }

    fn selector(&self, draft: &WaiverDraft) -> Result<Option<WaiverSelector>, Box<Finding>> {
        let Some(name) = draft.rule.as_deref() else {
            return Ok(None);
        };
        let place = draft.rule_location.as_ref().unwrap_or(&draft.location);
        let refuse = |id, message: String| Box::new(waiver_finding(id, draft, place, message));
        if let Some(rule) = self.rules.get(name) {
            if !rule.waivable {
                return Err(refuse(NOT_WAIVABLE, format!("`{name}` cannot be waived")));
            }
            let allowed = self.inline.get(&rule.id).copied().unwrap_or(rule.inline);
            if draft.covers.is_some() && !allowed {
                let message = format!("`{name}` cannot be waived in a comment");
                return Err(refuse(NOT_INLINE, message));
            }
            return Ok(Some(WaiverSelector::Rule(rule.id.clone())));
        }
        let mut rules = self
            .rules
            .values()
            .filter(|rule| rule.id.category() == name)
            .peekable();
        if rules.peek().is_none() {
            let mut finding = refuse(UNKNOWN_RULE, format!("unknown rule `{name}`"));
            if let Some(near) = self.nearest(name) {
                finding.help = Some(format!("did you mean `{near}`?").into());
            }
            return Err(finding);
        }
        if draft.covers.is_some() {
            let mut finding = refuse(
                NOT_INLINE,
                format!("a comment cannot waive the whole category `{name}`"),
            );
            finding.help = Some(format!("name one rule of the category, `{name}/…`").into());
            return Err(finding);
        }
        if !rules.any(|rule| rule.waivable) {
            return Err(refuse(NOT_WAIVABLE, format!("`{name}` cannot be waived")));
        }
        Ok(Some(WaiverSelector::Category(name.to_owned())))
    }

    /// An earlier name is valid, with a note.
    fn renamed(&self, draft: &WaiverDraft) -> Option<Finding> {
        let name = draft.rule.as_deref()?;
        let rule = self
            .rules
            .get(name)
            .filter(|rule| rule.id.as_str() != name)?;
        let place = draft.rule_location.as_ref().unwrap_or(&draft.location);
        let message = format!("`{name}` is now `{}`", rule.id);
        let mut finding = waiver_finding(RENAMED, draft, place, message);
        finding.help = Some(format!("write `{}`", rule.id).into());
        Some(finding)
    }

    /// A rule's name without its category is the rule.
    fn nearest(&self, name: &str) -> Option<String> {
        let categories = self.rules.values().map(|rule| rule.id.category());
        let names = self.rules.keys().copied().chain(categories);
        let bare = self.rules.values().find(|rule| rule.id.name() == name);
        bare.map(|rule| rule.id.to_string())
            .or_else(|| nearest_name(name, names).map(str::to_owned))
    }

    fn not_yet_written(&self, draft: &WaiverDraft) -> Option<Finding> {
        let created = draft.created.filter(|day| *day > self.today)?;
        let message = format!(
            "the waiver was created on {created}, but today is {}",
            self.today
        );
        Some(waiver_finding(
            NOT_YET_WRITTEN,
            draft,
            &draft.location,
            message,
        ))
    }

    fn overlong(&self, draft: &WaiverDraft) -> Option<Finding> {
        let expires = draft.expires?;
        let from = draft.created.unwrap_or(self.today);
        let length = days_between(from, expires);
        if length <= i64::from(self.max_days) {
            return None;
        }
        let since = match draft.created {
            Some(_) => "after its creation",
            None => "from today",
        };
        let place = draft.expires_location.as_ref().unwrap_or(&draft.location);
        let message = format!(
            "the waiver expires {length} days {since}; at most {} are allowed",
            self.max_days
        );
        let mut finding = waiver_finding(OVERLONG, draft, place, message);
        let latest = from
            .0
            .checked_add(jiff::Span::new().days(i64::from(self.max_days)));
        if let Ok(latest) = latest {
            finding.help = Some(format!("write `{latest}` or an earlier date").into());
        }
        Some(finding)
    }
}

/// Whether a waiver is in force.
enum Grant<'d> {
    /// By its own revision: no other one governs.
    Own,
    /// Not at all.
    Refused,
    /// As far as another revision has it.
    Granted(Box<Granted<'d>>),
}

fn not_in_force(draft: &WaiverDraft) -> Finding {
    let message =
        "the revision that provides the policies has no such waiver at this place".to_owned();
    waiver_finding(NOT_IN_FORCE, draft, &draft.location, message)
}

/// What of a comment is not in force, though the rest is.
fn partly_in_force(draft: &WaiverDraft, granted: &Granted<'_>) -> Option<Finding> {
    let open = draft.parts.iter().zip(&granted.parts);
    let mut open = open.filter(|(_, in_force)| !**in_force);
    let message = match (open.next(), granted.terms.expires) {
        (Some((part, _)), _) if &*part.entity.kind == DOCUMENT_KIND => {
            "the comment covers more than in the revision that provides the policies".to_owned()
        }
        (Some((part, _)), _) => format!(
            "the comment covers more of `{}` than in the revision that provides the policies",
            part.entity
        ),
        (None, Some(day)) if matches!(granted.terms, Cow::Owned(_)) => format!(
            "the comment differs in the revision that provides the policies; the waiver there applies, until {day}"
        ),
        _ => return None,
    };
    Some(waiver_finding(
        NOT_IN_FORCE,
        draft,
        &draft.location,
        message,
    ))
}

/// The rule as written, for messages.
fn rule_name(draft: &WaiverDraft) -> String {
    let rule = draft.rule.as_deref().unwrap_or_default();
    format!("`{rule}` for {}", super::name_waiver(draft))
}
