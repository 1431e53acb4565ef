//! Programs give the same answers on only those parts of the input that they are known to read.

use std::sync::Arc;

use super::input_use;
use crate::model::wanted::Projection;
use crate::policy::Pack;
use crate::policy::engine::optimise::redundant::tests::{BOUNDS, both, compiled};
use crate::policy::engine::{Datum, Judge};
use crate::policy::pack::Given;
use crate::policy::source::PackSource;

/// Entry point `data.a.x`, trimmed as it is judged.
fn judge(rego: &str) -> Judge {
    let (_, program) = both(&compiled(rego));
    Judge {
        program: Arc::new(program),
        trace: None,
    }
}

fn wanted(rego: &str) -> Projection {
    input_use(&judge(rego).program)
}

/// Paths that are read, an element being `*`, with `!` behind what is read whole.
fn paths(wanted: &Projection) -> Vec<String> {
    let mut all = Vec::new();
    collect(wanted, String::new(), &mut all);
    all
}

fn collect(wanted: &Projection, at: String, all: &mut Vec<String>) {
    if wanted.is_all() {
        all.push(format!("{at}!"));
        return;
    }
    let inner: Vec<(String, &Projection)> = wanted.parts().collect();
    if inner.is_empty() {
        all.push(at.clone());
    }
    for (name, inner) in inner {
        let dot = if at.is_empty() { "" } else { "." };
        collect(inner, format!("{at}{dot}{name}"), all);
    }
}

#[test]
fn fields_that_are_asked_by_name_are_read_and_no_others() {
    for (rego, read) in [
        ("x := input.owner.team", vec!["owner.team!"]),
        ("x if input.owner", vec!["owner"]),
        ("x if not input.owner.team", vec!["owner.team"]),
        (
            "x contains i if { some i, c in input.columns; not c.description }",
            vec!["columns.*.description"],
        ),
        (
            "x := [c.name | some c in input.columns; c.type == \"int\"]",
            vec!["columns.*.name!", "columns.*.type"],
        ),
        ("x := count(input.columns)", vec!["columns.*"]),
        (
            "x := object.get(input, [\"owner\", \"team\"], \"\")",
            vec!["owner.team!"],
        ),
        (
            "f(c) := c.name\nx contains f(c) if some c in input.columns",
            vec!["columns.*.name!"],
        ),
        (
            "f({\"name\": name, \"type\": type}) := name if type\nx contains f(c) if some c in input.columns",
            vec!["columns.*.name!", "columns.*.type"],
        ),
        (
            "x := [c.name | some c in array.concat(input.columns, input.more)]",
            vec!["columns.*.name!", "more.*.name!"],
        ),
    ] {
        assert_eq!(paths(&wanted(rego)), read, "{rego}");
    }
}

#[test]
fn compared_returned_or_searched_values_are_read_whole() {
    for (rego, read) in [
        ("x := input", vec!["!"]),
        ("x := input.columns", vec!["columns!"]),
        (
            "x contains c if some c in input.columns",
            vec!["columns.*!"],
        ),
        (
            "x contains c.name if { some c in input.columns; some d in input.others; c == d }",
            vec!["columns.*!", "others.*!"],
        ),
        // Two columns that differ in what else they have are two.
        (
            "x := count({c | some c in input.columns; c.key})",
            vec!["columns.*!"],
        ),
        (
            "x contains k if { some k, v in input.owner; v != \"\" }",
            vec!["owner.*"],
        ),
        (
            "x contains k if { some k, v in input.owner; v != input.other }",
            vec!["owner.*!", "other!"],
        ),
        ("x := input[input.which].name", vec!["*.name!", "which!"]),
        ("x := json.marshal(input.owner)", vec!["owner!"]),
        (
            "x := object.get(input.owner, input.key, 1)",
            vec!["key!", "owner!"],
        ),
        // Answers of two bodies are compared.
        (
            "f(c) := c if c.a\nf(c) := c if c.b\nx := f(input.c).name",
            vec!["c!"],
        ),
        (
            "x := {\"all\": [c | some c in input.columns]}",
            vec!["columns.*!"],
        ),
    ] {
        let told = paths(&wanted(rego));
        for path in read {
            let path = path.to_owned();
            let covered = |other: &String| {
                let outer = other.trim_end_matches('!');
                other == &path || (other.ends_with('!') && path.starts_with(outer))
            };
            assert!(told.iter().any(covered), "{rego}: {told:?}");
        }
    }
}

