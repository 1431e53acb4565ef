//! Converts a tree of plain values into the types of `raw`, and words the errors of serde for the author of the file. Knows no
//! key by name.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::nearest_name;

/// A value of the wrong type, or an unknown or missing key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TypeMistake {
    /// From the root: keys of mappings, indexes of lists.
    pub(super) path: Vec<String>,
    /// The unknown key; `None` where the value is the mistake.
    pub(super) unknown: Option<String>,
    pub(super) message: String,
    pub(super) help: String,
}

/// Reads a tree; `None` where it is empty.
pub(super) fn read_typed<T: DeserializeOwned>(tree: &Value) -> Result<Option<T>, TypeMistake> {
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let path = error.path().iter().map(|segment| match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => "?".to_owned(),
        });
        mistake(path.collect(), &error.inner().to_string())
    })
}

fn mistake(path: Vec<String>, message: &str) -> TypeMistake {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let told = |unknown, message, help| TypeMistake {
        path: path.clone(),
        unknown,
        message,
        help,
    };
    if let Some((key, known)) = names.split_first()
        && message.starts_with("unknown field")
    {
        let (message, help) = unknown_key(key, known);
        return told(Some((*key).to_owned()), message, help);
    }
    if let Some(key) = names
        .first()
        .filter(|_| message.starts_with("missing field"))
    {
        let message = format!("{} has no `{key}`", route(&path));
        return told(None, message, format!("add `{key}:`"));
    }
    let wrong = message
        .split_once(": ")
        .and_then(|(_, rest)| rest.split_once(", expected "));
    match wrong {
        Some((found, expected)) => {
            let (takes, help) = expectation(expected, found);
            let message = format!("{} must be {takes}, not {}", route(&path), value(found));
            told(None, message, help)
        }
        None => told(None, message.to_owned(), SEE.to_owned()),
    }
}

const SEE: &str = "`govcheck schema config` describes every key";

fn unknown_key(key: &str, known: &[&str]) -> (String, String) {
    let all = format!("the keys here are `{}`", known.join("`, `"));
    match nearest_name(key, known) {
        Some(near) => (
            format!("unknown key `{key}`; did you mean `{near}`?"),
            format!("write `{near}`; {all}"),
        ),
        None => (format!("unknown key `{key}`"), all),
    }
}

/// `the file`, `rules.kpi`, `overrides[0].files[1]`.
fn route(path: &[String]) -> String {
    let mut route = String::new();
    for part in path {
        match part.bytes().all(|byte| byte.is_ascii_digit()) {
            true => route.push_str(&format!("[{part}]")),
            false if route.is_empty() => route.push_str(part),
            false => route.push_str(&format!(".{part}")),
        }
    }
    match route.is_empty() {
        true => "the file".to_owned(),
        false => format!("`{route}`"),
    }
}

/// The expected type in words, and what to write.
fn expectation(expected: &str, found: &str) -> (String, String) {
    let written = found.split('`').nth(1);
    match expected {
        "a string" => {
            let help = written.map(|text| format!("put it in quotes: `\"{text}\"`"));
            let help = help.unwrap_or_else(|| "write it on one line".to_owned());
            ("text".to_owned(), help)
        }
        "a boolean" => (
            "`true` or `false`".to_owned(),
            "write `true` or `false`, without quotes".to_owned(),
        ),
        "a sequence" => (
            "a list".to_owned(),
            "write each item on a line of its own, after `- `".to_owned(),
        ),
        "a map" | "a mapping" => ("a mapping".to_owned(), MAPPING.to_owned()),
        "u32" => (
            "a whole number, 0 or more".to_owned(),
            "write digits, without quotes".to_owned(),
        ),
        other => (other.to_owned(), SEE.to_owned()),
    }
}

const MAPPING: &str = "write each key on a line of its own, as `key: value`";

/// The value found, in words.
fn value(found: &str) -> String {
    let quoted = found.split('`').nth(1);
    match (found.split(' ').next(), quoted) {
        (Some("integer" | "floating"), Some(number)) => format!("the number `{number}`"),
        (Some("boolean"), Some(truth)) => format!("`{truth}`"),
        (Some("string"), _) => "text".to_owned(),
        (Some("sequence"), _) => "a list".to_owned(),
        (Some("map"), _) => "a mapping".to_owned(),
        (Some("null"), _) => "empty".to_owned(),
        _ => found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::raw::RawConfig;
    use serde_json::json;

    fn refused(tree: Value) -> (String, String, String) {
        let mistake = read_typed::<RawConfig>(&tree).unwrap_err();
        (mistake.path.join("/"), mistake.message, mistake.help)
    }

    #[test]
    fn a_wrong_type_is_named_with_its_route_and_what_to_write() {
        let cases = [
            (
                json!({"builtin": "maybe"}),
                "builtin",
                "`builtin` must be `true` or `false`, not text",
                "without quotes",
            ),
            (
                json!({"exclude": ["a", 5]}),
                "exclude/1",
                "`exclude[1]` must be text, not the number `5`",
                "put it in quotes: `\"5\"`",
            ),
            (
                json!({"overrides": [{"files": "a", "rules": {"kpi": null}}]}),
                "overrides/0/rules/kpi",
                "`overrides[0].rules.kpi` must be `error`, `warning`",
                "govcheck schema config",
            ),
            (
                json!({"waivers": {"max_days": -1}}),
                "waivers/max_days",
                "`waivers.max_days` must be a whole number, 0 or more, not the number `-1`",
                "digits",
            ),
            (
                json!({"packs": [{"key": "a"}]}),
                "packs/0",
                "`packs[0]` has no `path`",
                "add `path:`",
            ),
            (
                json!({"packs": {"path": "a", "kye": "b"}}),
                "packs/kye",
                "unknown key `kye`; did you mean `key`?",
                "write `key`; the keys here are `path`",
            ),
            (
                json!([1]),
                "",
                "the file must be a mapping, not a list",
                "key: value",
            ),
        ];
        for (tree, path, message, help) in cases {
            let refused = refused(tree);
            assert_eq!(refused.0, path, "{refused:?}");
            assert!(refused.1.contains(message), "{refused:?}");
            assert!(refused.2.contains(help), "{refused:?}");
        }
    }

    #[test]
    fn an_empty_tree_and_keys_without_a_value_are_nothing() {
        assert!(read_typed::<RawConfig>(&Value::Null).unwrap().is_none());
        let raw: RawConfig = read_typed(&json!({"rules": null, "include": null}))
            .unwrap()
            .unwrap();
        assert!(raw.rules.is_none() && raw.include.is_none());
    }
}
