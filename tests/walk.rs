//! The walk beside git itself: what it finds is what git tracks, and what git does not ignore of the rest.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use govcheck::discover::{FileSource, Walk, WalkOptions};

use crate::chance::Chance;
use crate::cli::Mesh;

const FOLDERS: [&str; 6] = ["", "a/", "a/b/", "a/gen/", "gen/", "gen/b/deep/"];

const NAMES: [&str; 4] = ["x.yaml", "y.yaml", "x.gen.yaml", "keep.yaml"];

/// Lines of ignore files, with negations of what a file above says.
const LINES: [&str; 12] = [
    "gen/",
    "gen",
    "/gen/*",
    "*.gen.yaml",
    "!x.gen.yaml",
    "!keep.yaml",
    "b/**",
    "**/deep",
    "x.*",
    "!gen/",
    "/a/b/x.yaml",
    "# nothing",
];

/// What git says: tracked files that are there, and those that it does not ignore.
fn listed_by_git(mesh: &Mesh) -> BTreeSet<String> {
    let mut command = Command::new("git");
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let output = command.args(arguments).current_dir(mesh.path()).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let is_there = |name: &&str| {
        let meta = fs::symlink_metadata(mesh.path().join(name));
        name.ends_with(".yaml") && meta.is_ok_and(|meta| meta.is_file())
    };
    text.split('\0')
        .filter(is_there)
        .map(ToOwned::to_owned)
        .collect()
}

fn listed(mesh: &Mesh) -> BTreeSet<String> {
    let walk = Walk::new(&mesh.path(), &WalkOptions::default()).unwrap();
    let listing = walk.list();
    assert_eq!(listing.problems, []);
    listing.files.iter().map(ToString::to_string).collect()
}

/// A repository of chance: files, ignore files, and some files tracked though they are ignored.
fn by_chance(chance: &mut Chance) -> (Mesh, String) {
    let mesh = Mesh::git();
    let mut done = String::new();
    for folder in FOLDERS {
        for name in NAMES.iter().filter(|_| chance.below(4) > 0) {
            mesh.file(&format!("{folder}{name}"), "x: 1\n");
        }
        if chance.below(2) == 0 {
            let lines = 1 + chance.below(3);
            let lines: Vec<&str> = (0..lines)
                .map(|_| LINES[chance.below(LINES.len())])
                .collect();
            let text = lines.join("\n") + "\n";
            mesh.file(&format!("{folder}.gitignore"), &text);
            done.push_str(&format!("{folder}.gitignore: {text:?}; "));
        }
    }
    for folder in FOLDERS {
        for name in NAMES {
            let path = format!("{folder}{name}");
            if chance.below(3) == 0 && mesh.path().join(&path).exists() {
                mesh.git_command(&["add", "-f", &path]);
                done.push_str(&format!("tracked {path}; "));
            }
        }
    }
    (mesh, done)
}

#[test]
fn what_git_lists_is_what_the_walk_finds() {
    let mut chance = Chance(20_261_125);
    for _ in 0..30 {
        let (mesh, done) = by_chance(&mut chance);
        assert_eq!(listed(&mesh), listed_by_git(&mesh), "{done}");
    }
}

#[test]
fn only_tracked_files_below_an_ignored_folder_are_found() {
    let mesh = Mesh::git();
    mesh.file(".gitignore", "out/\n")
        .file("out/deep/tracked.yaml", "x: 1\n")
        .file("out/deep/other.yaml", "x: 1\n")
        .file("out/beside/other.yaml", "x: 1\n")
        .file("out/repository/other.yaml", "x: 1\n");
    mesh.git_command(&["init", "-q", "out/repository"]);
    mesh.git_command(&["add", "-f", "out/deep/tracked.yaml"]);
    assert_eq!(
        listed(&mesh),
        BTreeSet::from(["out/deep/tracked.yaml".to_owned()])
    );
}

#[test]
fn a_submodule_in_an_ignored_folder_is_gone_through_by_its_own_rules() {
    let inner = Mesh::git();
    inner.file("a.yaml", "x: 1\n");
    inner.git_command(&["add", "a.yaml"]);
    inner.git_command(&["commit", "-qm", "x"]);
    let mesh = Mesh::git();
    mesh.file(".gitignore", "vendor/\n");
    let from = inner.path();
    let from = from.to_str().unwrap();
    let file = "protocol.file.allow=always";
    mesh.git_command(&[
        "-c",
        file,
        "submodule",
        "add",
        "--force",
        from,
        "vendor/inner",
    ]);
    mesh.file("vendor/inner/b.yaml", "x: 1\n")
        .file("vendor/inner/.gitignore", "c.yaml\n")
        .file("vendor/inner/c.yaml", "x: 1\n")
        .file("vendor/d.yaml", "x: 1\n");
    let found = ["vendor/inner/a.yaml", "vendor/inner/b.yaml"].map(ToOwned::to_owned);
    assert_eq!(listed(&mesh), BTreeSet::from(found));
}
