//! The kinds of `policies/model.yaml` that Rust code itself knows: lineage follows products and contracts, and scaffolds
//! write manifests and registers. All other code treats kinds as data.

/// Data products: they read and offer contracts by their ports.
pub const PRODUCT: &str = "product";
/// Data contracts.
pub const CONTRACT: &str = "contract";
/// Business metrics.
pub const KPI: &str = "kpi";
/// Glossary terms.
pub const TERM: &str = "term";
/// Teams, which own entities.
pub const TEAM: &str = "team";
/// Business domains.
pub const DOMAIN: &str = "domain";
/// Handling tiers.
pub const CLASSIFICATION: &str = "classification";
/// Agreed tags.
pub const TAG: &str = "tag";
/// Whole documents of any format.
pub const DOCUMENT: &str = "document";

/// All of them.
pub const ALL: [&str; 9] = [
    PRODUCT,
    CONTRACT,
    KPI,
    TERM,
    TEAM,
    DOMAIN,
    CLASSIFICATION,
    TAG,
    DOCUMENT,
];
