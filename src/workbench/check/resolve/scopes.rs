//! Variables: who declares one, which one a name means, and what it is set to.

use serde_json::Value;

use super::super::types::Ty;
use super::{Binding, How, Resolver};
use crate::model::text::Span;
use crate::policy::syntax::{
    expression_kind, list_elements, node_span, object_entries, string_text, variable_name,
};

impl<'i> Resolver<'_, 'i> {
    pub(super) fn declare(&mut self, name: String, span: Span, how: How) -> usize {
        let number = self.resolved.bindings.len();
        self.resolved.bindings.push(Binding {
            name: name.clone(),
            span,
            how,
            reads: 0,
            value: None,
            ty: Ty::Unknown,
            is_set: false,
        });
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, number);
        }
        number
    }

    pub(super) fn known(&self, name: &str) -> Option<usize> {
        let mut scopes = self.scopes.iter().rev();
        scopes.find_map(|scope| scope.get(name).copied())
    }

    /// Sets the variables of a pattern to the parts of a value.
    pub(super) fn bind(&mut self, pattern: &'i Value, how: How, ty: Ty, value: Option<&'i Value>) {
        if let Some(name) = variable_name(pattern) {
            if name == "_" {
                return;
            }
            let place = node_span(pattern);
            let announced = self.known(name).filter(|number| {
                let binding = self.resolved.bindings.get(*number);
                binding.is_some_and(|binding| binding.span == place)
            });
            let number = announced.unwrap_or_else(|| self.declare(name.to_owned(), place, how));
            self.set(number, ty.clone(), value);
            self.note(pattern, ty);
            return;
        }
        match expression_kind(pattern) {
            Some(("Array", inner)) => {
                for (index, item) in list_elements(inner, "items").enumerate() {
                    self.bind(item, how, ty.item(index), None);
                }
            }
            Some(("Object", inner)) => {
                for (key, part) in object_entries(inner) {
                    self.expression(key);
                    let field = string_text(key).and_then(|key| self.world.follow(&ty, key));
                    self.bind(part, how, field.unwrap_or_default(), None);
                }
            }
            _ => drop(self.expression(pattern)),
        }
    }

    pub(super) fn set(&mut self, number: usize, ty: Ty, value: Option<&'i Value>) {
        if let Some(binding) = self.resolved.bindings.get_mut(number) {
            binding.ty = ty;
            binding.value = value;
            binding.is_set = true;
        }
    }

    pub(super) fn iterates(&self, name: &str) -> bool {
        let known = self
            .known(name)
            .and_then(|at| self.resolved.bindings.get(at));
        match known {
            Some(binding) => binding.how == How::Some && !binding.is_set,
            None => {
                name == "_"
                    || !(name == "input"
                        || name == "data"
                        || self.rules.contains(name)
                        || self.imports.contains_key(name))
            }
        }
    }
}
