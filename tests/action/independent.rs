//! The Action under `act`, a runner that others wrote: whole workflows of all events, with local stand-ins for the actions that
//! it uses. Skips itself where `act` is not installed; `.ci/run` installs it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::events::{Upstream, git, write};
use super::{GOVCHECK, action, steps};

const WORKFLOW: &str = "on:
  pull_request:
  pull_request_target:
  merge_group:
  push:
  schedule: [{cron: '0 0 * * *'}]
jobs:
  mesh:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: govcheck
        uses: your-org/govcheck@v0.1.0
      - if: always()
        env:
          CODE: ${{ steps.govcheck.outputs.exit-code }}
          BASE: ${{ steps.govcheck.outputs.base }}
          FOUND: ${{ steps.govcheck.outputs.new }}
        run: echo \"code=$CODE base=$BASE new=$FOUND\"
";

/// What actions/checkout does: one commit, without history.
const CHECKOUT: &str = "name: checkout
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        git init --quiet .
        git remote add origin \"$UPSTREAM\"
        git fetch --quiet --depth=1 origin \"$GITHUB_SHA\"
        git checkout --quiet --force FETCH_HEAD
";

const CACHE: &str = "name: cache\nruns: {using: composite, steps: []}\n";

/// Says what would be uploaded.
const UPLOAD: &str = "name: upload
inputs: {sarif_file: {}, category: {}, ref: {}, sha: {}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {FILE: '${{ inputs.sarif_file }}', REF: '${{ inputs.ref }}', SHA: '${{ inputs.sha }}'}
      run: echo \"uploads ref=$REF sha=$SHA\" && test -s \"$FILE\"
";

/// The program: on PATH, or where `.ci/run` installs it.
fn find_act() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/act");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path)
        .map(|folder| folder.join("act"))
        .chain([own]);
    places.find(|place| place.is_file())
}

/// A workflow that has run.
struct Workflow {
    succeeded: bool,
    log: String,
}

impl Workflow {
    #[track_caller]
    fn says(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.log.contains(part), "no {part:?} in\n{}", self.log);
        }
    }
}

/// Runs the workflow for an event, in a clone of this branch.
fn run(
    act: &Path,
    upstream: &Upstream,
    (event, branch): (&str, &str),
    payload: &Value,
) -> Workflow {
    let folder = TempDir::new().unwrap();
    let path = |part: &str| folder.path().join(part);
    let from = format!("file://{}", upstream.folder.path().display());
    let clone = [
        "clone",
        "--quiet",
        "--depth=1",
        "--branch",
        branch,
        &from,
        "clone",
    ];
    git(folder.path(), &clone);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    write(folder.path(), "workflow.yml", WORKFLOW);
    write(folder.path(), "event.json", &payload.to_string());
    write(folder.path(), "actions/checkout/action.yml", CHECKOUT);
    write(folder.path(), "actions/cache/action.yml", CACHE);
    write(
        folder.path(),
        "actions/codeql/upload-sarif/action.yml",
        UPLOAD,
    );
    for part in ["action.yml", ".github/action"] {
        copy(&root.join(part), &path("actions/govcheck").join(part));
    }
    fs::create_dir(path("bin")).unwrap();
    symlink(GOVCHECK, path("bin/govcheck")).unwrap();

    let mut command = Command::new(act);
    command
        .args([event, "--platform", "ubuntu-latest=-self-hosted"])
        .arg("--workflows")
        .arg(path("workflow.yml"))
        .arg("--eventpath")
        .arg(path("event.json"))
        .args(["--env", "GITHUB_REPOSITORY=acme/mesh"])
        .args(["--env", &format!("UPSTREAM={from}")])
        .args([
            "--use-new-action-cache",
            "--action-offline-mode",
            "--no-cache-server",
        ])
        .arg("--no-skip-checkout");
    for (uses, stand_in) in stand_ins() {
        let place = path("actions").join(stand_in);
        command.args(["--local-repository", &format!("{uses}={}", place.display())]);
    }
    let done = command
        .current_dir(path("clone"))
        .stdin(Stdio::null())
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", format!("{}:/usr/bin:/bin", path("bin").display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Workflow {
        succeeded: done.status.success(),
        log: text(&done.stdout) + &text(&done.stderr),
    }
}

