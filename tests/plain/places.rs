//! Places without the author's help: shapes of rules, each with the text that it must point at between `«` and `»`, and
//! how sure that is.

use super::{judged, report};

/// Takes the markers out of a document: the text without them, and each place as `line:from-to`, 1-based.
fn unmark(marked: &str) -> (String, Vec<String>) {
    let (mut text, mut expected) = (String::new(), Vec::new());
    let (mut line, mut column, mut start) = (1, 1, 0);
    for char in marked.chars() {
        match char {
            '«' => start = column,
            '»' => expected.push(format!("{line}:{start}-{column}")),
            '\n' => {
                (line, column) = (line + 1, 1);
                text.push(char);
            }
            other => {
                column += 1;
                text.push(other);
            }
        }
    }
    (text, expected)
}

#[track_caller]
fn points(policy: &str, marked: &str, certainty: &str) {
    let (document, expected) = unmark(marked);
    let mesh = judged(&format!("package main\n{policy}\n"), &document);
    let (_, report) = report(&mesh, &["--policy", "policy"]);
    let shown = |finding: &serde_json::Value| {
        let number = |pointer: &str| finding.pointer(pointer).unwrap().to_string();
        let (line, from, to) = (
            number("/start/line"),
            number("/start/column"),
            number("/end/column"),
        );
        assert_eq!(finding["certainty"], certainty, "{policy}\n{finding:#}");
        format!("{line}:{from}-{to}")
    };
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(shown)
        .collect();
    assert_eq!(found, expected, "{policy}\n{document}\n{report:#}");
    assert!(!found.is_empty(), "{policy}");
}

#[test]
fn a_missing_field_of_an_element_is_at_the_element() {
    points(
        "deny contains msg if {\n\tsome c in input.containers\n\tnot c.limits\n\tmsg := sprintf(\"%s has no limits\", [c.name])\n}",
        "containers:\n  - name: a\n    limits: 1\n  - «name»: b\n    image: x\n",
        "exact",
    );
}

#[test]
fn a_wrong_value_is_at_the_value() {
    let policy = "deny contains \"too few\" if input.spec.replicas < 2";
    points(policy, "spec:\n  replicas: «1»\n", "exact");
}

#[test]
fn a_wildcard_finds_each_of_its_elements() {
    points(
        "deny contains msg if {\n\timage := input.containers[_].image\n\tendswith(image, \":latest\")\n\tmsg := sprintf(\"%s is not pinned\", [image])\n}",
        "containers:\n  - image: a:1\n  - image: «b:latest»\n  - image: «c:latest»\n",
        "exact",
    );
}

#[test]
fn an_index_finds_its_element() {
    points(
        "deny contains msg if {\n\tsome i\n\tinput.columns[i].type == \"blob\"\n\tmsg := sprintf(\"column %d\", [i])\n}",
        "columns:\n  - type: text\n  - type: «blob»\n",
        "exact",
    );
}

#[test]
fn a_key_finds_its_field() {
    points(
        "deny contains msg if {\n\tsome name, port in input.ports\n\tport.number > 1024\n\tmsg := sprintf(\"port %s\", [name])\n}",
        "ports:\n  http: {number: 80}\n  debug: {number: «5005»}\n",
        "exact",
    );
}

#[test]
fn a_missing_field_is_at_its_parent_and_not_where_the_rule_chooses() {
    points(
        "deny contains \"no owner\" if {\n\tnot input.metadata.owner\n\tinput.kind == \"Product\"\n}",
        "kind: Product\n«metadata»:\n  name: x\n",
        "exact",
    );
}

#[test]
fn a_function_tells_what_it_looks_at_of_its_argument() {
    points(
        "deny contains msg if {\n\tsome c in input.columns\n\tnot is_described(c)\n\tmsg := c.name\n}\nis_described(column) if count(column.description) > 5",
        "columns:\n  - {name: a, description: long enough}\n  - {name: b, description: «no»}\n",
        "exact",
    );
}

