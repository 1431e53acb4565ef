//! Pointers of Git LFS: what git stores in place of a file whose content lies elsewhere.

use std::fs;
use std::path::Path;

use crate::model::text::RelPath;

/// The first line of every pointer: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
const VERSION: &str = "version https://git-lfs.github.com/spec/v1\n";
/// No pointer has more bytes, by the specification.
const MAX_BYTES: usize = 1024;

/// Whether a file whose content is absent may be a manifest. Large JSON files under Git LFS are data.
pub(super) fn may_be_manifest(path: &RelPath) -> bool {
    let path = path.as_str().to_ascii_lowercase();
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// The SHA-256 of the content behind a pointer, in hexadecimal. `None` for bytes that are not a pointer.
pub(super) fn content_hash(bytes: &[u8]) -> Option<&str> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let lines = std::str::from_utf8(bytes).ok()?.strip_prefix(VERSION)?;
    let hash = lines
        .lines()
        .find_map(|line| line.strip_prefix("oid sha256:"))?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(hash)
}

/// The content in the store of the repository with this git folder. `None` if it was not fetched, or is over the limit.
pub(super) fn read_stored(git_folder: &Path, hash: &str, max_bytes: u64) -> Option<Vec<u8>> {
    let (one, two) = (hash.get(..2)?, hash.get(2..4)?);
    let path = git_folder
        .join("lfs/objects")
        .join(one)
        .join(two)
        .join(hash);
    let is_small = fs::metadata(&path).ok()?.len() <= max_bytes;
    is_small.then(|| fs::read(&path).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";

    #[test]
    fn a_pointer_names_its_content() {
        let pointer = format!("{VERSION}oid sha256:{HASH}\nsize 12345\n");
        assert_eq!(content_hash(pointer.as_bytes()), Some(HASH));
        for other in [
            String::new(),
            "version: 1\n".to_owned(),
            VERSION.to_owned(),
            format!("{VERSION}oid sha256:abc\nsize 1\n"),
            format!("{pointer}{}", "#".repeat(MAX_BYTES)),
        ] {
            assert_eq!(content_hash(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn content_comes_from_the_store_if_it_was_fetched() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_stored(folder.path(), HASH, 10), None);
        let objects = folder.path().join("lfs/objects/4d/7a");
        fs::create_dir_all(&objects).unwrap();
        fs::write(objects.join(HASH), "kind: x\n").unwrap();
        assert_eq!(read_stored(folder.path(), HASH, 10).unwrap(), b"kind: x\n");
        assert_eq!(read_stored(folder.path(), HASH, 2), None);
    }
}
