//! Runs every command block (` ```console `) of `docs/`, in a copy of the mesh that the page names in its first
//! `<!-- mesh: … -->`, committed to a new git repository. `GOVCHECK_DOCS=overwrite cargo test --test all -- docs` writes what
//! the commands print today into the pages.
//!
//! A page may ask its reader to edit a file: its first ` ```diff ` block is `.git/1.diff` of the copy, and so on, and a
//! console block in a comment applies it with `git apply`.
//!
//! Three things differ from run to run, and are shown on the pages as [`PAGE_TODAY`] (with the days that are counted from it,
//! [`PAGE_DAYS`]), [`PAGE_TIME`] and [`PAGE_COMMIT`].

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use regex::Regex;
use trycmd::TestCases;

/// What the pages write for the day of the run.
const PAGE_TODAY: Date = jiff::civil::date(2026, 12, 1);
/// The days from the day of the run to each day that the pages name: the run itself, the end that govcheck suggests for a
/// waiver, and the end of the waivers on the pages.
const PAGE_DAYS: [i64; 3] = [0, 90, 120];
/// What the pages write for the time that a run took.
const PAGE_TIME: &str = "0.12 s";
/// What the pages write for the hash of a commit.
const PAGE_COMMIT: &str = "1a2b3c4";
/// The programs that commands of the pages start. trycmd skips a command of any other program.
const PROGRAMS: [&str; 2] = ["govcheck", "git"];

/// What commands run with, so that they print the same everywhere.
pub(crate) const ENVIRONMENT: [(&str, &str); 8] = [
    ("COLUMNS", "100"),
    ("NO_COLOR", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_NAME", "Imke"),
    ("GIT_AUTHOR_EMAIL", "imke@shop.example"),
    ("GIT_COMMITTER_NAME", "Imke"),
    ("GIT_COMMITTER_EMAIL", "imke@shop.example"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The page's days and the days of this run, in pairs.
fn days() -> Vec<(String, String)> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let pair = |days: i64| {
        (
            (PAGE_TODAY + days.days()).to_string(),
            (today + days.days()).to_string(),
        )
    };
    PAGE_DAYS.into_iter().map(pair).collect()
}

/// The pages of the documentation, with their texts.
fn all_pages() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<(PathBuf, String)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .collect();
    pages.sort();
    pages
}

/// The pages that have commands.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages = all_pages();
    pages.retain(|(_, text)| text.contains("```console\n"));
    pages
}

