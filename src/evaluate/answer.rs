//! What a rule says: the elements of `deny`, read strictly. A value of another shape is never dropped.

use serde::{Deserialize, Serialize};

use crate::model::comparison::VersionPart;
use crate::model::path::ModelPath;
use crate::model::text::nearest_name;
use crate::policy::engine::Datum;

/// The keys that an element of `deny` may have.
pub(crate) const KEYS: [&str; 10] = [
    "message",
    "at",
    "base_at",
    "fact",
    "entity",
    "related",
    "fix",
    "did_you_mean",
    "key",
    "covers",
];

/// The keys that an element of `advice` has.
pub(crate) const ADVICE_KEYS: [&str; 5] = ["from", "to", "part", "suggested", "reasons"];

/// One element of `deny`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DenyAnswer {
    pub(crate) message: String,
    pub(crate) target: AnswerTarget,
    /// Of a change rule: where in the base what it is about was, which the head does not have.
    pub(crate) base_at: Option<ModelPath>,
    pub(crate) related: Vec<(AnswerTarget, String)>,
    pub(crate) fix: Option<String>,
    pub(crate) key: Option<String>,
    /// What was written where an id of the mesh was meant; the reduce step finds which.
    pub(crate) meant: Option<Meant>,
    /// Places of the single defects that this finding reports together.
    pub(crate) covers: Vec<ModelPath>,
}

impl DenyAnswer {
    /// All that it points at in the entity under judgement.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &ModelPath> {
        let related = self.related.iter().map(|(target, _)| target);
        let targets = std::iter::once(&self.target).chain(related);
        let here = targets.filter_map(|target| match target {
            AnswerTarget::Here(path) => Some(path),
            _ => None,
        });
        here.chain(&self.covers)
    }

    /// The same about a fact with another number: for a rule that looks at each fact by itself.
    pub(crate) fn about(&self, number: usize) -> Self {
        let about = |target: &AnswerTarget| match target {
            AnswerTarget::Fact(_, at) => AnswerTarget::Fact(number, at.clone()),
            other => other.clone(),
        };
        let related = self.related.iter();
        let related = related.map(|(target, message)| (about(target), message.clone()));
        Self {
            target: about(&self.target),
            related: related.collect(),
            ..self.clone()
        }
    }
}

/// What was written for the id of an entity of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Meant {
    pub(crate) kind: String,
    pub(crate) got: String,
}

/// A rule of another scope leaves it to the mesh what was meant.
pub(crate) const NO_MESH: &str =
    "`did_you_mean` with `kind` needs scope `mesh`; list the known names under `among`";

/// What a finding or a related place points at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum AnswerTarget {
    /// A path in the entity under judgement.
    Here(ModelPath),
    /// A fact by its `ref`, at its own place or at another path of its entity.
    Fact(usize, Option<ModelPath>),
    /// Any entity by its key, `contract:orders`.
    Entity(String, ModelPath),
    /// Nothing but the place in the base says where.
    Gone,
}

/// Reads a `deny` set, each element by itself; an error says what is wrong with one, as a phrase.
pub(crate) fn read_answers(deny: &Datum) -> Vec<Result<DenyAnswer, String>> {
    match deny.items() {
        Some(items) => items.iter().map(answer).collect(),
        None => vec![Err("`deny` is not a set".to_owned())],
    }
}

/// The `advice` of a change rule: the expected version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Advice {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) part: VersionPart,
    pub(crate) suggested: String,
    pub(crate) reasons: Vec<String>,
}

/// Reads an `advice` set; an error says what is wrong with an element, as a phrase.
pub(crate) fn read_advice(set: &Datum) -> Vec<Result<Advice, String>> {
    let items = set.items().unwrap_or_default();
    items.iter().map(advice).collect()
}

fn advice(item: &Datum) -> Result<Advice, String> {
    let stated = |name: &str| {
        text(item, name)?.ok_or_else(|| format!("an element of `advice` has no `{name}`"))
    };
    let part = match stated("part")?.as_str() {
        "major" => VersionPart::Major,
        "minor" => VersionPart::Minor,
        "patch" => VersionPart::Patch,
        other => return Err(format!("invalid `part` `{other}` in `advice`")),
    };
    let reasons = item.get("reasons").and_then(|reasons| reasons.items());
    let reasons = reasons.ok_or("an element of `advice` has no `reasons` array")?;
    let reasons = reasons.iter().map(|reason| reason.as_text());
    let reasons: Option<Vec<&str>> = reasons.collect();
    let reasons = reasons.ok_or("a reason in `advice` is not text")?;
    Ok(Advice {
        from: stated("from")?,
        to: stated("to")?,
        part,
        suggested: stated("suggested")?,
        reasons: reasons.into_iter().map(ToOwned::to_owned).collect(),
    })
}

