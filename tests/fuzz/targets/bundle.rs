//! Any bytes as a bundle of policies, as the archive in one, or as files that are packed and signed around them. What opens
//! can be written and opened again, and is what was signed.
#![no_main]

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use govcheck::policy::bundle::{Algorithm, Bundle, BundleVerification, Signing, SigningKey, write_bundle};
use hmac::{Hmac, Mac as _};
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// A line of this and a path begins each file of a text.
const FILE: &str = "==== ";

/// Where a bundle has its signature. In a text it holds header and claims, two lines of JSON.
const SIGNATURES: &str = ".signatures.json";

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let packed = match kind {
        b'z' => bytes.to_vec(),
        b't' => zipped(bytes),
        _ => zipped(&archive(&String::from_utf8_lossy(bytes))),
    };
    for (key, unsigned) in [(None, true), (Some(SECRET.to_vec()), false)] {
        let is_signed = key.is_some();
        let verification = BundleVerification {
            key,
            algorithm: Algorithm::Hs256,
            unsigned,
            ..BundleVerification::default()
        };
        match Bundle::open(&packed, &verification) {
            Ok(bundle) => again(bundle, is_signed, &verification),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});

/// Writes what was opened, and opens it again.
fn again(bundle: Bundle, is_signed: bool, verification: &BundleVerification) {
    let Ok(source) = bundle.into_source("house") else {
        return;
    };
    let signing = is_signed.then(|| Signing {
        key: SigningKey::new(Algorithm::Hs256, SECRET).expect("the secret is long enough"),
        key_id: None,
        scope: None,
    });
    // A path that the archive cannot hold is an error of its own.
    let Ok(written) = write_bundle(&source, None, signing.as_ref()) else {
        return;
    };
    let opened = Bundle::open(&written, verification).expect("what was written opens");
    let opened = opened.into_source("house").expect("it is a pack");
    let texts = |source: &govcheck::policy::source::PackSource| {
        let files = source.files.iter();
        let files = files.map(|file| (file.path.clone(), file.text.clone()));
        files.collect::<Vec<_>>()
    };
    assert_eq!(texts(&opened), texts(&source));
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::none());
    zip.write_all(bytes).expect("memory takes all");
    zip.finish().expect("memory takes all")
}

/// The archive of the files of a text.
fn archive(text: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for part in text.split(FILE).skip(1) {
        let (path, content) = part.split_once('\n').unwrap_or((part, ""));
        let content = match path == SIGNATURES {
            true => signatures(content),
            false => content.to_owned(),
        };
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // A path that an archive cannot hold is left out.
        let _ = archive.append_data(&mut header, path, content.as_bytes());
    }
    archive.into_inner().expect("memory takes all")
}

fn signatures(content: &str) -> String {
    let (header, claims) = content.split_once('\n').unwrap_or((content, ""));
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.trim_end()));
    let signed = format!("{header}.{claims}");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("any length will do");
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    serde_json::json!({"signatures": [format!("{signed}.{signature}")]}).to_string()
}
