//! The texts of files that findings point at: read again when somebody wants to see them, so that no run holds the texts of
//! a whole mesh. What changed under our hands since it was judged shows as it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::map::Setting;
use super::whole::Mapped;
use crate::model::finding::Finding;
use crate::model::text::{RelPath, SourceText};
use crate::parse;

/// Which findings a report shows a part of their files with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excerpts {
    /// None: nothing is read for it.
    None,
    /// Those that count.
    Open,
    /// All, and what is fixed.
    All,
}

impl Excerpts {
    /// Whether a finding is shown so.
    pub fn show(self, finding: &Finding) -> bool {
        match self {
            Excerpts::None => false,
            Excerpts::Open => finding.is_open(),
            Excerpts::All => true,
        }
    }
}

/// The texts of the files that findings point at, each from the first of the meshes that has it.
pub fn texts<'f>(
    setting: &Setting<'_>,
    findings: impl Iterator<Item = &'f Finding>,
    meshes: &[&Mapped<'_>],
) -> BTreeMap<RelPath, Arc<SourceText>> {
    let mut wanted: BTreeSet<&RelPath> = BTreeSet::new();
    for finding in findings {
        wanted.extend(finding.location.iter().map(|at| &at.file));
        wanted.extend(finding.related.iter().map(|related| &related.location.file));
    }
    let read = |file: &RelPath| {
        let mesh = meshes
            .iter()
            .find(|mesh| mesh.outcomes.contains_key(file))?;
        Some((file.clone(), Arc::new(text(setting, mesh, file)?)))
    };
    wanted.into_par_iter().filter_map(read).collect()
}

/// The text of a file of a mesh; none if it can't be read any more.
pub(crate) fn text(setting: &Setting<'_>, mesh: &Mapped<'_>, file: &RelPath) -> Option<SourceText> {
    let bytes = mesh.source.read(file).ok()?;
    Some(parse::text(&bytes, &setting.limits))
}
