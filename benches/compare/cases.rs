//! The cases: which tools run which checks on which input.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Options;
use crate::found::{self, Found};
use crate::measure::{Line, interleaved};
use crate::peers::{Installed, PEERS, Peer};
use crate::table::Case;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Everything that a case needs.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) installed: Installed,
}

impl Bench {
    pub(crate) fn case(&self, name: &str) -> Outcome<Vec<Case>> {
        Ok(match name {
            "checks" => vec![self.checks()?],
            "schema" => vec![self.schema()?],
            "pack" => vec![self.pack()?],
            "cores" => vec![self.cores()?],
            "start" => vec![self.start()?],
            "repository" => self.repository()?,
            _ => vec![self.sizes()?],
        })
    }

    /// The same four checks by everybody who can make them.
    fn checks(&self) -> Outcome<Case> {
        let rules = rules();
        let mesh = self.contracts()?;
        let own = self.own(&mesh);
        let plain = rules.join("conftest");
        let plain = plain.to_string_lossy().into_owned();
        let judged = |format: &[&str]| self.govcheck(&own, &[&["--no-cache"], format].concat());
        let by_policy = |format: &[&str]| {
            let policy = ["--no-cache", "--policy", plain.as_str(), "domains"];
            self.govcheck(&mesh, &[policy.as_slice(), format].concat())
        };
        let json = ["--format", "json"];
        let expected = found::govcheck(&judged(&json).output()?)?;
        same(
            "govcheck on conftest's policies",
            &expected,
            &found::plain(&by_policy(&json).output()?)?,
        )?;
        let mut lines = vec![
            ("govcheck, four rules".to_owned(), judged(&[])),
            ("govcheck on conftest's policies".to_owned(), by_policy(&[])),
        ];
        for (peer, name, version) in PEERS.iter().filter(|(peer, ..)| self.installed.has(*peer)) {
            let Some(line) = self.installed.checks(*peer, &rules, &mesh) else {
                continue;
            };
            let theirs = found::peer(*peer, &line.output()?)?;
            match peer {
                Peer::Spectral => {
                    let (ours, theirs) = (
                        found::without_columns(&expected),
                        found::without_columns(&theirs),
                    );
                    same(name, &ours, &theirs)?;
                }
                _ => same(name, &expected, &theirs)?,
            }
            lines.push((format!("{name} {version}"), line));
        }
        let title = format!(
            "Four checks on {} contracts: {} findings, the same by all",
            self.options.files,
            expected.len()
        );
        let target = "conftest at least 20 times as long; odcslint not shorter";
        self.measure(title, target, lines)
    }

    /// The schema of the standard.
    fn schema(&self) -> Outcome<Case> {
        let mesh = self.contracts()?;
        let own = sibling(&mesh, "schema");
        contracts_of(&mesh, &own)?;
        fs::write(
            own.join("govcheck.yaml"),
            only("interoperability/invalid-manifest"),
        )?;
        let first = "domains/sales/order_history_0/contract.odcs.yaml";
        let line = self.govcheck(&own, &["--no-cache"]);
        let mut lines = vec![(
            "govcheck, `interoperability/invalid-manifest`".to_owned(),
            line,
        )];
        for (peer, name, version) in PEERS.iter().filter(|(peer, ..)| self.installed.has(*peer)) {
            let line = self.installed.schema(*peer, &rules(), &mesh, first);
            let what = match peer {
                Peer::DatacontractCli => "one contract, of which it takes one a call",
                _ => "all",
            };
            lines.extend(line.map(|line| (format!("{name} {version}, {what}"), line)));
        }
        let title = format!("Schema of the standard on {} contracts", self.options.files);
        self.measure(title, "", lines)
    }

    /// The whole pack, cold, beside the fastest peer with its four checks.
    fn pack(&self) -> Outcome<Case> {
        let mesh = self.contracts()?;
        let own = self.govcheck(&mesh, &["--no-cache"]);
        let mut lines = vec![("govcheck, whole pack".to_owned(), own)];
        if self.installed.has(Peer::Odcslint) {
            let line = self.installed.checks(Peer::Odcslint, &rules(), &mesh);
            lines.extend(line.map(|line| ("odcslint, its four rules".to_owned(), line)));
        }
        let title = format!("The whole pack on {} contracts, cold", self.options.files);
        self.measure(title, "at most 2.5 times odcslint", lines)
    }

    fn cores(&self) -> Outcome<Case> {
        let mesh = self.contracts()?;
        let threads = |count: &str| {
            let line = self.govcheck(&mesh, &["--no-cache", "--quiet"]);
            line.with("RAYON_NUM_THREADS", count)
        };
        let lines = vec![
            ("two cores".to_owned(), threads("2")),
            ("one core".to_owned(), threads("1")),
        ];
        let title = format!("One core and two on {} contracts", self.options.files);
        self.measure(title, "one core at least 1.8 times as long", lines)
    }

    /// Three files: mostly what it takes to start.
    fn start(&self) -> Outcome<Case> {
        let mesh = self.mesh("three", &["--files", "3", "--no-products"])?;
        let lines = vec![(
            "govcheck, whole pack, three contracts".to_owned(),
            self.govcheck(&mesh, &["--no-cache"]),
        )];
        self.measure("Start to finish".to_owned(), "under 50 ms", lines)
    }

