//! How an attack must end: what its data says, and what holds for every one of them.

use super::attack::{Attack, Ending, Kind};
use super::run::Ran;
use super::runner_log::commands;

/// Bytes that a run may hold.
const MOST_MEMORY: u64 = 1 << 30;

/// All outputs of `judge.sh` and `revisions.sh`.
const OUTPUTS: [&str; 14] = [
    "base",
    "errors",
    "exit-code",
    "fixed",
    "gone",
    "head",
    "new",
    "notes",
    "policies",
    "ref",
    "sarif",
    "scope",
    "summary",
    "unchanged",
];

/// # Errors
/// What is not as it must be.
pub(super) fn check(kind: &Kind, attack: &Attack, ran: &Ran) -> Result<(), String> {
    let mut wrong = Vec::new();
    if ran.code != Some(attack.exit) {
        wrong.push(format!("exit code {:?}, not {}", ran.code, attack.exit));
    }
    let blocking = ran.blocking();
    for wanted in attack.wanted_rules(kind) {
        let (rule, file) = match wanted.split_once(' ') {
            Some((rule, file)) => (rule, Some(file)),
            None => (wanted.as_str(), None),
        };
        let is_it = |found: &&(&str, &str)| found.0 == rule && file.is_none_or(|it| it == found.1);
        if !blocking.iter().any(|found| is_it(&found)) {
            wrong.push(format!("no open error {wanted}"));
        }
    }
    for part in &attack.says {
        if !ran.log.contains(part) {
            wrong.push(format!("the log does not say {part:?}"));
        }
    }
    for (name, text) in shown(ran) {
        // Lines of CSV end as RFC 4180 says.
        let text = text.replace("\r\n", "\n");
        let text = match name {
            "markdown" | "the summary" => without_code(&text),
            _ => text,
        };
        let is_meant = attack.never_in.is_empty() || attack.never_in.iter().any(|it| it == name);
        let never = attack
            .never
            .iter()
            .filter(|part| is_meant && text.contains(*part));
        for part in never {
            wrong.push(format!("{part:?} in {name}:\n{text}"));
        }
        if let Some(c) = text.chars().find(|c| is_dangerous(*c)) {
            wrong.push(format!("{c:?} in {name}"));
        }
    }
    wrong.extend(wrong_commands(ran));
    wrong.extend(wrong_outputs(ran));
    if ran.memory > MOST_MEMORY {
        wrong.push(format!("{} MB of memory", ran.memory >> 20));
    }
    if ran.pwned {
        wrong.push("a command of the repository ran".to_owned());
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let blocking: Vec<String> = blocking
        .iter()
        .map(|(rule, file)| format!("{rule} {file}"))
        .collect();
    let log: String = ran.log.chars().take(3_000).collect();
    Err(format!(
        "  {}\n  open errors: {}\n{log}",
        wrong.join("\n  "),
        blocking.join(", ")
    ))
}

/// What people and programs are shown as text.
fn shown(ran: &Ran) -> impl Iterator<Item = (&str, &str)> {
    let formats = ran.formats.iter().map(|(name, text)| (&**name, &**text));
    [("the log", &*ran.log), ("the summary", &*ran.summary)]
        .into_iter()
        .chain(formats)
}

/// Markdown without code, fenced or in a line: markup in it is text.
fn without_code(text: &str) -> String {
    let mut outside = String::new();
    let mut fence = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let marks = bare.chars().take_while(|c| *c == '`').count();
        match fence {
            0 if marks >= 3 => fence = marks,
            0 => outside.push_str(&without_spans(line)),
            open if marks >= open && marks == bare.chars().count() => fence = 0,
            _ => {}
        }
    }
    outside
}

/// A line without what is between as many backticks. A backslash takes a backtick its meaning.
fn without_spans(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        outside.push_str(before);
        let marks = from.len() - from.trim_start_matches('`').len();
        let (open, inner) = from.split_at(marks);
        let is_escaped = before.ends_with('\\');
        let runs = inner.match_indices(open).map(|(at, _)| at);
        let mut ends = runs.filter(|at| {
            let (span, after) = inner.split_at(*at);
            !span.ends_with('`') && !after.split_at(marks).1.starts_with('`')
        });
        rest = match ends.next().filter(|_| !is_escaped) {
            Some(end) => inner.split_at(end + marks).1,
            None => {
                outside.push_str(open);
                inner
            }
        };
    }
    outside + rest
}

/// Characters that move a cursor, end a line for other readers, or turn the order of what is beside them.
fn is_dangerous(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The runner obeys the tool's own annotations and nothing else.
fn wrong_commands(ran: &Ran) -> Vec<String> {
    let mut wrong = Vec::new();
    for command in commands(&ran.log) {
        let is_ours = match &*command.name {
            "error" | "warning" | "notice" => command.property("title").is_some(),
            "stop-commands" => true,
            _ => false,
        };
        let file = command.property("file");
        // What concerns no file is at the root.
        let is_known =
            |file: &String| file == "." || ran.paths.iter().any(|path| path.ends_with(&**file));
        if !is_ours || file.as_ref().is_some_and(|file| !is_known(file)) {
            wrong.push(format!("the runner obeys {command:?}"));
        }
    }
    // A report for logs may be printed to one; Markdown is for pages.
    for (name, text) in ran.formats.iter().filter(|(name, _)| *name != "markdown") {
        wrong.extend(
            commands(text)
                .iter()
                .map(|command| format!("{name} holds {command:?}")),
        );
    }
    wrong
}

/// Each output is written once, and nothing else is.
fn wrong_outputs(ran: &Ran) -> Vec<String> {
    let mut wrong = Vec::new();
    for written in &ran.outputs {
        let mut seen = Vec::new();
        for line in written.lines() {
            let name = line.split_once('=').map_or(line, |(name, _)| name);
            if !(OUTPUTS.contains(&name) || name == "warnings") || seen.contains(&name) {
                wrong.push(format!("output {line:?}"));
            }
            seen.push(name);
        }
    }
    if !ran.commands.is_empty() {
        wrong.push(format!("the environment gets {:?}", ran.commands));
    }
    wrong
}

/// Every attack says how it ends in a way that can fail.
pub(super) fn check_data(kind: &Kind, attack: &Attack) {
    let name = &attack.name;
    let says = !attack.says.is_empty() || !attack.never.is_empty();
    match attack.ending() {
        Ending::Held if attack.exit == 0 => assert!(says, "{name}: held by nothing"),
        Ending::Held => {
            assert_eq!(attack.exit, 1, "{name}");
            assert!(
                says || !attack.wanted_rules(kind).is_empty(),
                "{name}: held by nothing"
            );
        }
        Ending::Refused => {
            let is_named = attack.rules.as_ref().is_some_and(|rules| !rules.is_empty());
            assert!(says || is_named, "{name}: refused by nothing");
        }
        Ending::Documented | Ending::Open => assert_eq!(attack.exit, 0, "{name}"),
    }
}

#[test]
fn markup_in_code_is_text() {
    let text = "a\n```sh\n<b>\n````\nc\n````x\n```\n<i>\n````\nd\n";
    assert_eq!(without_code(text), "a\nc\nd\n");
    for (line, outside) in [
        ("a `<b>` c ``d ` e`` f", "a  c  f"),
        ("a \\`<b>` c", "a \\`<b>` c"),
        ("a ``<b>` c", "a ``<b>` c"),
    ] {
        assert_eq!(without_code(line), outside);
    }
}
