//! A program for a single worker answers as the shared one does, and computes once what depends only on data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use regorus::Value;
use serde_json::{Value as Json, json};

use crate::policy::engine::optimise::constants;
use crate::policy::engine::*;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(20),
    memory: 64 << 20,
    instructions: 1_000_000,
};

const RULES: &str = r#"
limit := data.options.limit * 2

names := {name | some name in data.options.names}

grouped[name] := count(name) if some name in data.options.names

absent := data.options.nowhere

default level := "low"

level := "high" if data.options.limit > 1

twice(x) := x * limit

large if input.size > limit

asked contains name if {
	some name in names
	name == input.name
}

through := twice(input.size)

is_known if grouped[input.name]

anything := data.more[input.where]

r := {
	"limit": limit, "names": names, "grouped": grouped, "level": level, "asked": asked,
	"large": [1 | large], "through": [x | x := through], "absent": [x | x := absent],
	"known": [1 | is_known], "anything": [x | x := anything],
}
"#;

fn judge(rules: &str) -> Judge {
    let module = Module {
        name: "t.rego".to_owned(),
        text: format!("package t\n{rules}\n"),
    };
    let compiled = compile_modules(&[module], "data.t.r").unwrap();
    compiled.program(&["data.t.r"]).unwrap()
}

fn data() -> Datum {
    Datum::json(&json!({"options": {"limit": 2, "names": ["a", "bb"]}, "more": {"k": [1, "x"]}}))
}

fn said(worker: &mut Worker, input: &Json) -> Json {
    let said = worker.evaluate("data.t.r", &Datum::json(input)).unwrap();
    said.to_json()
}

#[test]
fn a_worker_s_own_program_answers_as_the_shared_one() {
    let judge = judge(RULES);
    let mut shared = judge.worker(&data(), BOUNDS);
    let mut own = judge.settled(&data(), BOUNDS);
    let inputs = [
        json!({"size": 9, "name": "bb", "where": "k"}),
        json!({"size": 1, "name": "c", "where": "nowhere"}),
        json!({}),
        json!({"size": 9, "name": "bb", "where": "k"}),
    ];
    for input in &inputs {
        assert_eq!(said(&mut own, input), said(&mut shared, input), "{input}");
    }
    let first = said(&mut own, &inputs[0]);
    assert_eq!(
        (&first["limit"], &first["level"], &first["grouped"]),
        (&json!(4), &json!("high"), &json!({"a": 1, "bb": 2}))
    );
    assert_eq!(
        (&first["large"], &first["through"], &first["absent"]),
        (&json!([1]), &json!([36]), &json!([]))
    );
}

/// The rules that are asked before any input is there.
fn asked_beforehand(judge: &Judge) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    constants::settle_constants(&judge.program, |_, entries| {
        for entry in entries {
            let number = entry.rsplit(' ').next().unwrap();
            let rule = &judge.program.rule_infos[number.parse::<usize>().unwrap()];
            asked.insert(rule.name.rsplit('.').next().unwrap().to_owned());
        }
        entries.iter().map(|_| None).collect()
    });
    asked
}

#[test]
fn only_values_that_depend_on_data_are_computed_once() {
    let all = ["absent", "grouped", "level", "limit", "names"];
    let all = all.map(ToOwned::to_owned);
    assert_eq!(asked_beforehand(&judge(RULES)), BTreeSet::from(all));
}

#[test]
fn what_could_not_be_computed_beforehand_is_left_as_it_was() {
    let judge = judge(RULES);
    let none = constants::settle_constants(&judge.program, |_, entries| {
        entries.iter().map(|_| None).collect()
    });
    let none = Judge {
        program: Arc::new(none),
        trace: None,
    };
    let input = json!({"size": 9, "name": "bb", "where": "k"});
    assert_eq!(
        said(&mut none.worker(&data(), BOUNDS), &input),
        said(&mut judge.worker(&data(), BOUNDS), &input)
    );
}

#[test]
fn a_bound_that_is_hit_beforehand_is_hit_where_it_is_asked() {
    let rules = "most := count([1 | some x in numbers.range(1, 9000); some y in [1, 2, 3]; x > y])\n\nr := most if input.ask\n\nr := 0 if not input.ask";
    let few = Bounds {
        instructions: 5000,
        ..BOUNDS
    };
    let mut own = judge(rules).settled(&data(), few);
    assert_eq!(said(&mut own, &json!({})), json!(0));
    let asked = own.evaluate("data.t.r", &Datum::json(&json!({"ask": true})));
    assert!(asked.is_err());
    // The worker judges on.
    assert_eq!(said(&mut own, &json!({})), json!(0));
}

#[test]
fn data_of_one_worker_are_not_those_of_another() {
    let judge = judge(RULES);
    let other = Datum::json(&json!({"options": {"limit": 50, "names": []}}));
    let input = json!({"size": 9, "name": "bb"});
    let mut first = judge.settled(&data(), BOUNDS);
    let mut second = judge.settled(&other, BOUNDS);
    assert_eq!(said(&mut second, &input)["limit"], 100);
    assert_eq!(said(&mut first, &input)["limit"], 4);
}

#[test]
fn the_same_value_apart_shares_no_text() {
    let text: Arc<str> = "text".into();
    let value = Value::from(vec![
        Value::String(Arc::clone(&text)),
        Value::from(BTreeSet::from([Value::String(Arc::clone(&text))])),
        Value::from(BTreeMap::from([(
            Value::String(Arc::clone(&text)),
            Value::from(1),
        )])),
    ]);
    let before = Arc::strong_count(&text);
    let apart = constants::unshare_value(&value);
    assert_eq!(apart, value);
    assert_eq!(
        Arc::strong_count(&text),
        before,
        "nothing holds it but the first"
    );
}
