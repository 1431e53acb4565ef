//! What waivers are checked against.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::rule::Day;
use crate::model::text::RelPath;

/// What is known of the mesh that waivers speak of.
pub(crate) struct WaiverTargets<'k> {
    /// The files that declare an entity, by its key as text.
    pub(crate) entities: BTreeMap<String, BTreeSet<&'k RelPath>>,
    /// All manifests.
    pub(crate) files: &'k [RelPath],
    /// The day of the run.
    pub(crate) today: Day,
    /// Whether everything could be judged; otherwise absence proves nothing.
    pub(crate) whole: bool,
}
