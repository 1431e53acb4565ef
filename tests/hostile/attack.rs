//! The attacks as data.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::files::Files;

/// Attacks of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    /// What they have in common, for the table: `what judges`.
    pub(super) title: String,
    /// Laid over the shared base.
    #[serde(default)]
    pub(super) base: Files,
    /// What every head of this kind adds to its base: the offence.
    #[serde(default)]
    pub(super) head: Files,
    /// What blocks an attack that does not say so itself.
    #[serde(default)]
    pub(super) rules: Vec<String>,
    pub(super) attacks: Vec<Attack>,
}

/// One attack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attack {
    /// What the pull request does.
    pub(super) name: String,
    /// Laid over the base of the kind.
    #[serde(default)]
    pub(super) base: Files,
    /// Laid over the base and the head of the kind.
    #[serde(default)]
    pub(super) head: Files,
    #[serde(default = "pull_request")]
    pub(super) events: Vec<Event>,
    /// Inputs of the Action.
    #[serde(default)]
    pub(super) inputs: Inputs,
    /// Report formats to write beside those of the Action.
    #[serde(default)]
    pub(super) formats: Vec<String>,
    /// How the workspace is cloned. `None` for a whole clone.
    #[serde(default)]
    pub(super) clone: Option<CloneSpec>,
    /// Commands of git in the workspace before the Action runs; `BASE` and `HEAD` stand for the commits.
    #[serde(default)]
    pub(super) git: Vec<String>,
    /// The exit code of the Action.
    #[serde(default = "findings")]
    pub(super) exit: i32,
    /// Open errors that must be reported, `rule` or `rule file`. `None` for those of the kind.
    #[serde(default)]
    pub(super) rules: Option<Vec<String>>,
    /// Parts of the log.
    #[serde(default)]
    pub(super) says: Vec<String>,
    /// What may be in no output.
    #[serde(default)]
    pub(super) never: Vec<String>,
    /// Where it may not be: `the log`, `the summary` and formats. Empty for all of them.
    #[serde(default)]
    pub(super) never_in: Vec<String>,
    /// Why it is not stopped, where that is by decision, and the page that says so.
    #[serde(default)]
    pub(super) documented: Option<Documented>,
    /// Why it is not stopped yet.
    #[serde(default)]
    pub(super) open: Option<String>,
}

/// A decision.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Documented {
    pub(super) why: String,
    /// Relative to the repository.
    pub(super) page: String,
    /// A sentence of the page that states it.
    pub(super) quote: String,
}

/// The event of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Event {
    PullRequest,
    PullRequestTarget,
}

/// Inputs of the Action.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Inputs {
    pub(super) working_directory: Option<String>,
    pub(super) paths: String,
    pub(super) fail_on: String,
    pub(super) args: String,
}

/// A clone that is not whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CloneSpec {
    /// Options of `git clone`.
    pub(super) options: Vec<String>,
    /// Whether the remote is out of reach afterwards.
    #[serde(default)]
    pub(super) offline: bool,
}

/// How an attack ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    Held,
    Refused,
    Documented,
    Open,
}

fn pull_request() -> Vec<Event> {
    vec![Event::PullRequest]
}

fn findings() -> i32 {
    1
}

/// The folder of the tests.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

impl Kind {
    pub(super) fn read(name: &str) -> Self {
        let path = folder().join(format!("attacks/{name}.yaml"));
        let text = fs::read_to_string(&path).unwrap();
        let kind: Self =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}.yaml: {error}"));
        let names: BTreeSet<&str> = kind.attacks.iter().map(|it| &*it.name).collect();
        assert_eq!(names.len(), kind.attacks.len(), "{name}.yaml: equal names");
        kind
    }
}

impl Attack {
    pub(super) fn named(name: &str, exit: i32) -> Self {
        Self {
            exit,
            ..serde_yaml::from_str(&format!("name: {name}")).unwrap()
        }
    }

    pub(super) fn ending(&self) -> Ending {
        match (&self.documented, &self.open) {
            (Some(_), _) => Ending::Documented,
            (None, Some(_)) => Ending::Open,
            (None, None) if self.exit > 1 => Ending::Refused,
            (None, None) => Ending::Held,
        }
    }

    /// What must block it.
    pub(super) fn wanted_rules<'a>(&'a self, kind: &'a Kind) -> &'a [String] {
        self.rules.as_deref().unwrap_or(match self.ending() {
            Ending::Held => &kind.rules,
            Ending::Refused | Ending::Documented | Ending::Open => &[],
        })
    }
}

impl Event {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PullRequest => "pull_request",
            Self::PullRequestTarget => "pull_request_target",
        }
    }
}
