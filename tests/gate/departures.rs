//! What was a manifest stays one, and what is nearly one is reported.

use super::Pull;
use crate::cli::{Mesh, Ran, contract, orphan};

/// A base with a contract in a plain file, which a change edits.
fn pull() -> Pull {
    let pull = Pull::sound();
    pull.file("domains/s/c.yaml", contract("c"));
    pull.commit("a contract more");
    pull.mesh.git_command(&["branch", "--force", "base"]);
    pull
}

fn in_both_ways(pull: &Pull, check: impl Fn(&Ran)) {
    check(&pull.judge(&[]));
    check(&pull.judge_commit(".", &[]));
}

#[test]
fn a_manifest_without_manifest_content_has_left_the_mesh() {
    let pull = pull();
    pull.file("domains/s/c.yaml", "notes: nothing of interest\n");
    in_both_ways(&pull, |ran| {
        ran.says(
            1,
            &["interoperability/left-the-mesh", "contract `c` of base"],
        );
    });
}

#[test]
fn a_manifest_that_is_hidden_excluded_or_renamed_has_left_the_mesh() {
    let text = contract("c");
    for to in [
        "domains/.s/c.yaml",
        "domains/s/c.yaml.bak",
        "domains/s/c.txt",
    ] {
        let pull = pull();
        pull.remove("domains/s/c.yaml")
            .file(to, &text)
            .commit("moved");
        in_both_ways(&pull, |ran| {
            ran.says(1, &["interoperability/left-the-mesh", to]);
        });
    }
}

#[test]
#[cfg(unix)]
fn a_manifest_that_becomes_a_link_has_left_the_mesh() {
    let pull = pull();
    pull.remove("domains/s/c.yaml");
    std::os::unix::fs::symlink("/dev/null", pull.mesh.path().join("domains/s/c.yaml")).unwrap();
    in_both_ways(&pull, |ran| {
        ran.says(1, &["interoperability/left-the-mesh"]);
    });
}

#[test]
fn a_deleted_or_moved_manifest_has_not_left_the_mesh() {
    let pull = pull();
    pull.remove("domains/s/c.yaml");
    in_both_ways(&pull, |ran| {
        ran.says(0, &[]);
        assert!(!ran.out.contains("left-the-mesh"), "{}", ran.out);
    });
    pull.file("domains/t/d.yaml", contract("c"));
    in_both_ways(&pull, |ran| {
        ran.says(0, &[]);
    });
}

#[test]
fn a_document_with_the_marks_of_a_format_is_never_skipped() {
    let kind = "kind: DataContract";
    let version = "apiVersion: v3.1.0\n";
    let good = orphan("b");
    let none = good.replace(&format!("{kind}\n"), "").replace(version, "");
    // Of each: what the document lacks, and what to write.
    for (text, lacks, write) in [
        (
            good.replace(version, ""),
            "but `apiVersion` is missing",
            "write `apiVersion: v3.2.0`, or add the file",
        ),
        (
            good.replace(version, "") + "metadata: {x: 1}\n",
            "but `apiVersion` is missing",
            "write `apiVersion: v3.2.0`, or add the file",
        ),
        (
            good.replace(version, "apiVersion: v3\n"),
            "but `apiVersion` is `v3`",
            "write `apiVersion: v3.2.0`, or add the file",
        ),
        (
            good.replace(version, "apiVersion: 1\n"),
            "but `apiVersion` is `1`",
            "write `apiVersion: v3.2.0`, or add the file",
        ),
        (
            good.replace(kind, "kind: DataContracts"),
            "but `kind` is `DataContracts`",
            "write `kind: DataContract`, or add the file",
        ),
        (
            good.replace(kind, "kind: datacontract"),
            "but `kind` is `datacontract`",
            "write `kind: DataContract`, or add the file",
        ),
        (
            good.replace(kind, "kind: Data Contract"),
            "but `kind` is `Data Contract`",
            "write `kind: DataContract`, or add the file",
        ),
        (
            good.replace(kind, "Kind: DataContract"),
            "but `kind` is written `Kind`",
            "write `kind: DataContract`, or add the file",
        ),
        (
            none + "schema: []\nservers: []\n",
            "but `kind` is missing and `apiVersion` is missing",
            "write `kind: DataContract` and `apiVersion: v3.2.0`, or add the file",
        ),
        (
            "dataContractspecification: 1.1.0\nid: x\ninfo: {title: x}\n".to_owned(),
            "but `dataContractSpecification` is written `dataContractspecification`",
            "write `dataContractSpecification: 1.1.0`, or add the file",
        ),
        (
            "dataProductDescriptr: 1.0.0\nid: x\n".to_owned(),
            "but `dataProductDescriptor` is written `dataProductDescriptr` and `info` is missing",
            "write `dataProductDescriptor: 1.0.0` and `info`, or add the file",
        ),
        (
            "apiVersion: backstage.io/v1alpha1\nmetadata: {name: x}\nspec: {}\n".to_owned(),
            "but `kind` is missing",
            "write `kind`, or add the file",
        ),
        (
            "id: x\ninfo: {title: X}\noutputPorts: []\n".to_owned(),
            "but `dataProductSpecification` is missing",
            "write `dataProductSpecification: 0.0.1`, or add the file",
        ),
        (
            "id: x\ninfo: {title: X}\nmodels: {}\nterms: {}\n".to_owned(),
            "but `dataContractSpecification` is missing",
            "write `dataContractSpecification: 1.2.0`, or add the file",
        ),
        (
            "apiVersion: govcheck/v2\nkind: Register\nteams: []\n".to_owned(),
            "but `apiVersion` is `govcheck/v2`",
            "write `apiVersion: govcheck/v1`, or add the file",
        ),
    ] {
        let pull = Pull::sound();
        pull.file("domains/s/b.yaml", &text);
        let ran = pull.judge(&["--select", "interoperability/near-miss", "--format", "json"]);
        assert_eq!(ran.code, Some(1), "{text}\n{}{}", ran.out, ran.err);
        let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let finding = &said["findings"][0];
        let message = finding["message"].as_str().unwrap();
        assert!(message.ends_with(lacks), "{text}\n{message}");
        let help = finding["help"].as_str().unwrap();
        assert!(help.starts_with(write), "{text}\n{help}");
    }
}

