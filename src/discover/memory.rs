//! Files in memory: for examples of rules, and for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FileReader, FileSource, Listing, ReadError};
use crate::model::text::RelPath;

/// A mesh that is on no disk.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: Arc<BTreeMap<RelPath, Vec<u8>>>,
}

impl Memory {
    /// A mesh of these files.
    pub fn new(files: impl IntoIterator<Item = (RelPath, Vec<u8>)>) -> Self {
        Self {
            files: Arc::new(files.into_iter().collect()),
        }
    }
}

impl FileSource for Memory {
    fn list(&self) -> Listing {
        Listing {
            files: self.files.keys().cloned().collect(),
            ..Listing::default()
        }
    }

    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError> {
        self.files.get(path).cloned().ok_or(ReadError::NotAFile)
    }

    fn reader(&self) -> Arc<FileReader> {
        let files = Arc::clone(&self.files);
        Arc::new(move |path| files.get(path).cloned())
    }
}
