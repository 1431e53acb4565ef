//! A repository is what holds `.git`, never what looks like one.

use super::Pull;
use crate::cli::{REGISTER, contract, orphan};

/// Files that make a folder look like a bare repository.
fn disguise(pull: &Pull, folder: &str) {
    for (path, text) in [
        ("HEAD", "ref: refs/heads/main\n"),
        (
            "config",
            "[core]\n\tbare = true\n\trepositoryformatversion = 0\n",
        ),
        ("objects/info/packs", "\n"),
        ("refs/heads/keep", "\n"),
    ] {
        pull.file(&format!("{folder}/{path}"), text);
    }
}

#[test]
fn a_folder_that_looks_like_a_repository_is_not_one() {
    let good = contract("a");
    let pull = Pull::new(&[
        ("mesh/govcheck.yaml", "version: 1\n"),
        ("mesh/register.yaml", REGISTER),
        ("mesh/domains/s/a.odcs.yaml", &good),
    ]);
    disguise(&pull, "mesh");
    disguise(&pull, "mesh/domains");
    pull.file("mesh/domains/s/b.odcs.yaml", orphan("b"));
    pull.judge_in("mesh", &[]).says(1, &["nobody-here"]);
    pull.judge_in("mesh/domains", &[]).says(1, &["nobody-here"]);
    // Ignore files and the cache come from the real one, too.
    pull.file(".gitignore", "ignored.odcs.yaml\n")
        .file("mesh/ignored.odcs.yaml", orphan("c"));
    let ran = pull.mesh.run_in("mesh", &["--no-cache", "--all"]);
    assert!(!ran.out.contains("ignored.odcs.yaml"), "{}", ran.out);
}

#[test]
fn a_bare_repository_is_one_where_there_is_no_work_tree() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .commit("head");
    let bare = tempfile::tempdir().unwrap();
    let to = bare.path().join("bare.git");
    pull.mesh
        .git_command(&["clone", "--quiet", "--bare", ".", to.to_str().unwrap()]);
    let ran = crate::cli::command(&to, &["diff", "base", "HEAD", "--no-cache"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("nobody-here"), "{said}");
}
