//! The files beside the action: workflows, the example for users, hooks of pre-commit.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use super::{BAD, GOOD, GOVCHECK, Runner, action};

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn steps(workflow: &Value) -> Vec<Value> {
    let jobs = workflow["jobs"].as_mapping().unwrap();
    jobs.values()
        .flat_map(|job| job["steps"].as_sequence().unwrap().clone())
        .collect()
}

const WORKFLOWS: [&str; 4] = [
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
    ".github/workflows/publish.yml",
    ".github/examples/pull-request.yml",
];

#[test]
fn workflows_pin_the_actions_of_others_and_put_no_text_into_scripts() {
    for path in WORKFLOWS {
        for step in steps(&yaml(path)) {
            if let Some(uses) = step["uses"]
                .as_str()
                .filter(|uses| !uses.starts_with("your-org/"))
            {
                let commit = uses.split_once('@').unwrap().1;
                assert!(
                    commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()),
                    "{path}: {uses}"
                );
            }
            let script = step["run"].as_str().unwrap_or_default();
            assert!(!script.contains("${{"), "{path}: {script}");
        }
        assert!(
            !yaml(path)["permissions"].is_null(),
            "{path}: the token may do no more than it must"
        );
    }
}

#[test]
fn the_example_uses_inputs_that_are_there() {
    let example = yaml(".github/examples/pull-request.yml");
    let known = action()["inputs"].clone();
    let steps = steps(&example);
    let own = steps.iter().find(|step| {
        let uses = step["uses"].as_str().unwrap_or_default();
        uses.starts_with("your-org/govcheck@")
    });
    for name in own.unwrap()["with"].as_mapping().unwrap().keys() {
        assert!(!known[name.as_str().unwrap()].is_null(), "{name:?}");
    }
}

#[test]
fn the_hooks_stop_a_commit_by_what_it_adds() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    for hook in hooks.as_sequence().unwrap() {
        for key in ["id", "name", "description", "language", "entry"] {
            assert!(
                hook[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key}"
            );
        }
        assert_eq!(hook["pass_filenames"].as_bool(), Some(false));
        let runner = Runner::new(&[("teams.yaml", GOOD), ("old/p.yaml", BAD)]);
        let workspace = runner.path("workspace");
        let git = |arguments: &[&str]| {
            let done = Command::new("git")
                .args(["-c", "user.name=t", "-c", "user.email=t@t"])
                .args(arguments)
                .current_dir(&workspace)
                .status();
            assert!(done.unwrap().success());
        };
        git(&["add", "-A"]);
        git(&["commit", "-qm", "one"]);
        // As pre-commit runs it, with the entry's words as arguments.
        let run = || {
            let mut words = hook["entry"].as_str().unwrap().split(' ');
            assert_eq!(words.next(), Some("govcheck"));
            let done = Command::new(GOVCHECK)
                .args(words)
                .current_dir(&workspace)
                .output();
            done.unwrap().status.code()
        };
        assert_eq!(run(), Some(0), "the old finding is none of this commit's");
        fs::create_dir(workspace.join("new")).unwrap();
        fs::write(workspace.join("new/p.yaml"), BAD.replace("orders", "new")).unwrap();
        git(&["add", "-A"]);
        assert_eq!(run(), Some(1));
    }
}
