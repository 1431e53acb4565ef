//! Regular expressions of format files. They take most of the time that a format takes to load, and most are never asked:
//! those of the pack in the binary, which are known to compile, do so when they are first asked.

use std::sync::{Arc, OnceLock};

use regex::{Captures, Regex};

/// A regular expression that compiles.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    text: Arc<str>,
    /// Nothing in it if it does not compile after all; a test holds that it does.
    made: Arc<OnceLock<Option<Regex>>>,
}

impl Pattern {
    /// Compiles it.
    ///
    /// # Errors
    /// It is not a regular expression. The error is one line that says how to correct it.
    pub(super) fn new(text: String) -> Result<Self, String> {
        let made = Regex::new(&text).map_err(|error| correction(&error))?;
        Ok(Self {
            text: text.into(),
            made: Arc::new(OnceLock::from(Some(made))),
        })
    }

    /// One that is known to compile, and does when it is first asked.
    pub(super) fn known(text: String) -> Self {
        Self {
            text: text.into(),
            made: Arc::default(),
        }
    }

    /// Its text, as the format file has it, with the flags before it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn made(&self) -> Option<&Regex> {
        let made = || Regex::new(&self.text).ok();
        self.made.get_or_init(made).as_ref()
    }

    /// Whether a text matches.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.made().is_some_and(|made| made.is_match(text))
    }

    /// What it captures of a text.
    pub(crate) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.made()?.captures(text)
    }
}

/// A help with the reason, which is the last line of the error; the lines before it draw the pattern.
fn correction(error: &regex::Error) -> String {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default();
    let reason = reason.trim_start_matches("error: ");
    format!("correct the pattern: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_for_a_bad_pattern_is_one_line() {
        for (pattern, help) in [
            ("([", "correct the pattern: unclosed character class"),
            ("a\n(", "correct the pattern: unclosed group"),
            (
                r"\p{Nope}",
                "correct the pattern: Unicode property not found",
            ),
        ] {
            assert_eq!(Pattern::new(pattern.to_owned()).unwrap_err(), help);
        }
        let large = Pattern::new("(a{5000}){5000}".to_owned()).unwrap_err();
        assert!(
            large.starts_with("correct the pattern: Compiled regex exceeds"),
            "{large}"
        );
    }
}
