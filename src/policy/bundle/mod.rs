//! Bundles in OPA's form: a `.tar.gz` with `.manifest` and `.signatures.json`. They are hostile until they are verified: read within
//! bounds, never unpacked to disk, and refused whole where one thing in them is wrong.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::error::PolicyError;
use super::source::{PackFile, PackSource, is_page};

mod cipher;
mod hash;
mod manifest;
mod read;
mod token;
mod verify;
mod write;

pub use manifest::Manifest;
pub use read::MAX_PACKED;
pub use token::{Algorithm, SigningKey};
pub use verify::Verification;
pub use write::{Signing, write};

const MANIFEST: &str = ".manifest";
const SIGNATURES: &str = ".signatures.json";

/// What is wrong with a bundle, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BundleError {
    /// As a phrase.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl BundleError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }

    /// As a mistake of the pack that the user calls `pack`.
    pub fn of(self, pack: &str) -> PolicyError {
        PolicyError::Unreadable {
            pack: pack.to_owned(),
            why: self.message,
            help: self.help,
        }
    }
}

/// The files of a bundle by their paths in it, and nothing that was not held against its manifest.
#[derive(Debug)]
pub struct Bundle {
    files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// Reads and verifies a bundle.
    ///
    /// # Errors
    /// Anything about it that is not as it should be.
    pub fn open(packed: &[u8], verification: &Verification) -> Result<Self, BundleError> {
        let files = read::files(packed)?;
        // Before anything else is believed.
        verification.verify(&files)?;
        manifest::check(&files)?;
        Ok(Self { files })
    }

    /// The pack that it holds; `name` is what the user calls it.
    ///
    /// # Errors
    /// A file is no text, or there is nothing that a pack is made of.
    pub fn into_source(self, name: &str) -> Result<PackSource, PolicyError> {
        let pages = self.files.keys().filter(|path| is_page(path)).cloned();
        let pages = pages.collect();
        let mut files = Vec::new();
        for (path, bytes) in self.files {
            if !super::source::is_pack_file(&path) {
                continue;
            }
            let text = String::from_utf8(bytes).map_err(|_| {
                let message = format!("`{path}` is not UTF-8");
                BundleError::new(message, "save the file as UTF-8 and build the bundle again")
                    .of(name)
            })?;
            files.push(PackFile { path, text });
        }
        let source = PackSource::of(name, files)?;
        Ok(PackSource { pages, ..source })
    }
}

/// `sha256:` and the digest of bytes: what `sha256sum` says of the file.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// The digest of the files of a pack that is no single file: of each the length and name, then the length and text.
pub fn digest_of(source: &PackSource) -> String {
    let mut hasher = Sha256::new();
    for file in &source.files {
        for part in [&file.path, &file.text] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
    }
    format!("sha256:{}", hex(&hasher.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
