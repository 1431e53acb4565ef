//! JUnit under the schema of Jenkins' xUnit plugin. The schema is not part of this project: `GOVCHECK_JUNIT_XSD` names the file,
//! `junit-10.xsd` of github.com/jenkinsci/xunit-plugin; without it, or without `xmllint`, nothing is validated.

use std::process::{Command, Stdio};

use super::{Mesh, orphan};

/// Validates a report; says on standard output if there is nothing to validate with.
fn validate(report: &str) {
    let has_xmllint = Command::new("xmllint")
        .arg("--version")
        .stderr(Stdio::null())
        .status();
    let (Ok(schema), Ok(_)) = (std::env::var("GOVCHECK_JUNIT_XSD"), has_xmllint) else {
        println!("skipped: `GOVCHECK_JUNIT_XSD` is not set, or there is no `xmllint`");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.xml");
    std::fs::write(&file, report).unwrap();
    let told = Command::new("xmllint")
        .args(["--noout", "--schema", &schema])
        .arg(&file)
        .output()
        .unwrap();
    let why = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{why}\n{report}");
}

/// Attributes of an element that the schema knows.
fn known(element: &str) -> &'static [&'static str] {
    match element {
        "testsuites" => &["name", "time", "tests", "failures", "errors"],
        "testsuite" => &[
            "name",
            "tests",
            "failures",
            "errors",
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
            "version",
        ],
        "testcase" => &["name", "time", "classname", "group"],
        "failure" | "error" | "skipped" => &["type", "message"],
        _ => &[],
    }
}

/// The part of the schema that a report is most likely to break: which attributes an element has.
fn check_attributes(report: &str) {
    for tag in report
        .split('<')
        .skip(2)
        .filter(|tag| !tag.starts_with('/'))
    {
        let tag = tag.split('>').next().unwrap().trim_end_matches('/');
        let (element, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        // Names are before `="`, values have no quotes in them.
        for name in attributes
            .split("=\"")
            .filter_map(|part| part.rsplit([' ', '"']).next())
        {
            let is_name = !name.is_empty() && attributes.contains(&format!("{name}=\""));
            assert!(
                !is_name || known(element).contains(&name),
                "{element} {name}: {tag}"
            );
        }
    }
}

#[test]
fn reports_are_valid_for_jenkins_and_keep_file_and_line() {
    let mesh = Mesh::sound();
    mesh.file("b.odcs.yaml", orphan("b"))
        .file("register.yaml", super::REGISTER)
        .file(
            "c.odcs.yaml",
            "apiVersion: v3.1.0\nkind: DataContract\nid: [\n",
        );
    let report = mesh.run(&["--format", "junit"]).out;
    assert!(report.contains("file=\"b.odcs.yaml\""), "{report}");
    assert!(report.contains("message=\"line 10: "), "{report}");
    assert!(report.contains("b.odcs.yaml:10:14: error"), "{report}");
    check_attributes(&report);
    validate(&report);
    let mesh = Mesh::with_rule(
        "house/named",
        "deny contains {\"message\": \"x\", \"at\": [\"id\"]} if input.id",
    );
    mesh.file(
        "pack/house/named_test.rego",
        "package govcheck.house.named_test\n\ntest_two if 1 == 2\n\ntodo_test_three if true\n",
    );
    let report = mesh
        .run(&["policy", "test", "pack", "--format", "junit"])
        .out;
    assert!(report.contains("message=\"line 3: "), "{report}");
    check_attributes(&report);
    validate(&report);
}
