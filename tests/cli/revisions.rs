//! Revisions of all kinds: missing ones, odd repositories, and revisions that can't judge.

use super::{Mesh, REGISTER, contract, orphan};

/// One commit with a contract in order.
fn repository() -> Mesh {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("a.odcs.yaml", contract("a"))
        .commit("one");
    mesh
}

#[test]
fn a_revision_that_is_not_there_says_what_to_do() {
    let mesh = repository();
    for flag in ["--base", "--head", "--policies-from"] {
        mesh.run(&[flag, "origin/main"]).refuses(
            2,
            &[
                "unknown revision `origin/main`",
                "git rev-parse origin/main",
            ],
        );
    }
    mesh.run(&["diff", "HEAD", "v9"])
        .refuses(2, &["unknown revision `v9`"]);
    mesh.run(&["--base", "--upload-pack=x"]).refuses(2, &[]);
    let unborn = Mesh::sound();
    unborn
        .run(&["--base", "HEAD"])
        .refuses(2, &["`HEAD` has no commit yet", "commit something first"]);
    // A hook of the first commit: it adds everything.
    unborn.run(&["--changed"]).says(0, &["1 entity in 1 file"]);
    let plain = Mesh::plain();
    plain.file("a.odcs.yaml", contract("a"));
    plain
        .run(&["--base", "HEAD"])
        .refuses(2, &["is not in a git repository"]);
}

#[test]
fn two_histories_have_no_base() {
    let mesh = repository();
    mesh.git_command(&["checkout", "-q", "--orphan", "other"]);
    mesh.commit("unrelated");
    mesh.git_command(&["branch", "-f", "first", "HEAD"]);
    mesh.git_command(&["checkout", "-q", "--orphan", "third"]);
    mesh.commit("third");
    mesh.run(&["--base", "first"]).refuses(
        2,
        &[
            "`first` and `HEAD` have no common ancestor",
            "govcheck diff",
        ],
    );
    // Compared as they are, they can be.
    mesh.run(&["diff", "first", "HEAD"]).says(0, &[]);
}

#[test]
fn a_shallow_clone_says_what_to_set() {
    let mesh = repository();
    mesh.git_command(&["branch", "start"]);
    mesh.file("a.odcs.yaml", orphan("a"))
        .commit("two")
        .commit("three");
    let other = Mesh::plain();
    let from = format!("file://{}", mesh.path().display());
    let to = other.path().join("clone").display().to_string();
    mesh.git_command(&["clone", "-q", "--depth", "1", &from, &to]);
    let ran = other.run_in("clone", &["--base", "HEAD~2"]);
    ran.refuses(
        2,
        &["unknown revision `HEAD~2`", "fetch-depth: 0", "--unshallow"],
    );
    // What is there is compared.
    other.run_in("clone", &["--base", "HEAD"]).says(0, &[]);
}

#[test]
fn a_bare_repository_compares_revisions() {
    let mesh = repository();
    mesh.file("a.odcs.yaml", orphan("a")).commit("two");
    let other = Mesh::plain();
    let to = other.path().join("bare.git").display().to_string();
    let from = mesh.path().display().to_string();
    mesh.git_command(&["clone", "-q", "--bare", &from, &to]);
    other
        .run_in("bare.git", &["--base", "HEAD~1"])
        .refuses(2, &["bare repository", "govcheck diff"]);
    other
        .run_in("bare.git", &["diff", "HEAD~1", "HEAD"])
        .says(1, &["[a.odcs.yaml:10:14]"]);
}

