//! Packs: load, METADATA, checks at load, the Rego engine. Everything about a rule that can be known before it runs
//! is known here; what can't be judged right is refused.

pub mod about;
pub mod bundle;
mod check;
mod compile_pack;
mod constructs;
pub mod engine;
pub mod error;
pub mod examples;
pub mod format_examples;
mod formats;
pub mod inspect;
mod kind;
mod load;
mod loaded;
pub mod mesh_reads;
pub(crate) mod metadata;
pub mod options;
pub mod pack;
mod parts;
pub mod plain;
pub(super) mod policy_rule;
mod prepared;
mod program_input;
mod recursion;
mod refused;
pub(crate) mod rules;
pub mod source;
pub(crate) mod syntax;
mod tested;
pub mod trace;
mod translate;
pub(crate) mod workbench_rules;

pub(crate) use check::{find_misjudged, forbidden_call};
pub use pack::Pack;
pub use policy_rule::PolicyRule;
pub(crate) use refused::syntax_mistake;
pub use rules::RULES;
pub use workbench_rules::RULES as WORKBENCH_RULES;