#[test]
fn a_broken_file_with_hidden_marks_is_never_skipped() {
    let deep = format!("x: {}{}\n", "[".repeat(200), "]".repeat(200));
    for kind in [
        "kind: !!str DataContract",
        "kind: &k DataContract",
        "\"kind\": \"DataContract\"",
        "\"k\\x69nd\": \"Data\\u0043ontract\"",
        "? kind\n: DataContract",
        "kind:\n  DataContract",
        "a: &k DataContract\nkind: *k",
    ] {
        let text = orphan("b").replace("kind: DataContract", kind) + &deep;
        for text in [
            text.clone(),
            format!("{}{text}", "# a comment\n".repeat(20_000)),
        ] {
            let pull = Pull::sound();
            pull.file("domains/s/b.yaml", &text);
            let ran = pull.judge(&[]);
            assert_eq!(ran.code, Some(2), "{kind}\n{}{}", ran.out, ran.err);
        }
    }
}

#[test]
fn files_that_merely_resemble_are_no_near_misses() {
    for (path, text) in [
        (
            "k8s.yaml",
            "apiVersion: mesh.example.org/v1\nkind: DataProduct\nmetadata: {name: x}\nspec: {inputPorts: []}\n",
        ),
        (
            "deploy.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {}\n",
        ),
        (
            "compose.yaml",
            "version: '3'\nservices: {web: {image: x}}\nnetworks: {}\n",
        ),
        (
            "openapi.yaml",
            "openapi: 3.1.0\ninfo: {title: x, version: '1'}\nservers: []\npaths: {}\ncomponents: {}\n",
        ),
        (
            "asyncapi.yaml",
            "asyncapi: 3.0.0\ninfo: {title: x, version: '1'}\nservers: {}\nchannels: {}\n",
        ),
        (
            "dbt_project.yml",
            "name: x\nversion: '1'\nmodels: {x: {+materialized: table}}\n",
        ),
        (
            "package.json",
            "{\"name\": \"x\", \"version\": \"1.0.0\", \"description\": \"d\", \"license\": \"MIT\"}",
        ),
        (
            "ticket.json",
            "{\"id\": 1, \"status\": \"open\", \"team\": \"x\", \"tags\": []}",
        ),
        (
            "Chart.yaml",
            "apiVersion: v2\nname: x\nversion: 1.0.0\nkind: application\n",
        ),
        ("workflow.yml", "name: data contract\non: push\njobs: {}\n"),
    ] {
        let mesh = Mesh::sound();
        mesh.file(path, text);
        let ran = mesh.run(&["--no-cache"]);
        ran.says(0, &[]);
        assert!(!ran.out.contains("near-miss"), "{path}: {}", ran.out);
    }
}

#[test]
fn braces_in_a_name_exempt_it_from_no_rule() {
    for team in ["x{{", "{{ x }}", "a{{ b }}", "${{ x }}"] {
        let pull = Pull::sound();
        pull.file(
            "domains/s/b.odcs.yaml",
            contract("b").replace("name: sales-data", &format!("name: '{team}'")),
        );
        pull.judge(&[]).says(1, &["which is not registered"]);
    }
}
