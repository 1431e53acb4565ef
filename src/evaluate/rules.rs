//! The rules of govcheck's own on evaluation, and on what can't be recognised.

use std::sync::Arc;

use crate::model::rule::{BuiltinRule, Level};

pub(crate) const TIME: &str = "engine/time-bound";
pub(crate) const MEMORY: &str = "engine/memory-bound";
pub(crate) const PANIC: &str = "engine/panic";
pub(crate) const RUNTIME: &str = "engine/runtime-error";
pub(crate) const SHAPE: &str = "engine/malformed-result";
pub(crate) const UNJUDGED_BASE: &str = "engine/unjudged-base";
pub(crate) const AMBIGUOUS: &str = "parse/ambiguous-format";
pub(crate) const VERSION: &str = "parse/unknown-version";
pub(crate) const NEAR_MISS: &str = "interoperability/near-miss";
pub(crate) const LEFT_THE_MESH: &str = "interoperability/left-the-mesh";
pub(crate) const UNRECOGNISED: &str = "parse/unrecognised-manifest";

/// All of them.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: TIME,
        title: "Rule over its time limit",
        description: "A rule exceeded its time limit, so the entity was not fully checked. The usual cause is an endless or quadratic loop.",
        help: "simplify the rule's loops, or turn the rule off in `govcheck.yaml` until it is fixed",
        level: Level::Error,
    },
    BuiltinRule {
        id: MEMORY,
        title: "Rule over its memory limit",
        description: "A rule exceeded its memory limit, so the entity was not fully checked.",
        help: "build smaller collections in the rule, or turn the rule off in `govcheck.yaml` until it is fixed",
        level: Level::Error,
    },
    BuiltinRule {
        id: PANIC,
        title: "Crash in a Rego builtin",
        description: "A builtin function of the Rego engine crashed, so the entity was not fully checked.",
        help: "guard the call against such values, and report the crash as a bug",
        level: Level::Error,
    },
    BuiltinRule {
        id: RUNTIME,
        title: "Rule that failed at run time",
        description: "The evaluation of a rule ended with an error, so the entity was not fully checked.",
        help: "guard the expression against such values",
        level: Level::Error,
    },
    BuiltinRule {
        id: SHAPE,
        title: "Malformed result of a rule",
        description: "govcheck cannot read an element of the rule's `deny` or `facts`, so a finding could be lost.",
        help: "write `{\"message\": text, \"at\": path}`, or in a mesh rule `{\"message\": text, \"fact\": fact}`",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNJUDGED_BASE,
        title: "Base that could not be checked",
        description: "A file of the base has a syntax error, or a rule failed on it. What it said there is unknown, so all of its findings in the head count as new.",
        help: "correct the findings of the file, or judge the head alone, without `--base`",
        level: Level::Note,
    },
    BuiltinRule {
        id: AMBIGUOUS,
        title: "Document of two formats",
        description: "A document must match exactly one format. This one matches several, so it is not checked.",
        help: "narrow `recognise` in one of the format files",
        level: Level::Error,
    },
    BuiltinRule {
        id: VERSION,
        title: "Unknown version of a standard",
        description: "The document declares a version that its format does not list. It is checked as the nearest listed version, so fields that are new in its version are ignored.",
        help: "correct the version, or upgrade govcheck if the version is correct",
        level: Level::Note,
    },
    BuiltinRule {
        id: NEAR_MISS,
        title: "Document that is nearly a manifest",
        description: "The document bears marks of a format, such as its `kind` or the keys of its entities, but lacks what the format is recognised by, so it is not checked.",
        help: "write what the format requires; `govcheck model FILE --explain` shows what each format looks for",
        level: Level::Error,
    },
    BuiltinRule {
        id: LEFT_THE_MESH,
        title: "Manifest that left the mesh",
        description: "The base has a manifest here that the change does not delete but takes out of sight: its content is no longer a manifest, or it is a link, ignored, excluded, hidden or renamed to an extension that is not read.",
        help: "restore the manifest, or delete it; to take it out on purpose, add a waiver of `interoperability/left-the-mesh` first",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNRECOGNISED,
        title: "Unrecognized manifest",
        description: "The file has a manifest's name, but its content matches no format, so it is not checked.",
        help: "add the `kind` and `apiVersion` of the standard, or rename the file; `govcheck model FILE --explain` shows what each format looks for",
        level: Level::Error,
    },
];

/// What to do about one of them.
pub(crate) fn find_help(id: &str) -> Option<Arc<str>> {
    RULES
        .iter()
        .find(|rule| rule.id == id)
        .map(|rule| rule.help.into())
}

/// The level of one of the rules of reading files: `discover/…`.
pub(crate) fn builtin_level(id: &str) -> Option<Level> {
    let rule = crate::discover::RULES.iter().find(|rule| rule.id == id);
    rule.map(|rule| rule.level)
}
