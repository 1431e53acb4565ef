//! Places in files that this stage reads itself.

use crate::model::location::Location;
use crate::model::text::{RelPath, SourceText, Span};

pub(super) fn locate_span(file: &RelPath, text: &SourceText, span: Span) -> Location {
    Location {
        file: file.clone(),
        span,
        start: text.position(span.start),
        end: text.position(span.end),
    }
}
