//! Clones that are not whole: judged in full, or refused with the command that completes them.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Pull;
use crate::cli::{Ran, command, contract, orphan, ran};

fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// A clone of the mesh as it is committed, made with these options of `git clone`.
fn cloned(pull: &Pull, options: &[&str]) -> tempfile::TempDir {
    pull.mesh
        .git_command(&["config", "uploadpack.allowFilter", "true"]);
    pull.mesh
        .git_command(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let folder = tempfile::tempdir().unwrap();
    let address = format!("file://{}", pull.mesh.path().display());
    let clone = [&["clone", "--quiet"], options, &[&address, "clone"]].concat();
    git(folder.path(), &clone);
    folder
}

fn judge(folder: &Path, arguments: &[&str]) -> Ran {
    let folder = folder.join("clone").canonicalize().unwrap();
    let output = command(&folder, &[&["check", "--no-cache"], arguments].concat())
        .output()
        .unwrap();
    ran(&output, &folder)
}

/// A base with a finding that the head has too, in a file that the head changes.
fn with_old_finding() -> Pull {
    let pull = Pull::sound();
    pull.file("domains/s/a.odcs.yaml", orphan("a"))
        .commit("old finding");
    pull.mesh.git_command(&["branch", "--force", "base"]);
    pull.file("domains/s/a.odcs.yaml", orphan("a") + "tags: [x]\n")
        .commit("head");
    pull
}

#[test]
fn a_base_with_missing_files_is_refused() {
    let pull = with_old_finding();
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let clone = cloned(&pull, &[filter]);
        let ran = judge(clone.path(), &["--base", "origin/base"]);
        let said = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, Some(2), "{filter}: {said}");
        assert!(
            said.contains("git fetch --refetch --no-filter origin"),
            "{filter}: {said}"
        );
        assert!(!said.contains("1 fixed"), "{filter}: {said}");
        git(
            &clone.path().join("clone"),
            &["fetch", "--quiet", "--refetch", "--no-filter", "origin"],
        );
        judge(clone.path(), &["--base", "origin/base"]).says(0, &["1 unchanged"]);
    }
}

