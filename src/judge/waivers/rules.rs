//! What govcheck reports about waivers.

use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::rule::{BuiltinRule, Level, RuleId};
use crate::model::waiver::WaiverDraft;

pub(crate) const MALFORMED: &str = "waivers/malformed";

pub(crate) const NOT_IN_FORCE: &str = "waivers/not-in-force";

pub(crate) const NOT_INLINE: &str = "waivers/not-inline";

pub(crate) const NOT_WAIVABLE: &str = "waivers/not-waivable";

pub(crate) const NOT_YET_WRITTEN: &str = "waivers/not-yet-written";

pub(crate) const OVER: &str = "waivers/over";

pub(crate) const OVERLONG: &str = "waivers/overlong";

pub(crate) const RENAMED: &str = "waivers/renamed-rule";

pub(crate) const SHADOWED: &str = "waivers/shadowed";

pub(crate) const UNKNOWN_RULE: &str = "waivers/unknown-rule";

pub(crate) const UNKNOWN_TARGET: &str = "waivers/unknown-target";

pub(crate) const UNREADABLE: &str = "waivers/unreadable";

pub(crate) const UNUSED: &str = "waivers/unused";

/// The built-in rules on waivers, sorted by id.
pub(crate) const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: MALFORMED,
        title: "Invalid waiver",
        description: "A required key of the waiver is missing or invalid, so the waiver has no effect and the finding is reported again.",
        help: "correct the entry; `govcheck waive --help` lists the required keys",
        level: Level::Error,
    },
    BuiltinRule {
        id: NOT_IN_FORCE,
        title: "Comment waiver not yet in force",
        description: "Waivers come from the revision that `--policies-from` names. A comment applies only where that revision waives the same rule, for the same part of the same entity, and on the terms of that revision. A comment that is new, moved or edited in this change takes effect once the change is merged.",
        help: "merge the waiver first in its own change, or add it to the waivers file of that revision",
        level: Level::Note,
    },
    BuiltinRule {
        id: NOT_INLINE,
        title: "Comment waiver of a rule that does not allow it",
        description: "Anyone who edits a manifest can add a comment, so a comment can only waive a rule that allows it with `inline: true` in its METADATA or in `govcheck.yaml`.",
        help: "add the waiver to the waivers file with `govcheck waive`",
        level: Level::Error,
    },
    BuiltinRule {
        id: NOT_WAIVABLE,
        title: "Waiver of a rule that cannot be waived",
        description: "Rules with `waivable: false` cannot be waived, and neither can findings about files or rules that govcheck could not read or evaluate.",
        help: "fix the finding and delete the waiver",
        level: Level::Error,
    },
    BuiltinRule {
        id: NOT_YET_WRITTEN,
        title: "Waiver created in the future",
        description: "The `created` date is in the future: either the date or the machine's clock is wrong. The waiver has no effect, since a future date could postpone its expiry without limit.",
        help: "correct `created`, or the clock",
        level: Level::Error,
    },
    BuiltinRule {
        id: OVER,
        title: "Expired waiver",
        description: "The last day of the waiver has passed, so it no longer has an effect.",
        help: "fix the finding and delete the waiver, or have it approved again with a later `expires`",
        level: Level::Warning,
    },
    BuiltinRule {
        id: OVERLONG,
        title: "Waiver over the allowed duration",
        description: "A waiver may last for a limited number of days from `created`, or from today without `created`. A waiver that expires later has no effect.",
        help: "write an earlier `expires`; `waivers: {file: …, max_days: …}` in `govcheck.yaml` sets the limit",
        level: Level::Error,
    },
    BuiltinRule {
        id: RENAMED,
        title: "Waiver under an old rule name",
        description: "The rule has been renamed. The waiver still works, but a search for the current rule name does not find it.",
        help: "write the rule's current name",
        level: Level::Note,
    },
    BuiltinRule {
        id: SHADOWED,
        title: "Redundant waiver",
        description: "Other waivers, which are more specific or come first, already exempt everything that this waiver covers.",
        help: "delete one of the two waivers",
        level: Level::Warning,
    },
    BuiltinRule {
        id: UNKNOWN_RULE,
        title: "Waiver of an unknown rule",
        description: "No rule or category has this name, so the waiver has no effect.",
        help: "name a rule or a category; run `govcheck rules` to list them",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNKNOWN_TARGET,
        title: "Waiver without a target",
        description: "No manifest declares the entity, or no path matches the glob, so the waiver has no effect.",
        help: "correct the name, or delete the waiver",
        level: Level::Warning,
    },
    BuiltinRule {
        id: UNREADABLE,
        title: "Unreadable waivers file",
        description: "Without the waivers file, govcheck cannot tell which findings are exempt.",
        help: "correct the file; `git log` shows who changed it last",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNUSED,
        title: "Unused waiver",
        description: "The waiver matches no finding: the problem is fixed. An unused waiver would hide the same problem if it came back.",
        help: "delete the waiver",
        level: Level::Warning,
    },
];

/// A finding about a waiver.
pub(crate) fn waiver_finding(
    id: &'static str,
    draft: &WaiverDraft,
    location: &Location,
    message: String,
) -> Finding {
    let rule = RULES.iter().find(|rule| rule.id == id);
    let level = rule.map_or(Level::Error, |rule| rule.level);
    let mut finding = Finding::bare(RuleId::new(id), level, message);
    finding.help = rule.map(|rule| rule.help.into());
    finding.location = Some(location.clone());
    // A waiver is identified by what it exempts, wherever it is written.
    let for_what = [&draft.rule, &draft.entity, &draft.path, &draft.at];
    let parts: Vec<&str> = for_what.into_iter().flatten().map(String::as_str).collect();
    finding.route = parts.join(" ");
    finding.owner.clone_from(&draft.owner);
    finding
}

/// The name of a waiver in messages.
pub(crate) fn name_waiver(draft: &WaiverDraft) -> String {
    let at = draft.at.as_ref().map(|at| format!("`{at}` of "));
    let target = match (&draft.entity, &draft.path) {
        (Some(entity), _) => format!("`{entity}`"),
        (None, Some(path)) => format!("`{path}`"),
        (None, None) => "nothing".to_owned(),
    };
    format!("{}{target}", at.unwrap_or_default())
}
