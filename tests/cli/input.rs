//! Bad input: what a repository can hold. Whatever it is, the rest is judged, and nothing passes silently.

use super::{Mesh, contract, orphan};

#[test]
fn broken_yaml_in_one_of_a_thousand_files_leaves_the_others_judged() {
    let mesh = Mesh::git();
    for number in 0..999 {
        mesh.file(
            &format!("d/{number}.odcs.yaml"),
            contract(&format!("c{number}")),
        );
    }
    mesh.file("d/500.odcs.yaml", orphan("c500"));
    mesh.file("register.yaml", super::REGISTER);
    mesh.file("d/broken.odcs.yaml", contract("x") + "tags: [a, {b\n");
    let (code, found) = mesh.findings(&[]);
    assert_eq!(code, Some(2));
    assert_eq!(
        found,
        [
            "ownership/unknown-team d/500.odcs.yaml:10:14",
            "parse/syntax-error d/broken.odcs.yaml:11:11"
        ]
    );
}

#[test]
fn a_template_is_skipped_unless_it_looks_like_a_manifest() {
    const TEMPLATE: &str = "values: {% if a %}\n  - {{ b }}\n{% endif %}\n";
    let mesh = Mesh::sound();
    mesh.file("chart/templates/t.yaml", TEMPLATE);
    mesh.run(&["--verbose"]).says(
        0,
        &[
            "skipped: chart/templates/t.yaml (not a manifest)\n",
            "All good",
        ],
    );
    mesh.file("t.yaml", format!("kind: DataContract\n{TEMPLATE}"));
    mesh.file("u.odcs.yaml", TEMPLATE);
    let (code, found) = mesh.findings(&[]);
    assert_eq!(code, Some(0));
    assert_eq!(
        found,
        [
            "parse/template t.yaml:2:9",
            "parse/template u.odcs.yaml:1:9"
        ]
    );
}

#[test]
fn ten_thousand_levels_are_refused_at_the_first_too_many() {
    let mesh = Mesh::sound();
    let flow = "[".repeat(10_000) + &"]".repeat(10_000);
    mesh.file("flow.yaml", format!("kind: DataContract\na: {flow}\n"));
    let lines: Vec<String> = (0..10_000)
        .map(|depth| " ".repeat(depth.min(2_000)) + "- ")
        .collect();
    mesh.file(
        "dashes.yaml",
        format!("kind: DataContract\na:\n {}\n", lines[0].repeat(10_000)),
    );
    mesh.file("data.yaml", format!("a: {flow}\n"));
    let (code, found) = mesh.findings(&[]);
    assert_eq!(code, Some(2));
    assert_eq!(
        found,
        [
            "parse/too-deep dashes.yaml:3:256",
            "parse/too-deep flow.yaml:2:259"
        ]
    );
}

#[test]
fn an_alias_bomb_is_refused_where_it_goes_off() {
    let mesh = Mesh::sound();
    let mut bomb = "kind: DataContract\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let uses = vec![format!("*a{}", level - 1); 10].join(",");
        bomb += &format!("a{level}: &a{level} [{uses}]\n");
    }
    mesh.file("bomb.yaml", bomb);
    let ran = mesh.run(&[]);
    ran.says(
        2,
        &[
            "error[parse/alias-bomb]",
            "bomb.yaml:6:",
            "the check is incomplete",
        ],
    );
}

#[test]
fn a_huge_file_is_not_read_but_reported_if_it_looks_like_a_manifest() {
    let mesh = Mesh::sound();
    for (path, head) in [
        ("big.yaml", contract("big")),
        ("data.json", "[1,\n".to_owned()),
    ] {
        mesh.file(path, head);
        let file = std::fs::File::options()
            .write(true)
            .open(mesh.path().join(path))
            .unwrap();
        file.set_len(80 * 1024 * 1024).unwrap();
    }
    mesh.run(&["--verbose"]).says(
        2,
        &[
            "skipped: data.json",
            "error[discover/too-large]: file has 83886080 bytes",
            "at: big.yaml",
            "`exclude`",
        ],
    );
}

