//! No text of a manifest becomes a command of a CI system, whatever command prints it; formats for programs stay as they are.

use super::{Mesh, contract};

/// Whether a log has a line that GitHub or Azure would run.
fn has_command(log: &str) -> bool {
    let starts = |line: &str| line.trim_start().starts_with("::");
    log.split(['\n', '\r']).any(starts)
        || log.contains("##[")
        || log.to_lowercase().contains("##vso[")
}

/// A mesh whose every name is a command.
fn hostile() -> Mesh {
    let mesh = Mesh::git();
    for (number, name) in ["::add-mask::x", "##[add-mask]x", "##vso[task.x]y"]
        .iter()
        .enumerate()
    {
        let text = contract("a")
            .replace("id: a\n", &format!("id: \"{name}\"\n"))
            .replace("name: a\n", &format!("name: \"{name}\"\n"))
            .replace("domain: sales", &format!("domain: \"{name}\""))
            .replace("sales-data", &format!("\"{name}\""));
        mesh.file(&format!("{number}.odcs.yaml"), text);
    }
    mesh.file(
        "waivers.yaml",
        "version: 1\nwaivers:\n  - rule: ownership/missing-owner\n    entity: \"contract:##[add-mask]x\"\n    owner: \"::add-mask::x\"\n    reason: \"::error::y\\n::z\"\n    expires: 2027-01-01\n",
    );
    mesh.file("govcheck.yaml", "version: 1\nwaivers: waivers.yaml\n");
    mesh.file(
        "rules/discovery/masked.rego",
        super::rule("discovery/masked", "deny contains {\"message\": sprintf(\"%s\", [input.id]), \"at\": [\"id\"]} if input.id"),
    );
    mesh
}

#[test]
fn no_command_lets_a_command_of_a_runner_through() {
    let mesh = hostile();
    for arguments in [
        &["check"][..],
        &["check", "--all"],
        &["check", "--format", "concise"],
        &["check", "--format", "grouped"],
        &["check", "--trace", "ownership/missing-owner"],
        &["check", "::add-mask::x"],
        &["check", "##[x"],
        &["waivers"],
        &["model", "0.odcs.yaml"],
        &["model", "1.odcs.yaml", "--explain"],
        &["config", "show"],
        &["rules"],
        &["explain", "##[x"],
        &["explain", "::x::y"],
        &["init", "--dry-run"],
        &["init", "--dry-run", "--with", "##[x"],
        &["baseline", "write"],
        &["policy", "try", "rules/discovery/masked.rego"],
        &["::unknown::x"],
        &["--##[x"],
    ] {
        let ran = mesh.run(arguments);
        assert!(!has_command(&ran.out), "{arguments:?}: {}", ran.out);
        assert!(!has_command(&ran.err), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn what_programs_read_is_exact() {
    let mesh = hostile();
    for arguments in [
        &["check", "--format", "json"][..],
        &["check", "--output", "json=-"],
        &["check", "--format", "sarif"],
        &["waivers", "--format", "json"],
        &["model", "1.odcs.yaml", "--format", "json"],
    ] {
        let ran = mesh.run(arguments);
        assert!(
            ran.out.contains("##[add-mask]x"),
            "{arguments:?}: {}",
            ran.out
        );
        let _: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    }
}
