//! Changes to what judges, where another revision does.

use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::rule::{BuiltinRule, Level, RuleId};
use crate::model::text::RelPath;

/// The rule of a change to what judges.
pub const NOT_IN_FORCE: &str = "policies/not-in-force";

/// The rules of this file.
pub const RULES: &[BuiltinRule] = &[BuiltinRule {
    id: NOT_IN_FORCE,
    title: "Governance change not yet in force",
    description: "Config, packs, waivers, baseline and registers come from another revision, so that a change cannot weaken the checks that apply to it. This file differs from that revision.",
    help: "Have the owners of the file review the change; it takes effect once it is merged.",
    level: Level::Note,
}];

/// A note that a file is another in the revision that judges.
pub fn not_in_force(file: &RelPath, by: &str) -> Finding {
    let mut finding = Finding::bare(
        RuleId::new(NOT_IN_FORCE),
        Level::Note,
        format!("this change to `{file}` is not in force yet; govcheck uses the file of `{by}`"),
    );
    finding.help = RULES.first().map(|rule| rule.help.into());
    finding.route = file.to_string();
    finding.location = Some(Location::start_of(file));
    finding
}
