//! Names in routes. A route is part of each finding below its element, so that a name of any length is bounded here.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Bytes of a name that a route holds as it is written.
const LONGEST: usize = 256;

/// Characters that stay of a longer one.
const KEPT: usize = 64;

/// A name as routes show it: a long one is cut, with a hash of the whole name to keep it distinct.
pub(super) fn route_name(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let mut short: String = name.chars().take(KEPT).collect();
    short.push('…');
    for byte in Sha256::digest(name.as_bytes()).iter().take(8) {
        let _ = write!(short, "{byte:02x}");
    }
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_short_and_still_differ() {
        assert_eq!(route_name("orders"), "orders");
        assert_eq!(route_name(&"n".repeat(LONGEST)), "n".repeat(LONGEST));
        let (one, two) = ("ü".repeat(1_000_000), "ü".repeat(1_000_001));
        assert_eq!(route_name(&one).chars().count(), KEPT + 1 + 16);
        assert_ne!(route_name(&one), route_name(&two));
        assert_eq!(route_name(&one), route_name(&one.clone()));
    }
}
