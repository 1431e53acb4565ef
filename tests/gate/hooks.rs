//! Hooks of git and of pre-commit: each judges what its caller is about to commit or push, and says so where that is nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;

use super::Pull;
use crate::cli::{Mesh, REGISTER, Ran, contract, orphan};

const NOTHING: &str = "nothing changed, 0 files judged";

impl Pull {
    fn stage(&self, arguments: &[&str]) -> &Self {
        self.mesh.git_command(&[&["add"], arguments].concat());
        self
    }

    /// The binary with variables of a hook.
    fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let arguments = [&["check", "--no-cache"], arguments].concat();
        let mut command = self.mesh.command(&arguments);
        self.mesh.finish(command.envs(variables.iter().copied()))
    }

    fn staged(&self, arguments: &[&str]) -> Ran {
        self.run_with(&[], &[&["--staged"], arguments].concat())
    }

    fn in_pre_commit(&self, variables: &[(&str, &str)]) -> Ran {
        let variables = [&[("PRE_COMMIT", "1")], variables].concat();
        self.run_with(&variables, &["--changed"])
    }

    /// Writes a hook of git that runs govcheck.
    fn hook(&self, name: &str, arguments: &str) -> &Self {
        let binary = env!("CARGO_BIN_EXE_govcheck");
        let path = format!(".git/hooks/{name}");
        let script = format!("#!/bin/sh\nexec {binary} --no-cache {arguments} >&2\n");
        self.file(&path, script);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.mesh.path().join(path), executable).unwrap();
        self
    }

    /// `git` with its hooks, which see its environment; says whether it succeeded.
    fn git(&self, arguments: &[&str]) -> Ran {
        self.other("git", arguments)
    }

    fn other(&self, program: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(program);
        let who = ["GIT_AUTHOR", "GIT_COMMITTER"];
        let who = who.map(|role| [format!("{role}_NAME"), format!("{role}_EMAIL")]);
        let home = self.mesh.path().join(".git/home");
        command
            .args(arguments)
            .current_dir(self.mesh.path())
            .envs(who.as_flattened().iter().map(|variable| (variable, "t@t")))
            .env("HOME", &home)
            .env("PRE_COMMIT_HOME", home.join("pre-commit"));
        self.mesh.finish(&mut command)
    }
}

#[test]
fn the_index_is_judged_and_not_the_working_tree() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .file("domains/s/a.odcs.yaml", orphan("a"));
    pull.staged(&[]).says(0, &[NOTHING]);
    pull.stage(&["domains/s/b.odcs.yaml"])
        .file("domains/s/b.odcs.yaml", contract("b"));
    let ran = pull.staged(&[]);
    ran.says(
        1,
        &[
            "nobody-here",
            "b.odcs.yaml",
            "index against HEAD",
            "1 new error",
        ],
    );
    assert!(!ran.out.contains("a.odcs.yaml"), "{}", ran.out);
    // A team that only the working tree has does not exist.
    pull.stage(&["domains/s/b.odcs.yaml"])
        .staged(&[])
        .says(0, &[]);
    pull.file("teams.yaml", REGISTER.replace("sales-data", "new-team"))
        .file(
            "domains/s/b.odcs.yaml",
            orphan("b").replace("nobody-here", "new-team"),
        )
        .stage(&["domains/s/b.odcs.yaml"]);
    pull.staged(&[]).says(1, &["new-team"]);
    pull.stage(&["teams.yaml"]).staged(&[]).says(0, &[]);
}

#[test]
fn folders_of_the_index_are_read_and_nothing_is_written() {
    let pull = Pull::sound();
    for number in 0..5 {
        let path = format!("deep/{number}/x/y/z/{number}.odcs.yaml");
        pull.file(&path, orphan(&format!("c{number}")));
    }
    pull.stage(&["--all"]);
    let objects = || {
        let counted = pull.git(&["count-objects", "-v"]);
        let tree = pull.git(&["ls-files", "--stage"]);
        (counted.out, tree.out)
    };
    let before = objects();
    pull.staged(&[]).says(1, &["5 new errors"]);
    assert_eq!(objects(), before);
}

#[test]
fn what_breaks_elsewhere_and_what_was_renamed_is_seen_in_the_index() {
    let pull = Pull::sound();
    pull.file(
        "register.yaml",
        REGISTER.replace("- name: sales-data", "- name: sales-core"),
    )
    .stage(&["--all"]);
    pull.staged(&[]).says(1, &["domains/s/a.odcs.yaml"]);
    let pull = Pull::sound();
    pull.mesh
        .git_command(&["mv", "domains/s/a.odcs.yaml", "domains/s/z.odcs.yaml"]);
    let ran = pull.staged(&["--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        report["comparison"]["changed"][0]["change"], "renamed",
        "{}",
        ran.out
    );
    assert_eq!(report["comparison"]["head"]["commit"], "index");
}

#[test]
fn waivers_and_config_of_the_index_judge_the_index() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .stage(&["--all"]);
    pull.file(
        "govcheck.yaml",
        "version: 1\nrules:\n  ownership/unknown-team: off\n",
    );
    pull.mesh.run(&["--no-cache", "--changed"]).says(0, &[]);
    pull.staged(&[]).says(1, &["nobody-here"]);
    pull.stage(&["govcheck.yaml"]).staged(&[]).says(0, &[]);
}

