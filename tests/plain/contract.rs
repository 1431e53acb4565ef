//! conftest's contract. The verdicts of each case are those of conftest 0.71 on the same files.

use super::{judged, report, verdicts};
use crate::cli::{Mesh, REGISTER, orphan};

#[test]
fn deny_violation_and_warn_with_suffixes_are_asked_and_nothing_else() {
    let mesh = judged(
        "package main\ndeny contains \"a\"\nviolation_b contains {\"msg\": \"b\"} if true\nwarn_c contains \"c\" if true\n\
         denied contains \"d\" if true\ndeny_ contains \"e\" if true\nallow if true\n",
        "x: 1\n",
    );
    let (code, found) = verdicts(&mesh, &["--policy", "policy"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        found,
        [
            "main/deny error a",
            "main/violation_b error b",
            "main/warn_c warning c"
        ]
    );
}

#[test]
fn warnings_do_not_fail_and_the_rest_of_an_object_is_kept() {
    let mesh = judged(
        "package main\nwarn contains {\"msg\": \"old\", \"details\": {\"since\": 3}} if input.x\n",
        "x: 1\n",
    );
    let (code, report) = report(&mesh, &["--policy", "policy"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        report["findings"][0]["metadata"],
        serde_json::json!({"details": {"since": 3}})
    );
    let sarif = mesh.run(&["--policy", "policy", "--format", "sarif"]);
    sarif.says(0, &["\"certainty\"", "\"since\""]);
}

#[test]
fn an_exception_exempts_by_suffix_and_is_reported() {
    let policy = "package main\ndeny_run_as_root contains \"root\" if not input.user\ndeny contains \"plain\" if not input.user\n\
                  exception contains rules if {\n\tinput.name == \"free\"\n\trules := [\"run_as_root\"]\n}\n";
    let mesh = judged(policy, "name: free\n");
    let (code, found) = verdicts(&mesh, &["--policy", "policy"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        found,
        [
            "main/deny error plain",
            "main/deny_run_as_root error root [exception]"
        ]
    );
    mesh.run(&["--policy", "policy"])
        .says(1, &["1 exempt by the policy"]);
    mesh.file("doc.yaml", "name: other\n");
    let (_, found) = verdicts(&mesh, &["--policy", "policy"]);
    assert_eq!(
        found,
        ["main/deny error plain", "main/deny_run_as_root error root"]
    );
    // An empty name is that of rules without a suffix.
    let mesh = judged(
        "package main\ndeny contains \"x\" if true\nexception contains [\"\"] if true\n",
        "a: 1\n",
    );
    assert_eq!(
        verdicts(&mesh, &["--policy", "policy"]),
        (Some(0), vec!["main/deny error x [exception]".to_owned()])
    );
}

#[test]
fn complete_rules_and_empty_messages_are_read_as_conftest_does() {
    let mesh = judged(
        "package main\ndefault deny_flag := false\ndeny := [\"a\", \"b\"] if input.x\nwarn contains \"\" if true\nviolation := set() if true\n",
        "x: 1\n",
    );
    let (code, found) = verdicts(&mesh, &["--policy", "policy"]);
    assert_eq!(
        (code, found),
        (
            Some(1),
            vec![
                "main/deny error a".to_owned(),
                "main/deny error b".to_owned()
            ]
        )
    );
}

#[test]
fn results_that_conftest_would_pass_are_reported() {
    let mesh = judged("package main\ndeny := true if input.x\n", "x: 1\n");
    let ran = mesh.run(&["--policy", "policy"]);
    ran.says(
        2,
        &[
            "is not a set of messages; conftest would report a pass",
            "deny contains msg if",
        ],
    );
    let mesh = judged("package main\nwarn contains 3 if input.x\n", "x: 1\n");
    mesh.run(&["--policy", "policy"])
        .says(2, &["must be text or an object"]);
}

#[test]
fn namespaces_are_main_or_those_named_or_all() {
    let mesh = judged("package main\ndeny contains \"m\" if true\n", "x: 1\n");
    mesh.file(
        "policy/k8s/pods.rego",
        "package k8s.pods\ndeny contains \"p\" if true\n",
    );
    mesh.file(
        "policy/k8s/jobs.rego",
        "package k8s.jobs\nwarn contains \"j\" if true\n",
    );
    let ids =
        |arguments: &[&str]| verdicts(&mesh, &[&["--policy", "policy"], arguments].concat()).1;
    assert_eq!(ids(&[]), ["main/deny error m"]);
    assert_eq!(
        ids(&["-n", "k8s.*"]),
        ["k8s.jobs/warn warning j", "k8s.pods/deny error p"]
    );
    assert_eq!(ids(&["-n", "main", "-n", "k8s.jobs"]).len(), 2);
    assert_eq!(ids(&["--all-namespaces"]).len(), 3);
}

#[test]
fn data_is_there_by_its_folder() {
    let mesh = judged(
        "package main\nimport data.teams\ndeny contains msg if {\n\tnot input.team in teams.known\n\tmsg := sprintf(\"team %s\", [input.team])\n}\n\
         warn contains msg if {\n\tsome name in data.exceptions.names\n\tname == input.team\n\tmsg := name\n}\n",
        "team: hr\n",
    );
    mesh.file("data/a.yaml", "teams: {known: [sales]}\n");
    mesh.file("data/exceptions/b.json", "{\"names\": [\"hr\"]}");
    let (_, found) = verdicts(&mesh, &["--policy", "policy", "--data", "data", "doc.yaml"]);
    assert_eq!(found, ["main/deny error team hr", "main/warn warning hr"]);
    let (_, found) = verdicts(
        &mesh,
        &["--policy", "policy", "--data", "data/a.yaml", "doc.yaml"],
    );
    assert_eq!(found, ["main/deny error team hr"]);
}

#[test]
fn combined_documents_are_one_input() {
    let mesh = judged(
        "package main\ndeny contains msg if {\n\tsome i\n\tinput[i].contents.kind == \"Deployment\"\n\tdeployment := input[i].contents\n\
         \tnot selected(deployment.app)\n\tmsg := sprintf(\"`%s` of %s is not selected\", [deployment.name, input[i].path])\n}\n\
         selected(app) if {\n\tsome other in input\n\tother.contents.selects == app\n}\n",
        "kind: Deployment\nname: web\napp: web\n---\nkind: Deployment\nname: api\napp: api\n",
    );
    mesh.file("service.yaml", "kind: Service\nselects: api\n");
    let (code, report) = report(
        &mesh,
        &[
            "--policy",
            "policy",
            "--combine",
            "doc.yaml",
            "service.yaml",
        ],
    );
    assert_eq!(code, Some(1));
    let finding = &report["findings"][0];
    assert_eq!(finding["message"], "`web` of doc.yaml is not selected");
    assert_eq!(
        (&finding["file"], &finding["start"]["line"]),
        (&"doc.yaml".into(), &3.into()),
        "{finding:#}"
    );
    // Only what is given is combined, as conftest combines what it is given.
    let (_, found) = verdicts(&mesh, &["--policy", "policy", "--combine", "doc.yaml"]);
    assert_eq!(found.len(), 2);
}

#[test]
fn rego_v0_is_judged_where_it_is_asked_for() {
    let mesh = judged(
        "package main\n\nis_open { input.ports[_] == 22 }\n\ndeny[msg] {\n  is_open\n  msg := \"ssh is open\"\n}\n\nwarn_x[{\"msg\": msg}] {\n  print(\"seen\")\n  msg := sprintf(\"port %v\", [input.ports[i]])\n}\n",
        "ports: [22, 80]\n",
    );
    mesh.file(
        "policy/main_test.rego",
        "package main\ntest_open { deny[\"ssh is open\"] with input as {\"ports\": [22]} }\n",
    );
    mesh.run(&["--policy", "policy"]).refuses(
        2,
        &[
            "this file is Rego v0 but is read as v1",
            "--rego-version v0",
        ],
    );
    let (code, found) = verdicts(&mesh, &["--policy", "policy", "--rego-version", "v0"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        found,
        [
            "main/deny error ssh is open",
            "main/warn_x warning port 22",
            "main/warn_x warning port 80"
        ]
    );
}

#[test]
fn a_policy_sees_the_name_of_the_file() {
    let mesh = judged(
        "package main\ndeny contains \"prod\" if {\n\tdata.conftest.file.name == \"doc.yaml\"\n\tdata.conftest.file.dir == \"env/prod\"\n}\n",
        "x: 1\n",
    );
    mesh.file("env/prod/doc.yaml", "x: 1\n");
    assert_eq!(
        mesh.findings(&["--policy", "policy"]).1,
        ["main/deny env/prod/doc.yaml:1:1"]
    );
}

#[test]
fn it_judges_beside_the_packs_where_the_config_names_it() {
    let mesh = Mesh::git();
    mesh.file("a.odcs.yaml", orphan("a"))
        .file("register.yaml", REGISTER);
    mesh.file("conftest/main.rego", "package main\n# METADATA\n# title: Sales only\ndeny_sales contains \"not sales\" if input.domain != \"hr\"\n");
    mesh.file(
        "govcheck.yaml",
        "version: 1\nplain: {policy: conftest}\nrules: {main/deny_sales: warning}\n",
    );
    let (_, found) = verdicts(&mesh, &[]);
    assert!(
        found.contains(&"main/deny_sales warning not sales".to_owned()),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|finding| finding.starts_with("ownership/")),
        "{found:?}"
    );
    let page = mesh.run(&["explain", "main/deny_sales"]);
    page.says(0, &["Sales only"]);
    assert!(!page.out.contains("How to fix"), "{}", page.out);
    // Named on the command line, it is the only policy.
    let (_, found) = verdicts(&mesh, &["--policy", "conftest"]);
    assert_eq!(found, ["main/deny_sales warning not sales"]);
}

#[test]
fn findings_are_waived_baselined_and_compared_like_all_others() {
    let mesh = judged(
        "package main\ndeny contains msg if {\n\tsome c in input.columns\n\tnot c.type\n\tmsg := sprintf(\"column %s\", [c.name])\n}\n",
        "columns:\n  - name: a\n",
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\nbuiltin: false\nplain: {policy: policy}\nbaseline: baseline.json\n",
    );
    mesh.run(&["baseline", "write"]).says(0, &[]);
    assert_eq!(
        verdicts(&mesh, &[]),
        (
            Some(0),
            vec!["main/deny error column a [baseline]".to_owned()]
        )
    );
    // It outlives moved lines and elements.
    mesh.file(
        "doc.yaml",
        "# new\ncolumns:\n  - name: b\n    type: text\n  - name: a\n",
    );
    assert_eq!(verdicts(&mesh, &[]).0, Some(0));
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "base"]);
    mesh.file("doc.yaml", "columns:\n  - name: a\n  - name: c\n");
    let (code, report) = report(&mesh, &["--base", "HEAD"]);
    assert_eq!(
        (code, &report["counts"]["new"]),
        (Some(1), &1.into()),
        "{report:#}"
    );
}
