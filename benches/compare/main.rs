//! govcheck beside what users would pick instead: the same rules on the same input, interleaved, as whole processes.
//! Installs the peers that it can, checks first that all find the same, and prints a table for each case.
//!
//! ```text
//! cargo bench --profile dist --bench compare -- --out /tmp/compare
//! ```
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a program for developers, with no output layer of its own"
)]

mod cases;
mod found;
mod measure;
mod peers;
mod table;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use cases::Bench;
use peers::Installed;

const HELP: &str = "\
Usage: cargo bench --profile dist --bench compare -- --out DIR [options]

  --out DIR        where inputs and peers go; what is there already is used again
  --cases LIST     checks, schema, pack, cores, start, repository, sizes [all but sizes]
  --peers LIST     conftest, opa, odcslint, spectral, datacontract-cli [all]; `none` for none
  --files N        contracts of checks, schema, pack and cores [2000]
  --repository N   contracts of the repository [20000]
  --sizes LIST     contracts of each mesh of `sizes` [2000,20000,100000]
  --runs N         runs of each command, after a warming one [5]
  --govcheck FILE  the binary [that of the profile given to `cargo bench`]";

/// What is asked for.
pub(crate) struct Options {
    pub(crate) out: PathBuf,
    pub(crate) cases: Vec<String>,
    peers: Vec<String>,
    pub(crate) files: usize,
    pub(crate) repository: usize,
    pub(crate) sizes: Vec<usize>,
    pub(crate) runs: usize,
    pub(crate) govcheck: PathBuf,
}

const CASES: [&str; 7] = [
    "checks",
    "schema",
    "pack",
    "cores",
    "start",
    "repository",
    "sizes",
];

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| options.map_or(Ok(()), run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut out = None;
        let mut options = Self {
            out: PathBuf::new(),
            cases: CASES.iter().take(6).map(ToString::to_string).collect(),
            peers: Vec::new(),
            files: 2000,
            repository: 20_000,
            sizes: vec![2_000, 20_000, 100_000],
            runs: 5,
            govcheck: PathBuf::from(env!("CARGO_BIN_EXE_govcheck")),
        };
        let words = |text: String| text.split(',').map(ToOwned::to_owned).collect::<Vec<_>>();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("`{arg}` wants a value"));
            match arg.as_str() {
                "--out" => out = Some(std::path::absolute(value()?)?),
                "--cases" => options.cases = words(value()?),
                "--peers" => options.peers = words(value()?),
                "--files" => options.files = value()?.parse()?,
                "--repository" => options.repository = value()?.parse()?,
                "--runs" => options.runs = value()?.parse()?,
                "--govcheck" => options.govcheck = std::path::absolute(value()?)?,
                "--sizes" => {
                    let sizes = words(value()?);
                    options.sizes = sizes
                        .iter()
                        .map(|size| size.parse())
                        .collect::<Result<_, _>>()?;
                }
                // Added by `cargo bench` and `cargo test`.
                "--bench" | "--test" => {}
                _ => return Err(format!("unknown option `{arg}`").into()),
            }
        }
        if let Some(unknown) = options
            .cases
            .iter()
            .find(|case| !CASES.contains(&case.as_str()))
        {
            return Err(format!("unknown case `{unknown}`: known are {}", CASES.join(", ")).into());
        }
        // `cargo bench` without arguments of ours, and `cargo test --benches`: nothing to do.
        Ok(out.map(|out| Self { out, ..options }))
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let installed = Installed::at(&options.out.join("peers"), &options.peers);
    let cases = options.cases.clone();
    let bench = Bench { options, installed };
    for case in &cases {
        for case in bench.case(case)? {
            case.print();
        }
    }
    Ok(())
}
