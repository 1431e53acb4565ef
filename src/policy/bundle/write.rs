//! Writes a bundle, signed if there is a key: the same pack always gives the same bytes.

use std::collections::BTreeMap;
use std::io;

use flate2::{Compression, GzBuilder};
use serde_json::json;
use tar::{Builder, EntryType, Header};

use super::manifest::{Manifest, package_of};
use super::token::{Claims, SignedFile, SigningKey};
use super::{BundleError, MANIFEST, SIGNATURES, hash};
use crate::policy::source::PackSource;

/// What a bundle is signed with.
pub struct Signing {
    /// The key.
    pub key: SigningKey,
    /// Its name, for the verifier.
    pub key_id: Option<String>,
    /// What the signature is for.
    pub scope: Option<String>,
}

/// The bytes of a bundle.
///
/// # Errors
/// It can't be signed.
pub fn write_bundle(
    source: &PackSource,
    revision: Option<&str>,
    signing: Option<&Signing>,
) -> Result<Vec<u8>, BundleError> {
    let rego = source
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rego"));
    let packages: Vec<String> = rego.map(|file| package_of(&file.text)).collect();
    let mut manifest = bytes(&json!(Manifest::of(&packages, revision)));
    manifest.push(b'\n');
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::from([(MANIFEST.to_owned(), manifest)]);
    let own = source.files.iter();
    files.extend(own.map(|file| (file.path.clone(), file.text.clone().into_bytes())));
    if let Some(signing) = signing {
        let mut signed = Vec::new();
        for (name, bytes) in &files {
            signed.push(SignedFile {
                name: name.clone(),
                hash: hash::of_file(name, bytes, hash::SHA_256)?,
                algorithm: hash::SHA_256.to_owned(),
            });
        }
        let claims = Claims {
            files: signed,
            keyid: signing.key_id.clone(),
            scope: signing.scope.clone(),
        };
        let token = signing.key.sign(&claims, signing.key_id.as_deref())?;
        files.insert(
            SIGNATURES.to_owned(),
            bytes(&json!({"signatures": [token]})),
        );
    }
    pack(&files).map_err(|error| {
        let help = "shorten the paths of the pack; a path can have about 100 bytes";
        BundleError::new(format!("cannot write the bundle: {error}"), help)
    })
}

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn pack(files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    // No name, no time, no system in the header: they would differ by machine.
    let zip = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    let mut archive = Builder::new(zip);
    for (path, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, path, bytes.as_slice())?;
    }
    archive.into_inner()?.finish()
}
