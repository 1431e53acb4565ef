//! Aliases, and the bounds on what a document may be with all of them followed: depth and size.

use super::around::char_span;
use super::problem::{Stop, fatal_problem};
use super::syntax;
use super::tree::Builder;
use crate::model::document::NodeKind;
use crate::model::text::{Span, text_offset};

impl Builder<'_> {
    pub(super) fn alias(&mut self, id: usize, start: usize, end: usize) -> Result<(), Stop> {
        let place = Span::new(text_offset(start), text_offset(end));
        let name = self.text.get(start..end).unwrap_or("*");
        // Anchors end with their document; the scanner keeps them.
        let anchor = self
            .anchors
            .binary_search_by_key(&id, |anchor| anchor.id)
            .ok();
        let Some(anchor) = anchor.and_then(|index| self.anchors.get(index)) else {
            return Err(Box::new(syntax::unknown_anchor(name, place)));
        };
        let target = anchor.node;
        let Some((height, bytes)) = anchor.size else {
            let message = format!("alias `{name}` refers to a value that contains it");
            let help = "use an anchor that ends before the alias, or write the value out";
            let mut problem = fatal_problem("parse/cyclic-alias", message, help, place);
            let around = self.span(target).start as usize;
            problem.related.push((
                char_span(self.text, around),
                "the alias is inside this value".to_owned(),
            ));
            return Err(problem);
        };
        if self.stack.len() + height > self.limits.max_depth {
            return Err(self.too_deep(start));
        }
        self.expand(bytes, place)?;
        if let Some(parent) = self.stack.last_mut() {
            parent.height = parent.height.max(height);
            parent.expanded = parent.expanded.saturating_add(bytes);
        }
        self.push(NodeKind::Alias(target), start, end);
        self.cursor = end;
        Ok(())
    }

    /// Counts bytes that the text does not hold but the documents do.
    pub(super) fn expand(&mut self, bytes: u64, place: Span) -> Result<(), Stop> {
        self.expanded = self.expanded.saturating_add(bytes);
        let times = self.limits.max_alias_expansion;
        let bound = (self.text.len().saturating_mul(times)).max(super::MIN_EXPANSION) as u64;
        if self.expanded <= bound {
            return Ok(());
        }
        let message = format!(
            "aliases and merge keys expand to more than {bound} bytes ({times} times the file size, at least 64 KiB)"
        );
        let help =
            "write the repeated parts out, or split the file; nested aliases multiply in size";
        Err(fatal_problem("parse/alias-bomb", message, help, place))
    }

    pub(super) fn too_deep(&self, at: usize) -> Stop {
        let bound = self.limits.max_depth.min(super::MAX_FLOW_DEPTH);
        let message = format!("lists and mappings are nested more than {bound} levels deep");
        fatal_problem(
            "parse/too-deep",
            message,
            "flatten the document",
            char_span(self.text, at),
        )
    }
}
