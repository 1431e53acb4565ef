//! Waivers: approved exceptions that end. `read` takes in the file, `check` says which hold, `apply` what they except.
//! Reads no file and knows no config: text and settings come in.

mod append;
pub(super) mod apply;
pub(super) mod check;
pub(super) mod governing;
mod known;
mod read;
mod rules;

pub use governing::GoverningComments;
pub(super) use known::WaiverTargets;
pub use read::{Waivers, waivers_schema};
pub(super) use rules::{
    MALFORMED, NOT_IN_FORCE, NOT_INLINE, NOT_WAIVABLE, NOT_YET_WRITTEN, OVER, OVERLONG, RENAMED,
    RULES, SHADOWED, UNKNOWN_RULE, UNKNOWN_TARGET, UNREADABLE, UNUSED, name_waiver, waiver_finding,
};