#[test]
fn the_index_has_its_limits() {
    let pull = Pull::sound();
    pull.staged(&["--head", "HEAD"])
        .refuses(2, &["--staged", "cannot be used with", "--head"]);
    let name = ["--stdin-filename", "x.odcs.yaml", "-"];
    pull.staged(&name)
        .refuses(2, &["`--staged` checks `index`"]);
    // An entry without content is not committed.
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .stage(&["--intent-to-add", "domains/s/b.odcs.yaml"]);
    pull.staged(&[]).says(0, &[NOTHING]);
    pull.commit("b")
        .remove("domains/s/b.odcs.yaml")
        .commit("without b");
    pull.mesh.git_command(&["tag", "without-b"]);
    pull.mesh
        .git_command(&["checkout", "--quiet", "-b", "other", "HEAD~1"]);
    pull.file("domains/s/b.odcs.yaml", contract("b"))
        .commit("mended");
    assert_eq!(pull.git(&["merge", "--quiet", "without-b"]).code, Some(1));
    pull.staged(&[])
        .refuses(2, &["the index has unresolved conflicts", "git add"]);
}

#[test]
fn the_base_of_the_index_may_be_another() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b")).commit("b");
    pull.staged(&[]).says(0, &[NOTHING]);
    pull.staged(&["--base", "base"]).says(1, &["nobody-here"]);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("a.odcs.yaml", orphan("a"));
    let pull = Pull { mesh };
    pull.in_pre_commit(&[]).says(1, &["nobody-here"]);
    pull.staged(&[]).says(3, &["no manifests found"]);
    pull.stage(&["--all"]).staged(&[]).says(1, &["nobody-here"]);
    pull.run_with(&[], &["--changed"]).says(1, &["nobody-here"]);
    pull.in_pre_commit(&[]).says(1, &["nobody-here"]);
}

#[test]
fn a_run_in_which_nothing_changed_says_so_in_every_format() {
    let pull = Pull::new(&[("register.yaml", REGISTER), ("a.odcs.yaml", &orphan("a"))]);
    for option in ["--changed", "--staged"] {
        let report = |format: &str| pull.run_with(&[], &[option, "--format", format]);
        report("human").says(0, &[NOTHING]);
        report("markdown").says(0, &[NOTHING, "0 of 2 files judged"]);
        let json: Value = serde_json::from_str(&report("json").out).unwrap();
        let counts = &json["counts"];
        assert_eq!(
            (&counts["judged"], &counts["files"]),
            (&0.into(), &2.into())
        );
        let sarif: Value = serde_json::from_str(&report("sarif").out).unwrap();
        let said = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
        assert!(said.contains(NOTHING), "{said}");
    }
    // The whole mesh against a base is still judged.
    let ran = pull.run_with(&[], &["--base", "HEAD"]);
    assert!(!ran.out.contains(NOTHING), "{}", ran.out);
    // Nothing changed below the paths given.
    pull.file("d/b.odcs.yaml", contract("b"));
    pull.run_with(&[], &["--changed", "a.odcs.yaml"])
        .says(0, &[NOTHING]);
    let ran = pull.run_with(&[], &["--changed", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["counts"]["judged"], 1);
    let empty = Pull::new(&[("notes.txt", "none\n")]);
    empty.staged(&[]).says(3, &["no manifests found"]);
}

#[test]
fn pre_commit_says_what_it_runs_for() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b")).commit("b");
    pull.mesh.git_command(&["tag", "broken"]);
    pull.file("domains/s/c.odcs.yaml", contract("c"))
        .commit("c");
    // All files, as nothing is staged.
    pull.run_with(&[], &["--changed"]).says(0, &[NOTHING]);
    pull.in_pre_commit(&[]).says(1, &["b.odcs.yaml"]);
    let between =
        |from, to| pull.in_pre_commit(&[("PRE_COMMIT_FROM_REF", from), ("PRE_COMMIT_TO_REF", to)]);
    between("base", "HEAD").says(1, &["b.odcs.yaml", "HEAD (", "against base"]);
    between("base", "broken").says(1, &["b.odcs.yaml"]);
    between("broken", "HEAD").says(0, &["against broken"]);
    between("HEAD", "HEAD").says(0, &[NOTHING]);
    between("--help", "HEAD").refuses(2, &["`PRE_COMMIT_FROM_REF` is `--help`"]);
    between("base", "-x").refuses(2, &["`PRE_COMMIT_TO_REF` is `-x`"]);
    between("nowhere", "HEAD").refuses(2, &["unknown revision `nowhere`"]);
    // The command line comes first.
    let variables = [
        ("PRE_COMMIT", "1"),
        ("PRE_COMMIT_FROM_REF", "base"),
        ("PRE_COMMIT_TO_REF", "HEAD"),
    ];
    let run = |arguments: &[&str]| pull.run_with(&variables, &[&["--changed"], arguments].concat());
    run(&["--base", "broken"]).says(0, &["against broken"]);
    run(&["--head", "HEAD"]).says(0, &["HEAD ("]);
    run(&["--staged"]).says(0, &[NOTHING]);
    // Only one of the two is not a range.
    let half = [("PRE_COMMIT_FROM_REF", "broken")];
    pull.in_pre_commit(&half).says(1, &["b.odcs.yaml"]);
    // Something is staged: what differs from HEAD.
    pull.file("domains/s/d.odcs.yaml", contract("d"))
        .stage(&["--all"]);
    pull.in_pre_commit(&[]).says(0, &["against HEAD"]);
}

