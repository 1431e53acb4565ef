//! What a run writes: formats, files, pipes, colour, width, and text that would do harm where it goes.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::{Mesh, Ran, contract, orphan, ran, rule};

/// Every format, as `--help` lists them.
fn formats() -> Vec<String> {
    let help = Mesh::plain().run(&["-h"]).out;
    let (_, list) = help.split_once("--format <FORMAT>").unwrap();
    let (_, list) = list.split_once("[possible values: ").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let names = list.split(',').map(|name| name.trim().to_owned());
    let names: Vec<String> = names.collect();
    assert!(names.len() >= 12, "{names:?}");
    names
}

fn retail() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/retail")
}

fn run_retail(arguments: &[&str], threads: &str) -> Ran {
    // The fixtures lie in a repository, whose cache would answer for a second run.
    let arguments = [arguments, &["--no-cache"]].concat();
    let output = super::command(&retail(), &arguments)
        .env("RAYON_NUM_THREADS", threads)
        .output();
    ran(&output.unwrap(), &retail())
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn two_runs_give_the_same_bytes_whatever_the_threads() {
    // Only `human` has the time of a run.
    for format in formats().iter().filter(|format| *format != "human") {
        let one = run_retail(&["--format", format], "1");
        assert_eq!(one.code, Some(1), "{}", one.err);
        assert!(
            one == run_retail(&["--format", format], "4"),
            "{format} differs"
        );
        assert!(
            one == run_retail(&["--format", format], "4"),
            "{format} differs"
        );
    }
}

#[test]
fn the_json_report_is_valid_under_its_own_schema() {
    let schema = json(&Mesh::plain().run(&["schema", "report"]).out);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let report = json(&run_retail(&["--format", "json"], "2").out);
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(
        !validator.is_valid(&serde_json::json!({"version": 1})),
        "the schema allows anything"
    );
}

#[test]
fn the_sarif_report_is_valid_under_the_published_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/schemas/sarif/sarif-schema-2.1.0.json");
    let Ok(schema) = std::fs::read_to_string(path) else {
        return eprintln!("skipped: the published schema is not beside the repository");
    };
    let validator = jsonschema::validator_for(&json(&schema)).unwrap();
    for arguments in [
        &["--format", "sarif"][..],
        &["--format", "sarif", "--sarif-all"],
        &["--format", "sarif-audit"],
    ] {
        let report = json(&run_retail(arguments, "2").out);
        let errors: Vec<String> = validator
            .iter_errors(&report)
            .take(5)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{arguments:?}: {errors:#?}");
        // Without a base, waivers or a baseline all findings count: both shapes have them.
        let results = &report["runs"][0]["results"];
        assert!(results.as_array().is_some_and(|it| !it.is_empty()));
        let audit = arguments.contains(&"sarif-audit");
        assert_eq!(results[0].get("suppressions").is_some(), audit);
    }
}

#[test]
fn several_formats_come_from_one_run() {
    let mesh = Mesh::sound();
    let ran = mesh.run(&[
        "--output",
        "json=r.json",
        "--output",
        "sarif=r.sarif",
        "--output",
        "github=-",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    for file in ["r.json", "r.sarif"] {
        json(&std::fs::read_to_string(mesh.path().join(file)).unwrap());
    }
    let written = std::fs::read_to_string(mesh.path().join("r.json")).unwrap();
    assert_eq!(
        written,
        mesh.run(&["--format", "json"])
            .out
            .replace("\"passed_over\": 1", "\"passed_over\": 0")
            .replace("[\n    \"r.json\"\n  ]", "[]")
    );
}

#[test]
fn statistics_come_as_a_table_and_in_json_and_nowhere_else() {
    let mesh = Mesh::git();
    mesh.file("register.yaml", super::REGISTER);
    for number in 0..40 {
        mesh.file(
            &format!("{number}.odcs.yaml"),
            orphan(&format!("c{number}")),
        );
    }
    for format in ["human", "concise", "grouped"] {
        let ran = mesh.run(&["--statistics", "--format", format]);
        ran.says(
            1,
            &[
                "     40  error     40  ownership/unknown-team",
                "40 errors in 40 of 41 files",
            ],
        );
        assert!(!ran.out.contains("odcs.yaml"), "{format}: {}", ran.out);
    }
    let report = json(&mesh.run(&["--statistics", "--format", "json"]).out);
    assert_eq!(
        report["statistics"],
        serde_json::json!([{"rule": "ownership/unknown-team", "level": "error", "findings": 40, "files": 40}])
    );
    assert_eq!(report["findings"].as_array().unwrap().len(), 40);
    mesh.run(&["--statistics", "--format", "sarif"]).refuses(
        2,
        &[
            "none of the formats of this run shows `--statistics`",
            "`human`, `concise`, `grouped`, `json`",
        ],
    );
    let both = mesh.run(&["--statistics", "--output", "sarif=r.sarif"]);
    both.says(1, &["     40  error     40  ownership/unknown-team"]);
}

#[test]
fn many_findings_are_two_screens_and_a_first_run_says_what_is_next() {
    let mesh = Mesh::git();
    mesh.file("register.yaml", super::REGISTER);
    for number in 0..40 {
        mesh.file(
            &format!("{number}.odcs.yaml"),
            orphan(&format!("c{number}")),
        );
    }
    let run = |arguments: &[&str], columns: &str, term: &str| {
        let mut command = mesh.command(arguments);
        mesh.finish(command.env("COLUMNS", columns).env("TERM", term))
    };
    for (columns, term) in [("20", "xterm"), ("80", "dumb"), ("200", "xterm")] {
        let ran = run(&[], columns, term);
        assert!(ran.out.lines().count() <= 100, "{columns}: {}", ran.out);
        ran.says(1, &["3 of 40 findings in full", "--select RULE"]);
        assert!(ran.out.ends_with("\nnext: `govcheck init` writes a config and registers from what the manifests name\nnext: `govcheck baseline write` records today's findings, so that only new ones count\n"), "{}", ran.out);
    }
    assert_eq!(mesh.run(&["--all"]).out.matches("error[").count(), 40);
    mesh.file("govcheck.yaml", "version: 1\n");
    assert!(!mesh.run(&[]).out.contains("next: "));
}

#[test]
fn a_contract_with_a_uuid_is_called_by_its_name_and_keeps_its_identity() {
    let mesh = Mesh::git();
    let uuid = "53581432-6c55-4ba2-a65f-72344a91553a";
    let named = orphan(uuid).replace(&format!("name: {uuid}\n"), "name: Orders\n");
    mesh.file("register.yaml", super::REGISTER)
        .file("a.odcs.yaml", named);
    // The second run takes its answer from the cache.
    for _ in 0..2 {
        let text = mesh.run(&[]).out;
        let message = "contract `Orders` names team `nobody-here`";
        assert!(text.contains(message), "{text}");
        let label = "`owner.team` of contract `Orders`";
        assert!(text.contains(label), "{text}");
    }
    let report = json(&mesh.run(&["--format", "json"]).out);
    assert_eq!(report.pointer("/findings/0/entity/id").unwrap(), uuid);
}

#[test]
fn a_file_that_cannot_be_written_is_reported() {
    let mesh = Mesh::sound();
    // Before anything is judged: nothing is on standard output.
    mesh.run(&["--output", "sarif=nope/x.sarif"]).refuses(
        2,
        &["cannot write to `nope/x.sarif`", "create the folder first"],
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_only_be_read_is_judged() {
    use std::os::unix::fs::PermissionsExt;
    let mesh = Mesh::sound();
    let mode = |mode| {
        std::fs::set_permissions(mesh.path(), std::fs::Permissions::from_mode(mode)).unwrap()
    };
    mode(0o555);
    let (ran, files) = (
        mesh.run(&[]),
        std::fs::read_dir(mesh.path()).unwrap().count(),
    );
    mode(0o755);
    ran.says(0, &["All good"]);
    assert_eq!(files, 2, "govcheck left a file behind");
}

#[test]
fn a_closed_pipe_is_not_an_error_and_keeps_the_exit_code() {
    let mesh = Mesh::git();
    for number in 0..300 {
        mesh.file(
            &format!("{number}.odcs.yaml"),
            orphan(&format!("c{number}")),
        );
    }
    mesh.file("register.yaml", super::REGISTER);
    for format in &formats() {
        let mut child = mesh
            .command(&["--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert_eq!(
            (child.wait().unwrap().code(), err.as_str()),
            (Some(1), ""),
            "{format}"
        );
    }
}

#[test]
fn colour_comes_when_forced_and_never_against_no_color() {
    let mesh = Mesh::git();
    mesh.file("a.odcs.yaml", orphan("a"))
        .file("register.yaml", super::REGISTER);
    let run = |variables: &[(&str, &str)]| {
        let mut command = mesh.command(&[]);
        command.envs(variables.iter().copied());
        mesh.finish(&mut command).out
    };
    assert!(!run(&[]).contains('\x1b'), "a pipe has no colour");
    assert!(run(&[("CLICOLOR_FORCE", "1")]).contains("\x1b["));
    assert!(!run(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\x1b'));
    assert!(!run(&[("CLICOLOR_FORCE", "0")]).contains('\x1b'));
    assert!(!run(&[("TERM", "dumb")]).contains('\x1b'));
}

#[test]
fn a_narrow_terminal_is_kept_to() {
    let mesh = Mesh::git();
    mesh.file("a.odcs.yaml", orphan("a"))
        .file("register.yaml", super::REGISTER);
    for columns in [40, 20] {
        let ran = mesh.finish(mesh.command(&[]).env("COLUMNS", columns.to_string()));
        let drawn = ran.out.lines().filter(|line| line.contains('│'));
        let widths: Vec<usize> = drawn.map(|line| line.chars().count()).collect();
        let fits = widths.iter().all(|width| *width <= columns);
        assert!(fits && !widths.is_empty(), "{columns}: {}", ran.out);
    }
    for columns in ["0", "1", "3", "x", "-5", "99999"] {
        mesh.finish(mesh.command(&[]).env("COLUMNS", columns))
            .says(1, &["ownership/unknown-team"]);
    }
}

/// What a pull request could put into a manifest to speak with the voice of the tool.
const HOSTILE: &str = "\\x1b[2J\\x07\\r\\n::error file=x::owned\\n##[error]owned %0A<script>alert(1)</script> [x](javascript:1) `a` | b";

#[test]
fn text_from_a_file_does_no_harm_where_it_goes() {
    let mesh = Mesh::with_rule(
        "house/x",
        "deny contains {\"message\": input.name, \"at\": [\"name\"], \"fix\": input.name} if input.name",
    );
    mesh.file(
        "a.odcs.yaml",
        contract("a").replace("name: a\n", &format!("name: \"{HOSTILE}\"\n")),
    );
    for format in &formats() {
        let ran = mesh.run(&["--format", format]);
        assert_eq!(ran.code, Some(1), "{format}: {}", ran.err);
        assert!(
            !ran.out
                .replace("\r\n", "\n")
                .chars()
                .any(|c| c.is_control() && c != '\n'),
            "{format}: {:?}",
            ran.out
        );
        let commands = ran.out.lines().map(str::trim_start);
        let commands: Vec<&str> = commands.filter(|line| line.starts_with("::")).collect();
        let is_text = ["human", "concise", "grouped"].contains(&format.as_str());
        assert!(
            !is_text || !ran.out.contains("##["),
            "{format}: {}",
            ran.out
        );
        if format == "github" {
            assert_eq!(commands.len(), 1, "{commands:?}");
            assert!(
                commands[0].contains("%0A::error file=x::owned%0A"),
                "{commands:?}"
            );
            assert!(commands[0].contains("%250A<script>"), "{commands:?}");
        } else {
            assert!(commands.is_empty(), "{format}: {commands:?}");
        }
    }
    let report = json(&mesh.run(&["--format", "json"]).out);
    let message = report
        .pointer("/findings/0/message")
        .unwrap()
        .as_str()
        .unwrap();
    assert!(
        message.contains("\n::error file=x::owned"),
        "json holds the text as it is: {message:?}"
    );
}

#[test]
fn a_file_name_does_no_harm_where_it_goes() {
    let mesh = Mesh::git();
    let name = "a,line=1::b%0A\u{1b}[31m\n::error::owned.odcs.yaml";
    if std::fs::write(mesh.path().join(name), orphan("a")).is_err() {
        return eprintln!("skipped: no such names here");
    }
    mesh.file("register.yaml", super::REGISTER);
    for format in &formats() {
        let ran = mesh.run(&["--format", format]);
        assert_eq!(ran.code, Some(1), "{format}: {}", ran.err);
        assert!(
            !ran.out.contains('\x1b') && !ran.out.contains("\n::error::owned"),
            "{format}: {:?}",
            ran.out
        );
    }
    mesh.run(&["--verbose", "-q"]).says(1, &["1 error"]);
}

#[test]
fn a_message_of_a_pack_is_escaped_in_errors_too() {
    let mesh = Mesh::sound();
    mesh.file("govcheck.yaml", "packs: [pack]\n");
    mesh.file(
        "pack/house/x.rego",
        rule("house/x", "deny := true # \x1b[31m"),
    );
    let ran = mesh.run(&[]);
    ran.refuses(2, &["`deny` is not a set of findings"]);
    assert!(!ran.err.contains('\x1b'), "{:?}", ran.err);
}

#[test]
fn against_a_base_each_format_has_what_it_is_for() {
    let mesh = Mesh::git();
    mesh.file("registers.yaml", super::REGISTER);
    mesh.file("a.odcs.yaml", orphan("a"));
    mesh.git_command(&["add", "-A"]);
    mesh.git_command(&["commit", "-qm", "x"]);
    mesh.file("b.odcs.yaml", orphan("b"));
    let unknown_teams = |arguments: &[&str]| {
        let ran = mesh.run(&[&["--base", "HEAD"], arguments].concat());
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        let results = json(&ran.out)["runs"][0]["results"].take();
        let of_rule = |it: &&serde_json::Value| it["ruleId"] == "ownership/unknown-team";
        results.as_array().unwrap().iter().filter(of_rule).count()
    };
    assert_eq!(unknown_teams(&["--format", "sarif"]), 1);
    assert_eq!(unknown_teams(&["--format", "sarif", "--sarif-all"]), 2);
    assert_eq!(unknown_teams(&["--format", "sarif-audit"]), 2);
    let comment = mesh.run(&["--base", "HEAD", "--format", "markdown"]).out;
    assert!(
        comment.starts_with("<!-- govcheck -->\n## govcheck: ❌ "),
        "{comment}"
    );
    assert!(comment.contains("b.odcs.yaml") && !comment.contains("a.odcs.yaml"));
}

#[test]
fn a_profile_tells_stages_and_rules_and_changes_no_answer() {
    let plain = run_retail(&["--format", "json"], "2");
    let profiled = run_retail(&["--format", "json", "--profile"], "2");
    assert_eq!((plain.code, plain.out), (profiled.code, profiled.out));
    let names: Vec<&str> = profiled
        .err
        .lines()
        .filter(|line| line.contains(" ms "))
        .flat_map(str::split_whitespace)
        .filter(|word| word.contains('/') || ["evaluate", "facts", "deny"].contains(word))
        .collect();
    for name in [
        "evaluate",
        "deny",
        "facts",
        "security/unmarked-personal-data",
        "ownership/unknown-team",
    ] {
        assert!(names.contains(&name), "{name}: {}", profiled.err);
    }
    assert!(
        profiled.err.contains("each run separately"),
        "{}",
        profiled.err
    );
}
