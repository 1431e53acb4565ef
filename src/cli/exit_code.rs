//! What the exit code of a run says.

/// No finding at or above the level that fails.
pub const CLEAN: u8 = 0;
/// Findings at or above that level.
pub const FINDINGS: u8 = 1;
/// Something could not be judged.
pub const NOT_JUDGED: u8 = 2;
/// There is nothing to judge.
pub const NOTHING: u8 = 3;
