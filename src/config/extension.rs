//! One entry of `extends`.

use crate::model::location::Location;

/// An entry of `extends`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// As written: `strict`, `governance/policies:house`, `governance/common.yaml`.
    pub name: String,
    /// Where, where known.
    pub at: Option<Location>,
}
