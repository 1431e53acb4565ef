//! The rules of govcheck's own on evaluation, and on what can't be recognised.

use std::sync::Arc;

use crate::model::rule::{BuiltinRule, Level};

pub(crate) const TIME: &str = "engine/time-bound";
pub(crate) const MEMORY: &str = "engine/memory-bound";
pub(crate) const PANIC: &str = "engine/panic";
pub(crate) const RUNTIME: &str = "engine/runtime-error";
pub(crate) const SHAPE: &str = "engine/malformed-result";
pub(crate) const AMBIGUOUS: &str = "parse/ambiguous-format";
pub(crate) const VERSION: &str = "parse/unknown-version";
pub(crate) const UNRECOGNISED: &str = "parse/unrecognised-manifest";

/// All of them.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: TIME,
        title: "A rule ran out of time",
        description: "The evaluation of a rule hit its time bound, so it is not known whether the entity is in order. An endless or quadratic loop is the usual cause.",
        help: "simplify the rule's loops, or turn the rule off in `govcheck.yaml` until it is mended",
        level: Level::Error,
    },
    BuiltinRule {
        id: MEMORY,
        title: "A rule ran out of memory",
        description: "The evaluation of a rule hit its memory bound, so it is not known whether the entity is in order.",
        help: "build smaller collections in the rule, or turn it off in `govcheck.yaml` until it is mended",
        level: Level::Error,
    },
    BuiltinRule {
        id: PANIC,
        title: "A builtin of the Rego engine panicked",
        description: "A builtin ended in a fault of the engine's own, so it is not known whether the entity is in order.",
        help: "guard the call in the rule against such values, and report the fault",
        level: Level::Error,
    },
    BuiltinRule {
        id: RUNTIME,
        title: "A rule could not be evaluated",
        description: "The evaluation of a rule ended in an error, so it is not known whether the entity is in order.",
        help: "guard the expression in the rule against such values",
        level: Level::Error,
    },
    BuiltinRule {
        id: SHAPE,
        title: "A rule says something that is no finding",
        description: "An element of a rule's `deny` or `facts` has a shape that govcheck can't read, so a finding would be lost.",
        help: "write `{\"message\": text, \"at\": path}`, for a mesh rule `{\"message\": text, \"fact\": fact}`",
        level: Level::Error,
    },
    BuiltinRule {
        id: AMBIGUOUS,
        title: "Two formats recognise a document",
        description: "A document is judged by one format; where two say that it is theirs, neither can be trusted.",
        help: "narrow `recognise` in one of the two format files",
        level: Level::Error,
    },
    BuiltinRule {
        id: VERSION,
        title: "Version of the standard is not known",
        description: "The document declares a version that its format does not list. It is judged like the nearest one that is listed, so fields that are new in it are not seen.",
        help: "mend the version if it is a slip, or use a govcheck that knows it",
        level: Level::Note,
    },
    BuiltinRule {
        id: UNRECOGNISED,
        title: "A file named like a manifest is none",
        description: "By its name the file is a manifest, but no format recognises what is in it, so nothing in it is judged.",
        help: "write the `kind` and `apiVersion` of the standard, or give the file another name",
        level: Level::Error,
    },
];

/// What to do about one of them.
pub(crate) fn help(id: &str) -> Option<Arc<str>> {
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
