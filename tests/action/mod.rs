//! The GitHub Action: its scripts run as a runner would run them, on meshes of all outcomes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;
use tempfile::TempDir;

mod comment;
mod events;
mod files;
mod independent;
mod release;

const GOVCHECK: &str = env!("CARGO_BIN_EXE_govcheck");

fn text() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).unwrap()
}

fn action() -> Value {
    serde_yaml::from_str(&text()).unwrap()
}

fn steps(action: &Value) -> Vec<Value> {
    action["runs"]["steps"].as_sequence().unwrap().clone()
}

/// The expressions `${{ … }}` of a text.
fn expressions(text: &str) -> Vec<String> {
    let parts = text.split("${{").skip(1);
    parts
        .map(|part| part.split_once("}}").unwrap().0.trim().to_owned())
        .collect()
}

#[test]
fn no_script_has_text_of_others_put_into_it() {
    for step in steps(&action()) {
        let Some(script) = step["run"].as_str() else {
            continue;
        };
        assert!(!script.contains("${{"), "{script}");
        assert_eq!(step["shell"].as_str(), Some("bash"), "{script}");
    }
}

#[test]
fn every_input_is_declared_described_and_used() {
    let action = action();
    let names = |key: &str| -> BTreeSet<String> {
        let mapping = action[key].as_mapping().unwrap();
        for value in mapping.values() {
            assert!(
                value["description"]
                    .as_str()
                    .is_some_and(|text| text.len() > 10)
            );
        }
        mapping
            .keys()
            .map(|key| key.as_str().unwrap().to_owned())
            .collect()
    };
    let text = text();
    let used: BTreeSet<String> = text
        .lines()
        .filter(|line| line.contains("${{") || line.trim_start().starts_with("if:"))
        .flat_map(|line| line.split("inputs.").skip(1))
        .map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '-')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(names("inputs"), used);
    // Every output is one that the step `check` writes.
    for name in names("outputs") {
        let value = action["outputs"][name.as_str()]["value"].as_str().unwrap();
        assert_eq!(expressions(value), [format!("steps.check.outputs.{name}")]);
    }
}

#[test]
fn actions_of_others_are_pinned() {
    for step in steps(&action()) {
        if let Some(uses) = step["uses"].as_str() {
            let (_, commit) = uses.split_once('@').unwrap();
            assert!(
                commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()),
                "{uses}"
            );
        }
    }
}

/// A runner: what the steps have written, and what the workflow gave.
struct Runner {
    /// The workspace, `temp` and `bin` of the runner.
    folder: TempDir,
    /// Values of expressions.
    context: BTreeMap<String, String>,
    /// The folder of the action.
    action: PathBuf,
    /// The commit that the event is about.
    sha: String,
}

/// What a run came to.
struct Outcome {
    code: i32,
    log: String,
    summary: String,
    /// Values of expressions after the run.
    context: BTreeMap<String, String>,
    /// The actions of others that would have run, in order.
    used: Vec<String>,
}

impl Outcome {
    fn output(&self, name: &str) -> &str {
        let key = format!("steps.check.outputs.{name}");
        self.context.get(&key).map_or("", String::as_str)
    }

    fn counts(&self) -> [&str; 3] {
        ["errors", "warnings", "notes"].map(|level| self.output(level))
    }
}

