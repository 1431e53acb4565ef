//! The findings of a report that are asked for, and the names by which one may ask.

use std::collections::BTreeSet;

use super::request::Request;
use crate::evaluate::listed::Listed;
use crate::evaluate::mapped::{Contents, Mapped};
use crate::judge::{self, KnownNames};
use crate::mesh::Mesh;
use crate::model::names::EntityNames;
use crate::model::report::Report;
use crate::model::text::RelPath;

/// Limits a report to the findings that are asked for.
pub(crate) fn select_findings<'m>(
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
pub(crate) fn entity_names(head: &Mesh, base: Option<&Mesh>) -> EntityNames {
    let mut names = head.names();
    if let Some(base) = base {
        names.complete(base.names());
    }
    names
}
