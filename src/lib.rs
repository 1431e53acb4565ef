//! govcheck: a linter for the governance of a data mesh. The pipeline, readable in one screen:
//! discover, parse, lift and evaluate a file at a time; then the mesh; then judge; then report.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

pub mod cli;
pub mod config;
pub mod discover;
pub mod evaluate;
pub mod judge;
pub mod lift;
pub mod mesh;
pub mod model;
pub mod parse;
pub mod policy;
pub mod report;

use crate::discover::{FileSource, ReadError};
use crate::evaluate::map::{Outcome, Setting, judge_file};
use crate::evaluate::profile::Stage;
use crate::evaluate::reduce::reduce;
use crate::judge::{Exceptions, Rulings, Run};
use crate::lift::Contexts;
use crate::mesh::Mesh;
use crate::model::finding::{Finding, Location};
use crate::model::report::{Counts, Report};
use crate::model::rule::{BuiltinRule, Day, Level, Rule, RuleId, Scope};
use crate::model::text::{RelPath, SourceText, Span};
use crate::policy::Pack;
use crate::policy::engine::Bounds;

/// What one run judges, and by what.
pub struct Request<'r> {
    /// The files.
    pub source: &'r dyn FileSource,
    /// Formats, rules and their data.
    pub setting: Setting<'r>,
    /// Bounds of one mesh rule.
    pub mesh_bounds: Bounds,
    /// Levels by config.
    pub rulings: &'r Rulings<'r>,
    /// What excepts findings.
    pub exceptions: &'r Exceptions,
    /// The day of the run.
    pub today: Day,
    /// Files and folders to report on; empty for all. The mesh is known whole all the same.
    pub scope: &'r [RelPath],
    /// Called with the number of files once, then with none after each.
    pub progress: &'r (dyn Fn(Option<usize>) + Sync),
}

/// Judges a mesh.
pub fn check(request: &Request<'_>) -> Report {
    let setting = &request.setting;
    let listing = timed(setting, Stage::Walk, || request.source.list());
    (request.progress)(Some(listing.files.len()));
    let contexts = contexts(request, &listing.files);
    let outcomes: Vec<(RelPath, Outcome)> = listing
        .files
        .par_iter()
        .map(|file| {
            let outcome = match timed(setting, Stage::Read, || request.source.read(file)) {
                Ok(bytes) => judge_file(setting, &contexts, file, &bytes),
                Err(error) => unreadable(setting.pack, file, &error),
            };
            (request.progress)(None);
            (file.clone(), outcome)
        })
        .collect();
    let mut findings: Vec<Finding> = listing.problems.iter().map(discovered).collect();
    let mut sources: BTreeMap<RelPath, Arc<SourceText>> = BTreeMap::new();
    let mut counts = Counts {
        rules: request.setting.pack.active(),
        ..Counts::default()
    };
    let (mut cards, mut facts, mut passed_over) = (Vec::new(), Vec::new(), Vec::new());
    let (mut manifests, mut comments) = (Vec::new(), Vec::new());
    for (file, outcome) in outcomes {
        if outcome.manifest {
            counts.files += 1;
            counts.in_scope += usize::from(covered(request.scope, &file));
            manifests.push(file.clone());
        } else {
            passed_over.push(file.clone());
        }
        findings.extend(outcome.findings);
        sources.extend(outcome.text.map(|text| (file, text)));
        cards.extend(outcome.cards);
        facts.extend(outcome.facts);
        comments.extend(outcome.inline);
    }
    counts.passed_over = passed_over.len();
    for card in cards
        .iter()
        .filter(|card| &*card.key.kind != lift::schema::DOCUMENT_KIND)
    {
        *counts
            .entities
            .entry(Arc::clone(&card.key.kind))
            .or_default() += 1;
    }
    let mesh = Mesh::new(cards, facts);
    let reduced = timed(setting, Stage::Mesh, || {
        reduce(
            setting,
            &contexts,
            &mesh,
            request.mesh_bounds,
            request.source,
        )
    });
    findings.extend(reduced.findings);
    sources.extend(reduced.sources);

    let rules = all_rules(
        request
            .setting
            .pack
            .rules
            .iter()
            .map(|rule| rule.rule.clone()),
    );
    let mut findings = judge::judge(findings, &rules, request.today, request.rulings);
    // Before the scope: only the whole mesh says what a waiver or an entry of the baseline is still for.
    let run = Run {
        comments: &comments,
        cards: &mesh.cards,
        files: &manifests,
        rules: &rules,
        rulings: request.rulings,
        today: request.today,
    };
    let waivers = judge::except(&mut findings, request.exceptions, &run);
    sources.extend(request.exceptions.sources());
    findings.retain(|finding| in_scope(request.scope, finding));
    let incomplete = findings.iter().any(|finding| finding.incomplete);
    Report {
        findings,
        rules,
        sources,
        counts,
        passed_over,
        incomplete,
        comparison: None,
        policies: None,
        waivers,
    }
}

