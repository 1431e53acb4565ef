//! `.signatures.json`: whether a bundle is what somebody with the key has signed, every file of it and none besides.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::algorithm::Algorithm;
use super::token::verify_token;
use super::{BundleError, SIGNATURES, hash};

/// By what a bundle is verified.
#[derive(Debug, Clone, Default)]
pub struct BundleVerification {
    /// The bytes of the public key, in PEM, or of the secret; without one nothing is verified.
    pub key: Option<Vec<u8>>,
    /// Of the key.
    pub algorithm: Algorithm,
    /// The name of the key, if the signature must say it.
    pub key_id: Option<String>,
    /// What the signature must be for. `None` if it must be for nothing in particular.
    pub scope: Option<String>,
    /// Whether a bundle without a signature will do.
    pub unsigned: bool,
}

#[derive(Deserialize)]
struct Signatures {
    #[serde(default)]
    signatures: Vec<String>,
    #[serde(default)]
    plugin: Option<String>,
}

impl BundleVerification {
    /// Holds the files of a bundle against its signature.
    pub(super) fn verify(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<(), BundleError> {
        let Some(key) = &self.key else { return Ok(()) };
        let Some(signatures) = files.get(SIGNATURES) else {
            return match self.unsigned {
                true => Ok(()),
                false => Err(BundleError::new(
                    "the bundle is not signed, but `packs` in `govcheck.yaml` requires a signature",
                    "sign the bundle with `govcheck policy bundle PACK -o FILE --sign-key KEY`, or accept it with `unsigned: allow`",
                )),
            };
        };
        let token = self.token(signatures)?;
        let claims = verify_token(&token, self.algorithm, key, self.key_id.as_deref())?;
        let (scope, wanted) = (
            claims.scope.unwrap_or_default(),
            self.scope.as_deref().unwrap_or_default(),
        );
        if scope != wanted {
            return Err(BundleError::new(
                format!(
                    "the bundle is signed for scope `{scope}`, but `govcheck.yaml` requires `{wanted}`"
                ),
                "correct `scope` in `govcheck.yaml`, or sign the bundle for the required scope",
            ));
        }
        let mut signed = BTreeMap::new();
        for file in claims.files {
            let name = file.name.trim_start_matches('/').to_owned();
            if let Some(twice) = signed.insert(name, file) {
                let message = format!("the signature lists `{}` twice", twice.name);
                return Err(BundleError::new(message, "sign the bundle again"));
            }
        }
        for (path, bytes) in files.iter().filter(|(path, _)| *path != SIGNATURES) {
            let Some(file) = signed.remove(path) else {
                let message = format!("the signature does not cover `{path}`");
                return Err(BundleError::new(
                    message,
                    "the file was added after signing; remove it, or sign the bundle again",
                ));
            };
            if hash::of_file(path, bytes, &file.algorithm)? != file.hash.to_lowercase() {
                let message = format!("`{path}` differs from the signed file");
                return Err(BundleError::new(
                    message,
                    "the file was changed after signing; restore it, or sign the bundle again",
                ));
            }
        }
        match signed.keys().next() {
            None => Ok(()),
            Some(path) => Err(BundleError::new(
                format!("the bundle lacks `{path}`, which its signature lists"),
                "the file was removed after signing; restore it, or sign the bundle again",
            )),
        }
    }

    fn token(&self, signatures: &[u8]) -> Result<String, BundleError> {
        let signatures: Signatures = serde_json::from_slice(signatures).map_err(|error| {
            BundleError::new(
                format!("cannot read `{SIGNATURES}`: {error}"),
                "sign the bundle again",
            )
        })?;
        let plugin = signatures.plugin.unwrap_or_default();
        // OPA's name for the way with a key.
        if !matches!(plugin.as_str(), "" | "_default") {
            let message =
                format!("the signature uses the plugin `{plugin}`, which is not supported");
            return Err(BundleError::new(message, "sign the bundle with a key"));
        }
        match <[String; 1]>::try_from(signatures.signatures) {
            Ok([token]) => Ok(token),
            Err(several) => Err(BundleError::new(
                format!(
                    "`{SIGNATURES}` has {} signatures instead of one",
                    several.len()
                ),
                "sign the bundle again",
            )),
        }
    }
}
