//! A workspace judged as a command line asks: its files or those of revisions, by its packs and config, with what is known
//! already. Says nothing itself.

use std::collections::BTreeMap;
use std::time::Duration;

use super::failure::Failure;
use super::open::Workspace;
use super::origin::Origin;
use super::revisions::{NamedCommit, Revisions};
use super::{exceptions, in_force};
use crate::Request;
use crate::cache::{Cache, CacheKey, hash_parts};
use crate::discover::{FileSource, KnownTrees, Overlay, Revision, Walk, find_renames};
use crate::evaluate::change::diff::Base;
use crate::evaluate::profile::Profile;
use crate::evaluate::setting::{Cached, Setting};
use crate::judge::Exceptions;
use crate::model::entity::LayoutPlace;
use crate::model::report::Report;
use crate::model::rule::Day;
use crate::model::selection::Selection;
use crate::model::text::RelPath;
use crate::policy::engine::Bounds;
use crate::report::Progress;

/// Bounds of all rules of a kind on one entity, beyond what its file's size adds: a hundred times what the built-in rules
/// need. Today's machines reach the instruction bound long before the time bound, so that results do not depend on speed;
/// and it is low enough that an endless loop in a thousand files is reported within minutes.
pub(crate) const ENTITY_BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(20),
    memory: 256 * 1024 * 1024,
    instructions: 2_000_000,
};

/// Bounds of one mesh rule, beyond what the mesh's size adds.
pub(crate) const MESH_BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(300),
    memory: 4 * 1024 * 1024 * 1024,
    instructions: 20_000_000,
};

/// What a command that is not `check` reports.
static EVERYTHING: Selection = Selection::ALL;

/// How a run goes about it.
#[derive(Clone)]
pub(crate) struct Manner<'m> {
    pub(crate) today: Day,
    /// Whether to show how far it is.
    pub(crate) bar: bool,
    /// Counts where the time goes, if somebody asks.
    pub(crate) profile: Option<&'m Profile>,
    /// What is known already, if it may be used.
    pub(crate) cache: Option<&'m Cache>,
    /// The findings to report.
    pub(crate) selection: &'m Selection,
}

impl Manner<'_> {
    /// For commands other than `check`.
    pub(crate) fn plain(today: Day) -> Self {
        Self {
            today,
            bar: false,
            profile: None,
            cache: None,
            selection: &EVERYTHING,
        }
    }
}

/// Judges a workspace: its working tree or a revision, against a base if there is one.
pub(crate) fn judge_workspace(
    workspace: &Workspace,
    revisions: &Revisions,
    manner: &Manner<'_>,
) -> Result<Report, Failure> {
    let exceptions = exceptions::read_exceptions(workspace, &Origin::of_run(revisions))?;
    judge_with(workspace, revisions, &exceptions, manner)
}

/// Judges a workspace with exceptions that need not be those on disk.
pub(crate) fn judge_with(
    workspace: &Workspace,
    revisions: &Revisions,
    exceptions: &Exceptions,
    manner: &Manner<'_>,
) -> Result<Report, Failure> {
    let today = manner.today;
    let walk = workspace.walk()?;
    let progress = Progress::new(manner.bar);
    let place = |file: &RelPath| workspace.config.place(file);
    let setting = make_setting(workspace, manner, &place)?;
    let base = revision_files(&revisions.base, &walk, manner)?;
    let head = revision_files(&revisions.head, &walk, manner)?;
    let policies = revision_files(&revisions.policies, &walk, manner)?;
    let overlay = workspace.overlay(&walk);
    let source = judged(&walk, overlay.as_ref(), head.as_ref());
    let name = |named: &Option<NamedCommit>| named.as_ref().map(|named| named.name.clone());
    let before = exceptions::of_base(workspace, revisions, exceptions);
    let renames =
        |removed: &[&RelPath], added: &[&RelPath]| renamed(workspace, revisions, removed, added);
    let report = crate::check(&Request {
        source,
        setting,
        mesh_bounds: MESH_BOUNDS,
        rulings: &|rule, file| workspace.ruling(rule, file),
        exceptions,
        base_exceptions: &before,
        today,
        scope: &workspace.scope,
        selection: manner.selection,
        progress: &|files| match files {
            Some(files) => progress.set_length(files as u64),
            None => progress.inc(1),
        },
        base: base
            .as_ref()
            .zip(name(&revisions.base))
            .map(|(source, name)| Base {
                source,
                name,
                renames: &renames,
                changed_only: revisions.changed_only,
                needs_change: revisions.needs_change,
            }),
        head: name(&revisions.head),
        registers: workspace.config.registers.as_ref(),
        policies: name(&revisions.policies)
            .zip(policies.as_ref().map(|source| source as &dyn FileSource)),
        notes: &in_force::list_notes(&workspace.root, &workspace.config, revisions)?,
        config: revisions.policies.is_none().then_some(&workspace.config),
    });
    progress.finish();
    Ok(report)
}

