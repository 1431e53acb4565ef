//! The command line as users meet it: the real binary on meshes in temporary folders. A mesh is built, govcheck is
//! run in it, and what differs from run to run (the folder, the time) is scrubbed from what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

mod arguments;
mod changes;
mod commands;
mod config;
mod input;
mod junit;
mod log;
mod output;
mod policies;
mod repository;
mod revisions;
mod selection;
mod stdin;
mod transcripts;
mod yaml;

/// A mesh in a folder of its own.
pub(crate) struct Mesh {
    folder: TempDir,
}

/// The output of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A contract in order, but for what a test adds below it.
pub(crate) fn contract(id: &str) -> String {
    format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: {id}\nname: {id}\nversion: 1.0.0\nstatus: active\ndomain: sales\n\
         description: {{purpose: Orders of all shops for revenue reports and forecasts., usage: Daily revenue reports., limitations: Returns arrive a day later.}}\n\
         slaProperties: [{{property: freshness, value: 4, unit: h}}, {{property: retention, value: 3, unit: y}}]\nteam: {{name: sales-data}}\n"
    )
}

/// A contract with one finding: its team is not the registered one.
pub(crate) fn orphan(id: &str) -> String {
    contract(id).replace("sales-data", "nobody-here")
}

pub(crate) const REGISTER: &str = "apiVersion: govcheck/v1\nkind: Register\nteams:\n  - name: sales-data\ndomains:\n  - name: sales\n    owner: sales-data\n";

impl Mesh {
    /// In a git repository.
    pub(crate) fn git() -> Self {
        let mesh = Self::plain();
        mesh.git_command(&["init", "-q"]);
        mesh
    }

    /// Without git.
    pub(crate) fn plain() -> Self {
        let folder = tempfile::Builder::new().prefix("mesh").tempdir().unwrap();
        Self { folder }
    }

    /// In a git repository, with one contract in order.
    pub(crate) fn sound() -> Self {
        let mesh = Self::git();
        mesh.file("a.odcs.yaml", contract("a"));
        mesh
    }

    /// A pack `pack` with one rule on contracts: METADATA and package are put above `body`.
    pub(crate) fn with_rule(id: &str, body: &str) -> Self {
        let mesh = Self::sound();
        mesh.file("govcheck.yaml", "version: 1\npacks: [pack]\n");
        mesh.file(&format!("pack/{id}.rego"), rule(id, body));
        mesh
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn file(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn git_command(&self, arguments: &[&str]) {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@t"])
            .args(arguments)
            .current_dir(self.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(done.unwrap().success(), "git {arguments:?}");
    }

    /// The binary in the mesh, with no more of the environment than it needs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        command(&self.path(), arguments)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.finish(&mut self.command(arguments))
    }

    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Ran {
        self.finish(
            self.command(arguments)
                .current_dir(self.path().join(folder)),
        )
    }

    pub(crate) fn finish(&self, command: &mut Command) -> Ran {
        ran(&command.output().unwrap(), &self.path())
    }

    /// The findings of a run as JSON, as `rule file:line:column`, with the exit code.
    pub(crate) fn findings(&self, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
        let ran = self.run(&[arguments, &["--format", "json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&ran.out)
            .unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err));
        let shown = |finding: &serde_json::Value| {
            let text = |pointer: &str| match finding.pointer(pointer) {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => "-".to_owned(),
            };
            let (line, column) = (text("/start/line"), text("/start/column"));
            format!("{} {}:{line}:{column}", text("/rule"), text("/file"))
        };
        let findings = report["findings"].as_array().unwrap();
        (ran.code, findings.iter().map(shown).collect())
    }
}

pub(crate) fn rule(id: &str, body: &str) -> String {
    let package = id.replace('-', "_").replace('/', ".");
    format!(
        "# METADATA\n# title: House rule\n# description: For the test.\n# custom:\n#   severity: error\n\
         #   entities: [contract]\n#   help: Mend it.\npackage govcheck.{package}\n\n{body}\n"
    )
}

pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_govcheck"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_clear()
        .env("HOME", folder);
    for kept in ["PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

pub(crate) fn ran(output: &Output, root: &Path) -> Ran {
    let text = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        scrub_time(&text.replace(root.to_str().unwrap(), "[ROOT]"))
    };
    Ran {
        code: output.status.code(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// `· 0.46 s` at the end of a line is `· [TIME]`.
fn scrub_time(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| {
            let time = line
                .strip_suffix(" s\n")
                .and_then(|line| line.rsplit_once(' '));
            match time {
                Some((before, number)) if number.parse::<f64>().is_ok() => {
                    format!("{before} [TIME]\n")
                }
                _ => line.to_owned(),
            }
        })
        .collect()
}

impl Ran {
    /// Fails unless the run ended with this exit code and printed all of this on standard output.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, parts: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        for part in parts {
            assert!(
                self.out.contains(part),
                "no {part:?} in\n{}\n{}",
                self.out,
                self.err
            );
        }
        self
    }

    /// Fails unless the run ended with this exit code and printed all of this on standard error, and nothing on standard output.
    #[track_caller]
    pub(crate) fn refuses(&self, code: i32, parts: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in\n{}", self.err);
        }
        assert!(self.code != Some(2) || self.out.is_empty(), "{}", self.out);
        self
    }
}
