//! govcheck: a linter for the governance of a data mesh. The pipeline, readable in one screen:
//! discover, parse, lift and evaluate a file at a time; then the mesh; then judge; then report.

use std::collections::{BTreeMap, BTreeSet};

pub mod cache;
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
pub mod workbench;

use crate::config::Config;
use crate::discover::FileSource;
use crate::evaluate::change::Changed;
use crate::evaluate::change::diff::{Base, Change};
use crate::evaluate::listed::Listed;
use crate::evaluate::mapped::{Contents, Mapped, Progress};
use crate::evaluate::plain::combined;
use crate::evaluate::profile::Stage;
use crate::evaluate::recall::{self, Whole};
use crate::evaluate::reduce::{Beside, Known, Reduced, reduce};
use crate::evaluate::setting::Setting;
use crate::judge::{Exceptions, KnownNames, Rulings, Run};
use crate::mesh::Mesh;
use crate::model::comparison::{Comparison, FileChange, RevisionName};
use crate::model::finding::Finding;
use crate::model::names::EntityNames;
use crate::model::report::{Counts, Report};
use crate::model::rule::{BuiltinRule, Day, Rule, RuleId, Scope, State};
use crate::model::selection::Selection;
use crate::model::sources::Sources;
use crate::model::text::{RelPath, TextId};
use crate::model::waiver::WaiverDraft;
use crate::policy::engine::Bounds;
use crate::policy::options::{self, OptionMistake};
use crate::policy::pack::PolicyRule;

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
    /// What excepts findings of the base, if there is one.
    pub base_exceptions: &'r Exceptions,
    /// The day of the run.
    pub today: Day,
    /// Files and folders to report on; empty for all. The mesh is known whole all the same.
    pub scope: &'r [RelPath],
    /// The findings to report. The mesh is judged whole all the same.
    pub selection: &'r Selection,
    /// Called with the number of files once, then with none after each.
    pub progress: &'r Progress<'r>,
    /// What to compare with.
    pub base: Option<Base<'r>>,
    /// The name of the revision under judgement; none for the working tree.
    pub head: Option<RevisionName>,
    /// The revision that judges, where it is not the mesh itself: what it says of governed kinds holds.
    pub policies: Option<(RevisionName, &'r dyn FileSource)>,
    /// Findings that are made already, to be judged with the others.
    pub notes: &'r [Finding],
    /// The config, where something is to be said of it: not where it is that of another revision, which is told of itself there.
    pub config: Option<&'r Config>,
}

