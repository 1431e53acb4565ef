//! Syntax trees as values, in the shape in which regorus serialises them. Its own way there goes through a buffer for each
//! level of a tree: that was a quarter of what a pack took to load. A test holds one against the other.

use regorus::Value;
use regorus::unstable::{
    ArithOp, AssignOp, BinOp, BoolOp, Expr, Import, Literal, LiteralStmt, Module, Package, Query,
    Ref, Rule, RuleAssign, RuleBody, RuleHead, Span, WithModifier,
};
use serde_json::{Map, Value as Json};

/// An object of fields, without those that the shape does not have.
macro_rules! node {
    ($($name:literal: $value:expr),* $(,)?) => {{
        let mut fields = Map::with_capacity(8);
        $(fields.insert($name.to_owned(), $value.tree());)*
        Json::Object(fields)
    }};
}

/// An object of one field, which says what it is.
fn kind(name: &str, inner: Json) -> Json {
    Json::Object(Map::from_iter([(name.to_owned(), inner)]))
}

/// The tree of a module.
pub(in crate::policy::engine) fn build_tree(module: &Module) -> Json {
    module.tree()
}

trait SyntaxNode {
    fn tree(&self) -> Json;
}

impl<T: SyntaxNode> SyntaxNode for Ref<T> {
    fn tree(&self) -> Json {
        self.as_ref().tree()
    }
}

impl<T: SyntaxNode> SyntaxNode for &T {
    fn tree(&self) -> Json {
        (*self).tree()
    }
}

impl<T: SyntaxNode> SyntaxNode for Vec<T> {
    fn tree(&self) -> Json {
        Json::Array(self.iter().map(SyntaxNode::tree).collect())
    }
}

impl<T: SyntaxNode> SyntaxNode for Option<T> {
    fn tree(&self) -> Json {
        self.as_ref().map_or(Json::Null, SyntaxNode::tree)
    }
}

impl<A: SyntaxNode, B: SyntaxNode> SyntaxNode for (A, B) {
    fn tree(&self) -> Json {
        Json::Array(vec![self.0.tree(), self.1.tree()])
    }
}

impl<A: SyntaxNode, B: SyntaxNode, C: SyntaxNode> SyntaxNode for (A, B, C) {
    fn tree(&self) -> Json {
        Json::Array(vec![self.0.tree(), self.1.tree(), self.2.tree()])
    }
}

impl SyntaxNode for u32 {
    fn tree(&self) -> Json {
        Json::from(*self)
    }
}

impl SyntaxNode for bool {
    fn tree(&self) -> Json {
        Json::Bool(*self)
    }
}

impl SyntaxNode for String {
    fn tree(&self) -> Json {
        Json::String(self.clone())
    }
}

impl SyntaxNode for Value {
    fn tree(&self) -> Json {
        match self {
            Value::String(text) => Json::String((**text).to_owned()),
            Value::Bool(value) => Json::Bool(*value),
            Value::Null => Json::Null,
            // Numbers have more ways to be written than is worth knowing here.
            other => serde_json::to_value(other).unwrap_or_default(),
        }
    }
}

impl SyntaxNode for Span {
    fn tree(&self) -> Json {
        node! {"line": self.line, "col": self.col, "start": self.start, "end": self.end}
    }
}

/// Operators: their names.
macro_rules! names {
    ($($kind:ident: $($name:ident),*;)*) => {
        $(impl SyntaxNode for $kind {
            fn tree(&self) -> Json {
                let name = match self {
                    $($kind::$name => stringify!($name),)*
                };
                Json::String(name.to_owned())
            }
        })*
    };
}

names! {
    BinOp: Intersection, Union;
    ArithOp: Add, Sub, Mul, Div, Mod;
    BoolOp: Lt, Le, Eq, Ge, Gt, Ne;
    AssignOp: Eq, ColEq;
}

/// Kinds of nodes with their fields, in the order in which they are declared.
macro_rules! kinds {
    ($of:ident: $($name:ident {$($field:ident),*})*) => {
        impl SyntaxNode for $of {
            fn tree(&self) -> Json {
                match self {
                    $($of::$name {$($field),*} => {
                        let mut fields = Map::with_capacity(8);
                        $(fields.insert(stringify!($field).to_owned(), $field.tree());)*
                        kind(stringify!($name), Json::Object(fields))
                    })*
                }
            }
        }
    };
}

kinds! { Expr:
    String {span, value, eidx}
    RawString {span, value, eidx}
    Number {span, value, eidx}
    Bool {span, value, eidx}
    Null {span, value, eidx}
    Var {span, value, eidx}
    Array {span, items, eidx}
    Set {span, items, eidx}
    Object {span, fields, eidx}
    ArrayCompr {span, term, query, eidx}
    SetCompr {span, term, query, eidx}
    ObjectCompr {span, key, value, query, eidx}
    Call {span, fcn, params, eidx}
    UnaryExpr {span, expr, eidx}
    RefDot {span, refr, field, eidx}
    RefBrack {span, refr, index, eidx}
    BinExpr {span, op, lhs, rhs, eidx}
    BoolExpr {span, op, lhs, rhs, eidx}
    ArithExpr {span, op, lhs, rhs, eidx}
    AssignExpr {span, op, lhs, rhs, eidx}
    Membership {span, key, value, collection, eidx}
}

