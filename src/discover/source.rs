//! Where files come from, and what listing them gives.

use std::sync::Arc;

use super::identity::ContentId;
use super::problem::{DiscoveryProblem, ReadError};
use super::stat::Stat;
use crate::model::text::RelPath;

/// Where files come from: a folder on disk, or a git revision's tree.
pub trait FileSource: Sync {
    /// All candidates, and what stood in the way of finding them.
    fn list(&self) -> Listing;

    /// The bytes of one file. A path that [`list`](FileSource::list) did not give may be asked for; it must lie below the root.
    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError>;

    /// A way to read files when this is gone.
    fn reader(&self) -> Arc<FileReader>;

    /// The identity of a file's bytes, where it is known without reading them.
    fn content(&self, _path: &RelPath) -> Option<ContentId> {
        None
    }

    /// Whether there is anything at a path: a file that is not a candidate, a folder, a link.
    fn holds(&self, _path: &RelPath) -> bool {
        false
    }

    /// Files and links of the repository below the root that are no candidates: ignored, excluded, hidden, or with another extension.
    fn unread(&self) -> Vec<RelPath> {
        Vec::new()
    }

    /// The file system's metadata of a file. `None` for a file that is not on disk.
    fn stat(&self, _path: &RelPath) -> Option<Stat> {
        None
    }
}

/// Reads the bytes of a file. `None` if it can't be read.
pub type FileReader = dyn Fn(&RelPath) -> Option<Vec<u8>> + Send + Sync;

/// What a [`FileSource`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Candidates for manifests, sorted, each once.
    pub files: Vec<RelPath>,
    /// What could not be looked at, sorted by path.
    pub problems: Vec<DiscoveryProblem>,
    /// How many files and folders were looked at to find them; what an ignored folder holds is not counted.
    pub visited: usize,
}