/// Judges a mesh, and its base beside it.
pub fn check(request: &Request<'_>) -> Report {
    let setting = &request.setting;
    let Meshes {
        mut head,
        mut base,
        recalled,
        changed,
        in_force,
        governed,
        notes,
    } = meshes(request);
    let mut found = head.take_findings();
    let found_before = base.as_mut().map(Whole::take_findings);
    let counts = counts(request, &head.mapped);
    let change = request.base.as_ref().zip(base.as_ref());
    let change = change.map(|(base, before)| {
        let (now, then) = (&head.mapped, &before.mapped);
        Change::of(then, &before.mesh, now, &head.mesh, base.renames)
    });
    let judge = |change: &Change<'_>| {
        let judge = || change.judge(setting, governed);
        setting.time(Stage::Mesh, judge)
    };
    let is_known = changed.is_some() || request.policies.is_some();
    let mut changed = changed
        .or_else(|| change.as_ref().map(judge))
        .unwrap_or_default();
    if let Some(before) = base.as_ref().filter(|_| !is_known) {
        recall::change::keep(setting, before, &head, &changed);
    }
    let rules = all_rules(setting.pack.all_rules().cloned());
    let names = entity_names(&head.mesh, base.as_ref().map(|base| &base.mesh));
    let judge = |mut found: Vec<Finding>| {
        judge::name_entities(&mut found, &names);
        judge::judge(found, &rules, request.today, request.rulings)
    };
    found.extend(notes);
    found.extend(of_config(request, &head.mapped));
    found.append(&mut changed.findings);
    let mut findings = judge(found);
    // Before the scope: only the whole mesh says what a waiver or an entry of the baseline is still for.
    let except = |findings: &mut Vec<Finding>, exceptions, whole: &Whole<'_>| {
        let run = Run {
            comments: &whole.mapped.comments(),
            in_force: in_force.as_deref(),
            cards: &whole.mesh.cards,
            files: &whole.mapped.manifests(),
            rules: &rules,
            rulings: request.rulings,
            today: request.today,
        };
        judge::except(findings, exceptions, &run)
    };
    let waivers = except(&mut findings, request.exceptions, &head);
    let mut sources = sources(request, &head, change.as_ref(), &mut changed);
    let two = change.zip(request.base.as_ref()).zip(base.as_ref());
    let comparison = two.map(|((change, base), before)| {
        let mut found = found_before.unwrap_or_default();
        found.extend(of_config_before(request, base.source, change.base));
        judge::moved(&mut found, &change.renames);
        let mut found = judge(found);
        except(&mut found, request.base_exceptions, before);
        let fixed = judge::compare(&mut findings, found);
        let names = (&base.name, request.head.as_ref());
        let reduced = &before.reduced;
        let mut two = change.compare(setting, names, reduced, fixed, &mut findings, &mut sources);
        two.versions = std::mem::take(&mut changed.versions);
        judge::separate_removed(&mut two);
        two
    });
    let mut comparison: Option<Comparison> = comparison;
    let apart = head.mapped.plain_only();
    let kept = |changed: Option<&BTreeMap<RelPath, FileChange>>, finding: &Finding| {
        in_scope(request, changed, &apart, finding)
    };
    let changed = comparison.as_ref().map(|two| &two.changed);
    findings.retain(|finding| kept(changed, finding));
    if let Some(two) = &mut comparison {
        let changed = std::mem::take(&mut two.changed);
        two.retain_gone(&|finding| kept(Some(&changed), finding));
        two.removed
            .retain(|removed| covered(request.scope, &removed.file));
        two.changed = changed;
    }
    let report = Report {
        incomplete: findings.iter().any(|finding| finding.incomplete),
        findings,
        rules,
        sources,
        passed_over: head.mapped.passed_over(),
        counts: Counts {
            entities: head.mesh.counts(),
            ..counts
        },
        comparison,
        policies: request.policies.as_ref().map(|(name, _)| name.clone()),
        waivers,
        selected: None,
        names,
    };
    let whole = std::iter::once(&head).chain(&base);
    select(report, request, whole.map(|whole| &whole.mesh), recalled)
}

/// Limits a report to the findings that are asked for.
fn select<'m>(
    mut report: Report,
    request: &Request<'_>,
    meshes: impl Iterator<Item = &'m Mesh>,
    recalled: bool,
) -> Report {
    let selection = request.selection;
    if selection.is_all() {
        return report;
    }
    let mut known = KnownNames::default();
    if selection.has_names() {
        known.add_report(&report);
        meshes.for_each(|mesh| add_names(request, mesh, &mut known));
        // What is recalled is without most names: they are looked up again before one of them is called unknown.
        if recalled && !known.unknown(selection).is_empty() {
            let base = request.base.as_ref().map(|base| base.source);
            for source in std::iter::once(request.source).chain(base) {
                let listed = Listed::of(&request.setting, source);
                let mapped = Mapped::of(&request.setting, listed, Contents::Unknown, &|_| {});
                add_names(request, &mapped.mesh(), &mut known);
            }
        }
    }
    judge::filter_report(&mut report, selection, &known);
    report
}

