//! Repositories of all kinds: odd names, worktrees, shallow clones, a mesh below the repository's root, many files.

use super::{Mesh, REGISTER, contract, orphan};

#[test]
fn names_with_spaces_quotes_and_other_alphabets_are_reported_as_they_are() {
    let mesh = Mesh::git();
    let path = "Domänen & Co/it's \"α\" [1]/дата 数据.odcs.yaml";
    mesh.file(path, orphan("a")).file("register.yaml", REGISTER);
    let (code, found) = mesh.findings(&["Domänen & Co"]);
    assert_eq!(code, Some(1));
    assert_eq!(found, [format!("ownership/unknown-team {path}:10:14")]);
    let sarif: serde_json::Value =
        serde_json::from_str(&mesh.run(&["--format", "sarif"]).out).unwrap();
    let uri = sarif.pointer("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri");
    let uri = uri.unwrap().as_str().unwrap();
    assert!(
        uri.is_ascii() && uri.starts_with("Dom%C3%A4nen%20") && !uri.contains('"'),
        "{uri}"
    );
}

#[test]
fn a_worktree_and_a_shallow_clone_are_repositories() {
    let mesh = Mesh::git();
    mesh.file(".gitignore", "ignored/\n")
        .file("ignored/b.odcs.yaml", "kind: DataContract\nx: [\n");
    mesh.file("a.odcs.yaml", contract("a"));
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "one"]);
    mesh.git_command(&["commit", "-qm", "two", "--allow-empty"]);
    let other = Mesh::plain();
    let to = |name: &str| other.path().join(name).display().to_string();
    mesh.git_command(&["worktree", "add", "-q", &to("tree")]);
    let from = format!("file://{}", mesh.path().display());
    mesh.git_command(&["clone", "-q", "--depth", "1", &from, &to("clone")]);
    for folder in ["tree", "clone"] {
        other.file(
            &format!("{folder}/ignored/b.odcs.yaml"),
            "kind: DataContract\nx: [\n",
        );
        let ran = other.run_in(folder, &[]);
        ran.says(0, &["All good: 1 entity in 1 file"]);
    }
}

#[test]
fn a_mesh_below_the_repository_is_named_from_the_repository_where_tools_expect_that() {
    let mesh = Mesh::git();
    mesh.file("data/mesh/govcheck.yaml", "version: 1\n");
    mesh.file("data/mesh/d/a.odcs.yaml", orphan("a"))
        .file("data/mesh/register.yaml", REGISTER);
    mesh.file("other/b.odcs.yaml", "kind: DataContract\nx: [\n");
    let ran = mesh.run_in("data/mesh/d", &["--format", "github"]);
    ran.says(1, &["file=data/mesh/d/a.odcs.yaml,"]);
    let sarif = mesh.run_in("data/mesh", &["--format", "sarif"]).out;
    assert!(
        sarif.contains("\"uri\":\"data/mesh/d/a.odcs.yaml\""),
        "{sarif}"
    );
    mesh.run_in("data/mesh", &[])
        .says(1, &["[d/a.odcs.yaml:10:14]"]);
}

#[test]
fn without_git_and_config_the_folder_is_the_mesh() {
    let mesh = Mesh::plain();
    mesh.file("d/a.odcs.yaml", contract("a"));
    mesh.run(&[]).says(0, &["1 entity in 1 file"]);
}

#[test]
fn ten_thousand_files_are_judged() {
    let mesh = Mesh::git();
    for number in 0..10_000_usize {
        let domain = number % 100;
        mesh.file(&format!("domains/d{domain}/{number}.yaml"), "a: 1\n");
    }
    for number in 0..200 {
        mesh.file(
            &format!("domains/d{number}/x.odcs.yaml"),
            contract(&format!("c{number}")),
        );
    }
    mesh.run(&["-q"]).says(0, &["200 entities in 200 files"]);
}
