//! The variables of a statement: which it uses, and which it binds for those behind it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::text::SourceText;
use crate::policy::syntax::{list_elements, node_span, variable_name};

/// The names in a statement.
#[derive(Debug, Clone, Default)]
pub(super) struct StatementNames {
    /// All, in comprehensions too.
    pub(super) used: BTreeSet<String>,
    /// Those outside of comprehensions and `every`, which are bound behind it.
    pub(super) bound: BTreeSet<String>,
    /// Those that it declares: nothing of this name outside is meant.
    pub(super) declared: BTreeSet<String>,
}

/// The names in a node of the syntax tree.
pub(super) fn statement_names(text: &SourceText, node: &Value) -> StatementNames {
    let mut names = StatementNames::default();
    collect(text, node, true, &mut names);
    names.used.remove("_");
    names.bound.remove("_");
    names.bound.remove("input");
    names.bound.remove("data");
    names
}

fn collect(text: &SourceText, node: &Value, outside: bool, names: &mut StatementNames) {
    let fields = match node {
        Value::Object(fields) => fields,
        Value::Array(items) => {
            for item in items {
                collect(text, item, outside, names);
            }
            return;
        }
        _ => return,
    };
    for (kind, value) in fields {
        match kind.as_str() {
            "Var" => {
                let name = value
                    .get("value")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                names.used.insert(name.to_owned());
                if outside {
                    names.bound.insert(name.to_owned());
                }
            }
            "ArrayCompr" | "SetCompr" | "ObjectCompr" => collect(text, value, false, names),
            "Call" => {
                called(value, names);
                for parameter in list_elements(value, "params") {
                    collect(text, parameter, outside, names);
                }
            }
            "SomeVars" => {
                let declared =
                    list_elements(value, "vars").map(|var| text.slice(node_span(var)).to_owned());
                let declared: Vec<String> = declared.collect();
                names.used.extend(declared.iter().cloned());
                if outside {
                    names.declared.extend(declared);
                }
            }
            "SomeIn" => {
                for part in ["key", "value"].iter().filter_map(|part| value.get(part)) {
                    if outside {
                        names.declared.extend(all(part));
                    }
                    collect(text, part, outside, names);
                }
                value
                    .get("collection")
                    .into_iter()
                    .for_each(|part| collect(text, part, outside, names));
            }
            "Every" => {
                value
                    .get("domain")
                    .into_iter()
                    .for_each(|part| collect(text, part, outside, names));
                value
                    .get("query")
                    .into_iter()
                    .for_each(|part| collect(text, part, false, names));
            }
            "AssignExpr" => {
                let declares = value.get("op").and_then(Value::as_str) == Some("ColEq");
                if let Some(left) = value.get("lhs").filter(|_| declares && outside) {
                    names.declared.extend(all(left));
                }
                collect(text, value, outside, names);
            }
            _ => collect(text, value, outside, names),
        }
    }
}

/// A function is not a variable, but the start of its path may be one.
fn called(call: &Value, names: &mut StatementNames) {
    let function = call.get("fcn").map(all).unwrap_or_default();
    names.used.extend(function);
}

/// The variables of a pattern.
fn all(node: &Value) -> Vec<String> {
    let mut found: Vec<String> = variable_name(node)
        .map(ToOwned::to_owned)
        .into_iter()
        .collect();
    crate::policy::syntax::visit_nodes(node, &mut |kind, inner| {
        if kind == "Var" {
            let name = inner.get("value").and_then(Value::as_str);
            found.extend(name.map(ToOwned::to_owned));
        }
    });
    found.retain(|name| name != "_");
    found
}
