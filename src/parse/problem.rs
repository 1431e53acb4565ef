//! Problems of a file, and those that every reader of it can have.

use super::around;
use crate::model::text::Span;

/// Something wrong with a file, at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The id of one of `RULES`.
    pub rule: &'static str,
    /// What is wrong: a phrase without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The place; empty only if the file is too large or its text ends there.
    pub span: Span,
    /// Other places that belong to it, and what they are.
    pub related: Vec<(Span, String)>,
    /// Whether the file could not be read wholly.
    pub fatal: bool,
}

pub(super) fn too_large(bytes: usize, bound: usize) -> Problem {
    Problem {
        rule: "parse/too-large",
        message: format!("the file has {bytes} bytes, over the limit of {bound}"),
        help: Some("split the file, or add it to `exclude` if it is not a manifest".to_owned()),
        span: Span::default(),
        related: Vec::new(),
        fatal: true,
    }
}

pub(super) fn too_many_problems(text: &str, count: usize, bound: usize) -> Problem {
    Problem {
        rule: "parse/too-many-problems",
        message: format!(
            "{count} more problems in this file are not shown, only the first {bound}"
        ),
        help: Some("fix the problems shown and run again".to_owned()),
        span: around::char_span(text, 0),
        related: Vec::new(),
        fatal: false,
    }
}

pub(super) fn internal_error(text: &str) -> Problem {
    Problem {
        rule: "parse/internal-error",
        message: "the parser failed on this file, which is a bug in govcheck".to_owned(),
        help: Some(
            "report the bug with the file, or the part of it that triggers the failure".to_owned(),
        ),
        span: around::char_span(text, 0),
        related: Vec::new(),
        fatal: true,
    }
}

/// Why reading stops.
pub(super) type Stop = Box<Problem>;

pub(super) fn fatal_problem(rule: &'static str, message: String, help: &str, span: Span) -> Stop {
    Box::new(Problem {
        rule,
        message,
        help: Some(help.to_owned()),
        span,
        related: Vec::new(),
        fatal: true,
    })
}
