//! Writes the fields that a format reads into a file of its examples, for the author to review. `declares` changes where it
//! differs; everything else of the file stays byte for byte.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::ops::Range;

use super::{ReadFields, is_expected};
use crate::model::document::{Document, Reached};
use crate::parse::{Limits, Parsed, parse};
use crate::policy::format_examples::{self, FormatExample};
use crate::workbench::examples::RewriteError;

/// Replaces each `declares` that differs from the fields read. `read` has those of each example, `None` where it could not
/// be read. `None` if there is nothing to replace.
///
/// # Errors
/// A `declares` is written in a way that can't be replaced by itself: in braces, or as an alias.
pub fn rewrite_declares(
    text: &str,
    all: &[FormatExample],
    read: &[Option<ReadFields>],
) -> Result<Option<String>, RewriteError> {
    let parsed = parse(text.as_bytes(), &Limits::default());
    let refused = |example: &FormatExample| RewriteError {
        example: example.name.clone(),
    };
    let differing = || {
        let pairs = all.iter().zip(read).enumerate();
        pairs.filter_map(|(index, (example, read))| {
            let read = read.as_ref().filter(|read| !is_expected(example, read))?;
            Some((index, example, read))
        })
    };
    let mut edits = Vec::new();
    for (index, example, read) in differing() {
        edits.push(edit(&parsed, index, read).ok_or_else(|| refused(example))?);
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
    let again = format_examples::parse_examples(&new).unwrap_or_default();
    for (index, example, read) in differing() {
        if !again.get(index).is_some_and(|it| is_expected(it, read)) {
            return Err(refused(example));
        }
    }
    Ok(Some(new))
}

fn edit(parsed: &Parsed, index: usize, read: &ReadFields) -> Option<(Range<usize>, String)> {
    let document = parsed.documents.first()?;
    let list = document.get(document.root(), "examples")?;
    let node = document.item(list, index)?;
    let declares = document
        .get(node, "declares")
        .filter(|it| it.alias.is_none())?;
    let before = indent(document, node, parsed)?;
    let start = document.span(declares.key?).end as usize;
    let end = (document.span(declares.node).end as usize).max(start);
    Some((start..end, format!(":{}", fields_block(read, before + 2))))
}

/// The column of a mapping in block style, 0-based.
fn indent(document: &Document, node: Reached, parsed: &Parsed) -> Option<usize> {
    let text = parsed.text.as_str();
    let start = document.span(node.node).start as usize;
    let is_block = !text.get(start..)?.starts_with('{');
    let before = text.get(..start)?.rsplit('\n').next()?;
    is_block.then(|| before.chars().count())
}

/// The fields of all entities, a line each.
pub(super) fn fields_block(read: &ReadFields, indent: usize) -> String {
    if read.is_empty() {
        return " {}".to_owned();
    }
    let mut text = String::new();
    for (entity, fields) in read {
        let _ = write!(text, "\n{:indent$}{}:", "", key(entity));
        if fields.is_empty() {
            text.push_str(" {}");
        }
        for (field, value) in fields {
            let _ = write!(text, "\n{:1$}{2}: {value}", "", indent + 2, key(field));
        }
    }
    text
}

/// A key as YAML: plain where it can only be read as that text.
fn key(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-./[]:".contains(c))
        && !text.ends_with(':');
    match is_plain {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(name: &str) -> Option<ReadFields> {
        let fields = vec![
            ("name".to_owned(), json!(name)),
            ("columns[a b.c].required".to_owned(), json!(true)),
        ];
        Some(vec![("contract:orders".to_owned(), fields)])
    }

    fn rewritten(text: &str, read: &[Option<ReadFields>]) -> Option<String> {
        rewrite_declares(text, &format_examples::parse_examples(text).unwrap(), read).unwrap()
    }

    #[test]
    fn only_declares_changes() {
        let text = "# head\nexamples:\n  - name: one\n    declares:\n    files: {a.yaml: x} # behind\n  - name: two\n    files: {}\n    declares:\n      x:y: {name: old}\n# end\n";
        let new = rewritten(text, &[read("a: \"b\""), Some(Vec::new())]).unwrap();
        let lines = "declares:\n      contract:orders:\n        name: \"a: \\\"b\\\"\"\n        \"columns[a b.c].required\": true\n    files";
        let expected = text
            .replace("declares:\n    files", lines)
            .replace("declares:\n      x:y: {name: old}", "declares: {}");
        assert_eq!(new, expected);
        assert_eq!(rewritten(&new, &[read("a: \"b\""), None]), None);
    }

    #[test]
    fn an_example_in_braces_is_refused_by_name() {
        let text = "examples:\n  - {name: a, files: {}, declares: {}}\n";
        let all = format_examples::parse_examples(text).unwrap();
        let error = rewrite_declares(text, &all, &[read("x")]).unwrap_err();
        assert!(error.to_string().contains("example `a`"));
    }
}
