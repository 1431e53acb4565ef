//! What is wrong with a document, in the words of people who write one. Each answer is a message and, where it is
//! plain, the text to put there instead.

use std::fmt::Write as _;
use std::sync::Arc;

use super::known_keys::KnownKeys;
use super::{Edition, ListRule, NumberBounds, Shape, Shapes, ValueKinds};
use crate::model::document::NodeKind;
use crate::model::text::nearest_name;

/// A message and the text to put there instead.
type MessageAndFix = (String, Option<String>);

/// How much of a value is quoted, in characters.
const QUOTED: usize = 40;
/// How many values of an enumeration are named.
const NAMED: usize = 12;

/// Messages that depend on the standard and its version.
pub(super) struct Speaker<'s> {
    called: &'s str,
    version_key: Option<&'s str>,
    edition: &'s Edition,
}

impl<'s> Speaker<'s> {
    pub(super) fn new(shapes: &'s Shapes, edition: &'s Edition) -> Self {
        Self {
            called: &shapes.called,
            version_key: shapes.version_key.as_deref(),
            edition,
        }
    }

    /// `missing`: the known keys that the mapping does not have.
    pub(super) fn unknown_key(
        &self,
        known: &KnownKeys<'_>,
        missing: &[&str],
        name: &str,
    ) -> MessageAndFix {
        let mut message = format!(
            "`{}` is not a key of {}",
            clip_text(name),
            self.record(known)
        );
        let elsewhere = known
            .all()
            .flat_map(|fields| &fields.elsewhere)
            .find(|(key, _)| **key == *name);
        if let Some((_, when)) = elsewhere {
            let _ = write!(message, "; it exists {when}{}", self.advice(when));
            return (message, None);
        }
        let near = nearest_name(name, missing.iter().copied());
        if let Some(near) = near {
            let _ = write!(message, "; did you mean `{near}`?");
        }
        (message, near.map(ToOwned::to_owned))
    }

    /// `when`: the versions that have the value: `since 3.1`.
    pub(super) fn of_another_version(&self, name: &str, value: &str, when: &str) -> MessageAndFix {
        let (value, standard, advice) = (clip_text(value), self.standard(), self.advice(when));
        let message = format!(
            "{name} is `{value}`, which {standard} does not have; it exists {when}{advice}"
        );
        (message, None)
    }

    /// What to write where a later version has it.
    fn advice(&self, when: &str) -> String {
        match self.version_key {
            Some(key) if when.starts_with("since") => format!("; raise `{key}` to use it"),
            _ => String::new(),
        }
    }

    /// `ODCS 3.1`.
    fn standard(&self) -> String {
        match self.edition.stated.is_empty() {
            true => self.called.to_owned(),
            false => format!("{} {}", self.called, self.edition.version.short()),
        }
    }

    pub(super) fn missing(&self, known: &KnownKeys<'_>, name: &str) -> MessageAndFix {
        (
            format!("`{name}` is missing; {} requires it", self.record(known)),
            None,
        )
    }

    pub(super) fn none_of(
        &self,
        known: &KnownKeys<'_>,
        count: &str,
        group: &[Arc<str>],
    ) -> MessageAndFix {
        let record = self.record(known);
        (
            format!("{record} must have {count} of {}", listed(group.iter())),
            None,
        )
    }

    /// `a server with type `kafka` in ODCS 3.1`.
    fn record(&self, known: &KnownKeys<'_>) -> String {
        let mut text = known.record.called.clone();
        match (&known.record.by, known.case) {
            (Some(by), Some((Some(case), _))) => {
                let _ = write!(text, " with {} `{case}`", by.key);
            }
            (Some(by), Some((None, _))) => {
                let _ = write!(text, " without {}", by.key);
            }
            _ => {}
        }
        let _ = write!(text, " in {}", self.standard());
        text
    }
}

