//! One file of a mesh with another text than it has on disk: standard input, or the buffer of an editor.

use std::io::{self, Read};
use std::sync::Arc;

use super::{ContentId, FileReader, FileSource, Listing, ReadError, Stat};
use crate::discover::folders::HEAD_BYTES;
use crate::model::text::RelPath;

/// A text that stands for a file. Reading stops at the limit, however long the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverlayText {
    /// All of it.
    Whole(Arc<[u8]>),
    /// Its first bytes.
    TooLarge {
        /// Bytes.
        limit: u64,
        /// The beginning, to see whether it looks like a manifest.
        head: Arc<[u8]>,
    },
}

impl OverlayText {
    /// Reads a text of at most `limit` bytes.
    pub fn read(from: &mut dyn Read, limit: u64) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let mut from = from.take(limit.saturating_add(1));
        from.read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= limit {
            return Ok(OverlayText::Whole(bytes.into()));
        }
        bytes.truncate(HEAD_BYTES);
        let head = bytes.into();
        Ok(OverlayText::TooLarge { limit, head })
    }

    /// Whether it has nothing but blanks.
    pub fn is_blank(&self) -> bool {
        match self {
            OverlayText::Whole(bytes) => bytes.iter().all(u8::is_ascii_whitespace),
            OverlayText::TooLarge { .. } => false,
        }
    }

    fn bytes(&self) -> Result<Vec<u8>, ReadError> {
        match self {
            OverlayText::Whole(bytes) => Ok(bytes.to_vec()),
            OverlayText::TooLarge { limit, head } => Err(ReadError::TooLarge {
                size: None,
                limit: *limit,
                head: head.to_vec(),
            }),
        }
    }
}

/// The files of a source, with one text put over them.
pub struct Overlay<'s> {
    under: &'s dyn FileSource,
    file: RelPath,
    text: OverlayText,
    /// Whether the file is listed though the source does not have it.
    is_new: bool,
}

impl<'s> Overlay<'s> {
    /// Replaces the text of a file. `is_new` adds a file that does not exist yet.
    pub fn new(under: &'s dyn FileSource, file: RelPath, text: OverlayText, is_new: bool) -> Self {
        Self {
            under,
            file,
            text,
            is_new,
        }
    }
}

impl FileSource for Overlay<'_> {
    fn list(&self) -> Listing {
        let mut listing = self.under.list();
        if let (true, Err(at)) = (self.is_new, listing.files.binary_search(&self.file)) {
            listing.files.insert(at, self.file.clone());
        }
        listing
    }

    fn read(&self, path: &RelPath) -> Result<Vec<u8>, ReadError> {
        match *path == self.file {
            true => self.text.bytes(),
            false => self.under.read(path),
        }
    }

    fn reader(&self) -> Arc<FileReader> {
        let (file, text, under) = (self.file.clone(), self.text.clone(), self.under.reader());
        Arc::new(move |path| match *path == file {
            true => text.bytes().ok(),
            false => under(path),
        })
    }

    fn content(&self, path: &RelPath) -> Option<ContentId> {
        self.under.content(path).filter(|_| *path != self.file)
    }

    fn holds(&self, path: &RelPath) -> bool {
        *path == self.file || self.under.holds(path)
    }

    fn unread(&self) -> Vec<RelPath> {
        self.under.unread()
    }

    /// `None` for the file, so that no cache takes its text for what is on disk.
    fn stat(&self, path: &RelPath) -> Option<Stat> {
        match *path == self.file {
            true => None,
            false => self.under.stat(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Memory;

    fn path(name: &str) -> RelPath {
        RelPath::new(name)
    }

    fn memory() -> Memory {
        Memory::new([
            (path("a.yaml"), b"a".to_vec()),
            (path("c.yaml"), b"c".to_vec()),
        ])
    }

    fn text(of: &str) -> OverlayText {
        OverlayText::read(&mut of.as_bytes(), 8).unwrap()
    }

    #[test]
    fn the_text_replaces_the_file_and_no_other() {
        let memory = memory();
        let over = Overlay::new(&memory, path("c.yaml"), text("new"), false);
        assert_eq!(over.list(), memory.list());
        assert_eq!(over.read(&path("c.yaml")).unwrap(), b"new");
        assert_eq!(over.read(&path("a.yaml")).unwrap(), b"a");
        let reader = over.reader();
        assert_eq!(reader(&path("c.yaml")).unwrap(), b"new");
        assert_eq!(reader(&path("a.yaml")).unwrap(), b"a");
    }

    #[test]
    fn a_new_file_is_listed_in_its_place_and_only_if_it_is_wanted() {
        let memory = memory();
        let names = |is_new| {
            let over = Overlay::new(&memory, path("b.yaml"), text("b"), is_new);
            let files = over.list().files.into_iter();
            files.map(|file| file.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(true), ["a.yaml", "b.yaml", "c.yaml"]);
        assert_eq!(names(false), ["a.yaml", "c.yaml"]);
    }

    /// Gives bytes for ever, and counts them.
    struct Endless(usize);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer.fill(b'x');
            self.0 += buffer.len();
            Ok(buffer.len())
        }
    }

    #[test]
    fn a_text_without_end_is_read_up_to_the_limit() {
        let mut endless = Endless(0);
        let limit = 1024 * 1024;
        let text = OverlayText::read(&mut endless, limit).unwrap();
        assert!(endless.0 as u64 <= limit + 1, "{}", endless.0);
        let OverlayText::TooLarge { head, .. } = &text else {
            panic!("{text:?}");
        };
        assert!(head.len() <= HEAD_BYTES);
        let memory = memory();
        let over = Overlay::new(&memory, path("a.yaml"), text, false);
        let error = over.read(&path("a.yaml")).unwrap_err();
        assert_eq!(error.to_string(), "text is over the limit of 1048576 bytes");
    }

    #[test]
    fn a_text_of_exactly_the_limit_is_whole() {
        assert_eq!(
            text("12345678"),
            OverlayText::Whole(b"12345678".as_slice().into())
        );
        assert!(matches!(text("123456789"), OverlayText::TooLarge { .. }));
        assert!(text(" \n\t").is_blank() && text("").is_blank() && !text("a").is_blank());
    }
}
