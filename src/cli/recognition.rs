//! `govcheck model --explain`: which conditions of each format hold for a file, and which do not.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::lift::{
    CheckedCondition, ConditionGroup, DeclaredKind, FoundValue, Recognition, explain_formats,
};
use crate::model::document::Document;
use crate::model::text::SourceText;
use crate::parse::Parsed;
use crate::policy::Pack;
use crate::report::escape::{cut_text, terminal_line};

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// Explains the documents of a file for people.
pub(super) fn explain_documents(
    pack: &Pack,
    parsed: &Parsed,
    file: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    for problem in &parsed.problems {
        let at = parsed.text.position(problem.span.start);
        let line = format!(
            "note: {file}:{}:{}: {}",
            at.line, at.column, problem.message
        );
        writeln!(out, "{}", terminal_line(&line))?;
    }
    if parsed.documents.is_empty() {
        writeln!(out, "{}: no document can be read", terminal_line(file))?;
    }
    for (index, document) in parsed.documents.iter().enumerate() {
        let formats = explain_formats(&pack.formats, file, document, &parsed.text);
        let of_several = match parsed.documents.len() {
            1 => String::new(),
            _ => format!(
                ", document {} at line {}",
                index + 1,
                line(document, &parsed.text)
            ),
        };
        let heading = format!("{file}{of_several}: {}", verdict(&formats));
        writeln!(out, "{}", terminal_line(&heading))?;
        for recognition in &formats {
            writeln!(out)?;
            of_format(recognition, &parsed.text, out)?;
        }
    }
    Ok(())
}

