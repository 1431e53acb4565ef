//! Events of all kinds, on real clones of a real repository: which base is found, what is fetched, and what counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{BAD, GOOD, Outcome, Runner, UPLOAD};

/// What GitHub holds: `main` with an old finding, `topic` with a new one that also turns the rule off.
pub(super) struct Upstream {
    pub(super) folder: TempDir,
    pub(super) main: String,
    pub(super) topic: String,
}

fn bad(id: &str) -> String {
    BAD.replace("orders", id)
}

pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    assert!(
        done.status.success(),
        "git {arguments:?}: {}",
        text(&done.stderr)
    );
    text(&done.stdout)
}

pub(super) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

impl Upstream {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        git(path, &["init", "-q", "-b", "main"]);
        // As GitHub does.
        git(path, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        write(path, "teams.yaml", GOOD);
        write(path, "old/p.yaml", &bad("old"));
        commit(path, "first");
        let main = commit(path, "second");
        git(path, &["checkout", "-q", "-b", "topic"]);
        write(path, "new/p.yaml", &bad("new"));
        write(
            path,
            "govcheck.yaml",
            "version: 1\nrules: {ownership: off}\n",
        );
        commit(path, "one");
        let topic = commit(path, "two");
        Self {
            folder,
            main,
            topic,
        }
    }

    /// A runner on a clone; `arguments` are those of `git clone`.
    fn cloned(&self, arguments: &[&str]) -> Runner {
        let runner = Runner::new(&[]);
        let workspace = runner.path("workspace");
        fs::remove_dir_all(&workspace).unwrap();
        let from = format!("file://{}", self.folder.path().display());
        let to = workspace.display().to_string();
        let all = [&["clone", "-q"], arguments, &[from.as_str(), to.as_str()]].concat();
        git(self.folder.path(), &all);
        runner
    }

    fn pull_request(&self, runner: Runner, event: &str) -> Runner {
        runner
            .with("github.event_name", event)
            .with("github.event.pull_request.base.sha", &self.main)
            .with("github.event.pull_request.head.sha", &self.topic)
            .with("github.event.pull_request.head.repo.full_name", "acme/mesh")
            .with("github.event.pull_request.number", "7")
    }
}

/// The new finding fails, the old one is not reported, and the change did not turn the rule off for itself.
#[track_caller]
fn stops_the_new_one_alone(outcome: &Outcome, base: &str) {
    assert_eq!(outcome.code, 1, "{}", outcome.log);
    assert!(
        outcome.log.contains("::error file=new/p.yaml,line=7,"),
        "{}",
        outcome.log
    );
    assert!(!outcome.log.contains("file=old/p.yaml"), "{}", outcome.log);
    assert!(
        outcome.log.contains("policies/not-in-force"),
        "{}",
        outcome.log
    );
    assert_eq!(outcome.output("base"), base, "{}", outcome.log);
    assert_ne!(outcome.output("unchanged"), "0");
    assert!(
        outcome.summary.contains("## govcheck: ❌ "),
        "{}",
        outcome.summary
    );
}

/// Everything counts.
#[track_caller]
fn judges_the_whole_mesh(outcome: &Outcome) {
    assert_eq!(
        (outcome.code, outcome.output("base")),
        (1, ""),
        "{}",
        outcome.log
    );
    assert!(outcome.log.contains("file=old/p.yaml"), "{}", outcome.log);
}

#[test]
fn a_pull_request_is_stopped_by_what_it_adds() {
    let upstream = Upstream::new();
    let runner = upstream.cloned(&["-b", "topic"]);
    let outcome = upstream.pull_request(runner, "pull_request").run();
    stops_the_new_one_alone(&outcome, &upstream.main);
    assert_eq!(outcome.used, [UPLOAD]);
}

#[test]
fn a_shallow_clone_is_deepened_as_far_as_it_takes() {
    let upstream = Upstream::new();
    let runner = upstream.cloned(&["--depth", "1", "-b", "topic"]);
    let outcome = upstream.pull_request(runner, "pull_request").run();
    stops_the_new_one_alone(&outcome, &upstream.main);
}

#[test]
fn history_that_can_not_be_fetched_is_reported_with_the_setting() {
    let upstream = Upstream::new();
    let runner = upstream.cloned(&["--depth", "1", "-b", "topic"]);
    git(
        &runner.path("workspace"),
        &["remote", "set-url", "origin", "file:///nowhere"],
    );
    let outcome = upstream.pull_request(runner, "pull_request").run();
    assert_eq!(outcome.code, 2, "{}", outcome.log);
    assert!(
        outcome.log.contains("::error title=govcheck::") && outcome.log.contains("fetch-depth: 0"),
        "{}",
        outcome.log
    );
    assert!(
        outcome.summary.contains("could not judge"),
        "{}",
        outcome.summary
    );
}

