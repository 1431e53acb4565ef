//! Checks of a rule's Rego at load, on its syntax tree: what the register VM would silently get wrong, what policies
//! may not do, what a rule must have. Each is refused with the way to write it instead.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{PolicyFile, PolicyMistake};
use super::syntax::{
    definition_head, has_node, list_definitions, node_below, node_span, package_of, package_place,
    reference_of, reference_path, string_text, variable_name, visit_nodes,
};
use super::{constructs, rules};
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::rule::{Rule, RuleId, Scope};

/// What the host must know of a rule's Rego.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReads {
    /// Reads `input.document`: the raw tree has to be built.
    pub document: bool,
    /// Reads `input.text`.
    pub text: bool,
    /// Reads `input.violations`: the document has to be checked against its shapes.
    pub violations: bool,
}

impl RuleReads {
    /// What either reads.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            document: self.document || other.document,
            text: self.text || other.text,
            violations: self.violations || other.violations,
        }
    }
}

/// Builtins that a policy may not call, and what to use instead.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        "http.send",
        "policies have no network access; put the data into a register",
    ),
    (
        "net.lookup_ip_addr",
        "policies have no network access; put the data into a register",
    ),
    (
        "time.now_ns",
        "policies have no clock; use `data.run.today`",
    ),
    (
        "opa.runtime",
        "policies cannot read the environment; declare an option in METADATA",
    ),
    (
        "rand.intn",
        "policies are deterministic; remove the random number",
    ),
    (
        "uuid.rfc4122",
        "policies are deterministic; remove the random identifier",
    ),
    (
        "trace",
        "remove the call; use `govcheck model FILE` or `--trace RULE` to see the input of a policy",
    ),
    (
        "print",
        "remove the call; use `govcheck model FILE` or `--trace RULE` to see the input of a policy",
    ),
    (
        "rego.metadata.rule",
        "write the text in the rule; only govcheck reads METADATA",
    ),
    (
        "rego.metadata.chain",
        "write the text in the rule; only govcheck reads METADATA",
    ),
    ("rego.parse_module", "read the data from `input`"),
    ("bits.lsh", "multiply instead; a large shift has no limit"),
    (
        "strings.count",
        "write `count(indexof_n(text, part))`; this builtin crashes on empty text and counts overlaps",
    ),
    (
        "strings.replace_n",
        "nest calls of `replace`; this builtin replaces inside its own replacements",
    ),
    (
        "units.parse",
        "split number and unit with `regex.find_all_string_submatch_n` and use `to_number`; this builtin has no limit",
    ),
    (
        "units.parse_bytes",
        "split number and unit with `regex.find_all_string_submatch_n` and use `to_number`; this builtin has no limit",
    ),
];

/// Checks a rule's module; without a scope what all scopes have in common.
pub(crate) fn check_rule(
    file: &PolicyFile,
    id: &RuleId,
    scope: Option<Scope>,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) -> RuleReads {
    check_package(file, id, module, mistakes);
    let defined = |name: &str| defines_set(module, name);
    if !defined("deny") {
        let help = "write `deny contains {\"message\": …, \"at\": […]} if { … }`";
        let other = list_definitions(module).find_map(|rule| {
            let refr = definition_head(rule)?.get("refr")?;
            (variable_name(refr) == Some("deny")).then(|| node_span(refr))
        });
        mistakes.push(
            match other {
                Some(place) => file.mistake(place, "`deny` is not a set of findings", help),
                None => file.mistake(package_place(module), "the rule has no `deny`", help),
            }
            .of(rules::INCOMPLETE),
        );
    }
    if scope == Some(Scope::Mesh) && !defined("facts") {
        let help = "write `facts contains {…, \"at\": […]} if { … }` for the facts that each entity contributes";
        let message = "a rule of scope `mesh` has no `facts`";
        let mistake = file.mistake(package_place(module), message, help);
        mistakes.push(mistake.of(rules::INCOMPLETE));
    }
    check_constructs(file, module, mistakes)
}

/// What the host gives a change rule under `input`.
const CHANGE_INPUT: [&str; 6] = ["base", "head", "entity", "kind", "changed", "unmodelled"];

