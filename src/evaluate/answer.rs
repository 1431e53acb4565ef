//! What a rule says: the elements of `deny`, read strictly. A value of another shape is never dropped.

use crate::model::path::ModelPath;
use crate::model::text::nearest;
use crate::policy::engine::Datum;

/// One element of `deny`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) message: String,
    pub(crate) target: Target,
    pub(crate) related: Vec<(Target, String)>,
    pub(crate) fix: Option<String>,
    pub(crate) key: Option<String>,
    /// Places of single defects that this one finding tells together.
    pub(crate) covers: Vec<ModelPath>,
}

/// What a finding or a related place points at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    /// A path in the entity under judgement.
    Here(ModelPath),
    /// A fact by its `ref`, at its own place or at another path of its entity.
    Fact(usize, Option<ModelPath>),
    /// Any entity by its key, `contract:orders`.
    Entity(String, ModelPath),
}

/// Reads a `deny` set, each element by itself; an error says what is wrong with one, as a phrase.
pub(crate) fn read(deny: &Datum) -> Vec<Result<Answer, String>> {
    match deny.items() {
        Some(items) => items.iter().map(answer).collect(),
        None => vec![Err("`deny` is no set".to_owned())],
    }
}

fn answer(item: &Datum) -> Result<Answer, String> {
    const KNOWN: [&str; 9] = [
        "message",
        "at",
        "fact",
        "entity",
        "related",
        "fix",
        "did_you_mean",
        "key",
        "covers",
    ];
    let fields = item.entries();
    if fields.is_empty() {
        return Err("an element of `deny` is no object".to_owned());
    }
    if let Some((name, _)) = fields.iter().find(|(name, _)| !KNOWN.contains(&&**name)) {
        let near = nearest(name, KNOWN.into_iter()).map(|near| format!("; did you mean `{near}`?"));
        return Err(format!(
            "an element of `deny` has the unknown key `{name}`{}",
            near.unwrap_or_default()
        ));
    }
    let mut message = text(item, "message")?.ok_or("an element of `deny` has no `message`")?;
    if message.trim().is_empty() {
        return Err("the `message` of an element of `deny` is empty".to_owned());
    }
    if let Some(hint) = item.get("did_you_mean")
        && let Some(near) = did_you_mean(&hint)?
    {
        message.push_str(&format!("; did you mean `{near}`?"));
    }
    let related = match item.get("related") {
        None => Vec::new(),
        Some(list) => {
            let list = list.items().ok_or("`related` is no array")?;
            list.iter()
                .map(|place| {
                    let message = text(place, "message")?
                        .ok_or("an element of `related` has no `message`")?;
                    Ok((target(place)?, message))
                })
                .collect::<Result<_, String>>()?
        }
    };
    let covers = match item.get("covers") {
        None => Vec::new(),
        Some(list) => {
            let paths = list.items().ok_or("`covers` is no array")?;
            let paths = paths.iter().map(Datum::as_path);
            paths
                .collect::<Option<_>>()
                .ok_or("an element of `covers` is no path")?
        }
    };
    Ok(Answer {
        message,
        covers,
        target: target(item)?,
        related,
        fix: text(item, "fix")?,
        key: text(item, "key")?,
    })
}

fn target(item: &Datum) -> Result<Target, String> {
    let at = match item.get("at") {
        None => None,
        Some(at) => Some(
            at.as_path()
                .ok_or("`at` is no array of names and indexes")?,
        ),
    };
    if let Some(fact) = item.get("fact") {
        let number = fact.get("ref").and_then(|number| number.as_index());
        let number = number.ok_or("`fact` is none of `input.facts`")?;
        return Ok(Target::Fact(number, at));
    }
    if let Some(entity) = text(item, "entity")? {
        return Ok(Target::Entity(entity, at.unwrap_or_default()));
    }
    at.map(Target::Here)
        .ok_or_else(|| "neither `at`, `fact` nor `entity` says where".to_owned())
}

fn text(item: &Datum, name: &str) -> Result<Option<String>, String> {
    match item.get(name) {
        None => Ok(None),
        Some(value) => match value.as_text() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(format!("`{name}` is no text")),
        },
    }
}

fn did_you_mean(hint: &Datum) -> Result<Option<String>, String> {
    let got = text(hint, "got")?.ok_or("`did_you_mean` has no `got`")?;
    let among = hint
        .get("among")
        .and_then(|among| among.items())
        .ok_or("`did_you_mean` has no `among`")?;
    let among: Vec<&str> = among.iter().filter_map(Datum::as_text).collect();
    Ok(nearest(&got, among.into_iter().filter(|name| *name != got)).map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(json: serde_json::Value) -> Result<Vec<Answer>, String> {
        read(&Datum::json(&json)).into_iter().collect()
    }

    #[test]
    fn reads_a_whole_answer() {
        let answers = read_json(serde_json::json!([{
            "message": "no team", "at": ["columns", 0, "name"], "fix": "x", "key": "k",
            "did_you_mean": {"got": "fulfilment", "among": ["fulfillment", "hr"]},
            "related": [{"fact": {"ref": 3}, "message": "here"}],
            "covers": [["columns", 0], ["columns", 1]],
        }]))
        .unwrap();
        assert_eq!(answers[0].message, "no team; did you mean `fulfillment`?");
        assert_eq!(answers[0].covers.len(), 2);
        assert_eq!(
            answers[0].related,
            [(Target::Fact(3, None), "here".to_owned())]
        );
    }

    #[test]
    fn refuses_every_other_shape() {
        let cases = [
            (serde_json::json!(["text"]), "no object"),
            (serde_json::json!([{"msg": "x"}]), "unknown key `msg`"),
            (serde_json::json!([{"message": "x"}]), "says where"),
            (serde_json::json!([{"message": " ", "at": []}]), "is empty"),
            (
                serde_json::json!([{"message": 1, "at": []}]),
                "`message` is no text",
            ),
            (
                serde_json::json!([{"message": "x", "at": [1.5]}]),
                "no array of names",
            ),
            (
                serde_json::json!([{"message": "x", "fact": {}}]),
                "none of `input.facts`",
            ),
            (
                serde_json::json!([{"message": "x", "at": [], "covers": ["columns"]}]),
                "`covers` is no path",
            ),
            (serde_json::json!(true), "no set"),
        ];
        for (json, expected) in cases {
            let error = read_json(json).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