/// The domains and owners that a mesh names, and the domains that the paths of its files name.
fn add_names(request: &Request<'_>, mesh: &Mesh, known: &mut KnownNames) {
    let place = |file: &RelPath| (request.setting.place)(file).get("domain").cloned();
    let files: BTreeSet<&RelPath> = mesh.cards.iter().map(|card| &card.file).collect();
    let by_path = files.into_iter().filter_map(place);
    known.domains.extend(mesh.domains());
    known.domains.extend(by_path.map(|name| name.to_string()));
    known.owners.extend(mesh.owners());
}

/// Names of entities, from the head; of removed entities, from the base.
fn entity_names(head: &Mesh, base: Option<&Mesh>) -> EntityNames {
    let mut names = head.names();
    if let Some(base) = base {
        names.complete(base.names());
    }
    names
}

/// The meshes of a run, before judging.
struct Meshes<'r> {
    head: Whole<'r>,
    base: Option<Whole<'r>>,
    /// Whether they are as an earlier run left them.
    recalled: bool,
    /// What change rules say, if it is known already.
    changed: Option<Changed>,
    /// Comments of the revision that judges, if there is one.
    in_force: Option<Vec<WaiverDraft>>,
    /// Whether another revision says which entities of governed kinds there are.
    governed: bool,
    notes: Vec<Finding>,
}

/// The meshes as an earlier run left them, if no file has changed since; else judged file by file, as far as their outcomes
/// are not known.
fn meshes<'r>(request: &Request<'r>) -> Meshes<'r> {
    let setting = &request.setting;
    let mut head = Listed::of(setting, request.source);
    let base = request.base.as_ref();
    let mut base = base.map(|base| Listed::of(setting, base.source));
    if let Some(known) = recalled(request, &mut head, base.as_mut()) {
        return known;
    }
    let alone = base.is_none() && request.policies.is_none();
    let contents = if alone {
        Contents::Unknown
    } else {
        Contents::Identified
    };
    let mut head = Mapped::of(setting, head, contents, request.progress);
    let base = base.map(|base| Mapped::beside(setting, base, &[&head]));
    let governing = request.policies.as_ref().map(|(_, source)| {
        let others: Vec<&Mapped<'_>> = base.iter().chain([&head]).collect();
        Mapped::beside(setting, Listed::of(setting, *source), &others)
    });
    let in_force = governing.as_ref().map(Mapped::comments);
    let governed = governing.map(|governing| governing.mesh());
    let mesh = if alone { head.take_mesh() } else { head.mesh() };
    let notes = not_in_force(request, &mesh, governed.as_ref());
    let mesh = govern(setting, mesh, governed.as_ref());
    let first = reduced(request, &head, &mesh, &Beside::first(base.is_some()));
    let mut head = Whole::new(head, mesh, first);
    let base = base.map(|mapped| {
        let mesh = govern(setting, mapped.mesh(), governed.as_ref());
        let known = Known {
            mesh: &head.mesh,
            reduced: &head.reduced,
            same: &|file| head.mapped.same(&mapped, file),
        };
        let second = reduced(request, &mapped, &mesh, &Beside::Known(&known));
        Whole::new(mapped, mesh, second)
    });
    if request.policies.is_none() {
        base.iter()
            .chain([&head])
            .for_each(|whole| whole.keep(setting));
    }
    if alone {
        head.mesh.forget_facts();
    }
    Meshes {
        head,
        base,
        recalled: false,
        changed: None,
        in_force,
        governed: governed.is_some(),
        notes,
    }
}

fn recalled<'r>(
    request: &Request<'r>,
    head: &mut Listed<'r>,
    base: Option<&mut Listed<'r>>,
) -> Option<Meshes<'r>> {
    let setting = &request.setting;
    if request.policies.is_some() {
        return None;
    }
    let recall = |listed: &mut Listed<'r>, beside: Option<&Whole<'_>>| {
        setting.time(Stage::Recall, || Whole::recall(setting, listed, beside))
    };
    let head = recall(head, None)?;
    let (mut before, mut changed) = (None, None);
    if let Some(base) = base {
        let base = recall(base, Some(&head))?;
        // Change rules look at both meshes whole.
        changed = Some(recall::change::recall(setting, &base, &head)?);
        before = Some(base);
    }
    (request.progress)(Some(0));
    Some(Meshes {
        head,
        base: before,
        recalled: true,
        changed,
        in_force: None,
        governed: false,
        notes: request.notes.to_vec(),
    })
}

