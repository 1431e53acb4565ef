//! The files below a folder on disk as a source: listed by `visit`, read by `folders`.

use std::fs;
use std::sync::Arc;

use super::folders::read_file;
use super::problem::ReadError;
use super::walk::Walk;
use super::{FileReader, FileSource, Listing, Stat, git, visit};
use crate::model::text::RelPath;

impl Walk {
    /// Lists the files for the first that asks.
    pub fn list_ahead(&self) {
        let listing = visit::list_candidates(self);
        *self.ahead() = Some(listing);
    }
}

impl FileSource for Walk {
    fn list(&self) -> Listing {
        let ahead = self.ahead().take();
        ahead.unwrap_or_else(|| visit::list_candidates(self))
    }

    fn holds(&self, path: &RelPath) -> bool {
        fs::symlink_metadata(self.root().join(path.as_str())).is_ok()
    }

    fn unread(&self) -> Vec<RelPath> {
        let tracked = git::tracked_below(self.root()).into_iter();
        let unread = tracked.filter(|path| !self.wants(path));
        unread
            .map(RelPath::new)
            .filter(|path| self.holds(path))
            .collect()
    }

    fn stat(&self, path: &RelPath) -> Option<Stat> {
        Stat::of(&fs::symlink_metadata(self.folders.root.join(path.as_str())).ok()?)
    }

    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError> {
        read_file(&self.folders, path, self.max_bytes)
    }

    fn reader(&self) -> Arc<FileReader> {
        let (folders, limit) = (Arc::clone(&self.folders), self.max_bytes);
        Arc::new(move |path| read_file(&folders, path, limit).ok())
    }
}