impl Runner {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for part in ["workspace", "temp", "bin"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        let runner = Self {
            folder,
            context: BTreeMap::from([
                ("github.actor".to_owned(), "anna".to_owned()),
                ("github.repository".to_owned(), "acme/mesh".to_owned()),
                (
                    "github.action_repository".to_owned(),
                    "acme/govcheck".to_owned(),
                ),
                (
                    "github.event_name".to_owned(),
                    "workflow_dispatch".to_owned(),
                ),
            ]),
            action: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            sha: "4748ff9".to_owned(),
        };
        git2::Repository::init(runner.path("workspace")).unwrap();
        for (path, text) in files {
            let path = runner.path("workspace").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        std::os::unix::fs::symlink(GOVCHECK, runner.path("bin/govcheck")).unwrap();
        runner
    }

    fn path(&self, part: &str) -> PathBuf {
        self.folder.path().join(part)
    }

    fn with(mut self, expression: &str, value: &str) -> Self {
        self.context.insert(expression.to_owned(), value.to_owned());
        self
    }

    /// Puts a script on PATH.
    fn script(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the steps in turn; like a runner's, the first that fails ends the run.
    fn run(self) -> Outcome {
        self.run_and(|| ())
    }

    /// The same, with a look at the runner's folder before it goes.
    fn run_and(self, look: impl FnOnce()) -> Outcome {
        let action = action();
        let mut context = self.context.clone();
        for (name, input) in action["inputs"].as_mapping().unwrap() {
            let default = input["default"].as_str().unwrap().to_owned();
            context
                .entry(format!("inputs.{}", name.as_str().unwrap()))
                .or_insert(default);
        }
        let mut outcome = Outcome {
            code: 0,
            log: String::new(),
            summary: String::new(),
            context,
            used: Vec::new(),
        };
        for step in steps(&action) {
            let runs = step["if"]
                .as_str()
                .is_none_or(|condition| holds(condition, &outcome.context));
            if !runs || outcome.code != 0 {
                continue;
            }
            match step["uses"].as_str() {
                Some(uses) => outcome
                    .used
                    .push(uses.split('@').next().unwrap().to_owned()),
                None => self.step(&step, &mut outcome),
            }
        }
        outcome.summary = fs::read_to_string(self.path("summary")).unwrap_or_default();
        look();
        outcome
    }

    fn step(&self, step: &Value, outcome: &mut Outcome) {
        let written = self.path("output");
        fs::write(&written, "").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c"])
            .arg(step["run"].as_str().unwrap())
            .current_dir(self.path("workspace"))
            .env_clear()
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.path("bin").display()),
            )
            .env("HOME", self.path("temp"))
            .env("RUNNER_TEMP", self.path("temp"))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("GITHUB_ACTION_PATH", &self.action)
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_REPOSITORY", "acme/mesh")
            .env("GITHUB_SHA", &self.sha)
            .env("GITHUB_API_URL", "https://api.github.invalid")
            .env("GITHUB_GRAPHQL_URL", "https://api.github.invalid/graphql")
            .env("GITHUB_OUTPUT", &written)
            .env("GITHUB_STEP_SUMMARY", self.path("summary"));
        for (name, value) in step["env"].as_mapping().into_iter().flatten() {
            let expression = expressions(value.as_str().unwrap()).remove(0);
            let value = outcome
                .context
                .get(&expression)
                .cloned()
                .unwrap_or_default();
            command.env(name.as_str().unwrap(), value);
        }
        let done = command.output().unwrap();
        outcome.code = done.status.code().unwrap();
        outcome
            .log
            .push_str(&String::from_utf8(done.stdout).unwrap());
        outcome
            .log
            .push_str(&String::from_utf8(done.stderr).unwrap());
        let id = step["id"].as_str().unwrap_or("none");
        for line in fs::read_to_string(written).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            outcome
                .context
                .insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
    }
}

/// Comparisons with text, joined by `&&`: all that the action's conditions are.
fn holds(condition: &str, context: &BTreeMap<String, String>) -> bool {
    condition.split("&&").all(|part| {
        let negated = part.contains("!=");
        let (name, value) = part.split_once(if negated { "!=" } else { "==" }).unwrap();
        let value = value.trim().trim_matches('\'');
        let found = context.get(name.trim()).map_or("", String::as_str);
        (found == value) != negated
    })
}

const GOOD: &str =
    "apiVersion: govcheck/v1\nkind: Register\nteams:\n  - {name: sales, email: s@acme.example}\n";
