//! The packs of a config, by the form of their entries: a folder, a bundle, a folder at a revision of another repository. Packs from
//! outside the mesh's own repository are checked against `govcheck.lock`, if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::failure::Failure;
use super::origin::{Origin, is_inside};
use crate::config::Config;
use crate::discover::Tree;
use crate::policy::bundle::{self, Bundle, BundleVerification};
use crate::policy::source::{PackFile, PackSource, is_pack_file, is_page};

/// The file of digests, at the root of the mesh.
pub(crate) const LOCK_FILE: &str = "govcheck.lock";

const RELOCK: &str =
    "review the changes in the pack, then update the digest with `govcheck policy lock`";

/// No file of a pack that people write has more bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// A pack, and its digest unless it is a folder of the mesh.
pub(crate) struct Fetched {
    pub(crate) source: PackSource,
    pub(crate) digest: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    version: u32,
    #[serde(default)]
    packs: BTreeMap<String, String>,
}

/// All packs of a config, each as it was locked.
pub(crate) fn fetch_locked(
    origin: &Origin<'_>,
    root: &Path,
    config: &Config,
) -> Result<Vec<PackSource>, Failure> {
    let lock = lock(origin, root)?;
    let mut sources = Vec::new();
    for pack in &config.packs {
        let Fetched { source, digest } = fetch_pack(origin, root, config, pack)?;
        if let (Some(lock), Some(digest)) = (&lock, digest) {
            match lock.packs.get(pack) {
                Some(locked) if *locked == digest => {}
                Some(locked) => {
                    let message = format!(
                        "pack `{pack}` does not match `{LOCK_FILE}`: its digest is `{digest}`, the lock has `{locked}`"
                    );
                    return Err(Failure::usage(message, RELOCK));
                }
                None => {
                    let message =
                        format!("pack `{pack}` is not in `{LOCK_FILE}`; its digest is `{digest}`");
                    return Err(Failure::usage(
                        message,
                        "pin the pack with `govcheck policy lock`",
                    ));
                }
            }
        }
        sources.push(source);
    }
    Ok(sources)
}

fn lock(origin: &Origin<'_>, root: &Path) -> Result<Option<Lock>, Failure> {
    let Some(text) = origin.text(root, LOCK_FILE)? else {
        return Ok(None);
    };
    let broken = |why: String| {
        let help = "write the file again with `govcheck policy lock`";
        Failure::usage(format!("{LOCK_FILE}: {why}"), help)
    };
    let lock: Lock = serde_yaml::from_str(&text).map_err(|error| broken(error.to_string()))?;
    match lock.version {
        1 => Ok(Some(lock)),
        other => Err(broken(format!("unknown version `{other}`"))),
    }
}

/// One pack, whatever its form.
pub(crate) fn fetch_pack(
    origin: &Origin<'_>,
    root: &Path,
    config: &Config,
    pack: &str,
) -> Result<Fetched, Failure> {
    if let Some(address) = pack.strip_prefix("git+") {
        let source = at_revision(root, pack, address)?;
        let digest = Some(bundle::digest_of(&source));
        return Ok(Fetched { source, digest });
    }
    if is_bundle(pack) {
        let bytes = origin.bytes(root, pack)?;
        let verification = verification(origin, root, config, pack)?;
        let digest = Some(bundle::digest_bytes(&bytes));
        let bundle = Bundle::open(&bytes, &verification).map_err(|error| error.of(pack))?;
        let source = bundle.into_source(pack)?;
        return Ok(Fetched { source, digest });
    }
    if config.keys.contains_key(pack) {
        let message = format!("pack `{pack}` is a folder, which cannot be signed");
        let help = "build a bundle: `govcheck policy bundle PACK -o FILE.tar.gz --sign-key KEY`";
        return Err(Failure::usage(message, help));
    }
    let source = origin.folder(root, pack)?;
    let digest = (!is_inside(pack)).then(|| bundle::digest_of(&source));
    Ok(Fetched { source, digest })
}

/// Whether an entry means a bundle.
pub(crate) fn is_bundle(pack: &str) -> bool {
    pack.ends_with(".tar.gz") || pack.ends_with(".tgz")
}

fn verification(
    origin: &Origin<'_>,
    root: &Path,
    config: &Config,
    pack: &str,
) -> Result<BundleVerification, Failure> {
    let Some(key) = config.keys.get(pack) else {
        return Ok(BundleVerification::default());
    };
    let bytes = match &key.key {
        Some(file) => Some(origin.bytes(root, file)?),
        None => None,
    };
    Ok(BundleVerification {
        key: bytes,
        algorithm: key.algorithm,
        key_id: key.key_id.clone(),
        scope: key.scope.clone(),
        unsigned: key.unsigned,
    })
}

/// `file:///srv/governance.git#v1.4.0:policies`, a folder at a revision of a repository on this machine.
fn at_revision(root: &Path, pack: &str, address: &str) -> Result<PackSource, Failure> {
    const FORM: &str =
        "write repository, revision and folder: `git+file:///srv/governance.git#v1.4.0:policies`";
    let refuse = |why: &str, help: &str| Err(Failure::usage(format!("pack `{pack}` {why}"), help));
    let Some((repository, rest)) = address.rsplit_once('#') else {
        return refuse("has no revision", FORM);
    };
    let (revision, folder) = rest.split_once(':').unwrap_or((rest, ""));
    if revision.is_empty() || revision.starts_with('-') {
        return refuse("has no revision", FORM);
    }
    let path = match repository.strip_prefix("file://") {
        Some(path) if path.starts_with('/') => PathBuf::from(path),
        None if !repository.contains("://") && !repository.is_empty() => root.join(repository),
        _ => {
            return refuse(
                "is not on this machine; govcheck never fetches during a run",
                "clone the repository first and name the clone: `git+file:///srv/governance.git#v1.4.0:policies`",
            );
        }
    };
    if !path.is_dir() {
        return refuse("names a repository that does not exist", FORM);
    }
    let tree = Tree::open(&path, revision)?;
    let (mut files, mut pages) = (Vec::new(), BTreeSet::new());
    for inner in tree.files_below(folder)? {
        if is_page(&inner) {
            pages.insert(inner);
            continue;
        }
        if !is_pack_file(&inner) {
            continue;
        }
        let whole = match folder.trim_matches('/') {
            "" | "." => inner.clone(),
            folder => format!("{folder}/{inner}"),
        };
        let bytes = tree.read(&whole, MAX_FILE).map_err(|error| {
            Failure::usage(format!("pack `{pack}`: `{whole}`: {error}"), error.help())
        })?;
        match bytes.map(String::from_utf8) {
            None => {}
            Some(Ok(text)) => files.push(PackFile { path: inner, text }),
            Some(Err(_)) => {
                return refuse(
                    &format!("has `{whole}`, which is not UTF-8"),
                    "save the file as UTF-8",
                );
            }
        }
    }
    let source = PackSource::of(pack, files)?;
    Ok(PackSource { pages, ..source })
}
