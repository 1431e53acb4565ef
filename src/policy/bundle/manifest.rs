//! `.manifest`: the revision of a bundle, and the roots below which its packages lie. A manifest that says otherwise than its files is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BundleError, MANIFEST};

const FIX: &str = "fix `.manifest`, or build the bundle again with `govcheck policy bundle`";

/// The content of a manifest, without the parts that only OPA needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the pack, as its makers count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Paths of `data` that it owns; without any it owns everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<Vec<String>>,
    /// 0 or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rego_version: Option<u8>,
    /// Free metadata of its makers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

impl Manifest {
    /// The manifest of a pack of these packages: the roots are as narrow as a category.
    pub(super) fn of(packages: &[String], revision: Option<&str>) -> Self {
        let root = |package: &String| {
            let parts: Vec<&str> = package.split('.').take(2).collect();
            parts.join("/")
        };
        let mut roots: Vec<String> = packages.iter().map(root).collect();
        roots.sort();
        roots.dedup();
        let all = roots.clone();
        roots.retain(|root| !all.iter().any(|other| other != root && below(root, other)));
        Self {
            revision: revision.map(str::to_owned),
            roots: Some(roots),
            rego_version: Some(1),
            metadata: None,
        }
    }
}

/// Holds the manifest of a bundle, if it has one, against its files.
pub(super) fn check_manifest(files: &BTreeMap<String, Vec<u8>>) -> Result<(), BundleError> {
    let Some(bytes) = files.get(MANIFEST) else {
        return Ok(());
    };
    let manifest: Manifest = serde_json::from_slice(bytes)
        .map_err(|error| BundleError::new(format!("cannot read `.manifest`: {error}"), FIX))?;
    if manifest.rego_version.is_some_and(|version| version != 1) {
        let help = "convert the policies to Rego v1 with `opa fmt --v0-v1`";
        return Err(BundleError::new(
            "`.manifest` declares Rego v0, which is not supported",
            help,
        ));
    }
    let Some(roots) = manifest.roots else {
        return Ok(());
    };
    let roots: Vec<&str> = roots.iter().map(|root| root.trim_matches('/')).collect();
    for (at, one) in roots.iter().enumerate() {
        let mut others = roots.iter().skip(at + 1);
        if let Some(other) = others.find(|other| below(one, other) || below(other, one)) {
            let message = format!("roots `{one}` and `{other}` of `.manifest` overlap");
            return Err(BundleError::new(message, FIX));
        }
    }
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".rego")) {
        let package = package_of(&String::from_utf8_lossy(text));
        let place = package.replace('.', "/");
        if !roots.iter().any(|root| below(&place, root)) {
            let message = format!(
                "package `{package}` of `{path}` is outside the roots of `.manifest`: {}",
                roots.join(", ")
            );
            return Err(BundleError::new(message, FIX));
        }
    }
    Ok(())
}

/// Whether a path is a root or lies below it.
fn below(path: &str, root: &str) -> bool {
    root.is_empty()
        || path
            .strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The package of a Rego file; empty if it says none, which is refused when it is loaded.
pub(super) fn package_of(text: &str) -> String {
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("package"));
    let named = lines.filter(|rest| rest.starts_with(char::is_whitespace));
    let first = named.map(str::trim_start).next().unwrap_or_default();
    let word = first.split(|c: char| c.is_whitespace() || c == '#' || c == ';');
    word.map(str::to_owned).next().unwrap_or_default()
}
