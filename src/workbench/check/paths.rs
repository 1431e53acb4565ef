//! The paths that findings and facts point with: `"at": ["columns", i, "classification"]`.

use serde_json::Value;

use super::known_fields::{ModuleFields, join_path, missing_field};
use super::types::{FieldLookup, ModelTypes, Ty};
use super::world::defined_name;
use crate::model::text::Span;
use crate::policy::error::PolicyMistake;
use crate::policy::rules::FIELD;
use crate::policy::syntax::{
    list_definitions, list_elements, node_span, object_entries, string_text, visit_nodes,
};

/// Checks all paths of a rule.
pub(super) fn check_paths(
    of: &ModuleFields<'_>,
    read: &mut Vec<(String, Span)>,
    told: &mut Vec<PolicyMistake>,
) {
    let Some(rule) = &of.module.rule else { return };
    let types = ModelTypes(of.world.schema);
    let own = types.model(&rule.entities);
    let any = types.model(&of.world.schema.kinds.keys().cloned().collect::<Vec<_>>());
    for definition in list_definitions(&of.module.tree) {
        let points = matches!(defined_name(definition), Some("deny" | "facts"));
        visit_nodes(definition, &mut |kind, node| {
            if kind != "Object" {
                return;
            }
            let has =
                |name: &str| object_entries(node).any(|(key, _)| string_text(key) == Some(name));
            // Other objects may mean something else by `at`.
            if !points && !has("message") {
                return;
            }
            let model = match has("entity") {
                true => &any,
                false => &own,
            };
            for (key, value) in object_entries(node) {
                let value = of.resolved.meant(value);
                match string_text(key) {
                    Some("at" | "base_at") => of.steps(model, value, read, told),
                    Some("covers") => {
                        for path in
                            list_elements(value.get("Array").unwrap_or(&Value::Null), "items")
                        {
                            of.steps(model, of.resolved.meant(path), read, told);
                        }
                        if let Some(path) = value.pointer("/ArrayCompr/term") {
                            of.steps(model, of.resolved.meant(path), read, told);
                        }
                    }
                    _ => {}
                }
            }
        });
    }
}

impl ModuleFields<'_> {
    /// Follows an array of steps as far as they are known.
    fn steps(
        &self,
        model: &Ty,
        path: &Value,
        read: &mut Vec<(String, Span)>,
        told: &mut Vec<PolicyMistake>,
    ) {
        let Some(array) = path.get("Array") else {
            return;
        };
        let mut ty = model.clone();
        let mut at: Option<&Value> = None;
        for (number, step) in list_elements(array, "items").enumerate() {
            let Some(name) = string_text(step) else {
                ty = match ty {
                    Ty::List(of) => *of,
                    _ => return,
                };
                at = Some(step);
                continue;
            };
            if number == 0 && name == "document" {
                return;
            }
            ty = match ty.field(name) {
                FieldLookup::Is(next) => {
                    if let Ty::Table(table) = &ty
                        && let Some(at) = &table.at
                    {
                        read.push((join_path(at, name), node_span(step)));
                    }
                    next
                }
                FieldLookup::Missing(table) => {
                    let known = table.fields.keys().map(String::as_str);
                    let file = &self.module.file;
                    return told.push(missing_field(
                        file,
                        &table.called,
                        name,
                        known,
                        node_span(step),
                    ));
                }
                FieldLookup::None(what) => {
                    let file = &self.module.file;
                    let before = at.map(|at| file.text.slice(node_span(at)).to_owned());
                    let before = before.unwrap_or_default();
                    let message = format!("`{before}` is {what} and has no `{name}`");
                    let help = match what {
                        "a list" => {
                            "put the index of an element before it: `some i, x in …`, then `i`"
                        }
                        _ => "end the path before this step",
                    };
                    return told.push(file.mistake(node_span(step), message, help).of(FIELD));
                }
            };
            at = Some(step);
        }
    }
}
