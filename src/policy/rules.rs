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
        title: "Policy does not compile",
        description: "A `.rego` file is no Rego, or names what is not there. Nothing of it can be judged, and of a file that can't be read nothing else is checked.",
        help: "mend the place that is marked; the language is described at https://www.openpolicyagent.org/docs/policy-language",
        level: Level::Error,
    },
    BuiltinRule {
        id: REGO_V0,
        title: "Policy is written in Rego v0",
        description: "Rules of a pack are Rego v1, in which a body stands behind `if` and an element of a set behind `contains`. In v0 the same text can mean something else.",
        help: "write `deny contains x if { … }` for `deny[x] { … }`, and `name := value if { … }` for `name = value { … }`; `opa fmt --v0-v1 --write` does it",
        level: Level::Error,
    },
    BuiltinRule {
        id: NO_METADATA,
        title: "Rule without METADATA",
        description: "Title, description, level, kinds and help of a rule stand in the `# METADATA` comment above `package`. Without it nobody knows whom the rule is asked of, nor what its findings mean.",
        help: "put a `# METADATA` comment with title, description and custom directly above `package`",
        level: Level::Error,
    },
    BuiltinRule {
        id: METADATA,
        title: "METADATA can't be read",
        description: "The `# METADATA` comment is no YAML, has a key that is not known, lacks one that has to be there, or has a value of another type.",
        help: "METADATA is YAML behind `# `: see `title`, `description` and `custom` of any rule in `policies/`",
        level: Level::Error,
    },
    BuiltinRule {
        id: PACKAGE,
        title: "Package, path and id differ",
        description: "A rule's id is its path, and its package is its id: `kpi/bad-name.rego` has id `kpi/bad-name` and package `govcheck.kpi.bad_name`. Where they differ, config and reports name something that is not there.",
        help: "rename the file or the package",
        level: Level::Error,
    },
    BuiltinRule {
        id: DUPLICATE,
        title: "Two rules with one id",
        description: "Another rule of the packs has the same id, so that config, waivers and reports could mean either.",
        help: "give one of them an id of its own",
        level: Level::Error,
    },
    BuiltinRule {
        id: INCOMPLETE,
        title: "Rule without what it is asked for",
        description: "Every rule is asked for its set `deny`, one of scope `mesh` for its set `facts`, too. A rule that does not define them could never find anything.",
        help: "write `deny contains {\"message\": …, \"at\": […]} if { … }`",
        level: Level::Error,
    },
    BuiltinRule {
        id: BUILTIN,
        title: "Builtin that a policy may not call",
        description: "Policies have no network, clock, environment or randomness: the same mesh gives the same findings anywhere, at any time. Some other builtins are refused because no bound ends them, or because the engine gets them wrong.",
        help: "use what the message names instead",
        level: Level::Error,
    },
    BuiltinRule {
        id: FUNCTION,
        title: "Function that is not there",
        description: "A call names neither a builtin that govcheck has nor a function of the packs.",
        help: "builtins are listed at https://www.openpolicyagent.org/docs/policy-reference; a function of `lib/` needs its import",
        level: Level::Error,
    },
    BuiltinRule {
        id: CONSTRUCT,
        title: "Construct that can't be judged",
        description: "The register VM of the Rego engine can't compile this, or silently gets another answer than OPA. It is refused rather than judged wrong.",
        help: "write it as the message says",
        level: Level::Error,
    },
    BuiltinRule {
        id: RECURSION,
        title: "A rule asks itself",
        description: "Rules that ask themselves, by whatever way round, have no answer. OPA refuses them too.",
        help: "take the recursion apart into a fixed number of steps, or use `graph.reachable`",
        level: Level::Error,
    },
    BuiltinRule {
        id: UNBOUNDED,
        title: "Range of numbers without a bound",
        description: "A range is built as a whole before anything looks at it. With a bound that comes from a document it can use up all memory.",
        help: "walk what is there: `some i, x in xs`; or bound it by a literal up to 100000 or by `count(…)`",
        level: Level::Error,
    },
    BuiltinRule {
        id: PATTERN,
        title: "Regular expression that is none",
        description: "The pattern does not compile, so that the call is undefined and the rule silent for ever.",
        help: "mend the pattern; the syntax is that of https://docs.rs/regex",
        level: Level::Error,
    },
    BuiltinRule {
        id: SPRINTF,
        title: "Message that is lost",
        description: "A `sprintf` whose verbs are not known, do not fit their values or have none is undefined, and so is the finding that it is part of.",
        help: "write `%s`, `%d`, `%v`, `%q`, `%x` or `%.2f`, each with one value, and `%%` for a percent sign",
        level: Level::Error,
    },
    BuiltinRule {
        id: FIELD,
        title: "Field that is not there",
        description: "The rule reads or points at something that neither the common model nor the host has for its kinds and scope. It is undefined for every entity, so that the rule is silent or holds everywhere.",
        help: "`govcheck explain --model` lists the fields of every kind",
        level: Level::Error,
    },
    BuiltinRule {
        id: FORMAT,
        title: "Format that can't be used",
        description: "A file under `formats/` has a mistake, so that no document would be recognised by it or checked against it.",
        help: "mend it; `policies/formats/README.md` describes the language",
        level: Level::Error,
    },
    BuiltinRule {
        id: REFUSED,
        title: "Policy that can't be used",
        description: "Something else in the file would keep a run from judging.",
        help: "mend the place that is marked",
        level: Level::Error,
    },
];
