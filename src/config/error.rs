//! Why a config can't be used.

/// A config that can't be used. The user's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}{}: {message}", line_suffix(*line), line_suffix(*column))]
pub struct ConfigError {
    /// The name of the file, relative to the root.
    pub file: String,
    /// 1-based, where known.
    pub line: Option<u32>,
    /// 1-based, in characters, where known.
    pub column: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

pub(super) fn line_suffix(number: Option<u32>) -> String {
    number.map_or(String::new(), |number| format!(":{number}"))
}
