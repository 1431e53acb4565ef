//! Evaluations that failed: which rule of govcheck's own says so, and why.

use super::rules;
use crate::policy::engine::EvaluationError;

/// The built-in rule that reports an evaluation error, and its message.
pub(crate) fn explain_error(error: &EvaluationError) -> (&'static str, String) {
    match error {
        EvaluationError::Time(bound) => (
            rules::TIME,
            format!("the evaluation exceeded its limit of {bound}"),
        ),
        EvaluationError::Memory(bound) => (
            rules::MEMORY,
            format!("the evaluation exceeded its limit of {bound}"),
        ),
        EvaluationError::Panic(text) => (rules::PANIC, format!("a builtin panicked: {text}")),
        EvaluationError::Runtime(text) => (rules::RUNTIME, text.clone()),
    }
}
