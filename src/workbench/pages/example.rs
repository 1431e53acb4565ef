//! Examples on a page: their files, and what is found in them, with the line and the place marked as the terminal does.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::{code_block, code_span, escape_line};
use crate::model::rule::Rule;
use crate::policy::examples::{Example, Expected};

pub(super) fn bad_example(rule: &Rule, example: &Example) -> String {
    let mut text = shown("Bad", example);
    let finds: Vec<String> = example
        .finds
        .iter()
        .map(|expected| finding(rule, example, expected))
        .collect();
    let _ = write!(
        text,
        "\nFindings:\n\n{}",
        code_block("text", &finds.join("\n"))
    );
    text
}

pub(super) fn good_example(example: &Example) -> String {
    shown("Good", example)
}

fn shown(kind: &str, example: &Example) -> String {
    let mut text = format!("**{kind}:** {}\n", escape_line(&example.name));
    if let Some(base) = &example.base {
        match base.is_empty() {
            true => text.push_str("\nThe base has no files.\n"),
            false => files(&mut text, base, " in the base"),
        }
    }
    let now = match &example.base {
        Some(_) => " in the head",
        None => "",
    };
    files(&mut text, &example.files, now);
    if let Some(config) = &example.config {
        let yaml = serde_yaml::to_string(config).unwrap_or_default();
        let _ = write!(text, "\n`govcheck.yaml`\n\n{}", code_block("yaml", &yaml));
    }
    if let Some(day) = example.today {
        let _ = write!(text, "\nDate of the run: `{day}`.\n");
    }
    text
}

fn files(text: &mut String, files: &BTreeMap<String, String>, revision: &str) {
    for (file, content) in files {
        let language = if file.ends_with(".json") {
            "json"
        } else {
            "yaml"
        };
        let _ = write!(
            text,
            "\n{}{revision}\n\n{}",
            code_span(file),
            code_block(language, content)
        );
    }
}

/// `file:line:column: level[rule]: message`, and the line with the place marked.
fn finding(rule: &Rule, example: &Example, expected: &Expected) -> String {
    let place = expected.at.as_deref().and_then(ExamplePlace::read);
    let head = format!("{}[{}]: {}\n", rule.severity, rule.id, expected.message);
    let Some(place) = place else { return head };
    let mut text = format!("{}:{}:{}: {head}", place.file, place.line, place.column);
    // What a change rule finds may be in a file that is gone.
    let content = [Some(&example.files), example.base.as_ref()]
        .into_iter()
        .flatten()
        .find_map(|files| files.get(place.file));
    let marked = content.and_then(|content| content.lines().nth(place.line.saturating_sub(1)));
    if let Some(marked) = marked {
        let marked = marked.replace('\t', " ");
        let skip = place.column.saturating_sub(1);
        let rest = marked.chars().count().saturating_sub(skip);
        let width = place
            .end
            .map_or(rest, |end| end.saturating_sub(place.column));
        let number = place.line.to_string();
        let gutter = " ".repeat(number.len());
        let marks = "^".repeat(width.clamp(1, rest.max(1)));
        let _ = write!(
            text,
            "{number} | {marked}\n{gutter} | {}{marks}\n",
            " ".repeat(skip)
        );
    }
    text
}

/// A place as examples say it, `file:line:column-column` or `file:line:column-line:column`; all 1-based, in characters.
struct ExamplePlace<'p> {
    file: &'p str,
    line: usize,
    column: usize,
    /// Exclusive. `None` if the place continues on further lines.
    end: Option<usize>,
}

impl<'p> ExamplePlace<'p> {
    fn read(at: &'p str) -> Option<Self> {
        let (start, end) = at.rsplit_once('-')?;
        let (rest, column) = start.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        Some(Self {
            file,
            line: line.parse().ok()?,
            column: column.parse().ok()?,
            end: end.parse().ok(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_examples_say_them() {
        let place = ExamplePlace::read("a-b/c.yaml:4:11-15").unwrap();
        assert_eq!(
            (place.file, place.line, place.column, place.end),
            ("a-b/c.yaml", 4, 11, Some(15))
        );
        assert_eq!(ExamplePlace::read("c.yaml:4:11-6:2").unwrap().end, None);
        assert!(ExamplePlace::read("c.yaml").is_none());
    }
}
