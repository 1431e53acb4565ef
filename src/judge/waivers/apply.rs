//! What waivers except: each part of a finding by the most specific waiver that admits it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::check::{CheckedWaiver, WaiverSelector, WaiverStanding, days_between};
use super::{SHADOWED, UNKNOWN_TARGET, UNUSED, WaiverTargets, name_waiver, waiver_finding};
use crate::discover::Patterns;
use crate::judge::Rulings;
use crate::mesh::Moves;
use crate::model::finding::{Finding, Related};
use crate::model::location::Location;
use crate::model::rule::{Rule, RuleId, Scope};
use crate::model::text::{RelPath, nearest_name};
use crate::model::waiver::{Waiver, WaiverState, WaiverUse};

/// All waivers of a run, ready to be asked.
pub(in crate::judge) struct Applied<'d> {
    all: Vec<ReadyWaivers<'d>>,
    /// The waivers by selector and entity; without an entity by the empty name.
    index: BTreeMap<(WaiverSelector, &'d str), Vec<usize>>,
    /// Waivers in comments, by file.
    comments: BTreeMap<&'d RelPath, Vec<usize>>,
    /// Where declarations of the base are now, where there is a base.
    moves: Option<&'d Moves>,
}

struct ReadyWaivers<'d> {
    checked: CheckedWaiver<'d>,
    waiver: Option<Arc<Waiver>>,
    globs: Option<Patterns>,
    /// Fingerprints and rules of the findings that it exempts, or would exempt if it were in force.
    findings: BTreeSet<String>,
    rules: BTreeSet<RuleId>,
    /// Whether it exempts some part of a finding.
    wins: bool,
    /// The place of another waiver that exempts the same.
    shadowed_by: Option<Location>,
}

/// The effect of the waivers on one part of a finding.
pub(in crate::judge) struct WaiverRuling {
    /// The waiver that exempts it.
    pub(in crate::judge) winner: Option<usize>,
    /// Those that do not hold, but would except it.
    pub(in crate::judge) would: Vec<usize>,
}

impl<'d> Applied<'d> {
    pub(in crate::judge) fn new(checked: Vec<CheckedWaiver<'d>>, moves: Option<&'d Moves>) -> Self {
        let mut applied = Self {
            all: Vec::new(),
            index: BTreeMap::new(),
            comments: BTreeMap::new(),
            moves,
        };
        for checked in checked {
            let at = applied.all.len();
            let draft = checked.draft;
            if let Some(selector) = &checked.selector {
                if draft.covers.is_some() {
                    let file = &draft.location.file;
                    applied.comments.entry(file).or_default().push(at);
                } else if draft.entity.is_some() || draft.path.is_some() {
                    let entity = draft.entity.as_deref().unwrap_or_default();
                    let key = (selector.clone(), entity);
                    applied.index.entry(key).or_default().push(at);
                }
            }
            let glob = draft.path.as_ref().filter(|_| draft.covers.is_none());
            applied.all.push(ReadyWaivers {
                waiver: checked.terms.complete().map(Arc::new),
                globs: glob.and_then(|glob| Patterns::new(std::slice::from_ref(glob)).ok()),
                checked,
                findings: BTreeSet::new(),
                rules: BTreeSet::new(),
                wins: false,
                shadowed_by: None,
            });
        }
        applied
    }

    /// Asks for one part of a finding: the route, which need not be the finding's own.
    pub(in crate::judge) fn ask(&mut self, finding: &Finding, route: &str) -> WaiverRuling {
        let mut answer = WaiverRuling {
            winner: None,
            would: Vec::new(),
        };
        let mut holding = Vec::new();
        let is_added = self.is_added(finding);
        for at in self.candidates(finding) {
            let Some(ready) = self.all.get_mut(at) else {
                continue;
            };
            if !ready.admits(finding, route) {
                continue;
            }
            ready.findings.insert(finding.fingerprint.clone());
            ready.rules.insert(finding.rule.clone());
            match ready.checked.standing {
                WaiverStanding::Holds if is_added && ready.is_by_key() => answer.would.push(at),
                WaiverStanding::Holds => holding.push((ready.rank(), Reverse(at))),
                _ => answer.would.push(at),
            }
        }
        holding.sort_unstable();
        let winner = holding.pop().map(|(_, Reverse(at))| at);
        if let Some(place) = winner
            .and_then(|at| self.all.get(at))
            .map(ReadyWaivers::place)
        {
            for (_, Reverse(at)) in holding {
                if let Some(loser) = self.all.get_mut(at) {
                    loser.shadowed_by.get_or_insert(place.clone());
                }
            }
        }
        if let Some(ready) = winner.and_then(|at| self.all.get_mut(at)) {
            ready.wins = true;
        }
        answer.winner = winner;
        answer
    }

