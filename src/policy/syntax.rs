//! The syntax tree of a module as the engine gives it: names, places, and a walk. Knows shapes, judges nothing.

use serde_json::Value;

use crate::model::text::Span;

/// The definitions of a module.
pub(crate) fn list_definitions(module: &Value) -> impl Iterator<Item = &Value> {
    list_elements(module, "rules")
}

/// The elements of a list under `name`.
pub(crate) fn list_elements<'n>(node: &'n Value, name: &str) -> impl Iterator<Item = &'n Value> {
    node.get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The package that a module declares: `govcheck.kpi.bad_name`.
pub(crate) fn package_of(module: &Value) -> String {
    module
        .pointer("/package/refr")
        .and_then(reference_of)
        .unwrap_or_default()
}

/// Where a module declares its package.
pub(crate) fn package_place(module: &Value) -> Span {
    let keyword = module.pointer("/package/span").map(node_span);
    let name = module.pointer("/package/refr").map(node_span);
    let (keyword, name) = (keyword.unwrap_or_default(), name.unwrap_or_default());
    Span::new(keyword.start, name.end.max(keyword.end))
}

/// What lies below a node on a way of fields. `Value::pointer` allocates for each step, and this is asked of every node.
pub(crate) fn node_below<'n>(node: &'n Value, way: &[&str]) -> Option<&'n Value> {
    way.iter().try_fold(node, |node, field| node.get(field))
}

/// The name of a plain variable.
pub(crate) fn variable_name(node: &Value) -> Option<&str> {
    node_below(node, &["Var", "value"])?.as_str()
}

/// The text of a string, in whatever quotes.
pub(crate) fn string_text(node: &Value) -> Option<&str> {
    node.get("String")
        .or(node.get("RawString"))?
        .get("value")?
        .as_str()
}

/// The left side of a definition, which names it: of a rule, a function or a default.
pub(crate) fn definition_head(rule: &Value) -> Option<&Value> {
    rule.get("Default").or_else(|| {
        let head = node_below(rule, &["Spec", "head"])?.as_object()?;
        head.values().next()
    })
}

/// The name that a head gives: `p` of `p`, `p[k]` and `p.a`.
pub(crate) fn name_of(refr: &Value) -> Option<&str> {
    match variable_name(refr) {
        Some(name) => Some(name),
        None => {
            let inner = refr.as_object()?.values().next()?;
            name_of(inner.get("refr")?)
        }
    }
}

/// The kind of an expression, and what is in it.
pub(crate) fn expression_kind(node: &Value) -> Option<(&str, &Value)> {
    let (kind, inner) = node.as_object()?.iter().next()?;
    Some((kind, inner))
}

/// The number of an expression: no other one of the module has the same.
pub(crate) fn expression_number(node: &Value) -> Option<u64> {
    let (_, inner) = expression_kind(node)?;
    inner.get("eidx")?.as_u64()
}

/// The entries of an object literal: the place of the key, the key and the value.
pub(crate) fn object_entries(object: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    list_elements(object, "fields").filter_map(|field| Some((field.get(1)?, field.get(2)?)))
}

/// `a.b.c` of a variable or a chain of dots.
pub(crate) fn reference_of(node: &Value) -> Option<String> {
    match variable_name(node) {
        Some(name) => Some(name.to_owned()),
        None => reference_path(node.get("RefDot")?),
    }
}

/// The path `a.b.c` of a `RefDot` node.
pub(crate) fn reference_path(dot: &Value) -> Option<String> {
    let field = dot.get("field")?.get(1)?.as_str()?;
    Some(format!("{}.{field}", reference_of(dot.get("refr")?)?))
}

/// Calls `see` with every named node of the tree, outermost first; statements of bodies are named `literal`.
pub(crate) fn visit_nodes<'n>(node: &'n Value, see: &mut dyn FnMut(&'n str, &'n Value)) {
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
                visit_nodes(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit_nodes(item, see)),
        _ => {}
    }
}

/// Whether a node of this name is in the tree, or is the tree.
pub(crate) fn has_node(node: &Value, wanted: &str) -> bool {
    let mut found = false;
    visit_nodes(node, &mut |name, _| found |= name == wanted);
    found
}

/// The text of a node, or of the one node in it.
pub(crate) fn node_span(node: &Value) -> Span {
    match own_span(node.get("span").unwrap_or(node)) {
        Some(span) => span,
        None => node
            .as_object()
            .and_then(|fields| fields.values().next())
            .map(node_span)
            .unwrap_or_default(),
    }
}

/// The whole text of a node: the engine's own place of a text is without its quotes, at the end of whatever ends in it.
pub(crate) fn node_extent(node: &Value) -> Span {
    let mut whole = node_span(node);
    let own = whole;
    let mut quoted = |kind: &str, text: &Value| {
        if kind == "String" || kind == "RawString" {
            let text = node_span(text);
            if text.start == own.start {
                whole.start = own.start.saturating_sub(1);
            }
            if text.end == own.end {
                whole.end = own.end + 1;
            }
        }
    };
    for (kind, inner) in node.as_object().into_iter().flatten() {
        quoted(kind, inner);
    }
    visit_nodes(node, &mut quoted);
    whole
}

fn own_span(node: &Value) -> Option<Span> {
    let bound = |name: &str| {
        let value = node.get(name).and_then(Value::as_u64);
        value.and_then(|value| u32::try_from(value).ok())
    };
    Some(Span::new(bound("start")?, bound("end")?))
}
