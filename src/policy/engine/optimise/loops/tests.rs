//! Loops that run in one step give the same answers as iteration by iteration.

use std::sync::Arc;

use regorus::rvm::Program;

use super::optimise_loops;
use crate::policy::engine::optimise::redundant::tests::{BOUNDS, both, compiled, says};
use crate::policy::engine::{Bounds, Datum, Judge};

/// The program as it is trimmed, and hastened.
fn two(rego: &str) -> (Program, Program) {
    let (_, before) = both(&compiled(rego));
    let mut after = before.clone();
    optimise_loops(&mut after);
    (before, after)
}

fn inputs() -> Vec<Datum> {
    let columns = serde_json::json!([
        {"name": "a", "key": true, "tier": "x", "tags": ["p"], "n": 1},
        {"name": "", "key": false, "tier": "y", "n": null, "unit": "€ü𝄞"},
        {"name": "b", "text": " ", "tier": "x", "n": 2, "table": "t"},
        {"n": "2", "tier": false, "table": "t", "tags": []},
        "none", 7, null, [], [1, 2], {},
        {"name": {"a": 1}, "text": "Text", "n": 2.5, "key": {"k": 1}},
    ]);
    let all = [
        serde_json::json!({}),
        serde_json::json!({"columns": []}),
        serde_json::json!({"columns": {}}),
        serde_json::json!({"columns": "none", "wanted": "x"}),
        serde_json::json!({"columns": null}),
        serde_json::json!({"columns": columns, "wanted": "x", "limit": 1, "names": ["a", "b"]}),
        serde_json::json!({"columns": [columns[0]], "wanted": false}),
        serde_json::json!({"columns": [columns[2], columns[2]], "limit": "1"}),
        serde_json::json!({"columns": {"u": columns[0], "v": columns[1], "w": 3}, "wanted": "y", "limit": 0}),
    ];
    all.iter().map(Datum::json).collect()
}