const BAD: &str = "apiVersion: v1.0.0\nkind: DataProduct\nid: orders\nname: orders\nversion: 1.0.0\nstatus: active\n\
                   team: {name: salez}\n";
const UPLOAD: &str = "github/codeql-action/upload-sarif";

#[test]
fn findings_fail_the_step_after_the_upload() {
    let outcome = Runner::new(&[("teams.yaml", GOOD), ("orders/p.yaml", BAD)]).run();
    assert_eq!(outcome.code, 1, "{}", outcome.log);
    assert_eq!(outcome.output("exit-code"), "1");
    let [errors, warnings, notes] = outcome.counts();
    assert!(
        errors != "0" && !warnings.is_empty() && !notes.is_empty(),
        "{:?}",
        outcome.counts()
    );
    assert!(
        outcome.log.contains("::error file=orders/p.yaml,line=7,"),
        "{}",
        outcome.log
    );
    assert!(
        outcome.summary.starts_with("## govcheck: ❌ "),
        "{}",
        outcome.summary
    );
    assert!(
        outcome
            .summary
            .contains("https://github.com/acme/mesh/blob/4748ff9/orders/p.yaml#L7"),
        "{}",
        outcome.summary
    );
    assert_eq!(outcome.used, [UPLOAD]);
    assert!(outcome.output("sarif").ends_with("/govcheck.sarif"));
}

#[test]
fn a_clean_mesh_passes() {
    let outcome = Runner::new(&[("teams.yaml", GOOD)]).run();
    assert_eq!(
        (outcome.code, outcome.counts()),
        (0, ["0", "0", "0"]),
        "{}",
        outcome.log
    );
    assert_eq!(outcome.output("exit-code"), "0");
    assert!(
        outcome.summary.starts_with("## govcheck: ✅ no findings"),
        "{}",
        outcome.summary
    );
}

#[test]
fn what_could_not_be_judged_fails_with_a_report_where_there_is_one() {
    let broken = "apiVersion: v1.0.0\nkind: DataProduct\nid: [\n";
    let outcome = Runner::new(&[("teams.yaml", GOOD), ("p.odps.yaml", broken)]).run();
    assert_eq!(outcome.code, 2, "{}", outcome.log);
    assert!(
        outcome
            .summary
            .starts_with("## govcheck: ⛔ the check is incomplete"),
        "{}",
        outcome.summary
    );
    assert_eq!(outcome.used, [UPLOAD]);
    let config = "version: 1\n\"::error::x\": 1\n";
    let outcome = Runner::new(&[("teams.yaml", GOOD), ("govcheck.yaml", config)]).run();
    assert_eq!(
        (outcome.code, outcome.output("exit-code")),
        (2, "2"),
        "{}",
        outcome.log
    );
    assert_eq!(
        (outcome.counts(), outcome.output("sarif")),
        (["", "", ""], "")
    );
    assert!(outcome.used.is_empty());
    assert!(
        outcome
            .summary
            .starts_with("## govcheck: ⛔ could not judge\n\n    error: "),
        "{}",
        outcome.summary
    );
    // Text that the mistake quotes from the file must not become a workflow command.
    let (before, after) = outcome.log.split_once("::stop-commands::").unwrap();
    assert!(
        !before.contains("error") && after.contains("\n::govcheck-"),
        "{}",
        outcome.log
    );
}

#[test]
fn nothing_to_judge_is_reported_and_can_be_allowed() {
    let outcome = Runner::new(&[("a.txt", "x")]).run();
    assert_eq!(
        (outcome.code, outcome.output("exit-code")),
        (3, "3"),
        "{}",
        outcome.log
    );
    assert!(
        outcome
            .summary
            .starts_with("## govcheck: ⚪ no manifests found"),
        "{}",
        outcome.summary
    );
    let outcome = Runner::new(&[("a.txt", "x")])
        .with("inputs.args", "--allow-empty\n")
        .run();
    assert_eq!(outcome.code, 0, "{}", outcome.log);
}

