//! Shapes of the built-in pack, compiled when the first document needs them. A test makes sure that they compile. Most runs see documents of one format, and few rules ask for violations.

use std::sync::{Arc, OnceLock};

use super::{Shapes, compile_known};

/// The shapes of one format.
#[derive(Debug)]
pub struct Promised {
    /// The format that they describe: `odcs`.
    pub format: Arc<str>,
    /// The file they are read from, as the user knows it.
    pub file: String,
    text: String,
    /// None if they do not compile after all.
    made: OnceLock<Option<Shapes>>,
}

impl Promised {
    /// Shapes that are known to compile, by the text of their file. `None` if the text does not say at once of which format.
    pub fn known(file: &str, text: &str) -> Option<Self> {
        let format = text
            .lines()
            .find_map(|line| line.strip_prefix("format: "))?;
        Some(Self {
            format: format.into(),
            file: file.to_owned(),
            text: text.to_owned(),
            made: OnceLock::new(),
        })
    }

    /// The shapes.
    pub fn get(&self) -> Option<&Shapes> {
        let made = || compile_known(&self.file, &self.text).ok();
        self.made.get_or_init(made).as_ref()
    }
}

impl From<Shapes> for Promised {
    fn from(shapes: Shapes) -> Self {
        Self {
            format: Arc::clone(&shapes.format),
            file: shapes.file.clone(),
            text: String::new(),
            made: OnceLock::from(Some(shapes)),
        }
    }
}
