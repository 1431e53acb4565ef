//! A new entry in the text of a waivers file: what is there stays byte for byte.

use serde_json::json;

use super::Waivers;
use crate::model::document::NodeKind;
use crate::model::published::SchemaName;
use crate::model::text::RelPath;
use crate::model::waiver::Waiver;
use crate::parse::{self, Limits};

const HEAD: &str = "# Approved exemptions from rules. Each one expires; `govcheck waive --help` lists the keys of an entry.\nversion: 1\nwaivers:\n";

impl Waivers {
    /// The text of a waivers file with one more entry, and that entry. `text` is `None` for a new file.
    ///
    /// # Errors
    /// The file is not in order, or its list is written so that nothing can be added at its end; the message says why.
    pub fn append(
        file: &RelPath,
        text: Option<&str>,
        waiver: &Waiver,
    ) -> Result<(String, String), String> {
        let lines = lines(waiver);
        let (whole, entry) = match text.filter(|text| !text.trim().is_empty()) {
            None => {
                let entry = block(&lines, "  ", "\n");
                let before = text.unwrap_or_default();
                let line = SchemaName::Waivers.editor_line();
                (format!("{before}{line}{HEAD}{entry}"), entry)
            }
            Some(text) => insert(text, &lines)?,
        };
        let before = Self::parse(file, text.unwrap_or("version: 1"));
        let after = Self::parse(file, &whole);
        let is_new = after
            .drafts
            .last()
            .and_then(|draft| draft.complete())
            .is_some_and(|read| {
                let location = waiver.location.clone();
                Waiver { location, ..read } == *waiver
            });
        // Whatever the file looks like: never write what would be read otherwise.
        if !is_new || after.drafts.len() != before.drafts.len() + 1 || !after.findings.is_empty() {
            return Err("the layout of the file does not allow an entry to be added".to_owned());
        }
        Ok((whole, entry))
    }
}

/// The keys of an entry with their values.
fn lines(waiver: &Waiver) -> Vec<String> {
    let text = |key: &str, value: &Option<String>| {
        value
            .as_ref()
            .map(|value| format!("{key}: {}", scalar(value)))
    };
    let said = [
        Some(format!("rule: {}", scalar(&waiver.rule))),
        text("entity", &waiver.entity),
        text("path", &waiver.path),
        text("at", &waiver.at),
        Some(format!("reason: {}", json!(waiver.reason))),
        text("owner", &waiver.owner),
        text("approved_by", &waiver.approved_by),
        waiver.created.map(|day| format!("created: {day}")),
        Some(format!("expires: {}", waiver.expires)),
        text("ticket", &waiver.ticket),
    ];
    said.into_iter().flatten().collect()
}

/// A value as YAML: plain where nobody could read it otherwise.
fn scalar(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./@-:".contains(c);
    let fine = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(plain)
        && !value.ends_with(':')
        && !["null", "true", "false"].contains(&value.to_lowercase().as_str());
    if fine {
        value.to_owned()
    } else {
        json!(value).to_string()
    }
}

fn block(lines: &[String], indent: &str, end: &str) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let mark = if number == 0 { "- " } else { "  " };
        text.push_str(&format!("{indent}{mark}{line}{end}"));
    }
    text
}

fn insert(text: &str, lines: &[String]) -> Result<(String, String), String> {
    let mark = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let body = text.get(mark..).unwrap_or_default();
    let end = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let parsed = parse::parse(body.as_bytes(), &Limits::default());
    if let Some(problem) = parsed.problems.first() {
        let line = parsed.text.position(problem.span.start).line;
        return Err(format!("line {line}: {}", problem.message));
    }
    let root = parsed
        .documents
        .first()
        .map(|document| (document, document.root()));
    let root = root.filter(|(document, root)| !document.entries(root.node).is_empty());
    let Some((document, root)) = root else {
        let head = HEAD.replace('\n', end);
        let entry = block(lines, "  ", end);
        return Ok((format!("{}{head}{entry}", closed(text, end)), entry));
    };
    let list = document.get(root, "waivers");
    let span = |id| document.span(id);
    let (at, before, indent) = match list.map(|list| (list, &document.node(list.node).kind)) {
        None => (mark + body.len(), format!("waivers:{end}"), "  ".to_owned()),
        Some((list, NodeKind::Sequence { .. })) => match document.items(list.node).last() {
            Some(last) => {
                let start = span(*last).start;
                let line = parsed
                    .text
                    .line_span(parsed.text.position(start).line)
                    .unwrap_or_default();
                let lead = body
                    .get(line.start as usize..start as usize)
                    .unwrap_or_default();
                let indent = lead
                    .trim_end()
                    .strip_suffix('-')
                    .filter(|indent| indent.trim().is_empty());
                let indent = indent.ok_or("the list is written in brackets")?;
                (
                    mark + line_end(body, span(*last).end as usize),
                    String::new(),
                    indent.to_owned(),
                )
            }
            None => {
                // An empty list has nothing to keep but its brackets.
                let brackets = span(list.node);
                let (from, to) = (mark + brackets.start as usize, mark + brackets.end as usize);
                let head = text.get(..from).unwrap_or_default().trim_end_matches(' ');
                let tail = text.get(to..).unwrap_or_default();
                let rest = line_end(tail, 0);
                let (line, tail) = (
                    tail.get(..rest).unwrap_or_default(),
                    tail.get(rest..).unwrap_or_default(),
                );
                let entry = block(lines, "  ", end);
                return Ok((format!("{head}{}{entry}{tail}", closed(line, end)), entry));
            }
        },
        Some((list, NodeKind::Null)) => {
            let key = list.key.map_or(0, |key| span(key).end as usize);
            (mark + line_end(body, key), String::new(), "  ".to_owned())
        }
        Some(_) => return Err("`waivers` is not a list".to_owned()),
    };
    let entry = block(lines, &indent, end);
    let (head, tail) = (
        text.get(..at).unwrap_or_default(),
        text.get(at..).unwrap_or_default(),
    );
    Ok((format!("{}{before}{entry}{tail}", closed(head, end)), entry))
}

