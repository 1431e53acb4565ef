//! The language of shapes, on small ones: what is wrong, where, and in which words; mistakes in a shape file.

use super::{compile_shapes, find_violations};
use crate::model::work;
use crate::parse::{Limits, parse};

const HEAD: &str = "format: house\ncalled: House\ndocument: thing\n";
const VERSIONED: &str = "format: house\ncalled: House\nversion: {key: v, known: [v1.0.0, v1.0.1, v2.0.0]}\ndocument: thing\n";

/// Violations as `path: message`, and ` -> fix` where there is one.
fn found(shapes: &str, text: &str) -> Vec<String> {
    let shapes = compile_shapes("house.yaml", shapes).unwrap_or_else(|error| panic!("{error}"));
    let parsed = parse(text.as_bytes(), &Limits::default());
    find_violations(&shapes, &parsed.documents[0], &parsed.text)
        .into_iter()
        .map(|violation| {
            let fix = violation.fix.map(|fix| format!(" -> {fix}"));
            format!(
                "{}: {}{}",
                violation.at,
                violation.message,
                fix.unwrap_or_default()
            )
        })
        .collect()
}

fn things(keys: &str, text: &str) -> Vec<String> {
    let shapes = format!("{HEAD}shapes:\n  thing: {{called: a thing, keys: {keys}}}\n");
    found(&shapes, text)
}

fn refused(shapes: &str) -> String {
    let error = compile_shapes("house.yaml", shapes).unwrap_err();
    format!("{error} ({})", error.help)
}

