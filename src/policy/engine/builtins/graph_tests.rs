//! `graph.reachable_paths` says what regorus's own says, of graphs of any length, and ends at a bound.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::policy::engine::*;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(20),
    memory: 64 << 20,
    instructions: 1_000_000,
};

fn module() -> Module {
    Module {
        name: "t.rego".to_owned(),
        text: "package t\nr contains graph.reachable_paths(input.graph, input.from)\n".to_owned(),
    }
}

fn paths(input: &Json) -> Result<Datum, EvaluationError> {
    let judge = compile_modules(&[module()], "data.t.r").unwrap();
    let judge = judge.program(&["data.t.r"]).unwrap();
    let mut worker = judge.worker(&Datum::object(), BOUNDS);
    worker.evaluate("data.t.r", &Datum::json(input))
}

#[test]
fn it_says_what_the_builtin_of_regorus_says() {
    let mut theirs = Interpreter::new(&[module()]).unwrap();
    let mut state = 3_u64;
    let mut dice = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % bound
    };
    for _ in 0..200 {
        let nodes = dice(6) + 1;
        let mut graph = serde_json::Map::new();
        for node in 0..nodes {
            // Now and then a missing node, an empty name, nothing, or no list at all.
            let next: Vec<Json> = (0..dice(4))
                .map(|_| match dice(9) {
                    0 => json!(""),
                    1 => json!("gone"),
                    _ => json!(dice(nodes).to_string()),
                })
                .collect();
            let next = match dice(20) {
                0 => Json::Null,
                1 => json!(7),
                _ => json!(next),
            };
            graph.insert(node.to_string(), next);
        }
        let input = json!({"graph": graph, "from": [dice(nodes).to_string(), "", "gone"]});
        let expected = theirs
            .evaluate("data.t.r", &Datum::json(&input))
            .map(|said| said.to_json());
        let said = paths(&input).map(|said| said.to_json());
        assert_eq!(said.ok(), expected.ok(), "{input}");
    }
}

#[test]
fn a_path_may_be_as_long_as_the_graph() {
    let graph: serde_json::Map<String, Json> = (0..50_000)
        .map(|n| (n.to_string(), json!([(n + 1).to_string()])))
        .collect();
    let said = paths(&json!({"graph": graph, "from": ["0"]})).unwrap();
    let said = said.to_json();
    assert_eq!(said[0][0].as_array().unwrap().len(), 50_000);
}

#[test]
fn all_paths_of_many_nodes_end_at_a_bound() {
    let names: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    let graph: serde_json::Map<String, Json> = names
        .iter()
        .map(|name| (name.clone(), json!(names)))
        .collect();
    let said = paths(&json!({"graph": graph, "from": ["0"]}));
    assert!(matches!(said, Err(EvaluationError::Memory(_))));
}
