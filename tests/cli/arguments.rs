//! `govcheck check`: paths in the mesh, from subfolders and outside. Options and exit codes are in `transcripts`.

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
