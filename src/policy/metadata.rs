//! METADATA: the YAML comment above `package`, which says everything about a rule that is not Rego.

use std::sync::Arc;

use serde::Deserialize;

use super::error::{PolicyFile, PolicyMistake};
use super::rules;
use crate::model::rule::{Day, Level, Link, Rule, RuleId, Scope, State};
use crate::model::text::{Span, nearest, offset};

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
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn read(
    file: &PolicyFile,
    id: &RuleId,
    kinds: &[&str],
) -> Result<Rule, Vec<PolicyMistake>> {
    let Some(block) = Block::of(file) else {
        return Err(vec![missing(file)]);
    };
    let mut mistakes = Vec::new();
    let metadata = block.metadata(&mut mistakes);
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
        "METADATA is missing",
        "put a `# METADATA` comment with title, description and custom directly above `package`",
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
    }
}

/// The comment block: its YAML, line by line, and where that is in the file.
struct Block<'f> {
    file: &'f PolicyFile,
    /// The line, 1-based, of `# METADATA` itself.
    head: u32,
    lines: Vec<&'f str>,
}

impl<'f> Block<'f> {
    fn of(file: &'f PolicyFile) -> Option<Self> {
        let lines = file.text.as_str().lines().enumerate();
        let mut lines = lines.skip_while(|(_, line)| line.trim() != "# METADATA");
        let (start, _) = lines.next()?;
        let yaml = lines.map_while(|(_, line)| line.strip_prefix('#'));
        Some(Self {
            file,
            head: offset(start + 1),
            lines: yaml
                .map(|line| line.strip_prefix(' ').unwrap_or(line))
                .collect(),
        })
    }

    /// Reads it; what is wrong with one key does not hide what is wrong with the next.
    fn metadata(&self, mistakes: &mut Vec<PolicyMistake>) -> Option<Metadata> {
        let mut lines = self.lines.clone();
        if let Err(error) = serde_yaml::from_str::<serde_yaml::Value>(&lines.join("\n")) {
            mistakes.push(self.no_yaml(&error));
            return None;
        }
        let mut left_out: Vec<String> = Vec::new();
        loop {
            let error = match serde_yaml::from_str::<Metadata>(&lines.join("\n")) {
                Ok(metadata) => return Some(metadata),
                Err(error) => error,
            };
            let told = told(&error.to_string());
            match &told {
                Told::Missing(name) if left_out.contains(name) => return None,
                // What was meant is not missing, too.
                Told::Unknown { near, .. } => left_out.extend(near.clone()),
                _ => {}
            }
            let line = error.location().map_or(1, |location| location.line());
            mistakes.push(self.mistake(&error, &told));
            if matches!(told, Told::Missing(_)) {
                return None;
            }
            // The key is left out, and the rest read again.
            left_out.push(leave_out(&mut lines, line)?);
        }
    }

    fn no_yaml(&self, error: &serde_yaml::Error) -> PolicyMistake {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let place = self.place(error, None);
        self.file.mistake(
            place,
            format!("METADATA is no YAML: {message}"),
            "METADATA is YAML behind `# `; quote what has a colon",
        )
    }

    fn mistake(&self, error: &serde_yaml::Error, told: &Told) -> PolicyMistake {
        let name = match told {
            Told::Unknown { got, .. } => Some(got.as_str()),
            _ => None,
        };
        let (message, help) = told.phrase();
        let place = self.place(error, name);
        self.file
            .mistake(place, format!("METADATA: {message}"), help)
    }

    /// The name on the line of an error; without one all of the line.
    fn place(&self, error: &serde_yaml::Error, name: Option<&str>) -> Span {
        let line = error
            .location()
            .map_or(1, |location| offset(location.line()));
        let line = self.file.line(self.head + line);
        let text = self.file.text.slice(line);
        let named = name.and_then(|name| Some((text.find(name)?, name)));
        match named {
            Some((at, name)) => {
                let start = line.start + offset(at);
                Span::new(start, start + offset(name.len()))
            }
            None => line,
        }
    }
}

