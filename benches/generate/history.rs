//! A generated mesh as a git repository: one commit of everything, then some that change one contract each. Authors and
//! days are fixed, so that the commits' ids depend on the options alone.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Commits everything that is there.
pub(crate) fn begin(folder: &Path) -> Result<(), Box<dyn Error>> {
    git(folder, 0, &["init", "--quiet"])?;
    commit(folder, 0, "Generated mesh")
}

/// Adds `commits` commits; each changes the usage of one of `contracts` contracts, whose path `path_of` knows.
pub(crate) fn go_on(
    folder: &Path,
    commits: usize,
    contracts: usize,
    path_of: impl Fn(usize) -> PathBuf,
) -> Result<(), Box<dyn Error>> {
    for number in 1..=commits {
        // A step without a common divisor with most sizes, so that neighbours in history are not neighbours in the tree.
        let file = folder.join(path_of(number * 7919 % contracts.max(1)));
        let mut text = fs::read_to_string(&file)?;
        text.push_str(&format!("# reviewed in change {number}\n"));
        fs::write(&file, text)?;
        commit(folder, number, &format!("Change {number}"))?;
    }
    Ok(())
}

fn commit(folder: &Path, number: usize, message: &str) -> Result<(), Box<dyn Error>> {
    git(folder, number, &["add", "--all"])?;
    git(folder, number, &["commit", "--quiet", "--message", message])
}

fn git(folder: &Path, number: usize, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let (hour, minute) = (number / 60 % 24, number % 60);
    let day = format!("2025-01-01T{hour:02}:{minute:02}:00Z");
    let own = [
        "user.name=generate",
        "user.email=generate@example.org",
        "commit.gpgsign=false",
        "gc.auto=0",
    ];
    let status = Command::new("git")
        .current_dir(folder)
        .args(own.iter().flat_map(|setting| ["-c", setting]))
        .args(arguments)
        .envs([("GIT_AUTHOR_DATE", &day), ("GIT_COMMITTER_DATE", &day)])
        .status()?;
    if status.success() {
        return Ok(());
    }
    let (arguments, folder) = (arguments.join(" "), folder.display());
    Err(format!("`git {arguments}` failed in `{folder}`").into())
}
