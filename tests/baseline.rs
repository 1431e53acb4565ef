//! The baseline from outside: `govcheck baseline write` and `prune`, merges, and what is wrong in the file.

use crate::cli::{Mesh, REGISTER, contract, orphan};

const FILE: &str = "governance/baseline.json";

/// Contracts with one finding each, adopted.
fn adopted(ids: &[&str]) -> Mesh {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER);
    for id in ids {
        mesh.file(&format!("{id}.odcs.yaml"), orphan(id));
    }
    mesh.run(&["baseline", "write"]).says(
        0,
        &["wrote  governance/baseline.json", "wrote  govcheck.yaml"],
    );
    mesh
}

fn text(mesh: &Mesh) -> String {
    std::fs::read_to_string(mesh.path().join(FILE)).unwrap()
}

#[test]
fn only_new_findings_count() {
    let mesh = adopted(&["a", "b"]);
    assert_eq!(mesh.run(&[]).code, Some(0));
    mesh.file("c.odcs.yaml", orphan("c"));
    assert_eq!(mesh.run(&[]).code, Some(1));
    mesh.git_command(&["add", "."]);
    std::fs::rename(
        mesh.path().join("a.odcs.yaml"),
        mesh.path().join("moved.odcs.yaml"),
    )
    .unwrap();
    std::fs::remove_file(mesh.path().join("c.odcs.yaml")).unwrap();
    mesh.file("b.odcs.yaml", format!("# a line more\n\n{}", orphan("b")));
    assert_eq!(
        mesh.run(&[]).code,
        Some(0),
        "a file that moves, a line that moves"
    );
}

#[test]
fn the_file_has_a_line_an_entry_sorted_and_written_alike() {
    let mesh = adopted(&["b", "a"]);
    let first = text(&mesh);
    let entries: Vec<&str> = first
        .lines()
        .filter(|line| line.contains("ownership"))
        .collect();
    assert_eq!(entries.len(), 2);
    assert!(
        entries.is_sorted() && entries.iter().all(|line| line.ends_with("\",")),
        "{first}"
    );
    assert!(
        first.contains("ownership/unknown-team contract:a owner.team in a.odcs.yaml"),
        "{first}"
    );
    let value: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(value["version"], 1);
    mesh.run(&["baseline", "write"])
        .says(0, &["2 entries, 0 removed, 0 added"]);
    assert_eq!(text(&mesh), first);
}

#[test]
fn two_branches_that_take_in_and_out_merge_without_a_conflict() {
    let mesh = adopted(&["a", "b", "c", "d", "e", "f"]);
    let commit = |message: &str| {
        mesh.git_command(&["add", "."]);
        mesh.git_command(&["commit", "-qm", message]);
    };
    commit("adopt");
    mesh.git_command(&["checkout", "-qb", "other"]);
    // Its identity sorts last.
    let last = text(&mesh)
        .lines()
        .rev()
        .find_map(|line| line.split("contract:").nth(1)?.chars().next())
        .unwrap();
    mesh.file(&format!("{last}.odcs.yaml"), contract(&last.to_string()));
    mesh.run(&["baseline", "prune"])
        .says(0, &["5 entries, 1 removed"]);
    commit("mend");
    mesh.git_command(&["checkout", "-q", "-"]);
    let first = text(&mesh)
        .lines()
        .find_map(|line| line.split("contract:").nth(1)?.chars().next())
        .unwrap();
    mesh.file(&format!("{first}.odcs.yaml"), contract(&first.to_string()));
    mesh.run(&["baseline", "prune"])
        .says(0, &["5 entries, 1 removed"]);
    commit("mend another");
    mesh.git_command(&["merge", "-q", "--no-edit", "other"]);
    let (code, found) = mesh.findings(&[]);
    let gone = found.iter().any(|line| line.starts_with("baseline/"));
    assert_eq!(
        (code, gone, text(&mesh).lines().count()),
        (Some(0), false, 10),
        "four entries are left, each of them matched"
    );
}

#[test]
fn a_baseline_may_only_become_less() {
    let mesh = adopted(&["a"]);
    mesh.file("b.odcs.yaml", orphan("b"));
    let before = text(&mesh);
    mesh.run(&["baseline", "write"]).refuses(
        2,
        &[
            "would grow by 1",
            "contract:b owner.team in b.odcs.yaml",
            "--allow-growth",
        ],
    );
    mesh.run(&["baseline", "write", "--allow-growth", "--dry-run"])
        .says(
            0,
            &["would write governance/baseline.json: 2 entries, 0 removed, 1 added"],
        );
    assert_eq!(text(&mesh), before);
    mesh.run(&["baseline", "write", "--allow-growth"])
        .says(0, &["2 entries"]);
    assert_eq!(mesh.run(&[]).code, Some(0));
    mesh.file("b.odcs.yaml", contract("b"));
    mesh.run(&["baseline", "write"])
        .says(0, &["1 entry, 1 removed, 0 added"]);
    assert_eq!(text(&mesh), before);
}