#[test]
fn what_turns_say_in_one_go_is_what_they_say_one_by_one() {
    let rules = [
        // Gathered.
        "x := [i | some i, c in input.columns; c.key]",
        "x := [i | some i, c in input.columns; not c.key]",
        "x := {c.tier | some c in input.columns}",
        "x := {c.name: i | some i, c in input.columns}",
        "x := {i: c | some i, c in input.columns; c.n == 2}",
        "x := [object.get(c, \"name\", \"none\") | some c in input.columns]",
        "x := [object.get(c, [\"name\", \"a\"], 3) | some c in input.columns]",
        "x := [object.get(c, \"name\", c.n) | some c in input.columns]",
        "x := [{\"m\": c.name, c.tier: [i, c.n]} | some i, c in input.columns]",
        "x := [c | some c in input.columns; c.n > 1; c.n <= 2.5]",
        "x := [c.n | some c in input.columns; c.n != 2]",
        "x := [b | some c in input.columns; b := c.n >= 2]",
        "x := [b | some c in input.columns; b := c.n < \"1\"]",
        "x := [c.tags[0] | some c in input.columns]",
        "x := [c[0] | some c in input.columns]",
        "x := [c.name | some c in input.columns; c.tier in {\"x\", false}]",
        "x := [c.name | some c in input.columns; not c.tier in [\"x\", \"y\"]]",
        "x := [count(c) | some c in input.columns]",
        "x := [lower(c.text) | some c in input.columns; trim_space(c.text) != \"\"]",
        "x := [i | some i, c in input.columns; not regex.match(`^[a-z]+$`, c.name)]",
        "x := [i | some i, c in input.columns; not startswith(c.name, \"a\")]",
        "x := {\"a\": [c.n | some c in input.columns], \"b\": {c.n | some c in input.columns}}",
        "x := [c | c := input.columns[_]; c.key]",
        "x := [y | some c in input.columns; y := [t | some t in c.tags; t != c.name]]",
        "x := [[i, j, t] | some i, c in input.columns; c.tags; some j, t in c.tags]",
        "x := {t | some c in input.columns; some t in c.tags; t != c.name}",
        "x := {t: c.name | some c in input.columns; some t in c.tags}",
        "x := [[a, b] | some a, c in input.columns; some b, d in input.columns; c.table == d.table; a < b]",
        "x := [v | some c in input.columns; some v in c]",
        "x := [v | some c in input.columns; some v in object.keys(c); v != \"n\"]",
        "x := [sprintf(\"%v in %d\", [c.name, i]) | some i, c in input.columns; c.name]",
        "x := [object.filter(input.columns[i], [\"name\", \"n\"]) | some i, c in input.columns; c.key]",
        "x := [object.filter(c, {\"name\", \"tags\", \"nope\"}) | some c in input.columns]",
        "x := [object.filter(c, [\"n\", \"n\", 1]) | some c in input.columns]",
        "x := [object.filter(c, {\"n\": 1, \"key\": 2}) | some c in input.columns]",
        "x := [object.filter(c, \"n\") | some c in input.columns]",
        "x := [count(c.unit) | some c in input.columns]",
        "x := [p[count(p) - 1] | some c in input.columns; p := split(c.name, \"_\")]",
        "x := [array.reverse(split(c.name, \"_\"))[0] | some c in input.columns]",
        "x := [[k, v] | some c in input.columns; [k, v] := c]",
        "x contains [i, t] if some [i, t] in y\ny := [[i, c.tier] | some i, c in input.columns]",
        "x contains c.name if some c in input.columns",
        "x contains {\"n\": c.n, \"at\": [\"columns\", i]} if { some i, c in input.columns; c.n }",
        "x contains c.name if { some c in input.columns; c.n }\nx contains c.tier if { some c in input.columns; c.key }\nx contains 1",
        "x contains [i, t] if { some i, c in input.columns; some t in c.tags }\nx contains t if { some c in input.columns; some t in c.tags }",
        "x contains [n, c.n] if { some n in [1, 2]; some c in input.columns; c.n }",
        "x contains c if { input.wanted; some c in input.columns; c.tier == input.wanted }",
        "x := {t: [i | some i, n in y; n == t] | some t in z}\ny := [object.get(c, \"tier\", false) | some c in input.columns]\nz := {t | some t in y; t != false}",
        "x := {n: [c.name | some c in input.columns; m := n; c.tier == t; c.n != m] | some n, t in {\"a\": \"x\", \"b\": \"y\"}}",
        "x contains [t, l] if { some t in [1, \"x\", input.nope]; l := [c.name | some c in input.columns; c.tier == t] }",
        "x contains [t, l] if { some c in input.columns; t := c.nope; l := [d.name | some d in input.columns; not d.tier == t] }",
        // Sifted.
        "x contains {\"i\": i, \"n\": c.name} if { some i, c in input.columns; c.key; c.name }",
        "x contains c.name if { some c in input.columns; c.tier == input.wanted }",
        "x contains i if { some i, c in input.columns; not c.tier == input.wanted }",
        "x contains i if { some i, c in input.columns; w := input.wanted; not c.tier == w }",
        "x contains i if { w := input.wanted; some i, c in input.columns; not c.tier == w }",
        "x contains i if { l := object.get(input, \"limit\", 0); some i, c in input.columns; c.n > l }",
        "x contains [a, b] if { some a, c in input.columns; some b, d in input.columns; a < b; c.table == d.table }",
        "x contains c.name if { some c in input.columns; c.name in input.names }",
        "x contains i if { some i, c in input.columns; some t in c.tags; t == c.tags[0] }",
        "x := {t: [i | some i, c in input.columns; c.tier == t] | some t in {\"x\", \"y\"}}",
        "x := n if { n := input.limit; some c in input.columns; c.n == n } else := \"other\"",
        "x if { some c in input.columns; c.key; c.name == \"a\" }",
        "x if input.columns[_].key",
        "x[c.name] := i if { some i, c in input.columns; c.n == 1 }",
        "x contains k if { some k; input.columns[k].key }",
        // Of all.
        "x if every c in input.columns { c.tier }",
        "x if every c in input.columns { c.name != \"\" }",
        "x if every i, c in input.columns { i >= 0; not c.nope }",
        "x if every c in input.columns { not count(c.name) == count(c.text) }",
        "x if not every_one\nevery_one if every c in input.columns { c.tier != input.wanted }",
        // Functions.
        "x contains i if { some i, c in input.columns; f(c) }\nf(c) if c.key",
        "x contains i if { some i, c in input.columns; not f(c) }\nf(c) if count(trim_space(c.text)) > 0",
        "x := [f(c) | some c in input.columns]\nf(c) := c.n if c.tier == \"x\"\nf(c) := c.n if c.table\nf(c) := 0 if c.key",
        "x := [f(c, i) | some i, c in input.columns]\nf(c, i) := [c.name, i] if c.n\nf(c, _) := false if not c.n",
        "x := [f(c) | some c in input.columns]\nf({\"name\": name}) := name",
        "x := [f(c) | some c in input.columns]\nf(c) := 1 if { c.key } else := 2 if { c.n }",
        "x := [f(c) | some c in input.columns]\ndefault f(_) := 9\nf(c) := 1 if c.key",
        "x := [f(c) | some c in input.columns]\nf(c) := g(c.n) if c.tier\ng(n) := n + 1 if n\ng(n) := 0 if not n",
        "x := [f(c) | some c in input.columns]\nf(c) := input.limit if c.tier",
        // Not plain.
        "x := [n | some c in input.columns; n := c.n + 1]",
        "x := [s | some c in input.columns; s := sprintf(\"%v\", [c])]",
        "x contains n if { some c in input.columns; c.tier == \"x\"; n := c.n * 2 }",
    ];
    let mut changed = 0;
    for rule in rules {
        let (before, after) = two(rule);
        changed += usize::from(before.resolved_builtins.len() != after.resolved_builtins.len());
        for input in &inputs() {
            assert_eq!(
                says(after.clone(), input),
                says(before.clone(), input),
                "{rule}\n{input:?}\n{:#?}",
                after.instructions
            );
        }
    }
    assert!(changed > 60, "{changed} of {}", rules.len());
}

