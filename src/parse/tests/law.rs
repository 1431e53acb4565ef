//! What holds for every text: a scalar's span is a text of its own that means the same, spans nest, nothing panics.

use std::path::Path;

use super::{Dice, any, nodes};
use crate::model::document::{Document, NodeKind};
use crate::model::text::{SourceText, Span};
use crate::parse::{Limits, Parsed, parse};

/// Whether two values are the same, NaN included.
fn same(a: &NodeKind, b: &NodeKind) -> bool {
    matches!((a, b), (NodeKind::Float(a), NodeKind::Float(b)) if a.to_bits() == b.to_bits())
        || a == b
}

fn check(parsed: &Parsed, name: &str) -> usize {
    for problem in &parsed.problems {
        let empty = problem.span.is_empty()
            && ![
                "parse/too-large",
                "parse/bad-merge",
                "parse/wrong-tag",
                "parse/not-text",
            ]
            .contains(&problem.rule);
        assert!(!empty, "{name}: {problem:?}");
        assert!(
            parsed
                .text
                .as_str()
                .get(problem.span.start as usize..problem.span.end as usize)
                .is_some(),
            "{name}: {problem:?}"
        );
    }
    parsed
        .documents
        .iter()
        .map(|document| check_document(document, &parsed.text, name))
        .sum()
}

fn check_document(document: &Document, text: &SourceText, name: &str) -> usize {
    for id in nodes(document) {
        let span = document.span(id);
        let inside = |inner: Span, what: &str| {
            assert!(
                span.start <= inner.start && inner.end <= span.end,
                "{name}: {what} {inner:?} outside {span:?}"
            );
        };
        assert!(
            text.as_str()
                .get(span.start as usize..span.end as usize)
                .is_some(),
            "{name}: {span:?}"
        );
        match &document.node(id).kind {
            NodeKind::Mapping { .. } => {
                for entry in document
                    .entries(id)
                    .iter()
                    .filter(|entry| entry.merged_by.is_none())
                {
                    if text.slice(span).contains("<<") {
                        continue;
                    }
                    inside(document.span(entry.key), "key");
                    inside(document.span(entry.value), "value");
                }
            }
            NodeKind::Sequence { .. } => document
                .items(id)
                .iter()
                .for_each(|item| inside(document.span(*item), "item")),
            NodeKind::Alias(_) => assert!(
                text.slice(span).starts_with('*'),
                "{name}: {}",
                text.slice(span)
            ),
            scalar => check_scalar(scalar, text, span, name),
        }
    }
    document.node_count()
}

fn check_scalar(scalar: &NodeKind, text: &SourceText, span: Span, name: &str) {
    let slice = text.slice(span);
    let before = text
        .as_str()
        .get(..span.start as usize)
        .unwrap_or("")
        .trim_end();
    let is_tagged = before
        .rsplit([' ', '\n', '\t', '[', ',', '{', '\r'])
        .next()
        .is_some_and(|word| word.starts_with(['!', '&']));
    let header = slice.lines().next().unwrap_or("");
    // A tag is outside the span; an indentation that is written counts from the parent; kept lines are outside the span.
    let needs_parent =
        slice.starts_with(['|', '>']) && header.contains(|c: char| c.is_ascii_digit() || c == '+');
    if is_tagged || needs_parent || slice.is_empty() {
        return;
    }
    let again = any(&format!(" {slice}"));
    let [document] = again.documents.as_slice() else {
        panic!(
            "{name}: {slice:?} does not stand alone: {:?}",
            again.problems
        )
    };
    let root = &document.node(document.root().node).kind;
    assert!(
        same(root, scalar),
        "{name}: {slice:?} is {root:?}, was {scalar:?}"
    );
}

const SCALARS: &[&str] = &[
    "x",
    "two words",
    "1",
    "1.50",
    "true",
    "~",
    "'it''s'",
    "\"q \\\" # \\u00fc\"",
    "\"\\uD83D\\uDE00\"",
    "ü😀",
    "-1",
    "a:b",
    "a#b",
    "http://x/y?z=1",
    "''",
    "'# no'",
];