/// A fenced block of a page.
struct Block {
    language: String,
    /// The lines between the fences, 0-based.
    lines: Range<usize>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (line, content) in text.lines().enumerate() {
        let Some(language) = content.strip_prefix("```") else {
            continue;
        };
        match (is_open, blocks.last_mut()) {
            (true, Some(block)) => block.lines.end = line,
            _ => blocks.push(Block {
                language: language.to_owned(),
                lines: line + 1..line + 1,
            }),
        }
        is_open = !is_open;
    }
    assert!(!is_open, "a block without an end:\n{text}");
    blocks
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    let done = command.envs(ENVIRONMENT).output().unwrap();
    assert!(done.status.success(), "git {arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// The mesh that a page names, as a repository with the edits of the page beside it.
fn lay_mesh(page: &Path, text: &str, input: &Path) {
    let named = text
        .split_once("<!-- mesh: ")
        .and_then(|(_, rest)| rest.split_once(" -->"));
    let (mesh, _) = named.unwrap_or_else(|| panic!("{} names no mesh", page.display()));
    copy(&root().join(mesh), input);
    git(input, &["init", "--quiet", "--initial-branch=main"]);
    git(input, &["add", "--all"]);
    git(input, &["commit", "--quiet", "--message=All there is"]);
    let lines: Vec<&str> = text.lines().collect();
    let edits = blocks(text)
        .into_iter()
        .filter(|block| block.language == "diff");
    for (index, block) in edits.enumerate() {
        let edit = format!("{}\n", lines[block.lines].join("\n"));
        fs::write(input.join(format!(".git/{}.diff", index + 1)), edit).unwrap();
    }
}

/// The page as trycmd compares it: with the days of this run, without the times of single rules, and with slashes for the
/// backslashes of outputs, because trycmd takes these for paths.
fn text_to_compare(text: &str) -> String {
    let blocks = blocks(text);
    let times = Regex::new(r"\d (ms|µs)\b").unwrap();
    let mut compared = String::new();
    for (number, line) in text.lines().enumerate() {
        let is_in_console =
            |block: &Block| block.language == "console" && block.lines.contains(&number);
        compared += &if line.starts_with("$ ") || !blocks.iter().any(is_in_console) {
            line.to_owned()
        } else if times.is_match(line) {
            "[..]".to_owned()
        } else {
            line.replace('\\', "/")
        };
        compared.push('\n');
    }
    for (page_day, day) in days() {
        compared = compared.replace(&page_day, &day);
    }
    compared
        .replace(PAGE_TIME, "[..] s")
        .replace(PAGE_COMMIT, "[..]")
}

#[test]
fn commands_print_what_the_pages_say() {
    if std::env::var_os("GOVCHECK_DOCS").is_some_and(|value| value == "overwrite") {
        return pages()
            .iter()
            .for_each(|(page, text)| overwrite(page, text));
    }
    let folder = tempfile::tempdir().unwrap();
    for (page, text) in pages() {
        let name = page.file_stem().unwrap().to_str().unwrap();
        lay_mesh(&page, &text, &folder.path().join(format!("{name}.in")));
        // Where there is one, all commands of a page run in one copy.
        fs::create_dir(folder.path().join(format!("{name}.out"))).unwrap();
        let compared = folder.path().join(page.file_name().unwrap());
        fs::write(compared, text_to_compare(&text)).unwrap();
    }
    let cases = TestCases::new();
    cases.case(folder.path().join("*.md"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let git = std::env::split_paths(&path).map(|folder| folder.join("git"));
    let git = git.into_iter().find(|git| git.is_file()).unwrap();
    cases.register_bin("git", git);
    cases.register_bin("govcheck", Path::new(env!("CARGO_BIN_EXE_govcheck")));
    for (key, value) in ENVIRONMENT {
        cases.env(key, value);
    }
    cases.run();
}

/// Writes what the commands of a page print today into the page.
fn overwrite(page: &Path, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    lay_mesh(page, text, folder.path());
    let blocks = blocks(text);
    let mut written = String::new();
    for (number, line) in text.lines().enumerate() {
        let block = blocks.iter().find(|block| block.lines.contains(&number));
        if block.is_none_or(|block| block.language != "console") {
            written += &format!("{line}\n");
        } else if let Some(command) = line.strip_prefix("$ ") {
            written += &format!("{line}\n{}", output_of(command, folder.path()));
        }
    }
    fs::write(page, written).unwrap();
}

/// What trycmd expects below a command: the status where it is not 0, and the output with a line break more.
fn output_of(command: &str, folder: &Path) -> String {
    let mut today = command.to_owned();
    for (page_day, day) in days() {
        today = today.replace(&page_day, &day);
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_govcheck")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        [binary.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&path)),
    );
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{today} 2>&1")])
        .current_dir(folder);
    let done = shell
        .envs(ENVIRONMENT)
        .env("PATH", path.unwrap())
        .output()
        .unwrap();
    let mut output = String::from_utf8(done.stdout).unwrap();
    for (page_day, day) in days() {
        output = output.replace(&day, &page_day);
    }
    let time = Regex::new(r"(?m)\b\d+\.\d+ s$").unwrap();
    let hash = Regex::new(r"\b[0-9a-f]{7,40}\b").unwrap();
    let commits = git(folder, &["rev-list", "--all"]);
    let output = time.replace_all(&output, PAGE_TIME);
    let output = hash.replace_all(&output, |found: &regex::Captures<'_>| {
        let is_commit = commits.lines().any(|commit| commit.starts_with(&found[0]));
        if is_commit {
            PAGE_COMMIT.to_owned()
        } else {
            found[0].to_owned()
        }
    });
    let status = match done.status.code().unwrap() {
        0 => String::new(),
        code => format!("? {code}\n"),
    };
    let end = if output.is_empty() { "" } else { "\n" };
    format!("{status}{output}{end}")
}

/// Lines that look like commands of `govcheck` or `git`, in blocks that are not run. Each entry is part of the line, with the
/// reason.
const NOT_RUN: [(&str, &str); 2] = [
    ("| reviewdog", "starts a program that few machines have"),
    (
        "govcheck      --policy policy",
        "compares two command lines",
    ),
];

/// A command that no test runs is wrong one day.
#[test]
fn commands_on_the_pages_are_run() {
    for (page, text) in all_pages() {
        let lines: Vec<&str> = text.lines().collect();
        for block in blocks(&text) {
            // trycmd runs these, too.
            assert!(
                !block.language.is_empty(),
                "{}: a block has no language",
                page.display()
            );
            for line in &lines[block.lines.clone()] {
                let shown = line.strip_prefix("$ ");
                let program = shown.unwrap_or(line).split(' ').next().unwrap_or_default();
                let (page, is_known) = (page.display(), PROGRAMS.contains(&program));
                if block.language == "console" {
                    let message =
                        format!("{page}: trycmd skips `{line}`: only {PROGRAMS:?} are run");
                    assert!(shown.is_none() || is_known, "{message}");
                } else if is_known && !NOT_RUN.iter().any(|(part, _)| line.contains(part)) {
                    panic!("{page}: `{line}` is in a block that no test runs: write ```console");
                }
            }
        }
    }
}

/// A page that nobody finds is not read.
#[test]
fn every_page_is_in_the_index() {
    let index = fs::read_to_string(root().join("docs/README.md")).unwrap();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") && name != "README.md" {
            assert!(
                index.contains(&format!("({name})")),
                "docs/README.md does not link to {name}"
            );
        }
    }
}

/// How GitHub names a heading in a link.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#:]*)(?:#([^)]*))?\)").unwrap();
    let readme = root().join("README.md");
    let text = fs::read_to_string(&readme).unwrap();
    for (document, text) in all_pages().into_iter().chain([(readme, text)]) {
        for found in link.captures_iter(&text) {
            let target = match &found[1] {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            let (document, shown) = (document.display(), &found[0]);
            assert!(target.exists(), "{document}: {shown} leads nowhere");
            if let Some(anchor) = found.get(2) {
                let anchors = anchors(&fs::read_to_string(&target).unwrap());
                let is_there = anchors.iter().any(|known| known == anchor.as_str());
                assert!(
                    is_there,
                    "{document}: {shown} names no heading of {anchors:?}"
                );
            }
        }
    }
}