/// The texts that findings point at; of files that are gone, those of the base.
fn sources(
    request: &Request<'_>,
    head: &Whole<'_>,
    change: Option<&Change<'_>>,
    changed: &mut Changed,
) -> Sources {
    let mut sources = Sources::default();
    let mut remember = |texts: &mut dyn Iterator<Item = (RelPath, TextId)>, mapped: &Mapped<'_>| {
        let again = mapped.again(&request.setting.limits);
        texts.for_each(|(file, text)| sources.remember(file, text, &again));
    };
    remember(
        &mut head.mapped.texts().chain(head.reduced.texts()),
        &head.mapped,
    );
    if let Some(change) = change {
        let gone = std::mem::take(&mut changed.base_sources);
        remember(&mut gone.into_iter(), change.base);
        let now = std::mem::take(&mut changed.sources);
        remember(&mut now.into_iter(), &head.mapped);
    }
    let config = request.config.into_iter().flat_map(Config::texts);
    for (file, text) in request.exceptions.sources().chain(config) {
        sources.hold(file, text);
    }
    sources
}

fn reduced(
    request: &Request<'_>,
    mapped: &Mapped<'_>,
    mesh: &Mesh,
    beside: &Beside<'_>,
) -> Reduced {
    let setting = &request.setting;
    let bounds = request.mesh_bounds;
    let in_files = |file: &RelPath| covered(request.scope, file);
    setting.time(Stage::Mesh, || {
        let mut reduced = reduce(setting, mapped, mesh, bounds, beside);
        reduced.add(combined(setting, mapped, bounds, &in_files));
        reduced
    })
}

/// What a revision says of governed kinds holds for every mesh that it judges.
fn govern(setting: &Setting<'_>, mesh: Mesh, by: Option<&Mesh>) -> Mesh {
    match by {
        Some(by) => mesh.governed_by(by, &|kind| setting.pack.schema.governs(kind)),
        None => mesh,
    }
}

/// Notes on changes to what judges: files, and entities of governed kinds.
fn not_in_force(request: &Request<'_>, mesh: &Mesh, governed: Option<&Mesh>) -> Vec<Finding> {
    let mut notes = request.notes.to_vec();
    if let (Some((name, _)), Some(governed)) = (&request.policies, governed) {
        let schema = &request.setting.pack.schema;
        let files = mesh.differing_files(governed, &|kind| schema.governs(kind));
        let by = name.to_string();
        notes.extend(files.iter().map(|file| judge::not_in_force(file, &by)));
    }
    notes
}

/// Notes on the config, for the files of a mesh.
fn of_config(request: &Request<'_>, mapped: &Mapped<'_>) -> Vec<Finding> {
    let files: Vec<&RelPath> = mapped.outcomes.keys().collect();
    let notes = request.config.map(|config| config.notes(&files));
    notes.unwrap_or_default()
}

/// The same for a base that has the same config: what the change did not bring.
fn of_config_before(
    request: &Request<'_>,
    base: &dyn FileSource,
    mapped: &Mapped<'_>,
) -> Vec<Finding> {
    let text = |source: &dyn FileSource, file: &RelPath| source.read(file).ok();
    let same = |file: &RelPath| {
        let now = text(request.source, file);
        now.is_some() && now == text(base, file)
    };
    let mut notes = of_config(request, mapped);
    notes.retain(|note| note.location.as_ref().is_some_and(|at| same(&at.file)));
    notes
}