/// The files of a revision, as a walk of the working tree would find them.
pub(crate) fn revision_files<'n>(
    named: &'n Option<NamedCommit>,
    walk: &Walk,
    manner: &Manner<'_>,
) -> Result<Option<Revision<'n>>, Failure> {
    let known = manner.cache.map(|cache| cache as &dyn KnownTrees);
    let revision = named.as_ref();
    let revision = revision.map(|named| Revision::with(&named.tree, walk, known));
    Ok(revision.transpose()?)
}

/// The files under judgement: those of a revision, else those of the working tree, with the text on standard input over them.
fn judged<'s>(
    walk: &'s Walk,
    overlay: Option<&'s Overlay<'_>>,
    head: Option<&'s Revision<'_>>,
) -> &'s dyn FileSource {
    match (head, overlay) {
        (Some(head), _) => head,
        (None, Some(overlay)) => overlay,
        (None, None) => walk,
    }
}

/// The setting for all files.
pub(crate) fn make_setting<'w>(
    workspace: &'w Workspace,
    manner: &Manner<'w>,
    place: &'w (dyn Fn(&RelPath) -> LayoutPlace + Sync),
) -> Result<Setting<'w>, Failure> {
    let mut setting = workspace.setting(manner.today, place, ENTITY_BOUNDS)?;
    setting.profile = manner.profile;
    let digest = || {
        let digests = setting_digests(workspace, manner);
        hash_parts(digests.iter().map(|(_, digest)| digest.as_slice()))
    };
    // What plain policies say follows from more than a file, and from where they are run.
    let cache = manner.cache.filter(|_| workspace.pack.plain.is_none());
    setting.cached = cache.map(|cache| Cached {
        cache,
        setting: digest(),
    });
    Ok(setting)
}

/// What is done with the files that are judged, and with those of the base.
pub(crate) type OnFiles<'w> = dyn FnMut(&Setting<'_>, &dyn FileSource, Option<&Base<'_>>) + 'w;

/// Does something with the files that are judged, those of the base, and what they are judged with.
pub(crate) fn on_files(
    workspace: &Workspace,
    revisions: &Revisions,
    manner: &Manner<'_>,
    work: &mut OnFiles<'_>,
) -> Result<(), Failure> {
    let walk = workspace.walk()?;
    let place = |file: &RelPath| workspace.config.place(file);
    let setting = make_setting(workspace, manner, &place)?;
    let base = revision_files(&revisions.base, &walk, manner)?;
    let head = revision_files(&revisions.head, &walk, manner)?;
    let renames =
        |removed: &[&RelPath], added: &[&RelPath]| renamed(workspace, revisions, removed, added);
    let base = base.as_ref().zip(revisions.base.as_ref());
    let base = base.map(|(source, named)| Base {
        source,
        name: named.name.clone(),
        renames: &renames,
        changed_only: revisions.changed_only,
        needs_change: revisions.needs_change,
    });
    let overlay = workspace.overlay(&walk);
    let source = judged(&walk, overlay.as_ref(), head.as_ref());
    work(&setting, source, base.as_ref());
    Ok(())
}

/// Which files git takes for renamed. Without its word a renamed file is an old and a new one: nothing is lost by that.
fn renamed(
    workspace: &Workspace,
    revisions: &Revisions,
    removed: &[&RelPath],
    added: &[&RelPath],
) -> BTreeMap<RelPath, RelPath> {
    let head = revisions.head.as_ref().map(|head| &head.tree);
    let base = revisions.base.as_ref().map(|base| &base.tree);
    base.and_then(|base| find_renames(&workspace.root, base, head, removed, added).ok())
        .unwrap_or_default()
}

/// All that outcomes depend on besides the files, with a hash of each.
pub(crate) fn setting_digests(
    workspace: &Workspace,
    manner: &Manner<'_>,
) -> Vec<(String, CacheKey)> {
    workspace.digests(manner.today, &(ENTITY_BOUNDS, MESH_BOUNDS))
}
