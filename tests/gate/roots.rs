//! Root, config and scope come from the tree of the base.

use super::Pull;
use crate::cli::{Ran, contract, orphan};

/// A mesh in a folder of the repository, by whose config unknown teams are errors; `off` is what a change writes elsewhere.
fn sub_mesh() -> Pull {
    let good = contract("a");
    Pull::new(&[
        ("mesh/govcheck.yaml", "version: 1\n"),
        ("mesh/register.yaml", crate::cli::REGISTER),
        ("mesh/domains/s/a.odcs.yaml", &good),
    ])
}

const OFF: &str = "version: 1\nrules: {ownership: off}\n";

fn in_both_ways(pull: &Pull, folder: &str, arguments: &[&str], check: impl Fn(&Ran)) {
    check(&pull.judge_in(folder, arguments));
    check(&pull.judge_commit(folder, arguments));
}

#[test]
fn a_deleted_config_does_not_move_the_root() {
    let pull = sub_mesh();
    pull.file("mesh/domains/s/b.odcs.yaml", orphan("b"))
        .file("govcheck.yaml", OFF)
        .remove("mesh/govcheck.yaml");
    in_both_ways(&pull, "mesh", &[], |ran| {
        ran.says(1, &["nobody-here"]);
    });
}

#[test]
fn a_new_config_or_a_misnamed_one_in_a_named_path_does_not_move_the_root() {
    for name in [
        "govcheck.yaml",
        "govcheck.yml",
        ".govcheck.yaml",
        "govcheck.toml",
    ] {
        let pull = Pull::sound();
        pull.file("domains/s/b.odcs.yaml", orphan("b"))
            .file(&format!("domains/s/{name}"), OFF);
        in_both_ways(&pull, ".", &["domains/s"], |ran| {
            ran.says(1, &["nobody-here"]);
        });
        in_both_ways(&pull, "domains/s", &[], |ran| {
            ran.says(1, &["nobody-here"]);
        });
    }
}

#[test]
fn without_a_revision_that_judges_the_nearest_config_is_the_one_of_the_working_tree() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .file("domains/s/govcheck.yaml", OFF);
    pull.mesh.run_in("domains/s", &["--no-cache"]).says(0, &[]);
}

#[test]
#[cfg(unix)]
fn a_path_that_is_a_link_in_the_head_is_an_error() {
    use std::os::unix::fs::symlink;
    let pull = Pull::sound();
    pull.file("domains/z/c.odcs.yaml", contract("c"))
        .commit("a folder more");
    pull.mesh.git_command(&["branch", "--force", "base"]);
    pull.file("domains/s2/b.odcs.yaml", orphan("b"))
        .remove("domains/s");
    symlink("z", pull.mesh.path().join("domains/s")).unwrap();
    in_both_ways(&pull, ".", &["domains/s"], |ran| {
        ran.refuses(2, &["`domains/s` is a symbolic link", "--policies-from"]);
    });
    // Also where a folder on the way is the link.
    in_both_ways(&pull, ".", &["domains/s/c.odcs.yaml"], |ran| {
        assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    });
}

#[test]
fn a_path_with_dots_stays_what_it_names() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b"));
    pull.judge_in("domains", &["./s/../s"])
        .says(1, &["nobody-here"]);
    pull.judge_in("domains/s", &["../.."])
        .says(1, &["nobody-here"]);
    pull.judge(&["register.yaml"]).says(0, &[]);
}
