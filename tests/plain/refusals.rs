//! What can't be judged is an error with file, place and next step, and never a pass.

use super::judged;

#[test]
fn policies_namespaces_and_data_that_are_not_there() {
    let mesh = judged("package main\ndeny contains \"x\" if input.a\n", "a: 1\n");
    mesh.file("empty/README.md", "nothing");
    mesh.file("lib/lib.rego", "package lib\nf(x) := x\n");
    let refuses = |arguments: &[&str], parts: &[&str]| {
        mesh.run(arguments).refuses(2, parts);
    };
    refuses(
        &["--policy", "polcy"],
        &["`polcy` does not exist", "did you mean `policy`?"],
    );
    refuses(&["--policy", "empty"], &["the folder has no policies"]);
    refuses(&["--policy", "lib"], &["no namespace has a rule"]);
    refuses(
        &["--policy", "policy", "-n", "mian"],
        &["unknown namespace `mian`", "did you mean `main`?"],
    );
    refuses(
        &["--policy", "policy", "-n", "x*"],
        &["no namespace that matches `x*` has rules"],
    );
    refuses(
        &["--policy", "policy", "--data", "nope"],
        &["`nope` does not exist"],
    );
    refuses(
        &["--policy", "policy", "--data", "empty"],
        &["`empty` has no .yaml"],
    );
    refuses(
        &["--namespace", "main"],
        &["`--namespace` needs plain policies"],
    );
}

#[test]
fn data_that_is_broken_or_says_two_things() {
    let mesh = judged("package main\ndeny contains \"x\" if data.a\n", "a: 1\n");
    mesh.file("data/a.yaml", "a: 1\n");
    mesh.file("data/b.yaml", "a: 2\n");
    let run = |path: &str| mesh.run(&["--policy", "policy", "--data", path]);
    run("data").refuses(2, &["a different value", "data/b.yaml"]);
    mesh.file("broken/a.yaml", "a: [\n");
    run("broken").refuses(2, &["broken/a.yaml:"]);
    mesh.file("two/a.yaml", "a: 1\n---\nb: 2\n");
    run("two").refuses(2, &["the data file has a second document"]);
    mesh.file("list/a.yaml", "[1]\n");
    run("list").refuses(2, &["the data has no name because it is not a mapping"]);
    mesh.file("clash/a.yaml", "main: {deny: 1}\n");
    run("clash").refuses(2, &["main"]);
}

#[test]
fn what_the_engine_can_not_do_right_is_refused_with_the_way_to_write_it() {
    let refuses = |policy: &str, parts: &[&str]| {
        let mesh = judged(&format!("package main\n{policy}\n"), "a: 1\n");
        mesh.run(&["--policy", "policy"]).refuses(2, parts);
    };
    refuses(
        "deny contains \"x\" if { y with input as {} }\ny if input.a",
        &["`with` is not supported in rules", "policy/main.rego:2"],
    );
    refuses(
        "deny contains \"x\" if time.now_ns() > 1",
        &["`time.now_ns` is not allowed"],
    );
    refuses(
        "deny[msg] if msg := \"x\"",
        &["`deny` is a partial object", "deny contains msg if"],
    );
    refuses(
        "deny contains \"x\" if { walk(input, [_, v]); v == 1 }",
        &["walk", "read the levels one by one"],
    );
    refuses(
        "deny contains name if { name := input.a; xs := [name | input.b == name; name := input.c]; count(xs) > 1 }",
        &[
            "`name` is used before its definition",
            "assign the variable before",
        ],
    );
    refuses("deny contains \"x\" if {", &["policy/main.rego:"]);
    refuses(
        "deny contains \"x\" if deny_y\ndeny_y if deny",
        &["recursive rule"],
    );
}

#[test]
fn a_rule_that_never_ends_is_reported_and_the_others_judge() {
    let mesh = judged(
        "package main\ndeny_slow contains \"x\" if {\n\tsome a in input.xs\n\tsome b in input.xs\n\tsome c in input.xs\n\tsome d in input.xs\n\ta + b + c + d == -1\n}\nwarn contains \"seen\" if input.xs\n",
        &format!("xs: {:?}\n", (0..200).collect::<Vec<_>>()),
    );
    let ran = mesh.run(&["--policy", "policy"]);
    ran.says(2, &["rule `main/deny_slow` could not check", "seen"]);
}

#[test]
fn a_plain_policy_in_a_pack_says_where_it_belongs() {
    let mesh = judged("package main\ndeny contains \"x\" if input.a\n", "a: 1\n");
    mesh.file("pack/kpi/x.rego", "# METADATA\n# title: t\n# description: d\n# custom:\n#   severity: error\n#   entities: [contract]\n#   help: h\npackage main\n\ndeny contains {\"message\": \"x\", \"at\": []} if input.a\n");
    mesh.file("govcheck.yaml", "version: 1\npacks: [pack]\n");
    mesh.run(&[]).refuses(2, &["plain: {policy: …}"]);
}

#[test]
fn config_of_plain_policies_is_checked() {
    let mesh = judged("package main\ndeny contains \"x\" if input.a\n", "a: 1\n");
    let refuses = |config: &str, parts: &[&str]| {
        mesh.file(
            "govcheck.yaml",
            format!("version: 1\nbuiltin: false\n{config}\n"),
        );
        mesh.run(&[]).refuses(2, parts);
    };
    refuses(
        "plain: {polcy: policy}",
        &["unknown key `polcy`", "did you mean `policy`?"],
    );
    refuses("plain: {data: x}", &["`plain` names no policies"]);
    refuses(
        "plain: {policy: policy, rego_version: v2}",
        &["unknown version of Rego `v2`"],
    );
    refuses(
        "plain: {policy: policy}\nrules: {main/deny: {options: {a: 1}}}",
        &["has no option `a`"],
    );
    refuses(
        "plain: {policy: policy}\nrules: {main/dney: off}",
        &["did you mean `main/deny`?"],
    );
}
