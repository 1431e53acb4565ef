//! The ciphers of signatures: RS256, ES256 and HS256 with keys in PEM. Knows bytes, no tokens.

use hmac::{Hmac, Mac};
use p256::ecdsa;
use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer, Verifier};
use rsa::{RsaPrivateKey, RsaPublicKey, pkcs1v15};

use super::algorithm::Algorithm;

/// A private key, or a secret.
pub(super) enum Private {
    Rsa(Box<pkcs1v15::SigningKey<Sha256>>),
    Ec(ecdsa::SigningKey),
    Secret(Vec<u8>),
}

/// A public key, or a secret.
pub(super) enum Public {
    Rsa(pkcs1v15::VerifyingKey<Sha256>),
    Ec(ecdsa::VerifyingKey),
    Secret(Vec<u8>),
}

impl Private {
    /// A key from the bytes of its file; an error as a phrase.
    pub(super) fn read(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, String> {
        let pem = || text(bytes);
        match algorithm {
            Algorithm::Rs256 => {
                let key = match pem()?.contains("BEGIN RSA PRIVATE KEY") {
                    true => RsaPrivateKey::from_pkcs1_pem(pem()?).map_err(|e| e.to_string()),
                    false => RsaPrivateKey::from_pkcs8_pem(pem()?).map_err(|e| e.to_string()),
                };
                Ok(Self::Rsa(Box::new(pkcs1v15::SigningKey::new(key?))))
            }
            Algorithm::Es256 => {
                let key = ecdsa::SigningKey::from_pkcs8_pem(pem()?);
                key.map(Self::Ec).map_err(|error| error.to_string())
            }
            Algorithm::Hs256 => Ok(Self::Secret(bytes.to_vec())),
        }
    }

    /// The signature of a message; an error as a phrase.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(key) => {
                // Blinded at random, so that its time reveals nothing about the key; the signature does not change.
                let signed = key.try_sign_with_rng(&mut OsRng, message);
                signed
                    .map(|signed| signed.to_vec())
                    .map_err(|e| e.to_string())
            }
            Self::Ec(key) => {
                let signed: Result<ecdsa::Signature, _> = key.try_sign(message);
                signed
                    .map(|signed| signed.to_vec())
                    .map_err(|e| e.to_string())
            }
            Self::Secret(secret) => Ok(keyed(secret, message)?.finalize().into_bytes().to_vec()),
        }
    }
}

impl Public {
    /// A key from the bytes of its file; an error as a phrase.
    pub(super) fn read(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, String> {
        let pem = || text(bytes);
        match algorithm {
            Algorithm::Rs256 => {
                let key = match pem()?.contains("BEGIN RSA PUBLIC KEY") {
                    true => RsaPublicKey::from_pkcs1_pem(pem()?).map_err(|e| e.to_string()),
                    false => RsaPublicKey::from_public_key_pem(pem()?).map_err(|e| e.to_string()),
                };
                Ok(Self::Rsa(pkcs1v15::VerifyingKey::new(key?)))
            }
            Algorithm::Es256 => {
                let key = ecdsa::VerifyingKey::from_public_key_pem(pem()?);
                key.map(Self::Ec).map_err(|error| error.to_string())
            }
            Algorithm::Hs256 => Ok(Self::Secret(bytes.to_vec())),
        }
    }

    /// Whether the owner of the key has signed this message so.
    pub(super) fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => pkcs1v15::Signature::try_from(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Ec(key) => ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Secret(secret) => {
                keyed(secret, message).is_ok_and(|mac| mac.verify_slice(signature).is_ok())
            }
        }
    }
}

fn keyed(secret: &[u8], message: &[u8]) -> Result<Hmac<Sha256>, String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret);
    let mut mac = mac.map_err(|error| error.to_string())?;
    mac.update(message);
    Ok(mac)
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "the key is not text".to_owned())
}
