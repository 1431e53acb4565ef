//! Builtins on texts that are ours say what regorus's own builtins say: in the VM's instructions and in turns of loops.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::policy::engine::*;

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(20),
    memory: 64 << 20,
    instructions: 1_000_000,
};

const RULES: &str = r#"package t
one(text, part, other) := {
	"lower": [x | x := lower(text)],
	"contains": [x | x := contains(text, part)],
	"replace": [x | x := replace(text, part, other)],
	"split": [x | x := split(text, part)],
	"concat": [x | x := concat(part, [text, other, text])],
	"concat of a set": [x | x := concat(part, {text, other})],
	"concat of none": [x | x := concat(part, [])],
}

r contains one(input.texts[0], input.parts[0], input.texts[0])

r contains {"lower": [x | some text in input.texts; x := lower(text)]}

r contains {"contains": [x | some text in input.texts; some part in input.parts; x := contains(text, part)]}

r contains {"starts": [x | some text in input.texts; some part in input.parts; x := startswith(text, part)]}

r contains {"ends": [x | some text in input.texts; some part in input.parts; x := endswith(text, part)]}

r contains {"split": [x | some text in input.texts; some part in input.parts; x := split(text, part)]}

r contains {"match": [x | some text in input.texts; some part in input.parts; x := regex.match(part, text)]}

r contains {"replace": [x | some text in input.texts; some part in input.parts; x := replace(text, part, "-$1-")]}
"#;

#[test]
fn they_say_what_the_builtins_of_regorus_say() {
    let module = Module {
        name: "t.rego".to_owned(),
        text: RULES.to_owned(),
    };
    let mut theirs = Interpreter::new(std::slice::from_ref(&module)).unwrap();
    let judge = compile_modules(&[module], "data.t.r").unwrap();
    let judge = judge.program(&["data.t.r"]).unwrap();
    let mut own = judge.settled(&Datum::object(), BOUNDS);
    let texts = [
        json!(""),
        json!("plain_text"),
        json!("Camel Case-Text"),
        json!("ÄÖÜ İstanbul"),
        json!("aaaa"),
        json!("a\nb\n\nc\n"),
        json!(".\n.\n"),
        json!(7),
        json!(null),
        json!(["text"]),
    ];
    let parts = [
        json!(""),
        json!("_"),
        json!("a"),
        json!("aa"),
        json!("\n"),
        json!(".\n"),
        json!("Ä"),
        json!("\u{0}"),
        json!("("),
        json!(7),
    ];
    for text in &texts {
        for part in &parts {
            let case: Json = json!({"texts": [text, "Some_text.\n"], "parts": [part, "t"]});
            let expected = theirs.evaluate("data.t.r", &Datum::json(&case)).unwrap();
            let said = own.evaluate("data.t.r", &Datum::json(&case)).unwrap();
            assert_eq!(said.to_json(), expected.to_json(), "{case}");
        }
    }
}
