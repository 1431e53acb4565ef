//! METADATA: the YAML comment above `package`, which says everything about a rule that is not Rego.

use std::sync::Arc;

use serde::Deserialize;

use super::error::{PolicyFile, PolicyMistake};
use crate::model::rule::{Day, Level, Link, Rule, RuleId, Scope, State};
use crate::model::text::nearest;

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
#[serde(untagged)]
enum Resource {
    Address(String),
    Link {
        #[serde(rename = "ref")]
        address: String,
        description: Option<String>,
    },
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
pub(crate) fn read(file: &PolicyFile, id: &RuleId, kinds: &[&str]) -> Result<Rule, PolicyMistake> {
    let Some((first_line, yaml)) = block(file.text.as_str()) else {
        return Err(file.mistake(
            file.line(1),
            "METADATA is missing",
            "put a `# METADATA` comment with title, description and custom directly above `package`",
        ));
    };
    let metadata: Metadata = serde_yaml::from_str(&yaml).map_err(|error| {
        let line = error
            .location()
            .map_or(1, |location| crate::model::text::offset(location.line()));
        let (message, help) = explain(&error.to_string());
        file.mistake(
            file.line(first_line + line),
            format!("METADATA: {message}"),
            help,
        )
    })?;
    check(file, &metadata, kinds)?;
    let state = state(file, &metadata.custom)?;
    let mut entities: Vec<Arc<str>> = metadata
        .custom
        .entities
        .iter()
        .map(|kind| Arc::from(kind.as_str()))
        .collect();
    entities.sort();
    Ok(Rule {
        id: id.clone(),
        title: metadata.title,
        description: metadata.description,
        help: metadata.custom.help,
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
            .map(|resource| match resource {
                Resource::Address(address) => Link {
                    address,
                    description: None,
                },
                Resource::Link {
                    address,
                    description,
                } => Link {
                    address,
                    description,
                },
            })
            .collect(),
        page: None,
        pack: file.pack.clone(),
        file: file.file.clone(),
    })
}

/// The YAML of the METADATA block and the line, 1-based, of `# METADATA` itself.
fn block(text: &str) -> Option<(u32, String)> {
    let mut lines = text
        .lines()
        .enumerate()
        .skip_while(|(_, line)| line.trim() != "# METADATA");
    let (start, _) = lines.next()?;
    let yaml: Vec<&str> = lines
        .map_while(|(_, line)| line.strip_prefix('#'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    Some((crate::model::text::offset(start + 1), yaml.join("\n")))
}

fn check(file: &PolicyFile, metadata: &Metadata, kinds: &[&str]) -> Result<(), PolicyMistake> {
    for (name, value) in [
        ("title", &metadata.title),
        ("description", &metadata.description),
        ("help", &metadata.custom.help),
    ] {
        if value.trim().is_empty() {
            let needle = format!("{name}:");
            return Err(file.mistake(
                file.find(&needle),
                format!("METADATA: `{name}` is empty"),
                "say it in a sentence",
            ));
        }
    }
    if metadata.custom.entities.is_empty() {
        let help = format!(
            "name kinds of the model: {}; or `\"*\"` for all",
            kinds.join(", ")
        );
        return Err(file.mistake(
            file.find("entities:"),
            "METADATA: `entities` is empty",
            help,
        ));
    }
    for kind in metadata
        .custom
        .entities
        .iter()
        .chain(&metadata.custom.needs)
    {
        if kind != "*" && !kinds.contains(&kind.as_str()) {
            let help = match nearest(kind, kinds.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are: {}, and `\"*\"` for all", kinds.join(", ")),
            };
            return Err(file.mistake(
                file.find("entities:"),
                format!("METADATA: unknown kind of entity `{kind}`"),
                help,
            ));
        }
    }
    for option in metadata.custom.option_docs.keys() {
        if !metadata.custom.options.contains_key(option) {
            let message =
                format!("METADATA: `option_docs` describes `{option}`, which `options` has not");
            return Err(file.mistake(
                file.find("option_docs:"),
                message,
                "give it a default under `options`",
            ));
        }
    }
    Ok(())
}

/// Where the rule is in its life. Without `state` a rule with a day is in grace until then, and any other holds.
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
            "`state: grace` has no day on which it ends",
            "write `enforced_from: 2027-03-01`, the first day of errors; `govcheck.yaml` can set others by rule, category and path",
        ),
        (State::Grace, Some(_)) if custom.severity != Level::Error => refuse(
            "severity:",
            "grace puts errors off, and this rule has none",
            "write `severity: error`, or leave `enforced_from` out",
        ),
        (State::Enabled, Some(_)) if custom.state.is_some() => refuse(
            "enforced_from:",
            "`enforced_from` does not go with `state: enabled`",
            "write `state: grace`, or leave one of the two out",
        ),
        (State::Deprecated, _) if custom.successor.is_none() => refuse(
            "state:",
            "`state: deprecated` has no successor",
            "write `successor: <category>/<name>`, the rule that takes its place",
        ),
        _ if custom.successor.is_some() && state != State::Deprecated => refuse(
            "successor:",
            "`successor` is for deprecated rules",
            "write `state: deprecated`, or leave `successor` out",
        ),
        _ => Ok(state),
    }
}

