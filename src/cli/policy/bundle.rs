//! `govcheck policy bundle`: a pack in one file, signed if there is a key.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit_code::CLEAN;
use crate::policy::Pack;
use crate::policy::bundle::{Algorithm, Signing, SigningKey, digest_bytes, write_bundle};
use crate::policy::source::PackSource;
use crate::workspace::World;
use crate::workspace::failure::Failure;
use crate::workspace::packs::is_bundle;

#[derive(Debug, Args)]
pub(super) struct BundleArguments {
    /// The folder of the pack
    pack: String,
    /// The file to write, such as `rules.tar.gz`
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The revision to state in the manifest of the bundle
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
    /// Sign the bundle with the private key (PEM) or HS256 secret in this file
    #[arg(long, value_name = "FILE")]
    sign_key: Option<PathBuf>,
    /// The signing algorithm: RS256, ES256 or HS256
    #[arg(
        long,
        value_name = "ALG",
        default_value = "RS256",
        requires = "sign_key"
    )]
    alg: String,
    /// The id of the key, for verification
    #[arg(long, value_name = "ID", requires = "sign_key")]
    key_id: Option<String>,
    /// The scope of the signature
    #[arg(long, value_name = "SCOPE", requires = "sign_key")]
    scope: Option<String>,
}

pub(super) fn run(
    arguments: &BundleArguments,
    world: &World,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let name = &arguments.pack;
    let shown = arguments.output.display();
    if !is_bundle(&arguments.output.to_string_lossy()) {
        let help = format!("write `-o {shown}.tar.gz`");
        return Err(Failure::usage(
            format!("`{shown}` does not have the extension of a bundle"),
            help,
        ));
    }
    let source = PackSource::folder(name, &world.current_dir.join(name))?;
    // What can't be loaded is not handed on. Formats may build on those of other packs.
    let mut alone = source.clone();
    alone
        .files
        .retain(|file| !file.is_format() && !file.is_shape());
    let rules = Pack::load(vec![alone], &|_| false)?.rules.len();
    let signing = match &arguments.sign_key {
        Some(file) => Some(signing(arguments, &world.current_dir.join(file), file)?),
        None => None,
    };
    let bytes = write_bundle(&source, arguments.revision.as_deref(), signing.as_ref())
        .map_err(|error| error.of(name))?;
    fs::write(world.current_dir.join(&arguments.output), &bytes).map_err(|error| {
        Failure::Output {
            to: format!("`{shown}`"),
            error,
        }
    })?;
    let signed = match &signing {
        Some(_) => format!("signed by {}", arguments.alg),
        None => "not signed".to_owned(),
    };
    let size = bytes.len().div_ceil(1024);
    writeln!(
        out,
        "{shown}: {rules} rules, {size} KiB, {signed}\n{}",
        digest_bytes(&bytes)
    )?;
    Ok(CLEAN)
}

fn signing(arguments: &BundleArguments, path: &Path, shown: &Path) -> Result<Signing, Failure> {
    let algorithm = Algorithm::parse(&arguments.alg).ok_or_else(|| {
        let known = Algorithm::ALL.map(Algorithm::as_str).join("`, `");
        let message = format!("unknown signing algorithm `{}`", arguments.alg);
        Failure::usage(message, format!("pass `--alg` with one of `{known}`"))
    })?;
    let shown = shown.display();
    let bytes = fs::read(path).map_err(|error| {
        let help = "pass the file of the private key with `--sign-key`";
        Failure::usage(format!("cannot read `{shown}`: {error}"), help)
    })?;
    let key = SigningKey::new(algorithm, &bytes)
        .map_err(|error| Failure::usage(format!("`{shown}`: {}", error.message), error.help))?;
    Ok(Signing {
        key,
        key_id: arguments.key_id.clone(),
        scope: arguments.scope.clone(),
    })
}
