//! Checks the fields that rules read and point at: unknown to the model, or filled by no format.

pub(super) use super::known_fields::ModuleFields;
use std::collections::BTreeSet;

use serde_json::Value;

use super::paths;
use super::resolve::import_name;
use super::types::{ModelTypes, Ty};
use crate::model::text::Span;
use crate::policy::error::PolicyMistake;
use crate::policy::syntax::{list_elements, node_span, reference_of, visit_nodes};
use crate::policy::workbench_rules as rules;

pub(super) fn check_fields(of: &ModuleFields<'_>, told: &mut Vec<PolicyMistake>) {
    imports(of, told);
    let mut read: Vec<(String, Span)> = Vec::new();
    visit_nodes(&of.module.tree, &mut |kind, node| match kind {
        "RefDot" => {
            if let (Some(base), Some(place)) = (node.get("refr"), node.pointer("/field/0")) {
                let field = node.pointer("/field/1").and_then(Value::as_str);
                of.read(
                    base,
                    field.unwrap_or_default(),
                    node_span(place),
                    &mut read,
                    told,
                );
            }
        }
        "RefBrack" => {
            if let (Some(base), Some(index)) = (node.get("refr"), node.get("index")) {
                of.bracket(base, index, &mut read, told);
            }
        }
        "Call" => {
            let function = node.get("fcn").and_then(reference_of);
            let parameters: Vec<&Value> = list_elements(node, "params").collect();
            if matches!(function.as_deref(), Some("object.get" | "object.filter")) {
                of.object_call(function.as_deref(), &parameters, &mut read, told);
            }
        }
        _ => {}
    });
    paths::check_paths(of, &mut read, told);
    unfilled(of, read, told);
}

fn imports(of: &ModuleFields<'_>, told: &mut Vec<PolicyMistake>) {
    for import in list_elements(&of.module.tree, "imports") {
        let Some((_, path, _)) = import_name(of.module, import) else {
            continue;
        };
        let Some(rest) = path.strip_prefix("data.govcheck") else {
            continue;
        };
        let mut package = "govcheck".to_owned();
        for step in rest.split('.').skip(1) {
            match of.world.member(&package, step) {
                Some(Ty::Package(inner)) => package = inner,
                Some(_) => break,
                None => {
                    let place = import.get("refr").map(node_span).unwrap_or_default();
                    told.push(of.no_member(&package, step, place));
                    break;
                }
            }
        }
    }
}

/// Fields of the model that no format fills for any of the rule's kinds, each once.
fn unfilled(of: &ModuleFields<'_>, read: Vec<(String, Span)>, told: &mut Vec<PolicyMistake>) {
    let Some(rule) = &of.module.rule else { return };
    let kinds = ModelTypes(of.world.schema).kinds(&rule.entities);
    let filled: BTreeSet<String> = kinds
        .iter()
        .flat_map(|kind| of.formats.iter().flat_map(move |format| format.fills(kind)))
        .collect();
    let is_modelled = |path: &str| {
        let field = path.split('.').next().unwrap_or_default();
        let fields = kinds
            .iter()
            .filter_map(|kind| of.world.schema.fields_of(kind));
        fields.into_iter().any(|fields| fields.contains_key(field))
    };
    let mut seen = BTreeSet::new();
    for (path, place) in read {
        let is_told = filled.contains(&path) || !is_modelled(&path);
        if is_told || of.formats.is_empty() || !seen.insert(path.clone()) {
            continue;
        }
        let names: Vec<&str> = kinds.iter().map(|kind| &**kind).collect();
        let message = format!("no format provides `{path}` of a {}", names.join(" or "));
        let help =
            "add a path for the field to a format; until then the field is absent everywhere";
        let mistake = of.module.file.mistake(place, message, help);
        told.push(mistake.of(rules::UNFILLED));
    }
}
