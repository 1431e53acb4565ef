//! Messages that name an index: the key of an iteration over a list, in what a message says.

use serde_json::Value;

use super::resolve::{ResolvedModule, given};
use super::types::Ty;
use super::world::defined;
use crate::policy::error::PolicyMistake;
use crate::policy::inspect::Inspected;
use crate::policy::syntax::{definitions, entries, expression, list, reference_of, span, string};
use crate::policy::workbench_rules as rules;

/// A message is made of fewer parts than that.
const DEPTH: usize = 16;

pub(super) fn check(
    module: &Inspected,
    resolved: &ResolvedModule<'_>,
    told: &mut Vec<PolicyMistake>,
) {
    for definition in definitions(&module.tree) {
        if defined(definition) != Some("deny") {
            continue;
        }
        let Some(finding) = given(definition).map(|node| resolved.meant(node)) else {
            continue;
        };
        let mut messages = Vec::new();
        collect(finding, resolved, &mut messages);
        let mut found = Vec::new();
        for message in messages {
            indexes(message, resolved, DEPTH, &mut found);
        }
        for node in found {
            let name = module.file.text.slice(span(node));
            let message = format!("the message contains the index `{name}`");
            let help = "use the name of the element, such as `column.name`, or `say.column(column)` of `data.govcheck.lib.say`";
            let mistake = module.file.mistake(span(node), message, help);
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
    for (key, value) in entries(object) {
        if string(key) == Some("message") {
            messages.push(value);
        }
        if string(key) == Some("related") {
            let related = resolved.meant(value);
            let items = related.get("Array").map(|array| list(array, "items"));
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
    match expression(node) {
        Some(("Var", _)) => {
            let meant = resolved.meant(node);
            if !std::ptr::eq(meant, node) {
                indexes(meant, resolved, depth, found);
            }
        }
        Some(("Array", inner)) => {
            for item in list(inner, "items") {
                indexes(item, resolved, depth, found);
            }
        }
        Some(("Call", inner)) => {
            let function = inner.get("fcn").and_then(reference_of);
            let known = matches!(
                function.as_deref(),
                Some("sprintf" | "concat" | "format_int")
            );
            for parameter in list(inner, "params").filter(|_| known) {
                indexes(parameter, resolved, depth, found);
            }
        }
        _ => {}
    }
}