fn answer(item: &Datum) -> Result<DenyAnswer, String> {
    let fields = item.entries();
    if fields.is_empty() {
        return Err("an element of `deny` is not an object".to_owned());
    }
    if let Some((name, _)) = fields.iter().find(|(name, _)| !KEYS.contains(&&**name)) {
        let near =
            nearest_name(name, KEYS.into_iter()).map(|near| format!("; did you mean `{near}`?"));
        return Err(format!(
            "unknown key `{name}` in an element of `deny`{}",
            near.unwrap_or_default()
        ));
    }
    let message = text(item, "message")?.ok_or("an element of `deny` has no `message`")?;
    let mut message = bounded(message);
    if message.trim().is_empty() {
        return Err("an element of `deny` has an empty `message`".to_owned());
    }
    let mut meant = None;
    match item.get("did_you_mean") {
        Some(hint) if hint.get("kind").is_some() => meant = Some(of_kind(&hint)?),
        Some(hint) => {
            let near = did_you_mean(&hint)?;
            message.push_str(&near.as_deref().map(suggest_name).unwrap_or_default());
        }
        None => {}
    }
    let related = match item.get("related") {
        None => Vec::new(),
        Some(list) => {
            let list = list.items().ok_or("`related` is not an array")?;
            list.iter()
                .map(|place| {
                    let message = text(place, "message")?
                        .ok_or("an element of `related` has no `message`")?;
                    if place.get("base_at").is_some() {
                        return Err(
                            "`related` can only point at the head; mention the base in the `message`"
                                .to_owned(),
                        );
                    }
                    Ok((target(place)?, bounded(message)))
                })
                .collect::<Result<_, String>>()?
        }
    };
    let covers = match item.get("covers") {
        None => Vec::new(),
        Some(list) => {
            let paths = list.items().ok_or("`covers` is not an array")?;
            let paths = paths.iter().map(Datum::as_path);
            paths
                .collect::<Option<_>>()
                .ok_or("an element of `covers` is not a path")?
        }
    };
    let base_at = path(item, "base_at")?;
    let target = match &base_at {
        Some(_) if item.get("fact").or(item.get("entity")).is_some() => {
            return Err("`base_at` can only be combined with `at`".to_owned());
        }
        Some(_) if item.get("at").is_none() => AnswerTarget::Gone,
        _ => target(item)?,
    };
    Ok(DenyAnswer {
        message,
        meant,
        covers,
        target,
        base_at,
        related,
        fix: text(item, "fix")?,
        key: text(item, "key")?,
    })
}

fn target(item: &Datum) -> Result<AnswerTarget, String> {
    let at = path(item, "at")?;
    if let Some(fact) = item.get("fact") {
        let number = fact.get("ref").and_then(|number| number.as_index());
        let number = number.ok_or("`fact` is not an element of `input.facts`")?;
        return Ok(AnswerTarget::Fact(number, at));
    }
    if let Some(entity) = text(item, "entity")? {
        return Ok(AnswerTarget::Entity(entity, at.unwrap_or_default()));
    }
    at.map(AnswerTarget::Here)
        .ok_or_else(|| "an element has no place: `at`, `fact` or `entity`".to_owned())
}

fn path(item: &Datum, name: &str) -> Result<Option<ModelPath>, String> {
    let Some(path) = item.get(name) else {
        return Ok(None);
    };
    match path.as_path() {
        Some(path) => Ok(Some(path)),
        None => Err(format!("`{name}` is not an array of names and indexes")),
    }
}

fn text(item: &Datum, name: &str) -> Result<Option<String>, String> {
    match item.get(name) {
        None => Ok(None),
        Some(value) => match value.as_text() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(format!("`{name}` is not text")),
        },
    }
}

/// Characters of a message. A name of a megabyte that a rule repeats for each column would fill memory and every report.
const MOST_CHARACTERS: usize = 4_096;

/// A message without what is beyond the bound, which it names.
fn bounded(message: String) -> String {
    if message.len() <= MOST_CHARACTERS {
        return message;
    }
    match message.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => {
            let rest = message.get(end..).unwrap_or_default().chars().count();
            let kept = message.get(..end).unwrap_or_default();
            format!("{kept}… ({rest} more characters; a message holds {MOST_CHARACTERS})")
        }
        None => message,
    }
}

/// The end of a message with a suggestion.
pub(crate) fn suggest_name(near: &str) -> String {
    format!("; did you mean `{near}`?")
}

fn of_kind(hint: &Datum) -> Result<Meant, String> {
    if hint.get("among").is_some() {
        return Err("`did_you_mean` has both `kind` and `among`".to_owned());
    }
    Ok(Meant {
        kind: text(hint, "kind")?.unwrap_or_default(),
        got: text(hint, "got")?.ok_or("`did_you_mean` has no `got`")?,
    })
}

