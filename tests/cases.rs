//! Small meshes by topic under `fixtures/cases`: findings are exactly where the markers are, and nowhere else.
//! A marker is a comment of carets below the text, or a line of `<file>.expect` where a comment is not possible.

use std::fs;
use std::path::Path;

use govcheck::parse::{Limits, parse};

use crate::mesh::{judge_folder, write_place};

/// A finding as a marker says it: place, rule, part of the message.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Marker {
    place: String,
    rule: String,
    part: String,
}

fn behind(file: &str, place: &str, rest: &str) -> Marker {
    let (rule, part) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    Marker {
        place: format!("{file}:{place}"),
        rule: rule.to_owned(),
        part: part.trim().trim_matches('"').to_owned(),
    }
}

/// The markers in a text: `#   ^^^^ rule "part"` below a line.
fn in_comments(file: &str, text: &str) -> Vec<Marker> {
    let mut markers = Vec::new();
    let mut above = 0;
    for (number, line) in text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .lines()
        .enumerate()
    {
        let comment = line.trim_start().strip_prefix('#').is_some();
        let first = line.chars().position(|c| c == '^').filter(|_| comment);
        match first {
            Some(first) => {
                let carets = line.chars().skip(first).take_while(|c| *c == '^').count();
                let rest: String = line.chars().skip(first + carets).collect();
                markers.push(behind(
                    file,
                    &format!("{above}:{}-{}", first + 1, first + carets + 1),
                    &rest,
                ));
            }
            None => above = number + 1,
        }
    }
    markers
}

fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files)
        } else {
            files.push(path)
        }
    }
}

fn expected(folder: &Path) -> Vec<Marker> {
    let mut files = Vec::new();
    walk(folder, &mut files);
    let mut markers = Vec::new();
    for path in files {
        let name = path
            .strip_prefix(folder)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        if let Some(of) = name.strip_suffix(".expect") {
            for line in fs::read_to_string(&path)
                .unwrap()
                .lines()
                .filter(|line| !line.trim().is_empty())
            {
                let (place, rest) = line.split_once(' ').unwrap();
                markers.push(behind(of, place, rest));
            }
        } else {
            // Decoded as govcheck decodes it: markers are in the encoding of their file.
            let parsed = parse(&fs::read(&path).unwrap(), &Limits::default());
            markers.extend(in_comments(&name, parsed.text.as_str()));
        }
    }
    markers
}

#[test]
fn findings_are_at_the_markers() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let mut wrong = Vec::new();
    let mut topics: Vec<_> = fs::read_dir(&cases)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    topics.sort();
    assert!(topics.len() >= 15);
    for topic in topics {
        let mut markers = expected(&topic);
        for finding in judge_folder(&topic).findings {
            let at = finding
                .location
                .as_ref()
                .map_or_else(String::new, write_place);
            let known = markers.iter().position(|marker| {
                marker.place == at
                    && marker.rule == finding.rule.as_str()
                    && finding.message.contains(&marker.part)
            });
            match known {
                Some(index) => drop(markers.remove(index)),
                None => wrong.push(format!(
                    "unmarked: {}: {at} {} \"{}\"",
                    topic.display(),
                    finding.rule,
                    finding.message
                )),
            }
        }
        wrong.extend(
            markers
                .iter()
                .map(|marker| format!("missing:  {}: {marker:?}", topic.display())),
        );
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_marker_is_read_as_it_looks() {
    let markers = in_comments(
        "f",
        "classification: geheim\n#               ^^^^^^ security/x \"`geheim`\"\n",
    );
    assert_eq!(
        markers,
        [Marker {
            place: "f:1:17-23".into(),
            rule: "security/x".into(),
            part: "`geheim`".into()
        }]
    );
}
