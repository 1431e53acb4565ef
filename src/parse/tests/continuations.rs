//! Lines in brackets and quotes that are indented too little: read as PyYAML 6.0 and ruamel.yaml 0.19 read them, with a note.

use super::{any, kind, slice, string};
use crate::parse::{Limits, parse, work};

/// The text of the place of the only note of a text without problems.
fn noted(text: &str) -> (String, String) {
    let parsed = any(text);
    assert_eq!(parsed.problems, [], "{text:?}");
    let [note] = parsed.notes.as_slice() else {
        panic!("{text:?}: {:?}", parsed.notes)
    };
    assert_eq!((note.rule, note.fatal), ("parse/short-indentation", false));
    (
        parsed.text.slice(note.span).to_owned(),
        note.message.clone(),
    )
}

#[test]
fn a_bracket_closed_at_the_column_of_its_key_is_read() {
    let text = "a:\n  - b: [\n    'x', # one\n\n    'y',\n  ]\n    c: 1\n";
    let parsed = any(text);
    assert_eq!(kind(&parsed, "a/0/b/1"), string("y"));
    assert_eq!(
        slice(&parsed, "a/0/b"),
        "[\n    'x', # one\n\n    'y',\n  ]"
    );
    assert_eq!(slice(&parsed, "a/0/c"), "1");
    let (at, message) = noted(text);
    assert_eq!(at, "'x', # one");
    assert!(message.contains("(and 2 more lines)"), "{message}");
}

#[test]
fn a_quoted_text_continued_at_the_column_of_its_key_is_read() {
    let text = "ü: é\na: \"one\\\n\\ two\nthree\" # end\nb: 'it''s\n\n\tso'\n";
    let parsed = any(text);
    assert_eq!(kind(&parsed, "a"), string("one two three"));
    assert_eq!(kind(&parsed, "b"), string("it's\nso"));
    assert_eq!(slice(&parsed, "a"), "\"one\\\n\\ two\nthree\"");
    assert_eq!(noted(text).0, "\\ two");
}

#[test]
fn every_other_shape_is_read_too() {
    for (text, path, value) in [
        ("- [a,\nb]\n", "0/1", "b"),
        ("- - {\na: b\n}\n", "0/0/a", "b"),
        ("a:\n- {b: [\nc,\nd]}\n", "a/0/b/1", "d"),
        ("- a: [\n\tc\n]\r\n- e\r\n", "0/a/0", "c"),
        ("%YAML 1.2\n---\na: [\nb\n]\n", "a/0", "b"),
        ("x: |\n  [ 'text\n\na: !t &n [\n# note [\nb]\n", "a/0", "b"),
        (
            "x: it's\n  \"two [\na: [\nb it's\nso, c]\n",
            "a/0",
            "b it's so",
        ),
    ] {
        assert_eq!(kind(&any(text), path), string(value), "{text:?}");
        noted(text);
    }
    let several = any("a: [\n1]\n---\nb: 'c\nd'\n---\ne: f\n");
    assert_eq!((several.documents.len(), several.notes.len()), (3, 1));
}

#[test]
fn what_the_standard_allows_has_no_note() {
    for text in [
        "a: [\n b\n ]\n",
        "[a,\nb]\n",
        "{\"a\":\n[1]\n}\n",
        "a: 'b\n c'\n",
        "'a\nb'\n",
        "a: [\n# note\n b]\n",
    ] {
        let parsed = any(text);
        assert_eq!(
            (parsed.problems, parsed.notes),
            (vec![], vec![]),
            "{text:?}"
        );
    }
}

#[test]
fn what_no_parser_reads_is_refused_at_its_own_place() {
    for (text, at) in [
        ("a: [\nb\nc: d\n", "c: d"),
        ("a: [\nb]\nc: d: e\n", "d: e"),
        ("a: 'b\n---\nc'\n", "'b"),
        ("a: two\nwords\nb: c\n", "words"),
        ("a: 'b\nc\n", "'b"),
    ] {
        let parsed = any(text);
        let [problem] = parsed.problems.as_slice() else {
            panic!("{text:?}: {:?}", parsed.problems)
        };
        assert_eq!((problem.rule, problem.fatal), ("parse/syntax-error", true));
        assert_eq!(parsed.text.slice(problem.span), at, "{text:?}");
    }
}

#[test]
fn many_such_lines_are_read_in_linear_work() {
    let steps = |count: usize| {
        let text: String = (0..count).map(|n| format!("k{n}: [\n'a',\n]\n")).collect();
        work::steps_of(|| {
            let parsed = parse(text.as_bytes(), &Limits::default());
            assert_eq!((parsed.problems.len(), parsed.notes.len()), (0, 1));
        })
    };
    let (one, four) = (steps(500), steps(2_000));
    assert!(four < 5 * one, "{one} steps for 500, {four} for 2,000");
}