fn did_you_mean(hint: &Datum) -> Result<Option<String>, String> {
    let got = text(hint, "got")?.ok_or("`did_you_mean` has no `got`")?;
    let among = hint
        .get("among")
        .and_then(|among| among.items())
        .ok_or("`did_you_mean` needs `among` or `kind`")?;
    let among: Vec<&str> = among.iter().filter_map(Datum::as_text).collect();
    Ok(nearest_name(&got, among.into_iter().filter(|name| *name != got)).map(ToOwned::to_owned))
}

/// Elements of `deny`, or what is wrong with one.
pub(crate) type Answers = Vec<Result<DenyAnswer, String>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(json: serde_json::Value) -> Result<Vec<DenyAnswer>, String> {
        read_answers(&Datum::json(&json)).into_iter().collect()
    }

    #[test]
    fn a_message_of_any_length_is_cut_at_the_bound_that_it_names() {
        let read = |length: usize| {
            let long = "ü".repeat(length);
            let related = serde_json::json!([{"at": ["a"], "message": long}]);
            let deny = serde_json::json!([{"message": long, "at": ["a"], "related": related}]);
            let answer = read_json(deny).unwrap().remove(0);
            assert_eq!(answer.related[0].1, answer.message);
            answer.message
        };
        assert_eq!(read(MOST_CHARACTERS), "ü".repeat(MOST_CHARACTERS));
        let cut = read(1_000_000);
        assert!(cut.ends_with("… (995904 more characters; a message holds 4096)"));
        assert_eq!(cut.chars().filter(|c| *c == 'ü').count(), MOST_CHARACTERS);
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
        assert_eq!(answers[0].meant, None);
        assert_eq!(
            answers[0].related,
            [(AnswerTarget::Fact(3, None), "here".to_owned())]
        );
    }

    #[test]
    fn what_was_meant_can_be_left_to_the_mesh() {
        let read = |hint: serde_json::Value| {
            let finding =
                serde_json::json!([{"message": "no contract", "at": [], "did_you_mean": hint}]);
            read_json(finding).map(|answers| answers[0].clone())
        };
        let answer = read(serde_json::json!({"got": "a", "kind": "contract"})).unwrap();
        let meant = answer.meant.unwrap();
        assert_eq!((meant.kind.as_str(), meant.got.as_str()), ("contract", "a"));
        assert_eq!(answer.message, "no contract");
        for (hint, expected) in [
            (serde_json::json!({"got": "a"}), "needs `among` or `kind`"),
            (serde_json::json!({"kind": "contract"}), "has no `got`"),
            (
                serde_json::json!({"got": "a", "kind": 1}),
                "`kind` is not text",
            ),
            (
                serde_json::json!({"got": "a", "kind": "contract", "among": []}),
                "has both",
            ),
        ] {
            let error = read(hint).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn reads_advice_strictly() {
        let good = serde_json::json!({
            "from": "1.0.0", "to": "1.0.0", "part": "major", "suggested": "2.0.0", "reasons": ["gone"],
        });
        let read = |json: &serde_json::Value| read_advice(&Datum::json(&serde_json::json!([json])));
        assert_eq!(read(&good)[0].as_ref().unwrap().part, VersionPart::Major);
        for (field, value, expected) in [
            ("part", serde_json::json!("huge"), "invalid `part`"),
            ("to", serde_json::json!(2), "`to` is not text"),
            ("reasons", serde_json::json!("gone"), "no `reasons` array"),
            ("reasons", serde_json::json!([1]), "is not text"),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            let error = read(&bad)[0].clone().unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn refuses_every_other_shape() {
        let cases = [
            (serde_json::json!(["text"]), "not an object"),
            (serde_json::json!([{"msg": "x"}]), "unknown key `msg`"),
            (serde_json::json!([{"message": "x"}]), "has no place"),
            (
                serde_json::json!([{"message": " ", "at": []}]),
                "an empty `message`",
            ),
            (
                serde_json::json!([{"message": 1, "at": []}]),
                "`message` is not text",
            ),
            (
                serde_json::json!([{"message": "x", "at": [1.5]}]),
                "not an array of names",
            ),
            (
                serde_json::json!([{"message": "x", "fact": {}}]),
                "not an element of `input.facts`",
            ),
            (
                serde_json::json!([{"message": "x", "at": [], "covers": ["columns"]}]),
                "`covers` is not a path",
            ),
            (
                serde_json::json!([{"message": "x", "base_at": ["columns", -1]}]),
                "`base_at` is not an array of names",
            ),
            (
                serde_json::json!([{"message": "x", "base_at": [], "entity": "product:a"}]),
                "`base_at` can only be combined with `at`",
            ),
            (
                serde_json::json!([{"message": "x", "at": [], "related": [{"base_at": [], "message": "y"}]}]),
                "`related` can only point at the head",
            ),
            (serde_json::json!(true), "not a set"),
        ];
        for (json, expected) in cases {
            let error = read_json(json).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
