//! A program without redundant instructions gives the same answers.

use std::sync::Arc;
use std::time::Duration;

use regorus::rvm::Program;

use super::remove_redundant;
use crate::policy::engine::optimise::loops::optimise_loops;
use crate::policy::engine::{Bounds, Compiled, Datum, Judge, Module, compile_modules};

pub(in crate::policy::engine) const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(10),
    memory: 1 << 28,
    instructions: 1_000_000,
};

pub(in crate::policy::engine) fn compiled(rego: &str) -> Compiled {
    let module = Module {
        name: "a.rego".to_owned(),
        text: format!("package a\n\n{rego}\n"),
    };
    compile_modules(&[module], "data.a.x").unwrap()
}

/// The program as it is compiled, and trimmed.
pub(in crate::policy::engine) fn both(compiled: &Compiled) -> (Program, Program) {
    let before = compiled.mended(&["data.a.x"]).unwrap();
    let mut after = before.clone();
    remove_redundant(&mut after);
    (before, after)
}

pub(in crate::policy::engine) fn says(program: Program, input: &Datum) -> String {
    let judge = Judge {
        program: Arc::new(program),
        trace: None,
    };
    let data = Datum::json(&serde_json::json!({"names": {"a": "one", "b": "two"}, "list": [1, 2]}));
    let answer = judge.worker(&data, BOUNDS).evaluate("data.a.x", input);
    format!("{answer:?}")
}

#[test]
fn a_loop_keeps_what_says_something() {
    let compiled = compiled("x := [i | some i, c in input.columns; c.key]");
    let (before, after) = both(&compiled);
    assert_eq!(
        (before.instructions.len(), after.instructions.len()),
        (23, 15),
        "{:#?}",
        after.instructions
    );
}

#[test]
fn programs_give_the_same_answers_as_before() {
    let inputs = [
        serde_json::json!({}),
        serde_json::json!({"columns": []}),
        serde_json::json!({"columns": [{"name": "a", "key": true, "tags": ["p", "q"]}, {"key": false}, {"name": "b", "tags": []}, {"name": "c", "key": true, "n": 3}]}),
        serde_json::json!({"columns": {"u": {"name": "a", "tags": {"t": 1}}, "v": {"name": "a", "key": true}}, "name": "b", "n": 2}),
        serde_json::json!({"columns": "none", "name": null}),
        serde_json::json!({"columns": [[{"name": "b", "n": 1}], [], [{"n": 2}, {"name": "a"}]]}),
    ];
    let rules = [
        "x := [i | some i, c in input.columns; c.key]",
        "x := [c.name | some c in input.columns]",
        "x := {c.name: i | some i, c in input.columns; c.name; not c.key}",
        "x := {c.name | some c in input.columns; some t in c.tags; t != \"q\"}",
        "x contains [i, j, t] if { some i, c in input.columns; some j, t in c.tags }",
        "x contains name if { some c in input.columns; name := c.name; name in {\"a\", \"c\"} }",
        "x contains m if { some i, c in input.columns; n := c.n; k := n + i; m := sprintf(\"%d %d\", [k, n]) }",
        "x if every c in input.columns { c.name }",
        "x if { every i, c in input.columns { n := c.name; count(n) > 0; i >= 0 } }",
        "x := [y | some c in input.columns; y := [t | some t in c.tags; t != c.name]]",
        "x := [y | some c in input.columns; y := count([t | some t in c.tags])]",
        "x := n if { n := input.name; some c in input.columns; c.name == n } else := \"other\"",
        "x := f(input.name)\nf(n) := m if { m := data.names[n] } else := n",
        "x contains f(c, i) if some i, c in input.columns\nf(c, i) := [c.name, i] if c.key\nf(c, i) := i if not c.key",
        "x contains y if { some c in input.columns; [y, _] := g(c) }\ng(c) := [c.name, 1]",
        "default x := 7\nx := c.n if { some c in input.columns; c.n > 1 }",
        "x[c.name] contains i if some i, c in input.columns",
        "x[c.name] := 1 if { some c in input.columns; c.key }",
        "x := [p | some list in input.columns; some c in list; p := object.get(c, \"name\", c.n)]",
        "x contains c.name if { some c in input.columns; not y[c.name] }\ny[n] if { n := \"a\"; input.columns }",
        "x := [v | v := input.columns[_].name]",
        "x := [i | v := input.columns[i].name; v == \"a\"]",
        "x := [k | some k, v in data.names; w := v; w != \"one\"]",
        "x := [s | some a in data.list; some b in data.list; a != b; s := a + b]",
        "x contains 1 if { a := input.columns; b := a; c := b; count(c) > 1 }",
        "x := y if { y := {z | some c in input.columns; z := c.name}; count(y) > 0 }",
        "x if { some c in input.columns; c.name == \"a\" }\nx if { input.name == \"b\" }",
        "x contains v if { some c in input.columns; v := {\"m\": c.name, \"at\": [c.n, c.key]} }",
    ];
    let mut fewer = 0;
    for rule in rules {
        let compiled = compiled(rule);
        let (before, after) = both(&compiled);
        fewer += before.instructions.len() - after.instructions.len();
        let mut hastened = after.clone();
        optimise_loops(&mut hastened);
        for input in &inputs {
            let input = Datum::json(input);
            let said = says(before.clone(), &input);
            assert_eq!(
                says(hastened.clone(), &input),
                said,
                "hastened: {rule}\n{input:?}\n{:#?}",
                hastened.instructions
            );
            assert_eq!(
                says(after.clone(), &input),
                said,
                "{rule}\n{input:?}\n{:#?}",
                after.instructions
            );
        }
    }
    assert!(fewer > 100, "{fewer}");
}
