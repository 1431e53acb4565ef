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
        description: "Examples are the tests of a rule and its best documentation: a bad example shows what the rule finds, a good one what it accepts.",
        help: "add both to `<rule>.yaml` next to the rule; `govcheck explain kpi/bad-name` shows an example",
        level: Level::Warning,
    },
    BuiltinRule {
        id: EXAMPLES,
        title: "Unreadable examples",
        description: "The examples file of a rule is not valid YAML, or does not have the structure of examples, so the rule is not tested.",
        help: "write `examples:` as a list with `name`, `files` and `finds`",
        level: Level::Error,
    },
    BuiltinRule {
        id: IMPORT,
        title: "Unused import",
        description: "Nothing uses the import. It is left over, or the name that should use it is misspelled.",
        help: "remove the import",
        level: Level::Warning,
    },
    BuiltinRule {
        id: VARIABLE,
        title: "Unused variable",
        description: "Nothing reads the variable or argument. It is left over, or stands in for another one. `opa check --strict` refuses it.",
        help: "remove it, or write `_` where a value is required",
        level: Level::Warning,
    },
    BuiltinRule {
        id: OPTION,
        title: "Unused option",
        description: "METADATA declares an option that nothing reads, so setting it in `govcheck.yaml` has no effect.",
        help: "read the option as `data.options[\"<rule>\"].<option>`, or remove it",
        level: Level::Warning,
    },
    BuiltinRule {
        id: UNDECLARED,
        title: "Undeclared option",
        description: "The rule reads an option that its METADATA does not declare. The option is always undefined, because `govcheck.yaml` can only set declared options.",
        help: "declare the option under `options` in METADATA, with a default and a line in `option_docs`",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNFILLED,
        title: "Field that no format provides",
        description: "The model has the field, but no format of the packs provides it for the kinds of the rule, so it is always absent.",
        help: "add the field to a format, or do not use it; `govcheck explain --model` lists the formats that provide each field",
        level: Level::Note,
    },
    BuiltinRule {
        id: INDEX,
        title: "Index in a message",
        description: "The position of an element in a list tells readers nothing, and changes with every element before it.",
        help: "use the name of the element, such as `column.name`, or `data.govcheck.lib.say.column(column)`",
        level: Level::Warning,
    },
    BuiltinRule {
        id: SHAPE,
        title: "Malformed finding",
        description: "A finding needs a message and a place. Any other element of `deny` becomes `engine/malformed-result` as soon as the rule reports it.",
        help: "write `{\"message\": text, \"at\": path}`, or in a mesh rule `{\"message\": text, \"fact\": fact}`",
        level: Level::Error,
    },
    BuiltinRule {
        id: ALIAS,
        title: "Ambiguous alias",
        description: "An alias keeps an old id of a rule working in config, waivers and baselines. When a rule or another alias has the same id, the alias is ambiguous.",
        help: "remove the alias from one of the two rules",
        level: Level::Error,
    },
    BuiltinRule {
        id: DIFFERS,
        title: "Difference to OPA",
        description: "The result can differ between govcheck's engine and OPA. This matters if the rule also runs in OPA; if both results are acceptable, nothing is wrong.",
        help: "rewrite the expression as the finding suggests, so that both agree",
        level: Level::Warning,
    },
];

/// The level of a rule of `policy/…`.
pub(crate) fn rule_level(id: &str) -> Level {
    let mut all = RULES.iter().chain(crate::policy::RULES);
    all.find(|rule| rule.id == id)
        .map_or(Level::Error, |rule| rule.level)
}
