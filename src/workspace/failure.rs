//! Errors that end a run before there is a report: printed on standard error with file, place and next step.

use std::fmt;
use std::io::{self, Write};

use crate::config::ConfigError;
use crate::discover::RootError;
use crate::model::text::{Position, SourceText, Span};
use crate::policy::error::PolicyError;
use crate::report::escape;

/// A run that could not judge. Exit code 2.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of our output has gone; no failure at all.
    ClosedPipe,
    /// Something the user gave can't be used.
    Usage { message: String, help: String },
    /// There is nothing to judge. Exit code 3.
    Nothing { message: String, help: String },
    /// Mistakes in config files.
    Config(Vec<ConfigError>),
    /// A mistake in a pack.
    Policy(PolicyError),
    /// Output could not be written.
    Output { to: String, error: io::Error },
}

impl fmt::Display for Failure {
    /// As a phrase, for use inside another message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedPipe => f.write_str("the output was closed"),
            Self::Usage { message, .. } | Self::Nothing { message, .. } => f.write_str(message),
            Self::Config(errors) => match errors.first() {
                Some(error) => write!(f, "{error}"),
                None => Ok(()),
            },
            Self::Policy(error) => write!(f, "{error}"),
            Self::Output { to, error } => write!(f, "cannot write to {to}: {error}"),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(vec![error])
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl From<RootError> for Failure {
    fn from(error: RootError) -> Self {
        Self::usage(error.to_string(), "pass an existing folder or file")
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Output {
                to: "standard output".to_owned(),
                error,
            }
        }
    }
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            help: help.into(),
        }
    }

    pub(crate) fn write(&self, err: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::ClosedPipe => Ok(()),
            Self::Usage { message, help } | Self::Nothing { message, help } => {
                plain(err, message, help)
            }
            Self::Config(errors) => errors.iter().try_for_each(|error| {
                let help = error.help.as_deref().unwrap_or_default();
                plain(err, &error.to_string(), help)
            }),
            Self::Output { to, error } => {
                let help = match error.kind() {
                    io::ErrorKind::NotFound => "create the folder first, or name an existing one",
                    _ => "choose another place with `--output FORMAT=FILE`",
                };
                plain(err, &format!("cannot write to {to}: {error}"), help)
            }
            Self::Policy(PolicyError::Mistakes(mistakes)) => {
                for mistake in mistakes {
                    let file = format!("{}/{}", mistake.pack, mistake.file);
                    excerpt(
                        err,
                        &mistake.message,
                        &file,
                        &mistake.text,
                        mistake.span,
                        mistake.start,
                        &mistake.help,
                    )?;
                }
                Ok(())
            }
            Self::Policy(PolicyError::Format(error)) => excerpt(
                err,
                &error.message,
                &error.file,
                &error.text,
                error.span,
                error.start,
                &error.help,
            ),
            Self::Policy(error @ PolicyError::Unreadable { help, .. }) => {
                plain(err, &error.to_string(), help)
            }
            Self::Policy(error) => plain(err, &error.to_string(), ""),
        }
    }
}

fn plain(err: &mut dyn Write, message: &str, help: &str) -> io::Result<()> {
    writeln!(err, "error: {}", escape::terminal_line(message))?;
    if !help.is_empty() {
        writeln!(err, "  help: {}", escape::terminal_line(help))?;
    }
    Ok(())
}

/// The line with the mistake, as compilers show it.
fn excerpt(
    err: &mut dyn Write,
    message: &str,
    file: &str,
    text: &SourceText,
    span: Span,
    start: Position,
    help: &str,
) -> io::Result<()> {
    let line = text.line_span(start.line).unwrap_or_default();
    let marked = Span::new(span.start.max(line.start), span.end.min(line.end));
    let before = text
        .slice(Span::new(line.start, marked.start))
        .chars()
        .count();
    let length = text.slice(marked).chars().count().max(1);
    let number = start.line.to_string();
    let gutter = " ".repeat(number.len());
    writeln!(err, "error: {}", escape::terminal_line(message))?;
    writeln!(
        err,
        "{gutter}--> {}:{}:{}",
        escape::terminal_line(file),
        start.line,
        start.column
    )?;
    writeln!(err, "{gutter} |")?;
    writeln!(
        err,
        "{number} | {}",
        escape::terminal_line(&text.slice(line).replace('\t', " "))
    )?;
    writeln!(
        err,
        "{gutter} | {}{}",
        " ".repeat(before),
        "^".repeat(length)
    )?;
    writeln!(err, "  help: {}\n", escape::terminal_line(help))
}
