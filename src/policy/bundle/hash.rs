//! The digest of a file as OPA's bundle signatures have it: of its bytes, or of its value where the file is structured, so that white space and
//! the order of keys do not count.

use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512, Sha512_256};

use super::{BundleError, MANIFEST, hex_digits};

/// What we write.
pub(super) const SHA_256: &str = "SHA-256";

/// The digest of a file, in hexadecimal.
pub(super) fn of_file(path: &str, bytes: &[u8], algorithm: &str) -> Result<String, BundleError> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let value: Option<Value> = match name {
        MANIFEST | "data.json" => {
            Some(serde_json::from_slice(bytes).map_err(|error| no_value(path, &error))?)
        }
        "data.yaml" | "data.yml" => {
            Some(serde_yaml::from_slice(bytes).map_err(|error| no_value(path, &error))?)
        }
        _ => None,
    };
    let canonical = value.map(|value| {
        let mut out = String::new();
        write(&value, &mut out);
        out.into_bytes()
    });
    let bytes = canonical.as_deref().unwrap_or(bytes);
    match algorithm {
        SHA_256 => Ok(hex_digits(&Sha256::digest(bytes))),
        "SHA-384" => Ok(hex_digits(&Sha384::digest(bytes))),
        "SHA-512" => Ok(hex_digits(&Sha512::digest(bytes))),
        "SHA-512-256" => Ok(hex_digits(&Sha512_256::digest(bytes))),
        other => Err(BundleError::new(
            format!("the digest of `{path}` uses `{other}`, which is not secure"),
            "sign the bundle with SHA-256",
        )),
    }
}

fn no_value(path: &str, error: &dyn std::fmt::Display) -> BundleError {
    let help = "fix the file and build the bundle again";
    BundleError::new(format!("cannot read `{path}`: {error}"), help)
}

/// Keys sorted, no space; text as Go's encoder writes it.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, value)) in fields.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(&Value::String(key.clone()), out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        scalar => {
            let text = scalar.to_string();
            out.push_str(
                &text
                    .replace('\u{2028}', "\\u2028")
                    .replace('\u{2029}', "\\u2029"),
            );
        }
    }
}
