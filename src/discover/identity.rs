//! Which bytes a file holds, as they are and as git stores them.

/// The identity of a file's bytes: the id that git gives a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentId(pub(super) git2::Oid);

impl ContentId {
    /// The identity of these bytes. `None` if the hash can't be taken.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        git2::Oid::hash_object(git2::ObjectType::Blob, bytes)
            .ok()
            .map(Self)
    }

    /// Its 20 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// From its bytes. `None` if there are not 20.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        git2::Oid::from_bytes(bytes).ok().map(Self)
    }
}

/// The identity of a file's bytes, as they are and as git may have stored them: with `core.autocrlf`, line breaks differ
/// between the working tree and the repository.
pub type Identity = [ContentId; 2];

/// `None` if git can't hash the bytes.
pub fn identify_bytes(bytes: &[u8]) -> Option<Identity> {
    let own = ContentId::of(bytes)?;
    if !bytes.contains(&b'\r') {
        return Some([own, own]);
    }
    let mut stored = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            stored.push(*byte);
        }
    }
    Some([own, ContentId::of(&stored)?])
}