/// Turns a message of serde's into one with the next step.
pub(super) fn explain(message: &str) -> (String, String) {
    let message = message
        .split(" at line ")
        .next()
        .unwrap_or(message)
        .to_owned();
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if (message.contains("unknown field") || message.contains("unknown variant"))
        && let Some((got, known)) = names.split_first()
    {
        let help = match nearest(got, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are: {}", known.join(", ")),
        };
        return (format!("unknown `{got}`"), help);
    }
    if message.contains("missing field")
        && let Some(name) = names.first()
    {
        return (format!("`{name}` is missing"), format!("add `{name}:`"));
    }
    (
        message,
        "METADATA is YAML behind `# `; quote what has a colon".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::SourceText;

    fn read_text(text: &str) -> Result<Rule, PolicyMistake> {
        let file = PolicyFile {
            pack: "p".to_owned(),
            file: "kpi/bad-name.rego".to_owned(),
            text: Arc::new(SourceText::new(text.to_owned())),
        };
        read(&file, &RuleId::new("kpi/bad-name"), &["kpi", "product"])
    }

    const GOOD: &str = "# METADATA\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   entities: [kpi]\n#   help: H\npackage govcheck.kpi.bad_name\n";

    #[test]
    fn reads_all_that_a_rule_says() {
        let rule = read_text(GOOD).unwrap();
        assert_eq!((rule.severity, rule.scope), (Level::Error, Scope::Entity));
        assert!(rule.waivable && !rule.inline);
    }

    #[test]
    fn a_mistake_is_at_its_line() {
        let cases = [
            (
                GOOD.replace("severity: error", "severity: fatal"),
                5,
                "unknown `fatal`",
            ),
            (GOOD.replace("help: H", "hlep: H"), 7, "unknown `hlep`"),
            (
                GOOD.replace("[kpi]", "[kpis]"),
                6,
                "unknown kind of entity `kpis`",
            ),
            (
                GOOD.replace("# METADATA", "# NOTHING"),
                1,
                "METADATA is missing",
            ),
            (GOOD.replace("#   help: H\n", ""), 5, "`help` is missing"),
        ];
        mistakes(&cases);
    }

    #[test]
    fn a_rule_is_in_grace_until_its_day_and_holds_without_one() {
        let state = |lines: &str| {
            let custom = format!("severity: error\n{lines}");
            read_text(&GOOD.replace("severity: error\n", &custom)).map(|rule| rule.state)
        };
        assert_eq!(state("").unwrap(), State::Enabled);
        assert_eq!(
            state("#   enforced_from: 2027-03-01\n").unwrap(),
            State::Grace
        );
        assert_eq!(state("#   state: draft\n").unwrap(), State::Draft);
        let old = "#   state: deprecated\n#   successor: kpi/malformed-name\n";
        assert_eq!(state(old).unwrap(), State::Deprecated);
    }

    #[test]
    fn a_life_that_does_not_fit_is_a_mistake() {
        let with = |lines: &str| {
            let custom = format!("severity: error\n{lines}");
            GOOD.replace("severity: error\n", &custom)
        };
        let day = "#   enforced_from: 2027-03-01\n";
        mistakes(&[
            (with("#   state: grace\n"), 6, "has no day"),
            (
                with(&format!("#   state: enabled\n{day}")),
                7,
                "does not go with `state: enabled`",
            ),
            (
                with(day).replace("severity: error", "severity: warning"),
                5,
                "grace puts errors off",
            ),
            (with("#   state: deprecated\n"), 6, "has no successor"),
            (with("#   successor: kpi/x\n"), 6, "for deprecated rules"),
            (with("#   state: drafty\n"), 6, "unknown `drafty`"),
        ]);
    }

    fn mistakes(cases: &[(String, u32, &str)]) {
        for (text, line, message) in cases {
            let mistake = read_text(text).unwrap_err();
            assert!(mistake.message.contains(message), "{}", mistake.message);
            assert_eq!(mistake.start.line, *line, "{}", mistake.message);
        }
    }
}
