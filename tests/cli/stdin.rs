//! `govcheck check - --stdin-filename PATH`: a text that is not saved, judged in the mesh as it is.

use std::io::Write;
use std::process::{Child, Stdio};

use super::{Mesh, REGISTER, Ran, contract, orphan, ran};

const TEAM: &str = "ownership/unknown-team";

fn mesh() -> Mesh {
    let mesh = Mesh::git();
    mesh.file("governance/register.yaml", REGISTER)
        .file("domains/sales/a.odcs.yaml", contract("a"))
        .file("domains/sales/b.odcs.yaml", orphan("b"));
    mesh
}

fn start(mesh: &Mesh, folder: &str, arguments: &[&str]) -> Child {
    let mut command = mesh.command(arguments);
    command
        .current_dir(mesh.path().join(folder))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn run_in(mesh: &Mesh, folder: &str, arguments: &[&str], text: &[u8]) -> Ran {
    let mut child = start(mesh, folder, arguments);
    let mut input = child.stdin.take().unwrap();
    // A run that refuses its arguments reads nothing.
    let _ = input.write_all(text);
    drop(input);
    ran(&child.wait_with_output().unwrap(), &mesh.path())
}

/// Judges a text as a file, from the root.
fn judge(mesh: &Mesh, file: &str, more: &[&str], text: impl AsRef<[u8]>) -> Ran {
    let arguments = [&["check", "-", "--stdin-filename", file], more].concat();
    run_in(mesh, "", &arguments, text.as_ref())
}

fn places(ran: &Ran) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let place = |it: &serde_json::Value| {
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        format!("{} {}:{}", text("rule"), text("file"), it["start"]["line"])
    };
    findings.map(place).collect()
}

const JSON: [&str; 2] = ["--format", "json"];

#[test]
fn the_text_replaces_the_file_and_only_it_is_reported_on() {
    let mesh = mesh();
    let ran = judge(&mesh, "domains/sales/a.odcs.yaml", &JSON, orphan("a"));
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        places(&ran),
        [format!("{TEAM} domains/sales/a.odcs.yaml:10")]
    );
    let shown = judge(&mesh, "domains/sales/a.odcs.yaml", &[], orphan("a"));
    shown.says(1, &["team: {name: nobody-here}", "1 error in 1 of 3 files"]);
    assert_eq!(shown.err, "");
    // What is saved is as it was.
    assert_eq!(
        mesh.findings(&["domains/sales/a.odcs.yaml"]),
        (Some(0), vec![])
    );
}

#[test]
fn a_corrected_text_is_clean_while_the_file_is_not() {
    let mesh = mesh();
    judge(&mesh, "domains/sales/b.odcs.yaml", &[], contract("b")).says(0, &["All good"]);
    assert_eq!(mesh.findings(&["domains/sales/b.odcs.yaml"]).0, Some(1));
}

