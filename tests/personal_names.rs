//! How well a name says that a column holds personal data: measured on names of public schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::cli::Mesh;

type Column = (String, String);

/// Labelled columns, as table and name.
fn labelled() -> BTreeMap<Column, bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("fixtures/column-names/labelled.tsv")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        let column = (cells[1].to_owned(), cells[0].to_owned());
        (column, cells.get(2) == Some(&"personal"))
    })
    .collect()
}

/// One contract with a table for each table of the list.
fn contract(columns: &BTreeMap<Column, bool>) -> String {
    let mut text = "apiVersion: v3.1.0\nkind: DataContract\nid: names\nversion: 1.0.0\nstatus: active\nschema:\n".to_owned();
    let mut last = "";
    for (table, name) in columns.keys() {
        if table != last {
            text.push_str(&format!("  - name: {table}\n    properties:\n"));
            last = table;
        }
        text.push_str(&format!("      - name: {name}\n"));
    }
    text
}

#[test]
fn personal_names_are_found_and_others_are_not() {
    let columns = labelled();
    assert!(columns.len() >= 600, "{}", columns.len());
    let mesh = Mesh::git();
    mesh.file("names.odcs.yaml", contract(&columns));
    let rule = "security/unmarked-personal-data";
    let ran = mesh.run(&["--no-cache", "--select", rule, "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let found: BTreeSet<Column> = findings
        .map(|finding| {
            let message = finding["message"].as_str().unwrap();
            let named: Vec<&str> = message.split('`').collect();
            (named[3].to_owned(), named[1].to_owned())
        })
        .collect();
    let personal: BTreeSet<Column> = columns
        .iter()
        .filter(|(_, is_personal)| **is_personal)
        .map(|(column, _)| column.clone())
        .collect();
    let wrong: Vec<&Column> = found.difference(&personal).collect();
    let missed: Vec<&Column> = personal.difference(&found).collect();
    let right = (found.len() - wrong.len()) as f64;
    let (precision, recall) = (right / found.len() as f64, right / personal.len() as f64);
    println!("precision {precision:.3}, recall {recall:.3}\nwrong: {wrong:?}\nmissed: {missed:?}");
    assert!(precision >= 0.98, "precision {precision:.3}: {wrong:?}");
    assert!(recall >= 0.9, "recall {recall:.3}: {missed:?}");
}