/// Each action that the workflow and the Action use, and the folder that stands for it.
fn stand_ins() -> Vec<(String, &'static str)> {
    let mut all = vec![
        ("actions/checkout@v4".to_owned(), "checkout"),
        ("your-org/govcheck@v0.1.0".to_owned(), "govcheck"),
    ];
    for step in steps(&action()) {
        let Some(uses) = step["uses"].as_str() else {
            continue;
        };
        let (name, commit) = uses.split_once('@').unwrap();
        let repository: Vec<&str> = name.split('/').take(2).collect();
        let stand_in = match repository.as_slice() {
            ["actions", "cache"] => "cache",
            ["github", "codeql-action"] => "codeql",
            other => panic!("no stand-in for {other:?}"),
        };
        all.push((format!("{}@{commit}", repository.join("/")), stand_in));
    }
    all
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        return;
    }
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// The new finding is stopped by the rule that the change turns off, and the old one is not reported.
#[track_caller]
fn stops_the_new_one_alone(ran: &Workflow, base: &str) {
    assert!(!ran.succeeded, "{}", ran.log);
    ran.says(&[
        "::error file=new/p.yaml,line=7,",
        "policies/not-in-force",
        &format!("code=1 base={base} new="),
    ]);
    assert!(!ran.log.contains("file=old/p.yaml"), "{}", ran.log);
}

#[test]
fn an_independent_runner_judges_the_right_revisions_of_every_event() {
    let Some(act) = find_act() else {
        return eprintln!("skipped: no `act` on PATH or in target/tools; .ci/run installs it");
    };
    let upstream = Upstream::new();
    let (main, topic) = (upstream.main.as_str(), upstream.topic.as_str());
    let path = upstream.folder.path();
    git(path, &["checkout", "-q", "--detach", "main"]);
    git(path, &["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    git(path, &["branch", "-f", "merge"]);
    let repository = json!({"full_name": "acme/mesh", "default_branch": "main"});
    let pull_request = json!({
        "number": 7,
        "repository": repository,
        "pull_request": {
            "number": 7,
            "base": {"sha": main, "ref": "main"},
            "head": {"sha": topic, "ref": "topic", "repo": {"full_name": "acme/mesh"}},
        },
    });

    let ran = run(&act, &upstream, ("pull_request", "merge"), &pull_request);
    stops_the_new_one_alone(&ran, main);
    ran.says(&["uploads ref= sha="]);

    let ran = run(
        &act,
        &upstream,
        ("pull_request_target", "main"),
        &pull_request,
    );
    stops_the_new_one_alone(&ran, main);
    ran.says(&[&format!("uploads ref=refs/pull/7/head sha={topic}")]);

    let queue =
        json!({"merge_group": {"base_sha": main, "head_sha": topic}, "repository": repository});
    let ran = run(&act, &upstream, ("merge_group", "topic"), &queue);
    stops_the_new_one_alone(&ran, main);

    let push = json!({"before": main, "after": topic, "forced": false, "ref": "refs/heads/topic", "repository": repository});
    let ran = run(&act, &upstream, ("push", "topic"), &push);
    stops_the_new_one_alone(&ran, main);

    // Without a base all findings count.
    let ran = run(
        &act,
        &upstream,
        ("schedule", "main"),
        &json!({"repository": repository}),
    );
    assert!(!ran.succeeded, "{}", ran.log);
    ran.says(&["::error file=old/p.yaml,line=7,", "code=1 base= new=0"]);

    // A sound change passes.
    git(path, &["checkout", "-q", "main"]);
    write(path, "teams.yaml", &format!("{}# edited\n", super::GOOD));
    git(path, &["add", "-A"]);
    git(path, &["commit", "-q", "-m", "sound"]);
    let sound = git(path, &["rev-parse", "HEAD"]);
    let push = json!({"before": main, "after": sound, "forced": false, "ref": "refs/heads/main", "repository": repository});
    let ran = run(&act, &upstream, ("push", "main"), &push);
    assert!(ran.succeeded, "{}", ran.log);
    ran.says(&[&format!("code=0 base={main} new=0")]);
}
