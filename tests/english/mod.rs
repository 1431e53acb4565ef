//! Banned words: phrases that read like a translation stay out of every text that a user sees, and out of comments. What is enforced where is
//! listed here; the list of words is in `words.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::words::Banned;

mod literals;
mod words;

/// Files and folders whose whole text is checked, comments included.
const PROSE: &[&str] = &[
    ".github",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "action.yml",
    "docs",
    "fixtures",
    "policies",
    "src/config",
    "src/judge",
    "src/lift",
    "src/policy",
];

/// Files and folders of Rust whose string literals are checked, tests excluded.
const LITERALS: &[&str] = &["src"];

/// Files and folders of Rust whose comments are checked, tests included.
const COMMENTS: &[&str] = &["benches", "src", "tests"];

/// Extensions of files with prose.
const EXTENSIONS: [&str; 7] = ["expect", "json", "md", "rego", "sh", "yaml", "yml"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files at or below a path of the repository, sorted; a path that does not exist is a mistake in the lists above.
fn files(path: &str, is_wanted: fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(path)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            assert!(path.exists(), "{} does not exist", path.display());
            if is_wanted(&path) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{path} has no files to check");
    found.sort();
    found
}

fn has_prose(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    EXTENSIONS.iter().any(|known| *known == extension)
        || path.file_name().is_some_and(|name| name == "CODEOWNERS")
}

fn is_source(path: &Path) -> bool {
    let is_test = path.file_stem().is_some_and(|name| name == "tests")
        || path.iter().any(|folder| folder == "tests");
    path.extension().is_some_and(|extension| extension == "rs") && !is_test
}

fn name(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/")
}

/// `file:line: "phrase" (write …)` for each banned phrase in a text that starts at a line of a file.
fn check(file: &str, first_line: usize, text: &str, wrong: &mut Vec<String>) {
    for Banned {
        line,
        phrase,
        instead,
    } in words::find(text)
    {
        let line = first_line + line;
        wrong.push(format!("{file}:{line}: \"{phrase}\" (write {instead})"));
    }
}

/// The arguments that lead to every command: none for `govcheck` itself, `policy test` and so on.
fn commands() -> BTreeSet<Vec<String>> {
    let mut all = BTreeSet::new();
    let mut open = vec![Vec::new()];
    while let Some(command) = open.pop() {
        let listed = help(&command);
        let subcommands = listed
            .lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| !line.is_empty());
        for line in subcommands {
            let name = line.split_whitespace().next().unwrap();
            if line.starts_with("  ") && !line.starts_with("   ") && name != "help" {
                open.push([command.clone(), vec![name.to_owned()]].concat());
            }
        }
        all.insert(command);
    }
    all
}

fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_govcheck"))
        .args(command)
        .arg("--help")
        .env("COLUMNS", "120")
        .output()
        .unwrap();
    assert!(output.status.success(), "{command:?} --help fails");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn texts_for_users_have_no_banned_words() {
    let mut wrong = Vec::new();
    for path in PROSE.iter().flat_map(|path| files(path, has_prose)) {
        // Some fixtures are in other encodings.
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        check(&name(&path), 1, &text, &mut wrong);
    }
    for path in LITERALS.iter().flat_map(|path| files(path, is_source)) {
        for literal in literals::find(&fs::read_to_string(&path).unwrap()) {
            check(&name(&path), literal.line, &literal.text, &mut wrong);
        }
    }
    for command in commands() {
        let title = format!("govcheck {} --help", command.join(" "));
        check(&title, 1, &help(&command), &mut wrong);
    }
    assert!(
        wrong.is_empty(),
        "{} banned words:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The comments of a Rust source: whole lines, and the comments that follow each other as one text with the 1-based line of its
/// start.
fn comments(source: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (number, line) in source.lines().enumerate() {
        let line = line.trim_start();
        match (line.starts_with("//"), found.last_mut()) {
            (true, Some((_, text))) if is_open => {
                text.push('\n');
                text.push_str(line);
            }
            (true, _) => found.push((number + 1, line.to_owned())),
            (false, _) => {}
        }
        is_open = line.starts_with("//");
    }
    found
}

#[test]
fn comments_have_no_banned_words() {
    let is_rust = |path: &Path| {
        let is_list = path.iter().any(|folder| folder == "english");
        path.extension().is_some_and(|extension| extension == "rs") && !is_list
    };
    let mut wrong = Vec::new();
    for path in COMMENTS.iter().flat_map(|path| files(path, is_rust)) {
        for (line, text) in comments(&fs::read_to_string(&path).unwrap()) {
            check(&name(&path), line, &text, &mut wrong);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} banned words:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn help_is_found_for_every_command() {
    let commands = commands();
    for command in ["check", "policy test", "baseline write"] {
        let words: Vec<String> = command.split(' ').map(ToOwned::to_owned).collect();
        assert!(
            commands.contains(&words),
            "{command} is not in {commands:?}"
        );
    }
}
