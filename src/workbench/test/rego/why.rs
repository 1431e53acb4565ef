//! Why a step does not hold: the first statement that leaves no binding, and the values of its parts and variables, asked
//! of the same engine on the same input and data.

use serde_json::Value;

use super::super::Expression;
use super::plan::{Ask, Statement, With};
use super::read::TestFile;
use super::runner::{Bindings, Runner, StepInput, extend_bindings};
use super::scope::statement_names;
use crate::model::text::{SourceText, text_offset};
use crate::policy::engine::Datum;
use crate::policy::syntax::{node_extent, variable_name};
use crate::report::escape::cut_text;

/// Characters of a value that are shown.
const SHOWN: usize = 400;

/// The expression of an ask that fails for these bindings.
pub(super) fn failed_expression(
    runner: &Runner<'_>,
    file: &TestFile,
    (ask, with): (&Ask, &[With]),
    bindings: &Bindings,
    seen: &StepInput,
) -> Expression {
    let once = Once {
        runner,
        file,
        with,
        seen,
    };
    let mut before = bindings.clone();
    let mut failing = ask.parts.first();
    for count in 1..=ask.parts.len() {
        failing = ask.parts.get(count - 1);
        match once.prefix(ask, count, bindings) {
            Some(Some(bound)) => before = bound,
            // It does not hold, or can't be asked without the statements after it.
            Some(None) => break,
            None => {}
        }
    }
    let Some(part) = failing else {
        return Expression {
            line: 1,
            text: String::new(),
            values: Vec::new(),
            bindings: 1,
        };
    };
    Expression {
        line: part.line,
        text: part.shown.clone(),
        values: once.values(part, &before),
        bindings: 1,
    }
}

/// Asks what no step asks.
struct Once<'o> {
    runner: &'o Runner<'o>,
    file: &'o TestFile,
    with: &'o [With],
    seen: &'o StepInput,
}

impl Once<'_> {
    fn ask(&self, ask: &Ask, bindings: &Bindings) -> Option<Vec<Vec<Datum>>> {
        let programs = self.runner.program(self.file, self.with, &[ask]).ok()?;
        let program = programs.get(&ask.name)?;
        self.runner.rows(program, ask, bindings, self.seen).ok()
    }

    /// The bindings after the first statements of an ask. `Some(None)` if there are none, `None` if it can't be asked.
    fn prefix(&self, ask: &Ask, count: usize, bindings: &Bindings) -> Option<Option<Bindings>> {
        let parts: Vec<Statement> = ask.parts.iter().take(count).cloned().collect();
        let text = &self.file.file.text;
        let bound = |name: &String| {
            parts
                .iter()
                .any(|part| statement_names(text, &part.node).bound.contains(name))
        };
        let prefix = Ask {
            gives: ask
                .gives
                .iter()
                .filter(|name| bound(name) || name.starts_with("govcheck_"))
                .cloned()
                .collect(),
            declares: ask
                .declares
                .iter()
                .filter(|name| bound(name))
                .cloned()
                .collect(),
            parts,
            ..ask.clone()
        };
        let rows = self.ask(&prefix, bindings)?;
        Some(
            rows.into_iter()
                .next()
                .map(|row| extend_bindings(bindings, &prefix.gives, row)),
        )
    }

    /// The two sides of a comparison or the expression itself, then the variables in it.
    fn values(&self, part: &Statement, bindings: &Bindings) -> Vec<(String, String)> {
        let text = &self.file.file.text;
        let mut values: Vec<(String, String)> = Vec::new();
        let names = statement_names(text, &part.node);
        for node in operands(&part.node) {
            let shown = written(text, node).to_owned();
            let is_known = bindings.contains_key(&shown) || is_literal(node);
            if is_known || values.iter().any(|(known, _)| *known == shown) {
                continue;
            }
            let value = Ask {
                name: "govcheck_why".to_owned(),
                parts: vec![Statement {
                    text: format!("govcheck_value := {shown}"),
                    ..part.clone()
                }],
                uses: names
                    .used
                    .iter()
                    .filter(|name| bindings.contains_key(*name))
                    .cloned()
                    .collect(),
                declares: Vec::new(),
                gives: vec!["govcheck_value".to_owned()],
            };
            // What can't be asked by itself is left out, not called undefined.
            if let Some(rows) = self.ask(&value, bindings) {
                let all: Vec<String> = rows.iter().flatten().map(ToString::to_string).collect();
                let all = if all.is_empty() {
                    "undefined".to_owned()
                } else {
                    all.join(", or ")
                };
                values.push((shown, cut_text(&all, SHOWN)));
            }
        }
        let shown = |name: &String| names.used.contains(name) || part.variables.contains(name);
        for (name, value) in bindings.iter().filter(|(name, _)| shown(name)) {
            values.push((name.clone(), cut_text(&value.to_string(), SHOWN)));
        }
        values
    }
}

/// What is worth a look in a statement: both sides of a comparison, what is walked, what is negated.
fn operands(literal: &Value) -> Vec<&Value> {
    let expression = ["Expr", "NotExpr"]
        .iter()
        .find_map(|kind| literal.get(*kind)?.get("expr"));
    if let Some(some) = literal.get("SomeIn") {
        return some.get("collection").into_iter().collect();
    }
    if let Some(every) = literal.get("Every") {
        return every.get("domain").into_iter().collect();
    }
    // The value of a test's head is an expression by itself.
    let expression = expression.unwrap_or(literal);
    let sides = ["BoolExpr", "AssignExpr", "Membership", "BinExpr"];
    let Some(sides) = sides.iter().find_map(|kind| expression.get(*kind)) else {
        return vec![expression];
    };
    let parts = ["lhs", "value", "rhs", "collection"];
    let parts = parts.iter().filter_map(|part| sides.get(*part));
    let mut parts: Vec<&Value> = parts.filter(|part| part.is_object()).collect();
    // What an assignment binds has no value yet.
    if expression.pointer("/AssignExpr/op").and_then(Value::as_str) == Some("ColEq") {
        parts.remove(0);
    }
    // `count(x)` says little without `x`.
    let arguments = parts.iter().filter_map(|part| part.get("Call"));
    let arguments: Vec<&Value> = arguments
        .flat_map(|call| crate::policy::syntax::list_elements(call, "params"))
        .collect();
    parts.extend(
        arguments
            .into_iter()
            .filter(|argument| variable_name(argument).is_none()),
    );
    parts
}

/// The text of a node; that of an object from its brace on, where the engine's own place begins within.
fn written<'t>(text: &'t SourceText, node: &Value) -> &'t str {
    let mut whole = node_extent(node);
    if let Some(key) = node.pointer("/Object/fields/0/1") {
        let first = node_extent(key).start as usize;
        let brace = text
            .as_str()
            .get(..first)
            .and_then(|before| before.rfind('{'));
        whole.start = brace.map_or(whole.start, text_offset);
    }
    text.slice(whole)
}

fn is_literal(node: &Value) -> bool {
    let kinds = [
        "Number",
        "String",
        "RawString",
        "Bool",
        "Null",
        "True",
        "False",
    ];
    kinds.iter().any(|kind| node.get(*kind).is_some())
}
