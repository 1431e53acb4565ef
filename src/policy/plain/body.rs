//! The bodies of a plain rule's definitions, as text and tree: their statements and the variables that these bind.

use std::collections::BTreeSet;

use serde_json::Value;

use super::modules::PlainModule;
use crate::model::text::Span;
use crate::policy::syntax::{
    definition_head, list_definitions, list_elements, node_span, variable_name, visit_nodes,
};

/// One body of one definition.
#[derive(Clone, Copy)]
pub(crate) struct Body<'m> {
    /// The index of its module.
    pub(crate) index: usize,
    pub(crate) module: &'m PlainModule,
    /// The definition.
    pub(crate) rule: &'m Value,
    /// The body; null of a definition without one.
    pub(crate) body: &'m Value,
    /// The element that the definition adds to its set. `None` for a rule with one value.
    pub(crate) key: Option<&'m Value>,
}

/// The bodies of a rule, in the order of the files.
pub(crate) fn list_bodies<'m>(
    modules: &'m [PlainModule],
    package: &str,
    name: &str,
) -> Vec<Body<'m>> {
    let mut all = Vec::new();
    for (index, module) in modules.iter().enumerate() {
        if module.package != package {
            continue;
        }
        for rule in list_definitions(&module.tree) {
            let named = definition_head(rule).and_then(|head| variable_name(head.get("refr")?));
            if named != Some(name) || rule.get("Spec").is_none() {
                continue;
            }
            let spec = rule.get("Spec").unwrap_or(&Value::Null);
            let key = spec.pointer("/head/Set/key").filter(|key| key.is_object());
            let own: Vec<&Value> = list_elements(spec, "bodies").collect();
            let bodies = if own.is_empty() {
                vec![&Value::Null]
            } else {
                own
            };
            all.extend(bodies.into_iter().map(|body| Body {
                index,
                module,
                rule: spec,
                body,
                key,
            }));
        }
    }
    all
}

impl<'m> Body<'m> {
    /// Its statements.
    pub(crate) fn statements(&self) -> Vec<&'m Value> {
        let query = self.body.get("query").unwrap_or(&Value::Null);
        list_elements(query, "stmts").collect()
    }

    /// Whether it is one way of several that a definition tries in order.
    pub(crate) fn is_else(&self) -> bool {
        let else_of = |body: &Value| body.get("is_else").and_then(Value::as_bool) == Some(true);
        list_elements(self.rule, "bodies").any(else_of)
    }

    /// The text of a node, with the quotes that the spans of strings leave out.
    pub(crate) fn text_of(&self, node: &Value) -> String {
        let mut place = whole_span(node);
        let before = self.module.slice(Span::new(0, place.start));
        // The engine takes an object to start at a field of it.
        if node.get("Object").is_some()
            && !self.module.slice(place).starts_with('{')
            && let Some(start) = before.rfind('{')
        {
            place.start = crate::model::text::text_offset(start);
        }
        self.module.slice(place).to_owned()
    }

    /// The place of a statement, up to where the next one starts.
    pub(crate) fn extent(&self, at: usize) -> Span {
        let statements = self.statements();
        let own = statements
            .get(at)
            .map(|own| whole_span(own))
            .unwrap_or_default();
        match statements.get(at + 1) {
            Some(next) => Span::new(own.start, whole_span(next).start.max(own.end)),
            None => own,
        }
    }
}

impl PlainModule {
    pub(crate) fn slice(&self, span: Span) -> &str {
        let range = span.start as usize..span.end as usize;
        self.module.text.get(range).unwrap_or_default()
    }
}

/// The place of a node: strings at its ends with their quotes.
pub(crate) fn whole_span(node: &Value) -> Span {
    let mut all = node_span(node);
    let inner = all;
    let mut see = |name: &str, node: &Value| {
        if matches!(name, "String" | "RawString") {
            let own = node_span(node);
            if own.start == inner.start {
                all.start = inner.start.saturating_sub(1);
            }
            if own.end == inner.end {
                all.end = inner.end + 1;
            }
        }
    };
    visit_nodes(node, &mut see);
    all
}

/// Walks a tree but for what has variables or a sense of its own: comprehensions, `every` and `not`. Nodes come with
/// their name, outermost first.
pub(crate) fn walk_plain<'n>(node: &'n Value, see: &mut dyn FnMut(&str, &'n Value)) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                if matches!(
                    name.as_str(),
                    "ArrayCompr" | "SetCompr" | "ObjectCompr" | "Every" | "NotExpr"
                ) {
                    continue;
                }
                if value.is_object() {
                    see(name, value);
                }
                walk_plain(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk_plain(item, see)),
        _ => {}
    }
}

/// The variables that these statements bind, but for `_`; `known` are names of rules and imports.
pub(crate) fn bound_variables(
    module: &PlainModule,
    statements: &[&Value],
    known: &BTreeSet<String>,
) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut take = |node: Option<&Value>| {
        if let Some(node) = node {
            names.extend(variable_name(node).map(ToOwned::to_owned));
            for item in list_elements(node.get("Array").unwrap_or(&Value::Null), "items") {
                names.extend(variable_name(item).map(ToOwned::to_owned));
            }
        }
    };
    let mut declared: Vec<Span> = Vec::new();
    for statement in statements {
        walk_plain(statement, &mut |name, node| match name {
            "SomeIn" => {
                take(node.get("key"));
                take(node.get("value"));
            }
            "SomeVars" => declared.extend(list_elements(node, "vars").map(node_span)),
            "AssignExpr" => {
                take(node.get("lhs"));
                if node.get("op").and_then(Value::as_str) == Some("Eq") {
                    take(node.get("rhs"));
                }
            }
            "RefBrack" => take(node.get("index")),
            _ => {}
        });
    }
    let declared = declared
        .into_iter()
        .map(|place| module.slice(place).to_owned());
    names.extend(declared);
    names.retain(|name| !["_", "input", "data"].contains(&name.as_str()) && !known.contains(name));
    names
}

/// Names of a module that are not variables: its imports, and the rules of its package.
pub(crate) fn known_names(modules: &[PlainModule], module: &PlainModule) -> BTreeSet<String> {
    let own = modules
        .iter()
        .filter(|other| other.package == module.package);
    let mut names: BTreeSet<String> = own
        .flat_map(|other| list_definitions(&other.tree))
        .filter_map(|rule| definition_head(rule).and_then(|head| variable_name(head.get("refr")?)))
        .map(ToOwned::to_owned)
        .collect();
    names.extend(list_imports(module).into_iter().map(|(name, _)| name));
    names
}

/// The imports of a module: the name it gives, and what it stands for: `data.lib.names`.
pub(crate) fn list_imports(module: &PlainModule) -> Vec<(String, String)> {
    let import = |import: &Value| {
        let path = import
            .get("refr")
            .and_then(crate::policy::syntax::reference_of)?;
        let alias = import
            .get("as")
            .filter(|alias| alias.is_object())
            .map(node_span);
        let last = path.rsplit('.').next().unwrap_or_default().to_owned();
        let name = alias.map_or(last, |alias| module.slice(alias).to_owned());
        Some((name, path))
    };
    list_elements(&module.tree, "imports")
        .filter_map(import)
        .collect()
}
