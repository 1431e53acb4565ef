//! `.signatures.json`: whether a bundle is what somebody with the key has signed, every file of it and none besides.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::token::{Algorithm, verified};
use super::{BundleError, SIGNATURES, hash};

/// By what a bundle is verified.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// The bytes of the public key, in PEM, or of the secret; without one nothing is verified.
    pub key: Option<Vec<u8>>,
    /// Of the key.
    pub algorithm: Algorithm,
    /// The name of the key, if the signature must say it.
    pub key_id: Option<String>,
    /// What the signature must be for; none if it must be for nothing in particular.
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

impl Verification {
    /// Holds the files of a bundle against its signature.
    pub(super) fn verify(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<(), BundleError> {
        let Some(key) = &self.key else { return Ok(()) };
        let Some(signatures) = files.get(SIGNATURES) else {
            return match self.unsigned {
                true => Ok(()),
                false => Err(BundleError::new(
                    "it is not signed, and `packs` in `govcheck.yaml` names a key for it",
                    "sign it: `govcheck policy bundle PACK -o FILE --sign-key KEY`; or allow it with `unsigned: allow`",
                )),
            };
        };
        let token = self.token(signatures)?;
        let claims = verified(&token, self.algorithm, key, self.key_id.as_deref())?;
        let (scope, wanted) = (
            claims.scope.unwrap_or_default(),
            self.scope.as_deref().unwrap_or_default(),
        );
        if scope != wanted {
            return Err(BundleError::new(
                format!("it is signed for scope `{scope}`, and `{wanted}` is what counts here"),
                "mend `scope` in `govcheck.yaml`, or sign it for that one",
            ));
        }
        let mut signed = BTreeMap::new();
        for file in claims.files {
            let name = file.name.trim_start_matches('/').to_owned();
            if let Some(twice) = signed.insert(name, file) {
                let message = format!("its signature has `{}` twice", twice.name);
                return Err(BundleError::new(message, "sign it again"));
            }
        }
        for (path, bytes) in files.iter().filter(|(path, _)| *path != SIGNATURES) {
            let Some(file) = signed.remove(path) else {
                let message = format!("`{path}` is not in its signature");
                return Err(BundleError::new(
                    message,
                    "somebody has added it: have the bundle signed again, or take it out",
                ));
            };
            if hash::of_file(path, bytes, &file.algorithm)? != file.hash.to_lowercase() {
                let message = format!("`{path}` is not what was signed");
                return Err(BundleError::new(
                    message,
                    "somebody has changed it since: have the bundle signed again",
                ));
            }
        }
        match signed.keys().next() {
            None => Ok(()),
            Some(path) => Err(BundleError::new(
                format!("`{path}` is in its signature, and not in the bundle"),
                "somebody has taken it out: have the bundle signed again",
            )),
        }
    }

    fn token(&self, signatures: &[u8]) -> Result<String, BundleError> {
        let signatures: Signatures = serde_json::from_slice(signatures).map_err(|error| {
            BundleError::new(
                format!("`{SIGNATURES}` can't be read: {error}"),
                "sign it again",
            )
        })?;
        let plugin = signatures.plugin.unwrap_or_default();
        // OPA's name for the way with a key.
        if !matches!(plugin.as_str(), "" | "_default") {
            let message =
                format!("it is signed by way of `{plugin}`, which govcheck does not know");
            return Err(BundleError::new(message, "sign it with a key"));
        }
        match <[String; 1]>::try_from(signatures.signatures) {
            Ok([token]) => Ok(token),
            Err(several) => Err(BundleError::new(
                format!("`{SIGNATURES}` has {} signatures, not one", several.len()),
                "sign it again",
            )),
        }
    }
}
