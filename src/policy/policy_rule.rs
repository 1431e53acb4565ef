//! A rule with its module.

use serde::{Deserialize, Serialize};

use crate::model::rule::Rule;

/// A rule and where its Rego is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyRule {
    /// Its METADATA.
    pub rule: Rule,
    /// `data.govcheck.kpi.bad_name`.
    pub path: String,
    /// Whether it says by `advice` which version a changed entity should have.
    pub advises: bool,
}
