//! Translates regorus' errors about a module into plain English: what is wrong and what to write. No message of regorus'
//! own reaches a user.

use super::engine::scan::scan_tokens;
use crate::model::text::{Span, text_offset};

/// Where the language is described, for mistakes without a better next step.
const LANGUAGE: &str = "correct the syntax; https://www.openpolicyagent.org/docs/policy-language describes the language";

/// A mistake in plain English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) message: String,
    pub(super) help: String,
    /// The place, where it is better known than by regorus.
    pub(super) span: Option<Span>,
}

/// The mistake in a module that regorus refuses with `message`.
pub(super) fn translate_error(text: &str, message: &str) -> Translated {
    if let Some(bracket) = unbalanced_bracket(text) {
        return bracket;
    }
    let message = message.replace('\'', "`");
    let name = message.split('`').nth(1).unwrap_or_default();
    let known = PHRASES.iter().find(|(part, ..)| message.contains(part));
    let (message, help) = match known {
        Some((_, message, help)) => (message.replace("{name}", name), *help),
        None if message.starts_with("expecting `") => (format!("expected `{name}`"), LANGUAGE),
        None => (in_house_style(&message), LANGUAGE),
    };
    Translated {
        message,
        help: help.to_owned(),
        span: None,
    }
}

/// Parts of regorus' messages, our message, and the next step. `{name}` is the first name in backticks.
const PHRASES: &[(&str, &str, &str)] = &[
    (
        "is not a keyword of Rego v0",
        "`{name}` is not a keyword of Rego v0",
        "convert the file with `opa fmt --v0-v1`, or add `import future.keywords`",
    ),
    (
        "Missing package declaration",
        "the file does not start with a package",
        "declare the package first, such as `package govcheck.kpi.bad_name`",
    ),
    (
        "expecting expression",
        "an expression is missing here",
        "write a value, a variable or a call",
    ),
    (
        "Failed to parse `every`",
        "invalid `every` statement",
        "write `every x in xs { … }`",
    ),
    (
        "while expecting identifier",
        "`{name}` cannot be declared with `some`",
        "write `some x`, or `some x in xs`",
    ),
    (
        "expecting identifier",
        "a name is missing here",
        "write a name of letters, digits and `_`",
    ),
    (
        "while expecting `in`",
        "`some … in` declares at most two names",
        "write `some x in xs`, or `some key, x in xs`",
    ),
    (
        "invalid some-decl",
        "invalid `some` statement",
        "write `some x`, or `some x in xs`",
    ),
    (
        "unexpected keyword",
        "the keyword `{name}` cannot be used as a name",
        "choose another name",
    ),
    (
        "`if` keyword is required",
        "`if` is missing before the rule body",
        "write `if {`",
    ),
    (
        "`contains` keyword is required",
        "`contains` is missing in the head of the rule",
        "write `name contains value if { … }`",
    ),
    (
        "must have a body or assignment",
        "the rule has neither a value nor a body",
        "write `name := value`, or `name if { … }`",
    ),
    (
        "else cannot be used with set rules",
        "`else` is not allowed in a rule with `contains`",
        "write a second rule for the other case",
    ),
    (
        "expected `else` keyword",
        "`else` is missing before this block",
        "write `else := value if { … }`, or start a new rule",
    ),
    (
        "expected assignment or query after `else`",
        "`else` has neither a value nor a body",
        "write `else := value`, or `else := value if { … }`",
    ),
    (
        "repeating parameter name",
        "two parameters of the function have the same name",
        "rename one of them",
    ),
    (
        "import path must begin",
        "an import must start with `data`, `input`, `rego` or `future`",
        "import a library as `data.govcheck.lib.<name>`",
    ),
    (
        "cannot be aliased",
        "an import of keywords cannot have an alias",
        "remove `as` and the alias",
    ),
    (
        "cannot be used as alias",
        "`_` cannot be an alias",
        "choose another alias",
    ),
    (
        "cannot be shadowed",
        "`input` and `data` cannot be redefined",
        "choose another name",
    ),
    (
        "shadow",
        "this name is already defined",
        "remove the import or the rule, or choose another name",
    ),
    (
        "invalid future keyword",
        "unknown keyword in an import of `future.keywords`",
        "remove the import; Rego v1 does not need it",
    ),
    (
        "must be `future.keywords`",
        "only `future.keywords` can be imported from `future`",
        "remove the import; Rego v1 does not need it",
    ),
    (
        "invalid whitespace",
        "a reference contains a space",
        "remove the space around the dot or before the bracket",
    ),
    (
        "not a valid ref",
        "invalid reference",
        "write a path of names, such as `input.owner.team`",
    ),
    (
        "not a static string path",
        "the path of the package or import contains a variable",
        "write a path of names, such as `data.govcheck.lib.words`",
    ),
    (
        "expected string",
        "a string is missing in the brackets",
        "write a path of names, such as `a.b` or `a[\"b\"]`",
    ),
    (
        "unmatched `",
        "this raw string is not closed",
        "add a backtick at the end of the string",
    ),
    (
        "unmatched",
        "this string is not closed",
        "close the string on the same line; write `\\n` for a line break",
    ),
    (
        "escape sequence",
        "invalid escape sequence in a string",
        "write `\\\\` for a backslash, or put the string in backticks",
    ),
    (
        "character in string",
        "a string contains a control character",
        "write `\\t` or `\\n`, or put the string in backticks",
    ),
    (
        "invalid character",
        "unexpected character",
        "remove the character, or put it into a string",
    ),
    (
        "parse number",
        "invalid number",
        "write a number such as `12`, `1.5` or `2e3`",
    ),
    (
        "invalid number",
        "invalid number",
        "write a number such as `12`, `1.5` or `2e3`",
    ),
    (
        "must be followed by \\n",
        "a line ends with a carriage return alone",
        "save the file with Unix or Windows line endings",
    ),
    (
        "nesting too deep",
        "the expression is nested too deeply",
        "move parts of the expression to rules of their own",
    ),
    (
        "exceeds maximum",
        "the file, a line or a path is too long",
        "split it",
    ),
    (
        "expecting EOF",
        "unexpected text",
        "write one rule after the other",
    ),
    (
        "while parsing query",
        "unexpected text after this expression",
        "put each expression on its own line, or separate expressions with `;`",
    ),
    (
        "encountered , when expecting",
        "unexpected `,` between expressions",
        "put each expression on its own line, or separate expressions with `;`",
    ),
    (
        "expecting }",
        "the block starts with an invalid expression",
        "write one expression on each line of the block",
    ),
    (
        "while parsing default rule",
        "expected `{name}` in the default rule",
        "write `default name := value`",
    ),
    (
        "while parsing with-modifier",
        "expected `as` after `with`",
        "write `with input.x as value`",
    ),
    (
        "while parsing object item",
        "expected `:` in the object",
        "write `\"key\": value` pairs",
    ),
    (
        "while parsing",
        "expected `{name}`",
        "separate the items with commas and close the bracket",
    ),
    (
        "ndefined variable",
        "undefined variable `{name}`",
        "declare the variable with `some`, or assign it with `:=` before it is used",
    ),
    (
        "used before definition",
        "variable `{name}` is used before its definition",
        "assign the variable before it is used, with a name that no outer block uses",
    ),
];

