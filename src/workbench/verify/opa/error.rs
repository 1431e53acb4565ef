//! Why OPA could not be asked.

use std::io;

/// An engine that can't be asked. The user's mistake: the named program does not exist, or is not `opa`.
#[derive(Debug, thiserror::Error)]
pub enum OpaError {
    /// The program can't be run.
    #[error("cannot run `{program}`: {error}")]
    Program {
        /// As the user named it.
        program: String,
        /// Why.
        error: io::Error,
    },
    /// Files for it can't be written.
    #[error("cannot write the files for `opa`: {0}")]
    Files(io::Error),
    /// It does not take a module of the pack.
    #[error("`opa` refuses {file}: {message}")]
    Module {
        /// The module, and the line.
        file: String,
        /// Why.
        message: String,
    },
    /// It answers something else than `opa` does.
    #[error("{0}")]
    Answer(String),
}