    /// Whether the change declares the entity of a finding once more: what was waived is another declaration.
    fn is_added(&self, finding: &Finding) -> bool {
        let at = finding.entity.as_ref().zip(finding.location.as_ref());
        let moves = self.moves.zip(at);
        moves.is_some_and(|(moves, (key, location))| moves.is_added(key, &location.file))
    }

    fn candidates(&self, finding: &Finding) -> Vec<usize> {
        let entity = finding.entity.as_ref().map(ToString::to_string);
        let selectors = [
            WaiverSelector::Rule(finding.rule.clone()),
            WaiverSelector::Category(finding.rule.category().to_owned()),
        ];
        let mut found = Vec::new();
        for selector in selectors {
            for name in [entity.as_deref().unwrap_or_default(), ""] {
                found.extend(
                    self.index
                        .get(&(selector.clone(), name))
                        .into_iter()
                        .flatten(),
                );
            }
        }
        let file = finding.location.as_ref().map(|location| &location.file);
        found.extend(
            file.and_then(|file| self.comments.get(file))
                .into_iter()
                .flatten(),
        );
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The waiver that exempts.
    pub(in crate::judge) fn waiver(&self, at: usize) -> Option<Arc<Waiver>> {
        self.all.get(at)?.waiver.clone()
    }

    /// Why a waiver does not except, at its place.
    pub(in crate::judge) fn excuse(&self, at: usize) -> Option<Related> {
        let ready = self.all.get(at)?;
        let message = match (&ready.checked.standing, ready.checked.terms.expires) {
            (WaiverStanding::Over, Some(day)) => format!("the waiver expired on {day}"),
            (WaiverStanding::Refused(why), _) => format!("the waiver is not valid: {why}"),
            (WaiverStanding::Holds, _) if ready.is_by_key() => {
                "the waiver is for the declaration that the base has; a waiver with this `path` exempts the new one".to_owned()
            }
            _ => return None,
        };
        Some(Related {
            message,
            location: ready.place(),
        })
    }

    /// Findings about waivers that exempt nothing.
    pub(in crate::judge) fn idle(
        &self,
        known: &WaiverTargets<'_>,
        rules: &BTreeMap<&str, &Rule>,
        rulings: &Rulings<'_>,
    ) -> Vec<Finding> {
        let held = |ready: &&ReadyWaivers<'_>| {
            ready.checked.standing == WaiverStanding::Holds && !ready.wins
        };
        let idle = self.all.iter().filter(held);
        idle.filter_map(|ready| ready.idle(known, rules, rulings))
            .collect()
    }

    /// What each waiver did, in order of places.
    pub(in crate::judge) fn uses(self, known: &WaiverTargets<'_>) -> Vec<WaiverUse> {
        let mut uses: Vec<WaiverUse> = self
            .all
            .into_iter()
            .filter_map(|ready| {
                let waiver = ready.waiver.as_deref()?.clone();
                let state = match ready.checked.standing {
                    WaiverStanding::Refused(_) => WaiverState::Refused,
                    WaiverStanding::Over => WaiverState::Over,
                    WaiverStanding::Holds if ready.wins || !known.whole => WaiverState::Active,
                    WaiverStanding::Holds => WaiverState::Unused,
                };
                // Findings that another waiver exempts don't count for this one.
                let counts = ready.wins || ready.checked.standing != WaiverStanding::Holds;
                Some(WaiverUse {
                    days_left: days_between(known.today, waiver.expires),
                    waiver,
                    state,
                    findings: ready.findings.into_iter().filter(|_| counts).collect(),
                    rules: ready.rules.into_iter().filter(|_| counts).collect(),
                })
            })
            .collect();
        uses.sort_by(|a, b| a.waiver.location.cmp(&b.waiver.location));
        uses
    }
}

