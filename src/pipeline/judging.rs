//! From two meshes to a report: change rules, levels, waivers and baseline, and what is new against the base.

use std::collections::{BTreeMap, BTreeSet};

use super::departures::find_departures;
use super::meshes::Meshes;
use super::notes::{config_notes, config_notes_of_base};
use super::request::Request;
use super::rules::all_rules;
use super::scope::{count_run, in_scope, is_covered};
use super::selection::entity_names;
use super::sources::report_sources;
use crate::discover::{INCOMPLETE_BASE, says_incomplete};
use crate::evaluate::change::ChangeFindings;
use crate::evaluate::change::diff::{Base, MeshDiff};
use crate::evaluate::profile::Stage;
use crate::evaluate::recall::{self, Whole};
use crate::evaluate::rules::{UNJUDGED_BASE, find_help};
use crate::judge::{
    self, Correspondence, Excepted, Exceptions, GoverningComments, JudgedRun, SharedKeys,
};
use crate::mesh::Moves;
use crate::model::comparison::{Comparison, FileChange, RevisionName};
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::names::EntityNames;
use crate::model::report::{Counts, Report};
use crate::model::rule::{Level, Rule, RuleId};
use crate::model::sources::Sources;
use crate::model::text::RelPath;

/// The base of a run beside its head.
struct BesideBase<'c, 'r> {
    base: &'c Base<'r>,
    before: &'c Whole<'r>,
    change: MeshDiff<'c>,
    correspondence: Correspondence,
}

impl<'c, 'r> BesideBase<'c, 'r> {
    fn of(
        request: &'c Request<'r>,
        base: &'c Base<'r>,
        before: &'c Whole<'r>,
        head: &'c Whole<'r>,
    ) -> Self {
        let (now, then) = (&head.mapped, &before.mapped);
        let setting = &request.setting;
        let renames = base.renames;
        let change = MeshDiff::of(setting, then, &before.mesh, now, &head.mesh, renames);
        Self {
            base,
            before,
            correspondence: correspondence(&change),
            change,
        }
    }
}

/// The report on all findings of the run's scope: collects the findings of the head and of the change, judges and exempts
/// them, then compares them with the base, which is judged in the same way.
pub(crate) fn judge_meshes<'r>(request: &Request<'r>, meshes: &mut Meshes<'r>) -> Report {
    let mut found = meshes.head.take_findings();
    let found_before = meshes.base.as_mut().map(Whole::take_findings);
    let known = meshes.changed.take();
    let (head, before) = (&meshes.head, meshes.base.as_ref());
    let beside = request.base.as_ref().zip(before);
    let beside = beside.map(|(base, before)| BesideBase::of(request, base, before, head));
    let change = beside.as_ref().map(|beside| &beside.change);
    let mut changed = judge_change(request, meshes, change, known);
    let judging = Judging {
        request,
        governing: meshes.governing.as_ref(),
        rules: all_rules(request.setting.pack.all_rules().cloned()),
        names: entity_names(&head.mesh, before.map(|before| &before.mesh)),
    };
    if let Some(change) = change {
        change.raise_templates(&mut found);
    }
    found.append(&mut meshes.notes.clone());
    found.extend(config_notes(request, &head.mapped));
    found.append(&mut changed.findings);
    if let Some(beside) = &beside {
        let sides = (beside.base, beside.before);
        let gone = find_departures(request, sides, head, &beside.change, &found);
        found.extend(gone);
    }
    let mut findings = judging.judge(found);
    // Before the scope: only the whole mesh says what a waiver or an entry of the baseline is still for.
    let moves = beside.as_ref().map(|beside| &beside.correspondence.moves);
    let excepted = judging.except(&mut findings, request.exceptions, head, moves);
    let Excepted { waivers, adopted } = excepted;
    let mut sources = report_sources(request, head, change, &mut changed);
    let mut comparison = beside.as_ref().map(|beside| {
        let found = found_before.unwrap_or_default();
        let mut comparison =
            judging.compare_revisions(beside, head, found, &mut findings, &mut sources);
        comparison.versions = std::mem::take(&mut changed.versions);
        judge::separate_removed(&mut comparison);
        comparison
    });
    keep_scope(request, head, &mut findings, comparison.as_mut());
    let Judging { rules, names, .. } = judging;
    let changed_files = comparison.as_ref().map(|two| &two.changed);
    Report {
        incomplete: findings.iter().any(|finding| finding.incomplete),
        findings,
        rules,
        sources,
        passed_over: head.mapped.passed_over(),
        counts: Counts {
            entities: head.mesh.counts(),
            ..count_run(request, &head.mapped, changed_files)
        },
        comparison,
        policies: request.policies.as_ref().map(|(name, _)| name.clone()),
        waivers,
        adopted,
        selected: None,
        names,
    }
}

