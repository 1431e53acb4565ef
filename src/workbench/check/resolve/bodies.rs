//! The statements of bodies in their order: what each binds, and what is bound behind its use.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::types::Ty;
use super::{How, Resolver};
use crate::policy::syntax::{
    expression_kind, expression_number, list_elements, node_span, object_entries, variable_name,
};

impl<'i> Resolver<'_, 'i> {
    pub(super) fn query(&mut self, query: &'i Value) {
        let literals =
            || list_elements(query, "stmts").filter_map(|statement| statement.get("literal"));
        // A body may use what it binds further down.
        for literal in literals() {
            self.announce(literal);
        }
        for statement in list_elements(query, "stmts") {
            if let Some(literal) = statement.get("literal") {
                self.literal(literal);
            }
            for with in list_elements(statement, "with_mods") {
                with.get("as").map(|value| self.expression(value));
            }
        }
    }

    pub(super) fn announce(&mut self, literal: &'i Value) {
        let Some((kind, inner)) = expression_kind(literal) else {
            return;
        };
        match kind {
            "SomeVars" => {
                for place in list_elements(inner, "vars").map(node_span) {
                    let name = self.module.file.text.slice(place).to_owned();
                    self.declare(name, place, How::Some);
                }
            }
            "SomeIn" => {
                for part in ["key", "value"].iter().filter_map(|part| inner.get(part)) {
                    self.announce_pattern(part, How::Some);
                }
            }
            "Expr" => {
                let assigned = inner.pointer("/expr/AssignExpr");
                let declares =
                    |assigned: &&Value| assigned.get("op").and_then(Value::as_str) == Some("ColEq");
                if let Some(left) = assigned.filter(declares).and_then(|a| a.get("lhs")) {
                    self.announce_pattern(left, How::Assigned);
                }
            }
            _ => {}
        }
    }

    pub(super) fn announce_pattern(&mut self, pattern: &'i Value, how: How) {
        if let Some(name) = variable_name(pattern) {
            if name != "_" {
                self.declare(name.to_owned(), node_span(pattern), how);
            }
            return;
        }
        match expression_kind(pattern) {
            Some(("Array", inner)) => {
                list_elements(inner, "items").for_each(|item| self.announce_pattern(item, how));
            }
            Some(("Object", inner)) => {
                object_entries(inner).for_each(|(_, value)| self.announce_pattern(value, how));
            }
            _ => {}
        }
    }

    pub(super) fn literal(&mut self, literal: &'i Value) {
        let Some((kind, inner)) = expression_kind(literal) else {
            return;
        };
        let part = |name: &str| inner.get(name).filter(|part| part.is_object());
        match kind {
            "SomeIn" => {
                let ty = part("collection").map(|node| self.expression(node));
                let ty = ty.unwrap_or_default();
                if let Some(key) = part("key") {
                    self.bind(key, How::Some, ty.key(), None);
                }
                if let Some(value) = part("value") {
                    self.bind(value, How::Some, ty.element(), None);
                }
            }
            "Every" => {
                let ty = part("domain").map(|node| self.expression(node));
                let ty = ty.unwrap_or_default();
                self.scopes.push(BTreeMap::new());
                let given = [("key", ty.key()), ("value", ty.element())];
                for (name, ty) in given {
                    let Some(place) = part(name).map(node_span) else {
                        continue;
                    };
                    let name = self.module.file.text.slice(place).to_owned();
                    if name != "_" {
                        let number = self.declare(name, place, How::Every);
                        self.set(number, ty, None);
                    }
                }
                if let Some(query) = inner.get("query") {
                    self.query(query);
                }
                self.scopes.pop();
            }
            "Expr" | "NotExpr" => {
                if let Some(node) = inner.get("expr") {
                    self.expression(node);
                }
            }
            _ => {}
        }
    }

    pub(super) fn assignment(&mut self, inner: &'i Value) -> Ty {
        let (Some(left), Some(right)) = (inner.get("lhs"), inner.get("rhs")) else {
            return Ty::Unknown;
        };
        if inner.get("op").and_then(Value::as_str) == Some("ColEq") {
            let ty = self.expression(right);
            self.bind(left, How::Assigned, ty, Some(right));
            return Ty::Bool;
        }
        let is_open = |of: &Self, node: &Value| {
            variable_name(node).is_some_and(|name| of.iterates(name) && name != "_")
        };
        for (open, value) in [(left, right), (right, left)] {
            if is_open(self, open) {
                let ty = self.expression(value);
                self.expression(open);
                let read = expression_number(open)
                    .and_then(|number| self.resolved.read.get(&number).copied());
                let name = variable_name(open).unwrap_or_default();
                if let Some(binding) = read.or_else(|| self.known(name)) {
                    self.set(binding, ty, None);
                }
                return Ty::Bool;
            }
        }
        self.sides(inner);
        Ty::Bool
    }
}
