//! Checks of a rule's Rego at load, on its syntax tree: what the register VM would silently get wrong, what policies
//! may not do, what a rule must have. Each is refused with the way to write it instead.

use serde_json::Value;

use super::costly;
use super::error::{PolicyFile, PolicyMistake};
use crate::model::rule::{RuleId, Scope};
use crate::model::text::Span;

/// What the host must know of a rule's Rego.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Reads `input.document`: the raw tree has to be built.
    pub(crate) document: bool,
    /// Reads `input.text`.
    pub(crate) text: bool,
}

/// Builtins that a policy may not call, and what to use instead.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        "http.send",
        "policies have no network; put what it would fetch into a register",
    ),
    (
        "net.lookup_ip_addr",
        "policies have no network; put what it would look up into a register",
    ),
    (
        "time.now_ns",
        "policies have no clock; compare with `data.run.today`",
    ),
    (
        "opa.runtime",
        "policies have no environment; declare an option in METADATA",
    ),
    (
        "rand.intn",
        "policies are deterministic; there is no random number",
    ),
    (
        "uuid.rfc4122",
        "policies are deterministic; there is no random identifier",
    ),
    ("trace", "use `govcheck model` to see what a policy sees"),
    ("print", "use `govcheck model` to see what a policy sees"),
    (
        "rego.metadata.rule",
        "METADATA is read by govcheck; write the text in the rule",
    ),
    (
        "rego.metadata.chain",
        "METADATA is read by govcheck; write the text in the rule",
    ),
    ("rego.parse_module", "read what you need from `input`"),
];

/// Checks a rule's module.
pub(crate) fn check_rule(
    file: &PolicyFile,
    id: &RuleId,
    scope: Scope,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) -> Reads {
    check_package(file, id, module, mistakes);
    let defined = |name: &str| rules(module).any(|rule| is_partial_set(rule, name));
    if !defined("deny") {
        let help = "write `deny contains {\"message\": …, \"at\": […]} if { … }`";
        let other = rules(module)
            .find_map(|rule| head_refr(rule).filter(|refr| variable(refr) == Some("deny")));
        mistakes.push(match other {
            Some(refr) => file.mistake(span_of(refr), "`deny` is no set of findings", help),
            None => file.mistake(file.find("package "), "the rule has no `deny`", help),
        });
    }
    if scope == Scope::Mesh && !defined("facts") {
        let help =
            "write `facts contains {…, \"at\": […]} if { … }`: what each entity tells the mesh";
        mistakes.push(file.mistake(
            file.find("package "),
            "a rule of scope `mesh` has no `facts`",
            help,
        ));
    }
    check_constructs(file, module, mistakes)
}

/// Checks a library's module: its package is below `govcheck.lib`.
pub(crate) fn check_library(
    file: &PolicyFile,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) -> Reads {
    let package = package_of(module);
    if !package.starts_with("govcheck.lib.") {
        let message =
            format!("package `{package}` lies in `lib/`, but is not below `govcheck.lib`");
        let help =
            "name it `package govcheck.lib.<name>`, or move a rule to `<category>/<rule>.rego`";
        mistakes.push(file.mistake(file.find("package "), message, help));
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
    let message = format!("`{}` is no path of a rule", file.file);
    let help =
        "a rule lies at `<category>/<rule>.rego`, in lower case with dashes: `kpi/bad-name.rego`";
    Err(file.mistake(file.line(1), message, help))
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
        let message = format!("package `{package}` and path `{}` differ", file.file);
        mistakes.push(file.mistake(
            file.find("package "),
            message,
            format!("write `package {expected}`, or move the file"),
        ));
    }
}

fn check_constructs(file: &PolicyFile, module: &Value, mistakes: &mut Vec<PolicyMistake>) -> Reads {
    for rule in rules(module) {
        check_head(file, rule, mistakes);
    }
    let mut reads = Reads::default();
    visit(module, &mut |name, node| {
        match name {
            "Call" => check_call(file, node, mistakes),
            "RefDot" => {
                let path = reference(node);
                reads.document |= path.as_deref() == Some("input.document");
                reads.text |= path.as_deref() == Some("input.text");
            }
            // `object.get(input, …)` or `walk(input, …)`: all of it may be read.
            "RefBrack" if node.get("refr").and_then(variable) == Some("input") => {
                reads = Reads {
                    document: true,
                    text: true,
                };
            }
            "literal" => check_with(file, node, mistakes),
            _ => {}
        }
    });
    reads
}

