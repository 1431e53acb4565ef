//! The banned phrases, and the search for them.

use std::sync::LazyLock;

use regex::{Match, Regex};

/// A banned phrase in a text.
#[derive(Debug)]
pub(super) struct Banned {
    /// Line breaks before it, from the start of the text.
    pub line: usize,
    pub phrase: String,
    /// What to write instead, for the author.
    pub instead: &'static str,
}

/// Phrases, each with what to write instead. Words match whole and in any case; `|` separates alternatives of one word.
/// Only phrases without a good use are listed: `nobody` or `whatever` may read well.
const PHRASES: &[(&str, &str)] = &[
    ("all the same", "`even so`, or `identical`"),
    ("any more", "`no longer`, or `another`"),
    ("are to be", "`must be`, or the imperative"),
    ("being no", "`is not a …`"),
    ("can not", "`cannot`"),
    ("except from", "`exempt from`"),
    ("excepted|excepts", "`exempt`, `waived`"),
    ("goes|go|going over all|them|it", "`visits`, `reads`"),
    ("gone over", "`visited`, `read`"),
    ("hang|hangs on", "`depends on`"),
    ("held against", "`compared with`"),
    ("hold|holds it|them against", "`compares with`"),
    ("is said", "`is reported`, `is stated`"),
    ("mend|mended|mending|mends", "`fix`, `resolve`"),
    ("none that is", "`none of …`, or `not a …`"),
    ("not there", "`missing`, `absent`, `does not exist`"),
    ("one's own", "`your own`, `custom`, `house`"),
    ("pass|passed|passes over", "`skip`"),
    ("said already", "`already reported`"),
    ("stands|stand in the way", "`prevents`"),
    ("that is no", "`that is not a …`"),
    ("that is none", "`that is not a …`"),
    ("told", "`reported`, `stated`, `known`"),
    ("until a day", "`until a date`"),
    ("what is no", "`… that is not a …`"),
    ("what is none", "`… that is not a …`"),
    ("what is to be", "the noun"),
    ("what there is", "the noun"),
    ("where it can't be", "`otherwise`, or the condition"),
    ("which is no", "`which is not a …`"),
    ("who may do what", "the noun"),
    ("whoever|whomever|whosoever", "`anyone who`, or the role"),
    ("without being asked", "`unasked`, `on its own`"),
    ("would be right", "`expected`, or the imperative"),
];

/// One expression for each phrase. Between words, a line may end and the next one begin with a mark of comments.
static EXPRESSIONS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let expression = |(phrase, instead): &(&str, &'static str)| {
        let words: Vec<String> = phrase
            .split(' ')
            .map(|word| format!("(?:{word})"))
            .collect();
        let between = r"(?:[ \t\r\n]|#|//[/!]?|\\)+";
        let pattern = format!(r"(?i)\b{}\b", words.join(between));
        (Regex::new(&pattern).unwrap(), *instead)
    };
    PHRASES.iter().map(expression).collect()
});

/// The banned phrases of a text, in its order.
pub(super) fn find(text: &str) -> Vec<Banned> {
    let mut hits: Vec<(Match<'_>, &'static str)> = EXPRESSIONS
        .iter()
        .flat_map(|(expression, instead)| {
            expression.find_iter(text).map(move |hit| (hit, *instead))
        })
        .collect();
    hits.sort_by_key(|(hit, _)| hit.start());
    let banned = |(hit, instead): (Match<'_>, &'static str)| Banned {
        line: text.split_at(hit.start()).0.matches('\n').count(),
        phrase: hit
            .as_str()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        instead,
    };
    hits.into_iter().map(banned).collect()
}

#[test]
fn banned_phrases_are_found_over_lines_and_as_whole_words() {
    let found = |text: &str| {
        find(text)
            .into_iter()
            .map(|banned| (banned.line, banned.phrase))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("5 files Passed over, being no manifest"),
        [(0, "Passed over".to_owned()), (0, "being no".to_owned())]
    );
    assert_eq!(
        found("a\n# is passed\n# over"),
        [(1, "passed # over".to_owned())]
    );
    assert_eq!(found("retold, all the samething, being nothing"), []);
}
