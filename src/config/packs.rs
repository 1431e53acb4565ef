//! `packs:`: where rules come from, and the key that a bundle's signature is held against. Finds nothing, reads no key.

use serde::Deserialize;

use crate::policy::bundle::Algorithm;

pub(super) const PACK_KEYS: [&str; 6] = ["path", "key", "algorithm", "key_id", "scope", "unsigned"];

/// How the signature of a bundle is verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackKey {
    /// The file of the public key or secret, relative to the root; none if nothing is verified.
    pub key: Option<String>,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The name of the key, if a signature must say it.
    pub key_id: Option<String>,
    /// What a signature must be for.
    pub scope: Option<String>,
    /// Whether a bundle without a signature will do.
    pub unsigned: bool,
}

/// An entry, or a list of them.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "`packs` is a path, or a list of paths and mappings with `path` and `key`"
)]
pub(super) enum RawPacks {
    One(RawPack),
    Many(Vec<RawPack>),
}

/// A path, or a mapping.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a pack is a path, or a mapping with `path` and `key`"
)]
pub(super) enum RawPack {
    Path(String),
    Signed(RawSigned),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSigned {
    path: String,
    key: Option<String>,
    algorithm: Option<String>,
    key_id: Option<String>,
    scope: Option<String>,
    unsigned: Option<String>,
}

impl RawPacks {
    pub(super) fn all(self) -> Vec<RawPack> {
        match self {
            Self::One(pack) => vec![pack],
            Self::Many(packs) => packs,
        }
    }
}

impl RawPack {
    /// The pack and its key. An error is the key of the mapping, what is wrong, and what to write.
    pub(super) fn read(self) -> Result<(String, Option<PackKey>), (&'static str, String, String)> {
        let signed = match self {
            Self::Path(path) => return Ok((path, None)),
            Self::Signed(signed) => signed,
        };
        let algorithm = match signed.algorithm.as_deref() {
            None => Algorithm::default(),
            Some(name) => Algorithm::parse(name).ok_or_else(|| {
                let known = Algorithm::ALL.map(Algorithm::as_str).join("`, `");
                let message = format!("`{name}` does not sign bundles");
                ("algorithm", message, format!("write one of `{known}`"))
            })?,
        };
        let unsigned = match signed.unsigned.as_deref() {
            None | Some("refuse") => false,
            Some("allow") => true,
            Some(other) => {
                let message = format!("`{other}` is not understood here");
                return Err(("unsigned", message, "write `refuse` or `allow`".to_owned()));
            }
        };
        let others = [
            signed.algorithm.is_some(),
            signed.key_id.is_some(),
            signed.scope.is_some(),
            signed.unsigned.is_some(),
        ];
        if signed.key.as_ref().is_none_or(String::is_empty) && others.contains(&true) {
            return Err((
                "path",
                "without a `key` no signature is verified".to_owned(),
                "name the file of the public key: `key: governance/key.pem`".to_owned(),
            ));
        }
        let key = PackKey {
            key: signed.key,
            algorithm,
            key_id: signed.key_id,
            scope: signed.scope,
            unsigned,
        };
        Ok((signed.path, Some(key)))
    }
}
