//! The scanner is right: what is read here must be what it reads, to the byte.

use std::path::Path;

use crate::parse::tests::Dice;
use crate::parse::{Limits, scanned, simple};

/// Whether a text was read here; if it was, then as the scanner reads it.
fn agrees(text: &str) -> bool {
    let limits = Limits::default();
    let Some((documents, problems)) = simple(text, &limits) else {
        return false;
    };
    let (expected, told) = scanned(text, &limits);
    assert_eq!(problems, told, "{text:?}");
    let shown = |documents: &[_]| format!("{documents:#?}");
    assert_eq!(shown(&documents), shown(&expected), "{text:?}");
    true
}

#[test]
fn what_manifests_are_made_of_is_read_here() {
    for text in [
        "a: b\n",
        "a: b",
        "---\na: b\n",
        "# head\n\na: b # c\n# tail\n",
        "a:\n  b: 1\n  c:\nd:\n",
        "a:\nb:",
        "a:\n- b\n- c: d\n  e: f\n-\n- - g\n  - h\nx: y\n",
        "-   a: 1\n    b: 2\n- c\n",
        "a:\n  - b: |\n      text\n\n      more\n\n    c: >-\n      folded\n      line\n\n      paragraph\n  # d\n  - e\n",
        "a: two\n  lines # c\nb: one\n\n   and\n  more\nc:\n  below\n  it\n",
        "a: \"q \\\"x\\\" \\\\ \\n\"\nb: 'it''s # no'\n\"c d\": 'e'\n'f' : g\n",
        "a: [b, 'c', \"d\", [e], {f: g, \"h\": i j}]\nk: {} # l\nm: [ ]\n",
        "a: http://b:1/c#d\ne: -1\nf: .5\ng: yes:no\nh#i: j\nk: l\u{e9} m\n",
        "a: 1\nb: 2\na: 3\n",
        "? a\n: b\n",
        "a: |\n  b\nc: |\n  d",
        "a: >\n  b\n  # no comment\n # comment\nc: d\n",
        "a: |\n  b\n   c\n     d\n",
        "<<: a\nb: ~\nnull: true\n1: 0x1F\n",
        "a: b c  \nd: |  \n  e  \n",
        "a:\n    - b\n    - c\nd:\n      e: f\n",
        "a: &x\n  b: c\nd: *x\ne:\n  <<: *x\n  f: [*x, {g: *x}]\n",
        "a: &x [b]\nc: &x {d: e} # f\ng:\n- *x\n- &y\n  h: *x\n- &z\n  - *y\n",
        "a: &x\n- b\nc: *x\n",
        "a: &x b\nc: [&y d, &z 'e', *x]\nf: &u |\n  g\nh: *u\n",
        "a: &x\n  b\nc: &y two\n  lines\nd: {e: &z {f: 1}, g: *z, h: *y}\n",
        "- &x a\n- &y \"b\"\n- [*x, *y]\n",
    ] {
        let is_simple = !text.contains("? a") && !text.ends_with("  d");
        assert_eq!(agrees(text), is_simple, "{text:?}");
    }
}

#[test]
fn other_yaml_is_left_to_the_scanner() {
    for text in [
        "",
        "# only\n",
        "a word\n",
        "a: *x\n",
        "a: &x [*x]\n",
        "a: &x\nb: c\n",
        "a: &x\n",
        "- &x a: b\n",
        "&x a: b\n",
        "&x\na: b\n",
        "a: &x:y [b]\n",
        "a: &x &y b\n",
        "a: &x b\nc: &y *x\n",
        "a: [&x , b]\n",
        "a: [&x b: c]\n",
        "a: &x [b]\n*x : c\n",
        "a: &x [b]\nc: {*x}\n",
        "a: !!str b\n",
        "a: b\r\n",
        "a:\tb\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "%YAML 1.2\n---\na: b\n",
        "a: b: c\n",
        "a: b\n  c: d\n",
        "a:\n    b: c\n  d: e\n",
        "a: 'b\n  c'\n",
        "a: \"\\u00e9\"\n",
        "a: [b,\n  c]\n",
        "a: [b: c]\n",
        "a: {b}\n",
        "a: [b,]\n",
        "a: 'b' c\n",
        "a: |+\n  b\n\n",
        "a: |2\n  b\n",
        "a: >\n  b\n   c\n",
        "a: - b\n",
        "- a\nb: c\n",
        "a: @b\n",
        "\u{FEFF}a: b\n",
        "{\"a\": 1}\n",
    ] {
        assert!(!agrees(text), "{text:?}");
    }
}

