//! A document that two formats take for theirs: a finding that names both, and no green run.

use govcheck::config::Config;
use govcheck::policy::Pack;
use govcheck::policy::source::{PackFile, PackSource};

use crate::mesh::{TODAY, judge, memory, write_place};

fn format(name: &str) -> PackFile {
    let text = format!(
        "format: {name}\ntitle: {name}\nrecognise: {{all: [{{path: thing, exists: true}}]}}\n\
         entities: [{{kind: contract, key: id, fields: {{id: thing}}}}]\n"
    );
    let path = format!("formats/{name}.yaml");
    PackFile { path, text }
}

#[test]
fn a_document_of_two_formats_is_of_neither_and_names_both() {
    let source = PackSource {
        name: "house".to_owned(),
        files: vec![format("one"), format("two")],
        ..PackSource::default()
    };
    let pack = Pack::load(vec![source], &|_| true).unwrap();
    let files = memory([("a.yaml", "# first\nthing: x\n"), ("b.yaml", "other: x\n")]);
    let report = judge(&files, &pack, &Config::default(), TODAY);
    assert!(report.incomplete);
    let [finding] = report.findings.as_slice() else {
        panic!("{:?}", report.findings)
    };
    assert_eq!(finding.rule.as_str(), "parse/ambiguous-format");
    assert_eq!(
        finding.message,
        "document matches several formats: `one` (house/formats/one.yaml) and `two` (house/formats/two.yaml)"
    );
    assert!(write_place(finding.location.as_ref().unwrap()).starts_with("a.yaml:2:1-"));
    assert_eq!(report.counts.files, 1);
}

#[test]
fn two_formats_of_one_name_are_refused() {
    let source = |name: &str| PackSource {
        name: name.to_owned(),
        files: vec![format("one")],
        ..PackSource::default()
    };
    let error = Pack::load(vec![source("a"), source("b")], &|_| true);
    let error = error.err().unwrap().to_string();
    assert_eq!(
        error,
        "b/formats/one.yaml:1:1: format `one` is already defined in `a/formats/one.yaml`"
    );
}
