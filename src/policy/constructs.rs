//! Refuses constructs for which the register VM silently gives another answer than OPA, or which no bound would stop, and
//! says what to write instead. Works on the syntax tree; what can be corrected in the compiled program is corrected there
//! (`engine/corrections.rs`).
//!
//! Differences that can't be recognised, which authors have to know:
//! - `not f(x.y)`, `not f(g(x))`, `not x.y < 1` and `not data.m[x.y]` hold where `x.y` or `g(x)` is undefined; in OPA they
//!   end the body. So `"a" in x.y` is false.
//! - A rule or function with two different values at once is undefined, and of two values of one key in an object
//!   comprehension the last one stays; in OPA both end the evaluation with an error.
//! - Regular expressions are Rust's: `\w`, `\d`, `\s` and `\b` know all of Unicode, `&&`, `--` and `[` in a class mean more.
//!   A pattern that comes from an option and is none makes its call undefined.
//! - `time.parse_ns` takes `2026-1-5` and text behind the date; `time.add_date` keeps to the end of a month.
//! - `sprintf` with `%d` of anything but a whole number, or `%q` of anything but a text, is undefined.
//! - `upper` and `lower` map all of Unicode; `0.1 + 0.2` is not `0.3`.
//! - A builtin is bounded before and after, not while it runs: it allocates its whole result. `replace`,
//!   `regex.replace` and `concat` can exceed the memory bound once by repeating a text of the document.
//! - `graph.reachable_paths` lists all paths of a graph: ten nodes are enough to hit the bound of time. OPA's paths visit a
//!   node that leads to itself twice.

use serde_json::Value;

use super::error::{PolicyFile, PolicyMistake};
use super::rules;
use super::syntax::{
    has_node, list_elements, node_span, reference_of, string_text, variable_name, visit_nodes,
};
use crate::model::text::Span;

/// The longest range of whole numbers that a rule may write as literals.
const LONGEST_RANGE: u64 = 100_000;

/// Looks for them in one definition.
pub(crate) fn check_constructs(file: &PolicyFile, rule: &Value, mistakes: &mut Vec<PolicyMistake>) {
    let mut refuse = |rule: &'static str, span: Span, message: &str, help: &str| {
        mistakes.push(file.mistake(span, message, help).of(rule));
    };
    indexes_in_every(file, rule, &mut Vec::new(), &mut refuse);
    for argument in list_elements(
        rule.pointer("/Spec/head/Func").unwrap_or(&Value::Null),
        "args",
    ) {
        object_pattern(argument, &mut refuse);
    }
    visit_nodes(rule, &mut |name, node| match name {
        "SomeIn" => {
            for part in ["key", "value"].iter().filter_map(|part| node.get(part)) {
                object_pattern(part, &mut refuse);
            }
        }
        "AssignExpr" => assignment(node, &mut refuse),
        "NotExpr" => negation(node, &mut refuse),
        "Call" => {
            let function = node.get("fcn").and_then(reference_of);
            let parameters: Vec<&Value> = list_elements(node, "params").collect();
            match function.as_deref() {
                Some("sprintf") => format(node, &parameters, &mut refuse),
                Some("numbers.range" | "numbers.range_step") => {
                    range(node, &parameters, &mut refuse);
                }
                _ => {}
            }
        }
        _ => {}
    });
}

type Refuse<'r> = dyn FnMut(&'static str, Span, &str, &str) + 'r;

/// `every k in xs { o[k] }`: the VM takes `k` in brackets for a variable of its own, and looks at all of `o`.
fn indexes_in_every(
    file: &PolicyFile,
    node: &Value,
    bound: &mut Vec<String>,
    refuse: &mut Refuse<'_>,
) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "RefBrack" {
                    let index = value.get("index").and_then(variable_name);
                    if let Some(index) = index.filter(|index| bound.iter().any(|b| b == index)) {
                        let message = format!(
                            "an index with the `every` variable `{index}` is not supported"
                        );
                        let help = format!(
                            "copy the variable first, `name := {index}`, and use `[name]`, or move the lookup to a function"
                        );
                        refuse(rules::CONSTRUCT, node_span(value), &message, &help);
                    }
                }
                if name == "Every" {
                    let known = bound.len();
                    for part in ["key", "value"] {
                        let place = value
                            .get(part)
                            .filter(|part| part.is_object())
                            .map(node_span);
                        bound.extend(place.map(|place| file.text.slice(place).to_owned()));
                    }
                    indexes_in_every(file, value, bound, refuse);
                    bound.truncate(known);
                } else {
                    indexes_in_every(file, value, bound, refuse);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                indexes_in_every(file, item, bound, refuse);
            }
        }
        _ => {}
    }
}

/// An object pattern with variables: OPA requires exactly these keys, the VM at least these.
fn object_pattern(node: &Value, refuse: &mut Refuse<'_>) {
    if (has_node(node, "Object")) && has_node(node, "Var") {
        refuse(
            rules::CONSTRUCT,
            node_span(node),
            "object patterns are not supported",
            "read the fields one by one: `name := x.name`",
        );
    }
}

fn assignment(node: &Value, refuse: &mut Refuse<'_>) {
    let (Some(left), Some(right)) = (node.get("lhs"), node.get("rhs")) else {
        return;
    };
    object_pattern(left, refuse);
    let unifies = node.get("op").and_then(Value::as_str) == Some("Eq");
    if unifies && variable_name(left).is_none() && right.get("Object").is_some() {
        object_pattern(right, refuse);
    }
}