#[test]
fn worktrees_detached_heads_and_merges_are_compared() {
    let mesh = repository();
    mesh.git_command(&["branch", "-M", "main"]);
    mesh.git_command(&["checkout", "-qb", "topic"]);
    mesh.file("b.odcs.yaml", orphan("b")).commit("topic");
    mesh.git_command(&["checkout", "-q", "main"]);
    mesh.file("c.odcs.yaml", orphan("c")).commit("meanwhile");
    mesh.git_command(&["checkout", "-q", "--detach"]);
    mesh.git_command(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    let new_b = "new ownership/unknown-team b.odcs.yaml".to_owned();
    let old_c = "unchanged ownership/unknown-team c.odcs.yaml".to_owned();
    assert_eq!(
        mesh.against(&["--base", "main"]),
        (Some(1), vec![new_b.clone(), old_c])
    );
    let other = Mesh::plain();
    let to = other.path().join("tree").display().to_string();
    mesh.git_command(&["worktree", "add", "-q", &to, "topic"]);
    let ran = other.run_in("tree", &["--base", "main", "--format", "github"]);
    ran.says(1, &["file=b.odcs.yaml"]);
    assert!(
        !ran.out.contains("c.odcs.yaml"),
        "main went on meanwhile: {}",
        ran.out
    );
}

#[test]
fn a_mesh_below_the_root_of_the_repository_is_compared() {
    let mesh = Mesh::git();
    mesh.file("data/mesh/govcheck.yaml", "version: 1\n")
        .file("data/mesh/register.yaml", REGISTER)
        .file("data/mesh/a.odcs.yaml", contract("a"))
        .file("b.odcs.yaml", "kind: DataContract\nx: [\n")
        .commit("one");
    mesh.file("data/mesh/a.odcs.yaml", orphan("a"));
    let ran = mesh.run_in(
        "data/mesh",
        &[
            "--base",
            "HEAD",
            "--policies-from",
            "HEAD",
            "--format",
            "github",
        ],
    );
    ran.says(1, &["file=data/mesh/a.odcs.yaml,"]);
    assert!(!ran.out.contains("not-in-force"), "{}", ran.out);
    // It may not have been there yet.
    mesh.commit("two");
    mesh.file("other/mesh/govcheck.yaml", "version: 1\n")
        .file("other/mesh/a.odcs.yaml", contract("a"));
    mesh.run_in("other/mesh", &["--base", "HEAD"]).says(0, &[]);
}

#[test]
fn a_submodule_is_part_of_both_meshes() {
    let library = repository();
    library.file("a.odcs.yaml", orphan("a")).commit("two");
    let mesh = Mesh::git();
    let from = library.path().display().to_string();
    mesh.git_command(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        &from,
        "lib",
    ]);
    mesh.commit("one");
    let old = "unchanged ownership/unknown-team lib/a.odcs.yaml".to_owned();
    assert_eq!(mesh.against(&["--base", "HEAD"]), (Some(0), vec![old]));
}

#[test]
fn a_base_that_can_not_judge_fails_the_run() {
    let mesh = Mesh::with_rule("house/no", "deny contains x if { y }");
    mesh.commit("one");
    mesh.file(
        "pack/house/no.rego",
        super::rule(
            "house/no",
            "deny contains {\"message\": \"no\", \"at\": [\"id\"]} if input.id",
        ),
    );
    let ran = mesh.run(&["--base", "HEAD", "--policies-from", "HEAD"]);
    ran.refuses(2, &["pack at HEAD (", "house/no.rego:"]);
    mesh.run(&["--base", "HEAD"]).says(0, &[]);
    mesh.file("govcheck.yaml", "version: 7\n").commit("two");
    mesh.file("govcheck.yaml", "version: 1\n");
    let ran = mesh.run(&["--base", "HEAD", "--policies-from", "HEAD"]);
    ran.refuses(2, &["govcheck.yaml at HEAD (", "version"]);
    let pack = Mesh::sound();
    pack.file("govcheck.yaml", "version: 1\npacks: [gone]\n")
        .commit("one");
    pack.run(&["--policies-from", "HEAD"])
        .refuses(2, &["gone at HEAD (", "neither rules nor formats"]);
}

#[test]
fn a_base_without_config_judges_by_the_built_in_pack() {
    let mesh = repository();
    mesh.file("govcheck.yaml", "version: 1\nrules: {ownership: off}\n")
        .file("a.odcs.yaml", orphan("a"));
    let (code, found) = mesh.against(&["--base", "HEAD", "--policies-from", "HEAD"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        found,
        [
            "new ownership/unknown-team a.odcs.yaml",
            "new policies/not-in-force govcheck.yaml"
        ]
    );
}

#[test]
fn what_could_not_be_judged_in_the_head_is_never_unchanged() {
    let mesh = Mesh::git();
    mesh.file(
        "a.odcs.yaml",
        "kind: DataContract\napiVersion: v3.1.0\nx: [\n",
    )
    .commit("one");
    assert_eq!(mesh.run(&["--base", "HEAD"]).code, Some(2));
    // Corrected: the base could not be judged there, the head can.
    mesh.file("a.odcs.yaml", contract("a"));
    mesh.run(&["--base", "HEAD"]).says(0, &[]);
}

#[test]
fn a_repository_with_ten_thousand_commits_is_compared() {
    let mesh = repository();
    let mut stream = String::from("reset refs/heads/long\n");
    for number in 1..=10_000 {
        let from = if number == 1 { "from HEAD^0\n" } else { "" };
        stream.push_str(&format!(
            "commit refs/heads/long\ncommitter t <t@t> {number} +0000\ndata 1\nx\n{from}M 100644 inline n.txt\ndata <<E\n{number}\nE\n"
        ));
    }
    mesh.file("stream", stream);
    let path = mesh.path();
    let done = std::process::Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(&path)
        .stdin(std::fs::File::open(path.join("stream")).unwrap())
        .status();
    assert!(done.unwrap().success());
    mesh.remove("stream").file("b.odcs.yaml", orphan("b"));
    let (code, found) = mesh.against(&["--base", "long"]);
    assert_eq!(
        (code, found),
        (
            Some(1),
            vec!["new ownership/unknown-team b.odcs.yaml".to_owned()]
        )
    );
    assert_eq!(mesh.against(&["diff", "long~9999", "long"]).0, Some(0));
}
