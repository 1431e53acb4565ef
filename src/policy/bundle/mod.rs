//! Bundles in OPA's form: a `.tar.gz` with `.manifest` and `.signatures.json`. They are hostile until they are verified: read within
//! bounds, never unpacked to disk, and refused whole where one thing in them is wrong.

mod algorithm;
mod cipher;
mod digest;
mod error;
mod hash;
mod manifest;
mod names;
mod read;
mod token;
mod verify;
mod write;

pub use super::bundle::algorithm::Algorithm;
pub use digest::{digest_bytes, digest_of};
pub use error::BundleError;
pub use manifest::Manifest;
pub use read::MAX_PACKED;
pub use token::SigningKey;
pub use verify::BundleVerification;
pub use write::{Signing, write_bundle};

use std::collections::BTreeMap;

use super::error::PolicyError;
use super::source::{PackFile, PackSource, is_page};
use digest::hex_digits;
use names::{MANIFEST, SIGNATURES};

/// The files of a bundle by their paths in it, all checked against its manifest.
#[derive(Debug)]
pub struct Bundle {
    files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// Reads and verifies a bundle.
    ///
    /// # Errors
    /// Anything about it that is not as it should be.
    pub fn open(packed: &[u8], verification: &BundleVerification) -> Result<Self, BundleError> {
        let files = read::unpack_files(packed)?;
        // Before anything else is believed.
        verification.verify(&files)?;
        manifest::check_manifest(&files)?;
        Ok(Self { files })
    }

    /// The pack that it holds; `name` is what the user calls it.
    ///
    /// # Errors
    /// A file is not text, or the bundle has no files of a pack.
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
