//! Constructs where the register VM and OPA come to different answers, but which are too common to refuse: the policy
//! layer lists them as impossible to recognise for certain; here they are reported as far as they can be recognised.

use std::collections::BTreeSet;

use serde_json::Value;

use super::CheckMistake;
use super::partial::Partial;
use super::resolve::ResolvedModule;
use super::types::Ty;
use crate::lift::schema::Schema;
use crate::model::rule::Level;
use crate::model::text::Span;
use crate::policy::inspect::Inspected;
use crate::policy::rules::{SPRINTF, UNBOUNDED};
use crate::policy::syntax::{
    expression_kind, expression_number, list_definitions, list_elements, node_span, reference_of,
    string_text, visit_nodes,
};
use crate::policy::workbench_rules as rules;

pub(super) fn check_differs(
    schema: &Schema,
    module: &Inspected,
    resolved: &ResolvedModule<'_>,
    partial: &Partial,
    told: &mut Vec<CheckMistake>,
) {
    let mut look = Look {
        schema,
        module,
        resolved,
        partial,
        told,
    };
    for definition in list_definitions(&module.tree) {
        look.negations(definition);
        visit_nodes(definition, &mut |kind, node| match kind {
            "Call" => look.call(node),
            "ObjectCompr" => look.keys(node),
            _ => {}
        });
    }
}

struct Look<'a> {
    schema: &'a Schema,
    module: &'a Inspected,
    resolved: &'a ResolvedModule<'a>,
    partial: &'a Partial,
    told: &'a mut Vec<CheckMistake>,
}

impl Look<'_> {
    fn tell(&mut self, rule: &'static str, level: Level, place: Span, message: String, help: &str) {
        let mistake = self.module.file.mistake(place, message, help).of(rule);
        let level = Some(level);
        self.told.push(CheckMistake { mistake, level });
    }

    fn differs(&mut self, place: Span, message: String, help: &str) {
        self.tell(rules::DIFFERS, Level::Note, place, message, help);
    }

    /// `not f(x.y)`, `not f(g(x))` and `not x.y < 1` hold where `x.y` or `g(x)` is absent; in OPA the body ends there.
    fn negations(&mut self, definition: &Value) {
        let mut stated = BTreeSet::new();
        let mut open = Vec::new();
        visit_nodes(definition, &mut |kind, node| {
            if kind != "literal" {
                return;
            }
            match node.get("literal").and_then(expression_kind) {
                Some(("NotExpr", not)) => {
                    arguments(not.get("expr").unwrap_or(&Value::Null), false, &mut open);
                }
                Some((_, other)) => visit_nodes(other, &mut |kind, node| {
                    if matches!(kind, "RefDot" | "RefBrack" | "Call" | "Var") {
                        stated.insert(self.module.file.text.slice(node_span(node)).to_owned());
                    }
                }),
                None => {}
            }
        });
        for node in open {
            let shown = self.module.file.text.slice(node_span(node)).to_owned();
            // What another line of the rule reads is there when that line holds.
            let is_open = self.may_be_absent(node) || self.may_have_no_value(node);
            if stated.contains(&shown) || !is_open {
                continue;
            }
            let message = format!("this `not` is true when `{shown}` is absent, but not in OPA");
            let help = format!(
                "read `{shown}` on a line before the `not`, or move the whole expression to a rule and negate that rule"
            );
            self.differs(node_span(node), message, &help);
        }
    }

    /// A field of an entity that manifests need not state.
    fn may_be_absent(&self, node: &Value) -> bool {
        let refr = node.pointer("/RefDot/refr");
        let base = refr.map(|refr| self.resolved.ty(refr));
        let field = node.pointer("/RefDot/field/1").and_then(Value::as_str);
        let is_host = field.is_some_and(|field| self.schema.host.entity.contains_key(field));
        match base {
            Some(Ty::Table(table)) => table.at.is_some() && !is_host,
            _ => false,
        }
    }

    /// A function or value of the packs, not a variable of the same name.
    fn may_have_no_value(&self, node: &Value) -> bool {
        let is_local =
            expression_number(node).is_some_and(|number| self.resolved.read.contains_key(&number));
        !is_local && self.partial.has(self.module, node)
    }

    fn call(&mut self, call: &Value) {
        let function = call.get("fcn").and_then(reference_of).unwrap_or_default();
        let parameters: Vec<&Value> = list_elements(call, "params").collect();
        let pattern = match function.as_str() {
            "regex.match" | "regex.split" | "regex.find_n" | "regex.find_all_string_submatch_n" => {
                0
            }
            "regex.replace" => 1,
            _ => usize::MAX,
        };
        if let Some(node) = parameters.get(pattern)
            && let Some(pattern) = string_text(node)
            && let Some((part, instead)) = unicode(pattern)
        {
            let message =
                format!("`{part}` in this pattern matches Unicode here, but only ASCII in OPA");
            self.differs(
                node_span(node),
                message,
                &format!("write {instead}, unless both meanings are fine"),
            );
        }
        match function.as_str() {
            "sprintf" => self.values(&parameters),
            "time.parse_ns" => {
                let message =
                    "`time.parse_ns` accepts `2026-1-5` and text after the date, but OPA does not"
                        .to_owned();
                self.differs(
                    node_span(call),
                    message,
                    "match the text against `^[0-9]{4}-[0-9]{2}-[0-9]{2}$` first",
                );
            }
            "time.add_date" => {
                let message =
                    "`time.add_date` stops at the end of a month, but OPA continues into the next"
                        .to_owned();
                self.differs(
                    node_span(call),
                    message,
                    "add days instead, which is the same in both",
                );
            }
            "graph.reachable_paths" => {
                let message = "`graph.reachable_paths` lists every path of a graph, and hits the time limit with as few as ten nodes".to_owned();
                let help = "use `graph.reachable`, or limit the graph first";
                self.tell(UNBOUNDED, Level::Note, node_span(call), message, help);
                let message = "a path ends at a node that points to itself, but OPA visits the node twice: `[\"a\", \"a\"]`".to_owned();
                let help = "remove nodes that point to themselves from the graph first";
                self.differs(node_span(call), message, help);
            }
            _ => {}
        }
    }

    /// `%d` of text and `%q` of a number are undefined, and the finding with them.
    fn values(&mut self, parameters: &[&Value]) {
        let Some(format) = parameters.first().and_then(|node| string_text(node)) else {
            return;
        };
        let Some(values) = parameters.get(1).and_then(|node| node.get("Array")) else {
            return;
        };
        for (verb, node) in verbs(format)
            .into_iter()
            .zip(list_elements(values, "items"))
        {
            let ty = self.resolved.ty(node);
            let wrong = match (verb, &ty) {
                ('d', Ty::Text) => "text",
                ('d' | 'q', Ty::Bool) => "a boolean",
                ('q', Ty::Number | Ty::Index) => "a number",
                _ => continue,
            };
            let shown = self.module.file.text.slice(node_span(node)).to_owned();
            let message = format!(
                "`%{verb}` cannot format `{shown}`, which is {wrong}, so the finding would be lost"
            );
            self.tell(
                SPRINTF,
                Level::Error,
                node_span(node),
                message,
                "write `%v`, which accepts every value",
            );
        }
    }

    /// `{column.name: … | some column in input.columns}`: two elements may have one name.
    fn keys(&mut self, comprehension: &Value) {
        let Some(key) = comprehension.get("key") else {
            return;
        };
        if self.may_be_absent(key) {
            let shown = self.module.file.text.slice(node_span(key)).to_owned();
            let message = format!(
                "of two elements with the same `{shown}` the last one wins, but OPA ends with an error"
            );
            self.differs(
                node_span(key),
                message,
                "group the elements with `data.govcheck.lib.facts.group`, or take the `.first` of pairs",
            );
        }
    }
}

