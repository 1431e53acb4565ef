//! Findings that no rule of a pack makes: what is not in force, and what is to be said of the config.

use super::request::Request;
use crate::discover::FileSource;
use crate::evaluate::mapped::Mapped;
use crate::judge;
use crate::mesh::Mesh;
use crate::model::finding::Finding;
use crate::model::text::RelPath;

/// Notes on changes to what judges: files, and entities of governed kinds.
pub(crate) fn not_in_force(
    request: &Request<'_>,
    mesh: &Mesh,
    governed: Option<&Mesh>,
) -> Vec<Finding> {
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
