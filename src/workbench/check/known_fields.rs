//! What is known of fields: which an expression has, and how one that is missing is reported.

use serde_json::Value;

use super::builtins::constant_keys;
use super::resolve::ResolvedModule;
use super::types::{FieldLookup, ModelTypes, Ty};
use super::world::PackWorld;
use crate::lift::Format;
use crate::model::text::{Span, nearest_name};
use crate::policy::error::{PolicyFile, PolicyMistake};
use crate::policy::inspect::Inspected;
use crate::policy::rules::FIELD;
use crate::policy::syntax::{node_span, string_text};

/// What one module reads.
pub(super) struct ModuleFields<'a> {
    pub(super) world: &'a PackWorld<'a>,
    pub(super) formats: &'a [Format],
    pub(super) module: &'a Inspected,
    pub(super) resolved: &'a ResolvedModule<'a>,
}

impl ModuleFields<'_> {
    /// A constant key of something.
    pub(super) fn read(
        &self,
        base: &Value,
        field: &str,
        place: Span,
        read: &mut Vec<(String, Span)>,
        told: &mut Vec<PolicyMistake>,
    ) {
        let ty = self.resolved.ty(base);
        if let Ty::Package(package) = &ty {
            if self.world.member(package, field).is_none() {
                told.push(self.no_member(package, field, place));
            }
            return;
        }
        match ty.field(field) {
            FieldLookup::Missing(table) => {
                let known = table.fields.keys().map(String::as_str);
                told.push(missing_field(
                    &self.module.file,
                    &table.called,
                    field,
                    known,
                    place,
                ));
            }
            FieldLookup::None(what) => told.push(self.no_fields(base, field, what, place)),
            FieldLookup::Is(_) => {
                if let Ty::Table(table) = &ty
                    && let Some(at) = &table.at
                {
                    read.push((join_path(at, field), place));
                }
            }
        }
    }

    pub(super) fn bracket(
        &self,
        base: &Value,
        index: &Value,
        read: &mut Vec<(String, Span)>,
        told: &mut Vec<PolicyMistake>,
    ) {
        let Some(field) = string_text(index) else {
            return;
        };
        // `input.expresses["columns.classification"]`
        let of_entity = base
            .pointer("/RefDot/refr")
            .map(|refr| self.resolved.ty(refr));
        let name = base.pointer("/RefDot/field/1").and_then(Value::as_str);
        if let (Some("expresses"), Some(Ty::Table(_))) = (name, &of_entity) {
            let model = match &self.module.rule {
                Some(rule) => ModelTypes(self.world.schema).model(&rule.entities),
                None => return,
            };
            self.path(
                &model,
                &mut field.split('.').map(|step| (step, node_span(index))),
                told,
            );
            return;
        }
        self.read(base, field, node_span(index), read, told);
    }

    pub(super) fn object_call(
        &self,
        function: Option<&str>,
        parameters: &[&Value],
        read: &mut Vec<(String, Span)>,
        told: &mut Vec<PolicyMistake>,
    ) {
        let (Some(base), Some(keys)) = (parameters.first(), constant_keys(parameters.get(1)))
        else {
            return;
        };
        if function == Some("object.filter") {
            for (key, node) in keys {
                self.read(base, key, node_span(node), read, told);
            }
            return;
        }
        let ty = self.resolved.ty(base);
        if let [(key, node)] = keys.as_slice() {
            self.read(base, key, node_span(node), read, told);
        } else {
            self.path(
                &ty,
                &mut keys.iter().map(|(key, node)| (*key, node_span(node))),
                told,
            );
        }
    }

    /// Steps of constant keys.
    pub(super) fn path(
        &self,
        from: &Ty,
        steps: &mut dyn Iterator<Item = (&str, Span)>,
        told: &mut Vec<PolicyMistake>,
    ) {
        let mut ty = from.clone();
        for (step, place) in steps {
            // A dotted path names the fields of elements without their index.
            if let Ty::List(of) = ty {
                ty = *of;
            }
            ty = match ty.field(step) {
                FieldLookup::Is(ty) => ty,
                FieldLookup::Missing(table) => {
                    let known = table.fields.keys().map(String::as_str);
                    told.push(missing_field(
                        &self.module.file,
                        &table.called,
                        step,
                        known,
                        place,
                    ));
                    return;
                }
                FieldLookup::None(_) => return,
            };
        }
    }

    pub(super) fn no_member(&self, package: &str, name: &str, place: Span) -> PolicyMistake {
        let names = self.world.names(package);
        let known = names.iter().map(String::as_str);
        let called = format!("`data.{package}`");
        missing_field(&self.module.file, &called, name, known, place)
    }

    fn no_fields(&self, base: &Value, field: &str, what: &str, place: Span) -> PolicyMistake {
        let shown = self.module.file.text.slice(node_span(base));
        let message = format!("`{shown}` is {what} and has no `{field}`");
        let help = match what {
            "a list" => format!("iterate over the elements: `some x in {shown}`, then `x.{field}`"),
            _ => "use the value itself".to_owned(),
        };
        self.module.file.mistake(place, message, help).of(FIELD)
    }
}

/// Something has no field of a name.
pub(super) fn missing_field<'k>(
    file: &PolicyFile,
    called: &str,
    field: &str,
    known: impl Iterator<Item = &'k str>,
    place: Span,
) -> PolicyMistake {
    let known: Vec<&str> = known.collect();
    let help = match nearest_name(field, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.len() > 12 => "run `govcheck explain --model` to list the fields".to_owned(),
        None => format!("use one of: {}", known.join(", ")),
    };
    let message = format!("{called} has no `{field}`");
    file.mistake(place, message, help).of(FIELD)
}

pub(super) fn join_path(at: &str, field: &str) -> String {
    match at {
        "" => field.to_owned(),
        at => format!("{at}.{field}"),
    }
}
