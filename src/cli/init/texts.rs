//! The files that `govcheck init` writes, as text. Names come from manifests, so each is quoted where YAML would read it otherwise.

use std::fmt::Write as _;

use super::survey::{Names, Survey, Use};
use crate::model::text::nearest;
use crate::report::escape::{is_unsafe, terminal_line};

/// The first rule of one's own.
pub(super) const RULE: &str = "house/missing-support";
pub(super) const RULE_TEXT: &str = include_str!("missing-support.rego");
pub(super) const RULE_EXAMPLES: &str = include_str!("missing-support.yaml");

/// Handling tiers by the names that organisations use most, from harmless to dangerous.
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

/// `govcheck.yaml`.
pub(super) fn config(survey: &Survey, pack: &str) -> String {
    let layout = match &survey.layout {
        Some(layout) => format!("layout: \"{layout}\""),
        None => "# layout: \"domains/{domain}/{product}/**\"".to_owned(),
    };
    format!(
        "\
# What govcheck is told about this repository. Everything but `version` is optional.
version: 1

# What the path of a manifest says of it: policies read it as `input.place.domain` and so on.
{layout}

# Looked at is every .yaml, .yml and .json file that git does not ignore, less these.
# exclude: [\"**/archive/**\"]

# Rules and formats of your own, added to the built-in ones.
packs: [\"{pack}\"]

# The least level that makes the exit code 1: error, warning or note.
fail_on: error

# By rule or category: error, warning, note, off, or options. `govcheck rules` lists them, `govcheck explain <rule>` says why.
# rules:
#   documentation: warning
#   kpi/bad-name: {{options: {{max_length: 40}}}}

# The same by path; later ones win.
# overrides:
#   - files: [\"domains/legacy/**\"]
#     rules: {{documentation/undescribed-columns: note}}
"
    )
}

/// The register of teams; an example in a comment if there are none to register.
pub(super) fn teams(survey: &Survey) -> String {
    let mut text =
        head("Teams that own data. Mail or channel make sure that a question reaches somebody.");
    let mut entries = String::new();
    for (name, found) in survey.teams.missing() {
        let _ = write!(
            entries,
            "  - name: {}{}\n",
            scalar(name),
            origin(name, found, &survey.teams)
        );
        if let Some(domain) = only(&found.domains) {
            let _ = writeln!(entries, "    domain: {}", scalar(domain));
        }
    }
    list(
        &mut text,
        "teams",
        &entries,
        "{name: sales-platform, domain: sales, email: sales@example.org, channel: \"#sales\"}",
    );
    text
}

/// The register of domains; an example in a comment if there are none to register.
pub(super) fn domains(survey: &Survey) -> String {
    let mut text = head("Business domains.");
    let mut entries = String::new();
    for (name, found) in survey.domains.missing() {
        let _ = write!(
            entries,
            "  - name: {}{}\n",
            scalar(name),
            origin(name, found, &survey.domains)
        );
        if let Some(team) = only(&found.teams) {
            let _ = writeln!(entries, "    owner: {}", scalar(team));
        }
    }
    list(
        &mut text,
        "domains",
        &entries,
        "{name: sales, description: From the basket to the paid order., owner: sales-platform}",
    );
    text
}

/// The register of handling tiers; none if there are none to register.
pub(super) fn classifications(survey: &Survey) -> Option<String> {
    let names = &survey.classifications;
    let mut tiers: Vec<(usize, &String, &Use)> = names
        .missing()
        .map(|(name, found)| (rank(name).unwrap_or(USUAL_RANKS.len()), name, found))
        .collect();
    tiers.sort_by_key(|(rank, name, _)| (*rank, *name));
    if tiers.is_empty() {
        return None;
    }
    let mut text = head(
        "Handling tiers, from harmless to dangerous. Ranks are guessed from the names: see that they are right.",
    );
    text.push_str("classifications:\n");
    for (rank, name, found) in tiers {
        let unknown = if rank == USUAL_RANKS.len() {
            "; rank unknown"
        } else {
            ""
        };
        // What is not known counts as the most sensitive.
        let rank = rank.min(3);
        let _ = writeln!(
            text,
            "  - {{name: {}, rank: {rank}}}{}{unknown}",
            flow(name),
            origin(name, found, names)
        );
    }
    Some(text)
}

/// The register of tags; none if there are none to register.
pub(super) fn tags(survey: &Survey) -> Option<String> {
    let names = &survey.tags;
    names.missing().next()?;
    let mut text = head("Agreed tags. Describe them, and remove what nobody should use.");
    text.push_str("tags:\n");
    for (name, found) in names.missing() {
        let _ = writeln!(
            text,
            "  - name: {}{}",
            scalar(name),
            origin(name, found, names)
        );
    }
    Some(text)
}

fn head(comment: &str) -> String {
    format!(
        "# {comment}\n# Filled by `govcheck init` with what manifests name; misspelt names are among them: read it once.\napiVersion: govcheck/v1\nkind: Register\n"
    )
}

fn list(text: &mut String, key: &str, entries: &str, example: &str) {
    if entries.is_empty() {
        let _ = write!(text, "{key}: []\n# {key}:\n#   - {example}\n");
    } else {
        let _ = write!(text, "{key}:\n{entries}");
    }
}

/// Where a name comes from, as a comment behind it.
fn origin(name: &str, found: &Use, names: &Names) -> String {
    let mut parts = Vec::new();
    if let Some(first) = found.files.first() {
        let first = terminal_line(first.as_str());
        parts.push(match found.files.len() {
            1 => format!("in {first}"),
            count => format!("in {count} files, first {first}"),
        });
    }
    if found.code_owner {
        parts.push("a code owner".to_owned());
    }
    let more_used = |other: &&str| {
        let uses = |name: &str| names.used.get(name).map_or(0, |found| found.files.len());
        *other != name && (names.declared.contains(*other) || uses(other) > uses(name))
    };
    let others = names.used.keys().chain(&names.declared).map(String::as_str);
    if let Some(near) = nearest(name, others.filter(more_used)) {
        parts.push(format!("or is `{}` meant?", terminal_line(near)));
    }
    format!("  # {}", parts.join("; "))
}

fn only(names: &std::collections::BTreeSet<String>) -> Option<&String> {
    names.first().filter(|_| names.len() == 1)
}

fn rank(name: &str) -> Option<usize> {
    let plain = name.to_lowercase().replace(['_', ' '], "-");
    USUAL_RANKS
        .iter()
        .find(|(usual, _)| *usual == plain)
        .map(|(_, rank)| *rank)
}

/// A name as YAML: as it is if it can be nothing but that text, else in double quotes.
fn scalar(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let word = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if plain && !word.contains(&name.to_lowercase().as_str()) {
        return name.to_owned();
    }
    flow(name)
}

/// A name in double quotes.
fn flow(name: &str) -> String {
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
