//! The two meshes of a run, head and base: recalled as an earlier run left them, or mapped file by file and reduced.

use super::notes::not_in_force;
use super::request::Request;
use super::scope::is_covered;
use crate::evaluate::change::ChangeFindings;
use crate::evaluate::combine::judge_combined;
use crate::evaluate::listed::Listed;
use crate::evaluate::mapped::{Contents, Mapped};
use crate::evaluate::profile::Stage;
use crate::evaluate::recall::{self, Whole};
use crate::evaluate::reduce::{Beside, EarlierReduction, Reduced, reduce_mesh};
use crate::judge::GoverningComments;
use crate::mesh::{Governance, Mesh};
use crate::model::finding::Finding;
use crate::model::text::RelPath;

/// The meshes of a run, before judging.
pub(crate) struct Meshes<'r> {
    pub(crate) head: Whole<'r>,
    pub(crate) base: Option<Whole<'r>>,
    /// Whether they are as an earlier run left them.
    pub(crate) is_recalled: bool,
    /// What change rules say, if it is known already.
    pub(crate) changed: Option<ChangeFindings>,
    /// Comments of the revision that provides the policies, if it is another.
    pub(crate) governing: Option<GoverningComments>,
    pub(crate) notes: Vec<Finding>,
}

/// The meshes as an earlier run left them, if no file has changed since; else judged file by file, as far as their outcomes
/// are not known.
pub(crate) fn build_meshes<'r>(request: &Request<'r>) -> Meshes<'r> {
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
    let comments = governing.as_ref().map(Mapped::comments);
    let governing = governing.map(|governing| governing.mesh());
    let governance = governing
        .as_ref()
        .map(|governing| Governance::of(governing, &setting.pack.schema, request.registers));
    let mesh = if alone { head.take_mesh() } else { head.mesh() };
    let notes = not_in_force(request, &mesh, governance.as_ref());
    let mesh = govern(mesh, governance.as_ref());
    let first = reduced(request, &head, &mesh, &Beside::first(base.is_some()));
    let mut head = Whole::new(head, mesh, first);
    let base = base.map(|mapped| {
        let mesh = govern(mapped.mesh(), governance.as_ref());
        let known = EarlierReduction {
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
        is_recalled: false,
        changed: None,
        governing: comments
            .zip(governing)
            .map(|(drafts, mesh)| GoverningComments { drafts, mesh }),
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
        changed = Some(recall::change::recall_change(setting, &base, &head)?);
        before = Some(base);
    }
    (request.progress)(Some(0));
    Some(Meshes {
        head,
        base: before,
        is_recalled: true,
        changed,
        governing: None,
        notes: request.notes.to_vec(),
    })
}

fn reduced(
    request: &Request<'_>,
    mapped: &Mapped<'_>,
    mesh: &Mesh,
    beside: &Beside<'_>,
) -> Reduced {
    let setting = &request.setting;
    let bounds = request.mesh_bounds;
    let in_files = |file: &RelPath| is_covered(request.scope, file);
    setting.time(Stage::Mesh, || {
        let mut reduced = reduce_mesh(setting, mapped, mesh, bounds, beside);
        reduced.add(judge_combined(setting, mapped, bounds, &in_files));
        reduced
    })
}

/// The registers of a governing revision apply to every mesh that it judges.
fn govern(mesh: Mesh, governance: Option<&Governance<'_>>) -> Mesh {
    match governance {
        Some(governance) => governance.govern(mesh),
        None => mesh,
    }
}
