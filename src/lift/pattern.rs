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
    /// It is no regular expression.
    pub(super) fn new(text: String) -> Result<Self, regex::Error> {
        let made = Regex::new(&text)?;
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
