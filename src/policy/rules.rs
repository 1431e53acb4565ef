//! The rules of govcheck's own on policies that can't be used: what a load refuses, by id. `govcheck policy check` reports
//! them as findings, with those of the workbench that do not stop a load.

use crate::model::rule::{BuiltinRule, Level};

pub(crate) const COMPILE: &str = "policy/does-not-compile";
pub(crate) const REGO_V0: &str = "policy/rego-v0";
pub(crate) const NO_METADATA: &str = "policy/missing-metadata";
pub(crate) const METADATA: &str = "policy/invalid-metadata";
pub(crate) const PACKAGE: &str = "policy/misnamed-package";
pub(crate) const DUPLICATE: &str = "policy/duplicate-rule";
pub(crate) const INCOMPLETE: &str = "policy/incomplete-rule";
pub(crate) const BUILTIN: &str = "policy/forbidden-builtin";
pub(crate) const FUNCTION: &str = "policy/unknown-function";
pub(crate) const CONSTRUCT: &str = "policy/unsupported-construct";
pub(crate) const RECURSION: &str = "policy/recursion";
pub(crate) const UNBOUNDED: &str = "policy/unbounded-range";
pub(crate) const PATTERN: &str = "policy/invalid-pattern";
pub(crate) const SPRINTF: &str = "policy/lost-message";
pub(crate) const FIELD: &str = "policy/unknown-field";
pub(crate) const FORMAT: &str = "policy/invalid-format";
pub(crate) const REFUSED: &str = "policy/refused";

/// All of them.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule {
        id: COMPILE,
        title: "Policy that does not compile",
        description: "A `.rego` file is not valid Rego, or refers to undefined names. The rule cannot run, and nothing else in an unreadable file is checked.",
        help: "fix the marked place; https://www.openpolicyagent.org/docs/policy-language describes the language",
        level: Level::Error,
    },
    BuiltinRule {
        id: REGO_V0,
        title: "Policy in Rego v0",
        description: "Rules of a pack use Rego v1, where a body follows `if` and a set element follows `contains`. In v0 the same text can have another meaning.",
        help: "write `deny contains x if { … }` for `deny[x] { … }`, and `name := value if { … }` for `name = value { … }`, or run `opa fmt --v0-v1 --write`",
        level: Level::Error,
    },
    BuiltinRule {
        id: NO_METADATA,
        title: "Rule without METADATA",
        description: "The `# METADATA` comment above `package` holds the title, description, severity, kinds and help of a rule. Without it govcheck does not know which entities the rule applies to.",
        help: "write a `# METADATA` comment with `title`, `description` and `custom` directly above `package`",
        level: Level::Error,
    },
    BuiltinRule {
        id: METADATA,
        title: "Invalid METADATA",
        description: "The `# METADATA` comment is not valid YAML, has an unknown key, lacks a required key, or has a value of the wrong type.",
        help: "write METADATA as YAML after `# `; any rule in `policies/` is an example",
        level: Level::Error,
    },
    BuiltinRule {
        id: PACKAGE,
        title: "Mismatch of package, path and id",
        description: "Path, id and package of a rule must match: `kpi/bad-name.rego` has the id `kpi/bad-name` and the package `govcheck.kpi.bad_name`. Otherwise config and reports would name a rule that does not exist.",
        help: "rename the file or the package",
        level: Level::Error,
    },
    BuiltinRule {
        id: DUPLICATE,
        title: "Duplicate rule id",
        description: "Another rule of the packs has the same id, so config, waivers and reports would be ambiguous.",
        help: "rename one of the two rules",
        level: Level::Error,
    },
    BuiltinRule {
        id: INCOMPLETE,
        title: "Rule without `deny` or `facts`",
        description: "Every rule needs a set `deny`, and a rule of scope `mesh` also a set `facts`. Without them a rule can never report a finding.",
        help: "write `deny contains {\"message\": …, \"at\": […]} if { … }`",
        level: Level::Error,
    },
    BuiltinRule {
        id: BUILTIN,
        title: "Forbidden builtin",
        description: "Policies have no network, clock, environment or randomness, so that the same mesh gives the same findings everywhere. Some other builtins are refused because they have no limit, or because the engine implements them incorrectly.",
        help: "use the replacement that the finding names",
        level: Level::Error,
    },
    BuiltinRule {
        id: FUNCTION,
        title: "Unknown function",
        description: "A call names neither a builtin that govcheck supports nor a function of the packs.",
        help: "check the name at https://www.openpolicyagent.org/docs/policy-reference, or import the function of `lib/`",
        level: Level::Error,
    },
    BuiltinRule {
        id: CONSTRUCT,
        title: "Unsupported Rego construct",
        description: "The Rego engine cannot compile this construct, or its result differs from OPA. govcheck refuses it rather than give a wrong result.",
        help: "rewrite the expression as the finding suggests",
        level: Level::Error,
    },
    BuiltinRule {
        id: RECURSION,
        title: "Recursive rule",
        description: "Rules that depend on themselves, directly or through other rules, have no result. OPA refuses them too.",
        help: "unroll the recursion into a fixed number of steps, or use `graph.reachable`",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNBOUNDED,
        title: "Unbounded range of numbers",
        description: "A range is built completely before it is used. If a document sets its size, it can exhaust memory.",
        help: "iterate over a collection, `some i, x in xs`, or limit the range with a literal up to 100000 or with `count(…)`",
        level: Level::Error,
    },
    BuiltinRule {
        id: PATTERN,
        title: "Invalid regular expression",
        description: "The pattern does not compile, so the call is always undefined and the rule never reports a finding.",
        help: "fix the pattern; https://docs.rs/regex describes the syntax",
        level: Level::Error,
    },
    BuiltinRule {
        id: SPRINTF,
        title: "Invalid `sprintf` call",
        description: "A `sprintf` call with an unknown verb, or with more or fewer values than verbs, is undefined, so its finding is lost.",
        help: "use `%s`, `%d`, `%v`, `%q`, `%x` or `%.2f`, each with one value, and `%%` for a percent sign",
        level: Level::Error,
    },
    BuiltinRule {
        id: FIELD,
        title: "Unknown field",
        description: "The rule reads or points at a field that does not exist for its kinds and scope. The field is undefined for every entity, so the rule reports nothing, or everything.",
        help: "run `govcheck explain --model` to list the fields of every kind",
        level: Level::Error,
    },
    BuiltinRule {
        id: FORMAT,
        title: "Invalid format file",
        description: "A file under `formats/` has an error, so documents of this format cannot be recognized or checked.",
        help: "fix the file; `policies/formats/README.md` describes the language",
        level: Level::Error,
    },
    BuiltinRule {
        id: REFUSED,
        title: "Unusable policy",
        description: "Another error in the file prevents a run.",
        help: "fix the marked place",
        level: Level::Error,
    },
];
