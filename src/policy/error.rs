//! Mistakes in a pack, which its author must correct before anything is judged.

use std::sync::Arc;

use thiserror::Error;

use super::rules;
use crate::lift::FormatError;
use crate::model::text::{Position, SourceText, Span};

/// A mistake at a place in a policy file.
#[derive(Debug, Clone, Error)]
#[error("{pack}/{file}:{}:{}: {message}", start.line, start.column)]
pub struct PolicyMistake {
    /// The rule of govcheck's own that it breaks: `policy/…`.
    pub rule: &'static str,
    /// The pack, as the user named it.
    pub pack: String,
    /// The file, relative to its pack.
    pub file: String,
    /// Its text, for an excerpt.
    pub text: Arc<SourceText>,
    /// The mistake's text.
    pub span: Span,
    /// Where it starts.
    pub start: Position,
    /// What is wrong, as a phrase.
    pub message: String,
    /// How to write it instead.
    pub help: String,
}

impl PolicyMistake {
    /// The same mistake as one of a certain rule.
    #[must_use]
    pub(crate) fn of(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self
    }
}

/// A pack that can't be used.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// The user's mistake: the folder does not exist or is not a pack.
    #[error("cannot read pack `{pack}`: {why}")]
    Unreadable {
        /// The pack.
        pack: String,
        /// Why.
        why: String,
        /// What to do next.
        help: String,
    },
    /// The author's: all mistakes that were found, sorted by file and place.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<PolicyMistake>),
    /// The author's: a format file.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Ours: the model description in the binary.
    #[error("the built-in model is invalid, which is a bug in govcheck: {0}")]
    Model(String),
    /// Ours: what compiled rule by rule does not compile together.
    #[error("the rules compile separately but not together, which is a bug in govcheck: {0}")]
    Together(String),
}

impl From<PolicyMistake> for PolicyError {
    fn from(mistake: PolicyMistake) -> Self {
        Self::Mistakes(vec![mistake])
    }
}

/// A policy file in which mistakes are found.
#[derive(Debug, Clone)]
pub(crate) struct PolicyFile {
    pub(crate) pack: String,
    pub(crate) file: String,
    pub(crate) text: Arc<SourceText>,
}

impl PolicyFile {
    pub(crate) fn mistake(
        &self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> PolicyMistake {
        PolicyMistake {
            rule: rules::REFUSED,
            pack: self.pack.clone(),
            file: self.file.clone(),
            start: self.text.position(span.start),
            text: Arc::clone(&self.text),
            span,
            message: message.into(),
            help: help.into(),
        }
    }

    /// The span of a whole line, 1-based; the start of the text if there is no such line.
    pub(crate) fn line(&self, line: u32) -> Span {
        self.text.line_span(line).unwrap_or_default()
    }

    /// The span of the first `needle` after `key`, else of the key.
    pub(crate) fn find_behind(&self, key: &str, needle: &str) -> Span {
        let key = self.find(key);
        let rest = self.text.as_str().get(key.end as usize..);
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let whole = |rest: &str, at: usize| {
            let before = rest.get(..at).is_some_and(|text| text.ends_with(is_part));
            let behind = rest.get(at + needle.len()..);
            !before && !behind.is_some_and(|text| text.starts_with(is_part))
        };
        let at = rest.and_then(|rest| {
            let mut found = rest.match_indices(needle);
            found.find(|(at, _)| whole(rest, *at))
        });
        at.map_or(key, |(at, _)| {
            let start = key.end + crate::model::text::text_offset(at);
            Span::new(start, start + crate::model::text::text_offset(needle.len()))
        })
    }

    /// The span of the first line that starts with `needle`, else the first line.
    pub(crate) fn find_start(&self, needle: &str) -> Span {
        let mut lines = (1..).map_while(|line| self.text.line_span(line));
        let found = lines.find(|line| self.text.slice(*line).starts_with(needle));
        found.unwrap_or_else(|| self.line(1))
    }

    /// The span of the first occurrence of `needle`, else the first line.
    pub(crate) fn find(&self, needle: &str) -> Span {
        match self.text.as_str().find(needle) {
            Some(at) => {
                let at = crate::model::text::text_offset(at);
                Span::new(at, at + crate::model::text::text_offset(needle.len()))
            }
            None => self.line(1),
        }
    }
}
