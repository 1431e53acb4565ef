//! Waivers: approved exceptions that end. `read` takes in the file, `check` says which hold, `apply` what they except.
//! Reads no file and knows no config: text and settings come in.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::finding::{Finding, Location};
use crate::model::rule::{BuiltinRule, Day, Level, RuleId};
use crate::model::text::RelPath;
use crate::model::waiver::WaiverDraft;

mod append;
pub(super) mod apply;
pub(super) mod check;
mod read;

pub use read::Waivers;

pub(super) const MALFORMED: &str = "waivers/malformed";
pub(super) const NOT_IN_FORCE: &str = "waivers/not-in-force";
pub(super) const NOT_INLINE: &str = "waivers/not-inline";
pub(super) const NOT_WAIVABLE: &str = "waivers/not-waivable";
pub(super) const NOT_YET_WRITTEN: &str = "waivers/not-yet-written";
pub(super) const OVER: &str = "waivers/over";
pub(super) const OVERLONG: &str = "waivers/overlong";
pub(super) const RENAMED: &str = "waivers/renamed-rule";
pub(super) const SHADOWED: &str = "waivers/shadowed";
pub(super) const UNKNOWN_RULE: &str = "waivers/unknown-rule";
pub(super) const UNKNOWN_TARGET: &str = "waivers/unknown-target";
pub(super) const UNREADABLE: &str = "waivers/unreadable";
pub(super) const UNUSED: &str = "waivers/unused";

/// What govcheck says of waivers, sorted by id.
pub(super) const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: MALFORMED,
        title: "A waiver can't be used as written",
        description: "Something that every waiver must say is missing or can't be read, so the waiver does not hold, and what it was for is found again.",
        help: "mend the entry; `govcheck waive --help` shows what it must say",
        level: Level::Error,
    },
    BuiltinRule {
        id: NOT_IN_FORCE,
        title: "A comment can't except the change that brings it",
        description: "Waivers are taken from the revision that `--policies-from` names. A comment that it does not have holds when the change is merged, not before.",
        help: "have it merged by itself first, or write the waiver into the waivers file there",
        level: Level::Note,
    },
    BuiltinRule {
        id: NOT_INLINE,
        title: "The rule can't be excepted by a comment",
        description: "Whoever writes a manifest can write a comment in it, so comments except from rules alone that allow it, by `inline: true` in their METADATA or in `govcheck.yaml`.",
        help: "write the waiver into the waivers file: `govcheck waive --help`",
        level: Level::Error,
    },
    BuiltinRule {
        id: NOT_WAIVABLE,
        title: "The rule can't be waived",
        description: "Nobody may be excepted from a rule with `waivable: false`, nor from what govcheck says when it can't read or judge something.",
        help: "mend what the rule finds, and delete the waiver",
        level: Level::Error,
    },
    BuiltinRule {
        id: NOT_YET_WRITTEN,
        title: "A waiver was written after today",
        description: "Its `created` lies in the future: either the day is wrong, or the clock of the machine. Such a waiver does not hold, since its end could be put off at will.",
        help: "mend `created`, or the clock",
        level: Level::Error,
    },
    BuiltinRule {
        id: OVER,
        title: "A waiver has ended",
        description: "The last day of the waiver has passed, so that it does not hold any more.",
        help: "mend what it excepted and delete it, or have it approved anew with a later `expires`",
        level: Level::Warning,
    },
    BuiltinRule {
        id: OVERLONG,
        title: "A waiver ends too late",
        description: "A waiver may last for a bounded number of days from `created`, or from today where it does not say when it was written. One that ends later does not hold.",
        help: "write an earlier `expires`; `waivers: {file: …, max_days: …}` in `govcheck.yaml` sets the bound",
        level: Level::Error,
    },
    BuiltinRule {
        id: RENAMED,
        title: "A waiver names a rule as it was called before",
        description: "The rule has another name now. Its earlier names keep working, but whoever looks for waivers of the rule does not find this one.",
        help: "write the rule's name of today",
        level: Level::Note,
    },
    BuiltinRule {
        id: SHADOWED,
        title: "Another waiver stands before this one",
        description: "All that the waiver is for is excepted already by others that are more specific, or stand before it.",
        help: "delete one of them",
        level: Level::Warning,
    },
    BuiltinRule {
        id: UNKNOWN_RULE,
        title: "A waiver names no rule",
        description: "There is no rule or category of that name, so the waiver does nothing.",
        help: "name a rule, or a category; `govcheck rules` lists them",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNKNOWN_TARGET,
        title: "A waiver is for something that is not there",
        description: "No manifest declares the entity, or none has a path that the glob matches, so that the waiver does nothing.",
        help: "mend the name, or delete the waiver",
        level: Level::Warning,
    },
    BuiltinRule {
        id: UNREADABLE,
        title: "The waivers file can't be read",
        description: "Without it nobody can say which findings are excepted.",
        help: "mend the file; `git log` shows who changed it last",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNUSED,
        title: "A waiver excepts nothing",
        description: "What it was for is mended. It would except the same thing again, and nobody would hear of it.",
        help: "delete the waiver",
        level: Level::Warning,
    },
];

/// A finding about a waiver.
pub(super) fn tell(
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
    // What it is for makes it out, wherever it stands.
    let for_what = [&draft.rule, &draft.entity, &draft.path, &draft.at];
    let parts: Vec<&str> = for_what.into_iter().flatten().map(String::as_str).collect();
    finding.route = parts.join(" ");
    finding.owner.clone_from(&draft.owner);
    finding
}

/// What a waiver's place is called in messages.
pub(super) fn named(draft: &WaiverDraft) -> String {
    let at = draft.at.as_ref().map(|at| format!("`{at}` of "));
    let target = match (&draft.entity, &draft.path) {
        (Some(entity), _) => format!("`{entity}`"),
        (None, Some(path)) => format!("`{path}`"),
        (None, None) => "nothing".to_owned(),
    };
    format!("{}{target}", at.unwrap_or_default())
}

/// What is known of the mesh that waivers speak of.
pub(super) struct Known<'k> {
    /// The files that declare an entity, by its key as text.
    pub(super) entities: BTreeMap<String, BTreeSet<&'k RelPath>>,
    /// All manifests.
    pub(super) files: &'k [RelPath],
    /// The day of the run.
    pub(super) today: Day,
    /// Whether all could be judged; else nobody can say what is not there.
    pub(super) whole: bool,
}
