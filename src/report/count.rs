//! Counts with their noun.

/// `1 error`, `2 errors`.
pub(super) fn count_of(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