/// The bracket that spoils a module: never closed, closed by another kind, or closing nothing. `None` if all match.
fn unbalanced_bracket(text: &str) -> Option<Translated> {
    let at = |at: usize| Some(Span::new(text_offset(at), text_offset(at + 1)));
    let mut open: Vec<(&str, usize)> = Vec::new();
    for token in scan_tokens(text) {
        let opening = match token.text {
            "{" | "[" | "(" => {
                open.push((token.text, token.at));
                continue;
            }
            "}" => "{",
            "]" => "[",
            ")" => "(",
            _ => continue,
        };
        match open.pop() {
            Some((bracket, _)) if bracket == opening => {}
            Some((bracket, start)) => {
                let line = text.get(..start)?.lines().count().max(1);
                return Some(Translated {
                    message: format!("`{}` does not match `{bracket}` on line {line}", token.text),
                    help: format!("close `{bracket}` with `{}`", closing(bracket)),
                    span: at(token.at),
                });
            }
            None => {
                return Some(Translated {
                    message: format!("this `{}` has no matching `{opening}`", token.text),
                    help: format!("remove the bracket, or add `{opening}` before it"),
                    span: at(token.at),
                });
            }
        }
    }
    let (bracket, start) = open.pop()?;
    Some(Translated {
        message: format!("this `{bracket}` is never closed"),
        help: format!("add `{}` where the block or list ends", closing(bracket)),
        span: at(start),
    })
}

