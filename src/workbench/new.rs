//! Scaffolds a rule: Rego, and examples that pass. The pipeline says what the examples find; nothing is made up.

use super::examples::{ExampleResult, rewrite_expectations, run_example};
use super::judge::Bench;
use crate::model::kinds;
use crate::model::published::SchemaName;
use crate::model::rule::{Rule, RuleId, Scope};
use crate::policy::examples::parse_examples;

/// Kinds of entity that a rule can be scaffolded for.
pub const KINDS: [&str; 8] = [
    kinds::PRODUCT,
    kinds::CONTRACT,
    kinds::KPI,
    kinds::TERM,
    kinds::TEAM,
    kinds::DOMAIN,
    kinds::CLASSIFICATION,
    kinds::TAG,
];

/// What to write instead of a malformed id. `None` for a well-formed one.
pub fn explain_malformed(id: &str) -> Option<&'static str> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && !word.ends_with('-')
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let shape =
        "write `<category>/<name>` in lower case with dashes, for example `kpi/missing-grain`";
    match id.split_once('/') {
        Some(("lib" | "formats", _)) => {
            Some("`lib` holds libraries and `formats` holds formats; choose another category")
        }
        Some((category, name)) if is_word(category) && is_word(name) => None,
        _ => Some(shape),
    }
}

/// What differs between scaffolds by scope.
struct Scaffold {
    title: &'static str,
    /// Lines of METADATA, each with its line break.
    options: &'static str,
    body: String,
}

fn scaffold(id: &RuleId, scope: Scope) -> Scaffold {
    match scope {
        Scope::Entity => Scaffold {
            title: "Name with a placeholder word",
            options: "#   options: {words: [todo, temp]}\n#   option_docs: {words: \"Words that a name must not contain.\"}\n",
            body: format!(
                r#"deny contains {{"message": message, "at": ["name"]}} if {{
	some word in data.options["{id}"].words
	contains(lower(input.name), word)
	message := sprintf("%s `%s` has the word `%s` in its name", [input.kind, input.name, word])
}}
"#
            ),
        },
        Scope::Mesh => Scaffold {
            title: "Two names that differ only in case",
            options: "",
            body: r#"# What each entity adds to `input.facts`.
facts contains {"name": input.name, "kind": input.kind, "at": ["name"]} if input.name

# What is wrong with all entities together.
deny contains {"fact": fact, "message": message} if {
	some fact in input.facts
	some other in input.facts
	fact.name != other.name
	lower(fact.name) == lower(other.name)
	message := sprintf("the name of %s `%s` differs from `%s` only in case", [fact.kind, fact.name, other.name])
}
"#
            .to_owned(),
        },
        Scope::Change => Scaffold {
            title: "Description removed",
            options: "",
            body: r#"deny contains {"message": message, "at": ["description"]} if {
	input.base.description
	not input.head.description
	message := sprintf("this change removes the description of %s `%s`", [input.kind, input.head.name])
}
"#
            .to_owned(),
        },
    }
}

/// The Rego of a new rule, a draft.
pub fn rule_source(id: &RuleId, scope: Scope, kinds: &[&str]) -> String {
    let package = id.as_str().replace('-', "_").replace('/', ".");
    let scope_name = match scope {
        Scope::Entity => "entity",
        Scope::Mesh => "mesh",
        Scope::Change => "change",
    };
    let Scaffold {
        title,
        options,
        body,
    } = scaffold(id, scope);
    let kinds = kinds.join(", ");
    format!(
        "\
# METADATA
# title: {title}
# description: Say what the rule checks, and why it matters to the person who reads the finding.
# custom:
#   severity: warning
#   state: draft
#   scope: {scope_name}
#   entities: [{kinds}]
#   help: Say what to write instead.
{options}package govcheck.{package}

{LIFE}
# Replace this rule with your own. `govcheck model <file>` shows what it can read of a manifest.
# `at` is the place of the finding. Where nothing is there, the finding marks the nearest part of the manifest around it.
{body}"
    )
}

