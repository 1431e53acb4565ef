//! Which files and findings a run reports on. The whole mesh is still judged.

use std::collections::{BTreeMap, BTreeSet};

use super::request::Request;
use crate::discover;
use crate::evaluate::mapped::Mapped;
use crate::model::comparison::FileChange;
use crate::model::finding::Finding;
use crate::model::report::Counts;
use crate::model::text::RelPath;

/// Counts of a run; `changed` has the files that differ from the base.
pub(crate) fn count_run(
    request: &Request<'_>,
    head: &Mapped<'_>,
    changed: Option<&BTreeMap<RelPath, FileChange>>,
) -> Counts {
    let pack = request.setting.pack;
    let base = request.base.as_ref();
    let on_changes = base.map_or(0, |_| pack.active_on_changes());
    let in_paths = |file: &RelPath| is_covered(request.scope, file);
    let is_changed = |file: &RelPath| changed.is_none_or(|changed| changed.contains_key(file));
    let changed_only = base.is_some_and(|base| base.changed_only);
    let nothing_changed = base.is_some_and(|base| base.needs_change)
        && changed.is_some_and(|changed| !changed.keys().any(in_paths));
    let manifests = || {
        let outcomes = head.outcomes.iter();
        let manifests = outcomes.filter(|(_, outcome)| outcome.manifest);
        manifests.map(|(file, _)| file)
    };
    let in_scope = || manifests().filter(|file| in_paths(file));
    let judged = in_scope().filter(|file| !changed_only || is_changed(file));
    Counts {
        files: manifests().count(),
        in_scope: in_scope().count(),
        judged: if nothing_changed { 0 } else { judged.count() },
        nothing_changed,
        passed_over: head.outcomes.len() - manifests().count(),
        entities: BTreeMap::new(),
        rules: request.setting.pack.active() + on_changes,
        of_policies: false,
    }
}

/// Findings about what a run could not judge are reported whatever the scope: without it the other findings are not
/// certain. So are attempts to change what judges. `apart` are files outside the mesh.
pub(crate) fn in_scope(
    request: &Request<'_>,
    changed: Option<&BTreeMap<RelPath, FileChange>>,
    apart: &BTreeSet<RelPath>,
    finding: &Finding,
) -> bool {
    let changed_only = request.base.as_ref().is_some_and(|base| base.changed_only);
    let changed = |file: &RelPath| changed.is_none_or(|changed| changed.contains_key(file));
    let at = finding.location.as_ref();
    let is_apart = at.is_some_and(|at| apart.contains(&at.file));
    // Findings about all documents together have no place.
    let of_all = at.is_none() && finding.certainty.is_some();
    (finding.incomplete && !is_apart)
        || of_all
        || finding
            .location
            .as_ref()
            .map_or(request.scope.is_empty() && !changed_only, |at| {
                is_covered(request.scope, &at.file) && (!changed_only || changed(&at.file))
            })
}

pub(crate) fn is_covered(scope: &[RelPath], file: &RelPath) -> bool {
    scope.is_empty()
        || scope
            .iter()
            .any(|folder| discover::covers_file(folder, file))
}