#[test]
fn a_hook_of_git_judges_the_commit_that_is_being_made() {
    let pull = Pull::sound();
    pull.hook("pre-commit", "--staged");
    let head = || pull.git(&["rev-parse", "HEAD"]).out;
    let stopped = |arguments: &[&str]| {
        let before = head();
        let ran = pull.git(&[&["commit", "--message", "x"], arguments].concat());
        assert_eq!(head() == before, ran.code != Some(0), "{}", ran.err);
        assert!(
            ran.code == Some(0) || ran.err.contains("nobody-here"),
            "{}",
            ran.err
        );
        ran.code != Some(0)
    };
    // What is committed is not what `.git/index` says: git names another index to the hook.
    pull.file("domains/s/a.odcs.yaml", orphan("a"));
    assert!(stopped(&["--all"]));
    assert!(stopped(&["domains/s/a.odcs.yaml"]));
    pull.file("domains/s/b.odcs.yaml", contract("b"))
        .stage(&["domains/s/b.odcs.yaml"]);
    assert!(!stopped(&[]));
    pull.file("domains/s/b.odcs.yaml", contract("b") + "tags: [x]\n")
        .stage(&["domains/s/a.odcs.yaml"]);
    assert!(!stopped(&["domains/s/b.odcs.yaml"]));
    assert!(stopped(&[]));
}

#[test]
fn the_shipped_hooks_work_in_pre_commit_itself() {
    let is_there = Command::new("pre-commit").arg("--version").output();
    if !is_there.is_ok_and(|ran| ran.status.success()) {
        return eprintln!("skipped: `pre-commit` is not on PATH");
    }
    let shipped = include_str!("../../.pre-commit-hooks.yaml");
    let hooks: Vec<serde_yaml::Mapping> = serde_yaml::from_str(shipped).unwrap();
    for mut hook in hooks {
        // The hook as it is, with the binary of this build.
        let entry = hook["entry"].as_str().unwrap().to_owned();
        let binary = env!("CARGO_BIN_EXE_govcheck");
        let entry = entry.replacen("govcheck", binary, 1);
        hook.insert("entry".into(), entry.into());
        hook.insert("language".into(), "system".into());
        let config = serde_json::json!({"repos": [{"repo": "local", "hooks": [hook]}]});
        judge_in_pre_commit(&config.to_string());
    }
}

/// All files, two revisions and commits, in a mesh with an old finding.
fn judge_in_pre_commit(config: &str) {
    let pull = Pull::new(&[
        (".pre-commit-config.yaml", config),
        ("register.yaml", REGISTER),
        ("a.odcs.yaml", &orphan("a")),
    ]);
    let run = |arguments: &[&str]| pull.other("pre-commit", &[&["run"], arguments].concat());
    run(&["--all-files"]).says(1, &["a.odcs.yaml"]);
    pull.file("b.odcs.yaml", contract("b")).commit("b");
    run(&["--from-ref", "HEAD~1", "--to-ref", "HEAD"]).says(0, &["Passed"]);
    pull.file("c.odcs.yaml", orphan("c")).commit("c");
    run(&["--from-ref", "HEAD~1", "--to-ref", "HEAD"]).says(1, &["c.odcs.yaml"]);
    pull.other("pre-commit", &["install"])
        .says(0, &["installed"]);
    let commit =
        |arguments: &[&str]| pull.git(&[&["commit", "--message", "x"], arguments].concat());
    pull.file("d.odcs.yaml", orphan("d"))
        .stage(&["d.odcs.yaml"]);
    let ran = commit(&[]);
    assert!(
        ran.code == Some(1) && ran.err.contains("d.odcs.yaml"),
        "{}",
        ran.err
    );
    // The working tree is corrected, the index is not; then the other way round.
    pull.file("d.odcs.yaml", contract("d"));
    assert_eq!(commit(&[]).code, Some(1));
    pull.stage(&["d.odcs.yaml"])
        .file("e.odcs.yaml", orphan("e"));
    let ran = commit(&[]);
    assert_eq!(
        ran.code,
        Some(0),
        "an untracked file is not committed: {}",
        ran.err
    );
    pull.file("d.odcs.yaml", orphan("d"));
    assert_eq!(commit(&["--all"]).code, Some(1));
}