#[test]
fn a_helper_in_another_package_is_followed() {
    let (document, expected) = unmark("spec:\n  image: «x:latest»\n");
    let mesh = judged(
        "package main\nimport data.lib.images\ndeny contains \"not pinned\" if not images.pinned\n",
        &document,
    );
    mesh.file(
        "policy/lib/images.rego",
        "package lib.images\npinned if not endswith(input.spec.image, \":latest\")\n",
    );
    let (code, report) = report(&mesh, &["--policy", "policy"]);
    assert_eq!(code, Some(1), "{report:#}");
    let start = &report["findings"][0]["start"];
    assert_eq!(
        format!("{}:{}-18", start["line"], start["column"]),
        expected[0]
    );
}

#[test]
fn elements_that_a_helper_gathers_are_found_by_their_value() {
    points(
        "containers contains c if some c in input.spec.containers\ncontainers contains c if some c in input.spec.init\ndeny contains msg if {\n\tsome c in containers\n\tc.privileged\n\tmsg := c.name\n}",
        "spec:\n  init:\n    - name: setup\n      privileged: «true»\n  containers:\n    - name: web\n",
        "exact",
    );
}

#[test]
fn of_two_values_that_are_compared_the_first_is_likely() {
    points(
        "deny contains \"teams differ\" if input.owner.team != input.team",
        "team: a\nowner:\n  team: «b»\n",
        "likely",
    );
}

#[test]
fn what_a_comprehension_finds_is_named_by_the_message() {
    points(
        "deny contains msg if {\n\tbad := [c.name | some c in input.columns; not c.type]\n\tcount(bad) > 0\n\tmsg := sprintf(\"`%s` has no type\", [concat(\", \", bad)])\n}",
        "columns:\n  - name: a\n    type: text\n  - name: «b»\n",
        "likely",
    );
}

#[test]
fn a_message_names_the_place_where_the_body_does_not() {
    points(
        "deny contains msg if {\n\tsome name in [\"beta\"]\n\tcontains(sprintf(\"%v\", [input]), name)\n\tmsg := sprintf(\"`%s` is banned\", [name])\n}",
        "a: alpha\nb: «beta»\n",
        "likely",
    );
}

#[test]
fn the_head_of_the_document_is_the_last_resort() {
    let policy = "deny contains \"never right\" if true";
    points(policy, "«a»: 1\nb: 2\n", "document");
    let mesh = judged(&format!("package main\n{policy}\n"), "a: 1\n");
    let ran = mesh.run(&["--policy", "policy"]);
    ran.says(1, &["start of the document"]);
}

#[test]
fn a_line_that_the_rule_gives_is_used_and_a_missing_one_is_reported() {
    let policy = |line: u32| {
        format!(
            "deny contains {{\"msg\": \"here\", \"_loc\": {{\"file\": \"doc.yaml\", \"line\": {line}}}}} if input.a"
        )
    };
    points(&policy(2), "a: 1\n«b: 2 # what»\n", "exact");
    points(&policy(9), "a: «1»\nb: 2\n", "exact");
    let mesh = judged(&format!("package main\n{}\n", policy(9)), "a: 1\n");
    let ran = mesh.run(&["--policy", "policy"]);
    ran.says(
        1,
        &["`_loc` points at line 9 of `doc.yaml`, which does not exist"],
    );
}

#[test]
fn one_message_of_several_elements_tells_them_all() {
    let mesh = judged(
        "package main\ndeny contains \"a container has no limits\" if {\n\tsome c in input.containers\n\tnot c.limits\n}\n",
        "containers:\n  - name: a\n  - name: b\n",
    );
    let (_, report) = report(&mesh, &["--policy", "policy"]);
    assert_eq!(
        report["findings"].as_array().unwrap().len(),
        1,
        "as many as conftest has"
    );
    assert_eq!(report["findings"][0]["related"][0]["start"]["line"], 3);
}

#[test]
fn a_later_document_has_its_own_places() {
    points(
        "deny contains msg if {\n\tinput.replicas > 1\n\tmsg := sprintf(\"%s\", [input.name])\n}",
        "name: a\nreplicas: 1\n---\nname: b\nreplicas: «2»\n",
        "exact",
    );
}