/// Blanks the key on a line, 1-based, or the one around it, with all that it holds; none if there is none.
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
            mistakes.push(file.mistake(place, message, "say it in a sentence"));
        }
    }
    if custom.entities.is_empty() {
        let place = file.find("entities:");
        let help = format!(
            "name kinds of the model: {}; or `\"*\"` for all",
            kinds.join(", ")
        );
        mistakes.push(file.mistake(place, "METADATA: `entities` is empty", help));
    }
    for (key, named) in [("entities:", &custom.entities), ("needs:", &custom.needs)] {
        let unknown = named
            .iter()
            .filter(|kind| *kind != "*" && !kinds.contains(&kind.as_str()));
        for kind in unknown {
            let help = match nearest(kind, kinds.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are: {}, and `\"*\"` for all", kinds.join(", ")),
            };
            let message = format!("METADATA: unknown kind of entity `{kind}`");
            mistakes.push(file.mistake(file.find_behind(key, kind), message, help));
        }
    }
    for option in custom.option_docs.keys() {
        if !custom.options.contains_key(option) {
            let message =
                format!("METADATA: `option_docs` describes `{option}`, which `options` has not");
            let place = file.find_behind("option_docs:", option);
            mistakes.push(file.mistake(place, message, "give it a default under `options`"));
        }
    }
}

/// What serde has against it.
enum Told {
    Unknown {
        got: String,
        near: Option<String>,
        help: String,
    },
    Missing(String),
    Other(String),
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

impl Told {
    /// What is wrong, and the next step.
    fn phrase(&self) -> (String, String) {
        match self {
            Told::Unknown { got, help, .. } => (format!("unknown `{got}`"), help.clone()),
            Told::Missing(name) => (format!("`{name}` is missing"), format!("add `{name}:`")),
            Told::Other(message) => {
                let help = "METADATA is YAML behind `# `; quote what has a colon";
                (message.clone(), help.to_owned())
            }
        }
    }
}

/// Turns a message of serde's into one with the next step.
pub(super) fn explain(message: &str) -> (String, String) {
    told(message).phrase()
}

fn told(message: &str) -> Told {
    let message = message
        .split(" at line ")
        .next()
        .unwrap_or(message)
        .to_owned();
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if (message.contains("unknown field") || message.contains("unknown variant"))
        && let Some((got, known)) = names.split_first()
    {
        let near = nearest(got, known.iter().copied()).map(ToOwned::to_owned);
        let help = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are: {}", known.join(", ")),
        };
        let got = (*got).to_owned();
        return Told::Unknown { got, near, help };
    }
    match names.first() {
        Some(name) if message.contains("missing field") => Told::Missing((*name).to_owned()),
        _ => Told::Other(message.replace(
            "expected a YAML tag starting with '!'",
            "expected one of its names",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::SourceText;

    fn read_text(text: &str) -> Result<Rule, Vec<PolicyMistake>> {
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
            let mistakes = read_text(text).unwrap_err();
            let [mistake] = mistakes.as_slice() else {
                panic!("{mistakes:?}")
            };
            assert!(mistake.message.contains(message), "{}", mistake.message);
            assert_eq!(mistake.start.line, *line, "{}", mistake.message);
        }
    }

    #[test]
    fn one_mistake_does_not_hide_the_next() {
        let text = GOOD
            .replace("title: T", "titel: T")
            .replace("severity: error", "severity: [error]")
            .replace(
                "help: H",
                "hlep: H\n#   options:\n#     - a\n#   aliases: [x]",
            );
        let mistakes = read_text(&text).unwrap_err();
        let told: Vec<String> = mistakes
            .iter()
            .map(|mistake| {
                let on = mistake.text.slice(mistake.span);
                format!("{}: {} on {on}", mistake.start.line, mistake.message)
            })
            .collect();
        assert_eq!(
            told,
            [
                "2: METADATA: unknown `titel` on titel",
                "5: METADATA: custom.severity: invalid type: sequence, expected one of its names on #   severity: [error]",
                "7: METADATA: unknown `hlep` on hlep",
                "9: METADATA: custom.options: invalid type: sequence, expected a map on #     - a",
            ]
        );
    }
}
