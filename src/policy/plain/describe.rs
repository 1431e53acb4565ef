//! Describes a plain rule: by its METADATA annotation, as OPA reads it, else by its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::body::Body;
use crate::lift::schema::DOCUMENT_KIND;
use crate::model::rule::{Level, Link, Rule, RuleId};
use crate::policy::error::PolicyMistake;
use crate::policy::metadata::{Block, Resource};
use crate::policy::syntax::node_span;

/// What is read of an annotation; the rest of it is its author's own.
#[derive(Debug, Default, Deserialize)]
struct Annotation {
    title: Option<String>,
    description: Option<String>,
    #[serde(default)]
    related_resources: Vec<Resource>,
    #[serde(default)]
    custom: BTreeMap<String, serde_json::Value>,
}

/// The rule as reports show it.
pub(crate) fn describe_rule(
    id: RuleId,
    level: Level,
    bodies: &[Body<'_>],
) -> Result<Rule, PolicyMistake> {
    let mut annotation = Annotation::default();
    for body in bodies {
        let own = above(body)?;
        annotation.title = annotation.title.or(own.title);
        annotation.description = annotation.description.or(own.description);
        annotation.related_resources.extend(own.related_resources);
        annotation.custom.extend(own.custom);
    }
    let file = bodies.first().map(|body| &body.module.file);
    let (pack, file) = file.map_or_else(Default::default, |file| {
        (file.pack.clone(), file.file.clone())
    });
    let title = annotation.title.unwrap_or_else(|| title_of(&id));
    let description = annotation
        .description
        .unwrap_or_else(|| format!("A plain conftest policy, defined in `{pack}/{file}`."));
    let help = annotation
        .custom
        .get("help")
        .and_then(serde_json::Value::as_str);
    Ok(Rule {
        help: help.unwrap_or_default().into(),
        entities: vec![Arc::from(DOCUMENT_KIND)],
        related_resources: annotation
            .related_resources
            .into_iter()
            .map(Link::from)
            .collect(),
        pack,
        file,
        ..Rule::new(id, title, description, level)
    })
}

/// `deny_missing_owner` is `Missing owner`.
fn title_of(id: &RuleId) -> String {
    let Some((_, words)) = id.name().split_once('_') else {
        return format!("`{}` in namespace `{}`", id.name(), id.category());
    };
    let words = words.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The annotation in the comment directly above a definition.
fn above(body: &Body<'_>) -> Result<Annotation, PolicyMistake> {
    let Some(block) = Block::above(&body.module.file, node_span(body.rule).start) else {
        return Ok(Annotation::default());
    };
    block.read().map_err(|error| {
        let message = format!("METADATA: {error}");
        block.mistake(&error, None, &message, "write the annotation as valid YAML")
    })
}
