//! Paths: of a value in the common model (`["columns", 3, "classification"]`) or in a raw document.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One step of a [`ModelPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// A field, or a key of a map.
    Key(Arc<str>),
    /// An element of a list, 0-based.
    Index(usize),
}

/// Where a policy points: a path from an entity, or, when it starts with `document`, from the raw document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModelPath(pub Vec<Step>);

impl ModelPath {
    /// The empty path: the entity as a whole.
    pub fn root() -> Self {
        Self::default()
    }

    /// The steps after a leading `document`, if that is how the path starts.
    pub fn in_document(&self) -> Option<&[Step]> {
        match self.0.split_first() {
            Some((Step::Key(first), rest)) if &**first == "document" => Some(rest),
            _ => None,
        }
    }
}

impl fmt::Display for ModelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
