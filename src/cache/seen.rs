//! What files looked like and held, as the cache remembers it from run to run.

use serde::{Deserialize, Serialize};

use super::seal::{open_sealed, seal_content};
use crate::discover::{ContentId, Identity, Stat};
use crate::model::text::RelPath;

/// A file as it looked, and what it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SeenFile {
    pub(super) stat: Stat,
    pub(super) identity: Identity,
}

/// Files as they were seen: a list that is put in order once somebody looks into it. A tree that is filled one by one would
/// leave half of each of its nodes free.
#[derive(Debug, Default)]
pub(super) struct SeenFiles {
    files: Vec<(RelPath, SeenFile)>,
    out_of_order: bool,
}

/// The same in the table.
#[derive(Serialize, Deserialize)]
struct SeenRow<T> {
    file: T,
    stat: Stat,
    own: [u8; 20],
    /// As git stores it, if that differs.
    stored: Option<[u8; 20]>,
}

impl SeenFiles {
    /// Reads a table. `None` if the bytes are not one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let rows: Vec<SeenRow<String>> = open_sealed(bytes)?;
        let mut seen = Self {
            files: rows.into_iter().filter_map(SeenRow::read).collect(),
            out_of_order: true,
        };
        seen.put_in_order();
        Some(seen)
    }

    /// The bytes of a table.
    pub(super) fn bytes(&mut self) -> Option<Vec<u8>> {
        self.put_in_order();
        let rows: Vec<SeenRow<&str>> = self.files.iter().filter_map(SeenRow::of).collect();
        seal_content(&rows)
    }

    pub(super) fn add(&mut self, file: &RelPath, seen: SeenFile) {
        self.files.push((file.clone(), seen));
        self.out_of_order = true;
    }

    /// Of a file that was seen twice in one run, either: if it has changed in between, it does not look like one of the two.
    pub(super) fn put_in_order(&mut self) {
        if std::mem::take(&mut self.out_of_order) {
            self.files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            self.files.dedup_by(|(a, _), (b, _)| a == b);
        }
    }

    /// A file, where they are in order.
    pub(super) fn get(&self, file: &RelPath) -> Option<&SeenFile> {
        let at = self.files.binary_search_by(|(own, _)| own.cmp(file)).ok()?;
        self.files.get(at).map(|(_, seen)| seen)
    }

    /// Whether there are files that others don't have, or had otherwise.
    pub(super) fn tells_more_than(&mut self, others: &Self) -> bool {
        self.put_in_order();
        !self.files.is_empty() && self.files != others.files
    }
}

impl<'f> SeenRow<&'f str> {
    fn of((file, seen): &'f (RelPath, SeenFile)) -> Option<Self> {
        let bytes = |id: ContentId| <[u8; 20]>::try_from(id.as_bytes()).ok();
        let [own, stored] = seen.identity;
        Some(Self {
            file: file.as_str(),
            stat: seen.stat,
            own: bytes(own)?,
            stored: bytes(stored).filter(|_| own != stored),
        })
    }
}

impl SeenRow<String> {
    fn read(self) -> Option<(RelPath, SeenFile)> {
        let own = ContentId::of_bytes(&self.own)?;
        let stored = match self.stored {
            Some(stored) => ContentId::of_bytes(&stored)?,
            None => own,
        };
        let seen = SeenFile {
            stat: self.stat,
            identity: [own, stored],
        };
        Some((RelPath::new(self.file), seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[&str]) -> SeenFiles {
        let here = std::fs::metadata(file!()).unwrap();
        let id = ContentId::of(b"a: 1\n").unwrap();
        let Some(stat) = Stat::of(&here) else {
            return SeenFiles::default();
        };
        let identity = [id, id];
        let mut seen = SeenFiles::default();
        for file in files {
            seen.add(&RelPath::new(*file), SeenFile { stat, identity });
        }
        seen
    }

    #[test]
    #[cfg(unix)]
    fn files_are_found_and_read_again_in_whatever_order_they_were_seen() {
        let mut seen = of(&["b.yaml", "c.yaml", "a.yaml", "b.yaml"]);
        let read = SeenFiles::read(&seen.bytes().unwrap()).unwrap();
        assert_eq!(read.files.len(), 3);
        for file in ["a.yaml", "b.yaml", "c.yaml"] {
            assert!(read.get(&RelPath::new(file)).is_some(), "{file}");
        }
        assert!(read.get(&RelPath::new("d.yaml")).is_none());
        assert!(!of(&["c.yaml", "a.yaml", "b.yaml"]).tells_more_than(&read));
        assert!(of(&["c.yaml", "a.yaml"]).tells_more_than(&read));
        assert!(!of(&[]).tells_more_than(&read));
    }
}
