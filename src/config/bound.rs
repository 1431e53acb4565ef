//! The bound on the size of a config.

/// No config of people has more bytes.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;