    /// A repository that was judged before: nothing changed, and one file changed, beside git's own look at it.
    fn repository(&self) -> Outcome<Vec<Case>> {
        let count = self.options.repository.to_string();
        let options = [
            "--files",
            &count,
            "--no-products",
            "--git",
            "--commits",
            "1",
        ];
        let mesh = self.mesh("repository", &options)?;
        let cache = self.options.out.join("cache");
        let cache = cache.to_string_lossy().into_owned();
        let cached = |arguments: &[&str]| {
            let parts = ["--quiet", "--cache-dir", cache.as_str()];
            self.govcheck(&mesh, &[parts.as_slice(), arguments].concat())
        };
        let git = Line::new("git", &["status", "--short"], &mesh);
        let cold = self.govcheck(&mesh, &["--quiet", "--no-cache"]);
        let lines = vec![
            ("git status".to_owned(), git.clone()),
            ("govcheck, nothing changed".to_owned(), cached(&[])),
            (
                "govcheck, `--base HEAD~1`, one file changed".to_owned(),
                cached(&["--base", "HEAD~1"]),
            ),
        ];
        let title = format!("A repository of {count} contracts, judged before");
        let target = "nothing changed at most 2 times git status, one file changed at most 3 times";
        let warm = self.measure(title, target, lines)?;
        let title = format!("The same repository of {count} contracts, without a cache");
        let lines = vec![
            ("git status".to_owned(), git),
            ("govcheck, cold".to_owned(), cold),
        ];
        Ok(vec![warm, self.measure(title, "", lines)?])
    }

    /// Time and memory by size.
    fn sizes(&self) -> Outcome<Case> {
        let mut lines = Vec::new();
        for size in &self.options.sizes {
            let count = size.to_string();
            let mesh = self.mesh(
                &format!("size-{count}"),
                &["--files", &count, "--no-products"],
            )?;
            let line = self.govcheck(&mesh, &["--quiet", "--no-cache"]);
            lines.push((format!("{count} contracts"), line));
        }
        let target = "time a file within 10% of the first, under 400 MB";
        self.measure("Size".to_owned(), target, lines)
    }

    fn measure(
        &self,
        title: String,
        target: &'static str,
        lines: Vec<(String, Line)>,
    ) -> Outcome<Case> {
        let (names, lines): (Vec<String>, Vec<Line>) = lines.into_iter().unzip();
        let runs = interleaved(&lines, self.options.runs)?;
        let rows = names.into_iter().zip(runs).collect();
        Ok(Case {
            title,
            target,
            rows,
        })
    }

    fn govcheck(&self, mesh: &Path, arguments: &[&str]) -> Line {
        Line::new(self.options.govcheck.to_string_lossy(), arguments, mesh)
    }

    /// Contracts with mistakes that all linters know.
    fn contracts(&self) -> Outcome<PathBuf> {
        let count = self.options.files.to_string();
        let options = [
            "--files",
            &count,
            "--no-products",
            "--column-mistakes",
            "0.1",
        ];
        self.mesh(&format!("contracts-{count}"), &options)
    }

    /// The same contracts under a config with only the four rules.
    fn own(&self, mesh: &Path) -> PathBuf {
        let own = sibling(mesh, "four");
        let written = contracts_of(mesh, &own).and_then(|()| {
            fs::write(
                own.join("govcheck.yaml"),
                "version: 1\nbuiltin: false\npacks: [rules]\n",
            )?;
            copied(&rules().join("govcheck"), &own.join("rules"))?;
            // Without the built-in pack there are no formats.
            let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/formats");
            copied(&formats, &own.join("rules/formats"))
        });
        if let Err(error) = written {
            eprintln!("`{}`: {error}", own.display());
        }
        own
    }

    /// A generated mesh; one that is there already is used again.
    fn mesh(&self, name: &str, options: &[&str]) -> Outcome<PathBuf> {
        let folder = self.options.out.join(name);
        if folder.join("govcheck.yaml").exists() {
            return Ok(folder);
        }
        eprintln!("generating {}", folder.display());
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut command = Command::new(cargo);
        command.args(["bench", "--quiet", "--bench", "generate", "--", "--out"]);
        command
            .arg(&folder)
            .args(options)
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        let status = command.stdout(std::process::Stdio::null()).status()?;
        match status.success() {
            true => Ok(folder),
            false => Err(format!("{command:?} ended with {status}").into()),
        }
    }
}

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/compare/rules")
}

/// A config in which one rule judges.
fn only(rule: &str) -> String {
    let category = rule.split('/').next().unwrap_or_default();
    let others = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"));
    let mut names: Vec<String> = others
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !["lib", "formats", "presets"].contains(&name.as_str()))
        .collect();
    names.sort();
    let off = names.iter().map(|name| format!("  {name}: off\n"));
    let off: String = off.collect();
    debug_assert!(off.contains(category));
    format!("version: 1\nrules:\n{off}  {rule}: error\n")
}

fn sibling(mesh: &Path, name: &str) -> PathBuf {
    let mut sibling = mesh.as_os_str().to_owned();
    sibling.push(format!("-{name}"));
    PathBuf::from(sibling)
}

/// A copy of the contracts, without config and registers.
fn contracts_of(mesh: &Path, to: &Path) -> Outcome<()> {
    if to.exists() {
        return Ok(());
    }
    copied(&mesh.join("domains"), &to.join("domains"))
}

fn copied(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copied(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Fails unless a tool found what govcheck found, and names the first difference.
fn same(name: &str, ours: &Found, theirs: &Found) -> Outcome<()> {
    if ours == theirs {
        return Ok(());
    }
    let missing = ours.difference(theirs).next();
    let extra = theirs.difference(ours).next();
    Err(format!(
        "{name} finds something else: {} findings instead of {}; first missing {missing:?}, first extra {extra:?}",
        theirs.len(),
        ours.len()
    )
    .into())
}
