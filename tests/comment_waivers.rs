//! Comment waivers under `--policies-from`: in force where that revision waives the same rule for the same part of the same
//! entity, wherever the change moves it, and nowhere else.

use crate::cli::Mesh;

const COMMENT: &str =
    "# govcheck: allow security/unclassified-column until 2027-03-01 by ok -- agreed";
const AGAINST: [&str; 6] = [
    "--base",
    "HEAD",
    "--policies-from",
    "HEAD",
    "--today",
    "2026-11-24",
];
const REGISTER: &str = "apiVersion: govcheck/v1\nkind: Register\nteams: [{name: ok}]\ndomains: [{name: s}]\n\
     classifications: [{name: internal, rank: 1}, {name: secret, rank: 2}]\n";

/// A contract with one table, whose columns are these lines.
fn contract(id: &str, columns: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: {id}\nname: {id}\nversion: 1.0.0\nstatus: active\ndomain: s\nteam: {{name: ok}}\nschema:\n  - name: t\n    properties:\n"
    );
    for line in columns {
        text.push_str(&format!("      {line}\n"));
    }
    text
}

const A: &str = "- {name: a, logicalType: string, classification: secret}";
const B: &str = "- {name: b, logicalType: string}";
const C: &str = "- {name: c, logicalType: string}";

/// A repository with these files committed as the base.
fn base(files: &[(&str, String)]) -> Mesh {
    let mesh = Mesh::git();
    mesh.file("r.register.yaml", REGISTER).file(
        "govcheck.yaml",
        "version: 1\nrules: {security/unclassified-column: {inline: true}}\n",
    );
    for (path, text) in files {
        mesh.file(path, text);
    }
    commit(&mesh);
    mesh
}

fn commit(mesh: &Mesh) {
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "base"]);
}

/// The places of unclassified columns that count, and whether a note says that a comment is not in force.
fn counted(mesh: &Mesh) -> (Vec<String>, bool) {
    let ran = mesh.run(&[&AGAINST[..], &["--format", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err));
    let findings = report["findings"].as_array().unwrap();
    let of = |rule: &'static str| {
        findings
            .iter()
            .filter(move |finding| finding["rule"] == rule)
    };
    let open =
        of("security/unclassified-column").filter(|finding| finding["suppression"].is_null());
    let places = open.map(|finding| {
        format!(
            "{}:{}",
            finding["file"].as_str().unwrap(),
            finding["start"]["line"]
        )
    });
    let noted = of("waivers/not-in-force").next().is_some();
    (places.collect(), noted)
}

fn commented_b() -> Mesh {
    base(&[("a.odcs.yaml", contract("a", &[A, COMMENT, B]))])
}

#[test]
fn a_comment_follows_its_column_to_another_line_order_and_file() {
    let mesh = commented_b();
    assert_eq!(counted(&mesh), (vec![], false));
    let moved = format!("# two\n# lines\n{}", contract("a", &[COMMENT, B, A]));
    mesh.file("a.odcs.yaml", &moved);
    assert_eq!(counted(&mesh), (vec![], false), "another line and order");
    std::fs::remove_file(mesh.path().join("a.odcs.yaml")).unwrap();
    mesh.file("other/b.odcs.yaml", &moved);
    assert_eq!(counted(&mesh), (vec![], false), "another file");
}

