//! Bounds on one file.

/// Aliases may stand for as many bytes in any file.
pub(super) const MIN_EXPANSION: usize = 64 * 1024;

/// The scanner counts open brackets in a byte.
pub(super) const MAX_FLOW_DEPTH: usize = 255;

/// Bounds on what a file may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of a file in bytes.
    pub max_bytes: usize,
    /// Levels of nested lists and mappings, aliases followed. Between brackets 255 is the most that can be had.
    pub max_depth: usize,
    /// How many times the bytes of its text the aliases and merge keys of a file may stand for; 64 KiB are always allowed.
    pub max_alias_expansion: usize,
    /// How many problems of a file are reported one by one.
    pub max_problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 8 * 1024 * 1024,
            max_depth: 128,
            max_alias_expansion: 10,
            max_problems: 1000,
        }
    }
}
