//! Writes findings into a file of examples for its author to review. `finds` and `suggests` that differ change; everything
//! else of the file stays byte for byte. A good example stays good and a bad one stays bad.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::ops::Range;

use super::ExampleResult;
use crate::model::document::{Document, Reached};
use crate::parse::{Limits, Parsed, parse};
use crate::policy::examples::{self, Example};

/// A file of examples in which what was found can't be written down. The author's.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the findings into example `{example}`")]
pub struct RewriteError {
    /// The name of the example.
    pub example: String,
}

/// Replaces each wrong expectation, except in reversed examples ([`ExampleResult::is_reversed`]). `found` has the findings
/// of each example, `None` where it could not be run. `None` if there is nothing to replace.
///
/// # Errors
/// An expectation is written in a way that can't be replaced by itself, such as an alias (`*name`).
pub fn rewrite_expectations(
    text: &str,
    all: &[Example],
    found: &[Option<ExampleResult>],
) -> Result<Option<String>, RewriteError> {
    let parsed = parse(text.as_bytes(), &Limits::default());
    let pairs = all.iter().zip(found).enumerate();
    let differing = pairs.filter_map(|(index, (example, found))| {
        let differs =
            |found: &&ExampleResult| !found.is_expected(example) && !found.is_reversed(example);
        Some((index, example, found.as_ref().filter(differs)?))
    });
    let refused = |example: &Example| RewriteError {
        example: example.name.clone(),
    };
    let mut edits = Vec::new();
    for (index, example, found) in differing.clone() {
        let own = edits_of(&parsed, index, example, found);
        edits.extend(own.ok_or_else(|| refused(example))?);
    }
    if edits.is_empty() {
        return Ok(None);
    }
    // From the end, so that earlier places stay right.
    edits.sort_by_key(|(range, _)| Reverse(range.start));
    let mut new = parsed.text.as_str().to_owned();
    for (range, value) in edits {
        new.replace_range(range, &value);
    }
    // Whatever the style of the file, reading it again must give the findings.
    let read = examples::parse_examples(&new).unwrap_or_default();
    for (index, example, found) in differing {
        if !read.get(index).is_some_and(|read| found.is_expected(read)) {
            return Err(refused(example));
        }
    }
    let mark = text.chars().next().filter(|first| *first == '\u{feff}');
    Ok(Some(mark.into_iter().chain(new.chars()).collect()))
}

type TextEdit = (Range<usize>, String);

fn edits_of(
    parsed: &Parsed,
    index: usize,
    example: &Example,
    found: &ExampleResult,
) -> Option<Vec<TextEdit>> {
    let document = parsed.documents.first()?;
    let list = document.get(document.root(), "examples")?;
    let node = document.item(list, index)?;
    let mut edits = Vec::new();
    if example.is_open || example.finds != found.finds {
        let text = parsed.text.as_str();
        let start = document.span(node.node).start as usize;
        let value = if text.get(start..)?.starts_with('{') {
            format!(" [{}]", found_lines(found).join(", "))
        } else {
            let before = text.get(..start)?.rsplit('\n').next()?;
            block(&found_lines(found), before.chars().count() + 2)
        };
        edits.push(edit(document, node, "finds", value)?);
    }
    let versions = example.suggests.as_ref();
    if versions.is_some_and(|versions| *versions != found.suggests) {
        edits.push(edit(document, node, "suggests", suggests(found))?);
    }
    Some(edits)
}

/// From behind the key to the end of its value.
fn edit(document: &Document, node: Reached, key: &str, value: String) -> Option<TextEdit> {
    let reached = document
        .get(node, key)
        .filter(|reached| reached.alias.is_none())?;
    let start = document.span(reached.key?).end as usize;
    let end = document.span(reached.node).end as usize;
    Some((start..end.max(start), format!(":{value}")))
}

fn found_lines(found: &ExampleResult) -> Vec<String> {
    let lines = found.finds.iter().map(|expected| {
        let at = expected.at.as_deref();
        let at = at.map_or_else(String::new, |at| format!("at: {}, ", quote(at)));
        let (on, message) = (quote(&expected.on), quote(&expected.message));
        format!("{{{at}on: {on}, message: {message}}}")
    });
    lines.collect()
}

/// A list, an element a line.
fn block(lines: &[String], indent: usize) -> String {
    if lines.is_empty() {
        return " []".to_owned();
    }
    lines.iter().fold(String::new(), |mut all, line| {
        let _ = write!(all, "\n{:indent$}- {line}", "");
        all
    })
}

fn suggests(found: &ExampleResult) -> String {
    let versions = found.suggests.iter();
    let versions =
        versions.map(|(entity, version)| format!("{}: {}", quote(entity), quote(version)));
    format!(" {{{}}}", versions.collect::<Vec<_>>().join(", "))
}

/// Text in double quotes is the same in JSON and YAML.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::examples::Expected;

    const FINDS: &str = "finds:\n      - {at: \"a.yaml:9:9-10\", on: x, message: old}\n";

    fn found(message: &str) -> Option<ExampleResult> {
        Some(ExampleResult {
            finds: vec![Expected {
                at: Some("a.yaml:1:5-6".to_owned()),
                on: "ü".to_owned(),
                message: message.to_owned(),
            }],
            ..ExampleResult::default()
        })
    }

    fn rewritten(text: &str, found: &[Option<ExampleResult>]) -> String {
        let all = examples::parse_examples(text).unwrap();
        rewrite_expectations(text, &all, found).unwrap().unwrap()
    }

    #[test]
    fn only_what_differs_changes() {
        let text = format!(
            "# head\nexamples:\n  # first\n  - name: one\n    {FINDS}    files: {{a.yaml: \"id: ü\"}} # behind\n  - name: two\n    files: {{}}\n    finds: [] # none\n"
        );
        let new = rewritten(&text, &[found("a \"b\""), Some(ExampleResult::default())]);
        let line = r#"finds:
      - {at: "a.yaml:1:5-6", on: "ü", message: "a \"b\""}
"#;
        assert_eq!(new, text.replace(FINDS, line));
    }

    #[test]
    fn an_example_without_a_value_is_filled_in_and_one_line_stays_one() {
        let text = "examples:\n  - name: one\n    files: {}\n    finds:\n  - {name: b, files: {}, finds: }\n";
        let new = rewritten(text, &[Some(ExampleResult::default()), found("m")]);
        assert!(
            new.contains("    finds: []\n  - {name: b, files: {}, finds: [{at: \"a.yaml:1:5-6\""),
            "{new}"
        );
        let new = rewritten(text, &[found("m"), None]);
        assert!(
            new.contains("    finds:\n      - {at: \"a.yaml:1:5-6\""),
            "{new}"
        );
    }

    #[test]
    fn good_stays_good_and_bad_stays_bad() {
        let text = format!(
            "examples:\n  - name: bad\n    files: {{}}\n    {FINDS}  - {{name: good, files: {{}}, finds: []}}\n"
        );
        let all = examples::parse_examples(&text).unwrap();
        let new = rewrite_expectations(&text, &all, &[Some(ExampleResult::default()), found("m")]);
        assert_eq!(new.unwrap(), None);
    }

    #[test]
    fn an_alias_is_refused_by_name() {
        let text = "examples:\n  - {name: a, files: {}, finds: &f }\n  - {name: b, files: {}, finds: *f}\n";
        let all = examples::parse_examples(text).unwrap();
        let error = rewrite_expectations(text, &all, &[None, found("m")]).unwrap_err();
        assert!(error.to_string().contains("example `b`"));
    }
}
