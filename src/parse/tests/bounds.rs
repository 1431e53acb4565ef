//! What input that is made to hurt costs.

use super::{any, problem};
use crate::parse::work::steps_of;
use crate::parse::{Limits, RULES, parse};

/// A little more than reading to the limit of depth takes, which is 3,328 steps for the dearest of the texts.
const STEPS: usize = 4_000;

#[test]
fn a_large_file_is_refused_by_its_size() {
    let limits = Limits {
        max_bytes: 10,
        ..Limits::default()
    };
    assert_eq!(parse(b"a: 1234567", &limits).problems, []);
    let parsed = parse(b"a: 12345678", &limits);
    assert_eq!(
        (parsed.problems[0].rule, parsed.problems[0].fatal),
        ("parse/too-large", true)
    );
    assert_eq!(
        parsed.problems[0].message,
        "the file has 11 bytes, over the limit of 10"
    );
    assert!(parsed.documents.is_empty());
}

#[test]
fn depth_is_bounded_in_every_style() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!("{}x{}", open.repeat(levels), close.repeat(levels))
    };
    let indented = |levels: usize| {
        (0..levels)
            .map(|n| format!("{}a:\n", " ".repeat(n)))
            .collect::<String>()
    };
    for text in [
        nested("[", "]", 128),
        nested("{a: ", "}", 128),
        nested("- ", "", 128),
        indented(128),
    ] {
        assert_eq!(any(&text).problems, []);
    }
    for text in [
        nested("[", "]", 129),
        nested("{a: ", "}", 129),
        nested("- ", "", 129),
        nested("? ", "", 129),
        indented(129),
    ] {
        let (found, _) = problem(&text);
        assert_eq!((found.rule, found.fatal), ("parse/too-deep", true));
        assert_eq!(
            found.message,
            "lists and mappings are nested more than 128 levels deep"
        );
        assert!(!found.span.is_empty());
    }
}

#[test]
fn ten_thousand_and_a_million_levels_are_read_only_up_to_the_bound() {
    for levels in [10_000, 1_000_000] {
        for open in [
            "[", "{a: ", "- ", "? ", "[{a: ", "{", "!!seq [", "&a [", "a: [",
        ] {
            let text = open.repeat(levels);
            let mut parsed = None;
            let steps = steps_of(|| parsed = Some(any(&text)));
            let parsed = parsed.unwrap();
            assert!(
                ["parse/too-deep", "parse/syntax-error"].contains(&parsed.problems[0].rule),
                "{open}: {:?}",
                parsed.problems
            );
            if open != "a: [" && open != "{" {
                assert_eq!(parsed.problems[0].rule, "parse/too-deep", "{open}");
            }
            assert!(steps < STEPS, "{open} took {steps} steps");
        }
    }
    let deep: String = (0..3_000)
        .map(|n| format!("{}a:\n", " ".repeat(n)))
        .collect();
    assert_eq!(problem(&deep).0.rule, "parse/too-deep");
}

#[test]
fn aliases_may_not_be_nested_deeper_than_text() {
    let level =
        |open: usize, inner: &str| format!("{}{inner}{}", "[".repeat(open), "]".repeat(open));
    assert_eq!(
        any(&format!("- &a {}\n- {}\n", level(60, "1"), level(67, "*a"))).problems,
        []
    );
    let (found, at) = problem(&format!("- &a {}\n- {}\n", level(60, "1"), level(68, "*a")));
    assert_eq!((found.rule, at.as_str()), ("parse/too-deep", "*"));
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for n in 1..10 {
        let aliases = vec![format!("*a{}", n - 1); 9].join(", ");
        text.push_str(&format!("a{n}: &a{n} [{aliases}]\n"));
    }
    let (found, at) = problem(&text);
    assert_eq!((found.rule, found.fatal), ("parse/alias-bomb", true));
    assert!(
        found.message.contains("65536 bytes") && at.starts_with("*a"),
        "{} at {at}",
        found.message
    );
}

