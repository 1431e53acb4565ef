//! Loading plain policies: which rules are asked, what is refused, and the subjects of bodies.

use super::*;
use crate::policy::engine::Bounds;
use crate::policy::source::{PackFile, PackSource};

fn load(files: &[(&str, &str)], change: impl FnOnce(&mut PlainRequest)) -> Result<Plain, String> {
    let file = |(path, text): &(&str, &str)| PackFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    let mut request = PlainRequest {
        policies: vec![PackSource::plain(
            "policy".to_owned(),
            files.iter().map(file).collect(),
        )],
        ..PlainRequest::default()
    };
    change(&mut request);
    Plain::load(request, &|_| true).map_err(|error| error.to_string())
}

fn one(text: &str) -> Plain {
    load(&[("a.rego", text)], |_| {}).unwrap()
}

fn refusal(text: &str) -> String {
    load(&[("a.rego", text)], |_| {}).err().unwrap()
}

/// The places that the first rule is about on an input, in order, with whether nothing else comes into question.
fn about(text: &str, input: Value) -> Vec<(String, bool)> {
    let plain = one(text);
    let rule = &plain.rules[0];
    let (judge, entries) = plain.placing(rule).expect("the probes compile");
    let bounds = Bounds {
        time: std::time::Duration::from_secs(5),
        memory: 64 * 1024 * 1024,
        instructions: 1_000_000,
    };
    let mut worker = judge.worker(&plain.data, bounds);
    let mut found = Vec::new();
    for (entry, body) in entries {
        let ways = worker.evaluate(entry, &Datum::json(&input)).unwrap();
        for way in ways.items().unwrap() {
            let values = way.get("at").unwrap();
            let subject = plain.subject(rule, *body, Some(&values), None).unwrap();
            let path = crate::model::path::ModelPath(subject.steps).to_string();
            found.push((path, subject.whole && subject.only));
        }
    }
    found
}

#[test]
fn the_last_condition_says_what_a_body_is_about() {
    let input = serde_json::json!({"kind": "D", "cs": [{"name": "a", "image": "x:latest"}, {"name": "b", "limits": 1, "image": "y"}]});
    let cases = [
        (
            "deny contains c.name if { input.kind == \"D\"; some c in input.cs; not c.limits }",
            "cs[0].limits",
            true,
        ),
        (
            "deny contains msg if { image := input.cs[_].image; [_, tag] := split(image, \":\"); tag == \"latest\"; msg := image }",
            "cs[0].image",
            true,
        ),
        (
            "deny contains msg if { some i; input.cs[i].limits == 1; msg := sprintf(\"%d\", [i]) }",
            "cs[1].limits",
            true,
        ),
        (
            "deny contains \"x\" if { input.owner != input.team }\ndeny contains \"y\" if not input.owner",
            "owner",
            true,
        ),
        (
            "deny contains \"x\" if { not has_owner(input) }\nhas_owner(d) if d.owner.team",
            "owner.team",
            true,
        ),
        (
            "deny contains \"x\" if { not fine }\nfine if { input.a.b == 1; input.a.c == 2 }",
            "a",
            false,
        ),
        (
            "deny contains c.name if { some c in input.cs; c.image != c.name; c.name == \"a\" }",
            "cs[0].image",
            false,
        ),
    ];
    for (body, path, sure) in cases {
        let text = format!("package main\n{body}\n");
        assert_eq!(
            about(&text, input.clone()),
            [(path.to_owned(), sure)],
            "{body}"
        );
    }
}

#[test]
fn places_do_not_depend_on_the_version_of_rego() {
    let text = "package main\ndeny[msg] { c := input.cs[_]; print(c); not c.limits; msg := \"x\" }\ntest_x { deny with input as {} }\n";
    let plain = load(&[("a.rego", text)], |request| {
        request.version = RegoVersion::V0
    })
    .unwrap();
    assert!(plain.placing(&plain.rules[0]).is_some());
    assert!(refusal(text).contains("this file is Rego v0 but is read as v1"));
}

