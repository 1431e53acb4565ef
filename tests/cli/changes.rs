//! A change against its base: what is new, what is unchanged, what is fixed, and why.

use serde_json::Value;

use super::{Mesh, REGISTER, contract, orphan};

impl Mesh {
    pub(crate) fn commit(&self, message: &str) -> &Self {
        self.git_command(&["add", "-A"]);
        self.git_command(&["commit", "-qm", message, "--allow-empty"]);
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        std::fs::remove_file(self.path().join(path)).unwrap();
        self
    }

    /// The report as JSON, with the exit code.
    pub(crate) fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let ran = self.run(&[arguments, &["--format", "json"]].concat());
        let report = serde_json::from_str(&ran.out)
            .unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err));
        (ran.code, report)
    }

    /// `new rule file`, with the exit code; fixed ones too.
    pub(crate) fn against(&self, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
        let (code, report) = self.json(arguments);
        let shown = |state: &str, finding: &Value| {
            let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
            format!("{state} {} {}", text("rule"), text("file"))
        };
        let findings = report["findings"].as_array().unwrap().iter();
        let mut all: Vec<String> = findings
            .map(|finding| shown(finding["against"].as_str().unwrap_or("-"), finding))
            .collect();
        let fixed = report.pointer("/comparison/fixed");
        let fixed = fixed.and_then(Value::as_array).into_iter().flatten();
        all.extend(fixed.map(|finding| shown("fixed", finding)));
        all.sort();
        (code, all)
    }
}

/// A repository with one old finding.
fn repository() -> Mesh {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("d/a.odcs.yaml", orphan("a"))
        .file("d/b.odcs.yaml", contract("b"))
        .commit("one");
    mesh
}

#[test]
fn only_what_the_change_broke_fails() {
    let mesh = repository();
    let base = ["--base", "HEAD"];
    let old = "unchanged ownership/unknown-team d/a.odcs.yaml";
    assert_eq!(mesh.against(&base), (Some(0), vec![old.to_owned()]));
    mesh.file("d/b.odcs.yaml", orphan("b"));
    let new = "new ownership/unknown-team d/b.odcs.yaml";
    assert_eq!(
        mesh.against(&base),
        (Some(1), vec![new.to_owned(), old.to_owned()])
    );
    mesh.file("d/a.odcs.yaml", contract("a"));
    let fixed = "fixed ownership/unknown-team d/a.odcs.yaml";
    assert_eq!(
        mesh.against(&base),
        (Some(1), vec![fixed.to_owned(), new.to_owned()])
    );
    // The same between two commits, whatever the working tree holds.
    mesh.commit("two")
        .file("d/a.odcs.yaml", "kind: DataContract\nx: [");
    let two = mesh.against(&["diff", "HEAD~1", "HEAD"]);
    assert_eq!(two, (Some(1), vec![fixed.to_owned(), new.to_owned()]));
    assert_eq!(mesh.against(&["--base", "HEAD~1", "--head", "HEAD"]), two);
}

#[test]
fn a_finding_that_is_gone_with_its_entity_is_not_fixed() {
    let mesh = repository();
    mesh.file("d/c.odcs.yaml", orphan("c"))
        .file("e/p.odps.yaml", product("p", "a"))
        .file("d/broken.odcs.yaml", "kind: DataContract\nid: [\n")
        .commit("two");
    mesh.remove("d/a.odcs.yaml")
        .remove("d/broken.odcs.yaml")
        .file("d/c.odcs.yaml", contract("c"));
    let (_, report) = mesh.json(&["--base", "HEAD"]);
    let counts = &report["counts"];
    assert_eq!(
        (&counts["fixed"], &counts["gone"]),
        (&1.into(), &2.into()),
        "{counts}"
    );
    assert_eq!(report["comparison"]["fixed"][0]["entity"]["id"], "c");
    let removed = report["comparison"]["removed"].as_array().unwrap();
    let shown: Vec<String> = removed
        .iter()
        .map(|one| {
            let text = |key: &str| one["entity"][key].as_str().unwrap().to_owned();
            let gone = one["findings"].as_array().unwrap().len();
            format!(
                "{} {} {} {gone}",
                text("kind"),
                text("id"),
                one["file"].as_str().unwrap()
            )
        })
        .collect();
    let expected = [
        "contract a d/a.odcs.yaml 1",
        "document d/broken.odcs.yaml d/broken.odcs.yaml 1",
    ];
    assert_eq!(shown, expected);
    let human = mesh.run(&["--base", "HEAD"]);
    human.says(
        1,
        &[
            "removed: contract `a` (owner `nobody-here`, domain `sales`) in d/a.odcs.yaml; read directly by product `p`; 1 finding gone with it",
            "1 fixed, 2 gone with removed entities",
        ],
    );
    // An audit keeps all that is gone as absent.
    let audit = mesh.run(&["--base", "HEAD", "--format", "sarif-audit"]);
    assert_eq!(audit.out.matches("\"absent\"").count(), 3);
}

