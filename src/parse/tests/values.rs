//! What documents hold.

use super::{any, clean, keys, kind, only, reach, slice, string};
use crate::model::document::NodeKind;
use crate::parse::{Limits, parse};

#[test]
fn a_file_holds_several_documents() {
    let parsed = clean("a: 1\n---\nb: 2\n...\n---\n- c\n");
    let texts: Vec<_> = parsed
        .documents
        .iter()
        .map(|document| parsed.text.slice(document.span(document.root().node)))
        .collect();
    assert_eq!(texts, ["a: 1", "b: 2", "- c"]);
}

#[test]
fn documents_before_a_syntax_error_are_kept() {
    let parsed = any("a: 1\n---\nb: 2\n---\nc: [1\n");
    assert_eq!(parsed.documents.len(), 2);
    assert_eq!((parsed.problems.len(), parsed.problems[0].fatal), (1, true));
}

#[test]
fn empty_files_and_comments_hold_no_document() {
    for text in [
        "",
        "\n\n",
        "# a comment\n  # another",
        "\u{FEFF}",
        "\r\n\t\n",
    ] {
        assert_eq!(clean(text).documents.len(), 0, "{text:?}");
    }
    assert_eq!(clean("---\n# nothing\n").documents.len(), 1);
}

#[test]
fn json_is_read_with_tabs_escapes_and_pairs() {
    let parsed = clean(
        "{\r\n\t\"a\":\t1,\n\t\"b\":\ttrue,\t\"c\":\t-2.5,\n\"d\":\"\\uD83D\\uDE00 \\ud83d\\ude01\\/\\u00fc\",\"e\":[{},[]]\n}\n",
    );
    assert_eq!(kind(&parsed, "a"), NodeKind::Int(1));
    assert_eq!(kind(&parsed, "b"), NodeKind::Bool(true));
    assert_eq!(kind(&parsed, "c"), NodeKind::Float(-2.5));
    assert_eq!(kind(&parsed, "d"), string("😀 😁/ü"));
    assert_eq!(
        slice(&parsed, "d"),
        r#""\uD83D\uDE00 \ud83d\ude01\/\u00fc""#
    );
    assert_eq!(
        (
            slice(&parsed, "e"),
            slice(&parsed, "e/0"),
            slice(&parsed, "e/1")
        ),
        ("[{},[]]", "{}", "[]")
    );
}

#[test]
fn escaped_pairs_outside_double_quotes_are_text() {
    let parsed = clean(
        "a: \\uD83D\\uDE00\nb: '\\uD83D\\uDE00'\nc: |\n  \\uD83D\\uDE00\n# \\uD83D\\uDE00\nd: 1\n",
    );
    assert_eq!(kind(&parsed, "a"), string("\\uD83D\\uDE00"));
    assert_eq!(kind(&parsed, "b"), string("\\uD83D\\uDE00"));
    assert_eq!(kind(&parsed, "c"), string("\\uD83D\\uDE00\n"));
    assert_eq!(slice(&parsed, "d"), "1");
}