fn write_value(dice: &mut Dice, indent: usize, depth: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match dice.roll(if depth > 4 { 6 } else { 10 }) {
        0..4 => out.push_str(&format!(
            " {}{}\n",
            dice.pick(SCALARS),
            dice.pick(&["", "", " # ü c", "   "])
        )),
        4 => out.push_str(&format!(
            " {}\n{pad}  {}\n{}",
            dice.pick(&["|", ">", "|-", ">-", "| # c"]),
            dice.pick(&["text", "ü\n\n", "# no"]),
            dice.pick(&["", "\n", "# c\n"])
        )),
        5 => out.push_str(&format!(
            " {}\n",
            dice.pick(&[
                "",
                "[]",
                "{}",
                "[a, {b: ü}, c: d]",
                "{a: [1, 2], b: , c}",
                "[\n \"x\" , 'y' ]"
            ])
        )),
        6 | 7 => {
            out.push('\n');
            for n in 0..=dice.roll(3) {
                let key = dice
                    .pick(&["key", "\"quoted\"", "ö", "'s'"])
                    .replace("key", "k");
                out.push_str(
                    &format!("{pad}{key}{n}:")
                        .replace("\"quoted\"", &format!("\"q{n}\" "))
                        .replace("'s'", "s"),
                );
                write_value(dice, indent + 2, depth + 1, out);
            }
        }
        _ => {
            out.push('\n');
            for _ in 0..=dice.roll(3) {
                out.push_str(&format!("{pad}-"));
                write_value(dice, indent + 2, depth + 1, out);
            }
        }
    }
}

#[test]
fn spans_of_generated_documents_mean_their_values() {
    let mut whole = 0;
    for seed in 1..600 {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let mut text = "root:".to_owned();
        write_value(&mut dice, 2, 0, &mut text);
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let parsed = any(&text);
            check(&parsed, &text);
            whole += usize::from(parsed.problems.is_empty());
        }
    }
    assert!(whole > 600, "only {whole} documents were whole");
}

#[test]
fn noise_neither_panics_nor_leaves_its_text() {
    const NOISE: &[&str] = &[
        "a",
        "ü",
        "😀",
        ":",
        ": ",
        "- ",
        "? ",
        "\n",
        "\n  ",
        "\n\t",
        "\r",
        "#",
        " # c",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "|\n",
        ">\n",
        "&a ",
        "*a",
        "!t ",
        "!!str ",
        "---",
        "\n---\n",
        "\n...\n",
        "<<: ",
        "\\",
        "\\u",
        "\\uD83D\\uDE00",
        "%",
        "%YAML 1.2\n",
        "@",
        "1",
        " ",
        "\t",
        "\u{FEFF}",
        "!<x>",
        "|2-\n",
    ];
    let mut dice = Dice(0x5DEE_CE66_D123_4567);
    for _ in 0..5_000 {
        let text: String = (0..dice.roll(24)).map(|_| dice.pick(NOISE)).collect();
        let parsed = any(&text);
        assert!(
            parsed
                .problems
                .iter()
                .all(|problem| problem.rule != "parse/internal-error"),
            "{text:?}"
        );
        for document in &parsed.documents {
            for id in nodes(document) {
                let span = document.span(id);
                assert!(
                    span.start <= span.end
                        && parsed
                            .text
                            .as_str()
                            .get(span.start as usize..span.end as usize)
                            .is_some(),
                    "{text:?}: {span:?}"
                );
            }
        }
    }
}

#[test]
fn spans_of_the_corpus_mean_their_values() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus"));
    if !corpus.is_dir() {
        println!("skipped: there is no corpus at {}", corpus.display());
        return;
    }
    let (mut files, mut whole, mut nodes) = (0, 0, 0);
    for entry in walkdir::WalkDir::new(corpus).sort_by_file_name() {
        let entry = entry.unwrap();
        let is_data = entry.path().extension().is_some_and(|extension| {
            ["yaml", "yml", "json"]
                .iter()
                .any(|known| extension == *known)
        });
        if entry.file_type().is_file() && is_data {
            let parsed = parse(&std::fs::read(entry.path()).unwrap(), &Limits::default());
            let name = entry.path().display().to_string();
            files += 1;
            whole += usize::from(parsed.problems.is_empty());
            nodes += check(&parsed, &name);
            for problem in &parsed.problems {
                println!(
                    "{name}:{}: {} {}: {:?}",
                    parsed.text.position(problem.span.start).line,
                    problem.rule,
                    problem.message,
                    parsed.text.slice(problem.span)
                );
            }
        }
    }
    println!("{files} files, {whole} without a problem, {nodes} nodes");
    assert!(files > 50 && whole * 10 > files * 9);
}
