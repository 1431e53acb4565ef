//! The peers: where each comes from, in which version, and how it runs the same four checks of contracts.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::Line;

/// A tool that users could pick instead.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Peer {
    Conftest,
    Opa,
    Odcslint,
    Spectral,
    DatacontractCli,
}

/// All of them, with the version that is measured.
pub(crate) const PEERS: [(Peer, &str, &str); 5] = [
    (Peer::Conftest, "conftest", "0.69.0"),
    (Peer::Opa, "opa", "1.8.0"),
    (Peer::Odcslint, "odcslint", "0.3.0"),
    (Peer::Spectral, "spectral", "6.16.3"),
    (Peer::DatacontractCli, "datacontract-cli", "1.2.8"),
];

/// The peers that are installed, and the folder they are in.
pub(crate) struct Installed {
    folder: PathBuf,
    pub(crate) peers: Vec<Peer>,
}

impl Installed {
    /// Installs the requested peers that are missing. Reports and leaves out those that can't be installed here.
    pub(crate) fn at(folder: &Path, wanted: &[String]) -> Self {
        let mut installed = Self {
            folder: folder.to_path_buf(),
            peers: Vec::new(),
        };
        for (peer, name, version) in PEERS {
            if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
                continue;
            }
            if !installed.program(peer).exists() {
                eprintln!("installing {name} {version}");
                if let Err(error) = installed.install(peer, version) {
                    eprintln!("left out: {name} {version}: {error}");
                    continue;
                }
            }
            installed.peers.push(peer);
        }
        installed
    }

    pub(crate) fn has(&self, peer: Peer) -> bool {
        self.peers.contains(&peer)
    }

    fn program(&self, peer: Peer) -> PathBuf {
        self.folder.join(match peer {
            Peer::Conftest => "go/conftest",
            Peer::Opa => "go/opa",
            Peer::Odcslint => "python/bin/odcslint",
            Peer::Spectral => "npm/node_modules/.bin/spectral",
            Peer::DatacontractCli => "python/bin/datacontract",
        })
    }

    fn install(&self, peer: Peer, version: &str) -> Result<(), Box<dyn Error>> {
        std::fs::create_dir_all(&self.folder)?;
        let go = |module: &str| {
            let mut command = Command::new("go");
            command.args(["install", &format!("{module}@v{version}")]);
            command.env("GOBIN", self.folder.join("go"));
            done(&mut command)
        };
        let pip = |package: &str| {
            let python = self.folder.join("python");
            if !python.exists() {
                done(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
            }
            let mut command = Command::new(python.join("bin/pip"));
            done(command.args(["install", "--quiet", &format!("{package}=={version}")]))
        };
        match peer {
            Peer::Conftest => go("github.com/open-policy-agent/conftest"),
            Peer::Opa => go("github.com/open-policy-agent/opa"),
            Peer::Odcslint => pip("odcslint"),
            Peer::DatacontractCli => pip("datacontract-cli"),
            Peer::Spectral => {
                let package = format!("@stoplight/spectral-cli@{version}");
                let mut command = Command::new("npm");
                command.args(["install", "--silent", "--prefix"]);
                done(command.arg(self.folder.join("npm")).arg(package))
            }
        }
    }

    /// How it makes the four checks on all contracts of a mesh; none if it can't.
    pub(crate) fn checks(&self, peer: Peer, rules: &Path, mesh: &Path) -> Option<Line> {
        let shown = |path: PathBuf| path.to_string_lossy().into_owned();
        let conftest = shown(rules.join("conftest"));
        let (odcslint, spectral) = (
            shown(rules.join("odcslint.yml")),
            shown(rules.join("spectral/ruleset.yaml")),
        );
        let arguments: Vec<&str> = match peer {
            Peer::Conftest => {
                let parts = ["test", "--policy", &conftest, "--output", "json"];
                [parts.as_slice(), &["--no-color", "domains"]].concat()
            }
            Peer::Opa => {
                let parts = ["exec", "--bundle", &conftest, "--decision", "main/deny"];
                [parts.as_slice(), &["domains"]].concat()
            }
            Peer::Odcslint => {
                let parts = ["check", "--config", &odcslint, "--output-format", "json"];
                [parts.as_slice(), &["domains"]].concat()
            }
            Peer::Spectral => {
                let parts = ["lint", "--ruleset", &spectral, "--format", "json"];
                [parts.as_slice(), &["--quiet", "domains/**/*.odcs.yaml"]].concat()
            }
            Peer::DatacontractCli => return None,
        };
        Some(Line::new(shown(self.program(peer)), &arguments, mesh))
    }

    /// How it holds contracts against the schema of the standard: all of a mesh, or the first ones.
    pub(crate) fn schema(
        &self,
        peer: Peer,
        rules: &Path,
        mesh: &Path,
        first: &str,
    ) -> Option<Line> {
        let odcslint = rules.join("odcslint-schema.yml");
        let odcslint = odcslint.to_string_lossy();
        let arguments: Vec<&str> = match peer {
            Peer::Odcslint => vec!["check", "--config", &odcslint, "domains"],
            Peer::DatacontractCli => vec!["lint", first],
            _ => return None,
        };
        let program = self.program(peer).to_string_lossy().into_owned();
        Some(Line::new(program, &arguments, mesh))
    }
}

fn done(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let status = command.stdout(std::process::Stdio::null()).status()?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("{command:?} ended with {status}").into()),
    }
}