#[test]
fn inputs_are_arguments_and_never_scripts() {
    let evil = "$(touch pwned) `touch pwned`; touch pwned";
    let files = [
        ("m/teams.yaml", GOOD),
        ("m/a b/p.yaml", BAD),
        ("m/$(touch pwned).yaml", BAD),
    ];
    let run = |name: &str, value: &str| {
        let runner = Runner::new(&files)
            .with("inputs.working-directory", "m")
            .with(name, value);
        let workspace = runner.path("workspace");
        // The runner owns the folder: look before it goes.
        let outcome = runner.with("inputs.fail-on", "never").run();
        assert!(!workspace.join("m/pwned").exists() && !workspace.join("pwned").exists());
        outcome
    };
    let outcome = run("inputs.paths", "  a b  \n\n");
    assert!(
        outcome.code == 0
            && outcome.log.contains("a b/p.yaml")
            && !outcome.log.contains("file=m/$"),
        "{}",
        outcome.log
    );
    for input in ["inputs.paths", "inputs.args", "inputs.working-directory"] {
        assert_eq!(run(input, evil).code, 2, "{input}");
    }
    assert_eq!(
        run("inputs.paths", "--allow-empty").code,
        2,
        "a path is no option"
    );
}

#[test]
fn a_failed_upload_is_reported_and_does_not_decide() {
    let outcome = Runner::new(&[("teams.yaml", GOOD)])
        .with("steps.uploaded.outcome", "failure")
        .run();
    assert!(
        outcome.code == 0 && outcome.log.contains("security-events: write"),
        "{}",
        outcome.log
    );
}

#[test]
fn without_govcheck_on_the_path_it_is_built_from_the_source_of_the_action() {
    let cargo = "#!/bin/bash\nwhile [ $# -gt 0 ]; do [ \"$1\" = --target-dir ] && target=\"$2\"; shift; done\n\
                 mkdir -p \"$target/release\" && cp GOVCHECK \"$target/release/govcheck\"\n";
    let runner = || {
        let runner = Runner::new(&[("teams.yaml", GOOD)]);
        fs::remove_file(runner.path("bin/govcheck")).unwrap();
        runner
    };
    let built = runner();
    built.script("cargo", &cargo.replace("GOVCHECK", GOVCHECK));
    let outcome = built.run();
    assert_eq!(outcome.code, 0, "{}", outcome.log);
    assert_eq!(outcome.used, ["actions/cache", UPLOAD]);
    let key = &outcome.context["steps.find.outputs.key"];
    assert!(
        key.starts_with("govcheck-Linux-X64-") && key.len() > 40,
        "{key}"
    );
    let bare = runner().run();
    assert!(
        bare.code == 2 && bare.log.contains("neither govcheck nor cargo"),
        "{}",
        bare.log
    );
}

#[test]
fn a_version_that_is_asked_for_is_the_one_that_runs() {
    let own = env!("CARGO_PKG_VERSION");
    let other = "#!/bin/bash\necho govcheck 9.9.9\n";
    let asked =
        |version: &str| Runner::new(&[("teams.yaml", GOOD)]).with("inputs.version", version);
    assert_eq!(asked(&format!("v{own}")).run().code, 0);
    let outcome = asked("7.0.0").run();
    assert!(
        outcome.code == 2 && outcome.log.contains("matches neither this action"),
        "{}",
        outcome.log
    );
    let found = asked(own);
    fs::remove_file(found.path("bin/govcheck")).unwrap();
    found.script("govcheck", other);
    let outcome = found.run();
    assert_eq!(outcome.context["steps.find.outputs.found"], "false");
}

#[test]
fn without_the_upload_it_is_not_mentioned() {
    let off = Runner::new(&[("teams.yaml", GOOD)])
        .with("inputs.upload-sarif", "false")
        .run();
    assert!(
        off.used.is_empty() && !off.log.contains("notice"),
        "{}",
        off.log
    );
}
