//! Why Rego does not compile, or an evaluation gave no answer: what regorus says, taken apart.

use crate::model::text::Span;

/// Why a module, or a set of them, can't be used.
#[derive(Debug, Clone)]
pub struct RegoError {
    /// The module, if regorus names one.
    pub module: Option<String>,
    /// The text, if regorus names a place.
    pub span: Option<Span>,
    /// Line, 1-based, and column, 1-based in characters, where no span is known.
    pub position: Option<(u32, u32)>,
    /// What is wrong, as a phrase.
    pub message: String,
}

/// Why an evaluation gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluationError {
    /// The time or instruction bound was hit.
    Time(String),
    /// The memory bound was hit.
    Memory(String),
    /// A builtin panicked.
    Panic(String),
    /// Anything else that ended it.
    Runtime(String),
}

pub(in crate::policy::engine) fn classify_error(
    error: &regorus::rvm::vm::VmError,
) -> EvaluationError {
    use regorus::rvm::vm::VmError;
    let text = error.to_string();
    // The program counter means nothing to anybody, and differs from release to release.
    let text = text.split(" (pc=").next().unwrap_or(&text).to_owned();
    match error {
        VmError::TimeLimitExceeded { limit, .. } => EvaluationError::Time(match limit.as_secs() {
            0 => format!("{} ms of time", limit.as_millis()),
            seconds => format!("{seconds} s of time"),
        }),
        VmError::InstructionLimitExceeded { limit, .. } => {
            EvaluationError::Time(format!("{limit} instructions"))
        }
        VmError::MemoryBudgetExceeded { budget, .. } => {
            EvaluationError::Memory(format!("{} MiB of memory", budget / (1024 * 1024)))
        }
        VmError::MemoryLimitExceeded { limit, .. } => {
            EvaluationError::Memory(format!("{} MiB of memory", limit / (1024 * 1024)))
        }
        _ => EvaluationError::Runtime(text),
    }
}

/// Takes apart what regorus has rendered: `--> name:line:col`, an excerpt, `error: message`; or `name:line:col error: message`.
pub(in crate::policy::engine) fn parse_rendered(text: &str) -> RegoError {
    let message = text
        .rsplit_once("error: ")
        .map_or(text, |(_, message)| message)
        .lines()
        .next()
        .unwrap_or(text)
        .trim()
        .to_owned();
    let place = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("--> "))
        .map(str::trim);
    let place = place.or_else(|| text.split_once(" error: ").map(|(place, _)| place));
    let mut parts = place.unwrap_or_default().rsplitn(3, ':');
    let column = parts.next().and_then(|part| part.parse().ok());
    let line = parts.next().and_then(|part| part.parse().ok());
    let position = line.zip(column);
    RegoError {
        module: parts
            .next()
            .filter(|_| position.is_some())
            .map(ToOwned::to_owned),
        span: None,
        position,
        message,
    }
}
