//! The JSON web token of a signature: signing one, and the claims of one that holds. Which algorithm is right says who verifies, never the
//! token itself.

use super::algorithm::Algorithm;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::BundleError;
use super::cipher::{Private, Public};

#[derive(Deserialize, Serialize)]
struct Header {
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
}

/// What was signed.
#[derive(Deserialize, Serialize)]
pub(super) struct Claims {
    pub(super) files: Vec<SignedFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keyid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
}

/// A file and its digest.
#[derive(Deserialize, Serialize)]
pub(super) struct SignedFile {
    pub(super) name: String,
    pub(super) hash: String,
    #[serde(default)]
    pub(super) algorithm: String,
}

/// A private key, or a secret.
pub struct SigningKey {
    algorithm: Algorithm,
    key: Private,
}

impl SigningKey {
    /// A key from the bytes of its file.
    ///
    /// # Errors
    /// The bytes are not a key of that kind.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, BundleError> {
        let key = Private::read(algorithm, secret(algorithm, bytes)?);
        let key = key.map_err(|error| no_key(algorithm, "private", &error))?;
        Ok(Self { algorithm, key })
    }

    pub(super) fn sign(
        &self,
        claims: &Claims,
        key_id: Option<&str>,
    ) -> Result<String, BundleError> {
        let header = Header {
            alg: self.algorithm.as_str().to_owned(),
            kid: key_id.map(str::to_owned),
            typ: Some("JWT".to_owned()),
        };
        let failed = |error: String| {
            BundleError::new(
                format!("cannot sign the bundle: {error}"),
                "check that the key is the right one",
            )
        };
        let part = |json: Result<Vec<u8>, serde_json::Error>| {
            let json = json.map_err(|error| failed(error.to_string()))?;
            Ok::<String, BundleError>(URL_SAFE_NO_PAD.encode(json))
        };
        let header = part(serde_json::to_vec(&header))?;
        let signed = format!("{header}.{}", part(serde_json::to_vec(claims))?);
        let signature = self.key.sign(signed.as_bytes()).map_err(failed)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The claims of a token that this key has signed.
pub(super) fn verify_token(
    token: &str,
    algorithm: Algorithm,
    key: &[u8],
    key_id: Option<&str>,
) -> Result<Claims, BundleError> {
    let broken = || {
        BundleError::new(
            "the signature of the bundle is not a JSON web token",
            "sign the bundle again",
        )
    };
    let (signed, signature) = token.rsplit_once('.').ok_or_else(broken)?;
    let (header, payload) = signed.split_once('.').ok_or_else(broken)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| broken());
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| broken())?;
    if header.alg != algorithm.as_str() {
        return Err(BundleError::new(
            format!(
                "the signature uses `{}`, but `govcheck.yaml` requires `{}`",
                header.alg,
                algorithm.as_str()
            ),
            "sign the bundle with the key that `packs` in `govcheck.yaml` names, or correct `algorithm` there",
        ));
    }
    let key = Public::read(algorithm, secret(algorithm, key)?);
    let key = key.map_err(|error| no_key(algorithm, "public", &error))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    if !key.holds(signed.as_bytes(), &signature) {
        return Err(BundleError::new(
            "the signature of the bundle is invalid",
            "sign the bundle again; it was signed with another key, or changed after signing",
        ));
    }
    let claims: Claims = serde_json::from_slice(&decode(payload)?).map_err(|error| {
        BundleError::new(
            format!("the signature does not list the files of the bundle: {error}"),
            "sign the bundle with `govcheck policy bundle` or `opa sign`",
        )
    })?;
    let by = header.kid.as_deref().or(claims.keyid.as_deref());
    match (key_id, by) {
        (Some(wanted), Some(by)) if wanted != by => Err(BundleError::new(
            format!(
                "the bundle was signed with key `{by}`, but `govcheck.yaml` requires `{wanted}`"
            ),
            "sign the bundle with the required key, or correct `key_id` in `govcheck.yaml`",
        )),
        _ => Ok(claims),
    }
}

/// The bytes, unless they are a secret that is too short: an empty one signs for everybody.
fn secret(algorithm: Algorithm, bytes: &[u8]) -> Result<&[u8], BundleError> {
    match bytes.len() {
        0..32 if algorithm == Algorithm::Hs256 => Err(BundleError::new(
            "the HS256 secret has fewer than 32 bytes",
            "generate a secret with `openssl rand -hex 32`",
        )),
        _ => Ok(bytes),
    }
}

fn no_key(algorithm: Algorithm, kind: &str, error: &dyn std::fmt::Display) -> BundleError {
    let help = match (algorithm, kind) {
        (Algorithm::Es256, "private") => {
            "convert the key to PKCS #8: `openssl pkcs8 -topk8 -nocrypt -in key.pem`"
        }
        _ => "use a key in PEM format, or write `algorithm: HS256` for a shared secret",
    };
    BundleError::new(
        format!(
            "the file is not a {kind} key for {}: {error}",
            algorithm.as_str()
        ),
        help,
    )
}