#[test]
fn a_comment_that_is_moved_or_copied_waives_nothing_there() {
    let heads: [(&str, &[&str], Vec<&str>); 4] = [
        (
            "to another column",
            &[A, B, COMMENT, C],
            vec!["a.odcs.yaml:13", "a.odcs.yaml:15"],
        ),
        (
            "as a copy",
            &[A, COMMENT, B, COMMENT, C],
            vec!["a.odcs.yaml:16"],
        ),
        (
            "to the line of another",
            &[A, COMMENT, B, &format!("{C} {COMMENT}")],
            vec!["a.odcs.yaml:15"],
        ),
        (
            "to a column of the same name",
            &[A, COMMENT, B, COMMENT, B],
            vec!["a.odcs.yaml:16"],
        ),
    ];
    for (name, columns, open) in heads {
        let mesh = commented_b();
        mesh.file("a.odcs.yaml", contract("a", columns));
        assert_eq!(counted(&mesh).0, open, "{name}");
        assert!(counted(&mesh).1, "{name}: a note says why");
    }
    let mesh = commented_b();
    mesh.file(
        "a.odcs.yaml",
        format!("{COMMENT}\n{}", contract("a", &[A, B, C])),
    );
    let (open, noted) = counted(&mesh);
    assert!(
        noted && !open.is_empty(),
        "to the head of the document: {open:?}"
    );
    let mesh = commented_b();
    mesh.file("b.odcs.yaml", contract("b", &[A, COMMENT, B]));
    assert_eq!(
        counted(&mesh),
        (vec!["b.odcs.yaml:14".to_owned()], true),
        "to another contract"
    );
}

#[test]
fn a_comment_above_a_list_waives_items_added_later() {
    let above = |columns: &[&str]| {
        contract("a", columns).replace(
            "    properties:",
            &format!("    {COMMENT}\n    properties:"),
        )
    };
    let mesh = base(&[("a.odcs.yaml", above(&[A, B]))]);
    mesh.file("a.odcs.yaml", above(&[A, B, C]));
    assert_eq!(counted(&mesh), (vec![], false));
}

#[test]
fn an_edited_reason_keeps_the_terms_of_the_base() {
    let mesh = commented_b();
    let edited = COMMENT
        .replace("agreed", "agreed again")
        .replace("by ok ", "");
    mesh.file("a.odcs.yaml", contract("a", &[A, &edited, B]));
    assert_eq!(counted(&mesh), (vec![], true));
    let later = COMMENT.replace("2027-03-01", "2027-05-01");
    mesh.file("a.odcs.yaml", contract("a", &[A, &later, B]));
    assert_eq!(counted(&mesh), (vec![], true));
    let ran = mesh.run(&["waivers", "--format", "json"]);
    assert!(ran.out.contains("2027-05-01"), "the tree alone has its own");
}

#[test]
fn a_change_cannot_prolong_a_comment() {
    let over = COMMENT.replace("2027-03-01", "2026-11-01");
    let mesh = base(&[("a.odcs.yaml", contract("a", &[A, &over, B]))]);
    mesh.file("a.odcs.yaml", contract("a", &[A, COMMENT, B, C]));
    assert_eq!(
        counted(&mesh).0,
        ["a.odcs.yaml:14", "a.odcs.yaml:15"],
        "the base's comment has expired"
    );
}

#[test]
fn of_two_contracts_with_one_id_a_comment_waives_its_own() {
    let one = contract("a", &[A, COMMENT, B]);
    let mesh = base(&[("p1/a.odcs.yaml", one.clone())]);
    mesh.file("p2/a.odcs.yaml", one.replace("version: 1", "version: 2"));
    assert_eq!(counted(&mesh).0, ["p2/a.odcs.yaml:14"]);
    mesh.file("p1/a.odcs.yaml", contract("x", &[A]));
    assert_eq!(
        counted(&mesh).0,
        Vec::<String>::new(),
        "the old place is gone: it has moved"
    );
}

#[test]
fn a_comment_at_the_head_of_a_file_waives_the_entities_that_the_base_has_there() {
    let model = |name: &str| {
        format!(
            "  - name: {name}\n    config: {{meta: {{owner: ok}}}}\n    columns: [{{name: id}}]\n"
        )
    };
    let file = |models: &[&str]| {
        let models: String = models.iter().map(|name| model(name)).collect();
        format!("{COMMENT}\nversion: 2\nmodels:\n{models}")
    };
    let mesh = base(&[("m/s.yml", file(&["one", "two"]))]);
    mesh.file("m/s.yml", file(&["two", "three", "one"]));
    let (open, noted) = counted(&mesh);
    assert_eq!((open.len(), noted), (1, true), "{open:?}");
}