#[test]
fn the_bound_on_aliases_grows_with_the_file() {
    let base = "x".repeat(20_000);
    let text = |uses: usize| format!("a: &a {base}\nb: [{}]\n", vec!["*a"; uses].join(", "));
    assert_eq!(any(&text(10)).problems, []);
    assert_eq!(problem(&text(11)).0.rule, "parse/alias-bomb");
}

#[test]
fn merge_keys_count_as_expansion() {
    let keys: String = (0..100).map(|n| format!("k{n}, ")).collect();
    let inline = format!("{{{}x: {{{keys}}}{}", "<<: {".repeat(100), "}".repeat(101));
    assert_eq!(any(&inline).problems, []);
    let chained: String = (1..200)
        .map(|n| format!("m{n}: &m{n} {{<<: *m{}, y{n}: 1}}\n", n - 1))
        .collect();
    assert_eq!(
        problem(&format!("m0: &m0 {{{keys}}}\n{chained}")).0.rule,
        "parse/alias-bomb"
    );
    let nested = format!("{}{{{keys}}}{}", "{<<: ".repeat(100), "}".repeat(100));
    assert_eq!(problem(&nested).0.rule, "parse/alias-bomb");
}

#[test]
fn a_cyclic_alias_is_refused() {
    for text in ["a: &a [1, *a]", "&a {b: {c: *a}}", "&a [&b [*b]]"] {
        let (found, at) = problem(text);
        assert_eq!(
            (found.rule, found.fatal),
            ("parse/cyclic-alias", true),
            "{text}"
        );
        assert!(at.starts_with('*') && found.related.len() == 1);
    }
}

#[test]
fn large_hostile_files_are_read_in_linear_steps() {
    let texts = |bytes: usize| {
        [
            "[1,".repeat(bytes / 3),
            format!("{}{}", "[".repeat(120), "1,".repeat(bytes / 2)),
            format!("{}{}", "[".repeat(255), "1,".repeat(bytes / 2)),
            "a: \"".repeat(bytes / 4),
            "'".repeat(bytes),
            "\u{FC}: &a ü #ü\n".repeat(bytes / 14),
            "? \n".repeat(bytes / 3),
            "- !!str &a\n".repeat(bytes / 11),
            "a:\n- |\n# c\n".repeat(bytes / 12),
            format!("\"{}\"", "\\uD83D\\uDE00".repeat(bytes / 12)),
            format!("a: |\n{}", "  \n".repeat(bytes / 3)),
            format!("a: x\n{}", "  x\n".repeat(bytes / 4)),
            format!("a:\n{}b: 1", "# ü\n".repeat(bytes / 5)),
        ]
    };
    for (small, large) in texts(1 << 15).iter().zip(texts(1 << 18)) {
        let head: String = large.chars().take(20).collect();
        let (few, many) = (
            steps_of(|| drop(any(small))),
            steps_of(|| drop(any(&large))),
        );
        assert!(
            many <= few * 9,
            "{head}: {few} steps, and {many} for 8 times the bytes"
        );
    }
}

#[test]
fn rules_are_sorted_and_complete() {
    assert!(RULES.is_sorted_by(|a, b| a.id < b.id));
    let sources = [
        include_str!("../mod.rs"),
        include_str!("../problem.rs"),
        include_str!("../rule_ids.rs"),
        include_str!("../alias.rs"),
        include_str!("../tree.rs"),
        include_str!("../mapping.rs"),
        include_str!("../syntax.rs"),
        include_str!("../encoding.rs"),
    ];
    let used: std::collections::BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split('"').filter(|part| part.starts_with("parse/")))
        .collect();
    assert_eq!(
        used.into_iter().collect::<Vec<_>>(),
        RULES.iter().map(|rule| rule.id).collect::<Vec<_>>()
    );
}