/// Checks that apply only to rules of scope `change`.
pub(crate) fn check_change(
    file: &PolicyFile,
    rule: &Rule,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) {
    if rule.entities.iter().any(|kind| **kind == *DOCUMENT_KIND) {
        mistakes.push(
            file.mistake(
                file.find("entities:"),
                "a rule of scope `change` cannot check entities of kind `document`",
                "name the kinds that the document declares; a document has no identity of its own",
            )
            .of(rules::METADATA),
        );
    }
    if rule.text_matches.is_some() {
        mistakes.push(
            file.mistake(
                file.find("text_matches:"),
                "`text_matches` needs scope `entity` or `mesh`",
                "remove `text_matches`; a rule of scope `change` only runs for changed entities",
            )
            .of(rules::METADATA),
        );
    }
    let advice = list_definitions(module).find(|rule| {
        let name = definition_head(rule).and_then(|head| variable_name(head.get("refr")?));
        name == Some("advice") && !is_partial_set(rule, "advice")
    });
    if let Some(advice) = advice {
        mistakes.push(file.mistake(
            node_span(advice),
            "`advice` is not a set",
            "write `advice contains {\"part\": …, \"suggested\": …, \"reasons\": […]} if { … }`",
        ).of(rules::INCOMPLETE));
    }
    visit_nodes(module, &mut |name, node| {
        if name != "RefDot" {
            return;
        }
        let path = reference_path(node).unwrap_or_default();
        let Some(field) = path
            .strip_prefix("input.")
            .filter(|rest| !rest.contains('.'))
        else {
            return;
        };
        if !CHANGE_INPUT.contains(&field) {
            let message = format!("a rule of scope `change` has no `input.{field}`");
            let help = format!("write `input.head.{field}` or `input.base.{field}`");
            mistakes.push(
                file.mistake(node_span(node), message, help)
                    .of(rules::FIELD),
            );
        }
    });
}

/// Whether a module has a set of this name.
pub(crate) fn defines_set(module: &Value, name: &str) -> bool {
    list_definitions(module).any(|rule| is_partial_set(rule, name))
}

/// Checks a library's module: its package is below `govcheck.lib`.
pub(crate) fn check_library(
    file: &PolicyFile,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) -> RuleReads {
    let package = package_of(module);
    if !package.starts_with("govcheck.lib.") {
        let message = format!("package `{package}` is in `lib/` but not below `govcheck.lib`");
        let help = "rename it to `package govcheck.lib.<name>`, or move the rule to `<category>/<rule>.rego`";
        let mistake = file.mistake(package_place(module), message, help);
        mistakes.push(mistake.of(rules::PACKAGE));
    }
    check_constructs(file, module, mistakes)
}

/// The id that a rule file's path says: `kpi/bad-name.rego` is `kpi/bad-name`.
pub(crate) fn id_of(file: &PolicyFile) -> Result<RuleId, PolicyMistake> {
    let stem = file.file.trim_end_matches(".rego");
    let well_formed = stem.split('/').count() == 2
        && stem
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '/');
    if well_formed {
        return Ok(RuleId::new(stem));
    }
    let message = format!("`{}` is not a valid path for a rule", file.file);
    let help = "move the rule to `<category>/<rule>.rego`, in lower case with dashes, such as `kpi/bad-name.rego`";
    let place = file.find_start("package ");
    Err(file.mistake(place, message, help).of(rules::PACKAGE))
}

fn check_package(
    file: &PolicyFile,
    id: &RuleId,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) {
    let expected = format!(
        "govcheck.{}",
        id.as_str().replace('-', "_").replace('/', ".")
    );
    let package = package_of(module);
    if package != expected {
        let message = format!("package `{package}` does not match path `{}`", file.file);
        let help = match package.starts_with("govcheck.") {
            true => format!("write `package {expected}`, or move the file"),
            false => format!(
                "write `package {expected}`; for a plain conftest policy name its folder under `plain: {{policy: …}}` or with `--policy`"
            ),
        };
        let mistake = file.mistake(package_place(module), message, help);
        mistakes.push(mistake.of(rules::PACKAGE));
    }
}

/// Looks for what the register VM gets wrong and for what policies may not do, in any module.
pub(crate) fn check_constructs(
    file: &PolicyFile,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) -> RuleReads {
    for rule in list_definitions(module) {
        check_head(file, rule, mistakes);
        constructs::check_constructs(file, rule, mistakes);
    }
    let mut reads = RuleReads::default();
    visit_nodes(module, &mut |name, node| {
        match name {
            "Call" => check_call(file, node, mistakes),
            "RefDot" => {
                let path = reference_path(node).unwrap_or_default();
                let field = path.strip_prefix("input.").unwrap_or_default();
                let of_revision = field.strip_prefix("base.");
                let of_revision = of_revision.or_else(|| field.strip_prefix("head."));
                reads.violations |= field == "violations";
                match of_revision.unwrap_or(field) {
                    "document" => reads.document = true,
                    "text" => reads.text = true,
                    _ => {}
                }
            }
            // `object.get(input, …)` or `walk(input, …)`: all of it may be read.
            "RefBrack" if node.get("refr").and_then(variable_name) == Some("input") => {
                reads = RuleReads {
                    document: true,
                    text: true,
                    violations: true,
                };
            }
            "literal" => check_with(file, node, mistakes),
            _ => {}
        }
    });
    reads
}