/// Behind the line break of the line that holds a byte.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |found| at + found + 1)
}

/// A text whose last line has an end.
fn closed(text: &str, end: &str) -> String {
    if text.is_empty() || text.ends_with('\n') {
        text.to_owned()
    } else {
        format!("{text}{end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::location::Location;
    use crate::model::waiver::parse_day;

    fn waiver() -> Waiver {
        Waiver {
            rule: "kpi/bad-name".to_owned(),
            entity: Some("kpi:net revenue".to_owned()),
            path: None,
            at: None,
            reason: "it's \"old\": # really".to_owned(),
            owner: Some("jane@acme.example".to_owned()),
            approved_by: None,
            expires: parse_day("2027-03-31").unwrap(),
            created: parse_day("2027-01-01"),
            ticket: Some("12".to_owned()),
            inline: false,
            location: Location::start_of(&RelPath::new("w.yaml")),
        }
    }

    fn append(text: &str) -> Result<String, String> {
        let file = RelPath::new("w.yaml");
        let (whole, entry) = Waivers::append(&file, Some(text), &waiver())?;
        let at = whole.find(&entry).unwrap();
        let (head, tail) = whole.split_at(at);
        let rest = format!("{head}{}", tail.strip_prefix(&entry).unwrap());
        if !text.contains("[]") {
            assert!(
                rest.starts_with(text.trim_end_matches(['\r', '\n'])) || rest == text,
                "{rest:?}"
            );
        }
        Ok(whole)
    }

    const ENTRY: &str = "- rule: kpi/bad-name\n    entity: \"kpi:net revenue\"\n    reason: \"it's \\\"old\\\": # really\"\n    owner: jane@acme.example\n    created: 2027-01-01\n    expires: 2027-03-31\n    ticket: \"12\"\n";

    #[test]
    fn a_new_entry_follows_the_last_and_the_rest_stays() {
        let old = "# ours\nversion: 1\nwaivers:\n  # first\n  - rule: a/b # x\n    entity: c:d\n    reason: |\n      long\n      text\n\n  # tail\n\n";
        let whole = append(old).unwrap();
        let at = old.find("\n\n  # tail").unwrap() + 1;
        let (head, tail) = old.split_at(at);
        assert_eq!(whole, format!("{head}  {ENTRY}{tail}"));
    }

    #[test]
    fn any_beginning_of_a_file_takes_an_entry() {
        let head = "version: 1\nwaivers:\n";
        for old in [
            "version: 1\nwaivers:\n",
            "version: 1\nwaivers:",
            "version: 1\nwaivers: []\n",
            "version: 1\n",
            "version: 1",
        ] {
            assert_eq!(append(old).unwrap(), format!("{head}  {ENTRY}"), "{old:?}");
        }
        assert!(
            append("# nothing yet\n")
                .unwrap()
                .starts_with("# nothing yet\n# Approved")
        );
        assert!(append("").unwrap().contains(ENTRY));
        let bom = append("\u{feff}version: 1\nwaivers:\n- rule: a/b\n").unwrap();
        assert!(
            bom.contains("- rule: a/b\n- rule: kpi/bad-name\n  entity:"),
            "{bom}"
        );
        let windows = append("version: 1\r\nwaivers:\r\n  - rule: a/b\r\n").unwrap();
        assert!(windows.ends_with("    ticket: \"12\"\r\n") && !windows.contains("b\n"));
        assert!(
            append("waivers: []  # none\nversion: 1\n")
                .unwrap()
                .contains("  # none\n  - rule")
        );
    }

    #[test]
    fn what_can_take_none_is_refused() {
        assert!(append("version: 1\nwaivers: [{rule: a/b}]\n").is_err());
        assert!(append("{\"version\": 1, \"waivers\": []}\n").is_err());
        assert!(append("version: 1\nwaivers: x\n").is_err());
        assert!(append("version: 2\nwaivers:\n").is_err());
        assert!(append("waivers: [\n").is_err());
    }
}
