//! Whether a text is JSON, which most YAML is not. Reads no values.

use serde::de::IgnoredAny;

use crate::model::text::{Span, text_offset};

use super::{NOT_JSON, Problem};

/// What keeps a text from being JSON. `None` for JSON.
pub fn find_json_error(text: &str) -> Option<Problem> {
    let bare = text.trim_start_matches('\u{feff}');
    let error = serde_json::from_str::<IgnoredAny>(bare).err()?;
    let told = error.to_string();
    let (what, _) = told.rsplit_once(" at line ").unwrap_or((&told, ""));
    let start = text.len() - bare.len();
    let line: usize = bare
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    // The column counts bytes from 1, and is that of the last one read.
    let at = (line + error.column().saturating_sub(1)).min(bare.len());
    let at = (0..=at)
        .rev()
        .find(|at| bare.is_char_boundary(*at))
        .unwrap_or(0);
    let width = bare
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    Some(Problem {
        rule: NOT_JSON,
        message: format!("the file is named `.json` but is not JSON: {what}"),
        help: Some("write JSON, or give the file the extension `.yaml`".to_owned()),
        span: Span::new(text_offset(start + at), text_offset(start + at + width)),
        related: Vec::new(),
        fatal: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_recognised_and_the_first_error_has_a_place() {
        for text in ["{}", "\u{feff}[1, {\"a\": null}]\n", "\"a\""] {
            assert_eq!(find_json_error(text), None, "{text:?}");
        }
        for (text, at, what) in [
            ("{\"a\": 1,\n \"ü\": 'b'}", "'", "expected value"),
            ("{a: 1}", "a", "key must be a string"),
            ("{\"a\": 1 // b\n}", "/", "expected `,` or `}`"),
            ("{} {}", "{", "trailing characters"),
        ] {
            let problem = find_json_error(text).unwrap();
            let span = problem.span;
            assert_eq!(
                text.get(span.start as usize..span.end as usize).unwrap(),
                at,
                "{text:?}"
            );
            assert!(problem.message.ends_with(what), "{}", problem.message);
        }
        assert!(find_json_error("{\"a\": ").is_some());
        assert!(find_json_error("").is_some());
    }
}
