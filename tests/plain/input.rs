//! What is judged: every YAML and JSON file in scope, read as conftest reads it.

use super::{judged, verdicts};

const SHOW: &str = "package main\ndeny contains msg if msg := sprintf(\"%v\", [input])\n";

#[test]
fn each_document_is_an_input_and_of_a_single_list_each_element() {
    let seen = |document: &str| verdicts(&judged(SHOW, document), &["--policy", "policy"]).1;
    assert_eq!(seen("a: 1\n---\na: 2\n").len(), 2);
    assert_eq!(seen("[{a: 1}, {a: 2}, {a: 3}]\n").len(), 3);
    assert_eq!(seen("[1]\n---\n[2]\n").len(), 2);
    assert_eq!(seen("[]\n").len(), 0);
}

#[test]
fn unquoted_values_are_read_by_yaml_1_1() {
    let mesh = judged(SHOW, "on: yes\nmode: 0644\nquoted: \"no\"\n");
    let (_, found) = verdicts(&mesh, &["--policy", "policy"]);
    assert_eq!(
        found,
        ["main/deny error {\"mode\": 420, \"quoted\": \"no\", \"true\": true}"]
    );
}

#[test]
fn files_that_are_no_manifests_are_judged_and_broken_ones_never_pass() {
    let mesh = judged(
        "package main\ndeny contains \"x\" if input.bad\n",
        "fine: 1\n",
    );
    mesh.file("package.json", "{\"bad\": true}");
    mesh.file("charts/broken.yaml", "a: {{ b }}\n c: [\n");
    let (code, found) = mesh.findings(&["--policy", "policy"]);
    assert_eq!(code, Some(2), "{found:?}");
    assert!(
        found.contains(&"main/deny package.json:1:9".to_owned()),
        "{found:?}"
    );
    // Files that are not asked for don't matter.
    let (code, found) = mesh.findings(&["--policy", "policy", "package.json"]);
    assert_eq!((code, found.len()), (Some(1), 1));
}

#[test]
fn configuration_of_govcheck_is_not_input() {
    let mesh = judged(
        "package main\ndeny contains \"x\" if input.version\n",
        "a: 1\n",
    );
    mesh.file("govcheck.yaml", "version: 1\n");
    assert_eq!(
        mesh.findings(&["--policy", "policy"]),
        (Some(0), Vec::new())
    );
}

#[test]
fn a_folder_without_files_is_nothing() {
    let mesh = judged("package main\ndeny contains \"x\" if input.a\n", "");
    std::fs::remove_file(mesh.path().join("doc.yaml")).unwrap();
    let ran = mesh.run(&["--policy", "policy"]);
    ran.refuses(3, &["no YAML or JSON file"]);
}
