//! `govcheck check`: paths, options, exit codes.

use super::{Mesh, REGISTER, contract, orphan};

fn two_domains() -> Mesh {
    let mesh = Mesh::git();
    mesh.file("governance/register.yaml", REGISTER)
        .file("domains/sales/a.odcs.yaml", orphan("a"))
        .file("domains/sales/c.odcs.yaml", contract("c"))
        .file("domains/hr/b.odcs.yaml", orphan("b"));
    mesh
}

#[test]
fn bare_govcheck_is_check() {
    let mesh = two_domains();
    let bare = mesh.run(&[]);
    bare.says(1, &["2 errors in 2 of 4 files"]);
    assert_eq!(bare, mesh.run(&["check"]));
}

#[test]
fn a_folder_is_reported_on_with_the_whole_mesh_known() {
    let mesh = two_domains();
    let (code, found) = mesh.findings(&["domains/sales"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        found,
        ["ownership/unknown-team domains/sales/a.odcs.yaml:10:14"]
    );
    assert_eq!(
        mesh.findings(&["domains/sales/c.odcs.yaml"]),
        (Some(0), vec![])
    );
    let (_, both) = mesh.findings(&["domains/hr/../sales", "domains/hr/b.odcs.yaml"]);
    assert_eq!(both.len(), 2);
    assert_eq!(mesh.findings(&[".", "domains/hr"]).1.len(), 2);
}

#[test]
fn a_folder_of_a_broken_mesh_says_that_the_mesh_is_not_whole() {
    let mesh = two_domains();
    mesh.file("governance/broken.register.yaml", "teams: [\n");
    let (code, found) = mesh.findings(&["domains/sales"]);
    assert_eq!(code, Some(2));
    assert!(
        found
            .iter()
            .any(|finding| finding.starts_with("parse/syntax-error governance/")),
        "{found:?}"
    );
}

#[test]
fn from_a_subfolder_the_whole_mesh_is_judged_and_paths_are_relative_to_it() {
    let mesh = two_domains();
    mesh.run_in("domains", &["-q"])
        .says(1, &["2 errors in 2 of 4 files"]);
    let ran = mesh.run_in("domains", &["hr"]);
    ran.says(1, &["domains/hr/b.odcs.yaml", "1 error in 1 of 4 files"]);
}

#[test]
fn without_manifests_the_exit_code_is_three() {
    let mesh = Mesh::git();
    mesh.file("notes.yaml", "a: 1\n");
    let ran = mesh.run(&[]);
    ran.refuses(
        3,
        &[
            "no manifests found in `[ROOT]`",
            "Open Data Contract Standard",
            "--allow-empty",
        ],
    );
    ran.says(3, &["no manifests found: nothing was checked"]);
    let allowed = mesh.run(&["--allow-empty"]);
    allowed.says(0, &["no manifests found"]);
    assert_eq!(allowed.err, "");
}

#[test]
fn a_folder_without_manifests_is_not_all_good() {
    let mesh = two_domains();
    mesh.file("empty/notes.md", "");
    let ran = mesh.run(&["empty"]);
    ran.refuses(3, &["no manifests found in `[ROOT]/empty`"]);
    assert!(!ran.out.contains("All good"), "{}", ran.out);
}

#[test]
fn a_path_that_is_not_there_names_the_nearest() {
    let mesh = two_domains();
    mesh.run(&["domains/sale"]).refuses(
        2,
        &["`domains/sale` does not exist", "did you mean `sales`?"],
    );
    mesh.run(&["explan"]).refuses(
        2,
        &[
            "`explan` does not exist",
            "did you mean the subcommand `govcheck explain`?",
        ],
    );
    mesh.run(&["zzzzzzz"])
        .refuses(2, &["`zzzzzzz` does not exist", "govcheck --help"]);
    mesh.run(&["domains", "zzzzzzz"])
        .refuses(2, &["`zzzzzzz` does not exist"]);
}

#[test]
fn a_path_outside_the_mesh_is_refused() {
    let (mesh, other) = (two_domains(), Mesh::sound());
    let outside = other.path().display().to_string();
    mesh.run(&["domains", &outside]).refuses(
        2,
        &[
            "is outside the mesh at `[ROOT]`",
            "once for each repository",
        ],
    );
}

#[test]
fn quiet_is_the_last_line_and_verbose_lists_skipped_files() {
    let mesh = two_domains();
    mesh.file("notes.yaml", "a: 1\n");
    mesh.run(&["-q"])
        .says(1, &["2 errors in 2 of 4 files · 5 entities"]);
    assert!(mesh.run(&["-q"]).out.lines().count() <= 2);
    mesh.run(&[]).says(
        1,
        &["1 file skipped (not a manifest): `--verbose` lists it"],
    );
    mesh.run(&["--verbose"])
        .says(1, &["skipped: notes.yaml (not a manifest)\n"]);
}

#[test]
fn options_that_make_no_sense_say_what_would() {
    let mesh = Mesh::sound();
    let known = "[possible values: human, concise, grouped, json, sarif, sarif-audit, github";
    mesh.run(&["--format", "xml"])
        .refuses(2, &["invalid value 'xml' for '--format <FORMAT>'", known]);
    mesh.run(&["--output", "xml=x"]).refuses(
        2,
        &["invalid value 'xml' for '--output <FORMAT=FILE>'", known],
    );
    mesh.run(&["--format", "ritlab"])
        .refuses(2, &["a similar value exists: 'gitlab'"]);
    mesh.run(&["--output", "jsno=x"])
        .refuses(2, &["a similar value exists: 'json'"]);
    mesh.run(&["--output", "sarif"])
        .refuses(2, &["write FORMAT=FILE, for example sarif=govcheck.sarif"]);
    mesh.run(&["--output", "sarif="])
        .refuses(2, &["a file is missing"]);
    mesh.run(&["--format", "json", "--output", "sarif=-"])
        .refuses(2, &["two formats would go to standard output"]);
    mesh.run(&["--fail-on", "fatal"])
        .refuses(2, &["error, warning, note, never"]);
    mesh.run(&["--today", "2026-13-01"])
        .refuses(2, &["write a day as YYYY-MM-DD"]);
    mesh.run(&["--nope"])
        .refuses(2, &["unexpected argument '--nope'", "Usage: govcheck"]);
}