#[test]
fn a_head_whose_files_are_missing_is_not_judged() {
    let pull = with_old_finding();
    let clone = cloned(&pull, &["--filter=blob:none", "--no-checkout"]);
    let ran = judge(clone.path(), &["--head", "origin/base"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("discover/missing-object"), "{}", ran.out);
}

#[test]
fn a_sparse_checkout_is_refused_unless_the_commit_is_judged() {
    let pull = with_old_finding();
    let clone = cloned(&pull, &[]);
    let inner = clone.path().join("clone");
    git(
        &inner,
        &["sparse-checkout", "set", "--no-cone", "/domains/"],
    );
    let ran = judge(clone.path(), &["--base", "origin/base"]);
    ran.says(
        2,
        &[
            "discover/sparse-checkout",
            "sparse checkout leaves out 1 file",
            "register.yaml",
        ],
    );
    assert!(
        ran.out.contains("git sparse-checkout disable"),
        "{}",
        ran.out
    );
    judge(clone.path(), &["--base", "origin/base", "--head", "HEAD"]).says(0, &["1 unchanged"]);
    git(&inner, &["sparse-checkout", "disable"]);
    judge(clone.path(), &["--base", "origin/base"]).says(0, &["1 unchanged"]);
}

#[test]
fn a_merge_base_that_a_shallow_clone_can_not_prove_is_refused() {
    // base and head part at `fork`; a merge of an older commit makes the shallow history show that one instead.
    let pull = Pull::sound();
    pull.mesh.git_command(&["branch", "old"]);
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .commit("fork");
    pull.mesh.git_command(&["branch", "--force", "base"]);
    pull.file("x.txt", "1").commit("main goes on");
    pull.mesh
        .git_command(&["merge", "--quiet", "--no-edit", "--strategy=ours", "old"]);
    pull.mesh.git_command(&["branch", "main2"]);
    pull.mesh.git_command(&["checkout", "--quiet", "base"]);
    for step in 1..4 {
        pull.file(&format!("y{step}.txt"), "1").commit("head");
    }
    pull.mesh.git_command(&["branch", "head"]);
    let clone = cloned(&pull, &["--depth=2", "--no-single-branch"]);
    let ran = judge(
        clone.path(),
        &["--base", "origin/main2", "--head", "origin/head"],
    );
    ran.refuses(2, &["fetch-depth: 0"]);
    git(
        &clone.path().join("clone"),
        &["fetch", "--quiet", "--unshallow"],
    );
    judge(
        clone.path(),
        &["--base", "origin/main2", "--head", "origin/head"],
    )
    .says(0, &[]);
}

#[test]
fn a_submodule_that_is_not_checked_out_is_reported_and_can_be_excluded() {
    let other = Pull::sound();
    let pull = Pull::sound();
    let address = format!("file://{}", other.mesh.path().display());
    git(
        &pull.mesh.path(),
        &["submodule", "--quiet", "add", &address, "vendor/other"],
    );
    pull.commit("submodule");
    let clone = cloned(&pull, &[]);
    for arguments in [&[][..], &["--head", "HEAD"]] {
        let ran = judge(clone.path(), arguments);
        ran.says(
            2,
            &[
                "discover/missing-submodule",
                "git submodule update --init vendor/other",
            ],
        );
    }
    fs::write(
        clone.path().join("clone/govcheck.yaml"),
        "exclude: vendor/other/**\n",
    )
    .unwrap();
    judge(clone.path(), &[]).says(0, &[]);
}

#[test]
fn a_pointer_of_git_lfs_is_not_a_manifest_and_is_reported() {
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 300\n",
        "ab".repeat(32)
    );
    let pull = Pull::sound();
    pull.file("domains/s/a.odcs.yaml", &pointer);
    pull.judge(&[])
        .says(2, &["discover/lfs-pointer", "git lfs pull"]);
    pull.judge_commit(".", &[])
        .says(2, &["discover/lfs-pointer"]);
    // The store of the repository completes it.
    pull.file(
        &format!(".git/lfs/objects/ab/ab/{}", "ab".repeat(32)),
        orphan("a"),
    );
    pull.judge_commit(".", &[]).says(1, &["nobody-here"]);
    // Large JSON files are data.
    pull.file("domains/s/a.odcs.yaml", contract("a"))
        .file("data/all.json", &pointer);
    pull.judge(&[]).says(0, &[]);
}

#[test]
fn a_broken_base_can_be_repaired_and_never_counts_as_fixed() {
    let pull = Pull::sound();
    pull.file("domains/s/a.odcs.yaml", contract("a") + "x: [\n")
        .commit("broken");
    pull.mesh.git_command(&["branch", "--force", "base"]);
    pull.judge(&[]).says(2, &["parse/syntax-error"]);
    pull.file("domains/s/a.odcs.yaml", contract("a"));
    let ran = pull.judge(&["--verbose"]);
    ran.says(0, &["engine/unjudged-base"]);
    assert!(!ran.out.contains("1 fixed"), "{}", ran.out);
    // Findings in the repaired file count as new.
    pull.file("domains/s/a.odcs.yaml", orphan("a"));
    pull.judge(&[]).says(1, &["nobody-here"]);
}

#[test]
#[cfg(unix)]
fn a_link_in_a_commit_is_reported_as_in_the_working_tree() {
    use std::os::unix::fs::symlink;
    let link = |target: &str| {
        let pull = Pull::sound();
        pull.file("domains/s/notes.txt", orphan("b"));
        symlink(target, pull.mesh.path().join("domains/s/b.odcs.yaml")).unwrap();
        let told = pull.judge(&["--verbose", "--all"]);
        let commit = pull.judge_commit(".", &["--verbose", "--all"]);
        [told, commit].map(|ran| {
            let rules = ["link-to-unjudged", "link-leaves-root", "broken-link"];
            let found = rules.into_iter().find(|rule| ran.out.contains(rule));
            found.unwrap_or("nothing").to_owned()
        })
    };
    assert_eq!(link("notes.txt"), ["link-to-unjudged"; 2]);
    assert_eq!(link("/etc/passwd"), ["link-leaves-root"; 2]);
    assert_eq!(link("nowhere.yaml"), ["broken-link"; 2]);
    assert_eq!(link("a.odcs.yaml"), ["nothing"; 2]);
}
