//! Exceptions as a whole: waivers in the file and in comments, then the baseline, on the findings of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::aliases::{Earlier, earlier_identities};
use super::baseline::Baseline;
use super::waivers::apply::Applied;
use super::waivers::check::{Terms, said};
use super::waivers::{Known, RULES, UNKNOWN_RULE, Waivers};
use super::{Rulings, judge, sort};
use crate::mesh::Card;
use crate::model::finding::{Finding, Suppression};
use crate::model::rule::{Day, Rule, RuleId};
use crate::model::text::{RelPath, SourceText};
use crate::model::waiver::{WaiverDraft, WaiverUse};

/// Days that a waiver may last where config does not say.
pub const MAX_DAYS: u32 = 180;

/// What excepts findings, apart from comments in manifests. The default excepts nothing.
#[derive(Debug, Clone)]
pub struct Exceptions {
    /// The waivers file.
    pub waivers: Waivers,
    /// The baseline, where there is one.
    pub baseline: Option<Baseline>,
    /// Days that a waiver may last.
    pub max_days: u32,
    /// Whether every waiver must say who approved it.
    pub approval: bool,
    /// Rules of which config says whether a comment may except from them.
    pub inline: BTreeMap<RuleId, bool>,
    /// Whether they speak of rules, too, that this run does not ask: what they say of these is no mistake.
    pub partial: bool,
}

impl Default for Exceptions {
    fn default() -> Self {
        Self {
            waivers: Waivers::default(),
            baseline: None,
            max_days: MAX_DAYS,
            approval: false,
            inline: BTreeMap::new(),
            partial: false,
        }
    }
}

impl Exceptions {
    /// The texts that findings about exceptions point at.
    pub fn sources(&self) -> impl Iterator<Item = (RelPath, Arc<SourceText>)> + '_ {
        let baseline = self.baseline.as_ref().map(|baseline| &baseline.source);
        self.waivers.source.iter().chain(baseline).cloned()
    }
}

/// The run whose findings are excepted.
pub struct Run<'r> {
    /// Waivers in comments, of all files.
    pub comments: &'r [WaiverDraft],
    /// The comments of the revision that judges, where it is another: no change can except itself.
    pub in_force: Option<&'r [WaiverDraft]>,
    /// All entities.
    pub cards: &'r [Card],
    /// All manifests.
    pub files: &'r [RelPath],
    /// All rules.
    pub rules: &'r [Rule],
    /// Levels by config.
    pub rulings: &'r Rulings<'r>,
    /// The day of the run.
    pub today: Day,
}

/// Says of each finding whether a waiver or the baseline excepts it, adds what is to be said of these, and tells what
/// each waiver did. `findings` are judged, and sorted again at the end. What could not be judged is never excepted.
pub fn except(
    findings: &mut Vec<Finding>,
    exceptions: &Exceptions,
    run: &Run<'_>,
) -> Vec<WaiverUse> {
    let names = Terms::names(run.rules);
    let terms = Terms {
        rules: &names,
        inline: &exceptions.inline,
        max_days: exceptions.max_days,
        approval: exceptions.approval,
        in_force: run.in_force.map(|drafts| drafts.iter().map(said).collect()),
        today: run.today,
    };
    let mut told = exceptions.waivers.findings.clone();
    let drafts = exceptions.waivers.drafts.iter().chain(run.comments);
    let mut waivers = Applied::new(drafts.map(|draft| terms.check(draft, &mut told)).collect());
    if exceptions.partial {
        told.retain(|finding| finding.rule.as_str() != UNKNOWN_RULE);
    }
    let known = known(exceptions, findings, run);
    let waivable: BTreeSet<&RuleId> = run
        .rules
        .iter()
        .filter(|rule| rule.waivable)
        .map(|rule| &rule.id)
        .collect();
    let earlier = earlier_identities(findings, run.rules);
    let baseline = exceptions.baseline.as_ref();
    for finding in findings.iter_mut() {
        if !finding.incomplete {
            let waivable = waivable.contains(&finding.rule);
            one(finding, waivable, &mut waivers, baseline, &earlier);
        }
    }
    told.extend(waivers.idle(&known, &names, run.rulings));
    if let Some(baseline) = baseline.filter(|_| known.whole) {
        let now = |rule: &str| names.get(rule).map(|rule| &rule.id);
        let off = |rule: &str| {
            let id = now(rule).cloned().unwrap_or_else(|| RuleId::new(rule));
            (run.rulings)(&id, None).level == Some(None)
        };
        let matched = baseline.matched(findings, &earlier);
        told.extend(baseline.gone_finding(&matched, &off));
        told.extend(baseline.renamed_finding(&matched, findings, &now));
    }
    if !told.is_empty() {
        findings.extend(judge(told, run.rules, run.today, run.rulings));
        sort(findings);
    }
    waivers.uses(&known)
}

fn known<'k>(exceptions: &Exceptions, findings: &[Finding], run: &'k Run<'_>) -> Known<'k> {
    let mut entities: BTreeMap<String, BTreeSet<&RelPath>> = BTreeMap::new();
    if exceptions
        .waivers
        .drafts
        .iter()
        .any(|draft| draft.entity.is_some())
    {
        for card in run.cards {
            let files = entities.entry(card.key.to_string()).or_default();
            files.insert(&card.file);
        }
    }
    Known {
        entities,
        files: run.files,
        today: run.today,
        whole: !exceptions.partial && !findings.iter().any(|finding| finding.incomplete),
    }
}

/// Excepts one finding, if all of its parts are: each by a waiver or by the baseline.
fn one(
    finding: &mut Finding,
    waivable: bool,
    waivers: &mut Applied<'_>,
    baseline: Option<&Baseline>,
    earlier: &Earlier,
) {
    if finding.excepted {
        finding.suppression = Some(Suppression::Exception);
        return;
    }
    let own = std::slice::from_ref(&finding.route);
    let routes = if finding.covers.is_empty() {
        own
    } else {
        &finding.covers
    };
    let (mut winners, mut would, mut open) = (Vec::new(), BTreeSet::new(), false);
    let mut by_baseline = false;
    for (route, identity) in routes.iter().zip(finding.identities()) {
        let answer = waivable.then(|| waivers.ask(finding, route));
        let winner = answer.as_ref().and_then(|answer| answer.winner);
        if let Some(winner) = winner {
            winners.push(winner);
            continue;
        }
        would.extend(answer.into_iter().flat_map(|answer| answer.would));
        let mut names =
            std::iter::once(identity).chain(earlier.get(identity).into_iter().flatten());
        if baseline.is_some_and(|baseline| names.any(|id| baseline.contains(id))) {
            by_baseline = true;
        } else {
            open = true;
        }
    }
    if open {
        let excuses = would.into_iter().filter_map(|at| waivers.excuse(at));
        finding.related.extend(excuses);
    } else if by_baseline {
        finding.suppression = Some(Suppression::Baseline);
    } else {
        winners.sort_unstable();
        let waiver = winners.first().and_then(|at| waivers.waiver(*at));
        finding.suppression = waiver.map(Suppression::Waiver);
    }
}

/// Whether a finding is about exceptions themselves, which nothing excepts.
pub fn is_about_exceptions(rule: &RuleId) -> bool {
    let own = RULES.iter().chain(super::baseline::RULES);
    own.into_iter().any(|known| known.id == rule.as_str())
}
