//! Reads the tree of a format file and reports errors at their line. Knows YAML, not the format language.

use std::sync::Arc;

use thiserror::Error;

use super::pattern::Pattern;
use crate::model::document::{Document, NodeKind, Reached};
use crate::model::text::{Position, SourceText, Span};
use crate::parse::{self, Limits};

/// A mistake in a format file. Its author's to correct, as a rule the governance team's.
#[derive(Debug, Clone, Error)]
#[error("{file}:{}:{}: {message}", start.line, start.column)]
pub struct FormatError {
    /// The file, as the user knows it.
    pub file: String,
    /// Its text, for an excerpt.
    pub text: Arc<SourceText>,
    /// The mistake's text.
    pub span: Span,
    /// Where it starts.
    pub start: Position,
    /// What is wrong, as a phrase.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The tree of a format file.
pub(crate) struct FormatReader {
    file: String,
    text: Arc<SourceText>,
    document: Document,
    /// Whether its regular expressions are known to compile.
    patterns_known: bool,
}

impl FormatReader {
    pub(crate) fn open(file: &str, text: &str) -> Result<Self, FormatError> {
        let parsed = parse::parse(text.as_bytes(), &Limits::default());
        let source = parsed.text;
        if let Some(problem) = parsed.problems.into_iter().next() {
            return Err(FormatError {
                file: file.to_owned(),
                start: source.position(problem.span.start),
                span: problem.span,
                text: source,
                message: problem.message,
                help: problem.help.unwrap_or_else(|| {
                    "write the format file as a single YAML document".to_owned()
                }),
            });
        }
        let count = parsed.documents.len();
        let mut documents = parsed.documents.into_iter();
        match (documents.next(), count) {
            (Some(document), 1) => Ok(Self {
                file: file.to_owned(),
                text: source,
                document,
                patterns_known: false,
            }),
            _ => Err(FormatError {
                file: file.to_owned(),
                start: source.position(0),
                span: Span::default(),
                text: source,
                message: format!("a format file must hold one YAML document, not {count}"),
                help: "put each format in its own file".to_owned(),
            }),
        }
    }

    /// The same file, whose regular expressions are known to compile.
    pub(super) fn knowing_patterns(mut self) -> Self {
        self.patterns_known = true;
        self
    }

    /// Whether the file is part of the binary, where a test holds that it has no mistake.
    pub(super) fn knows_patterns(&self) -> bool {
        self.patterns_known
    }

    /// A regular expression with these flags.
    pub(super) fn pattern(&self, at: Reached, flags: &str) -> Result<Pattern, FormatError> {
        let text = self.text(at)?;
        let flagged = format!("{flags}{text}");
        if self.patterns_known {
            return Ok(Pattern::known(flagged));
        }
        let message = || format!("invalid regular expression `{text}`");
        Pattern::new(flagged).map_err(|e| self.error(at, &message(), &e))
    }

    pub(crate) fn root(&self) -> Reached {
        self.document.root()
    }

    pub(crate) fn error(&self, at: Reached, message: &str, help: &str) -> FormatError {
        // One line is enough to see what is meant.
        let span = at
            .key
            .filter(|_| self.is_mapping(at) || self.is_sequence(at))
            .unwrap_or(at.node);
        let span = self.document.span(span);
        FormatError {
            file: self.file.clone(),
            start: self.text.position(span.start),
            span,
            text: Arc::clone(&self.text),
            message: message.to_owned(),
            help: help.to_owned(),
        }
    }

    /// An error for a name that is not one of `known`.
    pub(crate) fn unknown<'k>(
        &self,
        at: Reached,
        what: &str,
        got: &str,
        known: impl Iterator<Item = &'k str>,
    ) -> FormatError {
        let known: Vec<&str> = known.collect();
        let help = match crate::model::text::nearest_name(got, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of: {}", known.join(", ")),
        };
        self.error(at, &format!("unknown {what} `{got}`"), &help)
    }

    pub(crate) fn kind(&self, at: Reached) -> &NodeKind {
        &self.document.node(at.node).kind
    }

    pub(crate) fn is_mapping(&self, at: Reached) -> bool {
        matches!(self.kind(at), NodeKind::Mapping { .. })
    }

    pub(crate) fn is_sequence(&self, at: Reached) -> bool {
        matches!(self.kind(at), NodeKind::Sequence { .. })
    }

    pub(crate) fn get(&self, at: Reached, key: &str) -> Option<Reached> {
        self.document.get(at, key)
    }

    pub(crate) fn required(&self, at: Reached, key: &str) -> Result<Reached, FormatError> {
        self.get(at, key)
            .ok_or_else(|| self.error(at, &format!("`{key}` is missing"), &format!("add `{key}:`")))
    }

    /// The keys, as nodes to point at, with their values.
    pub(crate) fn mapping(&self, at: Reached) -> Result<Vec<(Reached, Reached)>, FormatError> {
        if !self.is_mapping(at) {
            return Err(self.error(at, "expected a mapping", "write `key: value` lines"));
        }
        let entries = self.document.entries(at.node).iter().map(|entry| {
            let key = Reached {
                node: entry.key,
                key: None,
                alias: None,
            };
            (key, self.document.entry_value(at, entry))
        });
        Ok(entries.collect())
    }

    pub(crate) fn sequence(&self, at: Reached) -> Result<Vec<Reached>, FormatError> {
        if !self.is_sequence(at) {
            return Err(self.error(at, "expected a list", "write `[…]` or `- …` lines"));
        }
        Ok((0..self.document.items(at.node).len())
            .filter_map(|index| self.document.item(at, index))
            .collect())
    }

    /// The items of an optional list.
    pub(crate) fn list(&self, at: Reached, key: &str) -> Result<Vec<Reached>, FormatError> {
        self.get(at, key)
            .map_or_else(|| Ok(Vec::new()), |node| self.sequence(node))
    }

    /// Text, or a plain value as it is written.
    pub(crate) fn text(&self, at: Reached) -> Result<String, FormatError> {
        match self.kind(at) {
            NodeKind::String(text) => Ok(text.to_string()),
            NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) => {
                Ok(self.text.slice(self.document.span(at.node)).to_owned())
            }
            _ => Err(self.error(
                at,
                "expected text",
                "write the text on one line; quote it when in doubt",
            )),
        }
    }

    /// Text that is not blank.
    pub(crate) fn name(&self, at: Reached) -> Result<String, FormatError> {
        let text = self.text(at)?;
        match text.trim().is_empty() {
            true => Err(self.error(at, "a name is missing", "write it here")),
            false => Ok(text),
        }
    }

    pub(crate) fn bool(&self, at: Reached) -> Result<bool, FormatError> {
        match self.kind(at) {
            NodeKind::Bool(value) => Ok(*value),
            _ => Err(self.error(
                at,
                "expected `true` or `false`",
                "write `true` or `false` without quotes",
            )),
        }
    }

    pub(crate) fn only(&self, at: Reached, known: &[&str]) -> Result<(), FormatError> {
        for (key, _) in self.mapping(at)? {
            let name = self.text(key)?;
            if !known.contains(&name.as_str()) {
                return Err(self.unknown(key, "key", &name, known.iter().copied()));
            }
        }
        Ok(())
    }
}
