//! Rego text as words and brackets, without comments and strings: enough to explain what the engine's parser refuses.

/// A word, a bracket or a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'t> {
    /// Its text.
    pub text: &'t str,
    /// Bytes before it in the module.
    pub at: usize,
}

/// Keywords of Rego v1 that Rego v0 only has with `import future.keywords`.
const FUTURE: [&str; 4] = ["contains", "every", "if", "in"];

/// Words, brackets and dots in order. Ends before a string that is not closed.
pub fn scan_tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let length = match next {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '`' => match string_length(rest, next) {
                Some(length) => length,
                None => return tokens,
            },
            '{' | '}' | '[' | ']' | '(' | ')' | '.' => 1,
            _ if is_word(next) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => {
                at += next.len_utf8();
                continue;
            }
        };
        if !matches!(next, '#' | '"' | '`') {
            let text = rest.get(..length).unwrap_or_default();
            tokens.push(Token { text, at });
        }
        at += length;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the string at the start of a text, quotes included. `None` if it is not closed.
fn string_length(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            '\n' if quote == '"' => return None,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The first word of Rego v0 text that is used as a keyword of Rego v1 without an import of it.
pub fn unimported_keyword(text: &str) -> Option<Token<'_>> {
    let tokens = scan_tokens(text);
    let is = |at: usize, wanted: &str| tokens.get(at).is_some_and(|token| token.text == wanted);
    let imports = |path: &[&str]| {
        (0..tokens.len()).any(|at| {
            is(at, "import")
                && path
                    .iter()
                    .enumerate()
                    .all(|(step, name)| is(at + 1 + 2 * step, name))
                && !is(at + 2 * path.len(), ".")
        })
    };
    if imports(&["rego", "v1"]) || imports(&["future", "keywords"]) {
        return None;
    }
    let is_imported = |word: &str| {
        imports(&["future", "keywords", word])
            || (word == "in" && imports(&["future", "keywords", "every"]))
    };
    let mut found = tokens.iter().enumerate().filter(|(at, token)| {
        let is_field = at.checked_sub(1).is_some_and(|before| is(before, "."));
        let end = token.at + token.text.len();
        FUTURE.contains(&token.text) && !is_field && !is_name(text.get(end..).unwrap_or_default())
    });
    found
        .find(|(_, token)| !is_imported(token.text))
        .map(|(_, token)| *token)
}

/// Whether what follows a word makes it a name: a call, an index, an operator, or the end of the line.
fn is_name(rest: &str) -> bool {
    let next = rest.trim_start_matches([' ', '\t']).chars().next();
    rest.starts_with(['(', '[']) || next.is_none_or(|next| ":=!<>,)]+*/|&;.\r\n".contains(next))
}

/// The same module with all keywords imported, on the same lines. `None` without a package.
pub fn with_keywords(text: &str) -> Option<String> {
    let tokens = scan_tokens(text);
    let package = tokens.iter().position(|token| token.text == "package")?;
    let mut last = tokens.get(package + 1)?;
    for token in tokens.get(package + 2..).unwrap_or_default() {
        let between = text.get(last.at + last.text.len()..token.at)?;
        if between.contains(char::is_whitespace) {
            break;
        }
        last = token;
    }
    let (head, tail) = text.split_at_checked(last.at + last.text.len())?;
    Some(format!("{head} import future.keywords {tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_hold_no_tokens() {
        let text = "a.b # if {\n x := \"} \\\" in\" + `[\n` { ü }";
        let found: Vec<&str> = scan_tokens(text).iter().map(|token| token.text).collect();
        assert_eq!(found, ["a", ".", "b", "x", "{", "ü", "}"]);
        assert_eq!(scan_tokens("a \"b\nc").len(), 1, "ends at the open quote");
    }

    #[test]
    fn keywords_count_where_they_are_not_imported() {
        let found = |text: &str| unimported_keyword(text).map(|token| token.text.to_owned());
        for (text, expected) in [
            ("package a\ndeny[x] { x := 1 }", None),
            ("package a\ndeny contains x if { x := 1 }", Some("contains")),
            ("package a\ndeny[x] { in := input.xs; x := in[_] }", None),
            ("package a\ndeny[x] { x in [1, 2] }", Some("in")),
            ("package a\ndeny[x] { contains(x, \"if\"); input.in }", None),
            (
                "package a\nimport future.keywords.in\nd { some x in input }",
                None,
            ),
            (
                "package a\nimport future.keywords.every\nd { every x in input { x } }",
                None,
            ),
            (
                "package a\nimport future.keywords.in\nd if { some x in input }",
                Some("if"),
            ),
            ("package a\nimport future.keywords\nd if true", None),
            ("package a\nimport rego.v1\nd if true", None),
        ] {
            assert_eq!(found(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn keywords_are_imported_behind_the_package() {
        let imported = with_keywords("# c\npackage a.b[\"c\"]\nimport data.x\n").unwrap();
        assert_eq!(
            imported,
            "# c\npackage a.b[\"c\"] import future.keywords \nimport data.x\n"
        );
        assert_eq!(with_keywords("deny := 1"), None);
    }
}
