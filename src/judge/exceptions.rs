//! Exceptions as a whole: waivers in the file and in comments, then the baseline, on the findings of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::adopted::{Adopted, adopted_findings};
use super::baseline::Baseline;
use super::waivers::apply::Applied;
use super::waivers::check::Terms;
use super::waivers::governing::{Governing, GoverningComments};
use super::waivers::{RULES, UNKNOWN_RULE, WaiverTargets, Waivers};
use super::{Rulings, SharedKeys, judge_findings, sort_findings};
use crate::mesh::{Card, Moves};
use crate::model::finding::{Finding, Suppression};
use crate::model::rule::{Day, Rule, RuleId};
use crate::model::text::{RelPath, SourceText};
use crate::model::waiver::{WaiverDraft, WaiverUse};

/// Days that a waiver may last where config does not say.
pub const MAX_DAYS: u32 = 180;

/// Waivers and baseline, without comments in manifests. The default exempts nothing.
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
    /// Rules for which config sets whether comments may waive them.
    pub inline: BTreeMap<RuleId, bool>,
    /// Whether they may name rules that this run does not ask: these are no mistakes.
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

/// The run whose findings may be exempt.
pub struct JudgedRun<'r> {
    /// Waivers in comments, of all files.
    pub comments: &'r [WaiverDraft],
    /// The comments of the revision that provides the policies, where it is another: no change can except itself.
    pub governing: Option<&'r GoverningComments>,
    /// All entities.
    pub cards: &'r [Card],
    /// Where declarations of the base are now, where there is a base.
    pub moves: Option<&'r Moves>,
    /// The keys that several files declare.
    pub shared: &'r SharedKeys,
    /// All manifests.
    pub files: &'r [RelPath],
    /// All rules.
    pub rules: &'r [Rule],
    /// Levels by config.
    pub rulings: &'r Rulings<'r>,
    /// The day of the run.
    pub today: Day,
}

/// What became of findings.
#[derive(Debug, Default)]
pub struct Excepted {
    /// What each waiver did.
    pub waivers: Vec<WaiverUse>,
    /// Which entries of the baseline findings match.
    pub adopted: Adopted,
}

/// Marks each finding that a waiver or the baseline exempts, adds findings about these, and reports what each waiver
/// did. `findings` are judged already, and sorted again at the end. Findings about what could not be judged are never
/// exempt.
pub fn apply_exceptions(
    findings: &mut Vec<Finding>,
    exceptions: &Exceptions,
    run: &JudgedRun<'_>,
) -> Excepted {
    let names = Terms::names(run.rules);
    let terms = Terms {
        rules: &names,
        inline: &exceptions.inline,
        max_days: exceptions.max_days,
        approval: exceptions.approval,
        governing: run
            .governing
            .map(|comments| Governing::new(comments, &names, run.cards)),
        today: run.today,
    };
    let mut told = exceptions.waivers.findings.clone();
    let drafts = exceptions.waivers.drafts.iter().chain(run.comments);
    let checked = drafts.map(|draft| terms.check(draft, &mut told)).collect();
    let mut waivers = Applied::new(checked, run.moves);
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
    let baseline = exceptions.baseline.as_ref();
    let adopted = baseline.map_or_else(Adopted::new, |baseline| {
        adopted_findings(baseline, findings, run.rules, run.shared)
    });
    for finding in findings.iter_mut() {
        if !finding.incomplete {
            let waivable = waivable.contains(&finding.rule);
            one(finding, waivable, &mut waivers, &adopted);
        }
    }
    told.extend(waivers.idle(&known, &names, run.rulings));
    if let Some(baseline) = baseline.filter(|_| known.whole) {
        let now = |rule: &str| names.get(rule).map(|rule| &rule.id);
        let off = |rule: &str| {
            let id = now(rule).cloned().unwrap_or_else(|| RuleId::new(rule));
            (run.rulings)(&id, None).level == Some(None)
        };
        let matched = adopted.values().cloned().collect();
        told.extend(baseline.gone_finding(&matched, &off));
        told.extend(baseline.renamed_finding(&matched, &now));
    }
    if !told.is_empty() {
        findings.extend(judge_findings(told, run.rules, run.today, run.rulings));
        sort_findings(findings);
    }
    Excepted {
        waivers: waivers.uses(&known),
        adopted,
    }
}

fn known<'k>(
    exceptions: &Exceptions,
    findings: &[Finding],
    run: &'k JudgedRun<'_>,
) -> WaiverTargets<'k> {
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
    WaiverTargets {
        entities,
        files: run.files,
        today: run.today,
        whole: !exceptions.partial && !findings.iter().any(|finding| finding.incomplete),
    }
}

/// Exempts one finding if all of its parts are exempt, each by a waiver or by the baseline.
fn one(finding: &mut Finding, waivable: bool, waivers: &mut Applied<'_>, adopted: &Adopted) {
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
        if adopted.contains_key(identity) {
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

/// Whether a finding is about exceptions themselves, which can't be exempt.
pub fn is_about_exceptions(rule: &RuleId) -> bool {
    let own = RULES.iter().chain(super::baseline::RULES);
    own.into_iter().any(|known| known.id == rule.as_str())
}