#[test]
fn an_entity_that_moves_to_another_file_is_not_removed() {
    let mesh = repository();
    mesh.remove("d/a.odcs.yaml")
        .file("moved/a.odcs.yaml", contract("a"));
    let (_, report) = mesh.json(&["--base", "HEAD"]);
    assert_eq!(report["comparison"]["removed"], serde_json::json!([]));
    assert_eq!(report["counts"]["fixed"], 1);
}

#[test]
fn annotations_begin_with_the_files_of_the_change() {
    let mesh = repository();
    for number in 0..12 {
        mesh.file(
            &format!("d/p{number:02}.odps.yaml"),
            product(&format!("p{number}"), "b"),
        );
    }
    mesh.commit("two");
    mesh.remove("d/b.odcs.yaml")
        .file("z/new.odcs.yaml", orphan("z"));
    let ran = mesh.run(&["--base", "HEAD", "--format", "github"]);
    let errors: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("::error "))
        .collect();
    assert!(
        errors[0].starts_with("::error file=z/new.odcs.yaml,"),
        "{}",
        ran.out
    );
    let removed = errors
        .iter()
        .filter(|line| line.contains("contract `b`"))
        .count();
    assert_eq!(removed, 1, "one cause, one annotation: {}", ran.out);
    assert!(
        ran.out.contains("more with the same cause: d/p"),
        "{}",
        ran.out
    );
}

#[test]
fn rules_on_changes_are_counted_where_there_is_a_base() {
    let mesh = repository();
    let count = |arguments: &[&str]| mesh.json(arguments).1["counts"]["rules"].as_u64().unwrap();
    assert_eq!(count(&["--base", "HEAD"]), count(&[]) + 7);
}

#[test]
fn a_finding_survives_unrelated_edits() {
    let mesh = repository();
    let unchanged = |mesh: &Mesh, file: &str| {
        let expected = format!("unchanged ownership/unknown-team {file}");
        assert_eq!(mesh.against(&["--base", "HEAD"]), (Some(0), vec![expected]));
    };
    mesh.file("d/a.odcs.yaml", format!("# moved down\n\n{}", orphan("a")));
    unchanged(&mesh, "d/a.odcs.yaml");
    // As Windows checks files out.
    mesh.file("d/a.odcs.yaml", orphan("a").replace('\n', "\r\n"));
    unchanged(&mesh, "d/a.odcs.yaml");
    // Renamed and changed at once, with a name that nobody expects.
    let renamed = "e/it's \"ä\" 数.odcs.yaml";
    mesh.remove("d/a.odcs.yaml").file(
        renamed,
        orphan("a").replace("Daily revenue", "Weekly revenue"),
    );
    unchanged(&mesh, renamed);
    // Moved into a file that declares others too.
    mesh.remove(renamed).file(
        "d/b.odcs.yaml",
        format!("{}---\n{}", contract("b"), orphan("a")),
    );
    unchanged(&mesh, "d/b.odcs.yaml");
}

