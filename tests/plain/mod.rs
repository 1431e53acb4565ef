//! Plain policies from outside: conftest's contract, with the verdicts that conftest 0.71 gives, and the places that it
//! does not.

mod contract;
mod input;
mod places;
mod refusals;
mod trace;

use super::cli::Mesh;

/// A folder with one policy and one document.
pub(crate) fn judged(policy: &str, document: &str) -> Mesh {
    let mesh = Mesh::git();
    mesh.file("policy/main.rego", policy);
    mesh.file("doc.yaml", document);
    mesh
}

/// The report of a run as JSON.
pub(crate) fn report(mesh: &Mesh, arguments: &[&str]) -> (Option<i32>, serde_json::Value) {
    let ran = mesh.run(&[arguments, &["--format", "json"]].concat());
    let report = serde_json::from_str(&ran.out);
    let report = report.unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err));
    (ran.code, report)
}

/// The findings of a run as `rule level message`, with the exit code.
pub(crate) fn verdicts(mesh: &Mesh, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let (code, report) = report(mesh, arguments);
    let text = |finding: &serde_json::Value, name: &str| match &finding[name] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let shown = |finding: &serde_json::Value| {
        let excepted = match finding.pointer("/suppression/kind") {
            Some(kind) => format!(" [{}]", kind.as_str().unwrap()),
            None => String::new(),
        };
        let (rule, level, message) = (
            text(finding, "rule"),
            text(finding, "level"),
            text(finding, "message"),
        );
        format!("{rule} {level} {message}{excepted}")
    };
    let mut all: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(shown)
        .collect();
    all.sort();
    (code, all)
}