pub(super) fn wrong_kind(
    name: &str,
    kind: &NodeKind,
    written: Option<&str>,
    shape: &Shape,
) -> MessageAndFix {
    let written = written.unwrap_or_default();
    let is = match kind {
        NodeKind::Null | NodeKind::Alias(_) => "empty".to_owned(),
        NodeKind::Bool(_) => format!("`{written}`"),
        NodeKind::Int(_) | NodeKind::Float(_) => format!("the number `{}`", clip_text(written)),
        NodeKind::String(_) => "text".to_owned(),
        NodeKind::Sequence { .. } => "a list".to_owned(),
        NodeKind::Mapping { .. } => "a mapping".to_owned(),
    };
    let plain = matches!(
        kind,
        NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_)
    );
    let yes_or_no = match written.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" => Some("true"),
        "false" | "no" | "n" | "off" => Some("false"),
        _ => None,
    };
    let fix = if plain && shape.kinds.has(ValueKinds::TEXT) && shape.text.is_none() {
        Some(format!("\"{written}\""))
    } else if shape.kinds == ValueKinds::TRUTH {
        yes_or_no.map(ToOwned::to_owned)
    } else {
        None
    };
    let quote = if fix.as_deref().is_some_and(|fix| fix.starts_with('"')) {
        ", so put it in quotes"
    } else {
        ""
    };
    (
        format!("{name} is {is}; expected {}{quote}", taken(shape)),
        fix,
    )
}

/// What a shape takes: `text or a list`.
fn taken(shape: &Shape) -> String {
    let kinds = shape.kinds;
    let mut words = Vec::new();
    if kinds.has(ValueKinds::TEXT) {
        words.push("text");
    }
    match (
        kinds.has(ValueKinds::FRACTION),
        kinds.has(ValueKinds::INTEGER),
    ) {
        (true, _) => words.push("a number"),
        (false, true) => words.push("a whole number"),
        _ => {}
    }
    if kinds.has(ValueKinds::TRUTH) {
        words.push("`true` or `false`");
    }
    if kinds.has(ValueKinds::LIST) {
        words.push("a list");
    }
    if kinds.has(ValueKinds::MAPPING) {
        words.push("a mapping");
    }
    if kinds.has(ValueKinds::NULL) {
        words.push("nothing");
    }
    match words.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

pub(super) fn not_one_of<'v>(
    name: &str,
    value: &str,
    values: impl Iterator<Item = &'v Arc<str>> + Clone,
) -> MessageAndFix {
    let near = nearest_name(value, values.clone().map(|known| &**known)).map(ToOwned::to_owned);
    let shown = clip_text(value);
    let mut several = values.clone();
    let message = match (several.next(), several.next()) {
        (Some(only), None) => {
            return (
                format!("{name} is `{shown}`; expected `{only}`"),
                Some(only.to_string()),
            );
        }
        _ => format!("{name} is `{shown}`; expected one of {}", listed(values)),
    };
    match &near {
        Some(meant) => (format!("{message}; did you mean `{meant}`?"), near),
        None => (message, None),
    }
}

pub(super) fn no_match(name: &str, value: &str, called: &str) -> MessageAndFix {
    (
        format!("{name} is `{}`; expected {called}", clip_text(value)),
        None,
    )
}

pub(super) fn too_small(name: &str, written: &str, bounds: NumberBounds) -> MessageAndFix {
    let takes = match (bounds.at_least, bounds.more_than) {
        (Some(least), _) => format!("{least} or more"),
        (None, Some(limit)) => format!("more than {limit}"),
        (None, None) => String::new(),
    };
    (
        format!("{name} is {}; expected {takes}", clip_text(written)),
        None,
    )
}

pub(super) fn wrong_length(name: &str, count: usize, rule: ListRule) -> MessageAndFix {
    let takes = match (rule.at_least, rule.at_most) {
        (least, Some(most)) if least == most => format!("{least}"),
        (0, Some(most)) => format!("at most {most}"),
        (least, Some(most)) => format!("{least} to {most}"),
        (least, None) => format!("at least {least}"),
    };
    let items = if count == 1 { "item" } else { "items" };
    (
        format!("{name} has {count} {items}; expected {takes}"),
        None,
    )
}

pub(super) fn describe_duplicate(name: &str) -> MessageAndFix {
    (format!("{name} is a duplicate"), None)
}

pub(super) fn describe_exclusive(first: &str, second: &str) -> MessageAndFix {
    (
        format!("`{second}` and `{first}` are mutually exclusive"),
        None,
    )
}

fn listed<'v>(values: impl Iterator<Item = &'v Arc<str>> + Clone) -> String {
    let count = values.clone().count();
    let shown: Vec<String> = values
        .take(NAMED)
        .map(|value| format!("`{value}`"))
        .collect();
    let more = match count.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// As much of a text as a message has room for, on one line.
pub(super) fn clip_text(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut shown: String = line.chars().take(QUOTED).collect();
    if shown.len() < text.trim_end().len() {
        shown.push('…');
    }
    shown
}
