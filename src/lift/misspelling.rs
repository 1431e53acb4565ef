//! Which keys and markers a text is a misspelling of. Corrects nothing.

use crate::model::text::{edit_distance, letters_within};

/// Shorter markers, such as `kind` and `Register`, are words that other files use, too.
pub(super) const MARKER_LETTERS: usize = 10;

/// Longer names are not compared.
const NAME_LETTERS: usize = 60;

/// Whether a key is meant for one of a format: in any case, with one letter off.
pub(super) fn is_key(got: &str, key: &str) -> bool {
    let is_short = letters_within(got, NAME_LETTERS).is_some();
    is_short && edit_distance(&got.to_lowercase(), &key.to_lowercase()) <= 1
}

/// Whether a text is meant for a marker: the same but for case and separators, or up to two letters off.
pub(super) fn is_nearly(got: &str, marker: &str) -> bool {
    let bare = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    if marker.len() < MARKER_LETTERS || letters_within(got, NAME_LETTERS).is_none() {
        return false;
    }
    let (got, marker) = (bare(got), bare(marker));
    got == marker || (got.len().abs_diff(marker.len()) <= 2 && edit_distance(&got, &marker) <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_may_be_off_by_case_separators_and_two_letters() {
        for got in [
            "datacontract",
            "Data Contract",
            "data_contract",
            "DataContracts",
            "DatContract",
        ] {
            assert!(is_nearly(got, "DataContract"), "{got}");
        }
        for got in ["Contract", "Data", "DataSource", "Register"] {
            assert!(!is_nearly(got, "DataContract"), "{got}");
        }
        assert!(!is_nearly("register", "Register"), "a word of others");
    }

    #[test]
    fn a_key_may_be_off_by_case_and_one_letter() {
        assert!(is_key("Kind", "kind") && is_key("apiVersions", "apiVersion"));
        assert!(!is_key("version", "apiVersion") && !is_key("id", "kind"));
    }
}
