//! METADATA: the YAML comment above `package`, which describes a rule beyond its Rego. `plain/` reads the
//! METADATA of conftest's policies, which is above each rule and may have fewer keys.

mod block;
mod resource;
#[cfg(test)]
mod tests;
mod told;

use std::sync::Arc;

use serde::Deserialize;

pub(crate) use self::block::Block;
pub(crate) use self::resource::Resource;
use self::told::SerdeMistake;
pub(crate) use self::told::explain_message;
use super::error::{PolicyFile, PolicyMistake};
use super::rules;
use crate::model::rule::{
    Day, FactCounts, FactCycles, FactGrouping, Level, Link, Rule, RuleId, Scope, State,
};
use crate::model::text::nearest_name;

/// Help: all keys of METADATA, for authors of rules.
pub(crate) const KEYS: &str = "\
METADATA of a rule, in the comment `# METADATA` above its `package`:
  title, description  What the rule finds, and why it matters
  related_resources   Links
  custom:
    severity          `error`, `warning` or `note`
    scope             `entity` (default), `mesh` or `change`
    entities          The kinds to check, or to take facts from; `*` for all
    help              The next step for the reader of a finding
    needs             Kinds that the mesh must have; otherwise the rule does not apply
    text_matches      A regular expression; documents whose text does not match are skipped
    together          Scope `mesh`: the facts that must be seen together (default: all):
                      `{by: [id], at_least: 2, with: contracts}`
    counts            Scope `mesh`: counts instead of facts, as `input.counts`:
                      `{of: names, per: product, except: defined, at_least: 3, places: 6}`
    cycles            Scope `mesh`: cycles instead of facts, as `input.cycles`:
                      `{of: id, reads: reads, offers: offers}`
    options           Defaults by name, read as `data.options[\"<rule>\"]`
    option_docs       The meaning of each option
    since             The version of the pack that added the rule
    state             `draft`, `grace`, `enabled` (default) or `deprecated`
    enforced_from     The first day on which errors count as errors, for `grace`
    successor         The replacement, for `deprecated`
    aliases           Earlier ids of the rule
    waivable          Whether findings can be waived (default: `true`)
    inline            Whether a comment in a manifest can waive them (default: `false`)";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    title: String,
    description: String,
    #[serde(default)]
    related_resources: Vec<Resource>,
    custom: Custom,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    severity: Level,
    #[serde(default)]
    scope: Option<Scope>,
    entities: Vec<String>,
    help: String,
    text_matches: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    together: Option<FactGrouping>,
    counts: Option<FactCounts>,
    cycles: Option<FactCycles>,
    since: Option<String>,
    state: Option<State>,
    enforced_from: Option<Day>,
    successor: Option<String>,
    #[serde(default)]
    options: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    option_docs: std::collections::BTreeMap<String, String>,
    #[serde(default = "yes")]
    waivable: bool,
    #[serde(default)]
    inline: bool,
    #[serde(default)]
    aliases: Vec<String>,
}

fn yes() -> bool {
    true
}

/// Reads the METADATA of a rule file; `kinds` are those of the model.
///
/// # Errors
/// All its mistakes.
pub(crate) fn read_metadata(
    file: &PolicyFile,
    id: &RuleId,
    kinds: &[&str],
) -> Result<Rule, Vec<PolicyMistake>> {
    let Some(block) = Block::first(file) else {
        return Err(vec![missing(file)]);
    };
    let mut mistakes = Vec::new();
    let metadata = metadata(&block, &mut mistakes);
    if let Some(metadata) = &metadata {
        check(file, metadata, kinds, &mut mistakes);
    }
    let life = metadata
        .as_ref()
        .map(|metadata| state(file, &metadata.custom));
    let state = life.transpose().unwrap_or_else(|mistake| {
        mistakes.push(mistake);
        None
    });
    match (metadata, state) {
        (Some(metadata), Some(state)) if mistakes.is_empty() => Ok(rule(file, id, metadata, state)),
        _ => Err(mistakes
            .into_iter()
            .map(|mistake| mistake.of(rules::METADATA))
            .collect()),
    }
}

