//! What is kept of the pack in the binary says what the pack says: a copy of it, which nothing is known of, is read,
//! checked and compiled, and finds the same.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::Mesh;

const OF_REPOSITORY: &str = "version: 1\nlayout: \"domains/{domain}/{product}/**\"\nexclude: [\"**/pipeline/**\", \"copied/**\"]\n";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The retail fixture with a change on top, and a copy of the pack in it.
fn retail() -> Mesh {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mesh = Mesh::git();
    copy(&root.join("fixtures/retail"), &mesh.path());
    copy(&root.join("policies"), &mesh.path().join("copied"));
    mesh.commit("one");
    let mut contracts = Vec::new();
    fs_files(&mesh.path().join("domains"), &mut contracts);
    for file in contracts {
        let text = fs::read_to_string(&file).unwrap();
        // Types, tiers and names change, versions do not.
        let text = text
            .replace("string", "integer")
            .replace("confidential", "internal");
        fs::write(file, text).unwrap();
    }
    mesh
}

fn fs_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fs_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(path);
        }
    }
}

/// What a run finds, against its base, by the pack in the binary or by its copy.
fn found(mesh: &Mesh, packs: &str, rules: &str) -> Value {
    let config = format!(
        "{OF_REPOSITORY}{packs}\nrules:\n  definitions/unresolved-term:\n    options: {{hosts: [glossary.velmora.example]}}\n{rules}"
    );
    mesh.file("govcheck.yaml", config);
    let (code, mut report) = mesh.json(&["--base", "HEAD", "--no-cache"]);
    assert_eq!(code, Some(1));
    report["findings"].take()
}

#[track_caller]
fn the_copy_finds_the_same(rules: &str) {
    let mesh = retail();
    let known = found(&mesh, "packs: [\"governance/policies\"]", rules);
    let read = found(
        &mesh,
        "builtin: false\npacks: [copied, \"governance/policies\"]",
        rules,
    );
    let count = known.as_array().unwrap().len();
    assert!(count > 100, "{count}");
    let read: Value = serde_json::from_str(&read.to_string()).unwrap();
    for (known, read) in known
        .as_array()
        .unwrap()
        .iter()
        .zip(read.as_array().unwrap())
    {
        assert_eq!(known, read);
    }
    assert_eq!(known, read);
}

#[test]
fn a_copy_of_the_pack_finds_the_same() {
    the_copy_finds_the_same("");
}

#[test]
fn a_copy_of_the_pack_finds_the_same_where_rules_are_off() {
    the_copy_finds_the_same(
        "  documentation/placeholder-text: off\n  ownership/unknown-team: off\n  security/unclassified-column: off\n  interoperability/breaking-change: off\n  lineage/cycle: off\n",
    );
}