/// The life of a rule, in the order in which `state` changes.
const LIFE: &str = "\
# The life of a rule:
# - `state: draft`: only its examples and `govcheck policy try` run it.
# - `state: grace` with `enforced_from: 2027-03-01`: until that day its errors are warnings.
# - no `state`: the rule is on.
# - `state: deprecated` with `successor: category/other-rule`: it still runs, and reports name its successor.
# - To rename a rule, list the old id under `aliases`: configs, waivers and baselines keep working.
";

/// Its examples, with their findings still to fill in.
fn draft(scope: Scope, kinds: &[&str]) -> String {
    let line = SchemaName::Examples.editor_line();
    let mut text = line
        + "# Examples of the rule beside this file: what it reports, what it accepts, and what it does not apply to.\n# Leave `finds:` without a value, and `govcheck policy test --update` fills it in.\nexamples:\n";
    for kind in kinds {
        let described = |name: &str| manifest(kind, &[name], true);
        let (bad, good) = match scope {
            Scope::Entity => (manifest(kind, &["todo-orders"], true), described("orders")),
            Scope::Mesh => (
                manifest(kind, &["Orders", "orders"], true),
                described("orders"),
            ),
            Scope::Change => (manifest(kind, &["orders"], false), described("orders")),
        };
        let base = (scope == Scope::Change).then(|| described("orders"));
        text.push_str(&example(
            &format!("a {kind} that the rule reports"),
            base.as_deref(),
            &bad,
        ));
        text.push_str(&example(
            &format!("a {kind} that the rule accepts"),
            base.as_deref(),
            &good,
        ));
    }
    let other = if kinds.contains(&kinds::TEAM) {
        kinds::TAG
    } else {
        kinds::TEAM
    };
    let other = manifest(other, &["data"], false);
    let base = (scope == Scope::Change).then_some(other.as_str());
    text + &example("a manifest that the rule does not apply to", base, &other)
}

fn example(name: &str, base: Option<&str>, files: &str) -> String {
    let base = base.map_or_else(String::new, |base| format!("    base:\n{base}"));
    format!("  - name: {name}\n{base}    files:\n{files}    finds:\n")
}

/// Files of an example that declare entities of a kind.
fn manifest(kind: &str, names: &[&str], described: bool) -> String {
    let standard = match kind {
        kinds::PRODUCT => Some(("odps", "apiVersion: v1.0.0\n        kind: DataProduct")),
        kinds::CONTRACT => Some(("odcs", "apiVersion: v3.1.0\n        kind: DataContract")),
        _ => None,
    };
    if let Some((format, head)) = standard {
        let description = match described {
            true => "        description:\n          purpose: Orders of all shops\n",
            false => "",
        };
        let files = names.iter().enumerate().map(|(number, name)| {
            format!("      {number}.{format}.yaml: |\n        {head}\n        id: id-{number}\n        name: {name}\n        version: 1.0.0\n        status: active\n{description}")
        });
        return files.collect();
    }
    let description = if described {
        "            description: Orders of all shops\n"
    } else {
        ""
    };
    let entries = names
        .iter()
        .map(|name| format!("          - name: {name}\n{description}"));
    format!(
        "      mesh.register.yaml: |\n        apiVersion: govcheck/v1\n        kind: Register\n        {kind}s:\n{}",
        entries.collect::<String>()
    )
}

/// The examples of a loaded rule, with its findings in them.
///
/// # Errors
/// Why they could not be run, as a phrase.
pub fn rule_examples(bench: &Bench<'_>, rule: &Rule, kinds: &[&str]) -> Result<String, String> {
    let text = draft(rule.scope, kinds);
    let all = parse_examples(&text).map_err(|error| error.to_string())?;
    let found: Result<Vec<Option<ExampleResult>>, String> = all
        .iter()
        .map(|example| {
            run_example(bench, rule, example)
                .map(Some)
                .map_err(|error| error.to_string())
        })
        .collect();
    let new = rewrite_expectations(&text, &all, &found?).map_err(|error| error.to_string())?;
    new.ok_or_else(|| "the rule reports nothing in them".to_owned())
}