fn missing(file: &PolicyFile) -> PolicyMistake {
    let mistake = file.mistake(
        file.line(1),
        "the rule has no METADATA",
        "write a `# METADATA` comment with `title`, `description` and `custom` directly above `package`",
    );
    mistake.of(rules::NO_METADATA)
}

fn rule(file: &PolicyFile, id: &RuleId, metadata: Metadata, state: State) -> Rule {
    let mut entities: Vec<Arc<str>> = metadata
        .custom
        .entities
        .iter()
        .map(|kind| Arc::from(kind.as_str()))
        .collect();
    entities.sort();
    Rule {
        id: id.clone(),
        title: metadata.title,
        description: metadata.description,
        help: metadata.custom.help.into(),
        severity: metadata.custom.severity,
        scope: metadata.custom.scope.unwrap_or(Scope::Entity),
        entities,
        needs: metadata
            .custom
            .needs
            .iter()
            .map(|kind| Arc::from(kind.as_str()))
            .collect(),
        text_matches: metadata.custom.text_matches,
        together: metadata.custom.together,
        counts: metadata.custom.counts,
        cycles: metadata.custom.cycles,
        since: metadata.custom.since,
        state,
        enforced_from: metadata.custom.enforced_from,
        successor: metadata.custom.successor.map(RuleId::new),
        options: metadata.custom.options,
        option_docs: metadata.custom.option_docs,
        waivable: metadata.custom.waivable,
        inline: metadata.custom.inline,
        aliases: metadata
            .custom
            .aliases
            .iter()
            .map(|alias| RuleId::new(alias.as_str()))
            .collect(),
        related_resources: metadata
            .related_resources
            .into_iter()
            .map(Link::from)
            .collect(),
        page: None,
        pack: file.pack.clone(),
        file: file.file.clone(),
    }
}

/// Reads it. A mistake in one key does not hide mistakes in the next.
fn metadata(block: &Block<'_>, mistakes: &mut Vec<PolicyMistake>) -> Option<Metadata> {
    if let Err(error) = block.read::<serde_yaml::Value>() {
        mistakes.push(no_yaml(block, &error));
        return None;
    }
    let mut lines = block.lines();
    let mut left_out: Vec<String> = Vec::new();
    loop {
        let error = match serde_yaml::from_str::<Metadata>(&lines.join("\n")) {
            Ok(metadata) => return Some(metadata),
            Err(error) => error,
        };
        let told = SerdeMistake::from(&error);
        match &told {
            SerdeMistake::Missing(name) if left_out.contains(name) => return None,
            // A misspelt key is not also reported as missing.
            SerdeMistake::Unknown { near, .. } => left_out.extend(near.clone()),
            _ => {}
        }
        let line = error.location().map_or(1, |location| location.line());
        mistakes.push(mistake(block, &error, &told));
        if matches!(told, SerdeMistake::Missing(_)) {
            return None;
        }
        // The key is left out, and the rest read again.
        left_out.push(leave_out(&mut lines, line)?);
    }
}

fn no_yaml(block: &Block<'_>, error: &serde_yaml::Error) -> PolicyMistake {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    block.mistake(
        error,
        None,
        &format!("METADATA is not valid YAML: {message}"),
        "write METADATA as YAML after `# `, and quote text that contains a colon",
    )
}

fn mistake(block: &Block<'_>, error: &serde_yaml::Error, told: &SerdeMistake) -> PolicyMistake {
    let name = match told {
        SerdeMistake::Unknown { got, .. } => Some(got.as_str()),
        _ => None,
    };
    let (message, help) = told.phrase();
    block.mistake(error, name, &format!("METADATA: {message}"), &help)
}

