//! Whether conditions hold, and whether a document is of a format.

use std::ops::ControlFlow;

use super::format::{Condition, ConditionTest, Format};
use super::path::PathContext;
use super::scalar::scalar_text;
use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::text::{SourceText, Span};

impl Format {
    /// Whether the document is one of this format.
    pub(crate) fn recognises(&self, document: &Document, text: &SourceText) -> bool {
        let context = PathContext::at(document, document.root());
        let holds = |condition: &Condition| condition.holds(&context, text);
        self.all.iter().all(holds)
            && (self.any.is_empty() || self.any.iter().any(holds))
            && !self.not.iter().any(holds)
    }

    /// Whether a file looks like one of this format by its path or its raw text.
    pub fn hints_at(&self, path: &str, text: &str) -> bool {
        self.hint_files.is_match(path)
            || self.hint_text.iter().any(|pattern| pattern.is_match(text))
    }
}

/// A declared version that the format does not list.
pub struct UnknownVersion {
    /// As it is written.
    pub declared: String,
    /// Its text.
    pub span: Span,
    /// The listed version that it is judged as.
    pub nearest: String,
}

impl Format {
    /// The version that a document declares, if the format lists others only: `3.1` lists `v3.1.0` too.
    pub fn unknown_version(
        &self,
        document: &Document,
        text: &SourceText,
    ) -> Option<UnknownVersion> {
        let at = self
            .version
            .as_ref()?
            .first(&PathContext::at(document, document.root()))?;
        let declared = scalar_text(document, text, at.node)?;
        let plain = declared.trim().trim_start_matches(['v', 'V']);
        let is_it = |known: &String| match plain.strip_prefix(known.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with(['.', '-', '+']),
            None => false,
        };
        if self.versions.iter().any(is_it) {
            return None;
        }
        let numbers = |version: &str| -> Vec<u64> {
            let parts = version.split(['.', '-', '+']);
            parts.map_while(|part| part.parse().ok()).collect()
        };
        let below = self
            .versions
            .iter()
            .rfind(|known| numbers(known) <= numbers(plain));
        Some(UnknownVersion {
            declared: declared.to_owned(),
            span: document.span(at.node),
            nearest: below.or(self.versions.first())?.clone(),
        })
    }
}

impl Condition {
    pub(crate) fn holds(&self, context: &PathContext<'_>, text: &SourceText) -> bool {
        let mut holds = false;
        let mut found = false;
        let _ = self.path.visit(context, &mut |reached| {
            found = true;
            holds = self.test.holds(context.document, text, reached.node);
            if holds {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        match self.test {
            ConditionTest::Exists(wanted) => found == wanted,
            _ => holds,
        }
    }
}

impl ConditionTest {
    /// Whether a value passes.
    pub(super) fn holds(&self, document: &Document, text: &SourceText, node: NodeId) -> bool {
        match self {
            ConditionTest::Equals(wanted) => scalar_text(document, text, node) == Some(&**wanted),
            ConditionTest::In(wanted) => scalar_text(document, text, node)
                .is_some_and(|got| wanted.iter().any(|w| **w == *got)),
            ConditionTest::Matches(pattern) => {
                scalar_text(document, text, node).is_some_and(|got| pattern.is_match(got))
            }
            ConditionTest::Exists(_) => true,
            ConditionTest::Truthy(wanted) => read_truth(document, text, node) == Some(*wanted),
        }
    }
}

/// The truth value that a plain value stands for.
pub(crate) fn read_truth(document: &Document, text: &SourceText, node: NodeId) -> Option<bool> {
    if let NodeKind::Bool(value) = document.node(node).kind {
        return Some(value);
    }
    match scalar_text(document, text, node)?
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" | "none" => Some(false),
        _ => None,
    }
}
