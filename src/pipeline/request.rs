//! What one run judges, and by what.

use crate::config::Config;
use crate::discover::{FileSource, Patterns};
use crate::evaluate::change::diff::Base;
use crate::evaluate::mapped::MapProgress;
use crate::evaluate::setting::Setting;
use crate::judge::{Exceptions, Rulings};
use crate::model::comparison::RevisionName;
use crate::model::finding::Finding;
use crate::model::rule::Day;
use crate::model::selection::Selection;
use crate::model::text::RelPath;
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
    /// Waivers, baseline and comments.
    pub exceptions: &'r Exceptions,
    /// Those of the base, if there is one.
    pub base_exceptions: &'r Exceptions,
    /// The day of the run.
    pub today: Day,
    /// Files and folders to report on; empty for all. The whole mesh is still read.
    pub scope: &'r [RelPath],
    /// The findings to report. The whole mesh is still judged.
    pub selection: &'r Selection,
    /// Called with the number of files once, then with none after each.
    pub progress: &'r MapProgress<'r>,
    /// What to compare with.
    pub base: Option<Base<'r>>,
    /// The name of the revision under judgement. `None` for the working tree.
    pub head: Option<RevisionName>,
    /// Globs of the files that may add entries to registers, where another revision governs them.
    pub registers: Option<&'r Patterns>,
    /// The revision that judges, where it is not the mesh itself: what its registers say holds.
    pub policies: Option<(RevisionName, &'r dyn FileSource)>,
    /// Findings that are made already, to be judged with the others.
    pub notes: &'r [Finding],
    /// The config, for notes on it. `None` if another revision provides it, whose own runs report these.
    pub config: Option<&'r Config>,
}
