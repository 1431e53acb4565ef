//! What is wrong with a bundle.

use crate::policy::error::PolicyError;

/// What is wrong with a bundle, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BundleError {
    /// As a phrase.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl BundleError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }

    /// As a mistake of the pack that the user calls `pack`.
    pub fn of(self, pack: &str) -> PolicyError {
        PolicyError::Unreadable {
            pack: pack.to_owned(),
            why: self.message,
            help: self.help,
        }
    }
}
