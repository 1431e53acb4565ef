//! Builds an attack as a git repository: base and head as commits, and the workspace of a workflow with one of them checked out.
//! Trees are written byte by byte, so that they may hold what git itself would not commit.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use git2::{ObjectType, Oid, Repository, RepositoryInitOptions};
use tempfile::TempDir;

use super::attack::{Attack, CloneSpec, Event, Kind};
use super::files::{Blob, Tree, lay_over, shared_base};

/// A workspace as a workflow finds it.
pub(super) struct Built {
    /// Holds all the rest.
    pub(super) folder: TempDir,
    /// Commits as hexadecimal ids.
    pub(super) base: String,
    pub(super) head: String,
    /// The commit that the event is about.
    pub(super) event: String,
    /// The files of both commits.
    pub(super) paths: Vec<Vec<u8>>,
}

impl Built {
    pub(super) fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }
}

fn build_cold(kind: &Kind, attack: &Attack, event: Event) -> Built {
    let mut base = shared_base();
    lay_over(&mut base, &kind.base);
    lay_over(&mut base, &attack.base);
    let mut head = base.clone();
    lay_over(&mut head, &kind.head);
    lay_over(&mut head, &attack.head);

    let folder = tempfile::Builder::new()
        .prefix("hostile")
        .tempdir()
        .unwrap();
    let whole = folder.path().join(match attack.clone {
        Some(_) => "upstream",
        None => "workspace",
    });
    let mut options = RepositoryInitOptions::new();
    options.external_template(false).initial_head("main");
    let repository = Repository::init_opts(&whole, &options).unwrap();
    let first = commit(&repository, &[], &base);
    let second = commit(&repository, &[first], &head);
    // GitHub's trial merge, which actions/checkout checks out for `pull_request`.
    let merge = commit(&repository, &[first, second], &head);
    for (name, id) in [
        ("refs/heads/main", first),
        ("refs/remotes/origin/main", first),
        ("refs/heads/topic", second),
        ("refs/heads/merge", merge),
    ] {
        repository.reference(name, id, true, "").unwrap();
    }
    let about = match event {
        Event::PullRequest => merge,
        Event::PullRequestTarget => first,
    };
    let mut paths: Vec<Vec<u8>> = base.into_keys().chain(head.into_keys()).collect();
    paths.sort();
    let built = Built {
        folder,
        base: first.to_string(),
        head: second.to_string(),
        event: about.to_string(),
        paths,
    };
    if let Some(how) = &attack.clone {
        clone(&whole, how, event, &built.workspace());
    }
    git(
        &built.workspace(),
        &["checkout", "--quiet", "--force", "--detach", &built.event],
    );
    for line in &attack.git {
        let line = line
            .replace("BASE", &built.base)
            .replace("HEAD", &built.head);
        git(&built.workspace(), &line.split(' ').collect::<Vec<_>>());
    }
    built
}

/// What govcheck keeps of a run over the shared base: with it, an attack costs half as much.
static CACHE: LazyLock<Vec<(OsString, Vec<u8>)>> = LazyLock::new(|| {
    let control = Attack::named("control", 1);
    let built = build_cold(&Kind::read("config"), &control, Event::PullRequest);
    let workspace = built.workspace();
    let by_base = ["--base", &built.base, "--policies-from", &built.base];
    let done = Command::new(env!("CARGO_BIN_EXE_govcheck"))
        .args(["check", "--quiet"])
        .args(by_base)
        .current_dir(&workspace)
        .output();
    assert_eq!(done.unwrap().status.code(), Some(1));
    let files = fs::read_dir(workspace.join(".git/govcheck")).unwrap();
    let files = files.map(|file| file.unwrap());
    files
        .map(|file| (file.file_name(), fs::read(file.path()).unwrap()))
        .collect()
});

/// Builds an attack in a workspace that earlier runs left their cache in.
pub(super) fn build(kind: &Kind, attack: &Attack, event: Event) -> Built {
    let built = build_cold(kind, attack, event);
    let cache = built.workspace().join(".git/govcheck");
    fs::create_dir(&cache).unwrap();
    for (name, bytes) in &*CACHE {
        fs::write(cache.join(name), bytes).unwrap();
    }
    built
}

/// Clones the repository, and puts the remote out of reach where the attack says so.
fn clone(upstream: &Path, how: &CloneSpec, event: Event, workspace: &Path) {
    for key in ["uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"] {
        git(upstream, &["config", key, "true"]);
    }
    let branch = match event {
        Event::PullRequest => "merge",
        Event::PullRequestTarget => "main",
    };
    let from = format!("file://{}", upstream.display());
    let to = workspace.display().to_string();
    let mut arguments = vec!["clone", "--quiet", "--branch", branch];
    arguments.extend(how.options.iter().map(String::as_str));
    arguments.extend([&*from, &*to]);
    git(upstream, &arguments);
    if how.offline {
        git(
            workspace,
            &["remote", "set-url", "origin", "file:///nowhere"],
        );
    }
}

fn commit(repository: &Repository, parents: &[Oid], tree: &Tree) -> Oid {
    let tree = write_tree(repository, tree);
    let mut text = format!("tree {tree}\n");
    for parent in parents {
        text.push_str(&format!("parent {parent}\n"));
    }
    let who = "t <t@t.example> 1780000000 +0000";
    text.push_str(&format!("author {who}\ncommitter {who}\n\nx\n"));
    let odb = repository.odb().unwrap();
    odb.write(ObjectType::Commit, text.as_bytes()).unwrap()
}

/// Writes a tree with all that is below it.
fn write_tree(repository: &Repository, files: &Tree) -> Oid {
    let odb = repository.odb().unwrap();
    let mut folders: BTreeMap<&[u8], Tree> = BTreeMap::new();
    let entry = |mode: &str, name: &[u8], id: Oid| {
        [mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat()
    };
    // By name, folders with a `/` behind it: the order of git.
    let mut lines: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for (path, blob) in files {
        match path.iter().position(|byte| *byte == b'/') {
            Some(at) => {
                let (name, rest) = path.split_at(at);
                let inner = folders.entry(name).or_default();
                inner.insert(rest[1..].to_vec(), blob.clone());
            }
            None => {
                let write = |bytes: &[u8]| odb.write(ObjectType::Blob, bytes).unwrap();
                let line = match blob {
                    Blob::File(bytes) => entry("100644", path, write(bytes)),
                    Blob::Link(target) => entry("120000", path, write(target.as_bytes())),
                    Blob::Submodule(id) => entry("160000", path, Oid::from_str(id).unwrap()),
                };
                lines.insert(path.clone(), line);
            }
        }
    }
    for (name, inner) in &folders {
        let id = write_tree(repository, inner);
        lines.insert([name, &b"/"[..]].concat(), entry("40000", name, id));
    }
    let bytes: Vec<u8> = lines.into_values().flatten().collect();
    odb.write(ObjectType::Tree, &bytes).unwrap()
}

pub(super) fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@t.example"])
        .args([
            "-c",
            "protocol.file.allow=always",
            "-c",
            "advice.graftFileDeprecated=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "git {arguments:?}: {said}");
}

/// Reads a file that may not be there.
pub(super) fn read_or_empty(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
