//! A key or name of a config that has a new name.

use crate::model::location::Location;
use crate::model::rule::RuleId;

/// A setting that names a rule as it was called before.
#[derive(Debug, Clone)]
pub(super) struct Renamed {
    pub(super) old: RuleId,
    pub(super) new: RuleId,
    pub(super) at: Option<Location>,
}
