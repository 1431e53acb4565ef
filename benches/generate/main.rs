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

mod history;
mod manifests;
mod others;
mod words;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use manifests::{Manifests, teams, terms};
use others::{Format, kpis};
use words::{Random, domain, product_name};

const CONFIG: &str = "version: 1\nlayout: \"domains/{domain}/{product}/**\"\n";

const HELP: &str = "\
Usage: cargo bench --bench generate -- --out DIR [options]

  --out DIR         where to write; must be empty or not there yet
  --files N         contracts, each in a folder with its product [2000]
  --columns N       columns of a contract; 24 make about 10 KB [24]
  --seed N          another seed, another mesh [1]
  --bad-share X     share of the contracts with one mistake, 0 to 1 [0.1]
  --column-mistakes X
                    share of the contracts with a mistake that linters of contracts know:
                    two columns of one name, a name in camel case, a key position without a key [0]
  --formats LIST    formats of contracts, in turn: odcs, dcs, dbt [odcs]
  --kpis N          KPIs of the register [0]
  --no-products     contracts and registers alone
  --git             commit it all to a new git repository
  --commits N       so many commits on top, each of which changes one contract; with --git [0]";

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
    /// Of a million contracts, so many have a mistake in a column that linters of contracts know.
    column_mistakes_per_million: u64,
    formats: Vec<Format>,
    kpis: usize,
    products: bool,
    git: bool,
    commits: usize,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut out = None;
        let (mut files, mut columns, mut seed) = (2000, 24, 1);
        let (mut bad_share, mut column_mistakes) = (0.1_f64, 0.0_f64);
        let (mut formats, mut kpis) = (vec![Format::Odcs], 0);
        let (mut products, mut git, mut commits) = (true, false, 0);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("`{arg}` wants a value"));
            match arg.as_str() {
                "--out" => out = Some(PathBuf::from(value()?)),
                "--files" => files = value()?.parse()?,
                "--columns" => columns = value()?.parse()?,
                "--seed" => seed = value()?.parse()?,
                "--bad-share" => bad_share = value()?.parse()?,
                "--column-mistakes" => column_mistakes = value()?.parse()?,
                "--formats" => formats = Format::list(&value()?)?,
                "--kpis" => kpis = value()?.parse()?,
                "--commits" => commits = value()?.parse()?,
                "--no-products" => products = false,
                "--git" => git = true,
                // Added by `cargo bench` and `cargo test`.
                "--bench" | "--test" => {}
                _ => return Err(format!("unknown option `{arg}`").into()),
            }
        }
        if commits > 0 && !git {
            return Err("`--commits` goes with `--git`".into());
        }
        let bad_per_million = per_million("--bad-share", bad_share)?;
        let column_mistakes_per_million = per_million("--column-mistakes", column_mistakes)?;
        Ok(out.map(|out| Self {
            out,
            files,
            columns,
            seed,
            bad_per_million,
            column_mistakes_per_million,
            formats,
            kpis,
            products,
            git,
            commits,
        }))
    }
}

fn per_million(option: &str, share: f64) -> Result<u64, Box<dyn Error>> {
    if !(0.0..=1.0).contains(&share) {
        return Err(format!("`{option} {share}` is not between 0 and 1").into());
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and a million, as checked above"
    )]
    Ok((share * 1e6).round() as u64)
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
        column_random: Random(options.seed ^ 0xC0_1D),
        column_mistakes_per_million: options.column_mistakes_per_million,
    };
    let mut bytes = 0;
    for number in 0..options.files {
        let folder = out
            .join("domains")
            .join(domain(number))
            .join(product_name(number));
        let format = options.formats[number % options.formats.len()];
        let contract = match format {
            Format::Odcs => manifests.contract(number)?,
            other => others::contract(other, &mut manifests, number)?,
        };
        bytes += contract.len();
        put(&folder.join(format.file_name()), &contract)?;
        if options.products {
            put(
                &folder.join("product.odps.yaml"),
                &manifests.product(number)?,
            )?;
        }
    }
    put(&out.join("governance/registers/teams.yaml"), &teams()?)?;
    put(&out.join("governance/registers/terms.yaml"), &terms()?)?;
    if options.kpis > 0 {
        let register = out.join("governance/registers/kpis.yaml");
        put(&register, &kpis(options.kpis)?)?;
    }
    put(&out.join("govcheck.yaml"), CONFIG)?;
    if options.git {
        history::begin(out)?;
        history::go_on(out, options.commits, options.files, |number| {
            let folder = Path::new("domains")
                .join(domain(number))
                .join(product_name(number));
            folder.join(options.formats[number % options.formats.len()].file_name())
        })?;
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
