//! Runs every command block (` ```console `) of `docs/`, in a copy of the mesh that the page names in its first
//! `<!-- mesh: … -->`, committed to a new git repository. `GOVCHECK_DOCS=overwrite TRYCMD=overwrite cargo test --test all -- docs` writes what the
//! commands print today into the pages.
//!
//! Three things on a page differ from run to run, and are replaced here: the day of the run ([`PAGE_TODAY`] on the pages), the
//! day that waivers end ([`PAGE_DAY`]), and how long a run took ([`PAGE_TIME`]).

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use regex::Regex;
use trycmd::TestCases;

/// A day that waivers on the pages end on: four months from the day of the run.
const PAGE_DAY: &str = "2027-03-31";
/// What the pages write for the day of the run.
const PAGE_TODAY: &str = "2026-12-01";
/// What the pages write for the time that a run took.
const PAGE_TIME: &str = "0.12 s";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn days() -> (String, String) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    (today.to_string(), (today + 120.days()).to_string())
}

/// The pages that have commands, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<(PathBuf, String)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .filter(|(_, text)| text.contains("```console\n"))
        .collect();
    pages.sort();
    pages
}

fn copy(from: &Path, to: &Path) {
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

fn git(folder: &Path, arguments: &[&str]) {
    let author = ["-c", "user.name=docs", "-c", "user.email=docs@example.com"];
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(author)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}

/// The mesh that a page names, as a repository beside the page's copy.
fn lay_mesh(page: &Path, text: &str, folder: &Path) {
    let named = text
        .split_once("<!-- mesh: ")
        .and_then(|(_, rest)| rest.split_once(" -->"));
    let (mesh, _) = named.unwrap_or_else(|| panic!("{} names no mesh", page.display()));
    let name = page.file_stem().unwrap().to_str().unwrap();
    let input = folder.join(format!("{name}.in"));
    copy(&root().join(mesh), &input);
    git(&input, &["init", "--quiet", "--initial-branch=main"]);
    git(&input, &["add", "--all"]);
    git(&input, &["commit", "--quiet", "--message=All there is"]);
    // Where there is one, all commands of a page run in one copy.
    fs::create_dir(folder.join(format!("{name}.out"))).unwrap();
}

#[test]
fn commands_print_what_the_pages_say() {
    let overwrite = std::env::var_os("GOVCHECK_DOCS").is_some_and(|value| value == "overwrite");
    let (today, end) = days();
    let time = Regex::new(r"(?m)\b\d+\.\d+ s$").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (page, text) in pages() {
        lay_mesh(&page, &text, folder.path());
        let text = text
            .replace(PAGE_DAY, &end)
            .replace(PAGE_TODAY, &today)
            .replace(PAGE_TIME, "[..] s");
        fs::write(folder.path().join(page.file_name().unwrap()), text).unwrap();
    }
    let cases = TestCases::new();
    cases.case(folder.path().join("*.md"));
    cases.register_bin("govcheck", Path::new(env!("CARGO_BIN_EXE_govcheck")));
    for program in ["git", "sed"] {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = std::env::split_paths(&path);
        let found = folders.find_map(|folder| Some(folder.join(program)).filter(|it| it.is_file()));
        cases.register_bin(program, found.unwrap());
    }
    cases
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    if overwrite {
        // The variable that trycmd reads has to be there before it starts: see the head of this file.
        assert!(
            std::env::var_os("TRYCMD").is_some_and(|value| value == "overwrite"),
            "set TRYCMD=overwrite as well"
        );
    }
    if !overwrite {
        cases.run();
    } else if std::panic::catch_unwind(AssertUnwindSafe(|| cases.run())).is_err() {
        // What differs has been written into the copies.
        for (page, _) in pages() {
            let text = fs::read_to_string(folder.path().join(page.file_name().unwrap())).unwrap();
            let text = time
                .replace_all(&text, PAGE_TIME)
                .replace("[..] s", PAGE_TIME);
            let text = text.replace(&end, PAGE_DAY).replace(&today, PAGE_TODAY);
            fs::write(&page, text).unwrap();
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

#[test]
fn links_between_documents_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#:]+)(#[^)]*)?\)").unwrap();
    let mut documents: Vec<PathBuf> = vec![root().join("README.md")];
    documents.extend(
        fs::read_dir(root().join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    for document in documents
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
    {
        let text = fs::read_to_string(document).unwrap();
        for target in link.captures_iter(&text) {
            let target = document.parent().unwrap().join(&target[1]);
            assert!(
                target.exists(),
                "{} links to {}",
                document.display(),
                target.display()
            );
        }
    }
}