/// The instructions that a program takes on an input: the least bound that it gets by with.
fn takes(program: &Program, input: &Datum) -> usize {
    let bounds = |instructions| Bounds {
        instructions,
        ..BOUNDS
    };
    let judge = Judge {
        program: Arc::new(program.clone()),
        trace: None,
    };
    let data = Datum::object();
    let gets_by = |bound: &usize| {
        let mut worker = judge.worker(&data, bounds(*bound));
        worker.evaluate("data.a.x", input).is_ok()
    };
    (1..100_000).find(gets_by).unwrap()
}

#[test]
fn elements_that_end_at_the_first_condition_take_no_instructions() {
    let columns = |count| {
        let column = |number| serde_json::json!({"name": format!("c{number}"), "tier": "x"});
        let columns: Vec<_> = (0..count).map(column).collect();
        Datum::json(&serde_json::json!({ "columns": columns }))
    };
    let rules = [
        "x := [c.name | some c in input.columns; c.tier]",
        "x contains sprintf(\"%d\", [i]) if { some i, c in input.columns; c.key }",
        "x contains i if { some i, c in input.columns; not f(c); g }\nf(c) if count(c.name) > 0\ng if input.a",
        "x if every c in input.columns { c.tier == \"x\" }",
    ];
    for rule in rules {
        let (before, after) = two(rule);
        let grows = |program| takes(program, &columns(50)) - takes(program, &columns(5));
        assert!(grows(&before) > 45, "{rule}");
        assert_eq!(grows(&after), 0, "{rule}");
    }
}

#[test]
fn turns_in_one_go_keep_to_the_bounds() {
    use crate::policy::engine::EvaluationError;
    use std::time::Duration;
    let columns: Vec<_> = (0..3000)
        .map(|number| serde_json::json!({"name": format!("c{number}"), "text": "t".repeat(500)}))
        .collect();
    let input = Datum::json(&serde_json::json!({ "columns": columns }));
    let asks = |rule: &str, bounds: Bounds| {
        let (_, program) = two(rule);
        let judge = Judge {
            program: Arc::new(program),
            trace: None,
        };
        let mut worker = judge.worker(&Datum::object(), bounds);
        worker.evaluate("data.a.x", &input).map(|_| ())
    };
    let slow = "x := [1 | some a in input.columns; some b in input.columns; a.text == concat(\"\", [b.text, a.name])]";
    let short = Bounds {
        time: Duration::from_millis(1),
        ..BOUNDS
    };
    assert_eq!(
        asks(slow, short),
        Err(EvaluationError::Time("1 ms of time".to_owned()))
    );
    let large =
        "x := [concat(\"\", [a.text, b.text]) | some a in input.columns; some b in input.columns]";
    let little = Bounds {
        memory: 64 << 20,
        ..BOUNDS
    };
    assert_eq!(
        asks(large, little),
        Err(EvaluationError::Memory("64 MiB of memory".to_owned()))
    );
}
