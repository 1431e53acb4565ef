//! The rules that parsing itself judges, for `govcheck rules` and `govcheck explain`.

use crate::model::rule::{BuiltinRule, Level};

/// Every rule that a [`Problem`](super::Problem) can name, sorted by id.
pub const RULES: &[BuiltinRule] = &[
    rule(
        "parse/alias-bomb",
        "Aliases stand for too much",
        "Aliases and merge keys may stand for at most ten times the bytes of their file, or 64 KiB. Nested aliases multiply: a few lines can stand for more than any memory holds.",
        "Write the repeated parts out, or split the file.",
    ),
    rule(
        "parse/bad-merge",
        "Merge key does not name a mapping",
        "`<<` merges a mapping, or a list of mappings, into the mapping it is in. Another value cannot be merged, and would be lost.",
        "Name an anchor of a mapping, `<<: *name`, or quote the key.",
    ),
    rule(
        "parse/complex-key",
        "List or mapping is used as a key",
        "YAML allows it, JSON and policies do not, so nothing could read the entry. Most often it is a template's `{{ … }}` without quotes.",
        "Quote the value, or use text as the key.",
    ),
    rule(
        "parse/cyclic-alias",
        "Alias is part of what it stands for",
        "An alias inside its own anchor describes a value without end, which no policy can read.",
        "Name an anchor that is complete before the alias.",
    ),
    rule(
        super::DUPLICATE_KEY,
        "Key is there twice in one mapping",
        "Readers disagree on which of the two values counts, so what people see may not be what tools use. govcheck uses the first.",
        "Remove one of the two, or rename it.",
    ),
    rule(
        "parse/internal-error",
        "Parser failed on the file",
        "The parser ended without an answer. It is a defect of govcheck, not of the file, but nothing in the file could be judged.",
        "Report it with the file, or a part of it that shows the defect.",
    ),
    rule(
        "parse/not-text",
        "File is not text",
        "Manifests are UTF-8, or UTF-16. Bytes that are neither, UTF-32 and NUL bytes cannot be read.",
        "Save the file as UTF-8, or leave it out with `exclude` if it is no manifest.",
    ),
    rule(
        "parse/syntax-error",
        "File is not valid YAML or JSON",
        "What stands behind the error cannot be read, so it is not judged. Documents that end before it are.",
        "Mend the place that the finding names; the help says how for frequent causes.",
    ),
    rule(
        "parse/too-deep",
        "Lists and mappings are nested too deep",
        "At most 128 levels are read, aliases followed. No manifest needs so many; what does is made to exhaust its reader.",
        "Flatten the document.",
    ),
    rule(
        "parse/too-large",
        "File is too large",
        "Files of at most 8 MiB are read, so that no file can exhaust memory.",
        "Split the file, or leave it out with `exclude` if it is no manifest.",
    ),
    rule(
        "parse/too-many-problems",
        "File has more problems than are told",
        "At most 1,000 problems of one file are told one by one, so that no file can flood a report.",
        "Mend those that are told, and run again.",
    ),
    rule(
        "parse/wrong-tag",
        "Tag does not fit its value",
        "A tag like `!!int` says what a value is. One that says otherwise than its text is read as a string, which may not be what was meant.",
        "Remove the tag, or mend the value.",
    ),
];

const fn rule(
    id: &'static str,
    title: &'static str,
    description: &'static str,
    help: &'static str,
) -> BuiltinRule {
    BuiltinRule {
        id,
        title,
        description,
        help,
        level: Level::Error,
    }
}