/// Blanks the key on a 1-based line, or the key around it, with its whole value, and gives its name. `None` if no key is
/// there.
fn leave_out(lines: &mut [&str], line: usize) -> Option<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_key = |line: &str| {
        let key = line.trim_start().split(':').next().unwrap_or_default();
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        key.len() < line.trim_start().len() && !key.is_empty() && key.chars().all(plain)
    };
    let upwards = (0..line.min(lines.len())).rev();
    let at = upwards
        .into_iter()
        .find(|at| lines.get(*at).is_some_and(|line| is_key(line)))?;
    let key = lines.get(at)?;
    let depth = indent(key);
    let name = key.trim().split(':').next().unwrap_or_default().to_owned();
    let is_inside = |line: &str| {
        line.trim().is_empty()
            || indent(line) > depth
            || (indent(line) == depth && line.trim_start().starts_with("- "))
    };
    let end = lines.iter().skip(at + 1).take_while(|line| is_inside(line));
    let end = at + 1 + end.count();
    lines.get_mut(at..end)?.fill("");
    Some(name)
}

fn check(
    file: &PolicyFile,
    metadata: &Metadata,
    kinds: &[&str],
    mistakes: &mut Vec<PolicyMistake>,
) {
    let custom = &metadata.custom;
    for (name, value) in [
        ("title", &metadata.title),
        ("description", &metadata.description),
        ("help", &custom.help),
    ] {
        if value.trim().is_empty() {
            let place = file.find(&format!("{name}:"));
            let message = format!("METADATA: `{name}` is empty");
            mistakes.push(file.mistake(place, message, "write a sentence"));
        }
    }
    if custom.entities.is_empty() {
        let place = file.find("entities:");
        let help = format!(
            "name kinds of the model ({}), or `\"*\"` for all",
            kinds.join(", ")
        );
        mistakes.push(file.mistake(place, "METADATA: `entities` is empty", help));
    }
    for (key, named) in [("entities:", &custom.entities), ("needs:", &custom.needs)] {
        let unknown = named
            .iter()
            .filter(|kind| *kind != "*" && !kinds.contains(&kind.as_str()));
        for kind in unknown {
            let help = match nearest_name(kind, kinds.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of {}, or `\"*\"` for all", kinds.join(", ")),
            };
            let message = format!("METADATA: unknown entity kind `{kind}`");
            mistakes.push(file.mistake(file.find_behind(key, kind), message, help));
        }
    }
    for option in custom.option_docs.keys() {
        if !custom.options.contains_key(option) {
            let message =
                format!("METADATA: `option_docs` describes `{option}`, which is not in `options`");
            let place = file.find_behind("option_docs:", option);
            mistakes.push(file.mistake(place, message, "add a default under `options`"));
        }
    }
}

/// The state of the rule. Without `state`, a rule with a day is in grace until then, and any other is enabled.
fn state(file: &PolicyFile, custom: &Custom) -> Result<State, PolicyMistake> {
    let refuse = |needle: &str, message: &str, help: &str| {
        let message = format!("METADATA: {message}");
        Err(file.mistake(file.find(needle), message, help))
    };
    let state = match (custom.state, custom.enforced_from) {
        (Some(state), _) => state,
        (None, Some(_)) => State::Grace,
        (None, None) => State::Enabled,
    };
    match (state, custom.enforced_from) {
        (State::Grace, None) => refuse(
            "state:",
            "`state: grace` has no end date",
            "add the first day of errors, such as `enforced_from: 2027-03-01`; `govcheck.yaml` can set other dates by rule, category and path",
        ),
        (State::Grace, Some(_)) if custom.severity != Level::Error => refuse(
            "severity:",
            "grace only applies to rules with `severity: error`",
            "write `severity: error`, or remove `enforced_from`",
        ),
        (State::Enabled, Some(_)) if custom.state.is_some() => refuse(
            "enforced_from:",
            "`enforced_from` cannot be combined with `state: enabled`",
            "write `state: grace`, or remove one of the two",
        ),
        (State::Deprecated, _) if custom.successor.is_none() => refuse(
            "state:",
            "`state: deprecated` has no successor",
            "name the replacement: `successor: <category>/<name>`",
        ),
        _ if custom.successor.is_some() && state != State::Deprecated => refuse(
            "successor:",
            "`successor` needs `state: deprecated`",
            "write `state: deprecated`, or remove `successor`",
        ),
        _ => Ok(state),
    }
}