/// What change rules say: as an earlier run left it, else judged now.
fn judge_change(
    request: &Request<'_>,
    meshes: &Meshes<'_>,
    change: Option<&MeshDiff<'_>>,
    known: Option<ChangeFindings>,
) -> ChangeFindings {
    let setting = &request.setting;
    let Some(change) = change else {
        return ChangeFindings::default();
    };
    if let Some(known) = known {
        return known;
    }
    let judge = || change.judge(setting);
    let changed = setting.time(Stage::Mesh, judge);
    if let Some(before) = meshes.base.as_ref().filter(|_| request.policies.is_none()) {
        recall::change::keep_change(setting, before, &meshes.head, &changed);
    }
    changed
}

/// What findings of either mesh are judged by.
struct Judging<'j> {
    request: &'j Request<'j>,
    /// Comments of the revision that provides the policies, if it is another.
    governing: Option<&'j GoverningComments>,
    rules: Vec<Rule>,
    names: EntityNames,
}

impl Judging<'_> {
    /// Gives findings their levels and the names of their entities.
    fn judge(&self, mut found: Vec<Finding>) -> Vec<Finding> {
        judge::name_entities(&mut found, &self.names);
        judge::judge_findings(found, &self.rules, self.request.today, self.request.rulings)
    }

    /// Marks findings that waivers or the baseline except. Gives the waivers with what each is used for.
    fn except(
        &self,
        findings: &mut Vec<Finding>,
        exceptions: &Exceptions,
        whole: &Whole<'_>,
        moves: Option<&Moves>,
    ) -> Excepted {
        let shared = SharedKeys::of(&whole.mesh.cards);
        judge::tell_apart(findings, &shared);
        let run = JudgedRun {
            comments: &whole.mapped.comments(),
            governing: self.governing,
            cards: &whole.mesh.cards,
            moves,
            shared: &shared,
            files: &whole.mapped.manifests(),
            rules: &self.rules,
            rulings: self.request.rulings,
            today: self.request.today,
        };
        judge::apply_exceptions(findings, exceptions, &run)
    }

    /// Marks findings that the base had too, and gives the findings that only the base had.
    fn compare(
        &self,
        correspondence: &Correspondence,
        before: &Whole<'_>,
        mut found: Vec<Finding>,
        findings: &mut [Finding],
    ) -> Vec<Finding> {
        judge::follow_renames(&mut found, &correspondence.files);
        let mut found = self.judge(found);
        self.except(&mut found, self.request.base_exceptions, before, None);
        judge::compare_findings(findings, found, correspondence)
    }

    /// Compares the findings of the head with those that were `found` in the base. Adds findings about parts of the base
    /// that could not be judged.
    fn compare_revisions(
        &self,
        beside: &BesideBase<'_, '_>,
        head: &Whole<'_>,
        mut found: Vec<Finding>,
        findings: &mut Vec<Finding>,
        sources: &mut Sources,
    ) -> Comparison {
        let BesideBase {
            base,
            before,
            change,
            correspondence,
        } = beside;
        let request = self.request;
        found.extend(config_notes_of_base(request, base.source, change.base));
        let mut fixed = self.compare(correspondence, before, found, findings);
        let is_removed = |file: &RelPath| !head.mapped.outcomes.contains_key(file);
        let unjudged = take_unjudged(&mut fixed, &base.name, &is_removed);
        findings.extend(self.judge(unjudged));
        let names = (&base.name, request.head.as_ref());
        let setting = &request.setting;
        change.compare(setting, names, &before.reduced, fixed, findings, sources)
    }
}

