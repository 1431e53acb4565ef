//! Pages in a folder: finds those that are stale, and writes them. Never touches files that govcheck did not write.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use super::MARK_START;
use crate::policy::source::PAGE;

/// Whether a page is up to date with its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageState {
    /// As they say.
    Current,
    /// Not as they say.
    Differs,
    /// The file does not exist.
    Missing,
    /// There, without a rule to write about.
    Left,
}

/// A file in the place of a page that people wrote, or no file.
#[derive(Debug)]
pub struct NotGenerated {
    /// Its path in the folder.
    pub path: String,
}

/// A folder of pages.
#[derive(Debug)]
pub struct PageFolder {
    at: PathBuf,
    /// What the rules say, by path.
    pages: BTreeMap<String, String>,
}

impl PageFolder {
    /// The folder at a place, and the pages that belong there.
    pub fn new(at: PathBuf, pages: BTreeMap<String, String>) -> Self {
        Self { at, pages }
    }

    /// Every page that is there or should be, sorted by path.
    ///
    /// # Errors
    /// In the place of one lies something that govcheck has not written.
    pub fn states(&self) -> Result<BTreeMap<String, PageState>, NotGenerated> {
        let mut states = BTreeMap::new();
        for (path, page) in &self.pages {
            let state = match self.read(path)? {
                None => PageState::Missing,
                // Git may have made the line breaks of a platform of them.
                Some(text) if text.replace("\r\n", "\n") == *page => PageState::Current,
                Some(_) => PageState::Differs,
            };
            states.insert(path.clone(), state);
        }
        let folders = fs::read_dir(&self.at).into_iter().flatten().flatten();
        for folder in folders.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            let path = format!("{}/{PAGE}", folder.file_name().to_string_lossy());
            if !self.pages.contains_key(&path) && matches!(self.read(&path), Ok(Some(_))) {
                states.insert(path, PageState::Left);
            }
        }
        Ok(states)
    }

    /// Writes what a page should be, or removes one that is left over.
    ///
    /// # Errors
    /// The file system's.
    pub fn write(&self, path: &str) -> io::Result<()> {
        let full = self.at.join(path);
        let Some(page) = self.pages.get(path) else {
            return fs::remove_file(full);
        };
        if let Some(folder) = full.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(full, page)
    }

    /// A page that govcheck has written. `None` if there is no file.
    fn read(&self, path: &str) -> Result<Option<String>, NotGenerated> {
        let full = self.at.join(path);
        let is_file = match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found.is_ok_and(|found| found.is_file()),
        };
        let text = fs::read_to_string(&full).ok().filter(|_| is_file);
        match text {
            Some(text) if text.starts_with(MARK_START) => Ok(Some(text)),
            _ => Err(NotGenerated {
                path: path.to_owned(),
            }),
        }
    }
}
