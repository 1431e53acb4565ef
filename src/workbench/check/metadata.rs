//! Places in METADATA: the comment parsed as YAML, with places in the file.

use crate::model::document::{Document, Reached};
use crate::model::text::Span;
use crate::parse::{Limits, parse};
use crate::policy::error::PolicyFile;
use crate::policy::metadata::Block;

/// The METADATA of a file as a tree. `None` if it can't be read.
pub(super) struct MetadataDocument {
    document: Document,
    /// Bytes of the file before it.
    start: u32,
}

impl MetadataDocument {
    pub(super) fn of(file: &PolicyFile) -> Option<Self> {
        let (start, yaml) = Block::first(file)?.blanked();
        let parsed = parse(yaml.as_bytes(), &Limits::default());
        let document = parsed.documents.into_iter().next()?;
        Some(Self { document, start })
    }

    /// The key at a path: `["custom", "options", "pattern"]`.
    pub(super) fn key(&self, path: &[&str]) -> Option<Span> {
        let reached = self.reach(path)?;
        Some(self.place(self.document.span(reached.key?)))
    }

    /// The elements of the list at a path that are this text.
    pub(super) fn item(&self, path: &[&str], text: &str) -> Option<Span> {
        let list = self.reach(path)?;
        let mut items = self.document.items(list.node).iter();
        let item = items.find(|item| {
            let own = self.document.as_str(self.document.resolve(**item));
            own.is_some_and(|own| **own == *text)
        })?;
        Some(self.place(self.document.span(*item)))
    }

    fn reach(&self, path: &[&str]) -> Option<Reached> {
        let mut steps = path.iter();
        steps.try_fold(self.document.root(), |at, step| self.document.get(at, step))
    }

    fn place(&self, span: Span) -> Span {
        Span::new(self.start + span.start, self.start + span.end)
    }
}
