//! Shards: parts of a run put together say what one run says, byte for byte; parts that don't belong together are refused.

use crate::cli::{Mesh, REGISTER, Ran, contract, orphan};

/// A mesh with findings of entity and of mesh rules, a waiver comment, and an unreadable file.
fn mesh() -> Mesh {
    let mesh = Mesh::git();
    mesh.file("governance/register.yaml", REGISTER)
        .file(
            "dbt/dbt_project.yml",
            "name: shop\nversion: 1.0.0\nmodels:\n  shop:\n    +group: nobody\n",
        )
        .file(
            "dbt/models/m.yml",
            "version: 2\nmodels:\n  - name: m\n    columns: [{name: x}]\n",
        )
        .file(
            "c.odcs.yaml",
            format!(
                "# govcheck: allow ownership/unknown-team until 2020-01-01 -- x\n{}",
                orphan("c")
            ),
        );
    for number in 0..6 {
        mesh.file(&format!("domains/o{number}.odcs.yaml"), orphan("o"));
    }
    commit(&mesh);
    mesh
}

fn commit(mesh: &Mesh) {
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "x", "--allow-empty"]);
}

/// Judges a shard into `<out>/<number>.bin`.
fn shard(mesh: &Mesh, out: &str, number: usize, of: usize, more: &[&str]) -> Ran {
    let (shard, file) = (format!("{number}/{of}"), format!("{out}/{number}.bin"));
    let own = ["check", "--shard", &shard, "--outcome", &file];
    mesh.run(&[&own, more].concat())
}

/// A folder for parts, outside the mesh.
fn outside() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

fn merge(mesh: &Mesh, out: &str, numbers: &[usize], more: &[&str]) -> Ran {
    let parts: Vec<String> = numbers
        .iter()
        .map(|number| format!("{out}/{number}.bin"))
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    mesh.run(&[&["merge"], parts.as_slice(), more].concat())
}

#[test]
fn shards_put_together_say_what_one_run_says() {
    let mesh = mesh();
    let (_keep, out) = outside();
    let mut files = 0;
    for number in 1..=3 {
        let ran = shard(&mesh, &out, number, 3, &["--no-cache"]);
        ran.says(0, &[&format!("shard {number}/3: "), " of 10 files"]);
        let told = ran.out.split(' ').nth(2).unwrap();
        files += told.parse::<usize>().unwrap();
    }
    assert_eq!(files, 10, "each file falls to one shard");
    for more in [
        &["--format", "json"][..],
        &["--format", "sarif-audit"],
        &["--verbose"],
    ] {
        let one = mesh.run(&[more, &["--no-cache"]].concat());
        // In any order.
        assert_eq!(merge(&mesh, &out, &[2, 3, 1], more), one);
    }
}

#[test]
fn a_base_is_given_when_shards_are_put_together() {
    let mesh = mesh();
    mesh.file("domains/o1.odcs.yaml", contract("o"));
    mesh.file("domains/new.odcs.yaml", orphan("new"));
    let (_keep, out) = outside();
    shard(&mesh, &out, 1, 2, &["--base", "HEAD"]).refuses(
        2,
        &["a shard cannot be compared with a base", "`govcheck merge`"],
    );
    for number in [1, 2] {
        shard(&mesh, &out, number, 2, &[]).says(0, &[]);
    }
    let more = ["--base", "HEAD", "--format", "json"];
    assert_eq!(merge(&mesh, &out, &[1, 2], &more), mesh.run(&more));
    // And of a revision, which need not be checked out.
    commit(&mesh);
    mesh.file("domains/o2.odcs.yaml", "kind: [");
    for number in [1, 2] {
        shard(&mesh, &out, number, 2, &["--head", "HEAD"]).says(0, &[]);
    }
    let more = ["--head", "HEAD", "--format", "json"];
    assert_eq!(merge(&mesh, &out, &[1, 2], &more), mesh.run(&more));
    merge(&mesh, &out, &[1, 2], &[])
        .refuses(2, &["`domains/o2.odcs.yaml`", "changed after the shards"]);
}

#[test]
fn a_shard_that_could_not_judge_says_so_and_the_whole_does_too() {
    let mesh = mesh();
    mesh.file(
        "broken.odcs.yaml",
        "kind: DataContract\napiVersion: v3.1.0\nid: [",
    );
    let (_keep, out) = outside();
    let codes = [1, 2].map(|number| shard(&mesh, &out, number, 2, &[]).code);
    assert!(
        codes.contains(&Some(2)) && codes.contains(&Some(0)),
        "{codes:?}"
    );
    let one = mesh.run(&["--format", "json"]);
    assert_eq!(one.code, Some(2));
    assert_eq!(merge(&mesh, &out, &[1, 2], &["--format", "json"]), one);
}

