//! The rules of govcheck's own on policies that run, but do not what they seem to, or not as well as they could.

use crate::model::rule::{BuiltinRule, Level};

pub(crate) const NO_EXAMPLE: &str = "policy/missing-example";
pub(crate) const EXAMPLES: &str = "policy/unreadable-examples";
pub(crate) const IMPORT: &str = "policy/unused-import";
pub(crate) const VARIABLE: &str = "policy/unused-variable";
pub(crate) const OPTION: &str = "policy/unused-option";
pub(crate) const UNDECLARED: &str = "policy/undeclared-option";
pub(crate) const UNFILLED: &str = "policy/unfillable-field";
pub(crate) const INDEX: &str = "policy/index-in-message";
pub(crate) const SHAPE: &str = "policy/malformed-finding";
pub(crate) const ALIAS: &str = "policy/alias-collision";
pub(crate) const DIFFERS: &str = "policy/differs-from-opa";

/// All of them.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: NO_EXAMPLE,
        title: "Rule without a bad or a good example",
        description: "Examples are a rule's tests and the best of its documentation: a bad one shows that it finds what it is for, a good one that it does not find what is in order.",
        help: "write both into `<rule>.yaml` beside the rule: see `govcheck explain kpi/bad-name` for how they look",
        level: Level::Warning,
    },
    BuiltinRule {
        id: EXAMPLES,
        title: "Examples that can't be read",
        description: "The file of a rule's examples is no YAML, or not of the shape that examples have, so that nothing tests the rule.",
        help: "write `examples:` as a list of `name`, `files` and `finds`",
        level: Level::Error,
    },
    BuiltinRule {
        id: IMPORT,
        title: "Import that is not used",
        description: "An import that nothing names is left over, or the name that should use it is misspelt.",
        help: "remove the import",
        level: Level::Warning,
    },
    BuiltinRule {
        id: VARIABLE,
        title: "Variable that is not used",
        description: "A variable or argument that nothing reads is left over, or stands where another was meant. `opa check --strict` refuses it.",
        help: "remove it, or write `_` where a value has to stand",
        level: Level::Warning,
    },
    BuiltinRule {
        id: OPTION,
        title: "Option that is not used",
        description: "METADATA declares an option that nothing reads: whoever sets it in `govcheck.yaml` is not told that nothing changes.",
        help: "read it as `data.options[\"<rule>\"].<option>`, or remove it",
        level: Level::Warning,
    },
    BuiltinRule {
        id: UNDECLARED,
        title: "Option that METADATA does not declare",
        description: "The rule reads an option that its METADATA gives no default for. It is undefined for everybody, and nobody can set it: `govcheck.yaml` may name declared options alone.",
        help: "declare it under `options` in METADATA, with a default and a line in `option_docs`",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNFILLED,
        title: "Field that no format fills",
        description: "The model has the field, but no format of the packs has a place for it on entities of the rule's kinds, so that it is absent from every one of them.",
        help: "fill it in a format, or do without it; `govcheck explain --model` says which formats fill what",
        level: Level::Note,
    },
    BuiltinRule {
        id: INDEX,
        title: "Message that names an index",
        description: "The position of an element in a list means nothing to people, and changes with every element before it.",
        help: "name what people call it: its `name`, or `data.govcheck.lib.say.column(column)`",
        level: Level::Warning,
    },
    BuiltinRule {
        id: SHAPE,
        title: "Element of `deny` that is no finding",
        description: "A finding has a message and a place. An element of another shape ends the run with `engine/malformed-result` as soon as the rule finds something.",
        help: "write `{\"message\": text, \"at\": path}`, for a mesh rule `{\"message\": text, \"fact\": fact}`",
        level: Level::Error,
    },
    BuiltinRule {
        id: ALIAS,
        title: "Alias that means something else",
        description: "An alias keeps an id that a rule had before working in config, waivers and baselines. Where a rule or another alias has the same id, it is not known which one they mean.",
        help: "take the alias away from one of the two",
        level: Level::Error,
    },
    BuiltinRule {
        id: DIFFERS,
        title: "Construct that OPA judges otherwise",
        description: "govcheck's engine and OPA can come to different answers here. Who runs the rule in both should know; where both do what you mean, nothing is wrong.",
        help: "write it as the message says, so that both agree",
        level: Level::Warning,
    },
];

/// The level of a rule of `policy/…`.
pub(super) fn level(id: &str) -> Level {
    let mut all = RULES.iter().chain(crate::policy::RULES);
    all.find(|rule| rule.id == id)
        .map_or(Level::Error, |rule| rule.level)
}