#[test]
fn kinds_are_distinguished_and_named_as_people_name_them() {
    let keys =
        "{t: text, i: integer, n: number, b: truth, p: plain, l: [text], m: mapping, a: anything}";
    let good = "{t: x, i: 1.0, n: 1, b: true, p: null, l: [x], m: {}, a: [1]}";
    assert_eq!(things(keys, good), [""; 0]);
    assert_eq!(
        things(
            keys,
            "{t: 1.10, i: 1.5, n: x, b: yes, p: [], l: [1, x], m: [], a: ~}"
        ),
        [
            "t: `t` is the number `1.10`; expected text, so put it in quotes -> \"1.10\"",
            "i: `i` is the number `1.5`; expected a whole number",
            "n: `n` is text; expected a number",
            "b: `b` is text; expected `true` or `false` -> true",
            "p: `p` is a list; expected text, a number, `true` or `false` or nothing",
            "l[0]: an item of `l` is the number `1`; expected text, so put it in quotes -> \"1\"",
            "m: `m` is a list; expected a mapping",
        ]
    );
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_that_is_missing() {
    let keys = "{owner: text, name: text}, required: [owner]";
    assert_eq!(
        things(keys, "{ownr: x, name: y}"),
        ["ownr.$key: `ownr` is not a key of a thing in House; did you mean `owner`? -> owner"],
        "a key that is misspelt is not reported as missing too"
    );
    assert_eq!(
        things(keys, "{owner: x, names: y, name: z}"),
        ["names.$key: `names` is not a key of a thing in House"]
    );
    assert_eq!(
        things(keys, "{name: y}"),
        ["owner: `owner` is missing; a thing in House requires it"]
    );
}

#[test]
fn values_are_held_to_enumerations_patterns_bounds_and_lengths() {
    let keys = "{e: {enum: [alpha, beta]}, m: {matches: '^x', called: a word with x}, n: {number: {more_than: 0}}, \
        c: {integer: {at_least: 1}}, l: {list: anything, at_least: 1, at_most: 2, unique: true}}";
    assert_eq!(
        things(keys, "{e: beta, m: xy, n: 0.5, c: 1, l: [1, {a: 1}]}"),
        [""; 0]
    );
    assert_eq!(
        things(
            keys,
            "{e: bet, m: yx, n: 0, c: 0, l: [{a: 1, b: 2}, {b: 2, a: 1}]}"
        ),
        [
            "e: `e` is `bet`; expected one of `alpha`, `beta`; did you mean `beta`? -> beta",
            "m: `m` is `yx`; expected a word with x",
            "n: `n` is 0; expected more than 0",
            "c: `c` is 0; expected 1 or more",
            "l[1]: an item of `l` is a duplicate",
        ]
    );
    assert_eq!(
        things(keys, "{l: []}"),
        ["l: `l` has 0 items; expected 1 to 2"]
    );
}

#[test]
fn a_key_chooses_which_others_there_are() {
    let shapes = format!(
        "{HEAD}shapes:\n  thing:\n    called: a thing\n    keys: {{name: text}}\n    by: type\n    cases:\n      \
        file: {{keys: {{path: text}}, required: [path]}}\n      none: {{}}\n    otherwise: {{keys: {{free: text}}}}\n    \
        also: [{{when: {{key: name, is: text}}, keys: {{alias: text}}}}]\n"
    );
    assert_eq!(found(&shapes, "{type: file, path: x}"), [""; 0]);
    assert_eq!(found(&shapes, "{free: x}"), [""; 0]);
    assert_eq!(found(&shapes, "{name: n, alias: x}"), [""; 0]);
    assert_eq!(
        found(&shapes, "{type: file, free: x}"),
        [
            "free.$key: `free` is not a key of a thing with type `file` in House",
            "path: `path` is missing; a thing with type `file` in House requires it",
        ]
    );
    assert_eq!(
        found(&shapes, "{alias: x}"),
        ["alias.$key: `alias` is not a key of a thing without type in House"]
    );
    // The keys of an unknown type are not judged.
    assert_eq!(
        found(&shapes, "{type: fil, anything: x}"),
        ["type: `type` is `fil`; expected one of `file`, `none`; did you mean `file`? -> file"]
    );
}

#[test]
fn of_some_keys_exactly_one_is_there() {
    let keys = "{a: text, b: text}, exactly_one: [[a, b]]";
    assert_eq!(things(keys, "{a: x}"), [""; 0]);
    assert_eq!(
        things(keys, "{a: x, b: y}"),
        ["b.$key: `b` and `a` are mutually exclusive"]
    );
    assert_eq!(
        things(keys, "{}"),
        ["a: a thing in House must have exactly one of `a`, `b`"]
    );
}

#[test]
fn versions_have_keys_of_their_own() {
    let shapes = format!(
        "{VERSIONED}shapes:\n  thing:\n    called: a thing\n    open: {{until: 1.0.0}}\n    required: [{{keys: [old], until: 1}}]\n    \
        keys:\n      v: text\n      old: {{of: text, until: 1.0}}\n      new: {{any: [{{of: text, until: 1}}, {{of: integer, since: 2}}], since: 1.0.1}}\n"
    );
    assert_eq!(
        found(&shapes, "{v: v1.0.0, old: x, new: [], any: 1}"),
        [""; 0]
    );
    assert_eq!(
        found(&shapes, "{v: v1.0.1, old: x, new: 1}"),
        ["new: `new` is the number `1`; expected text, so put it in quotes -> \"1\""]
    );
    assert_eq!(
        found(&shapes, "{v: v2.0.0, old: x, new: 1}"),
        ["old.$key: `old` is not a key of a thing in House 2.0; it exists until 1.0"]
    );
}

#[test]
fn a_value_of_another_version_says_which() {
    let shapes = format!(
        "{VERSIONED}shapes:\n  thing:\n    called: a thing\n    keys: {{v: text, e: {{enum: [one, {{values: [two], since: 2}}, {{values: [old], until: 1.0.0}}]}}}}\n    \
        by: kind\n    cases: {{plain: {{}}, late: {{keys: {{}}, since: 2}}}}\n"
    );
    assert_eq!(
        found(&shapes, "{v: v1.0.1, e: two, kind: late}"),
        [
            "e: `e` is `two`, which House 1.0.1 does not have; it exists since 2; raise `v` to use it",
            "kind: `kind` is `late`, which House 1.0.1 does not have; it exists since 2; raise `v` to use it",
        ]
    );
    assert_eq!(
        found(&shapes, "{v: v1.0.1, e: old, kind: plain}"),
        ["e: `e` is `old`, which House 1.0.1 does not have; it exists until 1.0.0"]
    );
    assert_eq!(found(&shapes, "{v: v2.0.0, e: two, kind: late}"), [""; 0]);
}

#[test]
fn an_unknown_version_is_judged_by_the_nearest() {
    let shapes = format!(
        "{VERSIONED}shapes:\n  thing: {{called: a thing, keys: {{v: text, two: {{of: text, since: 2}}}}}}\n"
    );
    assert_eq!(
        found(&shapes, "{v: v1.0, two: x}"),
        [
            "v: `v` is `v1.0`; expected one of `v1.0.0`, `v1.0.1`, `v2.0.0`; did you mean `v1.0.0`? -> v1.0.0",
            "two.$key: `two` is not a key of a thing in House 1.0.1; it exists since 2; raise `v` to use it",
        ]
    );
    assert_eq!(
        found(&shapes, "{v: 1.0, two: x}")[0],
        "v: `v` is `1.0`; expected one of `v1.0.0`, `v1.0.1`, `v2.0.0`; did you mean `v1.0.1`? -> v1.0.1",
        "and a number that is no version is that first"
    );
    // One that came later is not wrong for that.
    assert_eq!(found(&shapes, "{v: v2.1.0, two: x}"), [""; 0]);
    assert_eq!(found(&shapes, "{v: v2.1.0, three: x}").len(), 1);
}

#[test]
fn shapes_may_recur_and_borrow() {
    let shapes = format!(
        "{HEAD}shapes:\n  thing: {{like: base, called: a thing, keys: {{parts: [thing]}}, required: [name]}}\n  base: {{called: a base, keys: {{name: text}}}}\n"
    );
    assert_eq!(
        found(&shapes, "{name: a, parts: [{name: b, parts: [{nam: c}]}]}"),
        [
            "parts[0].parts[0].nam.$key: `nam` is not a key of a thing in House; did you mean `name`? -> name"
        ]
    );
}

#[test]
fn merged_and_aliased_values_are_held_like_others() {
    let keys = "{a: {of: anything}, b: [text]}";
    assert_eq!(things(keys, "a: &x [1]\nb: *x\n").len(), 1);
    assert_eq!(things(keys, "a: {<<: {c: 1}}\nb: []\n"), [""; 0]);
}

#[test]
fn the_violations_of_one_document_are_bounded() {
    let text = format!("b: [{}]", "1, ".repeat(5_000));
    assert_eq!(things("{b: [text]}", &text).len(), super::MOST_VIOLATIONS);
}

#[test]
fn duplicates_in_a_long_list_are_found_quickly() {
    let keys = "{l: {list: anything, unique: true}}";
    let mut items: Vec<String> = (0..40_000).map(|n| format!("{{n: {n}, m: x}}")).collect();
    assert_eq!(things(keys, &format!("l: [{}]", items.join(", "))), [""; 0]);
    items[30_000] = "{m: x, n: 7.0}".to_owned();
    assert_eq!(
        things(keys, &format!("l: [{}]", items.join(", "))),
        ["l[30000]: an item of `l` is a duplicate"]
    );
}

#[test]
fn mistakes_in_a_shape_file_are_errors_at_their_line() {
    let cases = [
        (
            "keys: {a: txt}",
            "4:39: unknown shape `txt` (did you mean `text`?)",
        ),
        (
            "keys: {a: [text, number]}",
            "a list must have exactly one shape",
        ),
        (
            "keys: {a: {any: [text, {enum: [x]}]}}",
            "two alternatives accept the same type of value",
        ),
        ("keys: {a: text}, required: [b]", "unknown required key `b`"),
        (
            "keys: {a: {of: text, since: 2}}",
            "the format has no versions",
        ),
        (
            "keys: {a: {matches: '(', called: x}}",
            "invalid regular expression `(`",
        ),
        ("keys: {a: {integer: {least: 1}}}", "unknown key `least`"),
        ("key: {a: text}", "unknown key `key` (did you mean `keys`?)"),
        ("like: thing", "shape `thing` contains itself"),
        ("keys: {a: {keys: {b: text}}}", "this mapping has no name"),
        ("cases: {a: {}}", "`cases` needs `by`"),
        ("otherwise: thing", "`otherwise` needs `by`"),
        ("keys: {a: {enum: []}}", "the list is empty"),
        ("keys: {a: {any: []}}", "the list is empty"),
        ("keys: {a: {matches: [], called: x}}", "the list is empty"),
        (
            "keys: {a: {number: {}, integer: {}}}",
            "`number` and `integer` exclude each other",
        ),
    ];
    for (part, expected) in cases {
        let error = refused(&format!("{HEAD}shapes: {{thing: {{called: x, {part}}}}}\n"));
        assert!(error.contains(expected), "{part}: {error}");
    }
    assert!(refused("format: house\n").contains("is missing"));
    let unnamed = format!("{HEAD}shapes: {{thing: {{called: ' ', keys: {{}}}}}}\n");
    assert!(refused(&unnamed).contains("a name is missing"));
    let unordered = VERSIONED.replace("v1.0.1", "v0.9");
    assert!(
        refused(&format!(
            "{unordered}shapes: {{thing: {{called: x, keys: {{}}}}}}\n"
        ))
        .contains("version `v0.9` is out of order")
    );
}

#[test]
fn unknown_keys_and_equal_items_take_linear_work() {
    let unknown =
        |count: usize| -> String { (0..count).map(|n| format!("tagz{n}: 1\n")).collect() };
    let equal = |count: usize| {
        let item: String = (0..count).map(|n| format!("k{n}: 1, ")).collect();
        format!("l: [{}]\n", format!("{{{item}}}, ").repeat(9))
    };
    let keys = "{tags: text, name: text, l: {list: anything, unique: true}}";
    let texts: [&dyn Fn(usize) -> String; 2] = [&unknown, &equal];
    for text in texts {
        let steps = |count: usize| {
            let text = text(count);
            work::steps_of(|| {
                things(keys, &text);
            })
        };
        let (one, four) = (steps(2_000), steps(8_000));
        assert!(four < 5 * one, "{one} steps for 2,000, {four} for 8,000");
    }
}
