//! Ids that a change renames in place: change rules compare the entity with what it was, and it is not listed as removed.

use govcheck::config::Config;
use govcheck::model::finding::Against;
use govcheck::model::report::Report;

use crate::cli::Mesh;
use crate::mesh::{TODAY, builtin, judge_change, memory};

const REGISTER: &str = "apiVersion: govcheck/v1\nkind: Register\nclassifications: [{name: internal, rank: 1}, {name: secret, rank: 2}]\n";

fn change(base: &[(&str, &str)], head: &[(&str, &str)]) -> Report {
    let [base, head] = [base, head].map(|files| {
        let register = [("r.register.yaml", REGISTER)];
        memory(register.into_iter().chain(files.iter().copied()))
    });
    judge_change(Some(&base), &head, &builtin(), &Config::default(), TODAY)
}

/// The findings of rules on changes, `rule entity`, and the entities that were renamed and removed.
fn said(report: &Report) -> (Vec<String>, Vec<String>, Vec<String>) {
    let on_changes = [
        "security/classification-lowered",
        "kpi/formula-changed",
        "interoperability/breaking-change",
        "lifecycle/removed-while-consumed",
    ];
    let findings = report.findings.iter();
    let findings = findings.filter(|finding| on_changes.contains(&finding.rule.as_str()));
    let findings = findings.map(|finding| {
        format!(
            "{} {}",
            finding.rule.name(),
            finding.entity.as_ref().unwrap()
        )
    });
    let comparison = report.comparison.as_ref().unwrap();
    let renamed = comparison.renamed.iter();
    let removed = comparison.removed.iter();
    (
        findings.collect(),
        renamed
            .map(|it| format!("{} > {}", it.from, it.to))
            .collect(),
        removed.map(|it| it.entity.to_string()).collect(),
    )
}

fn contract(id: &str, tier: &str, columns: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: {id}\nname: Orders\nversion: 1.0.0\nstatus: active\ndescription: {{purpose: Orders of all shops by day.}}\nschema:\n  - name: t\n    properties:\n"
    );
    for column in columns {
        text.push_str(&format!(
            "      - {{name: {column}, logicalType: string, classification: {tier}}}\n"
        ));
    }
    text
}

fn kpi(name: &str, label: &str, expression: &str) -> String {
    format!(
        "  - name: {name}\n    label: {label}\n    type: derived\n    description: How {label} develops.\n    config: {{meta: {{owner: shop, unit: EUR, grain: day}}}}\n    type_params: {{expr: {expression}}}\n"
    )
}

fn kpis(kpis: &[String]) -> String {
    format!("version: 2\nmetrics:\n{}", kpis.concat())
}

#[test]
fn a_lowered_classification_is_found_under_a_new_id() {
    let before = contract("a", "secret", &["x", "y"]);
    let now = contract("a2", "internal", &["x", "y"]);
    let report = change(&[("c.odcs.yaml", &before)], &[("c.odcs.yaml", &now)]);
    let (found, renamed, removed) = said(&report);
    assert_eq!(
        found,
        [
            "classification-lowered contract:a2",
            "classification-lowered contract:a2"
        ]
    );
    assert_eq!(renamed, ["contract:a > contract:a2"]);
    assert!(removed.is_empty(), "{removed:?}");
}

#[test]
fn what_the_entity_had_before_is_not_new_under_its_new_id() {
    let before = contract("a", "unheard-of", &["x", "y"]);
    let now = contract("a2", "unheard-of", &["x", "y"]);
    let report = change(&[("c.odcs.yaml", &before)], &[("c.odcs.yaml", &now)]);
    let new = report.findings.iter();
    let new = new.filter(|it| it.against == Some(Against::New));
    let new: Vec<_> = new.filter(|it| it.rule.category() == "security").collect();
    assert!(new.is_empty(), "{new:#?}");
}

#[test]
fn a_changed_formula_is_found_under_a_new_id_among_others() {
    let others = [
        kpi("one", "revenue of shops", "a + b"),
        kpi("two", "costs of goods", "c"),
        kpi("three", "margin in percent", "d / e"),
    ];
    let before = kpis(&others);
    let renamed = kpi("second", "costs of goods", "c - f");
    // In its place; behind the others; beside a new one in front of it.
    let new = kpi("zero", "returns by day", "z");
    let heads = [
        vec![others[0].clone(), renamed.clone(), others[2].clone()],
        vec![others[0].clone(), others[2].clone(), renamed.clone()],
        vec![others[0].clone(), new, renamed, others[2].clone()],
    ];
    for head in heads {
        let now = kpis(&head);
        let report = change(&[("m.yml", &before)], &[("m.yml", &now)]);
        let (found, renamed, removed) = said(&report);
        assert_eq!(found, ["formula-changed kpi:second"]);
        assert_eq!(renamed, ["kpi:two > kpi:second"]);
        assert!(removed.is_empty(), "{removed:?}");
    }
}

