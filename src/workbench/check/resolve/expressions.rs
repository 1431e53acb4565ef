//! What every expression is, as far as that can be known.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::builtins;
use super::super::types::Ty;
use super::{How, Resolver};
use crate::policy::syntax::{
    expression_kind, expression_number, list_elements, node_span, object_entries, reference_of,
    string_text, variable_name,
};

impl<'i> Resolver<'_, 'i> {
    pub(super) fn note(&mut self, node: &Value, ty: Ty) {
        if let Some(number) = expression_number(node) {
            self.resolved.types.insert(number, ty);
        }
    }

    pub(super) fn expression(&mut self, node: &'i Value) -> Ty {
        let ty = self.type_of(node);
        self.note(node, ty.clone());
        ty
    }

    pub(super) fn type_of(&mut self, node: &'i Value) -> Ty {
        let Some((kind, inner)) = expression_kind(node) else {
            return Ty::Unknown;
        };
        match kind {
            "String" | "RawString" => Ty::Text,
            "Number" => Ty::Number,
            "Bool" => Ty::Bool,
            "Var" => self.variable(node),
            "Array" => Ty::Tuple(
                list_elements(inner, "items")
                    .map(|item| self.expression(item))
                    .collect(),
            ),
            "Set" => {
                let items: Vec<Ty> = list_elements(inner, "items")
                    .map(|item| self.expression(item))
                    .collect();
                Ty::Set(Box::new(Ty::Tuple(items).element()))
            }
            "Object" => self.object(inner),
            "ArrayCompr" => Ty::list(self.comprehension(inner, &["term"])),
            "SetCompr" => Ty::Set(Box::new(self.comprehension(inner, &["term"]))),
            "ObjectCompr" => Ty::Map(Box::new(self.comprehension(inner, &["key", "value"]))),
            "Call" => self.call(inner),
            "RefDot" => {
                let of = inner.get("refr").map(|refr| self.expression(refr));
                let field = inner.pointer("/field/1").and_then(Value::as_str);
                self.follow(&of.unwrap_or_default(), field.unwrap_or_default())
            }
            "RefBrack" => self.brackets(inner),
            "AssignExpr" => self.assignment(inner),
            "ArithExpr" => self.arithmetic(inner),
            "BinExpr" => {
                let [left, right] = self.sides(inner);
                left.merge(right)
            }
            "UnaryExpr" => {
                inner.get("expr").map(|node| self.expression(node));
                Ty::Number
            }
            "BoolExpr" => {
                self.sides(inner);
                Ty::Bool
            }
            "Membership" => {
                for part in ["key", "value", "collection"] {
                    let part = inner.get(part).filter(|part| part.is_object());
                    part.map(|node| self.expression(node));
                }
                Ty::Bool
            }
            _ => Ty::Unknown,
        }
    }

    pub(super) fn sides(&mut self, inner: &'i Value) -> [Ty; 2] {
        ["lhs", "rhs"].map(|side| {
            let side = inner.get(side).map(|node| self.expression(node));
            side.unwrap_or_default()
        })
    }

    pub(super) fn arithmetic(&mut self, inner: &'i Value) -> Ty {
        match self.sides(inner) {
            [Ty::Set(of), _] => Ty::Set(of),
            // A position that is counted from 1 is still a position.
            [Ty::Index, _] | [_, Ty::Index] => Ty::Index,
            [Ty::Number, Ty::Number] => Ty::Number,
            _ => Ty::Unknown,
        }
    }

    pub(super) fn variable(&mut self, node: &'i Value) -> Ty {
        let name = variable_name(node).unwrap_or_default();
        if name == "_" {
            return Ty::Unknown;
        }
        if let Some(binding) = self.known(name) {
            if let Some(number) = expression_number(node) {
                self.resolved.read.insert(number, binding);
            }
            let Some(binding) = self.resolved.bindings.get_mut(binding) else {
                return Ty::Unknown;
            };
            binding.reads += 1;
            return binding.ty.clone();
        }
        match name {
            "input" => self.sees.input.clone(),
            "data" => self.sees.data.clone(),
            name if self.rules.contains(name) => {
                let known = self.world.rule(&self.package, name);
                known.unwrap_or_default()
            }
            name if self.imports.contains_key(name) => {
                self.resolved.imports.insert(name.to_owned());
                self.imported(name)
            }
            name => {
                let number = self.declare(name.to_owned(), node_span(node), How::Use);
                self.set(number, Ty::Unknown, None);
                Ty::Unknown
            }
        }
    }

    pub(super) fn imported(&self, name: &str) -> Ty {
        let path = self.imports.get(name).map(String::as_str);
        let mut steps = path.unwrap_or_default().split('.');
        let start = match steps.next() {
            Some("data") => self.sees.data.clone(),
            Some("input") => self.sees.input.clone(),
            _ => Ty::Unknown,
        };
        steps.fold(start, |ty, step| self.follow(&ty, step))
    }

    pub(super) fn follow(&self, ty: &Ty, name: &str) -> Ty {
        self.world.follow(ty, name).unwrap_or_default()
    }

    pub(super) fn object(&mut self, inner: &'i Value) -> Ty {
        let mut fields = BTreeMap::new();
        let mut is_known = true;
        for (key, value) in object_entries(inner) {
            self.expression(key);
            let ty = self.expression(value);
            match string_text(key) {
                Some(key) => drop(fields.insert(key.to_owned(), ty)),
                None => is_known = false,
            }
        }
        match is_known {
            true => Ty::Object(fields),
            false => Ty::Map(Box::default()),
        }
    }

    /// The last of the parts, once the query is read.
    pub(super) fn comprehension(&mut self, inner: &'i Value, parts: &[&str]) -> Ty {
        self.scopes.push(BTreeMap::new());
        if let Some(query) = inner.get("query") {
            self.query(query);
        }
        let mut last = Ty::Unknown;
        for part in parts.iter().filter_map(|part| inner.get(part)) {
            last = self.expression(part);
        }
        self.scopes.pop();
        last
    }

    pub(super) fn call(&mut self, inner: &'i Value) -> Ty {
        if let Some(function) = inner.get("fcn") {
            self.function(function);
        }
        let parameters: Vec<&Value> = list_elements(inner, "params").collect();
        let types: Vec<Ty> = parameters
            .iter()
            .map(|node| self.expression(node))
            .collect();
        let name = inner.get("fcn").and_then(reference_of).unwrap_or_default();
        let is_own = name.split('.').next().is_some_and(|root| {
            self.rules.contains(root) || self.imports.contains_key(root) || root == "data"
        });
        match is_own {
            true => Ty::Unknown,
            false => builtins::result_type(self.world, &name, &parameters, &types),
        }
    }

    /// A function is named, not read.
    pub(super) fn function(&mut self, function: &'i Value) {
        match expression_kind(function) {
            Some(("RefDot" | "RefBrack", inner)) => {
                if let Some(refr) = inner.get("refr") {
                    self.function(refr);
                }
            }
            _ => {
                let name = variable_name(function).unwrap_or_default();
                if self.known(name).is_none() && self.imports.contains_key(name) {
                    self.resolved.imports.insert(name.to_owned());
                }
            }
        }
    }

    pub(super) fn brackets(&mut self, inner: &'i Value) -> Ty {
        let of = inner.get("refr").map(|refr| self.expression(refr));
        let of = of.unwrap_or_default();
        let Some(index) = inner.get("index") else {
            return Ty::Unknown;
        };
        if let Some(key) = string_text(index) {
            self.note(index, Ty::Text);
            return self.follow(&of, key);
        }
        if let Some(at) = index.pointer("/Number/value").and_then(Value::as_u64) {
            self.note(index, Ty::Number);
            return of.item(usize::try_from(at).unwrap_or(usize::MAX));
        }
        // The first use of a variable in brackets iterates.
        let iterates = variable_name(index).filter(|name| self.iterates(name));
        match iterates {
            Some("_") => {}
            Some(name) => {
                let known = self.known(name);
                let number = known
                    .unwrap_or_else(|| self.declare(name.to_owned(), node_span(index), How::Use));
                self.set(number, of.key(), None);
                self.expression(index);
            }
            None => drop(self.expression(index)),
        }
        of.element()
    }
}
