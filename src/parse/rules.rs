//! The rules that parsing itself judges, for `govcheck rules` and `govcheck explain`.

use super::rule_ids::{
    COMPLEX_KEY, DUPLICATE_KEY, LINE_SEPARATOR, NOT_JSON, NOT_TEXT, SHORT_INDENTATION,
    SYNTAX_ERROR, TEMPLATE,
};
use crate::model::rule::{BuiltinRule, Level};

/// Every rule that a [`Problem`](super::Problem) can name, sorted by id.
pub const RULES: &[BuiltinRule] = &[
    BuiltinRule::new(
        "parse/alias-bomb",
        "Excessive alias expansion",
        "Aliases and merge keys may expand to at most ten times the size of their file, or to 64 KiB in a small file. Nested aliases multiply: a few lines can expand beyond any amount of memory.",
        "Write the repeated parts out, or split the file.",
    ),
    BuiltinRule::new(
        "parse/bad-merge",
        "Merge key without a mapping",
        "`<<` merges a mapping or a list of mappings into the mapping around it. Any other value cannot be merged and would be lost.",
        "Refer to the anchor of a mapping (`<<: *name`), or quote the key.",
    ),
    BuiltinRule::new(
        COMPLEX_KEY,
        "List or mapping as a key",
        "YAML allows such keys, but JSON and policies do not, so no rule could read the entry. The usual cause is an unquoted template expression, `{{ … }}`.",
        "Quote the value, or write a plain text key.",
    ),
    BuiltinRule::new(
        "parse/cyclic-alias",
        "Alias inside its own anchor",
        "An alias inside its own anchor describes an infinite value, which no policy can read.",
        "Use an anchor that ends before the alias.",
    ),
    BuiltinRule::new(
        DUPLICATE_KEY,
        "Duplicate key",
        "Parsers disagree on which of the two values counts, so tools may use another value than people see. govcheck uses the first.",
        "Remove or rename one of the two keys.",
    ),
    BuiltinRule::new(
        "parse/internal-error",
        "Parser failure",
        "The parser stopped without a result. This is a bug in govcheck, not in the file, but the file could not be checked.",
        "Report the bug with the file, or the part of it that triggers the failure.",
    ),
    BuiltinRule::new(
        LINE_SEPARATOR,
        "Character that ends a line for other parsers",
        "YAML 1.1 ends a line at U+0085, U+2028 and U+2029, and so do PyYAML, libyaml and ruamel.yaml; YAML 1.2 does not. What looks like a comment or a word may go on as a key that only other tools read. In quotes it is a note, for there it changes white space alone.",
        "Remove the invisible character, or write it as an escape in double quotes.",
    ),
    BuiltinRule::new(
        NOT_JSON,
        "File named `.json` that is not JSON",
        "govcheck reads the file as YAML, which allows comments, single quotes, bare keys and more. Tools that go by the extension refuse it.",
        "Write JSON, or give the file the extension `.yaml`.",
    ).with_level(Level::Warning),
    BuiltinRule::new(
        NOT_TEXT,
        "File that is not text",
        "Manifests are UTF-8 or UTF-16 text. Other encodings, UTF-32 and NUL bytes cannot be read.",
        "Save the file as UTF-8, or add it to `exclude` if it is not a manifest.",
    ),
    BuiltinRule::new(
        SHORT_INDENTATION,
        "Continuation line with too little indentation",
        "YAML 1.2 requires each line of a value in brackets or quotes to be indented further than the key or the dash of the value. PyYAML, libyaml and ruamel.yaml accept any indentation there, and so does govcheck; stricter parsers refuse the file.",
        "Indent the line further than the key or the dash of its value.",
    ).with_level(Level::Note),
    BuiltinRule::new(
        SYNTAX_ERROR,
        "Invalid YAML or JSON",
        "The file cannot be read beyond the error, so the rest is not checked. Documents that end before it are.",
        "Fix the syntax at the place that the finding names.",
    ),
    BuiltinRule::new(
        TEMPLATE,
        "Template of a manifest",
        "The file becomes YAML or JSON only after Helm, Jinja, cookiecutter, a scaffolder or another engine has filled it in. Its parts `{{ … }}` and `{% … %}` are the reason why it cannot be read, so nothing in it is checked.",
        "Add the file or its folder to `exclude` in `govcheck.yaml`, and check the files that are made from it.",
    ).with_level(Level::Note),
    BuiltinRule::new(
        "parse/too-deep",
        "Excessive nesting",
        "At most 128 levels are read, aliases included. No manifest needs more; deeper files are usually built to exhaust a parser.",
        "Flatten the document.",
    ),
    BuiltinRule::new(
        "parse/too-large",
        "File over the size limit",
        "Files over 8 MiB are not read, so that a single file cannot exhaust memory.",
        "Split the file, or add it to `exclude` if it is not a manifest.",
    ),
    BuiltinRule::new(
        "parse/too-many-problems",
        "More problems than are shown",
        "At most 1,000 problems of one file are shown, so that a single file cannot flood a report.",
        "Fix the problems shown and run again.",
    ),
    BuiltinRule::new(
        "parse/wrong-tag",
        "Tag that does not match its value",
        "A tag such as `!!int` states the type of a value. When the text does not match the tag, the value is read as a string, which may not be the intent.",
        "Remove the tag, or correct the value.",
    ),
];

/// The level of the finding that reports a [`Problem`](super::Problem) with this rule.
pub fn rule_level(rule: &str) -> Level {
    let known = RULES.iter().find(|known| known.id == rule);
    known.map_or(Level::Error, |known| known.level)
}
