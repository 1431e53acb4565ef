//! Words that most facts and cards have, mostly names of fields: each is one byte. Their order is part of the
//! format: a change of it needs a new version of outcomes.

/// The words, the shortest first.
const WORDS: [&str; 56] = [
    "at",
    "id",
    "kpi",
    "bool",
    "date",
    "docs",
    "file",
    "kind",
    "name",
    "path",
    "port",
    "rank",
    "role",
    "tags",
    "team",
    "term",
    "tier",
    "type",
    "unit",
    "word",
    "draft",
    "local",
    "major",
    "names",
    "owner",
    "reads",
    "table",
    "terms",
    "active",
    "column",
    "domain",
    "inputs",
    "number",
    "offers",
    "others",
    "public",
    "status",
    "string",
    "boolean",
    "columns",
    "defined",
    "formula",
    "integer",
    "outputs",
    "product",
    "version",
    "contract",
    "internal",
    "synonyms",
    "contracts",
    "timestamp",
    "registered",
    "restricted",
    "version_at",
    "confidential",
    "classification",
];

/// Where the words of each length begin; of what is longer than all of them, their end.
const BEGINS: [usize; 16] = {
    let mut begins = [0; 16];
    let mut length = 0;
    while length < begins.len() {
        let mut at = 0;
        while at < WORDS.len() && WORDS[at].len() < length {
            at += 1;
        }
        begins[length] = at;
        length += 1;
    }
    begins
};

/// The number of a word. `None` for other texts.
pub(in crate::policy::engine) fn number_of(text: &str) -> Option<u8> {
    let first = *BEGINS.get(text.len())?;
    let end = BEGINS.get(text.len() + 1).copied().unwrap_or(WORDS.len());
    let same_length = WORDS.get(first..end)?;
    let at = first + same_length.iter().position(|word| *word == text)?;
    u8::try_from(at).ok()
}

/// The word with a number.
pub(in crate::policy::engine) fn word_by_number(number: u8) -> Option<&'static str> {
    WORDS.get(usize::from(number)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_by_its_number() {
        assert!(WORDS.is_sorted_by_key(|word| word.len()));
        for number in 0..=u8::MAX {
            let word = word_by_number(number);
            assert_eq!(word.is_some(), usize::from(number) < WORDS.len());
            assert!(word.is_none_or(|word| number_of(word) == Some(number)));
        }
        assert_eq!(
            (number_of(""), number_of("team "), number_of("zz")),
            (None, None, None)
        );
    }
}
