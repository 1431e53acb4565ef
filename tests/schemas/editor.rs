//! The line that points an editor to a schema: what govcheck writes begins with it and fits the schema, and readers skip it.

use std::fs;
use std::path::Path;

use govcheck::config::Config;
use govcheck::judge::Waivers;
use govcheck::model::published::SchemaName;
use govcheck::model::text::RelPath;
use govcheck::policy::examples;
use serde_json::Value;

use super::{refusals, validator, yaml};
use crate::cli::{Mesh, contract};

/// Holds a file that govcheck wrote against its schema, which its first line names.
#[track_caller]
fn written(root: &Path, path: &str, name: SchemaName) -> String {
    let text = fs::read_to_string(root.join(path)).unwrap();
    assert!(text.starts_with(&name.editor_line()), "{path}:\n{text}");
    assert_eq!(text.matches("yaml-language-server").count(), 1, "{path}");
    assert_eq!(
        refusals(&validator(name), &yaml(&text)),
        [""; 0],
        "{path}:\n{text}"
    );
    text
}

#[test]
fn what_init_writes_names_its_schema_and_fits_it() {
    let mesh = Mesh::git();
    let classified =
        "schema: [{name: t, properties: [{name: a, classification: internal}]}]\ntags: [gold]\n";
    mesh.file(
        "domains/sales/a/a.odcs.yaml",
        format!("{}{classified}", contract("a")),
    );
    mesh.run(&["init"]).says(0, &["wrote"]);
    let root = mesh.path();
    let config = written(&root, "govcheck.yaml", SchemaName::Config);
    Config::parse(&config, "govcheck.yaml").unwrap();
    for register in ["teams", "domains", "classifications", "tags"] {
        let path = format!("governance/registers/{register}.yaml");
        written(&root, &path, SchemaName::Register);
    }
    mesh.run(&["-q"]).says(0, &[]);
    let new = mesh.run(&["policy", "new", "house/own-rule", "--entities", "kpi"]);
    new.says(0, &["wrote"]);
    let path = "governance/policies/house/own-rule.yaml";
    let text = written(&root, path, SchemaName::Examples);
    examples::parse_examples(&text).unwrap();
    let found = mesh.run(&["policy", "test", "governance/policies", "--update"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    written(&root, path, SchemaName::Examples);
}

#[test]
fn a_scaffolded_format_and_its_shapes_name_their_schemas_and_fit_them() {
    let mesh = Mesh::git();
    for kind in ["contract", "product"] {
        let new = ["policy", "new-format", kind, "--kind", kind, "--shapes"];
        mesh.run(&new).says(0, &["wrote"]);
        let path = |folder: &str| format!("governance/policies/formats/{folder}{kind}.yaml");
        written(&mesh.path(), &path(""), SchemaName::Format);
        written(&mesh.path(), &path("shapes/"), SchemaName::Shapes);
    }
    mesh.run(&["policy", "test", "governance/policies"])
        .says(0, &["2 passed"]);
}

#[test]
fn what_waive_and_baseline_write_fits_its_schema() {
    let mesh = Mesh::git();
    mesh.file("a.odcs.yaml", crate::cli::orphan("a"));
    mesh.file("register.yaml", crate::cli::REGISTER);
    let waive = |entity: &str| {
        let entry = [
            "waive",
            "ownership",
            "--entity",
            entity,
            "--until",
            "2026-12-24",
        ];
        let why = [
            "--owner",
            "jane",
            "--reason",
            "moves in December",
            "--today",
            "2026-11-24",
        ];
        mesh.run(&[&entry[..], &why].concat()).says(0, &["wrote"]);
    };
    waive("contract:a");
    let path = "governance/waivers.yaml";
    written(&mesh.path(), path, SchemaName::Waivers);
    waive("domain:sales");
    let text = written(&mesh.path(), path, SchemaName::Waivers);
    let read = Waivers::parse(&RelPath::new(path), &text);
    assert_eq!(read.drafts.len(), 2);
    mesh.run(&["baseline", "write"]);
    let baseline = fs::read_to_string(mesh.path().join("governance/baseline.json")).unwrap();
    let baseline: Value = serde_json::from_str(&baseline).unwrap();
    assert_eq!(
        refusals(&validator(SchemaName::Baseline), &baseline),
        [""; 0]
    );
}

#[test]
fn every_schema_is_printed_and_written() {
    let mesh = Mesh::plain();
    mesh.run(&["schema", "--all", "schemas"])
        .says(0, &["wrote"]);
    for name in SchemaName::ALL {
        let printed = mesh.run(&["schema", name.as_str()]);
        let schema: Value = serde_json::from_str(&printed.out).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        assert_eq!(schema["$id"], name.address().as_str());
        assert!(schema["title"].is_string() && schema["description"].is_string());
        assert!(jsonschema::meta::is_valid(&schema), "{}", name.as_str());
        let file = mesh.path().join("schemas").join(name.file_name());
        assert_eq!(fs::read_to_string(file).unwrap(), printed.out);
    }
    mesh.run(&["schema"]).refuses(2, &["required"]);
    mesh.file("taken", "");
    mesh.run(&["schema", "--all", "taken/schemas"])
        .refuses(2, &["cannot write"]);
}