kinds! { Literal:
    SomeVars {span, vars}
    SomeIn {span, key, value, collection}
    Expr {span, expr}
    NotExpr {span, expr}
    Every {span, key, value, domain, query}
}

kinds! { RuleHead:
    Compr {span, refr, assign}
    Set {span, refr, key}
    Func {span, refr, args, assign}
}

kinds! { Rule:
    Spec {span, head, bodies}
    Default {span, refr, args, op, value}
}

impl SyntaxNode for WithModifier {
    fn tree(&self) -> Json {
        node! {"span": self.span, "refr": self.refr, "as": self.r#as}
    }
}

impl SyntaxNode for LiteralStmt {
    fn tree(&self) -> Json {
        if self.with_mods.is_empty() {
            return node! {"span": self.span, "literal": self.literal, "sidx": self.sidx};
        }
        node! {
            "span": self.span, "literal": self.literal, "with_mods": self.with_mods, "sidx": self.sidx
        }
    }
}

impl SyntaxNode for Query {
    fn tree(&self) -> Json {
        node! {"span": self.span, "stmts": self.stmts, "qidx": self.qidx}
    }
}

impl SyntaxNode for RuleAssign {
    fn tree(&self) -> Json {
        node! {"span": self.span, "op": self.op, "value": self.value}
    }
}

impl SyntaxNode for RuleBody {
    fn tree(&self) -> Json {
        node! {"span": self.span, "assign": self.assign, "is_else": self.is_else, "query": self.query}
    }
}

impl SyntaxNode for Package {
    fn tree(&self) -> Json {
        node! {"span": self.span, "refr": self.refr}
    }
}

impl SyntaxNode for Import {
    fn tree(&self) -> Json {
        match &self.r#as {
            Some(alias) => node! {"span": self.span, "refr": self.refr, "as": alias},
            None => node! {"span": self.span, "refr": self.refr},
        }
    }
}

impl SyntaxNode for Module {
    fn tree(&self) -> Json {
        let mut tree = node! {
            "package": self.package, "imports": self.imports, "rules": self.policy, "rego_v1": self.rego_v1
        };
        if let Json::Object(fields) = &mut tree {
            if let Some(target) = &self.target {
                fields.insert("target".to_owned(), target.tree());
            }
            for (name, count) in [
                ("num_expressions", self.num_expressions),
                ("num_statements", self.num_statements),
                ("num_queries", self.num_queries),
            ] {
                fields.insert(name.to_owned(), count.tree());
            }
        }
        tree
    }
}

#[cfg(test)]
mod tests {
    use regorus::Engine;

    use super::*;
    use crate::policy::source::PackSource;

    const ALL: &str = r#"package t.u

import data.govcheck.lib.words
import data.a.b as c

default allow := false

default none(_) := {1, 2.5, 1e30, -3, "a", `raw`, null, true}

allow if {
	some x, y in input.xs
	some z in [1, 2]
	some a, b
	input.q[a][b] == {"k": [v | v := input.v], "m": {s | some s in {1}}, "o": {k: v | some k, v in input.o}}
	not input.n
	every k, v in input.e { k != v }
	every w in input.e { w > 1; w >= 1; w < 9; w <= 9 }
	1 + 2 * 3 - 4 / 5 % 6 == -x
	"y" in y
	"i", "y" in y
	input.s | input.t == input.s & input.t
	p = words.f("x") with input as {"a": 1} with data.x as 2
	c.d[_] = z
} else := 3 if {
	true
} else := 4

f(x, [y, {"z": z}]) := x + y + z

s contains x if x := 1

o[k] := v if { some k, v in input.o }

t.u["v"] := 1 if true

w := 1
w := 2 { false }
"#;

    #[test]
    fn a_tree_is_what_regorus_serialises() {
        let pack = PackSource::builtin();
        let files = pack
            .files
            .iter()
            .filter(|file| file.path.ends_with(".rego"));
        let own = ALL.replace("w := 2 { false }", "w := 2 if false");
        let texts = files.map(|file| file.text.as_str()).chain([own.as_str()]);
        let mut count = 0;
        for text in texts {
            let mut engine = Engine::new();
            engine
                .add_policy("t.rego".to_owned(), text.to_owned())
                .unwrap();
            for module in engine.get_modules() {
                let theirs = serde_json::to_string(module).unwrap();
                assert_eq!(serde_json::to_string(&build_tree(module)).unwrap(), theirs);
                count += 1;
            }
        }
        assert!(count > 60, "{count}");
    }
}