fn closing(bracket: &str) -> &'static str {
    match bracket {
        "{" => "}",
        "[" => "]",
        _ => ")",
    }
}

/// A message of regorus' as ours: a lowercase phrase without a full stop.
fn in_house_style(message: &str) -> String {
    let mut letters = message.trim_end_matches('.').chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "this is not valid Rego".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::engine::{Module, RegoVersion, parse_module, parse_plain};

    /// The message for a body of a module, in either version of Rego.
    fn said(version: RegoVersion, body: &str) -> (String, String) {
        let text = match body.starts_with("package") || body.starts_with("no package") {
            true => body.to_owned(),
            false => format!("package a\n{body}\n"),
        };
        let module = Module {
            name: "a.rego".to_owned(),
            text,
        };
        let error = match version {
            RegoVersion::V0 => parse_plain(&module, version).err(),
            RegoVersion::V1 => parse_module(&module).err(),
        };
        let error = error.unwrap_or_else(|| panic!("{body} is Rego"));
        let translated = translate_error(&module.text, &error.message);
        let place = translated.span.map_or_else(
            || {
                error
                    .position
                    .map_or(String::new(), |(line, column)| format!("{line}:{column}"))
            },
            |span| format!("{}", span.start),
        );
        (translated.message, place)
    }

    #[test]
    fn every_mistake_is_explained_in_plain_english_at_its_place() {
        for (body, message, place) in [
            (
                "deny contains x if {\n\tx := 1",
                "this `{` is never closed",
                "29",
            ),
            (
                "deny contains x if {\n\tx := 1\ny if { true }",
                "this `{` is never closed",
                "29",
            ),
            ("x := [1, 2}", "`}` does not match `[` on line 2", "20"),
            ("x := 1 }", "this `}` has no matching `{`", "17"),
            ("x := count(input", "this `(` is never closed", "20"),
            (
                "no package",
                "the file does not start with a package",
                "1:1",
            ),
            ("x := ", "an expression is missing here", "3:1"),
            (
                "deny contains x { x := 1 }",
                "`if` is missing before the rule body",
                "2:17",
            ),
            (
                "x if { a b }",
                "unexpected text after this expression",
                "2:10",
            ),
            (
                "x if { some a.b }",
                "`a` cannot be declared with `some`",
                "2:13",
            ),
            (
                "import a.b",
                "an import must start with `data`, `input`, `rego` or `future`",
                "2:8",
            ),
            (
                "import data.a\nimport data.a",
                "this name is already defined",
                "3:1",
            ),
            (
                "not := 1",
                "the keyword `not` cannot be used as a name",
                "2:1",
            ),
            (
                "input := 1",
                "`input` and `data` cannot be redefined",
                "2:1",
            ),
            ("x := input .a", "a reference contains a space", "2:12"),
            (
                "default f(a, a) := 1",
                "two parameters of the function have the same name",
                "2:14",
            ),
            ("x := §", "unexpected character", "2:6"),
            (
                "p contains 1 if { true } else := 2",
                "`else` is not allowed in a rule with `contains`",
                "2:26",
            ),
        ] {
            assert_eq!(
                said(RegoVersion::V1, body),
                (message.to_owned(), place.to_owned()),
                "{body}"
            );
        }
    }

    #[test]
    fn a_keyword_of_v1_is_refused_in_v0_unless_it_is_a_name() {
        let (message, _) = said(RegoVersion::V0, "deny[x] { some x in input }");
        assert_eq!(message, "`in` is not a keyword of Rego v0");
        let module = |body: &str| Module {
            name: "a.rego".to_owned(),
            text: format!("package a\n{body}\n"),
        };
        let variable = module("deny[x] { in := input.xs; x := in[_] }");
        assert!(parse_plain(&variable, RegoVersion::V0).is_ok());
        let imported = module("import future.keywords.in\ndeny[x] { some x in input }");
        assert!(parse_plain(&imported, RegoVersion::V0).is_ok());
    }
}