#[test]
fn entries_that_nothing_matches_are_one_finding_and_pruned() {
    let mesh = adopted(&["a", "b", "c"]);
    mesh.file("a.odcs.yaml", contract("a"))
        .file("b.odcs.yaml", contract("b"));
    let ran = mesh.run(&["--fail-on", "note"]);
    ran.says(
        1,
        &[
            "baseline/gone",
            "2 baseline entries no longer match a finding",
            "contract:a owner.team",
        ],
    );
    let found = mesh.findings(&[]).1;
    let told: Vec<&String> = found
        .iter()
        .filter(|line| line.starts_with("baseline/"))
        .collect();
    assert_eq!(told.len(), 1);
    let line = text(&mesh)
        .lines()
        .position(|line| line.contains("contract:a") || line.contains("contract:b"))
        .unwrap();
    assert_eq!(*told[0], format!("baseline/gone {FILE}:{}:1", line + 1));
    mesh.run(&["baseline", "prune", "--dry-run"])
        .says(0, &["would write", "2 removed"]);
    mesh.run(&["baseline", "prune"])
        .says(0, &["1 entry, 2 removed, 0 added"]);
    assert!(!mesh.run(&[]).out.contains("baseline/gone"));
}

#[test]
fn an_entry_is_gone_only_for_runs_that_can_know() {
    let mesh = adopted(&["a", "b"]);
    mesh.file("b.odcs.yaml", "kind: DataContract\nid: [");
    assert!(!mesh.run(&[]).out.contains("baseline/gone"));
    mesh.run(&["baseline", "prune"])
        .refuses(2, &["the check is incomplete"]);
    mesh.run(&["baseline", "write"])
        .says(0, &["2 entries, 0 removed", "could not be checked"]);
    assert_eq!(
        mesh.run(&[]).code,
        Some(2),
        "what could not be checked is in no baseline"
    );
    mesh.file("b.odcs.yaml", orphan("b"));
    let off = format!("version: 1\nbaseline: {FILE}\nrules: {{ownership: off}}\n");
    mesh.file("govcheck.yaml", off);
    assert!(
        !mesh.run(&[]).out.contains("baseline/gone"),
        "the rule is off"
    );
    mesh.run(&["baseline", "prune"])
        .says(0, &["2 entries, 0 removed"]);
    mesh.run(&["baseline", "write"])
        .says(0, &["2 entries, 0 removed"]);
}

#[test]
fn waived_findings_are_not_adopted() {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("a.odcs.yaml", orphan("a"))
        .file("b.odcs.yaml", orphan("b"));
    mesh.file(
        "govcheck.yaml",
        format!("version: 1\nwaivers: w.yaml\nbaseline: {FILE}\n"),
    );
    mesh.run(&[
        "waive",
        "ownership/unknown-team",
        "--entity",
        "contract:a",
        "--until",
        "2026-12-31",
        "--owner",
        "o",
        "--reason",
        "r",
        "--today",
        "2026-11-24",
    ])
    .says(0, &["exempts 1 finding"]);
    let today = ["--today", "2026-11-24"];
    mesh.run(&["baseline", "write", today[0], today[1]])
        .says(0, &["1 entry", "left   1: exempt by waivers"]);
    assert_eq!(mesh.run(&today).code, Some(0));
    assert_eq!(
        mesh.run(&["--today", "2027-01-01"]).code,
        Some(1),
        "the end of the waiver counts"
    );
}

#[test]
fn a_baseline_that_cannot_be_used_is_an_error_at_its_place() {
    let mesh = adopted(&["a"]);
    let good = text(&mesh);
    for (bad, parts) in [
        (
            good.replace("\"version\": 1", "\"version\": 2"),
            [
                "baseline.json:2:12",
                "has version 2, but this govcheck reads version 1",
            ],
        ),
        (
            good.replace("\"version\": 1,", ""),
            ["has no `version`", "restore the file from git"],
        ),
        ("{".to_owned(), ["cannot read", "restore the file from git"]),
        (
            "no baseline".to_owned(),
            ["the file is not a baseline", "restore the file from git"],
        ),
        (
            String::new(),
            ["the file is not a baseline", "restore the file from git"],
        ),
        (
            good.replace("\"end\"", "\"ende\""),
            ["invalid baseline entry", "baseline.json:5:1"],
        ),
    ] {
        mesh.file(FILE, &bad);
        mesh.run(&[]).refuses(2, &parts);
        mesh.run(&["baseline", "write"]).refuses(2, &parts);
        assert_eq!(text(&mesh), bad, "it is left as it is");
    }
    std::fs::remove_file(mesh.path().join(FILE)).unwrap();
    mesh.run(&[]).refuses(
        2,
        &["`governance/baseline.json`, which `govcheck.yaml` names, does not exist"],
    );
    mesh.run(&["baseline", "prune"])
        .refuses(2, &["does not exist"]);
    mesh.run(&["baseline", "write"]).says(0, &["1 entry"]);
}

#[test]
fn a_merge_conflict_is_named_and_write_resolves_it() {
    let mesh = adopted(&["a", "b"]);
    let good = text(&mesh);
    let entry = good
        .lines()
        .find(|line| line.contains("contract:a"))
        .unwrap();
    let conflict = format!("<<<<<<< HEAD\n{entry}\n=======\n>>>>>>> other");
    mesh.file(FILE, good.replace(entry, &conflict));
    mesh.run(&[]).refuses(
        2,
        &[
            "the baseline has an unresolved merge conflict",
            "baseline.json:",
            "`govcheck baseline write`",
        ],
    );
    mesh.run(&["baseline", "write"])
        .says(0, &["2 entries, 0 removed, 0 added"]);
    assert_eq!(text(&mesh), good);
}