fn verdict(formats: &[Recognition<'_>]) -> String {
    let known = formats.iter().filter(|it| it.is_recognised);
    let known: Vec<&str> = known.map(|it| it.format.title.as_str()).collect();
    match known.as_slice() {
        [] => "no format recognises it".to_owned(),
        [one] => format!("recognised as {one}"),
        several => format!(
            "recognised by {} formats, where one is allowed: {}",
            several.len(),
            several.join(", ")
        ),
    }
}

fn of_format(
    recognition: &Recognition<'_>,
    text: &SourceText,
    out: &mut dyn Write,
) -> io::Result<()> {
    let format = recognition.format;
    let (met, all) = recognition.tally();
    let tally = match recognition.is_recognised {
        true => "recognised".to_owned(),
        false => format!("{met} of {all} conditions met"),
    };
    let hint = match recognition.is_hinted && !recognition.is_recognised {
        true => "; the file looks like one",
        false => "",
    };
    let heading = format!("{} (`{}`): {tally}{hint}", format.title, format.name);
    writeln!(out, "  {}", terminal_line(&heading))?;
    for group in [
        ConditionGroup::All,
        ConditionGroup::Any,
        ConditionGroup::Not,
    ] {
        of_group(recognition, group, text, out)?;
    }
    for kind in &recognition.kinds {
        writeln!(out, "    {}", terminal_line(&declared(kind, text)))?;
    }
    Ok(())
}

fn of_group(
    recognition: &Recognition<'_>,
    group: ConditionGroup,
    text: &SourceText,
    out: &mut dyn Write,
) -> io::Result<()> {
    let own = recognition.conditions.iter().filter(|it| it.group == group);
    // A format may have twenty alternatives; those that find nothing share a line.
    let is_bare = |it: &&CheckedCondition| {
        group != ConditionGroup::All && !it.holds && it.found.is_empty() && it.near_key.is_none()
    };
    let (bare, telling): (Vec<_>, Vec<_>) = own.partition(is_bare);
    let mut print = |is_met: bool, phrase: &str| {
        let mark = if is_met { "met  " } else { "unmet" };
        let line = format!("{mark}  {:3}  {phrase}", group.as_str());
        writeln!(out, "    {}", terminal_line(&line))
    };
    for condition in telling {
        let phrase = format!("{}: {}", condition.text, finding(condition, text));
        print(is_met(condition), &phrase)?;
    }
    if bare.is_empty() {
        return Ok(());
    }
    let phrases: Vec<&str> = bare.iter().map(|it| it.text.as_str()).collect();
    let phrase = match phrases.as_slice() {
        [one] => format!("{one}: finds nothing"),
        several => format!("{}: each finds nothing", several.join(", ")),
    };
    print(group == ConditionGroup::Not, &phrase)
}

fn is_met(condition: &CheckedCondition) -> bool {
    condition.holds != (condition.group == ConditionGroup::Not)
}

/// What a condition finds, as a phrase.
fn finding(condition: &CheckedCondition, text: &SourceText) -> String {
    let values: Vec<String> = condition.found.iter().map(|it| shown(it, text)).collect();
    match &condition.near_key {
        _ if !values.is_empty() => format!("finds {}", values.join(", ")),
        Some(near) => format!("finds nothing; did you mean the key {}?", shown(near, text)),
        None => "finds nothing".to_owned(),
    }
}

fn shown(found: &FoundValue, text: &SourceText) -> String {
    let at = text.position(found.span.start);
    format!(
        "`{}` at {}:{}",
        cut_text(&found.text, SHOWN),
        at.line,
        at.column
    )
}

fn declared(kind: &DeclaredKind, text: &SourceText) -> String {
    let DeclaredKind {
        kind,
        elements,
        entities,
        unmet,
    } = kind;
    match (entities, elements, unmet) {
        (0, 0, _) => format!("declares no {kind}: nothing in the document to read it from"),
        (0, _, Some(unmet)) => {
            let found = finding(unmet, text);
            format!("declares no {kind}: {} is not met, it {found}", unmet.text)
        }
        _ => format!("declares {kind}: {entities} of {elements}"),
    }
}

fn line(document: &Document, text: &SourceText) -> u32 {
    text.position(document.span(document.root().node).start)
        .line
}

/// The same for programs.
pub(super) fn to_json(pack: &Pack, parsed: &Parsed, file: &str) -> Vec<Value> {
    let text = &parsed.text;
    let documents = parsed.documents.iter();
    let documents = documents.map(|document| {
        let formats = explain_formats(&pack.formats, file, document, text);
        let recognised = formats.iter().filter(|it| it.is_recognised);
        let recognised: Vec<&str> = recognised.map(|it| &*it.format.name).collect();
        let formats: Vec<Value> = formats.iter().map(|it| format_to_json(it, text)).collect();
        json!({"line": line(document, text), "recognised_by": recognised, "formats": formats})
    });
    documents.collect()
}

fn format_to_json(recognition: &Recognition<'_>, text: &SourceText) -> Value {
    let (met, all) = recognition.tally();
    let conditions = recognition.conditions.iter();
    let conditions: Vec<Value> = conditions.map(|it| condition_to_json(it, text)).collect();
    let kinds = recognition.kinds.iter().map(|it| {
        let unmet = it
            .unmet
            .as_ref()
            .map(|unmet| condition_to_json(unmet, text));
        json!({"kind": it.kind, "elements": it.elements, "entities": it.entities, "unmet": unmet})
    });
    json!({
        "format": recognition.format.name, "title": recognition.format.title, "file": recognition.format.file,
        "recognised": recognition.is_recognised, "looks_like_one": recognition.is_hinted, "met": met, "of": all,
        "conditions": conditions, "declares": kinds.collect::<Vec<_>>(),
    })
}

fn condition_to_json(condition: &CheckedCondition, text: &SourceText) -> Value {
    let value = |it: &FoundValue| {
        let (start, end) = (text.position(it.span.start), text.position(it.span.end));
        json!({"text": it.text, "line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column})
    };
    let found: Vec<Value> = condition.found.iter().map(value).collect();
    json!({
        "group": condition.group.as_str(), "condition": condition.text, "holds": condition.holds,
        "met": is_met(condition),
        "found": found, "near_key": condition.near_key.as_ref().map(value),
    })
}
