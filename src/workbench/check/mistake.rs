//! A mistake that was seen in a pack, before it is a finding.

use crate::model::rule::Level;
use crate::policy::error::PolicyMistake;

/// A mistake, and its level where that is not the rule's own.
pub(super) struct CheckMistake {
    pub(super) mistake: PolicyMistake,
    pub(super) level: Option<Level>,
}

impl From<PolicyMistake> for CheckMistake {
    fn from(mistake: PolicyMistake) -> Self {
        Self {
            mistake,
            level: None,
        }
    }
}