/// References in the arguments of calls and of `in`, comprehensions left out.
fn arguments<'n>(node: &'n Value, is_argument: bool, found: &mut Vec<&'n Value>) {
    let Some((kind, inner)) = expression_kind(node) else {
        return;
    };
    match kind {
        "RefDot" | "Var" if is_argument => found.push(node),
        "Call" => {
            if is_argument {
                found.push(node);
            }
            list_elements(inner, "params").for_each(|node| arguments(node, true, found));
        }
        // OPA looks at `x.y == 1` as a whole, but not where `x.y` is in a list or a call.
        "BoolExpr" => {
            let is_equal = inner.get("op").and_then(Value::as_str) == Some("Eq");
            for node in ["lhs", "rhs"].iter().filter_map(|side| inner.get(side)) {
                let is_name = matches!(
                    expression_kind(node),
                    Some(("RefDot" | "Var" | "RefBrack", _))
                );
                arguments(node, !(is_equal && is_name), found);
            }
        }
        "Membership" => {
            for part in ["key", "value", "collection"] {
                let part = inner.get(part).filter(|part| part.is_object());
                part.into_iter()
                    .for_each(|node| arguments(node, true, found));
            }
        }
        "RefBrack" => {
            inner
                .get("index")
                .into_iter()
                .for_each(|node| arguments(node, true, found));
        }
        "Array" | "Set" => {
            list_elements(inner, "items").for_each(|node| arguments(node, is_argument, found));
        }
        _ => {}
    }
}

/// A class that means more than in OPA, and what to write for it.
fn unicode(pattern: &str) -> Option<(&'static str, &'static str)> {
    const CLASSES: [(&str, &str); 7] = [
        (r"\w", "`[0-9A-Za-z_]`"),
        (r"\W", "`[^0-9A-Za-z_]`"),
        (r"\d", "`[0-9]`"),
        (r"\D", "`[^0-9]`"),
        (r"\b", "`(?-u:\\b)`"),
        (r"\s", "`[\\t\\n\\f\\r ]`"),
        (r"\S", "`[^\\t\\n\\f\\r ]`"),
    ];
    // An escaped backslash does not start a class: `\\d`.
    let plain = pattern.replace(r"\\", "");
    CLASSES.into_iter().find(|(class, _)| plain.contains(class))
}

/// The verbs of a format, in order.
fn verbs(format: &str) -> Vec<char> {
    let mut verbs = Vec::new();
    let mut rest = format.chars();
    while let Some(char) = rest.next() {
        if char != '%' {
            continue;
        }
        let verb = rest
            .by_ref()
            .find(|char| char.is_alphabetic() || *char == '%');
        verbs.extend(verb.filter(|verb| *verb != '%'));
    }
    verbs
}
