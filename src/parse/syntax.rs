//! Explains refusals of the YAML scanner: place, cause and correction, for readers who do not know the grammar.
//! Reads the text around the mark; does not decide what is valid.

use super::Problem;
use super::around::{Around, char_span, slice_text, span_of};
use super::place::quote_end;
use crate::model::text::Span;

const QUOTE_COLON: &str = "quote the value: `: ` inside it is read as another key";
const QUOTE_VALUE: &str = "quote the value";
const USE_SPACES: &str = "indent with spaces; YAML does not allow tabs there";
const ALIGN: &str = "align the line with the other entries of its list or mapping";
const CLOSE_QUOTE: &str =
    "close the quote at the end of the value; write `\\\"` or `''` for a quote inside it";
const ESCAPE: &str =
    "write `\\\\` for a backslash, or use single quotes, which do not need escapes";

/// A refusal `info` of the scanner at byte `at`. `open`: the first bytes of the collections around it, outermost first.
pub(super) fn explain_refusal(text: &str, info: &str, at: usize, open: &[usize]) -> Problem {
    let around = Around { text, at };
    let has = |part: &str| info.contains(part);
    if has("tab") && !has("block scalar") || has("valid YAML whitespace") || around.tab_indents() {
        return around.tab();
    }
    if has("invalid trailing content after") {
        return around.after_quote();
    }
    if has("escape") || has("hexadecimal") {
        return around.escape();
    }
    if has("quoted scalar") {
        return problem(
            "this quote is not closed",
            CLOSE_QUOTE,
            around.line_from(at),
        );
    }
    if has("mapping values are not allowed") || has("illegal placement of ':'") {
        return around.colon();
    }
    if has("simple key expect") {
        let span = around.line_without_colon();
        return problem(
            "this line is neither `key: value` nor a list item",
            "add the `:`, or indent the line to continue the value above",
            span,
        );
    }
    if has("anchor or alias") {
        return problem(
            "a value that starts with `*` or `&` is read as an alias or an anchor",
            QUOTE_VALUE,
            around.rest(),
        );
    }
    if has("unknown anchor") {
        let span = around.token();
        return unknown_anchor(slice_text(text, span), span);
    }
    if has("flow sequence") || has("flow mapping") {
        return around.unclosed_bracket(open);
    }
    if let Some((_, message, help)) = PLAIN.iter().find(|(part, _, _)| has(part)) {
        return problem(*message, help, around.rest());
    }
    problem(
        info.trim_start_matches("while ").replace('"', "`"),
        ALIGN,
        around.rest(),
    )
}

/// Refusals that need no look around: part of the scanner's words, ours, and the help.
const PLAIN: &[(&str, &str, &str)] = &[
    (
        "unexpected character",
        "a value cannot start with this character",
        QUOTE_VALUE,
    ),
    (
        "misplaced bracket",
        "this bracket has no matching opening bracket",
        "remove the bracket, or quote the value",
    ),
    (
        "block sequence entries",
        "a list cannot start here",
        "put each `- item` on its own line, all with the same indentation",
    ),
    (
        "comment intercepting",
        "a comment interrupts the value",
        "quote the value, or move the comment to its own line",
    ),
    (
        "comments must be separated",
        "`#` directly follows a value",
        "put a space before the comment, or quote the value",
    ),
    (
        "expected <document start>",
        "this line does not continue the document above",
        "align the line with the first key, or put `---` before a new document",
    ),
    (
        "did not find expected key",
        "the indentation of this line matches no line above",
        ALIGN,
    ),
    (
        "expected '-' indicator",
        "this line is indented like a list item but does not start with `- `",
        ALIGN,
    ),
    (
        "only valid inside a block",
        "a `- item` is not allowed inside brackets",
        "separate the items with commas, without dashes",
    ),
    (
        "'-' followed by",
        "a `- item` is not allowed inside brackets",
        "separate the items with commas, without dashes",
    ),
    (
        "wrongly indented line in block scalar",
        "this line is indented less than the text block it belongs to",
        "indent every line of the text at least as far as its first line",
    ),
    (
        "block scalar content cannot start with a tab",
        "a tab indents this text block",
        USE_SPACES,
    ),
    (
        "block scalar",
        "only `+`, `-`, a digit or a comment may follow `|` or `>` on its line",
        "put the text on the next line, indented",
    ),
    (
        "indentation",
        "this line is indented less than the value it belongs to",
        ALIGN,
    ),
    (
        "mapping keys are not allowed",
        "a key cannot start here",
        ALIGN,
    ),
    (
        "expected node content",
        "a value is missing here",
        "write a value, or quote the text",
    ),
    (
        "end of plain scalar",
        "a value is missing here",
        "write a value, or quote the text",
    ),
    (
        "byte order mark",
        "the document contains a byte order mark",
        "remove the invisible character U+FEFF",
    ),
    (
        "directive",
        "a line that starts with `%` is read as a directive",
        "put `---` after the directives, or quote the value",
    ),
    (
        "tag",
        "a value that starts with `!` is read as a tag",
        QUOTE_VALUE,
    ),
];

