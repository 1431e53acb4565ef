//! String literals of Rust sources, without those of tests. A scanner that knows comments, characters, lifetimes and raw
//! strings; it does not parse Rust.

/// The text of a string literal, and the 1-based line that it starts on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub line: usize,
    pub text: String,
}

/// The literals of a source, up to the tests that end it. Escapes stay as written.
pub(super) fn find(source: &str) -> Vec<Literal> {
    let mut rest = without_tests(source);
    let mut found = Vec::new();
    let mut line = 1;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (text, length) = match first {
            '/' if rest.starts_with("//") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                (None, rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            'r' => raw_string(rest, before),
            '"' => plain_string(rest),
            '\'' => (None, character(rest)),
            other => (None, other.len_utf8()),
        };
        if let Some(text) = text {
            let text = text.to_owned();
            found.push(Literal { line, text });
        }
        let (read, next) = rest.split_at(length);
        line += read.matches('\n').count();
        before = read.chars().next_back().unwrap_or(before);
        rest = next;
    }
    found
}

/// Tests that end a file open with `#[cfg(test)]` and a module with a body.
fn without_tests(source: &str) -> &str {
    let body = source.match_indices("#[cfg(test)]").find(|(at, _)| {
        let item = source.split_at(*at).1.lines().nth(1).unwrap_or_default();
        item.starts_with("mod ") && item.ends_with('{')
    });
    body.map_or(source, |(at, _)| source.split_at(at).0)
}

/// The text of `"…"`, and the length of the whole literal.
fn plain_string(code: &str) -> (Option<&str>, usize) {
    let mut is_escaped = true;
    for (at, character) in code.char_indices() {
        match character {
            '"' if !is_escaped => return (code.get(1..at), at + 1),
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    (None, code.len())
}

/// The text of `r"…"` or `r#"…"#`, and the length of the whole literal. `None` for a name that begins or ends with `r`.
fn raw_string(code: &str, before: char) -> (Option<&str>, usize) {
    let is_name = before == '_' || before.is_alphanumeric() && before != 'b';
    let hashes = code.chars().skip(1).take_while(|mark| *mark == '#').count();
    let start = hashes + 2;
    let closing = format!("\"{}", "#".repeat(hashes));
    match code.get(start..).and_then(|text| text.find(&closing)) {
        Some(end) if !is_name && code.get(start - 1..start) == Some("\"") => {
            (code.get(start..start + end), start + end + closing.len())
        }
        _ => (None, 1),
    }
}

/// The length of a character literal; 1 for the quote of a lifetime.
fn character(code: &str) -> usize {
    let mut rest = code.char_indices().skip(1);
    match (rest.next(), rest.next()) {
        (Some((_, '\\')), Some(_)) => {
            let closing = rest.find(|(_, character)| *character == '\'');
            closing.map_or(code.len(), |(at, _)| at + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[test]
fn literals_are_found_between_everything_else() {
    let source = r####"
//! "no"
fn f<'a>(x: &'a str) -> char { /* "no" */ g("one \" 1", 'x', '"', '\'', b'"'); r#"two "#; br"three"; for_r"no" }
#[cfg(test)]
mod tests;
const LAST: &str = "last";
#[cfg(test)]
mod checks {
    const NO: &str = "no";
}
"####;
    let found: Vec<(usize, String)> = find(source)
        .into_iter()
        .map(|literal| (literal.line, literal.text))
        .collect();
    let expected = [
        (3, "one \\\" 1"),
        (3, "two "),
        (3, "three"),
        (3, "no"),
        (6, "last"),
    ];
    let expected = expected.map(|(line, text)| (line, text.to_owned()));
    assert_eq!(found, expected);
}