#[test]
fn the_parts_that_are_read_give_the_same_answers() {
    let input = serde_json::json!({
        "which": "owner",
        "owner": {"team": "sales", "name": "Sales"},
        "columns": [
            {"name": "a", "key": true, "type": "int", "tags": ["p", "q"], "more": {"x": 1}},
            {"name": "b", "type": "string", "tags": [], "more": {"x": 2}},
            {"name": "b", "key": true, "position": 2, "more": {}},
        ],
    });
    for rego in [
        "x := [c.name | some c in input.columns; c.more]",
        "x := count({c | some c in input.columns; c.name == \"b\"})",
        "x := {c.name: i | some i, c in input.columns; c.key}",
        "x := [t | some c in input.columns; some t in c.tags]",
        "x := [k | some k, _ in input.columns[0].more]",
        "x := input[input.which].name",
        "x contains name if { some i; name := input.columns[i].name; i > 0 }",
        "x := object.get(input.columns[2], \"more\", 1)",
        "x := object.get(input.columns[2], [\"more\", \"x\"], 1)",
        "x if every c in input.columns { c.name }",
        "x := {name: count(all) | some name in [\"a\", \"b\"]; all := [i | some i, c in input.columns; c.name == name]}",
        "named[c.name] := c.position if some c in input.columns\nx := named.b",
        "last := input.columns[count(input.columns) - 1]\nx := last.position",
        "keys := [[i, c] | some i, c in input.columns; c.key]\nx contains i if { some [i, c] in keys; not c.position }",
        "x := [c.name | some c in array.slice(input.columns, 1, 3)]",
        "x := [c.key | some [_, c] in sort([[d.name, d] | some d in input.columns])]",
    ] {
        let judge = judge(rego);
        let whole = Datum::json(&input);
        let part = Datum::json(&pruned(&input, &judge.reads()));
        let say = |input: &Datum| {
            let answer = judge
                .worker(&Datum::object(), BOUNDS)
                .evaluate("data.a.x", input);
            format!("{answer:?}")
        };
        assert_eq!(say(&whole), say(&part), "{rego}");
        assert!(!say(&whole).contains("Undefined"), "{rego}");
    }
}

/// What is wanted of a value, as documents and entities are made values of.
fn pruned(value: &serde_json::Value, wanted: &Projection) -> serde_json::Value {
    match value {
        serde_json::Value::Array(items) => {
            let items = wanted
                .items()
                .into_iter()
                .flat_map(|wanted| items.iter().map(move |item| pruned(item, wanted)));
            items.collect()
        }
        serde_json::Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| {
                Some((name.clone(), pruned(value, wanted.field(name)?)))
            });
            serde_json::Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn the_pack_reads_some_fields_of_columns() {
    let pack = Pack::load(vec![PackSource::builtin()], &|_| true).unwrap();
    let contract = pack.kind("contract").unwrap().wanted(Given::Read);
    let columns = contract
        .field("columns")
        .and_then(Projection::items)
        .unwrap();
    assert!(!columns.is_all(), "{contract:?}");
    assert!(columns.field("classification").is_some());
    assert!(columns.field("extensions").is_none());
}

#[test]
fn what_rules_read_is_known_once_that_pays() {
    let pack = Pack::load(vec![PackSource::builtin()], &|_| true).unwrap();
    let contract = pack.kind("contract").unwrap();
    let all = (0..1_000).take_while(|_| contract.wanted(Given::WhatPays).is_all());
    let all = all.count();
    assert!((10..=200).contains(&all), "{all}");
    assert!(contract.known(Given::WhatPays).is_some());
}
