//! Syntax errors: the place, the words and the help.

use super::{any, problem};
use crate::model::document::NodeKind;

/// Message and place of a syntax error, which has help.
fn refusal(text: &str) -> (String, String) {
    let (found, at) = problem(text);
    assert_eq!(
        (found.rule, found.fatal),
        ("parse/syntax-error", true),
        "{text}"
    );
    assert!(
        found.help.is_some() && !found.span.is_empty(),
        "{text}: {found:?}"
    );
    (found.message, at)
}

fn refuses(text: &str, message: &str, place: &str) {
    assert_eq!(
        refusal(text),
        (message.to_owned(), place.to_owned()),
        "{text}"
    );
}

#[test]
fn a_tab_in_the_indentation_is_named() {
    refuses("a:\n\tb: 1\n", "a tab indents this line", "\t");
    refuses(
        "a:\n  b:\n  \tc: 1\n    d: 2\n",
        "a tab indents this line",
        "  \t",
    );
    refuses("a: |\n\tb\n", "a tab indents this text block", "|");
}

#[test]
fn a_colon_in_an_unquoted_value_is_named() {
    refuses(
        "title: Orders: daily\n",
        "an unquoted value contains `: `",
        "Orders: daily",
    );
    refuses(
        "é:\n- ü: ö: ä # c\n",
        "an unquoted value contains `: `",
        "ö: ä",
    );
    assert!(
        problem("title: a: b")
            .0
            .help
            .unwrap()
            .starts_with("quote the value")
    );
}

#[test]
fn a_mistake_before_a_template_part_is_named_by_itself() {
    refuses(
        "name: b: {{ c }}\nx: 1\n",
        "an unquoted value contains `: `",
        "b: {{ c }}",
    );
    refuses("a: {{ b\nc: d\n", "this bracket is never closed", "{");
}

#[test]
fn an_unclosed_quote_is_pointed_at_where_it_opens() {
    refuses("a: 1\nb: \"x\nc: 2\n", "this quote is not closed", "\"x");
    refuses("a: \"x\nb: \"y\"\n", "this quote is not closed", "\"x");
    refuses(
        "a: 'x\n  y: 'z'\n",
        "this quote is not closed on its line",
        "'x",
    );
    refuses("a: \"x\" y\n", "text follows the closing quote", "y");
    refuses("a: 'it's'\n", "text follows the closing quote", "s'");
}

#[test]
fn an_invalid_escape_is_named() {
    refuses(
        "a: \"C:\\data\"\n",
        "`\\d` is not a valid escape sequence",
        "\\d",
    );
    refuses(
        "a: \"ü \\u12\"\n",
        "`\\u` is not a valid escape sequence",
        "\\u",
    );
    assert_eq!(refusal("a: \"\\uD83D\"\n").1, "\\u");
}

#[test]
fn bad_indentation_is_named() {
    refuses(
        "a: 1\n  b: 2\n",
        "the indentation makes this line part of the value above",
        "b: 2",
    );
    refuses(
        "a:\n    b: 1\n  c: 2\n",
        "the indentation of this line matches no line above",
        "c: 2",
    );
    refuses(
        "  a: 1\nb: 2\n",
        "this line does not continue the document above",
        "b: 2",
    );
    refuses(
        "- a\nb: 1\n",
        "this line is indented like a list item but does not start with `- `",
        "b: 1",
    );
    refuses("a: - b\n", "a list cannot start here", "- b");
}

#[test]
fn a_line_without_colon_is_pointed_at() {
    refuses(
        "a: 1\nfoo bar\n# c\nb: 2\n",
        "this line is neither `key: value` nor a list item",
        "foo bar",
    );
    refuses(
        "a: 1\nfoo\n",
        "this line is neither `key: value` nor a list item",
        "foo",
    );
}

#[test]
fn brackets_that_do_not_match_are_named() {
    refuses("a: [1, 2\n", "this bracket is never closed", "[");
    refuses("a: {b: 1\n", "this bracket is never closed", "{");
    refuses(
        "a: 1]\nb: ]\n",
        "this bracket has no matching opening bracket",
        "]",
    );
    let (found, at) = problem("{\"a\": 1\n \"b\": 2}\n");
    assert_eq!(
        (found.message.as_str(), at.as_str()),
        ("`,` or `}` is missing before this", "\"b\": 2}")
    );
}

#[test]
fn indicators_that_begin_a_value_are_named() {
    refuses("a: @x\n", "a value cannot start with this character", "@x");
    refuses(
        "a: `x`\n",
        "a value cannot start with this character",
        "`x`",
    );
    refuses(
        "a: * x\n",
        "a value that starts with `*` or `&` is read as an alias or an anchor",
        "* x",
    );
    refuses(
        "a: *x\n",
        "alias `*x` has no anchor `&x` before it in this document",
        "*x",
    );
}

#[test]
fn an_anchor_ends_with_its_document() {
    let text = "a: &x 1\n---\nb: *x\n";
    refuses(
        text,
        "alias `*x` has no anchor `&x` before it in this document",
        "*x",
    );
    assert_eq!(any(text).documents.len(), 1);
}

#[test]
fn an_error_at_the_end_points_at_the_last_line() {
    refuses(
        "a: 1\nb\n\n# c\n\n",
        "this line is neither `key: value` nor a list item",
        "b",
    );
}

#[test]
fn bytes_that_are_no_text_are_a_problem() {
    let parsed = crate::parse::parse(b"a: 1\nb: \xFF\n", &crate::parse::Limits::default());
    assert_eq!(
        (
            parsed.problems[0].rule,
            parsed.text.position(parsed.problems[0].span.start).line
        ),
        ("parse/not-text", 2)
    );
    assert!(parsed.documents.is_empty());
}

#[test]
fn a_tag_that_does_not_fit_is_reported_and_the_text_kept() {
    let (found, at) = problem("a: !!int x\n");
    assert_eq!(
        (found.rule, found.fatal, at.as_str()),
        ("parse/wrong-tag", false, "x")
    );
    assert_eq!(
        super::kind(&any("a: !!int x\n"), "a"),
        NodeKind::String("x".into())
    );
}

#[test]
fn a_panic_costs_the_file_and_not_the_run() {
    let text = "a: 1";
    let problem = crate::parse::guarded(text, || panic!("as a test"));
    assert_eq!((problem.unwrap().rule), "parse/internal-error");
    assert_eq!(crate::parse::guarded(text, || None), None);
}
