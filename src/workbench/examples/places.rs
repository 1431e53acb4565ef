//! Places as examples write them: `file:line:column-column`, or `file:line:column-line:column`; the end is exclusive.

use super::ExampleError;
use crate::model::finding::Finding;
use crate::model::location::Location;
use crate::model::report::Report;
use crate::model::text::{SourceText, nearest_name};
use crate::policy::examples::Example;

/// A place as an example writes it.
pub fn write_place(location: &Location) -> String {
    let (file, start, end) = (&location.file, location.start, location.end);
    let begin = format!("{file}:{}:{}", start.line, start.column);
    if start.line == end.line {
        format!("{begin}-{}", end.column)
    } else {
        format!("{begin}-{}:{}", end.line, end.column)
    }
}

/// The text that a finding's place covers.
pub fn covered_text(report: &Report, finding: &Finding) -> String {
    let text = finding
        .location
        .as_ref()
        .and_then(|at| Some(report.sources.get(&at.file)?.slice(at.span).to_owned()));
    text.unwrap_or_default()
}

/// A line and a column, both 1-based.
type Point = (u32, u32);

/// Refuses expected places that no file of the example has: such an expectation can't come true.
///
/// # Errors
/// The first place that the example does not have.
pub fn check_places(example: &Example) -> Result<(), ExampleError> {
    for at in example.finds.iter().filter_map(|find| find.at.as_deref()) {
        check_one(example, at).map_err(|why| ExampleError::Place {
            at: at.to_owned(),
            why,
        })?;
    }
    Ok(())
}

fn check_one(example: &Example, at: &str) -> Result<(), String> {
    let (file, start, end) = read(at).ok_or(
        "a place must be `file:line:column-column`, or `file:line:column-line:column` across lines",
    )?;
    let base = example.base.iter().flatten();
    let texts: Vec<(&String, &String)> = example.files.iter().chain(base).collect();
    if !texts.iter().any(|(name, _)| *name == file) {
        let names = texts.iter().map(|(name, _)| name.as_str());
        let help = match nearest_name(file, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of {}", names.collect::<Vec<_>>().join(", ")),
        };
        return Err(format!("the example has no file `{file}`; {help}"));
    }
    let of_file = texts.iter().filter(|(name, _)| *name == file);
    let outcomes = of_file.map(|(_, text)| fits(&SourceText::new((*text).clone()), start, end));
    // Texts of the base are used for removed files, and for what was there before.
    outcomes.reduce(Result::or).unwrap_or(Ok(()))
}

fn fits(text: &SourceText, start: Point, end: Point) -> Result<(), String> {
    for (line, column) in [start, end] {
        let Some(span) = text.line_span(line) else {
            let lines = text.line_count();
            return Err(format!(
                "line {line} does not exist; the file has {lines} lines"
            ));
        };
        let columns = text.slice(span).chars().count() + 1;
        if column == 0 || column as usize > columns {
            return Err(format!(
                "column {column} does not exist; line {line} ends at column {columns}"
            ));
        }
    }
    if end < start {
        return Err("the end is before the start".to_owned());
    }
    Ok(())
}

fn read(at: &str) -> Option<(&str, Point, Point)> {
    let (start, end) = at.rsplit_once('-')?;
    let mut parts = start.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    let file = parts.next()?;
    let end = match end.split_once(':') {
        Some((line, column)) => (line.parse().ok()?, column.parse().ok()?),
        None => (line, end.parse().ok()?),
    };
    Some((file, (line, column), end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::examples::parse_examples;

    fn told(at: &str) -> String {
        let text = format!(
            "examples:\n  - name: n\n    files: {{a.yaml: \"id: ü\\nname: b\\n\"}}\n    finds: [{{at: '{at}', on: x, message: m}}]\n"
        );
        let example = parse_examples(&text).unwrap().remove(0);
        check_places(&example).map_or_else(|error| error.to_string(), |()| "fits".to_owned())
    }

    #[test]
    fn a_missing_place_is_reported_with_what_is_there() {
        let cases = [
            ("a.yaml:1:5-6", "fits"),
            ("a.yaml:1:1-2:8", "fits"),
            ("b.yaml:1:5-6", "no file `b.yaml`; did you mean `a.yaml`?"),
            ("a.yaml:7:1-2", "line 7 does not exist; the file has 3"),
            (
                "a.yaml:1:5-7",
                "column 7 does not exist; line 1 ends at column 6",
            ),
            ("a.yaml:1:0-2", "column 0 does not exist"),
            ("a.yaml:2:1-1:3", "the end is before the start"),
            ("a.yaml:2", "a place must be `file:line:column-column`"),
        ];
        for (at, expected) in cases {
            assert!(told(at).contains(expected), "{at}: {}", told(at));
        }
    }
}