/// Behind `not` the VM looks for one `_` that fits instead of all (OPA refuses it), and in a comprehension there it
/// does not compare what `=` and patterns say.
fn negation(not: &Value, refuse: &mut Refuse<'_>) {
    let mut comprehensions = Vec::new();
    outside_comprehensions(not, &mut comprehensions, &mut |index| {
        if index.get("index").and_then(variable_name) == Some("_") {
            refuse(
                rules::CONSTRUCT,
                node_span(index),
                "`not` with `[_]` does not cover all elements",
                "write `not x in xs`, or `not f(x)` with `some` inside a function",
            );
        }
    });
    for comprehension in comprehensions {
        visit_nodes(comprehension, &mut |name, node| {
            let is_compared = match name {
                "AssignExpr" => node.get("op").and_then(Value::as_str) == Some("Eq"),
                "SomeIn" => ["key", "value"].iter().any(|part| {
                    let part = node.get(part).filter(|part| part.is_object());
                    part.is_some_and(|part| variable_name(part).is_none())
                }),
                _ => false,
            };
            if is_compared {
                refuse(
                    rules::CONSTRUCT,
                    node_span(node),
                    "this comparison in a comprehension after `not` is not supported",
                    "assign the comprehension on the line before: `xs := […]`",
                );
            }
        });
    }
}

fn outside_comprehensions<'n>(
    node: &'n Value,
    comprehensions: &mut Vec<&'n Value>,
    see: &mut dyn FnMut(&'n Value),
) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "ArrayCompr" | "SetCompr" | "ObjectCompr" => comprehensions.push(value),
                    "RefBrack" => {
                        see(value);
                        outside_comprehensions(value, comprehensions, see);
                    }
                    _ => outside_comprehensions(value, comprehensions, see),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                outside_comprehensions(item, comprehensions, see);
            }
        }
        _ => {}
    }
}

/// Verbs that the VM does not know, and values that have none, make the message undefined and lose the finding.
fn format(call: &Value, parameters: &[&Value], refuse: &mut Refuse<'_>) {
    let Some(format) = parameters.first().and_then(|first| string_text(first)) else {
        return;
    };
    let verbs = match verbs(format) {
        Ok(verbs) => verbs,
        Err(verb) => {
            let message = format!("`sprintf` does not support `{verb}`");
            let help = "write `%s`, `%d`, `%v`, `%q`, `%x` or `%.2f`, and `%%` for a percent sign";
            return refuse(rules::SPRINTF, node_span(call), &message, help);
        }
    };
    let Some(values) = parameters.get(1).and_then(|values| values.get("Array")) else {
        return;
    };
    let values = list_elements(values, "items").count();
    if verbs != values {
        let count = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            count => format!("{count} {what}s"),
        };
        let message = format!(
            "`sprintf` has {} for {}, so the finding would be lost",
            count(verbs, "verb"),
            count(values, "value")
        );
        refuse(
            rules::SPRINTF,
            node_span(call),
            &message,
            "pass one value for each verb, in order",
        );
    }
}

/// How many values a format takes; the error is the first verb that the VM and OPA do not write alike.
fn verbs(format: &str) -> Result<usize, String> {
    let mut count = 0;
    let mut rest = format.chars();
    while let Some(char) = rest.next() {
        if char != '%' {
            continue;
        }
        let mut verb = String::from(char);
        for char in rest.by_ref() {
            verb.push(char);
            if char.is_alphabetic() || !(char.is_ascii_digit() || "+-# .[]*".contains(char)) {
                break;
            }
        }
        match verb.as_str() {
            "%%" => {}
            "%s" | "%d" | "%v" | "%q" | "%x" | "%X" | "%b" | "%c" => count += 1,
            verb if is_fixed_point(verb) => count += 1,
            _ => return Err(verb),
        }
    }
    Ok(count)
}

/// `%.2f`
fn is_fixed_point(verb: &str) -> bool {
    verb.strip_prefix("%.")
        .and_then(|verb| verb.strip_suffix('f'))
        .is_some_and(|digits| {
            (1..=2).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
        })
}

/// A range is built as a whole inside of the builtin, where no bound ends it.
fn range(call: &Value, parameters: &[&Value], refuse: &mut Refuse<'_>) {
    if !parameters.iter().take(2).all(|bound| is_short(bound)) {
        refuse(
            rules::UNBOUNDED,
            node_span(call),
            "the range has no visible upper bound",
            "iterate over a collection, `some i, x in xs`, or limit the range with a literal up to 100000 or with `count(…)`",
        );
    }
}

fn is_short(bound: &Value) -> bool {
    if let Some(number) = bound.pointer("/Number/value") {
        return number
            .as_i64()
            .is_some_and(|n| n.unsigned_abs() <= LONGEST_RANGE);
    }
    if let Some(call) = bound.get("Call") {
        return call.get("fcn").and_then(reference_of).as_deref() == Some("count");
    }
    let sum = bound
        .get("ArithExpr")
        .filter(|sum| matches!(sum.get("op").and_then(Value::as_str), Some("Add" | "Sub")));
    sum.is_some_and(|sum| {
        let part = |name: &str| sum.get(name).is_some_and(is_short);
        part("lhs") && part("rhs")
    })
}
