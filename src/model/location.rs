//! Where something is in a file.

use super::text::{Position, RelPath, SourceText, Span};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub file: RelPath,
    /// Bytes of the decoded text.
    pub span: Span,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

impl Location {
    /// A span of a file's text as a place.
    pub fn of(file: &RelPath, text: &SourceText, span: Span) -> Self {
        Self {
            file: file.clone(),
            span,
            start: text.position(span.start),
            end: text.position(span.end),
        }
    }

    /// The start of a file, whatever its text.
    pub fn start_of(file: &RelPath) -> Self {
        Self::of(file, &SourceText::default(), Span::default())
    }
}
