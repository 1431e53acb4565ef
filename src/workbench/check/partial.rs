//! Which functions and values of packs may be undefined, because all their definitions have conditions. A guess, used only
//! for notes: two definitions with opposite conditions count as complete.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::resolve::{assigned_value, import_name};
use super::world::defined_name;
use crate::policy::inspect::Inspected;
use crate::policy::syntax::{
    expression_kind, list_definitions, list_elements, node_span, package_of, reference_of,
    variable_name,
};

/// Full paths of what may have no value: `data.govcheck.lib.columns.parent`.
pub(super) struct Partial(BTreeSet<String>);

/// The definitions of one name.
struct Definitions<'i> {
    module: &'i Inspected,
    all: Vec<&'i Value>,
}

impl Partial {
    pub(super) fn of<'i>(modules: impl Iterator<Item = &'i Inspected>) -> Self {
        let mut names: BTreeMap<String, Definitions<'i>> = BTreeMap::new();
        for module in modules {
            let package = package_of(&module.tree);
            for definition in list_definitions(&module.tree) {
                let Some(name) = defined_name(definition) else {
                    continue;
                };
                let all = Vec::new();
                let entry = names.entry(format!("data.{package}.{name}"));
                let known = entry.or_insert(Definitions { module, all });
                known.all.push(definition);
            }
        }
        let mut partial = Self(BTreeSet::new());
        // What is set to something that may have no value has none then, so that one leads to the next.
        loop {
            let found = names.iter().filter(|(name, definitions)| {
                !partial.0.contains(*name) && partial.is_partial(definitions)
            });
            let found: Vec<String> = found.map(|(name, _)| name.clone()).collect();
            if found.is_empty() {
                return partial;
            }
            partial.0.extend(found);
        }
    }

    /// Whether an expression is a call or a name of such a function or value.
    pub(super) fn has(&self, module: &Inspected, node: &Value) -> bool {
        let named = match node.pointer("/Call/fcn") {
            Some(function) => reference_of(function),
            None => reference_of(node),
        };
        named.is_some_and(|named| self.0.contains(&full(module, &named)))
    }

    fn is_partial(&self, definitions: &Definitions<'_>) -> bool {
        let all = &definitions.all;
        let sure = |definition: &&Value| self.is_sure(definitions.module, definition);
        !all.iter().any(sure) && !is_covered(definitions)
    }

    /// Whether a definition gives a value whatever is asked of it.
    fn is_sure(&self, module: &Inspected, definition: &Value) -> bool {
        let Some(spec) = definition.get("Spec") else {
            return true;
        };
        let head = spec.get("head").and_then(expression_kind);
        // Sets and objects are there, with nothing in them.
        let named = head.and_then(|(_, head)| variable_name(head.get("refr")?));
        if named.is_none() || head.is_some_and(|(kind, _)| kind == "Set") {
            return true;
        }
        let Some(last) = list_elements(spec, "bodies").last() else {
            return !assigned_value(definition).is_some_and(|value| self.has(module, value));
        };
        let asks = last.pointer("/query/stmts").and_then(Value::as_array);
        asks.is_none_or(Vec::is_empty)
    }
}

/// `data.govcheck.lib.columns.parent` of what a module names `columns.parent` or `parent`.
fn full(module: &Inspected, named: &str) -> String {
    let (first, rest) = match named.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (named, None),
    };
    if first == "data" {
        return named.to_owned();
    }
    let imports =
        list_elements(&module.tree, "imports").filter_map(|import| import_name(module, import));
    let imported = imports
        .filter(|(name, ..)| name == first)
        .map(|(_, path, _)| path)
        .next();
    match (imported, rest) {
        (Some(path), Some(rest)) => format!("{path}.{rest}"),
        (Some(path), None) => path,
        (None, _) => format!("data.{}.{named}", package_of(&module.tree)),
    }
}

/// Whether one definition asks for what another one denies: `if x` and `if not x`, `==` and `!=`, `>` and `<=`.
fn is_covered(definitions: &Definitions<'_>) -> bool {
    let mut said = BTreeSet::new();
    let text = |node: &Value| {
        definitions
            .module
            .file
            .text
            .slice(node_span(node))
            .to_owned()
    };
    for definition in &definitions.all {
        for body in definition
            .get("Spec")
            .into_iter()
            .flat_map(|spec| list_elements(spec, "bodies"))
        {
            let statements = body.get("query").into_iter();
            for literal in statements.flat_map(|query| list_elements(query, "stmts")) {
                if let Some(literal) = literal.get("literal") {
                    said.extend(condition(literal, &text));
                }
            }
        }
    }
    said.iter()
        .any(|(holds, what)| *holds && said.contains(&(false, what.clone())))
}

/// Whether something is to hold, and what, written in one way.
fn condition(literal: &Value, text: &dyn Fn(&Value) -> String) -> Option<(bool, String)> {
    let (kind, inner) = expression_kind(literal)?;
    let node = inner.get("expr")?;
    let holds = kind != "NotExpr";
    let comparison = node.get("BoolExpr");
    let side = |name: &str| {
        comparison
            .and_then(|node| node.get(name))
            .map(text)
            .unwrap_or_default()
    };
    let (left, right) = (side("lhs"), side("rhs"));
    let operator = comparison.and_then(|node| node.get("op")?.as_str());
    Some(match operator {
        Some("Eq") => (holds, format!("{left} == {right}")),
        Some("Ne") => (!holds, format!("{left} == {right}")),
        Some("Lt") => (holds, format!("{left} < {right}")),
        Some("Ge") => (!holds, format!("{left} < {right}")),
        Some("Gt") => (holds, format!("{right} < {left}")),
        Some("Le") => (!holds, format!("{right} < {left}")),
        _ => (holds, text(node)),
    })
}
