//! Writes a mesh of any size for measurements: ODCS 3.1 contracts, their ODPS products, and registers.
//! The same options give the same bytes, on every machine. It measures nothing and uses nothing of govcheck.
//!
//! ```text
//! cargo bench --bench generate -- --files 2000 --out /tmp/mesh --seed 1
//! ```
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers, with no output layer of its own"
)]

mod manifests;
mod words;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use manifests::{Manifests, teams, terms};
use words::{Random, domain, product_name};

const CONFIG: &str = "version: 1\nlayout: \"domains/{domain}/{product}/**\"\n";

const HELP: &str = "\
Usage: cargo bench --bench generate -- --out DIR [options]

  --out DIR         where to write; must be empty or not there yet
  --files N         contracts, each in a folder with its product [2000]
  --columns N       columns of a contract; 24 make about 10 KB [24]
  --seed N          another seed, another mesh [1]
  --bad-share X     share of the contracts with one mistake, 0 to 1 [0.1]
  --no-products     contracts and registers alone
  --git             commit it all to a new git repository";

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
        // `cargo bench` without arguments of ours, and `cargo test --benches`: nothing to do.
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(options)) => match write(&options) {
            Ok(summary) => {
                println!("{summary}");
                ExitCode::SUCCESS
            }
            Err(error) => failed(&*error),
        },
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn Error) -> ExitCode {
    eprintln!("error: {error}\n\n{HELP}");
    ExitCode::from(2)
}

struct Options {
    out: PathBuf,
    files: usize,
    columns: usize,
    seed: u64,
    /// Of a million contracts, so many have a mistake.
    bad_per_million: u64,
    products: bool,
    git: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut out = None;
        let (mut files, mut columns, mut seed, mut bad_share) = (2000, 24, 1, 0.1_f64);
        let (mut products, mut git) = (true, false);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("`{arg}` wants a value"));
            match arg.as_str() {
                "--out" => out = Some(PathBuf::from(value()?)),
                "--files" => files = value()?.parse()?,
                "--columns" => columns = value()?.parse()?,
                "--seed" => seed = value()?.parse()?,
                "--bad-share" => bad_share = value()?.parse()?,
                "--no-products" => products = false,
                "--git" => git = true,
                // Added by `cargo bench` and `cargo test`.
                "--bench" | "--test" => {}
                _ => return Err(format!("unknown option `{arg}`").into()),
            }
        }
        if !(0.0..=1.0).contains(&bad_share) {
            return Err(format!("`--bad-share {bad_share}` is not between 0 and 1").into());
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a million, as checked above"
        )]
        let bad_per_million = (bad_share * 1e6).round() as u64;
        Ok(out.map(|out| Self {
            out,
            files,
            columns,
            seed,
            bad_per_million,
            products,
            git,
        }))
    }
}

/// Writes the mesh, and says in a sentence what was written.
fn write(options: &Options) -> Result<String, Box<dyn Error>> {
    let out = &options.out;
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("`{}` is not empty", out.display()).into());
    }
    let mut manifests = Manifests {
        random: Random(options.seed),
        columns: options.columns,
        bad_per_million: options.bad_per_million,
    };
    let mut bytes = 0;
    for number in 0..options.files {
        let folder = out
            .join("domains")
            .join(domain(number))
            .join(product_name(number));
        let contract = manifests.contract(number)?;
        bytes += contract.len();
        put(&folder.join("contract.odcs.yaml"), &contract)?;
        if options.products {
            put(
                &folder.join("product.odps.yaml"),
                &manifests.product(number)?,
            )?;
        }
    }
    put(&out.join("governance/registers/teams.yaml"), &teams()?)?;
    put(&out.join("governance/registers/terms.yaml"), &terms()?)?;
    put(&out.join("govcheck.yaml"), CONFIG)?;
    if options.git {
        commit(out)?;
    }
    let mean = bytes / options.files.max(1);
    Ok(format!(
        "{} contracts of {mean} bytes on average in `{}`",
        options.files,
        out.display()
    ))
}

fn put(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    let write = |path: &Path| {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        fs::write(path, text)
    };
    write(path).map_err(|error| format!("cannot write `{}`: {error}", path.display()).into())
}

/// One commit, of a fixed day and author, so that its id depends on the options alone.
fn commit(folder: &Path) -> Result<(), Box<dyn Error>> {
    let config = [
        "-c",
        "user.name=generate",
        "-c",
        "user.email=generate@example.org",
        "-c",
        "commit.gpgsign=false",
    ];
    for arguments in [
        ["init", "--quiet"].as_slice(),
        &["add", "--all"],
        &["commit", "--quiet", "--message", "Generated mesh"],
    ] {
        let day = "2025-01-01T00:00:00Z";
        let status = Command::new("git")
            .current_dir(folder)
            .args(config)
            .args(arguments)
            .envs([("GIT_AUTHOR_DATE", day), ("GIT_COMMITTER_DATE", day)])
            .status()?;
        if !status.success() {
            return Err(format!(
                "`git {}` failed in `{}`",
                arguments.join(" "),
                folder.display()
            )
            .into());
        }
    }
    Ok(())
}