fn check_with(file: &PolicyFile, literal: &Value, mistakes: &mut Vec<PolicyMistake>) {
    let with = literal.get("with_mods").and_then(Value::as_array);
    if let Some(first) = with.and_then(|mods| mods.first()) {
        let help = "pass the value to a function instead: `f(x)` with `x` as its argument";
        mistakes.push(file.mistake(
            span(first),
            "`with` can't be judged by the register VM",
            help,
        ));
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
            mistakes.push(file.mistake(
                span(default),
                "the register VM ignores default values of functions",
                help,
            ));
        }
        let mut comprehension = false;
        visit(default, &mut |name, _| {
            comprehension |= name.ends_with("Compr")
        });
        if comprehension {
            let help = "give the rule a definition for that case instead of a default";
            mistakes.push(file.mistake(
                span(default),
                "the register VM gets a comprehension in a default wrong",
                help,
            ));
        }
        return;
    }
    let head = rule.get("Spec").and_then(|spec| spec.get("head"));
    let Some((_, head)) = head
        .and_then(Value::as_object)
        .and_then(|head| head.iter().next())
    else {
        return;
    };
    let Some(refr) = head.get("refr") else { return };
    if variable(refr).is_none() {
        let plain_key = refr
            .get("RefBrack")
            .and_then(|refr| refr.get("refr"))
            .and_then(variable)
            .is_some();
        if !plain_key {
            let help =
                "give the rule a plain name: `name contains x`, `name := x`, `name[key] := x`";
            mistakes.push(file.mistake(
                span_of(refr),
                "the register VM gets references in rule heads wrong",
                help,
            ));
        }
    }
}

fn check_call(file: &PolicyFile, call: &Value, mistakes: &mut Vec<PolicyMistake>) {
    let Some(function) = call.get("fcn") else {
        return;
    };
    let Some(name) = reference_of(function) else {
        let help = "call a function by its full name, without brackets";
        mistakes.push(file.mistake(
            span(call),
            "the register VM gets calls through brackets wrong",
            help,
        ));
        return;
    };
    if let Some((_, instead)) = FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == name) {
        mistakes.push(file.mistake(
            span(call),
            format!("`{name}` is not allowed in a policy"),
            *instead,
        ));
    }
    if let Some((message, instead)) = costly::unbounded(&name, call) {
        mistakes.push(file.mistake(span(call), message, instead));
    }
    if name.starts_with("regex.") {
        let pattern = call
            .pointer("/params/0")
            .and_then(|first| first.get("String").or(first.get("RawString")));
        if let Some(pattern) = pattern
            .and_then(|literal| literal.get("value"))
            .and_then(Value::as_str)
            && let Err(error) = regex::Regex::new(pattern)
        {
            let why = error.to_string();
            let why = why
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned();
            mistakes.push(file.mistake(
                span(call),
                format!("`{pattern}` is no regular expression"),
                why,
            ));
        }
    }
}

pub(super) fn rules(module: &Value) -> impl Iterator<Item = &Value> {
    module
        .get("rules")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn is_partial_set(rule: &Value, name: &str) -> bool {
    rule.pointer("/Spec/head/Set/refr").and_then(variable) == Some(name)
}

/// The name of a rule as it is written in its head.
fn head_refr(rule: &Value) -> Option<&Value> {
    let head = rule.pointer("/Spec/head")?.as_object()?;
    head.values().next()?.get("refr")
}

pub(super) fn package_of(module: &Value) -> String {
    module
        .pointer("/package/refr")
        .and_then(reference_of)
        .unwrap_or_default()
}

pub(super) fn variable(node: &Value) -> Option<&str> {
    node.pointer("/Var/value").and_then(Value::as_str)
}

/// `a.b.c` of a variable or a chain of dots.
fn reference_of(node: &Value) -> Option<String> {
    match variable(node) {
        Some(name) => Some(name.to_owned()),
        None => reference(node.get("RefDot")?),
    }
}

fn reference(dot: &Value) -> Option<String> {
    let field = dot.pointer("/field/1").and_then(Value::as_str)?;
    Some(format!("{}.{field}", reference_of(dot.get("refr")?)?))
}

/// Calls `see` with every named node of the tree, outermost first.
fn visit(node: &Value, see: &mut dyn FnMut(&str, &Value)) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                if value.is_object() {
                    see(name, value);
                }
                if name == "stmts" {
                    value
                        .as_array()
                        .into_iter()
                        .flatten()
                        .for_each(|statement| see("literal", statement));
                }
                visit(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}

pub(super) fn span(node: &Value) -> Span {
    let bound = |name: &str| {
        let value = node.get("span").unwrap_or(node).get(name);
        value
            .and_then(Value::as_u64)
            .and_then(|value| u32::try_from(value).ok())
    };
    match (bound("start"), bound("end")) {
        (Some(start), Some(end)) => Span::new(start, end),
        _ => node
            .as_object()
            .and_then(|fields| fields.values().next())
            .map(span)
            .unwrap_or_default(),
    }
}

pub(super) fn span_of(node: &Value) -> Span {
    node.as_object()
        .and_then(|fields| fields.values().next())
        .map(span)
        .unwrap_or_default()
}