/// What to do instead of calling a function that policies and tests may not call. `None` if they may.
pub(crate) fn forbidden_call(function: &str) -> Option<&'static str> {
    let known = FORBIDDEN.iter().find(|(name, _)| *name == function);
    known.map(|(_, instead)| *instead)
}

/// Constructs in a definition of a test file that the register VM would evaluate wrongly. `with` is handled before.
pub(crate) fn find_misjudged(file: &PolicyFile, rule: &Value) -> Vec<PolicyMistake> {
    let mut mistakes = Vec::new();
    check_head(file, rule, &mut mistakes);
    constructs::check_constructs(file, rule, &mut mistakes);
    visit_nodes(rule, &mut |name, node| {
        if name == "Call" {
            check_call(file, node, &mut mistakes);
        }
    });
    mistakes
}

fn check_with(file: &PolicyFile, literal: &Value, mistakes: &mut Vec<PolicyMistake>) {
    let with = literal.get("with_mods").and_then(Value::as_array);
    if let Some(first) = with.and_then(|mods| mods.first()) {
        let help = "pass the value to a function: `f(x)` with `x` as its argument";
        mistakes.push(
            file.mistake(node_span(first), "`with` is not supported in rules", help)
                .of(rules::CONSTRUCT),
        );
    }
}

fn check_head(file: &PolicyFile, rule: &Value, mistakes: &mut Vec<PolicyMistake>) {
    if let Some(default) = rule.get("Default") {
        let has_arguments = default
            .get("args")
            .and_then(Value::as_array)
            .is_some_and(|args| !args.is_empty());
        if has_arguments {
            let help = "write a second definition with `else := …`";
            mistakes.push(
                file.mistake(
                    node_span(default),
                    "default values of functions are not supported",
                    help,
                )
                .of(rules::CONSTRUCT),
            );
        }
        let comprehension = ["ArrayCompr", "SetCompr", "ObjectCompr", "Call"];
        if comprehension.iter().any(|name| has_node(default, name)) {
            let help = "replace the default with a definition for that case";
            mistakes.push(
                file.mistake(
                    node_span(default),
                    "a default with a comprehension or a call is not supported",
                    help,
                )
                .of(rules::CONSTRUCT),
            );
        }
        return;
    }
    let Some((kind, refr)) = rule
        .pointer("/Spec/head")
        .and_then(Value::as_object)
        .and_then(|head| head.iter().next())
        .and_then(|(kind, head)| Some((kind, head.get("refr")?)))
    else {
        return;
    };
    let has_plain_key = kind != "Set"
        && refr
            .pointer("/RefBrack/refr")
            .is_some_and(|refr| variable_name(refr).is_some());
    if variable_name(refr).is_none() && !has_plain_key {
        let help = "use a plain name: `name contains x`, `name := x` or `name[key] := x`";
        mistakes.push(
            file.mistake(
                node_span(refr),
                "references in rule heads are not supported",
                help,
            )
            .of(rules::CONSTRUCT),
        );
    }
}

fn check_call(file: &PolicyFile, call: &Value, mistakes: &mut Vec<PolicyMistake>) {
    let Some(function) = call.get("fcn") else {
        return;
    };
    let Some(name) = reference_of(function) else {
        let help = "call the function by its full name, without brackets";
        mistakes.push(
            file.mistake(
                node_span(call),
                "calls through brackets are not supported",
                help,
            )
            .of(rules::CONSTRUCT),
        );
        return;
    };
    if let Some((_, instead)) = FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == name) {
        mistakes.push(
            file.mistake(
                node_span(call),
                format!("`{name}` is not allowed in a policy"),
                *instead,
            )
            .of(rules::BUILTIN),
        );
    }
    let parameter = match name.as_str() {
        "regex.match" | "regex.split" | "regex.find_n" | "regex.find_all_string_submatch_n" => 0,
        "regex.replace" => 1,
        _ => return,
    };
    let pattern = call.pointer(&format!("/params/{parameter}"));
    if let Some((node, pattern)) = pattern.and_then(|node| Some((node, string_text(node)?)))
        && let Err(error) = regex::Regex::new(pattern)
    {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default();
        mistakes.push(
            file.mistake(
                node_span(node),
                format!("invalid regular expression `{pattern}`"),
                why.trim_start_matches("error: "),
            )
            .of(rules::PATTERN),
        );
    }
}

fn is_partial_set(rule: &Value, name: &str) -> bool {
    node_below(rule, &["Spec", "head", "Set", "refr"]).and_then(variable_name) == Some(name)
}