fn timed<T>(setting: &Setting<'_>, stage: Stage, work: impl FnOnce() -> T) -> T {
    match setting.profile {
        Some(profile) => profile.time(stage, work),
        None => work(),
    }
}

/// The files that others inherit from come first. One that can't be read is reported with all others.
fn contexts(request: &Request<'_>, files: &[RelPath]) -> Contexts {
    let mut contexts = Contexts::default();
    for file in files {
        if Contexts::is_one(&request.setting.pack.formats, file)
            && let Ok(bytes) = request.source.read(file)
        {
            contexts.add(file, &bytes, &request.setting.limits);
        }
    }
    contexts
}

/// What a run could not judge is reported whatever the scope: the mesh that the rest stands on is not whole.
fn in_scope(scope: &[RelPath], finding: &Finding) -> bool {
    finding.incomplete
        || finding
            .location
            .as_ref()
            .map_or(scope.is_empty(), |location| covered(scope, &location.file))
}

fn covered(scope: &[RelPath], file: &RelPath) -> bool {
    scope.is_empty() || scope.iter().any(|folder| discover::covers(folder, file))
}

/// A file that can't be read is never passed over, but for one that is too large and does not look like a manifest:
/// repositories hold all kinds of data.
fn unreadable(pack: &Pack, file: &RelPath, error: &ReadError) -> Outcome {
    if let ReadError::TooLarge { head, .. } = error {
        let head = String::from_utf8_lossy(head);
        let hinted = |format: &lift::Format| format.hints_at(file.as_str(), &head);
        if !Contexts::is_one(&pack.formats, file) && !pack.formats.iter().any(hinted) {
            return Outcome::default();
        }
    }
    Outcome {
        manifest: true,
        findings: vec![discovered(&error.problem(file))],
        ..Outcome::default()
    }
}

fn discovered(problem: &discover::Problem) -> Finding {
    let level = builtin_rules()
        .find(|rule| rule.id == problem.rule)
        .map_or(Level::Error, |rule| rule.level);
    let mut finding = Finding::bare(RuleId::new(problem.rule), level, problem.message.clone());
    finding.help.clone_from(&problem.help);
    finding.route.clone_from(&problem.path);
    finding.incomplete = problem.fatal;
    let start = SourceText::default().position(0);
    finding.location = Some(Location {
        file: RelPath::new(problem.path.as_str()),
        span: Span::default(),
        start,
        end: start,
    });
    finding
}

fn builtin_rules() -> impl Iterator<Item = &'static BuiltinRule> {
    discover::RULES
        .iter()
        .chain(parse::RULES)
        .chain(evaluate::rules::RULES)
        .chain(judge::builtin_rules())
}

/// The rules of the packs and govcheck's own, sorted by id.
pub fn all_rules(pack: impl Iterator<Item = Rule>) -> Vec<Rule> {
    let own = builtin_rules().map(|rule| Rule {
        id: RuleId::new(rule.id),
        title: rule.title.to_owned(),
        description: rule.description.to_owned(),
        help: rule.help.to_owned(),
        severity: rule.level,
        scope: Scope::Entity,
        entities: Vec::new(),
        needs: Vec::new(),
        text_matches: None,
        since: Some("0.1.0".to_owned()),
        enforced_from: None,
        options: serde_json::Map::new(),
        option_docs: BTreeMap::new(),
        waivable: false,
        inline: false,
        aliases: Vec::new(),
        related_resources: Vec::new(),
        pack: "govcheck".to_owned(),
        file: String::new(),
    });
    let mut rules: Vec<Rule> = pack.chain(own).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}
