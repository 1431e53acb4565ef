//! The name that a misspelt one is meant to be.

/// The name that `text` is most likely meant to be: few letters differ, or one begins with the other.
pub(super) fn nearest_name<'a>(text: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = (text.chars().count() / 3).max(1);
    let scored = names.iter().map(|name| {
        let begins = text.len() >= 3 && (name.starts_with(text) || text.starts_with(name));
        (strsim::damerau_levenshtein(text, name), begins, *name)
    });
    let close = scored
        .filter(|(distance, begins, name)| !name.is_empty() && (*begins || *distance <= limit));
    close
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, name)| name)
}
