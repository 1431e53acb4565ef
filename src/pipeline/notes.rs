//! Findings that no rule of a pack makes: files that are not in force, and notes on the config.

use super::request::Request;
use crate::discover::FileSource;
use crate::evaluate::mapped::Mapped;
use crate::judge;
use crate::mesh::{Governance, Mesh};
use crate::model::finding::Finding;
use crate::model::text::RelPath;

/// Notes on changes to what judges: files, and entries of registers.
pub(crate) fn not_in_force(
    request: &Request<'_>,
    mesh: &Mesh,
    governance: Option<&Governance<'_>>,
) -> Vec<Finding> {
    let mut notes = request.notes.to_vec();
    if let (Some((name, _)), Some(governance)) = (&request.policies, governance) {
        let files = governance.files_not_in_force(mesh);
        let by = name.to_string();
        notes.extend(files.iter().map(|file| judge::not_in_force(file, &by)));
    }
    notes
}

/// Notes on the config, for the files of a mesh.
pub(crate) fn config_notes(request: &Request<'_>, mapped: &Mapped<'_>) -> Vec<Finding> {
    let files: Vec<&RelPath> = mapped.outcomes.keys().collect();
    let notes = request.config.map(|config| config.notes(&files));
    notes.unwrap_or_default()
}

/// The same for a base that has the same config: what the change did not bring.
pub(crate) fn config_notes_of_base(
    request: &Request<'_>,
    base: &dyn FileSource,
    mapped: &Mapped<'_>,
) -> Vec<Finding> {
    let text = |source: &dyn FileSource, file: &RelPath| source.read(file).ok();
    let same = |file: &RelPath| {
        let now = text(request.source, file);
        now.is_some() && now == text(base, file)
    };
    let mut notes = config_notes(request, mapped);
    notes.retain(|note| note.location.as_ref().is_some_and(|at| same(&at.file)));
    notes
}