#[test]
fn entities_that_merely_share_a_file_are_no_renames() {
    let (one, two) = (
        kpi("one", "revenue of shops", "a + b"),
        kpi("two", "costs of goods", "c"),
    );
    let swapped = change(
        &[("m.yml", &kpis(&[one.clone(), two.clone()]))],
        &[("m.yml", &kpis(&[two.clone(), one.clone()]))],
    );
    assert_eq!(said(&swapped), (vec![], vec![], vec![]));
    let other = kpi("returns", "goods that came back", "r");
    let replaced = change(
        &[("m.yml", &kpis(&[one.clone(), two]))],
        &[("m.yml", &kpis(&[one, other]))],
    );
    assert_eq!(
        said(&replaced),
        (vec![], vec![], vec!["kpi:two".to_owned()])
    );
    let before = contract("a", "secret", &["x", "y"]);
    let now = "apiVersion: v3.1.0\nkind: DataContract\nid: b\nname: Returns\nversion: 1.0.0\nstatus: active\ndescription: {purpose: What customers send back and why.}\nschema:\n  - name: r\n    properties:\n      - {name: reason, logicalType: string, classification: internal}\n";
    let report = change(&[("c.odcs.yaml", &before)], &[("c.odcs.yaml", now)]);
    assert_eq!(
        said(&report),
        (vec![], vec![], vec!["contract:a".to_owned()])
    );
}

#[test]
fn each_of_many_that_get_a_new_id_has_its_own_successor() {
    let names = ["revenue", "costs", "margin", "returns", "visits", "baskets"];
    let all = |prefix: &str| -> Vec<String> {
        let each = names.iter().map(|name| {
            kpi(
                &format!("{prefix}{name}"),
                &format!("the {name} of shops"),
                name,
            )
        });
        each.collect()
    };
    let before = kpis(&all("old_"));
    let mut head = all("new_");
    head.reverse();
    let now = kpis(&head);
    let report = change(&[("m.yml", &before)], &[("m.yml", &now)]);
    let renamed = said(&report).1;
    assert_eq!(renamed.len(), names.len());
    for name in names {
        assert!(
            renamed.contains(&format!("kpi:old_{name} > kpi:new_{name}")),
            "{renamed:?}"
        );
    }
}

#[test]
fn consumers_that_read_the_old_id_still_break() {
    let before = contract("a", "secret", &["x", "y"]);
    let now = contract("a2", "secret", &["x", "y"]);
    let reader = "apiVersion: v1.0.0\nkind: DataProduct\nid: r\nversion: 1.0.0\nstatus: active\ninputPorts: [{name: o, contractId: a}]\n";
    let report = change(
        &[("c.odcs.yaml", &before), ("r.odps.yaml", reader)],
        &[("c.odcs.yaml", &now), ("r.odps.yaml", reader)],
    );
    let (found, renamed, _) = said(&report);
    assert_eq!(found, ["removed-while-consumed product:r"]);
    assert_eq!(renamed, ["contract:a > contract:a2"]);
}

#[test]
fn a_rename_of_file_and_id_at_once_is_recognised_and_reported() {
    let mesh = Mesh::git();
    mesh.file("r.register.yaml", REGISTER)
        .file("old.odcs.yaml", contract("a", "secret", &["x", "y"]));
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "base"]);
    std::fs::remove_file(mesh.path().join("old.odcs.yaml")).unwrap();
    mesh.file("new.odcs.yaml", contract("a2", "internal", &["x", "y"]));
    mesh.run(&["--base", "HEAD"]).says(
        1,
        &[
            "security/classification-lowered",
            "contract `a` → `a2` in new.odcs.yaml",
        ],
    );
}

#[test]
fn an_entity_known_by_its_path_is_compared_through_a_rename() {
    let mesh = Mesh::git();
    let nameless = |tier| contract("a", tier, &["x", "y"]).replace("id: a\n", "");
    mesh.file("r.register.yaml", REGISTER).file(
        "old.odcs.yaml",
        format!("{}# {}\n", nameless("secret"), "same ".repeat(200)),
    );
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "base"]);
    std::fs::remove_file(mesh.path().join("old.odcs.yaml")).unwrap();
    mesh.file(
        "new.odcs.yaml",
        format!("{}# {}\n", nameless("internal"), "same ".repeat(200)),
    );
    let ran = mesh.run(&["--base", "HEAD"]);
    ran.says(1, &["security/classification-lowered"]);
    assert!(
        !ran.out.contains("renamed"),
        "its id follows the file: {}",
        ran.out
    );
}