#[test]
fn a_file_that_is_not_there_yet_belongs_to_the_mesh() {
    let mesh = mesh();
    let ran = judge(&mesh, "domains/zone/c.odcs.yaml", &JSON, contract("a"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let places = places(&ran);
    assert_eq!(places.len(), 1, "{places:?}");
    let (rule, file) = places[0].split_once(' ').unwrap();
    assert_eq!(rule, "discovery/duplicate-id", "the mesh is whole");
    assert!(file.starts_with("domains/zone/c.odcs.yaml"), "{file}");
}

#[test]
fn a_register_on_standard_input_is_the_register_of_the_mesh() {
    let mesh = mesh();
    let register = REGISTER.replace("sales-data", "other");
    let ran = judge(&mesh, "governance/register.yaml", &JSON, register);
    assert_eq!(places(&ran), Vec::<String>::new());
    let text = contract("a").replace("sales-data", "gone");
    let ran = judge(&mesh, "domains/sales/a.odcs.yaml", &JSON, text);
    assert_eq!(
        places(&ran),
        [format!("{TEAM} domains/sales/a.odcs.yaml:10")]
    );
}

#[test]
fn names_are_relative_to_the_current_folder() {
    let mesh = mesh();
    let arguments = [
        "check",
        "-",
        "--stdin-filename",
        "../sales/./a.odcs.yaml",
        "--format",
        "json",
    ];
    mesh.file("domains/hr/notes.md", "");
    let ran = run_in(&mesh, "domains/hr", &arguments, orphan("a").as_bytes());
    assert_eq!(
        places(&ran),
        [format!("{TEAM} domains/sales/a.odcs.yaml:10")]
    );
    let whole = mesh.path().join("domains/sales/a.odcs.yaml");
    let ran = judge(&mesh, whole.to_str().unwrap(), &JSON, orphan("a"));
    assert_eq!(
        places(&ran),
        [format!("{TEAM} domains/sales/a.odcs.yaml:10")]
    );
}

#[test]
fn a_mesh_within_the_mesh_is_that_of_its_files() {
    let mesh = mesh();
    mesh.file("inner/govcheck.yaml", "rules: {ownership: off}\n");
    judge(&mesh, "inner/x.odcs.yaml", &[], orphan("x")).says(0, &["1 entity in 1 file"]);
}

#[test]
fn against_a_base_the_text_is_the_head() {
    let mesh = mesh();
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    let file = "domains/sales/a.odcs.yaml";
    judge(&mesh, file, &["--base", "HEAD"], orphan("a")).says(1, &["1 new error"]);
    judge(&mesh, file, &["--changed"], orphan("a")).says(1, &["1 new error"]);
    judge(
        &mesh,
        "domains/sales/b.odcs.yaml",
        &["--base", "HEAD"],
        orphan("b"),
    )
    .says(0, &["1 unchanged"]);
    judge(&mesh, file, &["--head", "HEAD"], orphan("a"))
        .refuses(2, &["`-` replaces a file of the working tree", "`HEAD`"]);
}

#[test]
fn what_was_remembered_of_the_text_is_not_taken_for_the_file() {
    let mesh = mesh();
    let file = "domains/sales/a.odcs.yaml";
    for _ in 0..2 {
        judge(&mesh, file, &JSON, orphan("a"));
        assert_eq!(mesh.findings(&[file]), (Some(0), vec![]));
        let ran = judge(&mesh, file, &JSON, orphan("a"));
        assert_eq!(places(&ran).len(), 1);
    }
}

#[test]
fn a_trace_follows_the_text() {
    let mesh = mesh();
    let ran = judge(
        &mesh,
        "domains/sales/a.odcs.yaml",
        &["--trace", TEAM],
        orphan("a"),
    );
    assert!(ran.err.contains("nobody-here"), "{}", ran.err);
}

#[test]
fn a_text_that_is_not_a_manifest_is_reported() {
    let mesh = mesh();
    judge(&mesh, "notes.yaml", &[], "a: 1\n").refuses(
        3,
        &[
            "standard input, as `notes.yaml`, is not a manifest of a known format",
            "Open Data Contract Standard",
        ],
    );
    for empty in ["", " \n\n"] {
        judge(&mesh, "notes.yaml", &[], empty).refuses(
            3,
            &["standard input is empty, so `notes.yaml` is not a manifest"],
        );
    }
    // Named like a manifest, it is reported as the file would be.
    let named = |text: &str| judge(&mesh, "domains/sales/a.odcs.yaml", &[], text);
    named("a: 1\n").says(1, &["error[parse/unrecognised-manifest]"]);
    for empty in ["", "# to do\n", "---\n"] {
        named(empty).says(
            0,
            &[
                "note[parse/unrecognised-manifest]",
                "but has no content",
                "write `kind: DataContract` and `apiVersion: v3.2.0`",
            ],
        );
    }
    judge(&mesh, "notes.yaml", &["--allow-empty"], "a: 1\n").says(0, &[]);
}

#[test]
fn a_name_that_no_manifest_of_the_mesh_has_is_reported() {
    let mesh = mesh();
    mesh.file("govcheck.yaml", "exclude: [\"old/**\"]\n")
        .file(".gitignore", "build/\n");
    for file in [
        "a.txt",
        "old/a.odcs.yaml",
        "build/a.odcs.yaml",
        ".hidden/a.odcs.yaml",
    ] {
        let message =
            format!("`{file}` does not belong to the mesh, so standard input was not checked");
        judge(&mesh, file, &[], orphan("a")).refuses(3, &[&message, "`exclude`", ".gitignore"]);
    }
}

#[test]
fn a_name_outside_the_mesh_is_refused() {
    let (mesh, other) = (mesh(), Mesh::sound());
    let outside = other.path().join("a.odcs.yaml");
    for name in [
        "../a.odcs.yaml",
        "new/../../a.odcs.yaml",
        outside.to_str().unwrap(),
    ] {
        judge(&mesh, name, &[], orphan("a")).refuses(
            2,
            &[
                "is outside the mesh at `[ROOT]`",
                "in the repository of the file",
            ],
        );
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(other.path(), mesh.path().join("out")).unwrap();
        judge(&mesh, "out/a.odcs.yaml", &[], orphan("a"))
            .refuses(2, &["`out/a.odcs.yaml` is outside the mesh"]);
    }
    judge(&mesh, "domains", &[], orphan("a"))
        .refuses(2, &["`--stdin-filename domains` is a folder"]);
}

#[test]
fn dash_and_name_need_each_other_and_exclude_paths() {
    let mesh = mesh();
    let run = |arguments: &[&str]| run_in(&mesh, "", arguments, b"");
    run(&["check", "-"]).refuses(
        2,
        &["standard input, which has no file name", "--stdin-filename"],
    );
    run(&["-"]).refuses(2, &["standard input, which has no file name"]);
    run(&["check", "--stdin-filename", "a.yaml"])
        .refuses(2, &["`--stdin-filename` needs the path `-`"]);
    run(&["check", "-", "domains", "--stdin-filename", "a.yaml"])
        .refuses(2, &["`-` cannot be combined with other paths"]);
    run(&["diff", "HEAD", "HEAD", "-"]).refuses(2, &["`-` replaces a file of the working tree"]);
    run(&["check", "--shard", "1/2", "--outcome", "x", "-"]).refuses(2, &["cannot be used with"]);
}

#[test]
fn binary_and_invalid_text_are_findings_where_they_look_like_manifests() {
    let mesh = mesh();
    let latin = [contract("a").as_bytes(), b"x: caf\xe9\n"].concat();
    let ran = judge(&mesh, "domains/sales/a.odcs.yaml", &JSON, latin);
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        places(&ran),
        ["parse/not-text domains/sales/a.odcs.yaml:11"]
    );
    judge(&mesh, "image.yaml", &[], b"\xff\x00\xfe\x00\x89PNG")
        .refuses(3, &["is not a manifest of a known format"]);
    let broken = judge(
        &mesh,
        "domains/sales/a.odcs.yaml",
        &JSON,
        contract("a") + "x: [\n",
    );
    assert_eq!(broken.code, Some(2));
    assert!(places(&broken)[0].starts_with("parse/syntax-error domains/sales/a.odcs.yaml"));
}

#[test]
fn a_hundred_megabytes_are_refused_without_being_read() {
    let mesh = mesh();
    let arguments = [
        "check",
        "-",
        "--stdin-filename",
        "domains/sales/a.odcs.yaml",
    ];
    let mut child = start(&mesh, "", &arguments);
    let mut input = child.stdin.take().unwrap();
    let block = vec![b'x'; 1024 * 1024];
    input.write_all(contract("a").as_bytes()).unwrap();
    let taken = (0..100)
        .take_while(|_| input.write_all(&block).is_ok())
        .count();
    drop(input);
    let ran = ran(&child.wait_with_output().unwrap(), &mesh.path());
    ran.says(
        2,
        &[
            "error[discover/too-large]: text is over the limit of 8388608 bytes",
            "domains/sales/a.odcs.yaml",
        ],
    );
    // The pipe holds a little beyond what was read.
    assert!(taken < 12, "{taken} MiB were taken");
    // What was not read may have the marks of a manifest.
    let data = judge(&mesh, "data.yaml", &[], "x".repeat(9 * 1024 * 1024));
    data.says(2, &["error[discover/too-large]", "data.yaml"]);
}
