//! Regular expressions that are kept ready say what regorus's own builtins say.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::policy::engine::*;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(20),
    memory: 64 << 20,
    instructions: 1_000_000,
};

const RULES: &str = r#"package t
r := {
	"matches": [x | x := regex.match(input.pattern, input.text)],
	"replaced": [x | x := regex.replace(input.text, input.pattern, input.with)],
	"literal": [x | x := regex.match(`^a+$`, input.text)],
}
"#;

fn module() -> Module {
    Module {
        name: "t.rego".to_owned(),
        text: RULES.to_owned(),
    }
}

fn worker() -> Worker {
    let compiled = compile_modules(&[module()], "data.t.r").unwrap();
    let judge = compiled.program(&["data.t.r"]).unwrap();
    judge.worker(&Datum::object(), BOUNDS)
}

fn said(worker: &mut Worker, input: &Json) -> Json {
    let said = worker.evaluate("data.t.r", &Datum::json(input)).unwrap();
    said.to_json()
}

#[test]
fn they_say_what_the_builtins_of_regorus_say() {
    let mut theirs = Interpreter::new(&[module()]).unwrap();
    let mut own = worker();
    let case = |pattern: Json, text: Json, with: Json| json!({"pattern": pattern, "text": text, "with": with});
    let cases = [
        case(json!("^a+$"), json!("aaa"), json!("x")),
        case(json!("^a+$"), json!("bab"), json!("x")),
        case(json!("(a)(b)"), json!("abab"), json!("$2$1-")),
        case(
            json!("(?P<first>a)"),
            json!("aba"),
            json!("${first}${first}"),
        ),
        case(json!(""), json!("ab"), json!("-")),
        case(json!("ä|\\p{Z}"), json!("ä b"), json!("")),
        // No expression.
        case(json!("("), json!("ab"), json!("x")),
        // No text.
        case(json!(1), json!("1"), json!("x")),
        case(json!("1"), json!(1), json!("x")),
        case(json!("1"), json!("1"), json!(null)),
        json!({}),
    ];
    for case in &cases {
        let expected = theirs.evaluate("data.t.r", &Datum::json(case)).unwrap();
        assert_eq!(said(&mut own, case), expected.to_json(), "{case}");
    }
}

#[test]
fn an_expression_that_is_too_large_is_an_error_in_both() {
    let case = json!({"pattern": "(a{50}){50}(b{50}){50}", "text": "aa", "with": "x"});
    let said = worker().evaluate("data.t.r", &Datum::json(&case));
    let mut theirs = Interpreter::new(&[module()]).unwrap();
    let theirs = theirs.evaluate("data.t.r", &Datum::json(&case));
    assert!(said.is_err() && theirs.is_err());
}

#[test]
fn more_expressions_than_are_kept_are_each_their_own() {
    let mut worker = worker();
    let mut seen = BTreeSet::new();
    // Twice round, so that each is asked again after others took its place.
    for number in (0..400).chain(0..400) {
        let case =
            |text: String| json!({"pattern": format!("^n{number}$"), "text": text, "with": "x"});
        let same = said(&mut worker, &case(format!("n{number}")));
        let other = said(&mut worker, &case(format!("n{}", number + 1)));
        assert_eq!(
            (&same["matches"], &other["matches"]),
            (&json!([true]), &json!([false])),
            "{number}"
        );
        assert_eq!(same["replaced"], json!(["x"]));
        seen.insert(number);
    }
    assert_eq!(seen.len(), 400);
}

#[test]
fn threads_that_ask_for_one_expression_at_once_get_the_same_answer() {
    let ask = || {
        let mut worker = worker();
        let case =
            json!({"pattern": "^of-many-threads+$", "text": "of-many-threadsss", "with": "x"});
        said(&mut worker, &case)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap()["matches"], json!([true]));
        }
    });
}
