//! A log as a runner reads it: which of its lines are commands.

/// The commands that GitHub's runner knows; it prints a line with any other.
const KNOWN: [&str; 17] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "internal-set-repo-path",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
    "internal-save-inputs",
];

/// A command that the runner obeys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RunnerCommand {
    pub(super) name: String,
    /// As written: `file=a.yaml,line=1`.
    pub(super) properties: String,
}

impl RunnerCommand {
    /// The decoded value of a property.
    pub(super) fn property(&self, name: &str) -> Option<String> {
        let parts = self
            .properties
            .split(',')
            .filter_map(|part| part.split_once('='));
        let (_, value) = parts.into_iter().find(|(found, _)| *found == name)?;
        let decoded = [
            ("%0D", "\r"),
            ("%0A", "\n"),
            ("%3A", ":"),
            ("%2C", ","),
            ("%25", "%"),
        ];
        let text = decoded
            .iter()
            .fold(value.to_owned(), |text, (from, to)| text.replace(from, to));
        Some(text)
    }
}

/// The commands of a log, in order: `::name properties::` at the start of a line, `##[name properties]` and `##vso[…]` anywhere
/// in one. Between `::stop-commands::token` and `::token::` there are none.
pub(super) fn commands(log: &str) -> Vec<RunnerCommand> {
    let mut found = Vec::new();
    let mut stopped: Option<String> = None;
    for line in log.split(['\n', '\r']) {
        if let Some(token) = &stopped {
            if line.trim_start() == format!("::{token}::") {
                stopped = None;
            }
            continue;
        }
        let Some((command, message)) = command(line) else {
            continue;
        };
        if command.name == "stop-commands" {
            stopped = Some(message);
        }
        found.push(command);
    }
    found
}

/// The command in a line, and its message.
fn command(line: &str) -> Option<(RunnerCommand, String)> {
    if let Some(rest) = line.trim_start().strip_prefix("::") {
        let (head, message) = rest.split_once("::")?;
        return named(head).map(|command| (command, message.to_owned()));
    }
    let lower = line.to_ascii_lowercase();
    for mark in ["##[", "##vso["] {
        let Some(at) = lower.find(mark) else {
            continue;
        };
        let (_, rest) = line.split_at(at + mark.len());
        let (head, message) = rest.split_once(']')?;
        if mark == "##vso[" {
            let (name, properties) = (head.to_owned(), String::new());
            return Some((RunnerCommand { name, properties }, message.to_owned()));
        }
        if let Some(command) = named(head) {
            return Some((command, message.to_owned()));
        }
    }
    None
}

fn named(head: &str) -> Option<RunnerCommand> {
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let is_known = KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name));
    is_known.then(|| RunnerCommand {
        name: name.to_ascii_lowercase(),
        properties: properties.to_owned(),
    })
}

#[test]
fn a_runner_obeys_these_lines_and_no_others() {
    let names = |log: &str| -> Vec<String> {
        commands(log)
            .into_iter()
            .map(|command| command.name)
            .collect()
    };
    for (log, wanted) in [
        ("  ::error file=a::b\n", "error"),
        ("x ##[group]y", "group"),
        ("x ##vso[task.setvariable]y", "task.setvariable"),
        ("a\r::add-mask::b", "add-mask"),
        ("##[Error]y", "error"),
    ] {
        assert_eq!(names(log), [wanted], "{log}");
    }
    for log in [
        "x ::error::y",
        "::nothing::",
        "##[x]",
        "\\::error::x",
        "#\\#[error]",
    ] {
        assert!(commands(log).is_empty(), "{log}");
    }
    let stopped = "::stop-commands::t\n::error::a\n::other::\n::t::\n::error::b\n";
    assert_eq!(names(stopped), ["stop-commands", "error"]);
}
