//! The files that `govcheck init` writes, as text. Names come from manifests, so each is quoted where YAML would read
//! something else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::survey::{Survey, SurveyedNames, Use};
use crate::model::published::SchemaName;
use crate::model::rule::RuleId;
use crate::report::escape::{is_unsafe, terminal_line};

/// The starter rule.
pub(super) const RULE: &str = "house/undescribed-table";
pub(super) const RULE_TEXT: &str = include_str!("undescribed-table.rego");
const RULE_EXAMPLES: &str = include_str!("undescribed-table.yaml");

/// The examples of that rule.
pub(super) fn rule_examples() -> String {
    SchemaName::Examples.editor_line() + RULE_EXAMPLES
}

/// Handling tiers by their usual names, from harmless to dangerous.
const USUAL_RANKS: [(&str, usize); 9] = [
    ("public", 0),
    ("open", 0),
    ("internal", 1),
    ("private", 1),
    ("confidential", 2),
    ("sensitive", 2),
    ("restricted", 3),
    ("secret", 3),
    ("strictly-confidential", 3),
];

/// `govcheck.yaml`. Rules with `new_errors` become warnings in it.
pub(super) fn write_config(
    survey: &Survey,
    pack: &str,
    new_errors: &BTreeMap<RuleId, usize>,
) -> String {
    let layout = match &survey.layout {
        Some(layout) => format!("layout: \"{layout}\""),
        None => "# layout: \"domains/{domain}/{product}/**\"".to_owned(),
    };
    let rules = rules(new_errors);
    let line = SchemaName::Config.editor_line();
    format!(
        "\
{line}# Configuration of govcheck for this repository. Only `version` is required.
version: 1

# What the path of a manifest says about it. Rules read it as `input.place.domain` and `input.place.product`.
{layout}

# govcheck reads every .yaml, .yml and .json file that git does not ignore. Exclude more here:
# exclude: [\"**/archive/**\"]

# Your own rules and formats, added to the built-in ones.
packs: [\"{pack}\"]

# Findings of this level and above make the exit code 1: error, warning or note.
fail_on: error

# Set a rule or a category to error, warning, note or off, or set the options of a rule.
# `govcheck rules` lists all rules, `govcheck explain <rule>` explains one.
{rules}
# The same for some paths. Later entries win.
# overrides:
#   - files: [\"domains/legacy/**\"]
#     rules: {{documentation/undescribed-columns: note}}
"
    )
}

fn rules(new_errors: &BTreeMap<RuleId, usize>) -> String {
    if new_errors.is_empty() {
        return "\
# rules:
#   documentation: warning
#   kpi/bad-name: {options: {max_length: 40}}
"
        .to_owned();
    }
    let lines = new_errors.iter().map(|(rule, count)| {
        let noun = if *count == 1 { "error" } else { "errors" };
        format!("  {rule}: warning  # {count} {noun}\n")
    });
    "rules:
  # The registers and the layout bring these errors to light. As warnings they break no build.
  # Correct the manifests, then delete these lines.
"
    .to_owned()
        + &lines.collect::<String>()
}

/// The register of teams. Holds a commented example where there are none to register.
pub(super) fn write_teams(survey: &Survey) -> String {
    let names = &survey.teams;
    let entries = names.missing().map(|(name, found)| {
        let domain = only(&found.domains).map(|domain| format!("domain: {}", scalar(domain)));
        entry(
            name,
            found,
            names,
            &format!("name: {}", scalar(name)),
            domain,
        )
    });
    let example =
        "{name: sales-platform, domain: sales, email: sales@example.org, channel: \"#sales\"}";
    let comment =
        "Teams that own data. Add an email or a channel, so that questions reach the team.";
    register(comment, "teams", &entries.collect::<String>(), example)
}

/// The register of domains. Holds a commented example where there are none to register.
pub(super) fn write_domains(survey: &Survey) -> String {
    let names = &survey.domains;
    let entries = names.missing().map(|(name, found)| {
        let owner = only(&found.teams).map(|team| format!("owner: {}", scalar(team)));
        entry(
            name,
            found,
            names,
            &format!("name: {}", scalar(name)),
            owner,
        )
    });
    let example =
        "{name: sales, description: From the basket to the paid order., owner: sales-platform}";
    register(
        "Business domains.",
        "domains",
        &entries.collect::<String>(),
        example,
    )
}

/// The register of handling tiers. `None` if there are none to register.
pub(super) fn write_classifications(survey: &Survey) -> Option<String> {
    let names = &survey.classifications;
    let mut tiers: Vec<(Option<usize>, &String, &Use)> = names
        .missing()
        .map(|(name, found)| (rank(name), name, found))
        .collect();
    // An unknown tier counts as the most sensitive, and comes last.
    let order = |rank: Option<usize>| (rank.is_none(), rank);
    tiers.sort_by_key(|(rank, name, _)| (order(*rank), *name));
    let entries = tiers.iter().map(|(rank, name, found)| {
        let rank = match rank {
            Some(rank) => format!("rank: {rank}"),
            None => "rank: 3  # a guess".to_owned(),
        };
        entry(
            name,
            found,
            names,
            &format!("name: {}", scalar(name)),
            Some(rank),
        )
    });
    let comment = "Handling tiers, from harmless to dangerous. Check the ranks: they are guessed from the names.";
    let entries = entries.collect::<String>();
    (!tiers.is_empty()).then(|| register(comment, "classifications", &entries, ""))
}

/// The register of tags. `None` if there are none to register.
pub(super) fn write_tags(survey: &Survey) -> Option<String> {
    let names = &survey.tags;
    names.missing().next()?;
    let entries = names
        .missing()
        .map(|(name, found)| entry(name, found, names, &format!("name: {}", scalar(name)), None));
    let comment = "Agreed tags. Describe each, and delete those that nobody should use.";
    Some(register(comment, "tags", &entries.collect::<String>(), ""))
}

/// A register. Without entries it holds `example` as a comment.
fn register(comment: &str, key: &str, entries: &str, example: &str) -> String {
    let head = format!("{}# {comment}\n", SchemaName::Register.editor_line());
    let kind = "apiVersion: govcheck/v1\nkind: Register\n";
    if entries.is_empty() {
        let origin = "# Your manifests name none yet.\n";
        return format!("{head}{origin}{kind}{key}: []\n# {key}:\n#   - {example}\n");
    }
    let origin = "# `govcheck init` filled this register with the names in your manifests. Delete the wrong ones.\n";
    let has_entries = entries.lines().any(|line| line.starts_with("  - "));
    let empty = if has_entries { "" } else { " []" };
    format!("{head}{origin}{kind}{key}:{empty}\n{entries}")
}

/// Where a name comes from, as a comment after it.
fn origin(name: &str, found: &Use, names: &SurveyedNames) -> String {
    let mut parts = Vec::new();
    if let Some(first) = found.files.first() {
        let first = terminal_line(first.as_str());
        parts.push(match found.files.len() {
            1 => format!("in {first}"),
            count => format!("in {count} files, first {first}"),
        });
    }
    if found.code_owner {
        parts.push("in CODEOWNERS".to_owned());
    }
    if let Some(meant) = meant(name, found, names) {
        let meant = terminal_line(meant);
        parts.push(format!("did you mean `{meant}`? If not, remove the `#`"));
    }
    format!("  # {}", parts.join("; "))
}

/// The name that this one most likely misspells: one letter differs, and more files use the other.
fn meant<'n>(name: &str, found: &Use, names: &'n SurveyedNames) -> Option<&'n str> {
    let files = |name: &str| names.used.get(name).map_or(0, |found| found.files.len());
    let letters = |name: &str| name.replace(|c: char| !c.is_alphabetic(), "");
    let others = names.used.keys().chain(&names.declared).map(String::as_str);
    others
        .filter(|other| names.declared.contains(*other) || files(other) > found.files.len())
        .filter(|other| strsim::damerau_levenshtein(name, other) == 1)
        // `crm` and `cms` are two names, and so are `team1` and `team2`.
        .find(|other| name.chars().count() > 4 && letters(name) != letters(other))
}

/// An entry of a register. A name that looks misspelt becomes a comment, so that the mistake is reported at its place.
fn entry(
    name: &str,
    found: &Use,
    names: &SurveyedNames,
    first: &str,
    second: Option<String>,
) -> String {
    let marked = match meant(name, found, names) {
        Some(_) => "  # ",
        None => "  ",
    };
    let mut text = format!("{marked}- {first}{}\n", origin(name, found, names));
    if let Some(second) = second {
        let _ = writeln!(text, "{marked}  {second}");
    }
    text
}

fn only(names: &BTreeSet<String>) -> Option<&String> {
    names.first().filter(|_| names.len() == 1)
}

fn rank(name: &str) -> Option<usize> {
    let plain = name.to_lowercase().replace(['_', ' '], "-");
    USUAL_RANKS
        .iter()
        .find(|(usual, _)| *usual == plain)
        .map(|(_, rank)| *rank)
}

/// A name as YAML: plain if it can only be read as that text, else in double quotes.
fn scalar(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let word = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if plain && !word.contains(&name.to_lowercase().as_str()) {
        return name.to_owned();
    }
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // All of these lie in the basic plane.
            c if is_unsafe(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