#[test]
fn nul_and_invalid_utf8_are_reported_with_their_place() {
    let mesh = Mesh::sound();
    mesh.file("nul.odcs.yaml", contract("n") + "x: \0\n");
    mesh.file(
        "latin.yaml",
        [contract("l").as_bytes(), b"x: caf\xe9\n"].concat(),
    );
    mesh.file("image.yaml", b"\xff\x00\xfe\x00\x89PNG");
    let (code, found) = mesh.findings(&[]);
    assert_eq!(code, Some(2));
    assert_eq!(
        found,
        [
            "parse/not-text latin.yaml:11:7",
            "parse/not-text nul.odcs.yaml:11:4"
        ]
    );
}

#[test]
fn a_folder_named_like_a_file_is_a_folder() {
    let mesh = Mesh::git();
    mesh.file("x.yaml/a.odcs.yaml", contract("a"));
    mesh.run(&[]).says(0, &["1 entity in 1 file"]);
}

#[test]
fn a_number_that_would_take_forever_to_compute_costs_nothing() {
    let mesh = Mesh::with_rule(
        "house/x",
        "deny contains {\"message\": \"seen\", \"at\": []} if input.document.price",
    );
    mesh.file("a.odcs.yaml", contract("a") + "price: 1e9999999999\n");
    mesh.run(&[]).says(1, &["error[house/x]: seen"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::super::{Mesh, contract, ran};

    #[test]
    fn links_out_of_the_root_are_reported_and_not_followed() {
        let outside = Mesh::plain();
        outside.file("b.odcs.yaml", contract("b"));
        let mesh = Mesh::sound();
        symlink(outside.path(), mesh.path().join("out")).unwrap();
        symlink(
            outside.path().join("b.odcs.yaml"),
            mesh.path().join("b.odcs.yaml"),
        )
        .unwrap();
        symlink("nowhere", mesh.path().join("c.odcs.yaml")).unwrap();
        let (code, found) = mesh.findings(&[]);
        assert_eq!(code, Some(0));
        assert_eq!(
            found,
            [
                "discover/link-leaves-root b.odcs.yaml:1:1",
                "discover/broken-link c.odcs.yaml:1:1",
                "discover/link-leaves-root out:1:1"
            ]
        );
    }

    #[test]
    fn a_name_that_is_not_utf8_is_a_finding() {
        let mesh = Mesh::sound();
        let name = std::ffi::OsStr::from_bytes(b"b\xff.odcs.yaml");
        if std::fs::write(mesh.path().join(name), contract("b")).is_err() {
            return; // Some file systems have no such names.
        }
        mesh.run(&[])
            .says(2, &["error[discover/name-not-utf8]", "b\u{fffd}.odcs.yaml"]);
    }

    /// As root nothing is unreadable: then the test runs as nobody, and where it can't, it says so and ends.
    #[test]
    fn what_may_not_be_read_is_a_finding() {
        let mesh = Mesh::sound();
        mesh.file("closed/b.odcs.yaml", contract("b"));
        mesh.file("c.odcs.yaml", contract("c"));
        let mode = |path: &str, mode: u32| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(mesh.path().join(path), mode).unwrap();
        };
        mode("", 0o755);
        mode("closed", 0o000);
        mode("c.odcs.yaml", 0o000);
        let root = std::fs::read_dir(mesh.path().join("closed")).is_ok();
        let mut command = mesh.command(&[]);
        if root {
            command = Command::new("setpriv");
            command
                .args([
                    "--reuid",
                    "65534",
                    "--clear-groups",
                    env!("CARGO_BIN_EXE_govcheck"),
                ])
                .current_dir(mesh.path())
                .env("HOME", mesh.path());
        }
        let output = command.output();
        mode("closed", 0o755);
        let Ok(output) = output.filter_runnable(root) else {
            return eprintln!("skipped: root reads everything, and can't become nobody here");
        };
        ran(&output, &mesh.path()).says(
            2,
            &[
                "error[discover/unreadable-folder]",
                "at: closed:1:1",
                "error[discover/unreadable-file]",
                "at: c.odcs.yaml:1:1",
            ],
        );
    }

    trait Runnable {
        fn filter_runnable(self, as_nobody: bool) -> Result<std::process::Output, ()>;
    }

    impl Runnable for std::io::Result<std::process::Output> {
        fn filter_runnable(self, as_nobody: bool) -> Result<std::process::Output, ()> {
            match self {
                Ok(output)
                    if !as_nobody
                        || output
                            .status
                            .code()
                            .is_some_and(|code| code < 100 && !output.stdout.is_empty()) =>
                {
                    Ok(output)
                }
                _ => Err(()),
            }
        }
    }
}