impl ReadyWaivers<'_> {
    fn place(&self) -> Location {
        self.checked.draft.location.clone()
    }

    /// Whether it applies by an entity's key alone.
    fn is_by_key(&self) -> bool {
        let draft = self.checked.draft;
        draft.covers.is_none() && draft.path.is_none() && draft.entity.is_some()
    }

    /// Whether it is for a part of a finding, by all that it says but its rule's category and entity's index.
    fn admits(&self, finding: &Finding, route: &str) -> bool {
        let draft = self.checked.draft;
        let by_rule = match &self.checked.selector {
            Some(WaiverSelector::Rule(rule)) => *rule == finding.rule,
            Some(WaiverSelector::Category(category)) => category == finding.rule.category(),
            None => false,
        };
        let location = finding.location.as_ref();
        let by_place = match draft.covers {
            Some(covers) => location.is_some_and(|location| {
                let start = location.span.start;
                let here = location.file == draft.location.file;
                here && covers.start <= start && start < covers.end && self.is_in_force(start)
            }),
            None => {
                draft.path.is_none()
                    || location.is_some_and(|location| {
                        let file = location.file.as_str();
                        self.globs
                            .as_ref()
                            .is_some_and(|globs| globs.is_match(file))
                    })
            }
        };
        by_rule && by_place && draft.at.as_deref().is_none_or(|at| lies_below(route, at))
    }

    /// Whether a comment is in force at a byte that it covers: as the smallest of its parts around it is.
    fn is_in_force(&self, at: u32) -> bool {
        let Some(in_force) = &self.checked.in_force else {
            return true;
        };
        let parts = self.checked.draft.parts.iter().zip(in_force);
        let around = parts.filter(|(part, _)| part.span.start <= at && at < part.span.end);
        // Of equal ones the last, which lies below the others.
        let around = around.rev();
        let smallest = around.min_by_key(|(part, _)| part.span.end - part.span.start);
        smallest.is_some_and(|(_, in_force)| *in_force)
    }

    /// The more specific, the higher.
    fn rank(&self) -> (bool, bool, bool, usize, bool) {
        let draft = self.checked.draft;
        (
            draft.covers.is_some(),
            matches!(self.checked.selector, Some(WaiverSelector::Rule(_))),
            draft.entity.is_some(),
            draft.at.as_ref().map_or(0, String::len),
            draft.path.is_some(),
        )
    }

    fn idle(
        &self,
        known: &WaiverTargets<'_>,
        rules: &BTreeMap<&str, &Rule>,
        rulings: &Rulings<'_>,
    ) -> Option<Finding> {
        let draft = self.checked.draft;
        let rule = draft.rule.as_deref().unwrap_or_default();
        if let Some(place) = &self.shadowed_by {
            let message = format!(
                "another waiver already exempts everything that this waiver of `{rule}` covers"
            );
            let mut finding = waiver_finding(SHADOWED, draft, &draft.location, message);
            finding.related.push(Related {
                message: "the other waiver is here".to_owned(),
                location: place.clone(),
            });
            return Some(finding);
        }
        if !known.whole {
            return None;
        }
        let targets = self.targets(known);
        if targets.is_empty() {
            return Some(self.nowhere(known));
        }
        // A rule that is off finds nothing, and change rules don't always run: neither shows that the defect is gone.
        let selects = |candidate: &&&Rule| match &self.checked.selector {
            Some(WaiverSelector::Rule(id)) => *id == candidate.id,
            Some(WaiverSelector::Category(category)) => category == candidate.id.category(),
            None => false,
        };
        let mut selected = rules.values().filter(selects).peekable();
        let is_on = |rule: &Rule| {
            targets
                .iter()
                .any(|file| rulings(&rule.id, Some(file)).level != Some(None))
        };
        let asked = selected.all(|rule| rule.scope != Scope::Change)
            && rules.values().filter(selects).any(|rule| is_on(rule));
        let message = format!(
            "the waiver of `{rule}` for {} matches no finding",
            name_waiver(draft)
        );
        asked.then(|| waiver_finding(UNUSED, draft, &draft.location, message))
    }

    /// The manifests that it is for.
    fn targets<'k>(&self, known: &WaiverTargets<'k>) -> Vec<&'k RelPath> {
        let draft = self.checked.draft;
        if draft.covers.is_some() {
            return known
                .files
                .iter()
                .filter(|file| **file == draft.location.file)
                .collect();
        }
        let in_glob = |file: &&RelPath| {
            self.globs
                .as_ref()
                .is_none_or(|globs| globs.is_match(file.as_str()))
        };
        match &draft.entity {
            Some(entity) => {
                let declared = known.entities.get(entity).into_iter().flatten();
                // A finding may name an entity that another file declares, so a glob does not limit where it is declared.
                declared.copied().collect()
            }
            None => known.files.iter().filter(in_glob).collect(),
        }
    }

    fn nowhere(&self, known: &WaiverTargets<'_>) -> Finding {
        let draft = self.checked.draft;
        let Some(entity) = &draft.entity else {
            let path = draft.path.as_deref().unwrap_or_default();
            let message = format!("no manifest matches the path `{path}`");
            return waiver_finding(UNKNOWN_TARGET, draft, &draft.location, message);
        };
        let message = format!("no manifest declares `{entity}`");
        let mut finding = waiver_finding(UNKNOWN_TARGET, draft, &draft.location, message);
        if let Some(near) = nearest_name(entity, known.entities.keys().map(String::as_str)) {
            finding.help = Some(
                format!("did you mean `{near}`? delete the waiver if the entity is gone").into(),
            );
        }
        finding
    }
}

/// Whether a route is `at`, or lies below it: by whole steps.
fn lies_below(route: &str, at: &str) -> bool {
    route
        .strip_prefix(at)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
