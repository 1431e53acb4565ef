//! Runs the scripts of the Action on an attack, with the environment that `action.yml` gives them, and collects what they say.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use wait4::Wait4;

use super::attack::{Attack, Event};
use super::build::{Built, read_or_empty};

/// What the Action did.
pub(super) struct Ran {
    /// Its exit code. `None` if a signal ended it.
    pub(super) code: Option<i32>,
    /// Standard output and error of the scripts.
    pub(super) log: String,
    /// The job summary.
    pub(super) summary: String,
    /// `GITHUB_OUTPUT` of each step.
    pub(super) outputs: Vec<String>,
    /// What was written to `GITHUB_ENV`, `GITHUB_PATH` and `GITHUB_STATE`.
    pub(super) commands: String,
    /// The JSON report; null without one.
    pub(super) report: Value,
    /// The reports that the attack asks for, by format.
    pub(super) formats: BTreeMap<String, String>,
    /// The paths of base and head.
    pub(super) paths: Vec<String>,
    /// The most memory that a process held, in bytes.
    pub(super) memory: u64,
    /// Whether a command of the repository ran.
    pub(super) pwned: bool,
}

/// A step of the Action.
struct Step<'b> {
    built: &'b Built,
    folder: &'b Path,
    event: Event,
}

pub(super) fn run(built: &Built, attack: &Attack, event: Event) -> Ran {
    let folder = built.folder.path();
    fs::create_dir(folder.join("temp")).unwrap();
    let step = Step {
        built,
        folder,
        event,
    };
    let working_directory = attack.inputs.working_directory.as_deref().unwrap_or(".");
    let mut memory = 0;
    let (mut code, mut outputs) = step.run(
        "revisions",
        &[
            ("EVENT", event.name()),
            ("PULL_BASE", &built.base),
            ("PULL_HEAD", &built.head),
            ("PULL_NUMBER", "7"),
            ("QUEUE_BASE", ""),
            ("PUSH_BEFORE", ""),
            ("PUSH_FORCED", ""),
            ("BASE", ""),
            ("POLICIES_FROM", ""),
            ("WORKING_DIRECTORY", working_directory),
            ("TOKEN", ""),
        ],
        &mut memory,
    );
    if code == Some(0) {
        let revisions = outputs.remove(0);
        let value = |name: &str| output(&revisions, name).unwrap_or_default();
        let mut arguments = attack.inputs.args.clone();
        for format in &attack.formats {
            let path = folder.join(format!("report.{format}"));
            arguments.push_str(&format!("\n--output={format}={}", path.display()));
        }
        let (_, judged) = step.run(
            "judge",
            &[
                ("BINARY", env!("CARGO_BIN_EXE_govcheck")),
                ("BASE", &value("base")),
                ("HEAD", &value("head")),
                ("POLICIES", &value("policies")),
                ("SCOPE", &value("scope")),
                ("PATHS", &attack.inputs.paths),
                ("FAIL_ON", &attack.inputs.fail_on),
                ("WORKING_DIRECTORY", working_directory),
                ("ARGS", &arguments),
            ],
            &mut memory,
        );
        code = output(&judged[0], "exit-code").and_then(|code| code.parse().ok());
        outputs = vec![revisions, judged[0].clone()];
    }
    let formats = attack.formats.iter().map(|format| {
        let path = folder.join(format!("report.{format}"));
        (format.clone(), read_or_empty(&path))
    });
    let paths = built.paths.iter();
    Ran {
        code,
        log: read_or_empty(&folder.join("log")),
        summary: read_or_empty(&folder.join("summary")),
        commands: ["env", "path", "state"]
            .map(|it| read_or_empty(&folder.join(it)))
            .concat(),
        report: report(&folder.join("temp")),
        formats: formats.collect(),
        paths: paths
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect(),
        pwned: is_pwned(folder),
        outputs,
        memory,
    }
}

impl Step<'_> {
    /// Runs a script; its exit code, and its `GITHUB_OUTPUT`.
    fn run(
        &self,
        script: &str,
        environment: &[(&str, &str)],
        memory: &mut u64,
    ) -> (Option<i32>, Vec<String>) {
        let action = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/action");
        let output = self.folder.join(format!("output.{script}"));
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))
            .unwrap();
        let workspace = self.built.workspace();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc"])
            .arg(action.join(format!("{script}.sh")))
            .current_dir(&workspace)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.folder)
            .env("RUNNER_TEMP", self.folder.join("temp"))
            .env("GITHUB_WORKSPACE", &workspace)
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_REPOSITORY", "acme/mesh")
            .env("GITHUB_EVENT_NAME", self.event.name())
            .env("GITHUB_SHA", &self.built.event)
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", self.folder.join("summary"))
            .env("GITHUB_ENV", self.folder.join("env"))
            .env("GITHUB_PATH", self.folder.join("path"))
            .env("GITHUB_STATE", self.folder.join("state"));
        if let Some(coverage) = std::env::var_os("LLVM_PROFILE_FILE") {
            command.env("LLVM_PROFILE_FILE", coverage);
        }
        command.envs(environment.iter().copied());
        let done = command.spawn().unwrap().wait4().unwrap();
        *memory = (*memory).max(done.rusage.maxrss);
        (done.status.code(), vec![read_or_empty(&output)])
    }
}

/// The last value of an output.
fn output(written: &str, name: &str) -> Option<String> {
    let mut values = written.lines().filter_map(|line| line.split_once('='));
    let (_, value) = values.rfind(|(found, _)| *found == name)?;
    Some(value.to_owned())
}

/// The JSON report in the folder of reports; null without one.
fn report(temp: &Path) -> Value {
    let folders = fs::read_dir(temp).unwrap().flatten();
    let mut reports = folders.map(|folder| folder.path().join("govcheck.json"));
    let Some(path) = reports.find(|path| path.exists()) else {
        return Value::Null;
    };
    let text = read_or_empty(&path);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Whether the file is there that every command in the attacks would write.
fn is_pwned(folder: &Path) -> bool {
    let around = [
        "",
        "workspace",
        "temp",
        "workspace/mesh",
        "workspace/domains",
        "workspace/domains/s",
    ];
    around
        .iter()
        .any(|place| folder.join(place).join("pwned").exists())
}

impl Ran {
    /// Open errors: `(rule, file)`.
    pub(super) fn blocking(&self) -> Vec<(&str, &str)> {
        let findings = self.report["findings"].as_array().into_iter().flatten();
        let open = findings.filter(|finding| {
            finding["level"] == "error"
                && finding["suppression"].is_null()
                && finding["against"] != "unchanged"
        });
        open.map(|finding| {
            let part = |name: &str| finding[name].as_str().unwrap_or_default();
            (part("rule"), part("file"))
        })
        .collect()
    }

    /// The rules of open errors, each once, sorted.
    pub(super) fn blocking_rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = self.blocking().iter().map(|(rule, _)| *rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}
