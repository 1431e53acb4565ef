//! The corrected register VM gives OPA's answers; bounds end what would not end, and the worker goes on.

use std::time::Duration;

use super::*;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(20),
    memory: 64 << 20,
    instructions: 20_000_000,
};

fn compiled(text: &str) -> Judge {
    let module = Module {
        name: "t.rego".to_owned(),
        text: format!("package t\n{text}\n"),
    };
    let compiled =
        compile_modules(&[module], "data.t.r").unwrap_or_else(|e| panic!("{text}: {e:?}"));
    compiled
        .program(&["data.t.r"])
        .unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

fn input() -> Datum {
    Datum::json(&serde_json::json!({
        "columns": [{"name": "a", "tier": "pii"}, {"name": "b"}, {"name": "c", "tier": "x"}],
        "mixed": ["1", 2, "2", null], "flag": true,
    }))
}

fn answer(text: &str) -> serde_json::Value {
    let mut worker = compiled(text).worker(&Datum::object(), BOUNDS);
    let answer = worker.evaluate("data.t.r", &input()).unwrap();
    if answer.is_undefined() {
        serde_json::json!("undefined")
    } else {
        answer.to_json()
    }
}

/// Expected values are those of OPA 1.8.0.
fn holds(cases: &[(&str, serde_json::Value)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, answer(text)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(text, expected, found)| format!("{text}\n  OPA {expected}, here {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_binding_of_an_undefined_value_ends_the_body() {
    use serde_json::json;
    holds(&[
        ("r contains 1 if v := input.nope", json!([])),
        ("r contains 1 if v := input.columns[9]", json!([])),
        ("r contains 1 if v := [input.nope]", json!([])),
        ("r contains 1 if v := input.nope + 1", json!([])),
        ("r contains 1 if v := f(1)\nf(2) := 3", json!([])),
        ("r contains 1 if v := u\nu := 1 if input.nope", json!([])),
        (
            "r contains x.name if { some x in input.columns; v := x.tier }",
            json!(["a", "c"]),
        ),
        (
            "r contains x.name if { some x in input.columns; v := lower(x.tier) }",
            json!(["a", "c"]),
        ),
        (
            "r contains x.name if { some x in input.columns; v := x.tier; not v == \"pii\" }",
            json!(["c"]),
        ),
        (
            "r := g\ndefault g := 5\ng := 1 if v := input.nope",
            json!(5),
        ),
        ("r if not g\ng if v := input.nope", json!(true)),
        (
            "r if every x in input.columns { v := x.tier }",
            json!("undefined"),
        ),
        (
            "r := [f(x) | some x in input.columns]\nf(x) := x.name if v := x.tier",
            json!(["a", "c"]),
        ),
    ]);
}

#[test]
fn an_undefined_value_is_in_no_collection() {
    use serde_json::json;
    holds(&[
        (
            "r := [x.tier | some x in input.columns]",
            json!(["pii", "x"]),
        ),
        (
            "r := [v | some x in input.columns; v := x.tier]",
            json!(["pii", "x"]),
        ),
        (
            "r := [{\"t\": x.tier} | some x in input.columns]",
            json!([{"t": "pii"}, {"t": "x"}]),
        ),
        ("r := [upper(x) | some x in [\"a\", null, 1]]", json!(["A"])),
        (
            "r := [f(x.tier) | some x in input.columns]\nf(\"pii\") := 1",
            json!([1]),
        ),
        (
            "r := {x.tier | some x in input.columns}",
            json!(["pii", "x"]),
        ),
        (
            "r := {x.name: x.tier | some x in input.columns}",
            json!({"a": "pii", "c": "x"}),
        ),
        (
            "r := {x.tier: x.name | some x in input.columns}",
            json!({"pii": "a", "x": "c"}),
        ),
        ("r := sum([x.size | some x in input.columns])", json!(0)),
        (
            "r := p\np[k] := v if { some x in input.columns; k := x.name; v := x.tier }",
            json!({"a": "pii", "c": "x"}),
        ),
        (
            "r := p\np[x.tier] := x.name if some x in input.columns",
            json!({"pii": "a", "x": "c"}),
        ),
        (
            "r contains {\"t\": x.tier} if some x in input.columns",
            json!([{"t": "pii"}, {"t": "x"}]),
        ),
    ]);
}

#[test]
fn a_head_without_a_value_leaves_the_turn_to_the_next() {
    use serde_json::json;
    holds(&[
        (
            "r := f(1)\nf(x) := input.nope if { x == 1 } else := 7",
            json!(7),
        ),
        (
            "r := [f(x) | some x in input.columns; x.tier]\nf(x) := x.size if { x.tier == \"pii\" } else := x.name",
            json!(["a", "c"]),
        ),
        ("r := u\ndefault u := 4\nu := input.nope", json!(4)),
        ("r := u\nu := input.nope if input.flag\nu := 2", json!(2)),
    ]);
}

#[test]
fn arithmetic_on_other_types_loses_no_other_element() {
    use serde_json::json;
    holds(&[
        (
            "r contains x if { some x in input.mixed; x + 1 > 0 }",
            json!([2]),
        ),
        (
            "r contains y if { some x in input.mixed; y := x - 1 }",
            json!([1]),
        ),
        (
            "r contains y if { some x in input.mixed; y := 10 - x }",
            json!([8]),
        ),
        ("r contains x * 3 if some x in input.mixed", json!([6])),
        (
            "r contains x if { some x in input.mixed; x / 1 > 0 }",
            json!([2]),
        ),
        (
            "r contains x if { some x in [7.5, 7, \"x\", 8]; x % 7 == 0 }",
            json!([7]),
        ),
        (
            "r contains x if { some x in [0, 2]; 1 / x > 0 }",
            json!([2]),
        ),
        (
            "r contains x if { some x in [1, {2}, {2, 3}]; x - {2} == {3} }",
            json!([[2, 3]]),
        ),
        (
            "r contains x if { some x in [1, {2}, \"s\"]; some y in [1, {2}, \"s\"]; x - y }",
            json!([1, [2]]),
        ),
        (
            "r := count([x | some x in input.mixed; x + 1 > 0])",
            json!(1),
        ),
        ("r := {1, 2, 3} - {2}", json!([1, 3])),
        ("r := count(input.columns) - 1 + 2 * 3", json!(8)),
    ]);
}

#[test]
fn a_condition_in_a_comprehension_ends_only_the_comprehension() {
    use serde_json::json;
    holds(&[
        (
            "r contains x.name if { some x in input.columns; y := [1 | x.tier == \"pii\"]; count(y) == 0 }",
            json!(["b", "c"]),
        ),
        (
            "r contains x.name if { some x in input.columns; y := {v | v := x.tier; v != \"x\"}; count(y) == 0 }",
            json!(["b", "c"]),
        ),
        (
            "r contains x.name if { some x in input.columns; not count([1 | x.tier == \"pii\"]) == 1 }",
            json!(["b", "c"]),
        ),
        (
            "r := [c | some x in input.columns; c := count([1 | x.tier == \"pii\"])]",
            json!([1, 0, 0]),
        ),
        (
            "r := [c | c := count([1 | input.flag == false])]",
            json!([0]),
        ),
        (
            "r contains x.name if { some x in input.columns; y := [1 | x.tier == \"pii\"; some z in [1, 2]; z > 0]; count(y) == 0 }",
            json!(["b", "c"]),
        ),
        (
            "r contains x.name if { some x in input.columns; y := [1 | some z in [1, 2]; count([1 | z == 2]) == 0; x.tier]; count(y) == 0 }",
            json!(["b"]),
        ),
        (
            "r contains x.name if { some x in input.columns; y := {k: v | some k in [\"name\", \"tier\"]; v := x[k]}; count(y) == 2 }",
            json!(["a", "c"]),
        ),
    ]);
}

#[test]
fn input_and_data_are_there_behind_a_loop_that_read_them_first() {
    use serde_json::json;
    holds(&[
        (
            "r contains [n, input.flag] if n := [1 | some x in [1]; x != 1; input.flag]",
            json!([[[], true]]),
        ),
        (
            "r contains [n, data.x] if n := [1 | some x in []; data.x]",
            json!([]),
        ),
        (
            "r contains 1 if { n := [1 | some x in []; data.x]; not data.x; input.flag }",
            json!([1]),
        ),
        (
            "r if { every x in [] { input.columns[x] }; input.flag }",
            json!(true),
        ),
        (
            "f(x) := input.flag if count([1 | 1 == 2; input.flag]) == 0\nr := f(1)",
            json!(true),
        ),
    ]);
}

#[test]
fn time_instructions_memory_and_panics_are_distinguished_and_the_worker_goes_on() {
    let loops = "r := count([1 | some a in xs; some b in xs; some c in xs; a + b + c < 0])\nxs := numbers.range(1, 500)";
    let cases = [
        (
            loops,
            Bounds {
                instructions: 100_000,
                ..BOUNDS
            },
            "Time(\"100000 instructions\")",
        ),
        (
            loops,
            Bounds {
                time: Duration::from_millis(20),
                instructions: usize::MAX,
                ..BOUNDS
            },
            "Time(\"20 ms of time\")",
        ),
        (
            "r := count([[a, b] | some a in xs; some b in xs])\nxs := numbers.range(1, 5000)",
            BOUNDS,
            "Memory(\"64 MiB of memory\")",
        ),
        ("r := strings.count(\"abc\", \"\")", BOUNDS, "Panic("),
    ];
    for (text, bounds, expected) in cases {
        let text = format!("{text}\n");
        let mut worker = compiled(
            &text
                .replace("r := ", "r := v if { input.bad; v := ")
                .replacen('\n', " }\n", 1),
        )
        .worker(&Datum::object(), bounds);
        let ask = |bad: bool| Datum::json(&serde_json::json!({"bad": bad}));
        for _ in 0..2 {
            let error = worker.evaluate("data.t.r", &ask(true)).unwrap_err();
            assert!(
                format!("{error:?}").starts_with(expected),
                "{text}: {error:?}"
            );
            assert!(
                worker
                    .evaluate("data.t.r", &ask(false))
                    .unwrap()
                    .is_undefined(),
                "{text}"
            );
        }
    }
}

#[test]
fn a_caught_panic_is_quiet_and_another_is_not() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static SHOWN: AtomicUsize = AtomicUsize::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let text = info.to_string();
        if text.contains("a panic of our own") || text.contains("strings.rs") {
            SHOWN.fetch_add(1, Ordering::Relaxed);
        } else {
            before(info);
        }
    }));
    crate::model::caught::silence_caught();
    let mut worker = compiled("r := strings.count(\"abc\", \"\")").worker(&Datum::object(), BOUNDS);
    let error = worker.evaluate("data.t.r", &Datum::object()).unwrap_err();
    assert!(matches!(error, EvaluationError::Panic(_)), "{error:?}");
    assert_eq!(SHOWN.load(Ordering::Relaxed), 0);
    assert!(std::panic::catch_unwind(|| panic!("a panic of our own")).is_err());
    assert_eq!(SHOWN.load(Ordering::Relaxed), 1);
}