/// An alias whose anchor its document does not have.
pub(super) fn unknown_anchor(name: &str, span: Span) -> Problem {
    let anchor = name.replace('*', "&");
    let message = format!("alias `{name}` has no anchor `{anchor}` before it in this document");
    problem(
        message,
        "define the anchor earlier in this document, or quote the value",
        span,
    )
}

fn problem(message: impl Into<String>, help: &str, span: Span) -> Problem {
    Problem {
        rule: super::SYNTAX_ERROR,
        message: message.into(),
        help: Some(help.to_owned()),
        span,
        related: Vec::new(),
        fatal: true,
    }
}

impl Around<'_> {
    fn tab(&self) -> Problem {
        let indent = self.indent();
        if slice_text(self.text, indent).contains('\t') {
            return problem("a tab indents this line", USE_SPACES, indent);
        }
        problem(
            "a tab is used where YAML requires a space",
            "replace the tab with a space",
            self.rest(),
        )
    }

    /// Text right behind a closing quote: the quote closes too early, or one before it was never closed.
    fn after_quote(&self) -> Problem {
        let closing = self.before(self.at).rfind(['"', '\'']).unwrap_or(self.at);
        let quote = self.after(closing).chars().next().unwrap_or('"');
        let opening = self.before(closing).rfind(quote).unwrap_or(closing);
        if self.line_start(opening) != self.line_start(closing) {
            return problem(
                "this quote is not closed on its line",
                CLOSE_QUOTE,
                self.line_from(opening),
            );
        }
        let mut problem = problem("text follows the closing quote", CLOSE_QUOTE, self.rest());
        problem.related.push((
            char_span(self.text, closing),
            "the quote closes here".to_owned(),
        ));
        problem
    }

    /// A backslash in double quotes; the mark is at the opening quote.
    fn escape(&self) -> Problem {
        let end = quote_end(self.text, self.at).unwrap_or(self.text.len());
        let body = self.text.get(self.at..end).unwrap_or("");
        let mut from = 0;
        while let Some(found) = body.get(from..).and_then(|rest| rest.find('\\')) {
            let at = from + found;
            let rest = body.get(at + 1..).unwrap_or("");
            let digits = |count: usize| {
                let code = rest
                    .get(1..=count)
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok());
                code.and_then(char::from_u32).is_some()
            };
            let known = match rest.chars().next() {
                Some('x') => digits(2),
                Some('u') => digits(4),
                Some('U') => digits(8),
                Some(c) => "0abtnvfre \"/\\N_LP\t\r\n".contains(c),
                None => false,
            };
            let pair = rest.starts_with(['u']) && rest.get(5..7) == Some("\\u");
            if !known && !pair {
                let shown: String = body.get(at..).unwrap_or("").chars().take(2).collect();
                let start = self.at + at;
                return problem(
                    format!("`{shown}` is not a valid escape sequence"),
                    ESCAPE,
                    span_of(start, start + shown.len()),
                );
            }
            from = at + 1 + rest.chars().next().map_or(0, char::len_utf8);
        }
        problem(
            "this value contains an invalid escape sequence",
            ESCAPE,
            self.line_from(self.at),
        )
    }

    fn colon(&self) -> Problem {
        let line = self.line();
        let before = self.text.get(line.start as usize..self.at).unwrap_or("");
        match before.find(": ") {
            Some(key) => {
                let value = line.start as usize + key + 2;
                problem(
                    "an unquoted value contains `: `",
                    QUOTE_COLON,
                    self.line_from(value),
                )
            }
            None => {
                let mut problem = problem(
                    "the indentation makes this line part of the value above",
                    ALIGN,
                    line,
                );
                let above = self.line_above(self.line_start(self.at));
                if above.start < line.start {
                    problem
                        .related
                        .push((above, "this is the value above".to_owned()));
                }
                problem
            }
        }
    }

    fn unclosed_bracket(&self, open: &[usize]) -> Problem {
        let is_bracket = |at: &&usize| matches!(self.text.as_bytes().get(**at), Some(b'[' | b'{'));
        let opening = open.iter().rev().find(is_bracket).copied();
        let closing = match opening.and_then(|at| self.text.as_bytes().get(at)) {
            Some(b'{') => "`,` or `}`",
            Some(b'[') => "`,` or `]`",
            _ => "`,` or a closing bracket",
        };
        let at_end = self.after(self.at).trim().is_empty();
        let (message, place) = match opening {
            Some(opening) if at_end => (
                "this bracket is never closed".to_owned(),
                char_span(self.text, opening),
            ),
            // What a missing comma leaves out shows only at the next colon.
            _ if self.after(self.at).starts_with(':') => {
                (format!("{closing} is missing before this"), self.line())
            }
            _ => (format!("{closing} is missing before this"), self.rest()),
        };
        let mut problem = problem(
            message,
            "separate the items with commas and close the bracket; quote a value that contains brackets",
            place,
        );
        if let Some(opening) = opening.filter(|_| !at_end) {
            problem.related.push((
                char_span(self.text, opening),
                "the bracket opens here".to_owned(),
            ));
        }
        problem
    }
}
