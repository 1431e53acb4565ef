//! Duplicate keys and merge keys.

use super::{any, clean, keys, kind, only, problem, reach, string};
use crate::model::document::NodeKind;

#[test]
fn the_first_of_duplicate_keys_wins_and_both_places_are_reported() {
    let (found, at) = problem("a: 1\nb: 2\n'a': 3\n");
    assert_eq!(
        (found.rule, found.fatal, at.as_str()),
        ("parse/duplicate-key", false, "'a'")
    );
    assert_eq!(found.message, "duplicate key `a`");
    assert_eq!((found.related[0].0.start, found.related[0].0.end), (0, 1));
    let parsed = any("a: 1\nb: 2\na: 3\n");
    assert_eq!(
        (kind(&parsed, "a"), keys(&parsed, "")),
        (NodeKind::Int(1), vec!["a".to_owned(), "b".to_owned()])
    );
}

#[test]
fn duplicates_are_found_in_large_mappings_in_linear_time() {
    let mut text: String = (0..200_000).map(|n| format!("k{n}: {n}\n")).collect();
    text.push_str("k7: again\n");
    let (found, at) = problem(&text);
    assert_eq!((found.rule, at.as_str()), ("parse/duplicate-key", "k7"));
    assert_eq!(found.related[0].0.start as usize, text.find("k7:").unwrap());
}

#[test]
fn keys_of_other_types_are_duplicates_of_their_like() {
    for text in [
        "1: a\n0x1: b",
        "true: a\nTrue: b",
        "~: a\nnull: b",
        ": a\n~: b",
        "1.5: a\n1.50: b",
        "&k x: 1\n*k : 2",
    ] {
        assert_eq!(problem(text).0.rule, "parse/duplicate-key", "{text}");
    }
    clean("1: a\n\"1\": b\n1.0: c\ntrue: d\n\"true\": e\n");
}

#[test]
fn own_keys_win_over_merged_ones() {
    let parsed = clean("base: &b {x: 1, y: 2}\nuse:\n  y: 3\n  <<: *b\n  z: 4\n");
    assert_eq!(keys(&parsed, "use"), ["y", "z", "x"]);
    assert_eq!(
        (kind(&parsed, "use/y"), kind(&parsed, "use/x")),
        (NodeKind::Int(3), NodeKind::Int(1))
    );
    let document = only(&parsed);
    let by = reach(document, "use/x").alias.unwrap();
    assert_eq!(parsed.text.slice(document.span(by)), "*b");
    assert_eq!(reach(document, "use/y").alias, None);
}

#[test]
fn the_earlier_of_merged_mappings_wins_and_each_names_its_alias() {
    let parsed = clean(
        "- &a {x: 1, w: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b, {z: 3}]\n- &c\n  <<: *a\n- <<: *c\n",
    );
    let document = only(&parsed);
    let by = |path: &str| {
        reach(document, path)
            .alias
            .map(|alias| parsed.text.slice(document.span(alias)))
    };
    assert_eq!(
        (kind(&parsed, "2/x"), by("2/x")),
        (NodeKind::Int(1), Some("*a"))
    );
    assert_eq!(
        (kind(&parsed, "2/y"), by("2/y")),
        (NodeKind::Int(2), Some("*b"))
    );
    assert_eq!((kind(&parsed, "2/z"), by("2/z")), (NodeKind::Int(3), None));
    assert_eq!(
        (kind(&parsed, "4/w"), by("4/w")),
        (NodeKind::Int(1), Some("*c"))
    );
}

#[test]
fn a_quoted_merge_key_is_a_key() {
    let parsed = clean("a: &a {x: 1}\nb: {\"<<\": *a}\n");
    assert_eq!(kind(&parsed, "b/<</x"), NodeKind::Int(1));
    assert_eq!(keys(&parsed, "b"), ["\"<<\""]);
}

#[test]
fn two_merge_keys_are_reported_and_both_used() {
    let text = "a: &a {x: 1}\nb: &b {y: 2}\nc:\n  <<: *a\n  <<: *b\n";
    assert_eq!(problem(text).0.rule, "parse/duplicate-key");
    assert_eq!(keys(&any(text), "c"), ["x", "y"]);
}

#[test]
fn merging_a_value_other_than_a_mapping_is_reported() {
    for (text, place) in [
        ("<<: 3\na: 1", "3"),
        ("a: &a [1, 2]\n<<: [{x: 1}, y]", "y"),
        ("<<:", ""),
    ] {
        let (found, at) = problem(text);
        assert_eq!(
            (found.rule, at.as_str(), found.fatal),
            ("parse/bad-merge", place, false),
            "{text}"
        );
    }
}

#[test]
fn a_collection_as_a_key_is_reported() {
    let (found, at) = problem("name: {{ env }}\nteam: x\n");
    assert_eq!((found.rule, at.as_str()), ("parse/complex-key", "{ env }"));
    assert!(found.help.unwrap().contains("quote the value"));
    assert_eq!(kind(&any("? [a]\n: b\nc: d\n"), "c"), string("d"));
    assert_eq!(
        problem("? [a]\n: b\n").0.help.unwrap(),
        "write a plain text key"
    );
}

#[test]
fn a_flood_of_problems_is_bounded_and_counted() {
    let parsed = any(&format!("{{{}}}", "a,".repeat(5000)));
    assert_eq!(parsed.problems.len(), 1001);
    assert_eq!(parsed.problems[1000].rule, "parse/too-many-problems");
    assert!(
        parsed.problems[1000].message.starts_with("3999 more"),
        "{}",
        parsed.problems[1000].message
    );
}

#[test]
fn several_merge_keys_are_reported_once_with_the_list_to_write() {
    for (merges, list) in [
        ("<<: *a\n  <<: *b\n", "*a, *b"),
        ("<<: *a\n  <<: [*b, *a]\n  <<: *b\n", "*a, *b, *a, *b"),
        ("<<: *a\n  <<: {y: 1}\n", "*first, *second"),
    ] {
        let (found, at) = problem(&format!("x: &a {{k: 1}}\ny: &b {{l: 2}}\nz:\n  {merges}"));
        assert_eq!((found.rule, at.as_str()), ("parse/duplicate-key", "<<"));
        let help = format!("write `<<: [{list}]`; all values are used");
        assert_eq!(found.help, Some(help));
    }
}
