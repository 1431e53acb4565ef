//! Two declarations with one key, as two dbt projects with a source or a model of the same name have them: what is known of
//! one is not known of the other, unless the one has become the other.

use std::fs;

use crate::chance::Chance;
use crate::cli::{Mesh, REGISTER};

const RULE: &str = "ownership/unknown-team";

/// A model of a project: its owner is unknown unless it is `sales-data`.
fn models(owners: &[(&str, &str)]) -> String {
    let mut text = "version: 2\nmodels:\n".to_owned();
    for (name, owner) in owners {
        text.push_str(&format!(
            "  - name: {name}\n    description: Orders of the shops of {name}.\n    config: {{meta: {{owner: {owner}}}}}\n"
        ));
    }
    text
}

const CONFIG: &str =
    "version: 1\nrules: {discovery/duplicate-id: off, trust/no-quality-rule: off}\n";

fn mesh() -> Mesh {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("govcheck.yaml", CONFIG);
    mesh
}

fn commit(mesh: &Mesh) {
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "base", "--allow-empty"]);
}

/// The unknown teams that count, as `file against`.
fn open(mesh: &Mesh, arguments: &[&str]) -> Vec<String> {
    let ran = mesh.run(&[arguments, &["--format", "json", "--today", "2026-11-24"]].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err));
    let findings = report["findings"].as_array().unwrap().iter();
    let open = findings.filter(|it| it["rule"] == RULE && it["suppression"].is_null());
    open.map(|it| {
        let against = it["against"].as_str().unwrap_or("-");
        format!("{} {against}", it["file"].as_str().unwrap())
    })
    .collect()
}

const P1: &str = "p1/models/s.yml";
const P2: &str = "p2/models/s.yml";

#[test]
fn a_baseline_entry_of_one_project_is_not_one_of_another() {
    for other in [P2, "a0/models/s.yml"] {
        let mesh = mesh();
        mesh.file(P1, models(&[("orders", "nobody")]));
        mesh.run(&["baseline", "write"]).says(0, &["wrote"]);
        assert!(open(&mesh, &[]).is_empty());
        mesh.file(other, models(&[("orders", "nobody")]));
        assert_eq!(open(&mesh, &[]), [format!("{other} -")], "both are there");
        mesh.file(P1, models(&[("orders", "sales-data")]));
        assert_eq!(
            open(&mesh, &[]),
            [format!("{other} -")],
            "one is mended, the other new"
        );
        mesh.run(&["baseline", "write"])
            .refuses(2, &["would grow by 1", other]);
        fs::remove_file(mesh.path().join(P1)).unwrap();
        assert!(
            open(&mesh, &[]).is_empty(),
            "the old place is gone: it has moved"
        );
    }
}

#[test]
fn a_baseline_of_two_projects_keeps_both_apart_when_one_is_corrected() {
    for (mended, left) in [(P1, P2), (P2, P1)] {
        let mesh = mesh();
        mesh.file(P1, models(&[("orders", "nobody")]))
            .file(P2, models(&[("orders", "nobody")]));
        mesh.run(&["baseline", "write"]).says(0, &["2 entries"]);
        mesh.file(mended, models(&[("orders", "sales-data")]));
        assert!(open(&mesh, &[]).is_empty());
        mesh.run(&["baseline", "prune"])
            .says(0, &["1 entry, 1 removed"]);
        mesh.run(&["baseline", "write"]).says(0, &["1 entry"]);
        let text = fs::read_to_string(mesh.path().join("governance/baseline.json")).unwrap();
        assert!(text.contains(left) && !text.contains(mended), "{text}");
        fs::remove_file(mesh.path().join(mended)).unwrap();
        assert!(open(&mesh, &[]).is_empty(), "alone, it is the same still");
        let moved = left.replace("s.yml", "other.yml");
        fs::rename(mesh.path().join(left), mesh.path().join(&moved)).unwrap();
        assert!(open(&mesh, &[]).is_empty(), "it moves with its entry");
    }
}

/// An entry as earlier releases wrote it: by number where two have one key.
#[test]
fn numbered_entries_of_an_earlier_release_still_match_in_their_place() {
    use sha2::{Digest, Sha256};
    let entry = |number: usize, file: &str| {
        let identity = format!("{RULE}\0contract:orders\0owner.team\0\0{number}");
        let hash = Sha256::digest(identity.as_bytes());
        let hash: String = hash
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("\"{hash}\": \"{RULE} contract:orders owner.team in {file}\",\n")
    };
    let mesh = mesh();
    mesh.file(P1, models(&[("orders", "nobody")]));
    mesh.run(&["baseline", "write"]).says(0, &["1 entry"]);
    let path = mesh.path().join("governance/baseline.json");
    let written = fs::read_to_string(&path).unwrap();
    let (one, two) = (entry(0, P1), entry(1, P2));
    assert!(written.contains(&one), "{one} {written}");
    fs::write(&path, written.replace(&one, &format!("{one}{two}"))).unwrap();
    mesh.file(P2, models(&[("orders", "nobody")]));
    assert!(open(&mesh, &[]).is_empty());
    mesh.file(P1, models(&[("orders", "sales-data")]));
    assert!(
        open(&mesh, &[]).is_empty(),
        "that of the second project is its own"
    );
}