#[test]
fn chooses_namespaces_and_passes_nothing_that_asks_nothing() {
    let files = [
        (
            "a.rego",
            "package main\nimport data.lib\ndeny contains \"a\" if lib.fine\n",
        ),
        (
            "b.rego",
            "package k8s.pods\nwarn contains \"b\" if input.x\n",
        ),
        ("c.rego", "package lib\nfine if input.y\n"),
        (
            "d.rego",
            "package far\ndeny contains \"d\" if { http.send({}) }\n",
        ),
    ];
    let ids = |namespaces: &[&str]| {
        let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
        let plain = load(&files, |request| request.namespaces = namespaces);
        plain.map(|plain| {
            plain
                .rules
                .iter()
                .map(|rule| rule.rule.id.to_string())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(ids(&[]).unwrap(), ["main/deny"]);
    assert_eq!(
        ids(&["k8s.*", "main"]).unwrap(),
        ["k8s.pods/warn", "main/deny"]
    );
    assert!(
        ids(&["mian"])
            .unwrap_err()
            .contains("unknown namespace `mian`")
    );
    assert!(ids(&["lib"]).unwrap_err().contains("has no rule `deny`"));
    assert!(
        ids(&["z*"])
            .unwrap_err()
            .contains("no namespace that matches `z*`")
    );
    assert!(
        ids(&["far"])
            .unwrap_err()
            .contains("`http.send` is not allowed")
    );
    let all = load(&files, |request| request.all_namespaces = true);
    assert!(
        all.err().unwrap().contains("http.send"),
        "all namespaces are asked"
    );
}

#[test]
fn refuses_what_would_pass_in_silence() {
    assert!(refusal("package main\nallow if input.x\n").contains("no namespace has a rule"));
    assert!(
        refusal("package main\ndeny[msg] if { msg := \"x\" }\n")
            .contains("`deny` is a partial object")
    );
    assert!(
        refusal("package main\ndeny contains \"x\" if { x with input as {} }\nx if input.y\n")
            .contains("`with`")
    );
    assert!(
        load(&[], |_| {})
            .err()
            .unwrap()
            .contains("the folder has no policies")
    );
}

#[test]
fn a_rule_says_what_it_is_by_annotation_or_name() {
    let plain = one(
        "package main\n\n# METADATA\n# title: No owner\n# custom:\n#   help: Name one.\ndeny_x contains \"a\" if input.x\n\nwarn_missing_tag contains \"b\" if input.y\n",
    );
    let said: Vec<(&str, &str)> = plain
        .rules
        .iter()
        .map(|rule| (rule.rule.title.as_str(), &*rule.rule.help))
        .collect();
    assert_eq!(said, [("No owner", "Name one."), ("Missing tag", "")]);
    assert!(
        refusal("package main\n# METADATA\n# title: [\ndeny contains \"a\" if input.x\n")
            .contains("METADATA")
    );
}

#[test]
fn identity_takes_in_all_that_decides() {
    let text = "package main\ndeny contains \"a\" if input.x\nwarn contains \"b\" if data.y\n";
    let identity = |change: &dyn Fn(&mut PlainRequest)| {
        load(&[("a.rego", text)], |request| change(request))
            .unwrap()
            .identity()
    };
    let same = identity(&|_| {});
    assert_eq!(same, identity(&|_| {}));
    assert_ne!(same, identity(&|request| request.combine = true));
    assert_ne!(
        same,
        identity(&|request| request.policies[0].files[0].text.push('\n'))
    );
    let data = |request: &mut PlainRequest| {
        let file = PackFile {
            path: "a.json".to_owned(),
            text: "{\"y\": 1}".to_owned(),
        };
        request.data = vec![DataSource {
            name: "d".to_owned(),
            files: vec![file],
        }];
    };
    assert_ne!(same, identity(&data));
}
