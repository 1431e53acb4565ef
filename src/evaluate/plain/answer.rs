//! The answer of a plain rule, as conftest reads it: text, or objects with `msg`. Elements that conftest silently skips are
//! reported.

use crate::policy::engine::Datum;

/// What to write instead of a value that conftest ignores.
pub(super) const HELP: &str =
    "write `deny contains msg if { … }`, where each element is text or an object with a text `msg`";

/// One element of a rule's value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlainAnswer {
    pub(super) message: String,
    /// What `_loc` says: a file and a line, 1-based.
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
    /// The rest of the object.
    pub(super) metadata: serde_json::Map<String, serde_json::Value>,
    /// The element itself.
    pub(super) value: Datum,
}

/// Reads the value of a rule; an error says what is wrong with an element, as a phrase. An empty message passes.
pub(super) fn read_answers(value: &Datum) -> Vec<Result<PlainAnswer, String>> {
    let Some(items) = value.items() else {
        return match value.says_nothing() {
            true => Vec::new(),
            false => vec![Err(format!(
                "the value `{}` is not a set of messages; conftest would report a pass",
                shown(value)
            ))],
        };
    };
    let said = items.into_iter().map(said);
    said.filter(|said| said.as_ref().map_or(true, |said| !said.message.is_empty()))
        .collect()
}

fn said(value: Datum) -> Result<PlainAnswer, String> {
    let mut said = PlainAnswer {
        message: String::new(),
        file: None,
        line: None,
        metadata: serde_json::Map::new(),
        value,
    };
    if let Some(text) = said.value.as_text() {
        text.clone_into(&mut said.message);
        return Ok(said);
    }
    if !said.value.is_object() {
        return Err(format!(
            "the element `{}` must be text or an object; conftest would ignore it",
            shown(&said.value)
        ));
    }
    let message = said.value.get("msg");
    let Some(message) = message.as_ref().and_then(|message| message.as_text()) else {
        return Err(format!(
            "the element `{}` has no text `msg`",
            shown(&said.value)
        ));
    };
    message.clone_into(&mut said.message);
    if let Some(place) = said.value.get("_loc") {
        let file = place.get("file");
        said.file = file.and_then(|file| file.as_text().map(ToOwned::to_owned));
        let line = place.get("line").and_then(|line| line.as_index());
        said.line = line
            .and_then(|line| u32::try_from(line).ok())
            .filter(|line| *line > 0);
    }
    let fields = said.value.entries();
    let fields = fields
        .iter()
        .filter(|(name, _)| !["msg", "_loc"].contains(&&**name));
    said.metadata = fields
        .map(|(name, value)| (name.to_string(), value.to_json()))
        .collect();
    Ok(said)
}

fn shown(value: &Datum) -> String {
    let json = value.to_json().to_string();
    match json.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", json.get(..end).unwrap_or_default()),
        None => json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn messages(value: serde_json::Value) -> Vec<Result<String, String>> {
        let said = read_answers(&Datum::json(&value));
        said.into_iter()
            .map(|said| said.map(|said| said.message))
            .collect()
    }

    #[test]
    fn reads_texts_and_objects_as_conftest_does() {
        let said = read_answers(&Datum::json(
            &json!([{"msg": "a", "_loc": {"file": "x.yaml", "line": 7}, "details": {"b": 1}}]),
        ));
        let said = said[0].as_ref().unwrap();
        assert_eq!((said.file.as_deref(), said.line), (Some("x.yaml"), Some(7)));
        assert_eq!(
            said.metadata,
            *json!({"details": {"b": 1}}).as_object().unwrap()
        );
        assert_eq!(messages(json!(["a", ""])), [Ok("a".to_owned())]);
        for nothing in [json!([]), json!(false), json!(null), json!(""), json!({})] {
            assert_eq!(messages(nothing), []);
        }
    }

    #[test]
    fn tells_what_conftest_passes_over() {
        for (value, expected) in [
            (json!(true), "is not a set of messages"),
            (json!("text"), "is not a set of messages"),
            (json!({"msg": "x"}), "is not a set of messages"),
            (json!([1]), "must be text or an object"),
            (json!([{"message": "x"}]), "has no text `msg`"),
        ] {
            let said = messages(value);
            assert!(said[0].as_ref().unwrap_err().contains(expected), "{said:?}");
        }
    }
}