fn counts(request: &Request<'_>, head: &Mapped<'_>) -> Counts {
    let pack = request.setting.pack;
    let on_changes = request
        .base
        .as_ref()
        .map_or(0, |_| pack.active_on_changes());
    let manifests = || head.outcomes.iter().filter(|(_, outcome)| outcome.manifest);
    Counts {
        files: manifests().count(),
        in_scope: manifests()
            .filter(|(file, _)| covered(request.scope, file))
            .count(),
        passed_over: head.outcomes.len() - manifests().count(),
        entities: BTreeMap::new(),
        rules: request.setting.pack.active() + on_changes,
        of_policies: false,
    }
}

/// What a run could not judge is reported whatever the scope: the mesh that the rest stands on is not whole. So is what
/// tries to change the judge. `apart` are files that the mesh does not stand on.
fn in_scope(
    request: &Request<'_>,
    changed: Option<&BTreeMap<RelPath, FileChange>>,
    apart: &BTreeSet<RelPath>,
    finding: &Finding,
) -> bool {
    let changed_only = request.base.as_ref().is_some_and(|base| base.changed_only);
    let changed = |file: &RelPath| changed.is_none_or(|changed| changed.contains_key(file));
    let at = finding.location.as_ref();
    let is_apart = at.is_some_and(|at| apart.contains(&at.file));
    // What is said of all documents together has no place.
    let of_all = at.is_none() && finding.certainty.is_some();
    (finding.incomplete && !is_apart)
        || of_all
        || finding
            .location
            .as_ref()
            .map_or(request.scope.is_empty() && !changed_only, |at| {
                covered(request.scope, &at.file) && (!changed_only || changed(&at.file))
            })
}

fn covered(scope: &[RelPath], file: &RelPath) -> bool {
    scope.is_empty() || scope.iter().any(|folder| discover::covers(folder, file))
}

fn builtin_rules() -> impl Iterator<Item = &'static BuiltinRule> {
    discover::RULES
        .iter()
        .chain(policy::RULES)
        .chain(workbench::check::RULES)
        .chain(parse::RULES)
        .chain(evaluate::rules::RULES)
        .chain(judge::builtin_rules())
        .chain(config::RULES)
}

/// `data.options`: every rule's options by its id, as the config sets them.
///
/// # Errors
/// All options that the config sets and a rule can't take. The rules of govcheck itself have none.
pub fn rule_options(
    rules: &[PolicyRule],
    config: &Config,
) -> Result<serde_json::Value, Vec<OptionMistake>> {
    let given = |rule: &RuleId| config.options(rule);
    let own = builtin_rules().map(|rule| RuleId::new(rule.id));
    let needless = own.flat_map(|rule| options::needless(&rule, &given(&rule)));
    let needless: Vec<OptionMistake> = needless.collect();
    match options::options(rules, &given) {
        Ok(options) if needless.is_empty() => Ok(options),
        Ok(_) => Err(needless),
        Err(mut mistakes) => {
            mistakes.extend(needless);
            Err(mistakes)
        }
    }
}

/// The rules of the packs and govcheck's own, sorted by id.
pub fn all_rules(pack: impl Iterator<Item = Rule>) -> Vec<Rule> {
    let own = builtin_rules().map(|rule| Rule {
        id: RuleId::new(rule.id),
        title: rule.title.to_owned(),
        description: rule.description.to_owned(),
        help: rule.help.into(),
        severity: rule.level,
        scope: Scope::Entity,
        entities: Vec::new(),
        needs: Vec::new(),
        text_matches: None,
        together: None,
        counts: None,
        since: Some("0.1.0".to_owned()),
        state: State::Enabled,
        enforced_from: None,
        successor: None,
        options: serde_json::Map::new(),
        option_docs: BTreeMap::new(),
        waivable: false,
        inline: false,
        aliases: Vec::new(),
        related_resources: Vec::new(),
        page: None,
        pack: "govcheck".to_owned(),
        file: String::new(),
    });
    let mut rules: Vec<Rule> = pack.chain(own).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}
