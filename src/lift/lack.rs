//! What a document lacks to be of a format: each condition that fails, as a phrase and as the text to write. Decides nothing:
//! [`Format::recognises`] does.

use super::explain::{CheckedCondition, ConditionGroup};
use super::format::{Condition, ConditionTest, Format};
use super::misspelling::{is_key, is_nearly};
use super::path::PathContext;
use super::scalar::scalar_text;
use crate::model::document::Document;
use crate::model::text::{SourceText, Span};

/// How many conditions of which one must hold are named.
const MAX_CHOICES: usize = 3;

/// A condition of a format that fails.
pub(crate) struct Lack {
    /// As a clause: `` `apiVersion` is `v3` `` or `` `kind` is missing ``.
    pub(crate) clause: String,
    /// What would hold: `` `apiVersion: v3.2.0` ``.
    pub(crate) write: String,
    /// The wrong value, or the misspelt key. `None` where there is nothing.
    pub(crate) span: Option<Span>,
}

impl Format {
    /// The conditions that fail for a document, in the order of the format file. Those of which one must hold are one.
    pub(crate) fn lacks(&self, document: &Document, text: &SourceText) -> Vec<Lack> {
        let context = PathContext::at(document, document.root());
        let required = self.all.iter().filter_map(|condition| {
            let checked = condition.explain(ConditionGroup::All, &context, text);
            (!checked.holds).then(|| self.lack(condition, &checked, document, text))
        });
        let has_choice = self.any.is_empty() || self.any.iter().any(|it| it.holds(&context, text));
        let choice = (!has_choice).then(|| self.lack_of_choice());
        required.chain(choice).collect()
    }

    /// What a document must state to be recognised: `` `kind: DataContract` and `apiVersion: v3.2.0` ``.
    pub(crate) fn requirements(&self) -> String {
        let required = self.all.iter().map(|condition| self.example(condition));
        let choice = self.lack_of_choice().write;
        let choice = (!self.any.is_empty()).then_some(choice);
        required.chain(choice).collect::<Vec<_>>().join(" and ")
    }

    fn lack(
        &self,
        condition: &Condition,
        checked: &CheckedCondition,
        document: &Document,
        text: &SourceText,
    ) -> Lack {
        let path = &condition.path;
        if let Some(found) = checked.found.first() {
            let clause = match found.text.as_str() {
                value @ ("a mapping" | "a list") => format!("`{path}` is {value}"),
                value => format!("`{path}` is `{value}`"),
            };
            return Lack {
                clause,
                write: self.example(condition),
                span: Some(found.span),
            };
        }
        let is_meant = |near: &str| match path.only_key() {
            Some(key) => is_key(near, key) || is_nearly(near, key),
            None => true,
        };
        let near = checked.near_key.as_ref();
        let Some(near) = near.filter(|near| is_meant(&near.text)) else {
            return Lack {
                clause: format!("`{path}` is missing"),
                write: self.example(condition),
                span: None,
            };
        };
        // A value that would do is kept.
        let value = document.get(document.root(), &near.text);
        let value = value.filter(|value| condition.test.holds(document, text, value.node));
        let value = value.and_then(|value| scalar_text(document, text, value.node));
        let write = match (value, path.only_key()) {
            (Some(value), Some(key)) => format!("`{key}: {value}`"),
            _ => self.example(condition),
        };
        Lack {
            clause: format!("`{path}` is written `{}`", near.text),
            write,
            span: Some(near.span),
        }
    }

    fn lack_of_choice(&self) -> Lack {
        let shown = self.any.iter().take(MAX_CHOICES);
        let shown: Vec<String> = shown.map(|condition| self.example(condition)).collect();
        let more = match self.any.len() > MAX_CHOICES {
            true => " or another that the format knows",
            false => "",
        };
        Lack {
            clause: format!("none of {}{more} is there", shown.join(", ")),
            write: format!("{}{more}", shown.join(" or ")),
            span: None,
        }
    }

    /// What would meet a condition: its key, with a value that does where one is known.
    fn example(&self, condition: &Condition) -> String {
        let path = &condition.path;
        let value = match &condition.test {
            ConditionTest::Equals(value) => Some(value.to_string()),
            ConditionTest::In(values) => values.first().map(ToString::to_string),
            ConditionTest::Truthy(value) => Some(value.to_string()),
            ConditionTest::Matches(_) | ConditionTest::Exists(_) => self.version_for(condition),
        };
        match value {
            Some(value) => format!("`{path}: {value}`"),
            None => format!("`{path}`"),
        }
    }

    /// The newest version that meets a condition on the key of the version, as its standard writes it. `None` for conditions
    /// on other keys.
    fn version_for(&self, condition: &Condition) -> Option<String> {
        if self.version.as_ref() != Some(&condition.path) {
            return None;
        }
        let shapes = self.shapes.as_ref().and_then(|shapes| shapes.get());
        let stated = shapes.and_then(|shapes| shapes.newest_version());
        // A standard is listed by its minor version, and stated with the patch.
        let is_minor = |version: &str| {
            let mut parts = version.split('.');
            version.matches('.').count() == 1 && parts.all(|part| part.parse::<u32>().is_ok())
        };
        let listed = self.versions.last().into_iter().flat_map(|version| {
            let full = match is_minor(version) {
                true => format!("{version}.0"),
                false => version.clone(),
            };
            [full.clone(), format!("v{full}")]
        });
        let mut versions = stated.map(str::to_owned).into_iter().chain(listed);
        versions.find(|version| match &condition.test {
            ConditionTest::Matches(pattern) => pattern.is_match(version),
            _ => true,
        })
    }
}
