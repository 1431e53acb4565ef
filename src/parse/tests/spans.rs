//! Where nodes are, to the byte.

use super::{clean, only, reach, slice};
use crate::model::text::Span;

#[test]
fn scalars_span_their_token_with_quotes() {
    let parsed = clean(
        "a: x y  # c\nb: \"q # \\\" x\"  # \"c\"\nc: 'it''s' # c's\nd: two\n  lines # c\ne: &a !t 'v'\n",
    );
    for (path, text) in [
        ("a", "x y"),
        ("b", "\"q # \\\" x\""),
        ("c", "'it''s'"),
        ("d", "two\n  lines"),
        ("e", "'v'"),
    ] {
        assert_eq!(slice(&parsed, path), text);
    }
}

#[test]
fn columns_behind_wide_characters_are_right() {
    let parsed = clean("ü😀: [é, \"😀\", z] # ß\nk: {ö: ä, x: 1}\n");
    for (path, text) in [
        ("ü😀/0", "é"),
        ("ü😀/1", "\"😀\""),
        ("ü😀/2", "z"),
        ("k/ö", "ä"),
        ("k/x", "1"),
        ("k", "{ö: ä, x: 1}"),
    ] {
        assert_eq!(slice(&parsed, path), text);
    }
}

#[test]
fn flow_collections_span_their_brackets() {
    let parsed = clean("a: [ 1, {b: 2} ] # ]\nc: &x {\n  d: [],\n}  \ne: [f: g, h: [i], [k]]\n");
    for (path, text) in [
        ("a", "[ 1, {b: 2} ]"),
        ("a/1", "{b: 2}"),
        ("c", "{\n  d: [],\n}"),
        ("c/d", "[]"),
        ("e/0", "f: g"),
        ("e/2", "[k]"),
        ("e/1", "h: [i]"),
        ("e", "[f: g, h: [i], [k]]"),
    ] {
        assert_eq!(slice(&parsed, path), text);
    }
}

#[test]
fn block_collections_span_first_key_to_last_value() {
    let text = "a:\n  b: 1 # c\n  c:\n    - x\n    -   y: 2\n        z: 'q' # c\n\n# c\nd:\n- [e]\n- - f\n  - g\n\n";
    let parsed = clean(text);
    for (path, text) in [
        ("a", "b: 1 # c\n  c:\n    - x\n    -   y: 2\n        z: 'q'"),
        ("a/c", "- x\n    -   y: 2\n        z: 'q'"),
        ("a/c/1", "y: 2\n        z: 'q'"),
        ("d", "- [e]\n- - f\n  - g"),
        ("d/1", "- f\n  - g"),
    ] {
        assert_eq!(slice(&parsed, path), text);
    }
    assert_eq!(slice(&parsed, ""), text.trim_end());
}

#[test]
fn tags_and_anchors_are_no_part_of_a_collection() {
    let parsed =
        clean("a: &x !t # c\n  &k b: 1\nc: &y\n- - 1\nd: &z\n  - &w e: 1\nf: !!map &v {}\n");
    for (path, text) in [
        ("a", "b: 1"),
        ("c", "- - 1"),
        ("d", "- &w e: 1"),
        ("d/0", "e: 1"),
        ("f", "{}"),
    ] {
        assert_eq!(slice(&parsed, path), text);
    }
}

#[test]
fn block_scalars_span_indicator_to_last_line() {
    let parsed = clean(
        "a: | # |\n  x\n\n  y \n\n\nb: >-\n\n  z\n# c\nc: |\nd: &a !t |1\n  w\ne:\n  - |\n   v\n  -\n    >+ # c\n    u\n\n",
    );
    for (path, text) in [
        ("a", "| # |\n  x\n\n  y "),
        ("b", ">-\n\n  z"),
        ("c", "|"),
        ("d", "|1\n  w"),
        ("e/0", "|\n   v"),
        ("e/1", ">+ # c\n    u"),
    ] {
        assert_eq!(slice(&parsed, path), text);
    }
    let parsed = clean("--- |\n x\n--- >\n y\n");
    let texts: Vec<_> = parsed
        .documents
        .iter()
        .map(|document| parsed.text.slice(document.span(document.root().node)))
        .collect();
    assert_eq!(texts, ["|\n x", ">\n y"]);
    assert_eq!(slice(&clean("# |\n|\n x"), ""), "|\n x");
}

/// The span of the node at each path is empty and at the `^`.
fn nothing(marked: &str, paths: &[&str]) {
    let text = marked.replace('^', "");
    let parsed = clean(&text);
    let document = only(&parsed);
    let expected: Vec<_> = marked
        .match_indices('^')
        .enumerate()
        .map(|(before, (at, _))| at - before)
        .collect();
    let found: Vec<_> = paths
        .iter()
        .map(|path| document.span(reach(document, path).node))
        .collect();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|at| u32::try_from(at).unwrap())
        .map(|at| Span::new(at, at))
        .collect();
    assert_eq!(found, expected, "{marked}");
}

#[test]
fn a_missing_value_is_behind_its_colon_or_dash() {
    nothing(
        "a:^\nb:^ # c\n\"c\" :^\nd:\n  e:^\n\nf:^",
        &["a", "b", "c", "d/e", "f"],
    );
    nothing(
        "a:\n  - b:^\n  -^ # c\n  - c\n  -^\nd:^",
        &["a/0/b", "a/1", "a/3", "d"],
    );
    nothing("a:\n-^\n-^\nb:^\n", &["a/0", "a/1", "b"]);
    nothing("{a:^, b^, \"c\":^, d :^}", &["a", "b", "c", "d"]);
    nothing("[a:^, b: {c^}]", &["0/a", "1/b/c"]);
    nothing("? a^\n? b\n:^\n", &["a", "b"]);
    nothing("a: &x^\nb: !t^ # c\nc: 1\n", &["a", "b"]);
    nothing("---^\n", &[""]);
}

#[test]
fn the_whole_of_a_collection_ends_with_its_missing_value() {
    let parsed = clean("a:\n  b: # c\n# c\n");
    assert_eq!(
        (slice(&parsed, "a"), slice(&parsed, "")),
        ("b:", "a:\n  b:")
    );
    let parsed = clean("- a\n- # c\n\n");
    assert_eq!(slice(&parsed, ""), "- a\n-");
}

#[test]
fn keys_span_their_token() {
    let parsed = clean("a : 1\n\"b\": 2\n? c\n: 3\n? |\n  d\n: 4\n&x e: 5\n");
    assert_eq!(super::keys(&parsed, ""), ["a", "\"b\"", "c", "|\n  d", "e"]);
}

#[test]
fn complete_documents_have_exact_roots() {
    let parsed = clean("%YAML 1.2\n---\n# c\na: 1\n...\n# c\n--- # c\n- b\n...\n");
    let texts: Vec<_> = parsed
        .documents
        .iter()
        .map(|document| parsed.text.slice(document.span(document.root().node)))
        .collect();
    assert_eq!(texts, ["a: 1", "- b"]);
}