/// Which entities of the base are which of the head.
fn correspondence(change: &MeshDiff<'_>) -> Correspondence {
    let [before, now] = change.cards();
    Correspondence {
        moves: Moves::between(before, now, &change.renames),
        renamed: change.renamed_keys(),
        files: change.renames.clone(),
    }
}

/// Removes from the findings that only the base has those about parts that could not be judged, and gives findings that
/// report this instead. Content that is missing from this clone makes the comparison impossible. A file that is broken in
/// the base itself must not, or no change could repair it: findings in it count as new, and it never counts as fixed. If
/// the change removes it, it is gone.
fn take_unjudged(
    fixed: &mut Vec<Finding>,
    base: &RevisionName,
    is_removed: &dyn Fn(&RelPath) -> bool,
) -> Vec<Finding> {
    let is_gone = |finding: &Finding| {
        let at = finding.location.as_ref();
        !says_incomplete(finding.rule.as_str()) && at.is_some_and(|at| is_removed(&at.file))
    };
    let unjudged = fixed.extract_if(.., |finding| finding.incomplete && !is_gone(finding));
    let (missing, broken): (Vec<Finding>, Vec<Finding>) =
        unjudged.partition(|finding| says_incomplete(finding.rule.as_str()));
    let place = |finding: &Finding| {
        let at = finding.location.as_ref();
        at.map_or_else(String::new, |at| format!(" in `{}`", at.file))
    };
    let mut said = Vec::new();
    if let Some(first) = missing.first() {
        let more = match missing.len() {
            1 => String::new(),
            count => format!(" ({} more)", count - 1),
        };
        let message = format!(
            "base `{base}` is not whole in this clone{}: {}{more}",
            place(first),
            first.message
        );
        let mut finding = Finding::bare(RuleId::new(INCOMPLETE_BASE), Level::Error, message);
        finding.help.clone_from(&first.help);
        finding.incomplete = true;
        said.push(finding);
    }
    said.extend(broken.iter().map(|broken| {
        let message = format!(
            "base `{base}` could not be checked{}, so findings there count as new: {}",
            place(broken),
            broken.message
        );
        let mut finding = Finding::bare(RuleId::new(UNJUDGED_BASE), Level::Note, message);
        finding.help = find_help(UNJUDGED_BASE);
        // The text of the base is not at hand.
        let at = broken.location.as_ref();
        finding.location = at.map(|at| Location::start_of(&at.file));
        finding.discriminator = Some(broken.fingerprint.clone());
        finding
    }));
    said
}

/// Drops what lies outside the scope of the run.
fn keep_scope(
    request: &Request<'_>,
    head: &Whole<'_>,
    findings: &mut Vec<Finding>,
    comparison: Option<&mut Comparison>,
) {
    let apart: BTreeSet<RelPath> = head.mapped.plain_only();
    let is_kept = |changed: Option<&BTreeMap<RelPath, FileChange>>, finding: &Finding| {
        in_scope(request, changed, &apart, finding)
    };
    let changed = comparison.as_ref().map(|two| &two.changed);
    findings.retain(|finding| is_kept(changed, finding));
    if let Some(two) = comparison {
        let changed = std::mem::take(&mut two.changed);
        two.retain_gone(&|finding| is_kept(Some(&changed), finding));
        two.removed
            .retain(|removed| is_covered(request.scope, &removed.file));
        two.changed = changed;
    }
}