#[test]
fn a_large_file_on_one_line_is_read() {
    let items: Vec<_> = (0..100_000)
        .map(|n| format!(r#"{{"name":"column {n}","tags":[{n},"ü"]}}"#))
        .collect();
    let parsed = clean(&format!(r#"{{"columns":[{}],"last":1}}"#, items.join(",")));
    assert_eq!(kind(&parsed, "columns/99999/name"), string("column 99999"));
    assert_eq!(slice(&parsed, "columns/99999/tags/0"), "99999");
    assert_eq!(slice(&parsed, "last"), "1");
}

#[test]
fn every_encoding_gives_the_same_text() {
    let text = "a: ü😀\nb: [x]\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        [b"\xFF\xFE", utf16.as_slice()].concat(),
        utf16,
    ] {
        let parsed = parse(&bytes, &Limits::default());
        assert_eq!((parsed.problems.len(), parsed.text.as_str()), (0, text));
        assert_eq!((slice(&parsed, "a"), slice(&parsed, "b/0")), ("ü😀", "x"));
    }
}

#[test]
fn block_scalars_and_folded_text_are_unfolded() {
    let parsed = clean(
        "a: |-\n  x\n   y\nb: >\n  x\n  y\n\n  z\nc: x\n  y\nd: \"x\n\n  y\"\ne: |2+\n    x\n\n",
    );
    assert_eq!(kind(&parsed, "a"), string("x\n y"));
    assert_eq!(kind(&parsed, "b"), string("x y\nz\n"));
    assert_eq!(kind(&parsed, "c"), string("x y"));
    assert_eq!(kind(&parsed, "d"), string("x\ny"));
    assert_eq!(kind(&parsed, "e"), string("  x\n\n"));
}

#[test]
fn tags_of_the_core_schema_count_and_others_do_not() {
    let parsed = clean(
        "a: !!str 12\nb: !!int \"12\"\nc: !<tag:yaml.org,2002:float> 1\nd: ! 1\ne: !Ref 1\nf: !!null ''\ng: &x !!bool 'true'\nh: !!str\n",
    );
    assert_eq!(kind(&parsed, "a"), string("12"));
    assert_eq!(kind(&parsed, "b"), NodeKind::Int(12));
    assert_eq!(kind(&parsed, "c"), NodeKind::Float(1.0));
    assert_eq!(kind(&parsed, "d"), string("1"));
    assert_eq!(kind(&parsed, "e"), NodeKind::Int(1));
    assert_eq!(kind(&parsed, "f"), NodeKind::Null);
    assert_eq!(kind(&parsed, "g"), NodeKind::Bool(true));
    assert_eq!(kind(&parsed, "h"), string(""));
    assert_eq!(
        (
            slice(&parsed, "a"),
            slice(&parsed, "g"),
            slice(&parsed, "h")
        ),
        ("12", "'true'", "")
    );
}

#[test]
fn a_number_keeps_its_text() {
    let parsed = clean("version: 1.10\nzip: 007\n");
    assert_eq!(
        (kind(&parsed, "version"), slice(&parsed, "version")),
        (NodeKind::Float(1.1), "1.10")
    );
    assert_eq!(
        (kind(&parsed, "zip"), slice(&parsed, "zip")),
        (NodeKind::Int(7), "007")
    );
}

#[test]
fn an_alias_is_a_node_of_its_own() {
    let parsed = clean("a: &name {x: 1}\nb: *name\nc: &k key\n*k : d\n");
    let document = only(&parsed);
    let reached = reach(document, "b/x");
    assert_eq!(parsed.text.slice(document.span(reached.node)), "1");
    assert_eq!(
        parsed.text.slice(document.span(reached.alias.unwrap())),
        "*name"
    );
    assert_eq!(
        (slice(&parsed, "key"), keys(&parsed, "").pop()),
        ("d", Some("*k".to_owned()))
    );
}

#[test]
fn an_alias_ends_at_its_name_and_an_anchor_may_be_used_again() {
    let parsed = any("a: &n 1\nb: [*n, *n ]\nc: &n 2\nd: *n\n");
    assert_eq!(
        (kind(&parsed, "b/1"), kind(&parsed, "d")),
        (NodeKind::Int(1), NodeKind::Int(2))
    );
    let document = only(&parsed);
    let alias = reach(document, "b/1").alias.unwrap();
    assert_eq!(parsed.text.slice(document.span(alias)), "*n");
}

#[test]
fn keys_keep_their_order_and_quotes() {
    let parsed = clean("\"z\": 1\n'a b': 2\nm: 3\n");
    assert_eq!(keys(&parsed, ""), ["\"z\"", "'a b'", "m"]);
    assert_eq!(kind(&parsed, "a b"), NodeKind::Int(2));
}

#[test]
fn carriage_returns_end_lines() {
    for text in [
        "a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 3",
        "a: 1\rb: |\r  x\r  y\rc: 3",
    ] {
        let parsed = clean(text);
        assert_eq!((slice(&parsed, "a"), slice(&parsed, "c")), ("1", "3"));
        assert_eq!(kind(&parsed, "b"), string("x\ny\n"));
        assert!(slice(&parsed, "b").ends_with('y'));
    }
}

#[test]
fn a_bracket_at_the_start_may_be_a_key() {
    let parsed = any("{a: b}: c\nd: e\n");
    assert_eq!(
        parsed
            .problems
            .iter()
            .map(|problem| problem.rule)
            .collect::<Vec<_>>(),
        ["parse/complex-key"]
    );
    assert_eq!(
        (slice(&parsed, ""), slice(&parsed, "d")),
        ("{a: b}: c\nd: e", "e")
    );
    let parsed = any("\n# c\n[a]: b\n");
    assert_eq!(slice(&parsed, ""), "[a]: b");
}

#[test]
fn documents_in_brackets_follow_one_another() {
    let parsed = clean("{\"a\": \"ü\"}\n---\n[1]\n--- {b: 2}\n");
    let texts: Vec<_> = parsed
        .documents
        .iter()
        .map(|document| parsed.text.slice(document.span(document.root().node)))
        .collect();
    assert_eq!(texts, ["{\"a\": \"ü\"}", "[1]", "{b: 2}"]);
}

#[test]
fn block_texts_at_the_end_of_a_file_are_as_the_yaml_test_suite_has_them() {
    for (text, value) in [
        ("a: |\n  x\n", "x\n"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |\n  x\n ", "x\n"),
        ("a: |\n  x\n\n  ", "x\n"),
        ("a: |\n  x\n  \n  ", "x\n"),
        ("a: |\r\n  x\r\n\r\n  ", "x\n"),
        ("a: |\n  x\n   \n  ", "x\n \n"),
        ("a: |\n  x\n# c", "x\n"),
        ("a: |\n  x\n\n# c\n\n", "x\n"),
        ("a: |\n  x\n  # c\n", "x\n# c\n"),
        ("a: >\n  x\n  y\n  ", "x y\n"),
        ("a: |-\n  x\n  ", "x"),
        ("a: |-\n  x\n\n  ", "x"),
        ("a: |+\n  x\n  ", "x\n"),
        ("a: |+\n  x\n\n  ", "x\n\n"),
        ("a: |+\n  x\n  \n  ", "x\n\n"),
        ("a: |2+\n  x\n   \n\n  ", "x\n \n\n"),
        ("a: >+\n  x\n\n", "x\n\n"),
        ("a: |+\n  x\n\n# c\n\n", "x\n\n"),
        ("a: |\n  ", ""),
        ("a: |\n\n  ", ""),
        // L24T and JEF9 of the suite: a last line without a break is a line.
        ("a: |\n  x\n   ", "x\n \n"),
        ("a: |+\n   ", "\n"),
    ] {
        let parsed = clean(text);
        assert_eq!(kind(&parsed, "a"), string(value), "{text:?}");
    }
}
