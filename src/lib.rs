//! govcheck: a linter for the governance of a data mesh. The pipeline, readable in one screen:
//! discover, parse, lift and evaluate a file at a time; then the mesh; then judge; then report.

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
mod pipeline;
pub mod policy;
pub mod report;
pub mod workbench;
pub mod workspace;

pub use pipeline::request::Request;
pub use pipeline::rules::{all_rules, rule_options};

use crate::model::report::Report;
use crate::pipeline::judging::judge_meshes;
use crate::pipeline::meshes::build_meshes;
use crate::pipeline::selection::select_findings;

/// Judges a mesh, and its base beside it.
///
/// `discover` lists the files of head and base; `evaluate` maps each to its outcome (`parse` reads it, `lift` finds the entities,
/// `policy` has the rules), recalled from `cache` where nothing changed, and reduces each `mesh`; `judge` gives levels, waivers
/// and baseline, and compares the two. Nothing is printed: see `report`.
pub fn check(request: &Request<'_>) -> Report {
    let mut meshes = build_meshes(request);
    let report = judge_meshes(request, &mut meshes);
    let judged = std::iter::once(&meshes.head).chain(&meshes.base);
    let judged = judged.map(|whole| &whole.mesh);
    select_findings(report, request, judged, meshes.is_recalled)
}