#[test]
fn findings_identified_by_path_survive_a_rename() {
    let mesh = Mesh::git();
    // It declares nothing, so that nothing but its path says which file it is.
    let broken = format!(
        "kind: DataContract\napiVersion: v9.9.9\n{}",
        "# text\n".repeat(40)
    );
    mesh.file("old.odcs.yaml", &broken).commit("one");
    mesh.remove("old.odcs.yaml")
        .file("sub/new.odcs.yaml", broken.replacen("# text", "# other", 1));
    let (code, found) = mesh.against(&["--base", "HEAD"]);
    assert!(
        !found.is_empty() && found.iter().all(|one| one.starts_with("unchanged ")),
        "{found:?}"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn an_entity_declared_twice_is_new_with_the_second_declaration() {
    let mesh = repository();
    mesh.file("d/c.odcs.yaml", contract("b"));
    let (code, found) = mesh.against(&["--base", "HEAD"]);
    assert_eq!(code, Some(1));
    let new: Vec<&String> = found.iter().filter(|one| one.starts_with("new")).collect();
    assert_eq!(new, ["new discovery/duplicate-id d/c.odcs.yaml"]);
}

fn product(id: &str, reads: &str) -> String {
    format!(
        "apiVersion: v1.0.0\nkind: DataProduct\nid: {id}\nname: {id}\nversion: 1.0.0\nstatus: active\ndomain: sales\n\
         inputPorts:\n  - {{name: in, version: 1.0.0, contractId: {reads}}}\n\
         team: {{name: {id}-team}}\n"
    )
}

#[test]
fn an_effect_in_a_file_of_others_names_the_changed_file() {
    let mesh = repository();
    mesh.file("e/p.odps.yaml", product("p", "b")).commit("two");
    mesh.remove("d/b.odcs.yaml");
    let (code, report) = mesh.json(&["--base", "HEAD"]);
    assert_eq!(code, Some(1));
    let findings = report["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|finding| finding["rule"] == "lineage/unresolved-port")
        .unwrap();
    assert_eq!(
        (&found["against"], &found["file"]),
        (&"new".into(), &"e/p.odps.yaml".into())
    );
    assert_eq!(
        found["related"][0]["message"],
        "`contract:b` is removed here"
    );
    assert_eq!(found["related"][0]["file"], "d/b.odcs.yaml");
    assert_eq!(found["related"][0]["start"]["line"], 3);
    let affected = &report["comparison"]["affected"][0];
    assert_eq!(
        (&affected["entity"]["id"], &affected["owner"]),
        (&"p".into(), &"p-team".into())
    );
}

#[test]
fn affected_consumers_are_those_of_changed_entities_only() {
    let mesh = repository();
    let both = |c: &str| format!("{}---\n{c}", contract("b"));
    mesh.file("d/b.odcs.yaml", both(&contract("c")))
        .file("e/p.odps.yaml", product("p", "b"))
        .file("e/q.odps.yaml", product("q", "c"))
        .commit("two");
    let touched = || -> Vec<String> {
        let (_, report) = mesh.json(&["--base", "HEAD"]);
        let affected = report["comparison"]["affected"].as_array().unwrap().iter();
        affected
            .map(|one| one["entity"]["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let later = contract("c").replace("Daily revenue", "Weekly revenue");
    mesh.file("d/b.odcs.yaml", both(&later));
    assert_eq!(touched(), ["q"]);
    mesh.remove("d/b.odcs.yaml")
        .file("d/moved.odcs.yaml", both(&contract("c")));
    assert_eq!(touched(), Vec::<String>::new());
}

#[test]
fn a_register_that_changes_breaks_files_of_others() {
    let mesh = repository();
    mesh.file(
        "register.yaml",
        REGISTER.replace("sales-data", "sales-core"),
    );
    let (code, report) = mesh.json(&["--base", "HEAD"]);
    assert_eq!(code, Some(1));
    let new: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["against"] == "new" && finding["file"] == "d/b.odcs.yaml")
        .collect();
    assert_eq!(new.len(), 1, "{report:#}");
    assert_eq!(
        new[0]["related"][0]["message"],
        "`team:sales-data` is removed here"
    );
}

#[test]
fn the_report_is_limited_to_changed_files_and_the_mesh_is_not() {
    let mesh = repository();
    mesh.file("d/b.odcs.yaml", orphan("b"));
    let new = "new ownership/unknown-team d/b.odcs.yaml".to_owned();
    assert_eq!(mesh.against(&["--changed"]), (Some(1), vec![new.clone()]));
    assert_eq!(
        mesh.against(&["--changed", "--base", "HEAD"]),
        (Some(1), vec![new])
    );
    // The change breaks a file that it does not touch; the finding on the register itself is in the register.
    let register = REGISTER.replace("- name: sales-data", "- name: sales-core");
    mesh.file("d/b.odcs.yaml", contract("b"))
        .file("register.yaml", register);
    assert_eq!(
        mesh.against(&["--changed"]).0,
        Some(1),
        "the register names an unknown owner"
    );
    assert!(
        mesh.against(&["--changed"])
            .1
            .iter()
            .all(|one| one.ends_with("register.yaml"))
    );
}

const CLASSES: &str = "apiVersion: govcheck/v1\nkind: Register\nclassifications:\n  - {name: public, rank: 0}\n  - {name: secret, rank: 1}\n";

#[test]
fn a_change_can_not_weaken_what_judges_it() {
    let mesh = repository();
    mesh.file("classes.yaml", CLASSES)
        .file("govcheck.yaml", "version: 1\n")
        .commit("two");
    let column = "schema: [{name: t, logicalType: object, description: Rows of t., properties: [{name: x, logicalType: string, \
                  description: Name of x., classification: house, primaryKey: true}]}]\n";
    mesh.file("d/b.odcs.yaml", contract("b") + column)
        .file("d/classes.yaml", CLASSES.replace("public", "house"))
        .file("govcheck.yaml", "version: 1\nrules: {ownership: off}\n");
    let weak = mesh.against(&["--base", "HEAD"]);
    assert!(
        !weak
            .1
            .iter()
            .any(|one| one.contains("unknown-classification")),
        "{weak:?}"
    );
    let (code, found) = mesh.against(&["--base", "HEAD", "--policies-from", "HEAD"]);
    assert_eq!(code, Some(1));
    for expected in [
        "new policies/not-in-force d/classes.yaml",
        "new policies/not-in-force govcheck.yaml",
        "new security/unknown-classification d/b.odcs.yaml",
        "unchanged ownership/unknown-team d/a.odcs.yaml",
    ] {
        assert!(
            found.iter().any(|one| one == expected),
            "no {expected} in {found:#?}"
        );
    }
    mesh.run(&["--base", "HEAD", "--policies-from", "HEAD"])
        .says(1, &["policies of HEAD ("]);
}

#[test]
fn packs_come_from_the_revision_that_judges() {
    let body = "deny contains {\"message\": \"no\", \"at\": [\"id\"]} if input.id";
    let mesh = Mesh::with_rule("house/no", body);
    mesh.commit("one").remove("pack/house/no.rego");
    mesh.file("govcheck.yaml", "version: 1\n")
        .file("z.odcs.yaml", contract("z"));
    let (code, found) = mesh.against(&["--base", "HEAD", "--policies-from", "HEAD"]);
    assert_eq!(code, Some(1));
    assert!(
        found.contains(&"new house/no z.odcs.yaml".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"new policies/not-in-force pack/house/no.rego".to_owned()),
        "{found:?}"
    );
    assert_eq!(mesh.against(&["--base", "HEAD"]).0, Some(0));
}

#[test]
fn an_unclassified_column_is_not_new_because_its_neighbour_was_classified() {
    let mesh = repository();
    let table = |columns: &str| {
        contract("b")
            + &format!(
                "schema: [{{name: t, logicalType: object, description: Rows of t., properties: [{columns}]}}]\n"
            )
    };
    let column = |name: &str, rest: &str| {
        format!("{{name: {name}, logicalType: string, description: Name of {name}., {rest}}}")
    };
    let plain = |name: &str| column(name, "required: true, primaryKey: true");
    mesh.file(
        "d/b.odcs.yaml",
        table(&format!("{}, {}, {}", plain("x"), plain("y"), plain("z"))),
    )
    .commit("two");
    let better = format!(
        "{}, {}, {}",
        plain("x"),
        plain("y"),
        column(
            "z",
            "classification: public, required: true, primaryKey: true"
        )
    );
    mesh.file("d/b.odcs.yaml", table(&better));
    let (code, found) = mesh.against(&["--base", "HEAD"]);
    assert_eq!(code, Some(0), "{found:#?}");
    let of = |state: &str| {
        let line = format!("{state} security/unclassified-column");
        found.iter().filter(|one| one.starts_with(&line)).count()
    };
    assert_eq!(
        (of("unchanged"), of("new"), of("fixed")),
        (2, 0, 0),
        "{found:#?}"
    );
}