#[test]
fn of_a_trial_merge_what_main_brought_meanwhile_is_not_the_pull_requests() {
    let upstream = Upstream::new();
    let path = upstream.folder.path();
    git(path, &["checkout", "-q", "main"]);
    write(path, "meanwhile/p.yaml", &bad("meanwhile"));
    let later = commit(path, "meanwhile");
    git(path, &["checkout", "-q", "--detach"]);
    git(path, &["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    git(path, &["branch", "-f", "merge"]);
    for depth in [&["-b", "merge"][..], &["--depth", "1", "-b", "merge"]] {
        let mut runner = upstream.pull_request(upstream.cloned(depth), "pull_request");
        runner.sha = git(path, &["rev-parse", "merge"]);
        let outcome = runner.run();
        stops_the_new_one_alone(&outcome, &later);
        assert!(!outcome.log.contains("meanwhile/p.yaml"), "{}", outcome.log);
    }
}

#[test]
fn a_pull_request_target_is_read_from_git_and_not_checked_out() {
    let upstream = Upstream::new();
    let runner = upstream.cloned(&["--depth", "1", "-b", "main"]);
    let workspace = runner.path("workspace");
    let runner = upstream.pull_request(runner, "pull_request_target");
    let runner = runner.with(
        "github.event.pull_request.head.repo.full_name",
        "mallory/mesh",
    );
    let outcome = runner.run();
    stops_the_new_one_alone(&outcome, &upstream.main);
    assert!(!workspace.join("new").exists());
}

#[test]
fn a_fork_is_not_uploaded_and_that_is_reported() {
    let upstream = Upstream::new();
    let runner = upstream.pull_request(upstream.cloned(&["-b", "topic"]), "pull_request");
    let outcome = runner
        .with(
            "github.event.pull_request.head.repo.full_name",
            "mallory/mesh",
        )
        .with("inputs.comment", "true")
        .run();
    stops_the_new_one_alone(&outcome, &upstream.main);
    assert!(outcome.used.is_empty());
    for said in ["skipped the upload to code scanning", "skipped the comment"] {
        assert!(outcome.log.contains(said), "{}", outcome.log);
    }
}

#[test]
fn a_merge_queue_has_a_base() {
    let upstream = Upstream::new();
    let runner = upstream.cloned(&["--depth", "1", "-b", "topic"]);
    let outcome = runner
        .with("github.event_name", "merge_group")
        .with("github.event.merge_group.base_sha", &upstream.main)
        .run();
    stops_the_new_one_alone(&outcome, &upstream.main);
}

#[test]
fn a_push_is_compared_with_the_commit_before_it() {
    let upstream = Upstream::new();
    let push = |before: &str| {
        let runner = upstream.cloned(&["--depth", "1", "-b", "topic"]);
        runner
            .with("github.event_name", "push")
            .with("github.event.before", before)
            .run()
    };
    stops_the_new_one_alone(&push(&upstream.main), &upstream.main);
    // A new branch, and the first push of all: what is in the mesh counts, and its own config holds.
    let first = upstream.cloned(&["-b", "main"]);
    let outcome = first
        .with("github.event_name", "push")
        .with("github.event.before", &"0".repeat(40))
        .run();
    judges_the_whole_mesh(&outcome);
}

#[test]
fn the_first_commit_of_all_is_judged_whole() {
    let runner = Runner::new(&[("teams.yaml", GOOD), ("old/p.yaml", &bad("old"))]);
    commit(&runner.path("workspace"), "first");
    let outcome = runner
        .with("github.event_name", "push")
        .with("github.event.before", &"0".repeat(40))
        .run();
    judges_the_whole_mesh(&outcome);
}

#[test]
fn without_a_base_the_whole_mesh_is_judged() {
    let upstream = Upstream::new();
    for event in ["workflow_dispatch", "schedule"] {
        let runner = upstream
            .cloned(&["-b", "main"])
            .with("github.event_name", event);
        judges_the_whole_mesh(&runner.run());
    }
    let runner = upstream.pull_request(upstream.cloned(&["-b", "main"]), "pull_request");
    let runner = runner
        .with("inputs.base", "none")
        .with("inputs.policies-from", "none");
    judges_the_whole_mesh(&runner.run());
}

#[test]
fn the_base_can_be_named() {
    let upstream = Upstream::new();
    for name in ["main", "origin/main"] {
        let runner = upstream
            .cloned(&["--depth", "1", "-b", "topic"])
            .with("inputs.base", name);
        stops_the_new_one_alone(&runner.run(), &upstream.main);
    }
}

#[test]
fn hostile_names_are_names() {
    let upstream = Upstream::new();
    let evil = [
        "--upload-pack=touch pwned",
        "$(touch pwned)",
        "a\n::error::x",
        "`touch pwned`;x",
        "nope",
    ];
    for (input, name) in ["inputs.base", "inputs.policies-from"]
        .into_iter()
        .flat_map(|input| evil.map(|name| (input, name)))
    {
        let runner = upstream.cloned(&["-b", "topic"]).with(input, name);
        let workspace: PathBuf = runner.path("workspace");
        let outcome = runner.run();
        assert_eq!(outcome.code, 2, "{name}: {}", outcome.log);
        assert!(!workspace.join("pwned").exists(), "{name}");
        assert!(!outcome.log.contains("\n::error::x"), "{}", outcome.log);
    }
    // Nor does a repository run what its configuration names.
    let runner = upstream.cloned(&["-b", "topic"]);
    let workspace = runner.path("workspace");
    let hook = "#!/bin/sh\ntouch \"$(git rev-parse --show-toplevel)/pwned\"\n";
    for name in ["post-checkout", "reference-transaction", "post-merge"] {
        runner.script("hook", hook);
        fs::copy(
            runner.path("bin/hook"),
            workspace.join(".git/hooks").join(name),
        )
        .unwrap();
    }
    let outcome = upstream.pull_request(runner, "pull_request").run();
    stops_the_new_one_alone(&outcome, &upstream.main);
}
