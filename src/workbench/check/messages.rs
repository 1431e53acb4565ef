//! Messages that name an index: the key of an iteration over a list, in what a message says.

use serde_json::Value;

use super::resolve::{ResolvedModule, assigned_value};
use super::types::Ty;
use super::world::defined_name;
use crate::policy::error::PolicyMistake;
use crate::policy::inspect::Inspected;
use crate::policy::syntax::{
    expression_kind, list_definitions, list_elements, node_span, object_entries, reference_of,
    string_text,
};
use crate::policy::workbench_rules as rules;

/// A message is made of fewer parts than that.
const DEPTH: usize = 16;

pub(super) fn check_messages(
    module: &Inspected,
    resolved: &ResolvedModule<'_>,
    told: &mut Vec<PolicyMistake>,
) {
    for definition in list_definitions(&module.tree) {
        if defined_name(definition) != Some("deny") {
            continue;
        }
        let Some(finding) = assigned_value(definition).map(|node| resolved.meant(node)) else {
            continue;
        };
        let mut messages = Vec::new();
        collect(finding, resolved, &mut messages);
        let mut found = Vec::new();
        for message in messages {
            indexes(message, resolved, DEPTH, &mut found);
        }
        for node in found {
            let name = module.file.text.slice(node_span(node));
            let message = format!("the message contains the index `{name}`");
            let help = "use the name of the element, such as `column.name`, or `say.column(column)` of `data.govcheck.lib.say`";
            let mistake = module.file.mistake(node_span(node), message, help);
            told.push(mistake.of(rules::INDEX));
        }
    }
}

/// The message of a finding, and those of its related places.
fn collect<'n>(
    finding: &'n Value,
    resolved: &'n ResolvedModule<'_>,
    messages: &mut Vec<&'n Value>,
) {
    let Some(object) = finding.get("Object") else {
        return;
    };
    for (key, value) in object_entries(object) {
        if string_text(key) == Some("message") {
            messages.push(value);
        }
        if string_text(key) == Some("related") {
            let related = resolved.meant(value);
            let items = related
                .get("Array")
                .map(|array| list_elements(array, "items"));
            let term = related.pointer("/ArrayCompr/term");
            for place in items.into_iter().flatten().chain(term) {
                collect(resolved.meant(place), resolved, messages);
            }
        }
    }
}

/// Indexes in what a text is made of.
fn indexes<'n>(
    node: &'n Value,
    resolved: &'n ResolvedModule<'_>,
    depth: usize,
    found: &mut Vec<&'n Value>,
) {
    if resolved.ty(node) == Ty::Index {
        found.push(node);
        return;
    }
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match expression_kind(node) {
        Some(("Var", _)) => {
            let meant = resolved.meant(node);
            if !std::ptr::eq(meant, node) {
                indexes(meant, resolved, depth, found);
            }
        }
        Some(("Array", inner)) => {
            for item in list_elements(inner, "items") {
                indexes(item, resolved, depth, found);
            }
        }
        Some(("Call", inner)) => {
            let function = inner.get("fcn").and_then(reference_of);
            let known = matches!(
                function.as_deref(),
                Some("sprintf" | "concat" | "format_int")
            );
            for parameter in list_elements(inner, "params").filter(|_| known) {
                indexes(parameter, resolved, depth, found);
            }
        }
        _ => {}
    }
}