#[test]
fn missing_and_double_shards_are_named() {
    let mesh = mesh();
    let (_keep, out) = outside();
    for number in 1..=4 {
        shard(&mesh, &out, number, 4, &[]);
    }
    merge(&mesh, &out, &[2, 4], &[]).refuses(2, &["missing shards: `1/4`, `3/4`"]);
    merge(&mesh, &out, &[1, 2, 3, 4, 2], &[]).refuses(2, &["shard 2/4 is given twice", "2.bin"]);
    shard(&mesh, &out, 1, 2, &[]);
    merge(&mesh, &out, &[2, 3, 4, 1], &[]).refuses(
        2,
        &["1.bin` is one of 2 shards, but other parts are one of 4"],
    );
}

#[test]
fn parts_of_another_run_are_refused_with_what_differs() {
    let mesh = mesh();
    let (_keep, out) = outside();
    let both = |more: &[&str]| {
        shard(&mesh, &out, 1, 2, more);
        shard(&mesh, &out, 2, 2, more);
    };
    both(&["--today", "2027-01-01"]);
    merge(&mesh, &out, &[1, 2], &[]).refuses(
        2,
        &["part of another run, with a different date", "--today"],
    );
    let parts = mesh.run(&["--today", "2027-01-01"]);
    assert_eq!(
        merge(&mesh, &out, &[1, 2], &["--today", "2027-01-01"]),
        parts
    );
    both(&[]);
    mesh.file(
        "pack/kpi/x.rego",
        crate::cli::rule(
            "kpi/x",
            "deny contains {\"message\": \"m\", \"at\": []} if false",
        ),
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [pack]\nlayout: \"{domain}/**\"\n",
    );
    let refused = merge(&mesh, &out, &[1, 2], &[]);
    refused.refuses(
        2,
        &["with a different set of packs, set of options, layout or enabled rules"],
    );
    both(&[]);
    // The config is a file of the mesh, too; a change of levels shows there.
    let config = "version: 1\npacks: [pack]\nlayout: \"{domain}/**\"\nrules: {ownership: note}\n";
    mesh.file("govcheck.yaml", config);
    merge(&mesh, &out, &[1, 2], &[]).refuses(2, &["`govcheck.yaml`", "changed after the shards"]);
    mesh.file("more.odcs.yaml", contract("more"));
    merge(&mesh, &out, &[1, 2], &[])
        .refuses(2, &["1.bin` is part of a run on a different set of files"]);
}

#[test]
fn other_files_are_refused_as_parts() {
    let mesh = mesh();
    let (_keep, out) = outside();
    shard(&mesh, &out, 1, 1, &[]);
    merge(&mesh, &out, &[2], &[]).refuses(2, &["2.bin`: cannot read", "--shard K/N"]);
    let part = std::path::Path::new(&out).join("1.bin");
    let bytes = std::fs::read(&part).unwrap();
    for bad in [
        &b"not of this world"[..],
        &[],
        &bytes[..bytes.len() - 40],
        &bytes[1..],
    ] {
        std::fs::write(&part, bad).unwrap();
        merge(&mesh, &out, &[1], &[])
            .refuses(2, &["1.bin`: the file is damaged or was not written by"]);
    }
    for wrong in ["0/2", "3/2", "1", "a/b", "1/99999"] {
        let ran = mesh.run(&["check", "--shard", wrong, "--outcome", "x.bin"]);
        ran.refuses(2, &["such as `3/16`"]);
    }
    mesh.run(&["check", "--shard", "1/2"])
        .refuses(2, &["--outcome"]);
    let nowhere = mesh.run(&["check", "--shard", "1/2", "--outcome", "no/folder/x.bin"]);
    nowhere.refuses(2, &["cannot write to `no/folder/x.bin`"]);
}

#[test]
fn an_outcome_that_was_damaged_is_not_taken_for_none() {
    let mesh = mesh();
    let (_keep, out) = outside();
    shard(&mesh, &out, 1, 1, &[]);
    let part = std::path::Path::new(&out).join("1.bin");
    let one = mesh.run(&["-f", "json"]);
    let mut bytes = std::fs::read(&part).unwrap();
    let at = bytes
        .windows(6)
        .position(|window| window == b"nobody")
        .unwrap();
    bytes[at] = b'N';
    std::fs::write(&part, bytes).unwrap();
    // The checksum differs, so the file is judged here.
    assert_eq!(merge(&mesh, &out, &[1], &["-f", "json"]), one);
}