#[test]
fn a_finding_of_one_project_is_new_though_the_other_had_it() {
    // The newcomer comes after the other by path, or before it.
    for other in [P2, "a0/models/s.yml"] {
        let mesh = mesh();
        mesh.file(P1, models(&[("orders", "nobody")]));
        commit(&mesh);
        mesh.file(P1, models(&[("orders", "sales-data")]))
            .file(other, models(&[("orders", "nobody")]));
        assert_eq!(open(&mesh, &["--base", "HEAD"]), [format!("{other} new")]);
        commit(&mesh);
        mesh.file(P1, models(&[("orders", "nobody")]));
        let mut found = open(&mesh, &["--base", "HEAD"]);
        found.sort();
        let mut expected = [format!("{P1} new"), format!("{other} unchanged")];
        expected.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_waiver_does_not_reach_another_declaration_that_a_change_adds() {
    let mesh = mesh();
    mesh.file("govcheck.yaml", format!("{CONFIG}waivers: w.yaml\n"));
    let waiver = |more: &str| {
        format!(
            "version: 1\nwaivers:\n  - {{rule: {RULE}, entity: 'contract:orders', reason: r, owner: o, expires: 2027-03-01{more}}}\n"
        )
    };
    mesh.file("w.yaml", waiver(""));
    mesh.file(P1, models(&[("orders", "nobody")]));
    commit(&mesh);
    let against = ["--base", "HEAD"];
    mesh.file(P2, models(&[("orders", "nobody")]));
    assert_eq!(open(&mesh, &against), [format!("{P2} new")]);
    fs::remove_file(mesh.path().join(P1)).unwrap();
    assert!(open(&mesh, &against).is_empty(), "it has moved");
    mesh.file(P1, models(&[("orders", "nobody")]));
    mesh.file("w.yaml", waiver(", path: 'p2/**'"));
    assert_eq!(
        open(&mesh, &against),
        [format!("{P1} new")],
        "a path says which one is meant"
    );
}

/// Edits that keep what both projects say: to other files, lines and orders. Nothing is new, and nothing leaves the baseline.
#[test]
fn moves_of_two_projects_with_equal_names_change_nothing() {
    let names = ["orders", "returns", "visits"];
    let mesh = mesh();
    // Of each project: its file, and the owner of each model.
    let mut projects: Vec<(String, Vec<(&str, &str)>)> = Vec::new();
    let mut chance = Chance(20_261_129);
    for (number, file) in [P1, P2].into_iter().enumerate() {
        let owners = names.iter().enumerate().map(|(at, name)| {
            let owner = if (at + number) % 2 == 0 {
                "nobody"
            } else {
                "sales-data"
            };
            (*name, owner)
        });
        projects.push((file.to_owned(), owners.collect()));
        mesh.file(file, models(&projects[number].1));
    }
    mesh.run(&["baseline", "write"]).says(0, &["wrote"]);
    commit(&mesh);
    let mut done = String::new();
    for step in 0..12 {
        let which = chance.below(2);
        let (file, owners) = &mut projects[which];
        let kind = chance.below(3);
        match kind {
            0 => {
                let to = format!("p{}/models/moved-{step}.yml", which + 1);
                fs::remove_file(mesh.path().join(&*file)).unwrap();
                *file = to;
            }
            1 => owners.rotate_left(1 + chance.below(2)),
            _ => {}
        }
        let lines = "# a line\n".repeat(chance.below(4));
        mesh.file(file, format!("{lines}{}", models(owners)));
        done.push_str(&format!("{kind} of p{}; ", which + 1));
        assert_eq!(open(&mesh, &[]), [""; 0], "the baseline after {done}");
        let ran = mesh.run(&["--base", "HEAD", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let new = report["findings"].as_array().unwrap().iter();
        let new: Vec<_> = new.filter(|it| it["against"] == "new").collect();
        let fixed = report["comparison"]["fixed"].as_array().unwrap();
        assert!(
            new.is_empty() && fixed.is_empty(),
            "{done}: {new:?} {fixed:?}"
        );
    }
}