#[test]
fn lines_thrown_together_are_read_as_the_scanner_reads_them() {
    const INDENTS: &[&str] = &["", "", "  ", "  ", "    ", "   ", "      "];
    const STARTS: &[&str] = &[
        "", "", "", "- ", "- ", "- - ", "-", "k: ", "k: ", "<<: ", "'q': ", "\"q\" : ", "l:",
        "m n: ", "# ",
    ];
    const VALUES: &[&str] = &[
        "",
        "x",
        "two words",
        "x # c",
        "x#y",
        "a:b",
        "'it''s'",
        "\"q\"",
        "\"e\\n\" ",
        "[a, b]",
        "{a: b, c: 'd'}",
        "[]",
        "{ }",
        "|",
        ">",
        "|-",
        ">- # c",
        "-1",
        "0.5",
        "~",
        "\u{fc} \u{1f600}",
        "- x",
        "x:",
        "x: y",
        "---",
        "...",
        "&a b",
        "&a",
        "&a ",
        "&b [x]",
        "&a {x: y} # c",
        "*a",
        "*b # c",
        "[*a, {b: *b}]",
        "{<<: *a, b: *a }",
        "?",
        "[a, [b], {c: d}]",
        "[a b , c]",
        "{a: b }",
        "http://x/?y=z",
        ", x",
        "x, y",
        "x]",
        "\"a\\\\b\"",
        "''",
        "  spaced  ",
    ];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut read = 0;
    for _ in 0..20_000 {
        let lines = 1 + dice.roll(7);
        let mut text = String::new();
        for _ in 0..lines {
            text.push_str(dice.pick(INDENTS));
            text.push_str(dice.pick(STARTS));
            text.push_str(dice.pick(VALUES));
            text.push_str(dice.pick(&["\n", "\n", "\n", "\n\n", "\n  \n", " \n"]));
        }
        if dice.roll(4) == 0 {
            text.truncate(text.trim_end().len());
        }
        read += usize::from(agrees(&text));
    }
    assert!(read > 1_500, "only {read} texts were read here");
}

/// The manifests of a folder, each also with a line removed, moved or doubled.
fn folder(folder: &Path) -> (usize, usize) {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut files, mut read) = (0, 0);
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.unwrap();
        let is_yaml = entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        let Some(text) = is_yaml
            .then(|| std::fs::read_to_string(entry.path()).ok())
            .flatten()
        else {
            continue;
        };
        files += 1;
        read += usize::from(agrees(&text));
        if text.len() > 60_000 {
            continue;
        }
        for _ in 0..4 {
            let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
            for _ in 0..=dice.roll(2) {
                let at = dice.roll(lines.len().max(1));
                match (dice.roll(5), lines.get(at).cloned()) {
                    (0, Some(_)) => _ = lines.remove(at),
                    (1, Some(line)) => lines.insert(at, line),
                    (2, Some(line)) => lines[at] = format!(" {line}"),
                    (3, Some(line)) => line.trim_start().clone_into(&mut lines[at]),
                    (_, Some(line)) => {
                        lines[at] = format!(
                            "{line}{}",
                            dice.pick(&[":", " #", " x", "'", " |", ",", "]"])
                        )
                    }
                    (_, None) => {}
                }
            }
            agrees(&lines.join("\n"));
        }
    }
    (files, read)
}

#[test]
fn our_own_manifests_are_read_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (files, read) = folder(&root.join("fixtures"));
    assert!(files > 10 && read * 4 > files * 3, "{read} of {files}");
}

#[test]
fn the_corpus_is_read_as_the_scanner_reads_it() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus"));
    if !corpus.is_dir() {
        println!("skipped: there is no corpus at {}", corpus.display());
        return;
    }
    let (files, read) = folder(corpus);
    println!("{read} of {files} files are simple");
    assert!(read * 2 > files);
}
