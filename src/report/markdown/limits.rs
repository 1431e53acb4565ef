//! How long a comment may be.

/// Characters of the whole summary: a comment takes 65,536.
pub(super) const LIMIT: usize = 60_000;

/// Kept free for the last lines.
pub(super) const RESERVE: usize = 600;
